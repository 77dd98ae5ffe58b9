"""The history of a tune: what it was before, to be looked at beside what it is, and to be brought back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from gui.theme import SPACING, Theme
from gui.views.plain_text import counted
from gui.views.rows_view import RowsModel, RowsView, Says, TwoLineDelegate
from gui.views.wish_fields import named

NONE_YET = "No variants yet. They are kept where a suggestion is accepted, and where you keep one."


@dataclass(frozen=True)
class VariantEntry:
    """A tune as it was: `what` made it so, `time_text` says when, `bars` how long it was."""

    key: int
    time_text: str
    what: str
    bars: int


def _says(entry: VariantEntry) -> Says:
    return Says(entry.what, f"{entry.time_text} · {counted(entry.bars, 'bar')}")


class VariantList(QWidget):
    """Variants as they are given, newest first. Enter, a double click or the button bring one back."""

    restore_asked = Signal(int)     # key
    keep_asked = Signal()
    compared = Signal(object)       # key of the one that is looked at, or None

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = RowsModel(_says)
        self.view = RowsView("Variants", self.rows, TwoLineDelegate(), empty=NONE_YET)
        self.view.setAccessibleDescription("Variants of the tune, newest first; Enter brings one back")
        self.keep, self.restore = QPushButton("Keep this variant"), QPushButton("Restore")
        named(self.keep, "Keep this variant", "Keep the tune as it is now, to come back to it")
        named(self.restore, "Restore", "Make the chosen variant the tune again; can be undone")
        column, row = QVBoxLayout(self), QHBoxLayout()
        column.setContentsMargins(SPACING, SPACING, SPACING, SPACING)
        column.setSpacing(SPACING)
        row.setSpacing(SPACING)
        row.addWidget(self.keep, 3)
        row.addWidget(self.restore, 2)
        column.addWidget(self.view, 1)
        column.addLayout(row)
        self.keep.clicked.connect(lambda checked: self.keep_asked.emit())
        self.restore.clicked.connect(lambda checked: self._restore(self.view.row))
        self.view.taken.connect(self._restore)
        self.view.current_changed.connect(self._look)
        self.setAccessibleName("Variants")
        self.show_variants(())

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self.view.set_theme(theme)

    def show_variants(self, entries: Sequence[VariantEntry]) -> None:
        """Show these; the one that was looked at stays so if it is still there. Emits nothing otherwise."""
        key = self.rows.values[self.view.row].key if self.view.row >= 0 else None
        self.rows.set_values(entries)
        row = next((place for place, entry in enumerate(entries) if entry.key == key), -1)
        self.view.show_row(row)
        self.restore.setEnabled(row >= 0)
        if key is not None and row < 0:
            self.compared.emit(None)

    def _look(self, row: int) -> None:
        self.restore.setEnabled(row >= 0)
        self.compared.emit(self.rows.values[row].key if row >= 0 else None)

    def _restore(self, row: int) -> None:
        if row >= 0:
            self.restore_asked.emit(self.rows.values[row].key)
