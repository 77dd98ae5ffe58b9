"""A dialog that compares the tunes a network writes with those it has learnt."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QSpinBox, QVBoxLayout, QWidget

from gui.theme import SPACING, Theme
from gui.views.population_view import PopulationView


class PopulationsDialog(QDialog):
    """Asks for tunes; stays open beside the page."""

    compose_asked = Signal(int)     # tunes

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle("Populations of tunes")
        self.view, self._n, self._said = PopulationView(), QSpinBox(), QLabel()
        self._n.setRange(10, 10_000)
        self._n.setValue(100)
        self._n.setSingleStep(50)
        self._n.setSuffix(" tunes")
        self._n.setAccessibleName("How many tunes")
        self._n.setToolTip("About nine a second")
        self._said.setText("What the network writes beside what it has learnt")
        button = QPushButton("Compose and compare")
        button.setDefault(True)
        button.setToolTip("Let the network write so many tunes, and count them")
        button.clicked.connect(lambda: self.compose_asked.emit(self._n.value()))
        row = QHBoxLayout()
        row.addWidget(self._said, 1)
        row.addWidget(self._n)
        row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * SPACING, SPACING, 2 * SPACING, 2 * SPACING)
        column.setSpacing(SPACING)
        column.addLayout(row)
        column.addWidget(self.view, 1)
        self.view.clear("Compose some tunes to see how like the corpus they are")
        self.resize(1040, 720)

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self.view.set_theme(theme)
        self._said.setStyleSheet(f"color: {theme.muted}")
