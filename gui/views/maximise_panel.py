"""What to ask a neuron, and the buttons that begin and end it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from gui.theme import SPACING, Theme
from gui.views.headline import ElidedLabel
from gui.views.layouts import fill_tab
from gui.views.maximise_form import MaximiseForm, MaximiseWishes
from gui.views.wish_fields import named


class MaximisePanel(QScrollArea):
    """Says what was changed and what is asked; `form` says what holds."""

    changed = Signal()
    model_chosen = Signal(str)
    maximise_asked = Signal()
    cancel_asked = Signal()
    grid_asked = Signal()
    resume_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        inside = QWidget()
        self.form, self.estimate = MaximiseForm(), ElidedLabel()
        self.estimate.setAccessibleName("How long it will take")
        self.form.changed.connect(self.changed)
        self.form.model_chosen.connect(self.model_chosen)
        column = QVBoxLayout(inside)
        column.setContentsMargins(SPACING, SPACING, SPACING, SPACING)
        column.setSpacing(SPACING)
        column.addWidget(self.form)
        column.addLayout(self._buttons())
        column.addWidget(self.estimate)
        column.addStretch(1)
        fill_tab(self, inside)
        self.setAccessibleName("Maximise")
        self._running, self._ready, self._left = False, False, 0
        self.show_running(False, ready=False)

    def _buttons(self) -> QGridLayout:
        self.maximise, self.cancel = QPushButton("Maximise"), QPushButton("Cancel")
        self.grid, self.resume = QPushButton("Search the grid"), QPushButton("Resume")
        self.maximise.setDefault(True)
        for button, tip, asked in (
                (self.maximise, "Make examples with these settings (Ctrl+Return)", self.maximise_asked),
                (self.cancel, "Stop what runs (Esc); of a search, what is done is kept", self.cancel_asked),
                (self.grid, "Try 3 learning rates, 3 weights and 3 numbers of iterations, 50 seeds each, and rank "
                            "them by Fréchet distance from real music", self.grid_asked),
                (self.resume, "Go on with the search that was stopped", self.resume_asked)):
            named(button, button.text(), tip)
            button.clicked.connect(lambda checked=False, asked=asked: asked.emit())
        grid = QGridLayout()
        grid.setSpacing(SPACING)
        for place, button in enumerate((self.maximise, self.cancel, self.grid, self.resume)):
            grid.addWidget(button, place // 2, place % 2)
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(1, 2)
        return grid

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self.form.set_theme(theme)
        self.estimate.setStyleSheet(f"color: {theme.muted}")

    def wishes(self) -> MaximiseWishes:
        """What holds."""
        return self.form.wishes()

    def show_running(self, running: bool, *, ready: bool = True) -> None:
        """Whether something runs, and whether something could begin."""
        self._running, self._ready = running, ready
        self._enable()

    def show_search(self, done: int, total: int) -> None:
        """How far a search with this model, neuron and direction has come; 0 where there was none.

        One that was begun is gone on with, and not begun again.
        """
        self._left = total - done if done else 0
        self.resume.setText(f"Resume · {done} of {total}" if self._left else "Resume")
        self._enable()

    def say(self, words: str) -> None:
        """A line below the buttons: how long something takes."""
        self.estimate.set_whole(words)

    def _enable(self) -> None:
        able = self._ready and not self._running
        self.maximise.setEnabled(able)
        self.grid.setEnabled(able and not self._left)
        self.resume.setEnabled(able and self._left > 0)
        self.cancel.setEnabled(self._running)
