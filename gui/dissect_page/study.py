"""What is open, what is switched on, and all that is known of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from engine.audio.change import LevelOfChange
from engine.audio.pyramid import PeakPyramid
from engine.audio.waveform import AudioFile, Waveform
from engine.explain.dissect import Outcome
from engine.explain.dissect_search import Finding, Search
from engine.explain.dissect_sweep import SWEEPS, Sweep
from engine.explain.dissect_tree import Node
from engine.training.dissect_files import Listed
from gui.dissect_page.bench import Bench
from gui.dissect_page.files import MOST_FILES
from gui.player import Source
from gui.session import MOST_UNDONE, Change
from gui.views.bench_panel import TITLES

Levels = NDArray[np.float64]


@dataclass(frozen=True)
class Opened:
    """A file, the part of it that is worked on, and the files that it is one of.

    Parameters
    ----------
    sound, start
        The part, and where it begins in the file, in seconds.
    place
        Of the file among `files`.
    folder
        What was opened, if it was a folder.
    """

    file: AudioFile
    sound: Waveform = field(repr=False)
    start: float
    peaks: PeakPyramid = field(repr=False)
    spectrum: Levels = field(repr=False)
    source: Source = field(repr=False)
    files: tuple[Listed, ...]
    place: int
    folder: Path | None


@dataclass(frozen=True)
class Verdict:
    """What a system says of a sound: probabilities of its labels, and which it decides on."""

    labels: tuple[str, ...]
    probabilities: tuple[float, ...]
    decided: int


@dataclass(frozen=True)
class Made:
    """The sound through the bench, and its spectrum."""

    bench: Bench
    sound: Waveform = field(repr=False)
    source: Source = field(repr=False)
    spectrum: Levels = field(repr=False)


@dataclass(frozen=True)
class Swept:
    """A sweep of one system, with the mean recall at each of its values (None where no class is known).

    `learnt` is how many of the files are not in the test part of the data that the system was trained on; `whole` says
    whether all of each was heard, `causal` whether filters were such as a device has. Once it is done, the worst of
    its outcomes knows what could be heard.
    """

    sweep: Sweep = field(repr=False)
    recalls: tuple[float | None, ...]
    learnt: int = 0
    files: tuple[Listed, ...] = field(default=(), repr=False)
    whole: bool = False
    causal: bool = False


@dataclass(frozen=True)
class Tried:
    """What one system says of all files, with its figures before and after, and the interval of the change of recall.

    The figures are None where no file has a class that the system knows, the interval also where a class has few
    tracks; `learnt` is how many of the files are not in the test part of the data that the system was trained on.
    """

    outcome: Outcome = field(repr=False)
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    change: tuple[float, float] | None
    learnt: int = 0


@dataclass(frozen=True)
class Found:
    """A change that nobody hears, and in words what it does to what a system says."""

    system: str
    finding: Finding = field(repr=False)
    does: str


@dataclass(frozen=True)
class Searched:
    """A search with its answer in a sentence, and all that was tried, the answer first."""

    search: Search = field(repr=False)
    sentence: str
    found: tuple[Found, ...]


@dataclass(frozen=True)
class Tree:
    """A system that decides by a tree, read aloud."""

    system: str
    labels: tuple[str, ...]
    nodes: tuple[Node, ...] = field(repr=False)


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
        self.trees: dict[str, Tree] = {}
        self.band: Node | None = None
        self.undo_stack = QUndoStack(self)
        self.undo_stack.setUndoLimit(MOST_UNDONE)

    @property
    def flipped(self) -> list[str]:
        """Systems that change their mind through the bench."""
        return [name for name, after in self.after.items()
                if name in self.before and after.decided != self.before[name].decided]

    def open(self, opened: Opened, *, same_files: bool = False) -> None:
        """Work on another file; the bench stays, what is known of the last file is gone."""
        self.now, self.made, self.band = opened, None, None
        self.before, self.after, self.levels, self.refusal = {}, {}, {}, ""
        self.sweeps = {kind: found for kind, found in self.sweeps.items()
                       if same_files and len(found[0].sweep.outcomes[0].files) > 1}
        if not same_files:
            self.outcomes, self.searches, self.tried = [], [], ()
        for signal in (self.opened, self.heard, self.levels_changed, self.refused, self.sweep_changed,
                       self.band_changed):
            signal.emit()
        if not same_files:
            self.table_changed.emit()
            self.searched.emit()

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
