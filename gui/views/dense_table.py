"""A table of many rows in small print, of which one is chosen."""

from __future__ import annotations

from PySide6.QtWidgets import QTableWidget, QWidget

from gui.theme import tabular

ROW = 25     # px


class DenseTable(QTableWidget):
    """Nothing in it is edited, and Tab leaves it."""

    def __init__(self, rows: int = 0, columns: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(rows, columns, parent)
        self.setFont(tabular(self.font(), -1.0))
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setWordWrap(False)
        self.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QTableWidget.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
