"""The tunes of a book as rows: found by a part of their title, renamed in place, dragged to another place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QByteArray, QMimeData, QModelIndex, QRect, Qt, Signal
from PySide6.QtWidgets import QLineEdit, QStyleOptionViewItem, QWidget

from gui.views.plain_text import counted
from gui.views.rows_view import STRIPE, Index, RowsModel, Says, TwoLineDelegate

DRAGGED = "application/x-otoscope-tune"


@dataclass(frozen=True)
class TuneEntry:
    """A tune of the book: `key` names it for ever, `detail` is such as `6/8 · Edor · 32 bars`."""

    key: int
    title: str
    detail: str
    problems: int = 0


def _says(entry: TuneEntry) -> Says:
    wrong = counted(entry.problems, "problem") if entry.problems else ""
    return Says(entry.title or "Untitled", entry.detail, wrong)


class TuneRows(RowsModel):
    """All tunes, or those with a text in their title. It changes nothing itself: it says what was wished for."""

    renamed = Signal(int, str)     # key, title
    moved = Signal(int, int)       # key, place among all tunes once it is out of its old one

    def __init__(self) -> None:
        super().__init__(_says)
        self.entries: list[TuneEntry] = []
        self._wanted = ""

    def set_entries(self, entries: Sequence[TuneEntry]) -> None:
        """Show these. Where the tunes are the same with other words, an open editor stays open."""
        same = [entry.key for entry in entries] == [entry.key for entry in self.entries] and not self._wanted
        self.entries = list(entries)
        if not same:
            self._filter()
        elif entries:
            self.values = list(entries)
            self.dataChanged.emit(self.index(0), self.index(len(entries) - 1))

    def set_wanted(self, text: str) -> None:
        """Show the tunes with this text in their title, in any case."""
        self._wanted = text.strip().casefold()
        self._filter()

    def _filter(self) -> None:
        self.set_values([entry for entry in self.entries if self._wanted in entry.title.casefold()])

    def row_of(self, key: int | None) -> int:
        """Where a tune is shown; -1: nowhere."""
        return next((row for row, entry in enumerate(self.values) if entry.key == key), -1)

    def move(self, row: int, place: int) -> None:
        """Wish for a row to stand at another place. Among some of the tunes there is none."""
        if len(self.values) == len(self.entries) and row != place and 0 <= place < len(self.entries):
            self.moved.emit(self.entries[row].key, place)

    # what a view asks for

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Rows are edited and dragged; what is dragged is dropped between rows."""
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled
        whole = Qt.ItemFlag.ItemIsDragEnabled if not self._wanted else Qt.ItemFlag.NoItemFlags
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable | whole | Qt.ItemFlag.ItemNeverHasChildren

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Wish for another title."""
        title = " ".join(str(value).split())
        if role != Qt.ItemDataRole.EditRole or not title or title == self.values[index.row()].title:
            return False
        self.renamed.emit(self.values[index.row()].key, title)
        return True

    def supportedDropActions(self) -> Qt.DropAction:
        """Moving only."""
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        """Tunes of this book, nothing from outside."""
        return [DRAGGED]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """The key of what is dragged."""
        data = QMimeData()
        data.setData(DRAGGED, QByteArray(str(self.values[indexes[0].row()].key).encode()))
        return data

    def dropMimeData(self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index) -> bool:
        """Wish for the dragged tune to stand before a row (-1: last). The view shall not move it itself: False."""
        start = self.row_of(int(bytes(data.data(DRAGGED).data()).decode()))
        before = len(self.entries) if row < 0 else row
        if start >= 0:
            self.move(start, before - (before > start))
        return False


class TuneDelegate(TwoLineDelegate):
    """The title is edited where it stands."""

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """A field for the title."""
        editor = QLineEdit(parent)
        editor.setAccessibleName("Title")
        editor.setStyleSheet("padding: 0 4px; min-height: 0; border-radius: 0")
        return editor

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        """Over the title."""
        title, _ = self.lines(option.rect, option.font)
        editor.setGeometry(QRect(title.x() + STRIPE, title.y() - 4, title.width() - 2 * STRIPE, title.height() + 6))
