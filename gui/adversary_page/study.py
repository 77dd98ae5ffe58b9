"""What is open now: one file, one listener, one question about it, and all that is known of the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from engine.audio.pyramid import ImagePyramid, PeakPyramid
from engine.audio.waveform import AudioFile, Waveform
from engine.explain.adversary import Step
from engine.listening import patience
from engine.listening.abx import AbxResult
from engine.listening.adversary_pictures import Pictures
from engine.listening.attack import (
    LONGEST_SECONDS,
    AttackAnswer,
    AttackQuestion,
    Hearing,
    default_method,
    with_survival,
)
from engine.listening.survival import Survived, Transferred
from engine.models.listener import Listener
from gui.player import Source
from gui.session import MOST_UNDONE, Change

WORDS = {"target": "changing the target", "method": "changing the method", "projection": "changing the projection",
         "weighting": "changing the weighting", "snr_db": "changing the least SNR",
         "iterations": "changing the iterations", "confidence": "changing the confidence",
         "smallest": "changing the aim", "seed": "changing the seed", "start": "marking a part"}


@dataclass(frozen=True)
class Opened:
    """A file that was looked at, and the listener that the model's name stands for."""

    file: AudioFile
    peaks: PeakPyramid
    model: str
    models: tuple[str, ...]
    listener: Listener


@dataclass(frozen=True)
class LabelRun:
    """What came of the attack on one label."""

    label: str
    confidence: float
    snr_db: float
    iterations: int
    fooled: bool


@dataclass(frozen=True)
class Made:
    """Sounds of an answer, ready to be played and drawn; the residual also as it is written."""

    sources: Mapping[str, Source]
    pictures: Pictures
    residual: Waveform = field(repr=False)


Asked = tuple[str, AttackQuestion]
"""Name of a model, and what it is asked."""


