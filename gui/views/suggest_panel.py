"""The network at the elbow: what to ask it for, the buttons that ask, and what it suggested."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtWidgets import QGridLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from gui.theme import SPACING, Theme
from gui.views.candidate_table import CandidateRow, CandidateTable
from gui.views.layouts import fill_tab
from gui.views.suggest_form import SuggestForm, SuggestWishes
from gui.views.wish_fields import named


class SuggestPanel(QScrollArea):
    """Emits what was asked for; draws what is shown to it."""

    changed = Signal()                  # a wish, by hand
    edited = Signal(object, object)     # wishes before and after
    open_asked = Signal()
    suggest_asked = Signal()
    fill_asked = Signal()
    new_asked = Signal()
    cancel_asked = Signal()
    candidate_chosen = Signal(int)
    accept_asked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._running, self._fillable = False, False
        self.form, self.candidates = SuggestForm(), CandidateTable()
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(SPACING, SPACING, SPACING, SPACING)
        column.setSpacing(SPACING)
        column.addWidget(self.form)
        column.addLayout(self._buttons())
        column.addWidget(self.candidates, 1)
        fill_tab(self, inside)
        self.setAccessibleName("Suggest")
        self.form.changed.connect(self._changed)
        self.form.edited.connect(self.edited)
        self.form.open_asked.connect(self.open_asked)
        self.candidates.chosen.connect(self.candidate_chosen)
        self.candidates.taken.connect(self.accept_asked)
        self._enable()

    def _buttons(self) -> QGridLayout:
        self.suggest, self.cancel = QPushButton("Suggest"), QPushButton("Cancel")
        self.fill, self.new = QPushButton("Fill selected bars"), QPushButton("New tune")
        self.suggest.setDefault(True)
        wanted: tuple[tuple[QPushButton, str, SignalInstance], ...] = (
            (self.suggest, "How the tune may go on from the cursor (Ctrl+Return)", self.suggest_asked),
            (self.cancel, "Stop what runs (Esc)", self.cancel_asked),
            (self.fill, "Other music for the selected bars that fits what stands around them", self.fill_asked),
            (self.new, "A whole tune, from the first token on", self.new_asked))
        grid = QGridLayout()
        grid.setSpacing(SPACING)
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(1, 2)
        for place, (button, tip, asked) in enumerate(wanted):
            named(button, button.text(), tip)
            button.clicked.connect(lambda checked=False, asked=asked: asked.emit())
            grid.addWidget(button, place // 2, place % 2)
        return grid

    def _changed(self) -> None:
        self._enable()
        self.changed.emit()

    def _enable(self) -> None:
        able = bool(self.form.wishes().model) and not self._running
        self.suggest.setEnabled(able)
        self.new.setEnabled(able)
        self.fill.setEnabled(able and self._fillable)
        self.cancel.setEnabled(self._running)

    # what holds

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self.form.set_theme(theme)
        self.candidates.set_theme(theme)

    def wishes(self) -> SuggestWishes:
        """What holds."""
        return self.form.wishes()

    def set_wishes(self, wishes: SuggestWishes) -> None:
        """Show these. Emits nothing."""
        self.form.set_wishes(wishes)
        self._enable()

    def show_models(self, names: Sequence[str], chosen: str) -> None:
        """Offer models. Emits nothing."""
        self.form.show_models(names, chosen)
        self._enable()

    def show_vocabulary(self, meters: Sequence[str], modes: Sequence[str]) -> None:
        """Offer metres and modes that the model knows. Emits nothing."""
        self.form.show_vocabulary(meters, modes)

    def show_prime_error(self, words: str) -> None:
        """What is wrong with the tokens to begin with; empty: nothing."""
        self.form.show_prime_error(words)

    def show_running(self, running: bool) -> None:
        """Whether the network is at it."""
        self._running = running
        self._enable()

    def can_fill(self, fillable: bool) -> None:
        """Whether bars are selected that could be filled."""
        self._fillable = fillable
        self._enable()

    def show_candidates(self, rows: Sequence[CandidateRow]) -> None:
        """What was suggested, the best first. Emits nothing."""
        self.candidates.show_candidates(rows)

    def show_chosen(self, row: int) -> None:
        """Which suggestion is looked at; -1: none. Emits nothing."""
        self.candidates.show_chosen(row)
