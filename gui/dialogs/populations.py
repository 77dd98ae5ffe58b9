"""A dialog that compares the tunes a network writes with those it has learnt."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QSpinBox, QVBoxLayout, QWidget

from engine.job import Progress
from gui.dialogs.room import fit
from gui.theme import SPACING, Theme
from gui.views.population_view import PopulationView
from gui.views.wish_fields import numeric

RESTING = "What the network writes beside what it has learnt"


class PopulationsDialog(QDialog):
    """Asks for tunes; stays open beside the page."""

    compose_asked = Signal(int)     # tunes
    cancel_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle("Populations of tunes")
        self.view, self._n, self._said = PopulationView(), QSpinBox(), QLabel()
        numeric(self._n, 120)
        self._n.setRange(10, 10_000)
        self._n.setValue(100)
        self._n.setSingleStep(50)
        self._n.setSuffix(" tunes")
        self._n.setAccessibleName("How many tunes")
        self._n.setToolTip("About nine a second")
        self._compose, self._cancel = QPushButton("Compose and compare"), QPushButton("Cancel")
        self._compose.setDefault(True)
        self._compose.setToolTip("Let the network write so many tunes, and count them")
        self._compose.clicked.connect(lambda: self.compose_asked.emit(self._n.value()))
        self._cancel.setToolTip("Stop; what was compared before stays")
        self._cancel.clicked.connect(lambda checked: self.cancel_asked.emit())
        row = QHBoxLayout()
        row.setSpacing(SPACING)
        row.addWidget(self._said, 1)
        for part in (self._n, self._compose, self._cancel):
            row.addWidget(part)
        self.show_progress(None)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * SPACING, SPACING, 2 * SPACING, 2 * SPACING)
        column.setSpacing(SPACING)
        column.addLayout(row)
        column.addWidget(self.view, 1)
        self.view.clear("Compose some tunes to see how like the corpus they are")
        fit(self, 1040, 720)

    def show_progress(self, progress: Progress | None) -> None:
        """How far the network is; None: it rests."""
        self._said.setText(RESTING if progress is None else
                           f"{progress.message or 'composing'} … {100 * progress.fraction:.0f} %".capitalize())
        self._compose.setEnabled(progress is None)
        self._cancel.setEnabled(progress is not None)

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self.view.set_theme(theme)
        self._said.setStyleSheet(f"color: {theme.muted}")