class Study(QObject):
    """State with signals; it computes nothing."""

    opened = Signal()
    model_wanted = Signal(str)    # of the same file, by a way back
    pictured = Signal()           # the original's spectrogram is there
    asked = Signal()              # the question changed
    heard = Signal()              # what the listener says of the part as it is, or that this is not known yet
    running_changed = Signal()
    stepped = Signal(object)      # list of Step
    answered = Signal()           # an answer, or none any more
    made_ready = Signal()         # sounds and pictures of the answer
    survived = Signal()
    transferred = Signal()
    runs_changed = Signal()
    tested = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.now: Opened | None = None
        self.picture: ImagePyramid | None = None
        self.question = AttackQuestion()
        self.hearing: Hearing | None = None
        self.running = ""             # "", "attack" or "labels"
        self.answer: AttackAnswer | None = None
        self.made: Made | None = None
        self.survival: list[Survived] | None = None
        self.transfer: list[Transferred] | None = None
        self.runs: list[LabelRun] = []
        self.test: AbxResult | None = None
        self.undo_stack = QUndoStack(self)
        self.undo_stack.setUndoLimit(MOST_UNDONE)
        self._way: Asked | None = None    # what holds once the model is there that a way back wants

    @property
    def span(self) -> tuple[float, float]:
        """Seconds of the file that the question is about."""
        if self.now is None:
            return 0.0, 0.0
        q, end = self.question, self.now.file.seconds
        return q.start, end if q.seconds is None else min(end, q.start + q.seconds)

    @property
    def part(self) -> tuple[float, float] | None:
        """The marked part; None where it is all of the file."""
        return None if self.question.seconds is None else self.span

    def open(self, opened: Opened) -> None:
        """Work on another file or with another model; what is known of the last one is gone.

        Another model for the same file can be undone.
        """
        before, asked, way = self.now, self.question, self._way
        self.now, self.picture, self._way = opened, None, None
        same_file = before is not None and before.file.path == opened.file.path
        if not same_file:
            long = opened.file.seconds > LONGEST_SECONDS or patience.is_long_attack(
                opened.file.seconds, opened.listener)
            self.question = replace(self.question, start=0.0, seconds=patience.PART_SECONDS if long else None)
        if before is None or before.model != opened.model:
            self.question = replace(self.question, method=default_method(opened.listener.front_end))
            if self.question.seconds is None and patience.is_long_attack(opened.file.seconds, opened.listener):
                self.question = replace(self.question, start=0.0, seconds=patience.PART_SECONDS)
        if self.question.target not in opened.listener.labels:
            self.question = replace(self.question, target=None)
        if same_file and way is not None and way[0] == opened.model:
            self.question = way[1]
        elif same_file and before is not None and before.model != opened.model:
            self.undo_stack.push(Change(self._be_asked, (before.model, asked), (opened.model, self.question),
                                        "choosing a model"))
        else:
            self.undo_stack.clear()
        self.hearing, self.runs = None, []
        self.opened.emit()
        self.set_answer(None)
        self.asked.emit()
        self.heard.emit()
        self.runs_changed.emit()

    def set_picture(self, picture: ImagePyramid) -> None:
        """The original's spectrogram."""
        self.picture = picture
        self.pictured.emit()

    def ask(self, **changes: object) -> None:
        """Change the question. An answer to the old one stays until there is another."""
        question = replace(self.question, **changes)  # type: ignore[arg-type]
        if question == self.question:
            return
        moved = (question.start, question.seconds) != (self.question.start, self.question.seconds)
        self.question = question
        if moved:
            self.hearing = None
        self.asked.emit()
        if moved:
            self.heard.emit()

    def change(self, **changes: object) -> None:
        """The same by hand: it can be undone."""
        before, after = self.question, replace(self.question, **changes)  # type: ignore[arg-type]
        if after != before:
            name = next(iter(changes))
            self.undo_stack.push(Change(self._be, before, after, WORDS[name], name))

    def _be(self, question: AttackQuestion) -> None:
        if self._way is not None:   # it is a question to a model that is on its way
            self._way = self._way[0], question
        else:
            self.ask(**asdict(question))

    def _be_asked(self, asked: Asked) -> None:
        model, question = asked
        if self._way is None and self.now is not None and self.now.model == model:
            self._be(question)
        else:
            self._way = asked
            self.model_wanted.emit(model)

    def stay(self) -> None:
        """The model that a way back wants cannot be opened."""
        self._way = None

    def set_hearing(self, hearing: Hearing) -> None:
        """What the listener says of the part as it is; its label can then no longer be wanted."""
        self.hearing = hearing
        if self.question.target == hearing.label:
            self.ask(target=None)
        self.heard.emit()

    def set_running(self, what: str) -> None:
        """What runs now: "", "attack" or "labels"."""
        if what != self.running:
            self.running = what
            self.running_changed.emit()

    def set_answer(self, answer: AttackAnswer | None) -> None:
        """An answer; what was known of the last one goes with it."""
        self.answer, self.made, self.survival, self.transfer, self.test = answer, None, None, None, None
        for signal in (self.answered, self.made_ready, self.survived, self.transferred, self.tested):
            signal.emit()

    def set_made(self, made: Made) -> None:
        """Its sounds and pictures."""
        self.made = made
        self.made_ready.emit()

    def set_survival(self, survival: list[Survived]) -> None:
        """What it survives."""
        self.survival = survival
        if self.answer is not None:
            self.answer = with_survival(self.answer, {row.name: row.fooled for row in survival})
        self.survived.emit()

    def set_transfer(self, transfer: list[Transferred]) -> None:
        """What other models say."""
        self.transfer = transfer
        self.transferred.emit()

    def set_runs(self, runs: list[LabelRun]) -> None:
        """Attacks on one label after the other, as far as they are done."""
        self.runs = runs
        self.runs_changed.emit()

    def set_test(self, test: AbxResult) -> None:
        """A blind test of the answer's sounds."""
        self.test = test
        self.tested.emit()

    def tell(self, steps: list[Step]) -> None:
        """Further iterates of the attack that runs."""
        self.stepped.emit(steps)
