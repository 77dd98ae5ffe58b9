"""What is asked of which neuron now, and all that is known of the answer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from engine.explain.maximise_grid import Ranked, beyond
from engine.job import Progress
from engine.listening.maximise_values import MaximiseAnswer, MaximiseQuestion
from gui.maximise_page.values import (
    Answered,
    Directions,
    Growing,
    Here,
    Known,
    Opened,
    RealTop,
    Searched,
    Shipped,
    Shown,
    SoFar,
)
from gui.maximise_page.wishing import About, about, named, question_of
from gui.session import MOST_UNDONE, Change
from gui.views.maximise_form import MaximiseWishes

MOST_SHELVED = 8        # neurons whose examples are there again when a change is undone
Ends = tuple[Shown | None, Shown | None]
"""A and B of a walk."""


class Study(QObject):
    """State with signals; it computes nothing."""

    opened = Signal()
    model_wanted = Signal(str)    # by a way back
    asked = Signal()              # the wishes changed
    running_changed = Signal()
    progressed = Signal(object)   # Progress of what runs
    grew = Signal(object)         # Growing
    shown_changed = Signal()      # other examples are in the gallery
    chosen = Signal()             # another of them is looked at
    real_changed = Signal()
    ranked = Signal()
    kept_changed = Signal()
    ends_changed = Signal()       # of the walk, or its directions
    stood = Signal()              # a walk stands somewhere else

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.now: Opened | None = None
        self.wishes = MaximiseWishes()
        self.real_folder: Path | None = None
        self.running = ""             # "", "maximise" or "grid"
        self.answer: MaximiseAnswer | None = None
        self.shown: tuple[Shown, ...] = ()
        self.choice = -1
        self.real: RealTop | None = None
        self.searched: Searched | None = None
        self.setting: Ranked | None = None      # whose examples are shown, where a search has made them
        self.kept = (0, 0)
        self._so_far: tuple[Ranked, ...] = ()   # while a search runs
        self.ends: dict[str, Shown | None] = {"a": None, "b": None}
        self.directions: Directions | None = None
        self.here: Here | None = None
        self.undo_stack = QUndoStack(self)
        self.undo_stack.setUndoLimit(MOST_UNDONE)
        self._shelf: dict[About, Known] = {}
        self._way: MaximiseWishes | None = None     # what holds once the model is there that a way back wants

    @property
    def question(self) -> MaximiseQuestion:
        """The wishes as a question."""
        return question_of(self.wishes, self.real_folder)

    @property
    def neuron(self) -> tuple[str, str, int]:
        """Model, layer and number of the neuron."""
        return self.wishes.model, self.wishes.layer, self.wishes.neuron

    @property
    def shipped(self) -> Shipped | None:
        """The grid that came with the program, where it is of this neuron and prior."""
        found = None if self.now is None else self.now.shipped.get(self.wishes.direction)
        if found is None or self.now is None or self.wishes.prior != "gan":
            return None
        name = f"{self.now.listener.name} {self.wishes.layer} {self.wishes.neuron}"
        return found if found.neuron == name and found.ranking else None

    @property
    def ranking(self) -> tuple[Ranked, ...]:
        """The settings in order, of the search or of the one that came with the program; empty: there is neither."""
        if self.running == "grid":
            return self._so_far
        if self.searched is not None:
            return self.searched.found.ranking
        return self.shipped.ranking if self.shipped is not None else ()

    @property
    def real_limit(self) -> float | None:
        """What real music reaches; None while that is not known."""
        return self.real.excerpts[0].activation if self.real is not None and self.real.excerpts else None

    @property
    def strong(self) -> Ranked | None:
        """The most natural setting that excites more than real music does; None while that is not known."""
        limit = self.real_limit
        return None if limit is None else beyond(self.ranking, limit, minimise=self.wishes.direction == "min")

    @property
    def looked_at(self) -> Shown | None:
        """The example that is looked at."""
        return self.shown[self.choice] if 0 <= self.choice < len(self.shown) else None

    def open(self, opened: Opened) -> None:
        """Another listener; what is known of the last one is gone.

        Another model can be undone, with what was asked of the last one and what came of it.
        """
        before, asked, way, self._way = self.now, self.wishes, self._way, None
        back = way is not None and way.model == opened.model
        other = before is not None and before.model != opened.model
        if back or other:
            self._put_by()
        else:
            self.undo_stack.clear()
            self.clear_shelf()
        self.now, self.wishes = opened, replace(self.wishes, model=opened.model)
        self.opened.emit()      # layers and priors that it has not are left
        if back and way is not None:
            self.wishes = way
            self.asked.emit()
        elif other:
            self.undo_stack.push(Change(self._be, asked, self.wishes, "choosing a model"))
        self.forget()
        self._take_out()

    def stay(self) -> None:
        """The model that a way back wants cannot be opened."""
        self._way = None

    def ask(self, wishes: MaximiseWishes) -> None:
        """Other wishes. An answer to the old ones stays, unless it is about another neuron."""
        if wishes == self.wishes:
            return
        before, self.wishes = self.wishes, wishes
        if about(before) != about(wishes):
            self.forget()
        self.asked.emit()

    def change(self, wishes: MaximiseWishes) -> None:
        """The same by hand: it can be undone, and what was known of the neuron before comes back then."""
        if wishes != self.wishes:
            self.undo_stack.push(Change(self._be, self.wishes, wishes, *named(self.wishes, wishes)))

    def _be(self, wishes: MaximiseWishes) -> None:
        coming = self.wishes if self._way is None else self._way
        if wishes.model != coming.model:
            self._way = wishes
            self.model_wanted.emit(wishes.model)
        elif self._way is not None:     # they are for a model that is on its way
            self._way = wishes
        elif about(wishes) != about(self.wishes):
            self._put_by()
            self.ask(wishes)
            self._take_out()
        else:
            self.ask(wishes)

    def clear_shelf(self) -> None:
        """What was known of other neurons, and of other models, is gone."""
        self._shelf.clear()

    def _put_by(self) -> None:
        if self.shown:
            self._shelf[about(self.wishes)] = Known(self.answer, self.setting, self.searched, self.shown,
                                                     (self.ends["a"], self.ends["b"]))
            for oldest in list(self._shelf)[:-MOST_SHELVED]:
                del self._shelf[oldest]

    def _take_out(self) -> None:
        if (known := self._shelf.get(about(self.wishes))) is not None:
            self.answer, self.setting, self.searched = known.answer, known.setting, known.searched
            self.ranked.emit()
            self.set_shown(known.shown)
            self.set_ends(*known.ends)

    def change_real(self, folder: Path | None) -> None:
        """Compare with other music, by hand."""
        if folder != self.real_folder:
            self.undo_stack.push(Change(self.compare_with, self.real_folder, folder, "changing the real music"))

    def compare_with(self, folder: Path | None) -> None:
        """Real music is what lies there; None: the clips that come with the program."""
        self.real_folder = folder
        self.set_real(None)
        self.asked.emit()

    def forget(self) -> None:
        """What is known is about another neuron."""
        self.answer, self.searched, self.setting, self.kept = None, None, None, (0, 0)
        self.set_shown(())
        self.set_real(None)
        self.set_ends(None, None)
        self.ranked.emit()
        self.kept_changed.emit()

    def begin(self) -> None:
        """New examples are going to be made; those that are shown go."""
        self.answer, self.setting = None, None
        self.set_shown(())
        self.set_ends(None, None)

    def set_running(self, what: str) -> None:
        """What runs now: "", "maximise" or "grid"."""
        if what != self.running:
            self.running, self._so_far = what, ()
            self.running_changed.emit()

    def tell(self, progress: Progress) -> None:
        """How far what runs has come."""
        self.progressed.emit(progress)

    def grow(self, growing: Growing) -> None:
        """Examples as they are now."""
        self.grew.emit(growing)

    def rank(self, so_far: SoFar) -> None:
        """The ranking as it is now."""
        self._so_far = so_far.ranking
        self.ranked.emit()

    def set_answer(self, answered: Answered) -> None:
        """Examples are made."""
        self.answer, self.setting = answered.answer, None
        self.set_shown(answered.shown)

    def set_shown(self, shown: tuple[Shown, ...]) -> None:
        """Other examples; none is looked at."""
        self.shown, self.choice = shown, -1
        self.shown_changed.emit()
        self.chosen.emit()

    def choose(self, place: int) -> None:
        """Look at an example; -1: none."""
        self.choice = place
        self.chosen.emit()

    def set_real(self, real: RealTop | None) -> None:
        """What real music excites the neuron."""
        self.real = real
        self.real_changed.emit()

    def set_searched(self, searched: Searched) -> None:
        """A grid is ranked."""
        self.searched = searched
        self.ranked.emit()

    def set_samples(self, answered: tuple[Ranked | None, tuple[Shown, ...]]) -> None:
        """Examples of a setting, or of several (None)."""
        self.answer = None
        self.setting, shown = answered
        self.set_shown(shown)

    def set_kept(self, kept: tuple[int, int]) -> None:
        """How many seeds of a search are done, of how many."""
        self.kept = kept
        self.kept_changed.emit()

    def set_ends(self, a: Shown | None, b: Shown | None) -> None:
        """Between which examples to walk."""
        self.ends, self.directions, self.here = {"a": a, "b": b}, None, None
        self.ends_changed.emit()

    def change_ends(self, a: Shown | None, b: Shown | None) -> None:
        """The same by hand: it can be undone."""
        before = self.ends["a"], self.ends["b"]
        if a is not before[0] or b is not before[1]:
            self.undo_stack.push(Change(self._walk_between, before, (a, b), "choosing an end of the walk"))

    def _walk_between(self, ends: Ends) -> None:
        if self._way is None:
            self.set_ends(*ends)
        elif (known := self._shelf.get(about(self._way))) is not None:
            self._shelf[about(self._way)] = replace(known, ends=ends)

    def set_directions(self, directions: Directions) -> None:
        """Along what to walk besides."""
        self.directions = directions
        self.ends_changed.emit()

    def stand(self, here: Here) -> None:
        """A walk stands there."""
        self.here = here
        self.stood.emit()
