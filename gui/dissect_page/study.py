"""What is open, what is switched on, and all that is known of it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from engine.audio.change import LevelOfChange
from engine.explain.dissect_sweep import SWEEPS
from engine.explain.dissect_tree import Node
from engine.training.dissect_files import Listed
from gui.dissect_page.bench import Bench
from gui.dissect_page.files import MOST_FILES
from gui.dissect_page.values import Experiments, Made, Opened, Searched, Swept, Tree, Tried, Verdict
from gui.session import MOST_UNDONE, Change
from gui.views.bench_panel import TITLES


class Study(QObject):
    """State with signals; it computes nothing."""

    opened = Signal()
    systems_changed = Signal()
    bench_changed = Signal()
    made_ready = Signal()
    heard = Signal()              # what some system says, before or after
    levels_changed = Signal()     # what a listener could hear
    refused = Signal()            # why the bench cannot be applied; "" again where it can
    sweep_changed = Signal()
    table_changed = Signal()
    searched = Signal()
    trees_ready = Signal()
    band_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.now: Opened | None = None
        self.known: tuple[str, ...] = ()          # all systems that there are
        self.systems: tuple[str, ...] = ()        # those that are asked
        self.most_files = MOST_FILES
        self.whole = False                        # whether all of a file is heard, not its middle alone
        self.bench = Bench()
        self.made: Made | None = None
        self.before: dict[str, Verdict] = {}
        self.after: dict[str, Verdict] = {}
        self.levels: dict[str, LevelOfChange] = {}    # of each intervention alone, and "" of all together
        self.refusal = ""
        self.kind = next(iter(SWEEPS))
        self.sweeps: dict[str, list[Swept]] = {}      # kind -> one a system, as far as they are
        self.outcomes: list[Tried] = []               # one a system
        self.tried: tuple[Listed, ...] = ()           # files of the outcomes
        self.tried_bench = Bench()                    # what they went through
        self.searches: list[Searched] = []
        self._of_others: dict[object, Experiments] = {}   # that were open, and to which there is a way back
        self.trees: dict[str, Tree] = {}
        self.band: Node | None = None
        self.undo_stack = QUndoStack(self)
        self.undo_stack.setUndoLimit(MOST_UNDONE)

    @property
    def flipped(self) -> list[str]:
        """Systems that change their mind through the bench."""
        return [name for name, after in self.after.items()
                if name in self.before and after.decided != self.before[name].decided]

    def open(self, opened: Opened, *, same_files: bool = False, way_back: bool = False) -> None:
        """Work on another file; the bench stays, what is known of the last file is gone.

        With `way_back` it is kept, and comes again with its files: more or fewer of a folder, or more of each.
        """
        if not same_files:
            self._put_by(way_back=way_back)
        self.now, self.made, self.band = opened, None, None
        self.before, self.after, self.levels, self.refusal = {}, {}, {}, ""
        if same_files:
            self.sweeps = {kind: found for kind, found in self.sweeps.items()
                           if len(found[0].sweep.outcomes[0].files) > 1}
        else:
            known = self._of_others.get(opened.tried, Experiments({}, [], (), Bench(), []))
            self.sweeps, self.outcomes, self.tried = dict(known.sweeps), known.outcomes, known.tried
            self.tried_bench, self.searches = known.tried_bench, known.searches
        for signal in (self.opened, self.heard, self.levels_changed, self.refused, self.sweep_changed,
                       self.band_changed):
            signal.emit()
        if not same_files:
            self.table_changed.emit()
            self.searched.emit()

    def _put_by(self, *, way_back: bool) -> None:
        """Keep what was found of the files that are open, if they may come back."""
        if not way_back:
            self._of_others = {}
        elif self.now is not None:
            sweeps = {kind: found for kind, found in self.sweeps.items()
                      if len(found[0].sweep.outcomes[0].files) == len(self.now.files)}
            self._of_others[self.now.tried] = Experiments(sweeps, self.outcomes, self.tried, self.tried_bench,
                                                          self.searches)

    def forget(self, system: str) -> None:
        """What a system said is no longer so."""
        for said in (self.before, self.after):
            said.pop(system, None)

    def set_systems(self, known: tuple[str, ...], chosen: tuple[str, ...]) -> None:
        """Which there are, and which are asked."""
        self.known, self.systems = known, tuple(name for name in known if name in chosen)
        for said in (self.before, self.after):
            for name in set(said) - set(self.systems):
                del said[name]
        self.systems_changed.emit()

    def set_bench(self, bench: Bench) -> None:
        """Other settings; the last sound stays until the new one is there."""
        if bench == self.bench:
            return
        self.bench = bench
        self.levels, self.refusal = {}, ""
        self.bench_changed.emit()
        self.levels_changed.emit()
        self.refused.emit()

    def change_bench(self, bench: Bench) -> None:
        """The same by hand: it can be undone."""
        if bench != self.bench:
            before, after = self.bench.settings, bench.settings
            moved = [name for name in TITLES if before.get(name) != after.get(name)]
            one = TITLES[moved[0]] if len(moved) == 1 else ""
            kind = f"{one} on" if one and moved[0] in after else ""
            self.undo_stack.push(Change(self.set_bench, self.bench, bench, f"changing {one or 'the bench'}", kind))

    def change_systems(self, chosen: tuple[str, ...]) -> None:
        """Ask others, by hand."""
        if set(chosen) != set(self.systems):
            self.undo_stack.push(Change(lambda names: self.set_systems(self.known, names), self.systems, chosen,
                                        "choosing systems"))

    def set_made(self, made: Made | None) -> None:
        """The sound through the bench; what was said of the last one is gone."""
        self.made, self.after = made, {}
        self.made_ready.emit()
        self.heard.emit()

    def refuse(self, why: str) -> None:
        """The bench cannot be applied: nothing is known of its sound."""
        self.refusal, self.made, self.after = why, None, {}
        self.refused.emit()
        self.made_ready.emit()
        self.heard.emit()

    def add_verdicts(self, before: Mapping[str, Verdict], after: Mapping[str, Verdict]) -> None:
        """What systems say."""
        self.before |= {name: said for name, said in before.items() if name in self.systems}
        self.after |= {name: said for name, said in after.items() if name in self.systems}
        self.heard.emit()

    def set_levels(self, levels: dict[str, LevelOfChange]) -> None:
        """What a listener could hear of each intervention, and of all together."""
        self.levels = levels
        self.levels_changed.emit()

    def choose_kind(self, kind: str) -> None:
        """Another sweep is looked at."""
        self.kind = kind
        self.sweep_changed.emit()

    def set_sweep(self, sweeps: list[Swept]) -> None:
        """A sweep, one a system, as far as it is done."""
        self.sweeps[sweeps[0].sweep.kind] = sweeps
        self.sweep_changed.emit()

    def set_table(self, outcomes: list[Tried], tried: tuple[Listed, ...], bench: Bench) -> None:
        """What became of every file through a bench."""
        self.outcomes, self.tried, self.tried_bench = outcomes, tried, bench
        self.table_changed.emit()

    def set_searches(self, searches: list[Searched]) -> None:
        """What was found, one a system."""
        self.searches = searches
        self.searched.emit()

    def set_trees(self, trees: dict[str, Tree]) -> None:
        """Systems that decide by trees."""
        self.trees = trees
        self.trees_ready.emit()

    def mark(self, node: Node | None) -> None:
        """A band of a tree, or none."""
        self.band = node
        self.band_changed.emit()
