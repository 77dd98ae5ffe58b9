"""A blind ABX test: the same passage as A, as B and as X, which is one of the two; nothing is told until the end."""

from __future__ import annotations

import secrets

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine.listening.abx import MOST_TRIALS, TRIALS, AbxResult, Trial, sequence
from gui.player import Player, Source
from gui.theme import DARK, SPACING, Theme, tabular
from gui.views.plain_text import say_plainly

SHORTEST_PASSAGE = 0.5
EXPLAINED = ("X is A or B, drawn anew in each trial. Listen to all three as often as you like; they play the same "
             "passage, at the same level, and switch without a gap. Whether you were right is told at the end.")
KEYS = {Qt.Key.Key_A: "A", Qt.Key.Key_B: "B", Qt.Key.Key_X: "X"}
ANSWERS = {Qt.Key.Key_Left: "A", Qt.Key.Key_Right: "B"}


class AbxDialog(QDialog):
    """Three leaves: what is to be done, the trials, the result. Closed before the end, it has no result.

    Parameters
    ----------
    player
        Plays; it has a source of the same time line already, whose level both sounds get.
    sounds
        Name and source of A and of B.
    passage
        Start and length in seconds of what is proposed.
    seconds
        Length of the sounds.
    seed
        Of the order of trials; by default nobody knows it beforehand.
    """

    tested = Signal(object)     # AbxResult

    def __init__(self, player: Player, sounds: tuple[tuple[str, Source], tuple[str, Source]], *,
                 passage: tuple[float, float], seconds: float, seed: int | None = None, theme: Theme = DARK,
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._player, self._sounds, self._theme = player, sounds, theme
        self._seed = secrets.randbelow(2**31) if seed is None else seed
        self._order: tuple[str, ...] = ()
        self._trials: list[Trial] = []
        self.result_of_test: AbxResult | None = None
        self.setWindowTitle("Blind test (ABX)")
        self.setMinimumWidth(520)
        self.leaves = QStackedWidget()
        for leaf in (self._setting(passage, seconds), self._testing(), self._telling()):
            self.leaves.addWidget(leaf)
        QVBoxLayout(self).addWidget(self.leaves)
        say_plainly(self)

    # the three leaves

    def _setting(self, passage: tuple[float, float], seconds: float) -> QWidget:
        leaf = QWidget()
        column, form = QVBoxLayout(leaf), QGridLayout()
        column.setSpacing(2 * SPACING)
        names = QLabel(f"A is {self._sounds[0][0]}, B is {self._sounds[1][0]}.")
        names.setStyleSheet("font-weight: 600")
        explained = QLabel(EXPLAINED)
        explained.setWordWrap(True)
        self.number, self.start, self.length = QSpinBox(), QDoubleSpinBox(), QDoubleSpinBox()
        self.number.setRange(1, MOST_TRIALS)
        self.number.setValue(TRIALS)
        self.start.setRange(0.0, max(0.0, seconds - SHORTEST_PASSAGE))
        self.length.setRange(SHORTEST_PASSAGE, max(SHORTEST_PASSAGE, seconds))
        for box, value in ((self.start, passage[0]), (self.length, passage[1])):
            box.setSuffix(" s")
            box.setDecimals(1)
            box.setValue(value)
        form.setHorizontalSpacing(2 * SPACING)
        form.setColumnStretch(1, 1)
        for text, field, tip in (("Trials", self.number, "Fixed before the first one, so that the p-value holds"),
                                 ("Passage from", self.start, "Proposed: where the change is most audible"),
                                 ("Length", self.length, "Looped; a few seconds are compared best")):
            field.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            field.setAccessibleName(text)
            field.setToolTip(tip)
            field.lineEdit().setTextMargins(SPACING, 0, 0, 0)  # style sheets do not reach it
            form.addWidget(QLabel(text), form.rowCount(), 0)
            form.addWidget(field, form.rowCount() - 1, 1)
        begin = QPushButton("Begin")
        begin.setDefault(True)
        begin.clicked.connect(self.begin)
        column.addWidget(names)
        column.addWidget(explained)
        column.addLayout(form)
        column.addStretch(1)
        column.addLayout(_right(begin))
        return leaf

    def _testing(self) -> QWidget:
        leaf = QWidget()
        column, row, answers = QVBoxLayout(leaf), QHBoxLayout(), QHBoxLayout()
        column.setSpacing(2 * SPACING)
        self.where, self.bar = QLabel(), QProgressBar()
        self.where.setFont(tabular(self.font(), 1.0))
        self.where.setAccessibleName("Trial")
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Trials done")
        self.heard = QButtonGroup(self)
        for name in ("A", "B", "X"):
            button = _big(name, f"Hear {name} ({name})")
            button.setCheckable(True)
            self.heard.addButton(button)
            row.addWidget(button)
        self.heard.buttonClicked.connect(lambda button: self.hear(button.text()))
        self.answers = {}
        for name, key in (("A", "←"), ("B", "→")):
            button = QPushButton(f"X is {name}")
            button.setToolTip(f"Answer, and go on ({key}); X has to be heard first")
            button.setAccessibleName(f"X is {name}")
            button.setStyleSheet("min-height: 28px")
            button.setAutoDefault(False)
            button.clicked.connect(lambda checked=False, name=name: self.answer(name))
            self.answers[name] = button
            answers.addWidget(button)
        hint = QLabel("Keys: A, B and X play, ← and → answer, Space pauses. Closing ends the test without a result.")
        hint.setWordWrap(True)
        hint.setStyleSheet(f"color: {self._theme.muted}")
        column.addWidget(self.where)
        column.addWidget(self.bar)
        column.addLayout(row)
        column.addLayout(answers)
        column.addStretch(1)
        column.addWidget(hint)
        return leaf

    def _telling(self) -> QWidget:
        leaf = QWidget()
        column = QVBoxLayout(leaf)
        column.setSpacing(2 * SPACING)
        self.said, self.course = QLabel(), QLabel()
        for label, name in ((self.said, "Result"), (self.course, "Answers")):
            label.setWordWrap(True)
            label.setAccessibleName(name)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.said.setFont(tabular(self.font(), 2.0))
        self.course.setFont(tabular(self.font()))
        self.course.setStyleSheet(f"color: {self._theme.muted}")
        done = QPushButton("Close")
        done.setDefault(True)
        done.clicked.connect(self.accept)
        column.addWidget(self.said)
        column.addWidget(self.course)
        column.addStretch(1)
        column.addLayout(_right(done))
        return leaf

    # the test

    @property
    def passage(self) -> tuple[float, float]:
        """Start and stop in seconds."""
        return self.start.value(), min(self.start.value() + self.length.value(), self.start.maximum()
                                       + SHORTEST_PASSAGE)

    def begin(self) -> None:
        """The first trial, with what was set."""
        self._order = sequence(self.number.value(), seed=self._seed)
        self._trials = []
        self._player.pause()
        self._player.set_loop(*self.passage)
        self._player.seek(self.passage[0])
        self.bar.setRange(0, len(self._order))
        self.leaves.setCurrentIndex(1)
        self.setFocus()
        self._next()

    def _next(self) -> None:
        self._player.pause()
        done = len(self._trials)
        self.bar.setValue(done)
        self.where.setText(f"Trial {done + 1} of {len(self._order)}")
        self._enable_answers(False)
        self._mark(None)

    def _mark(self, name: str | None) -> None:
        self.heard.setExclusive(False)
        for button in self.heard.buttons():
            button.setChecked(button.text() == name)
        self.heard.setExclusive(name is not None)

    def _enable_answers(self, on: bool) -> None:
        for button in self.answers.values():
            button.setEnabled(on)

    def hear(self, name: str) -> None:
        """Play A, B or X, on from where the passage is."""
        which = self._order[len(self._trials)] if name == "X" else name
        self._mark(name)
        self._player.set_source(self._sounds["AB".index(which)][1], match_level=True)
        if not self._player.playing:
            self._player.play()
        if name == "X":
            self._enable_answers(True)

    def answer(self, name: str) -> None:
        """X is A, or X is B; then the next trial, or the result."""
        if not self.answers[name].isEnabled():
            return
        self._trials.append(Trial(self._order[len(self._trials)], name))
        if len(self._trials) < len(self._order):
            self._next()
        else:
            self._finish()

    def _finish(self) -> None:
        self._player.pause()
        (a, _), (b, _) = self._sounds
        found = AbxResult(a, b, tuple(self._trials), self._seed, self.passage)
        self.result_of_test = found
        self.said.setText(f"{found.words()}.")
        marks = "  ".join(f"{n} {'✓' if t.right else '✗'}" for n, t in enumerate(found.trials, 1))
        self.course.setText(f"{marks}\n\np is the probability of so many right answers by guessing alone "
                            "(exact one-sided binomial test).")
        self.leaves.setCurrentIndex(2)
        self.tested.emit(found)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Everything by keys while it is tested."""
        key = Qt.Key(event.key())
        if self.leaves.currentIndex() != 1 or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            super().keyPressEvent(event)
        elif key in KEYS:
            self.hear(KEYS[key])
        elif key in ANSWERS:
            self.answer(ANSWERS[key])
        elif key == Qt.Key.Key_Space:
            self._player.toggle()
        else:
            super().keyPressEvent(event)

    def done(self, result: int) -> None:
        """Closed, whichever way: silence, and no loop of ours."""
        self._player.pause()
        self._player.set_loop(0.0, None)
        super().done(result)

    def closeEvent(self, event: QCloseEvent) -> None:
        """As Esc."""
        self.reject()
        event.accept()


def _big(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setStyleSheet("QPushButton { min-height: 76px }")
    button.setFont(tabular(button.font(), 8.0))
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    button.setAutoDefault(False)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


def _right(button: QPushButton) -> QHBoxLayout:
    row = QHBoxLayout()
    row.addStretch(1)
    row.addWidget(button)
    return row
