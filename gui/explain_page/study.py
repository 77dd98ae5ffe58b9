"""What is open now: one song, one question about it, and what has been changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

import torch
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack
from torch import Tensor

from engine.audio.features import Spectrogram
from engine.audio.labels import Interval
from engine.listening.editing import Patch
from engine.listening.explain import Answer, Question
from engine.listening.opening import Song
from engine.listening.predict import Prediction
from engine.models.listener import Listener
from gui.session import MOST_UNDONE, Change

T = TypeVar("T")
CUT = ("start", "segmentation", "segments")     # where these change, segments are others
WORDS = {"start": "moving the excerpt", "method": "changing the method", "segmentation": "changing the segments",
         "segments": "changing the segments", "fill": "changing the fill", "units": "changing the units",
         "target": "changing the target", "samples": "changing the samples", "seed": "changing the seed"}
Wish = tuple[Question, frozenset[int]]
"""What is asked, and which segments are hidden meanwhile."""


@dataclass(frozen=True)
class Painted:
    """What a stroke of the brush has left, and what it did in words."""

    patch: Patch
    words: str


Edits = tuple[Patch, tuple[Painted, ...]]
"""All frames that were ever touched, and the strokes that have made them what they are."""


@dataclass(frozen=True)
class Standing:
    """A model, and what is asked of it; labels, where they are not those of the song itself; and what was painted."""

    model: str
    wish: Wish
    labels: tuple[Interval, ...] | None
    edits: Edits | None


class Study(QObject):
    """State with signals; it computes nothing."""

    song_opened = Signal()
    model_wanted = Signal(str)    # for the same song, by a way back
    predicted = Signal()
    labelled = Signal()
    asked = Signal()              # the question or its excerpt changed
    answered = Signal()
    hiding_changed = Signal()
    edited = Signal(int, int)     # frames first, last whose spectrogram changed

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.model = ""               # name of the listener in the catalogue
        self.listener: Listener | None = None
        self.song: Song | None = None
        self.prediction: Prediction | None = None
        self.labels: tuple[Interval, ...] = ()
        self.question = Question(start=0.0)
        self.answer: Answer | None = None
        self.hidden: frozenset[int] = frozenset()
        self.placed = False           # whether somebody chose where the excerpt is
        self.undo_stack = QUndoStack(self)
        self.undo_stack.setUndoLimit(MOST_UNDONE)
        self.strokes: tuple[Painted, ...] = ()
        self._S: Tensor | None = None
        self._touched: tuple[int, int] | None = None
        self._way: Standing | None = None               # what holds once the model is there that a way back wants
        self._then: list[Callable[[], object]] = []     # what is undone or done again behind that

    # the song

    def open(self, song: Song, listener: Listener, *, start: float = 0.0, model: str = "") -> None:
        """Work on another song, or through another listener; edits, hidden segments and answers are gone.

        Another listener for the same song can be undone, with what was painted: that belongs to the spectrogram
        that one listener sees.

        Parameters
        ----------
        start
            Where the excerpt begins, in seconds: at the frame next to it.
        model
            Name of the listener in the catalogue.
        """
        before = self._standing()
        same = self.song is not None and self.song.file.path == song.file.path
        way, then, self._way, self._then = self._way, self._then, None, []
        self.listener, self.song, self.model = listener, song, model
        self.prediction, self.answer, self._S, self._touched, self.strokes = None, None, None, None, ()
        self.placed = start > 0
        self.labels, self.hidden = song.labels, frozenset()
        fps, last = song.spectrogram.frames_per_second, max(0, song.spectrogram.S.shape[1] - listener.window)
        known = self.question.target in listener.labels
        self.question = replace(self.question, start=min(round(start * fps), last) / fps,
                                target=self.question.target if known else None)
        back = way if same and way is not None and way.model == model else None
        if back is not None:
            (self.question, self.hidden), self.placed = back.wish, True
            self.labels = song.labels if back.labels is None else back.labels
        else:
            then = []
            if same and before.model != model:
                self.undo_stack.push(Change(self._stand, before, self._standing(), "choosing a model"))
            else:
                self.undo_stack.clear()
        self.song_opened.emit()
        self.labelled.emit()
        if back is not None and back.edits is not None and self._fits(back.edits[0]):
            self._lay_all(back.edits)
        for do in then:
            do()

    def _standing(self) -> Standing:
        own = self.song is not None and self.labels is not self.song.labels
        edits = None
        if self._S is not None and self._touched is not None:
            first, last = self._touched
            edits = Patch(first, self._S[:, first:last].clone()), self.strokes
        return Standing(self.model, (self.question, self.hidden), self.labels if own else None, edits)

    def _stand(self, standing: Standing) -> None:
        if self._way is None and self.model == standing.model:
            self._be(standing.wish)
        else:
            self._way, self._then = standing, []
            self.model_wanted.emit(standing.model)

    def stay(self) -> None:
        """The model that a way back wants cannot be opened."""
        self._way, self._then = None, []

    def _there(self, put: Callable[[T], object]) -> Callable[[T], object]:
        """The same for an edit, which waits for the model that it belongs to."""
        return lambda value: put(value) if self._way is None else self._then.append(partial(put, value))

    def set_labels(self, labels: tuple[Interval, ...]) -> None:
        """Compare with other labels."""
        self.labels = labels
        self.labelled.emit()

    def set_prediction(self, prediction: Prediction) -> None:
        """What the listener says of the song as it was recorded."""
        self.prediction = prediction
        self.predicted.emit()

    def open_labels(self, labels: tuple[Interval, ...]) -> None:
        """The same by hand."""
        self.undo_stack.push(Change(self._there(self.set_labels), self.labels, labels, "opening labels"))

    # the question

    def ask(self, **changes: object) -> None:
        """Change the question; what is hidden stays only while the segments stay where they are."""
        self._be(self._with(changes))

    def change(self, **changes: object) -> None:
        """The same by hand: it can be undone."""
        name = next(iter(changes))
        self._push(self._with(changes), WORDS[name], "segments" if name == "segmentation" else name)

    def change_hidden(self, hidden: frozenset[int]) -> None:
        """Hide these segments, and no others, by hand."""
        words = "hiding segments" if hidden - self.hidden else "showing segments"
        self._push((self.question, hidden), words)

    def _with(self, changes: dict[str, object]) -> Wish:
        question = replace(self.question, **changes)  # type: ignore[arg-type]
        moved = any(getattr(question, name) != getattr(self.question, name) for name in CUT)
        return question, frozenset() if moved else self.hidden

    def _push(self, after: Wish, words: str, kind: str = "") -> None:
        before = self.question, self.hidden
        if after != before:
            self.placed = True
            self.undo_stack.push(Change(self._there(self._be), before, after, words, kind))

    def _be(self, wish: Wish) -> None:
        question, hidden = wish
        if question != self.question:
            self.hide(self.hidden & hidden)
            self.question = question
            self.asked.emit()
        self.hide(hidden)

    def set_answer(self, answer: Answer) -> None:
        """The answer to the question, or the same with its trust figures."""
        self.answer = answer
        self.answered.emit()

    def hide(self, hidden: frozenset[int]) -> None:
        """Hide these segments, and no others, from the listener."""
        if hidden != self.hidden:
            self.hidden = hidden
            self.hiding_changed.emit()

    # the spectrogram

    @property
    def spectrogram(self) -> Spectrogram | None:
        """The song's spectrogram with all edits."""
        if self.song is None:
            return None
        return self.song.spectrogram if self._S is None else replace(self.song.spectrogram, S=self._S)

    @property
    def is_edited(self) -> bool:
        """Whether the brush has left anything."""
        return bool(self.strokes)

    @property
    def touched(self) -> tuple[int, int] | None:
        """Frames from the first to behind the last that a patch was ever laid on."""
        return self._touched

    def lay(self, patch: Patch) -> None:
        """Put a patch into the spectrogram; the song as opened stays whole."""
        if self.song is None:
            return
        if self._S is None:
            self._S = self.song.spectrogram.S.clone()
        self._S[:, patch.first : patch.last] = patch.S
        first, last = self._touched or (patch.first, patch.last)
        self._touched = min(first, patch.first), max(last, patch.last)
        self.edited.emit(patch.first, patch.last)

    def keep_stroke(self, before: Patch, after: Patch, words: str) -> None:
        """Make a stroke that has been laid already undoable."""
        if self._way is None and not torch.equal(before.S, after.S):
            was = before, self.strokes
            now = after, (*self.strokes, Painted(after, words))
            self.undo_stack.push(Change(self._there(self._lay_all), was, now, words))

    def paint(self, stroke: Painted) -> None:
        """A stroke that was made before; one that does not fit this spectrogram is left out."""
        spectrogram, first, last = self.spectrogram, stroke.patch.first, stroke.patch.last
        if spectrogram is not None and self._fits(stroke.patch):
            self.keep_stroke(Patch(first, spectrogram.S[:, first:last].clone()), stroke.patch, stroke.words)

    def _fits(self, patch: Patch) -> bool:
        if self.song is None:
            return False
        bands, frames = self.song.spectrogram.S.shape
        return 0 <= patch.first < patch.last <= frames and patch.S.shape[0] == bands

    def revert(self) -> None:
        """Take all strokes back, as one step."""
        spectrogram, song = self.spectrogram, self.song
        if spectrogram is None or song is None or self._way is not None:
            return
        if self.strokes and self._touched is not None:
            first, last = self._touched
            was = Patch(first, spectrogram.S[:, first:last].clone()), self.strokes
            now: Edits = Patch(first, song.spectrogram.S[:, first:last]), ()
            self.undo_stack.push(Change(self._there(self._lay_all), was, now, "reverting all edits"))

    def _lay_all(self, edits: Edits) -> None:
        patch, self.strokes = edits
        self.lay(patch)
