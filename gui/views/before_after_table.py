"""Files by systems: what each says before and after; a cell opens its file and plays it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QBrush, QColor, QFont, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidgetItem, QWidget

from gui.theme import DARK, Theme
from gui.views.dense_table import DenseTable

RIGHT, WRONG, FLIPPED = "✓", "✗", "⚠"


@dataclass(frozen=True)
class Cell:
    """What a system says before and after; whether the class is known, and each is right."""

    before: str
    after: str
    right_before: bool | None = None
    right_after: bool | None = None

    @property
    def flipped(self) -> bool:
        """Whether the decision changed."""
        return self.before != self.after

    @property
    def text(self) -> str:
        """Told by signs as well as by colour."""
        first = self.before + _sign(self.right_before)
        return f"{first} → {self.after}{_sign(self.right_after)}" if self.flipped else first


@dataclass(frozen=True)
class FileRow:
    """A file with its class (or none), what can be heard of the change, and a cell for each system."""

    file: str
    label: str
    audible: str
    cells: tuple[Cell, ...]
    tip: str = ""


class BeforeAfterTable(DenseTable):
    """Rows are files, the columns after the first three are systems."""

    chosen = Signal(int, bool)       # row; whether it is the sound through the bench that is wanted

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.theme = DARK
        self._rows: list[FileRow] = []
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.horizontalHeader().setHighlightSections(False)
        self.setStyleSheet("QTableView::item { padding: 0 8px; }")  # as in the headers
        self.cellClicked.connect(lambda row, column: self.chosen.emit(row, column > 1))
        self.setAccessibleName("Files before and after")

    @property
    def rows(self) -> list[FileRow]:
        """What is shown."""
        return list(self._rows)

    def set_rows(self, systems: Sequence[str], rows: Sequence[FileRow]) -> None:
        """Show these."""
        self._rows = list(rows)
        self.setColumnCount(3 + len(systems))
        self.setHorizontalHeaderLabels(["file", "class", "heard", *systems])
        self.setRowCount(len(self._rows))
        for place, row in enumerate(self._rows):
            for column, text in enumerate((row.file, row.label, row.audible, *(cell.text for cell in row.cells))):
                item = QTableWidgetItem(text)
                item.setToolTip(f"{text}\n{row.tip}\nClick: open the file and play it")
                self.setItem(place, column, item)
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        turned = sum(cell.flipped for row in self._rows for cell in row.cells)
        self.setAccessibleDescription(f"{len(self._rows)} files, {len(systems)} systems, {turned} decisions changed")
        self._colour()

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self.theme = theme
        self._colour()

    def _colour(self) -> None:
        bold = QFont(self.font())
        bold.setBold(True)
        for place, row in enumerate(self._rows):
            for column in range(self.columnCount()):
                item = self.item(place, column)
                cell = row.cells[column - 3] if column > 2 else None
                flipped = cell is not None and cell.flipped
                muted = column in (1, 2) or (cell is not None and not flipped)
                if item is None:
                    continue
                item.setFont(bold if flipped else self.font())
                item.setForeground(QBrush(QColor(self.theme.warning if flipped else
                                                 self.theme.muted if muted else self.theme.text)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter chooses."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers() and self.currentRow() >= 0:
            self.chosen.emit(self.currentRow(), self.currentColumn() > 1)
        else:
            super().keyPressEvent(event)


def _sign(right: bool | None) -> str:
    return "" if right is None else f" {RIGHT if right else WRONG}"
