"""What is open now: one song, one question about it, and what has been changed."""

from __future__ import annotations

from dataclasses import replace

import torch
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack
from torch import Tensor

from engine.audio.features import Spectrogram
from engine.audio.labels import Interval
from engine.listening.editing import Patch
from engine.listening.explain import Answer, Question
from engine.listening.opening import Song
from engine.listening.predict import Prediction
from engine.models.listener import Listener


class Session(QObject):
    """State with signals; it computes nothing."""

    song_opened = Signal()
    predicted = Signal()
    labelled = Signal()
    asked = Signal()              # the question or its excerpt changed
    answered = Signal()
    hiding_changed = Signal()
    edited = Signal(int, int)     # frames first, last whose spectrogram changed

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.listener: Listener | None = None
        self.song: Song | None = None
        self.prediction: Prediction | None = None
        self.labels: tuple[Interval, ...] = ()
        self.question = Question(start=0.0)
        self.answer: Answer | None = None
        self.hidden: frozenset[int] = frozenset()
        self.undo_stack = QUndoStack(self)
        self._S: Tensor | None = None
        self._touched: tuple[int, int] | None = None

    # the song

    def open(self, song: Song, listener: Listener, *, start: float = 0.0) -> None:
        """Work on another song, or through another listener; edits, hidden segments and answers are gone.

        Parameters
        ----------
        start
            Where the excerpt begins, in seconds: at the frame next to it.
        """
        self.listener, self.song = listener, song
        self.prediction, self.answer, self._S, self._touched = None, None, None, None
        self.labels, self.hidden = song.labels, frozenset()
        fps, last = song.spectrogram.frames_per_second, max(0, song.spectrogram.S.shape[1] - listener.window)
        known = self.question.target in listener.labels
        self.question = replace(self.question, start=min(round(start * fps), last) / fps,
                                target=self.question.target if known else None)
        self.undo_stack.clear()
        self.song_opened.emit()
        self.labelled.emit()

    def set_labels(self, labels: tuple[Interval, ...]) -> None:
        """Compare with other labels."""
        self.labels = labels
        self.labelled.emit()

    def set_prediction(self, prediction: Prediction) -> None:
        """What the listener says of the song as it was recorded."""
        self.prediction = prediction
        self.predicted.emit()

    # the question

    def ask(self, **changes: object) -> None:
        """Change the question; what is hidden stays only while the segments stay where they are."""
        question = replace(self.question, **changes)  # type: ignore[arg-type]
        if question == self.question:
            return
        cut = ("start", "segmentation", "segments")
        if any(getattr(question, name) != getattr(self.question, name) for name in cut):
            self.hide(frozenset())
        self.question = question
        self.asked.emit()

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
        return self.undo_stack.index() > 0

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
        if not torch.equal(before.S, after.S):
            self.undo_stack.push(Stroke(self, before, after, words))


class Stroke(QUndoCommand):
    """One stroke of the brush."""

    def __init__(self, session: Session, before: Patch, after: Patch, words: str) -> None:
        super().__init__(words)
        self._session, self._before, self._after = session, before, after

    def undo(self) -> None:
        """Lay what was there."""
        self._session.lay(self._before)

    def redo(self) -> None:
        """Lay what the stroke made."""
        self._session.lay(self._after)
