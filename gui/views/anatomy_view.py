"""Facts of one tune under headings, and where it does what other tunes do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QSizePolicy, QWidget

from gui.theme import DARK, SPACING, Theme, tabular
from gui.views.banner import Triangle
from gui.views.plain_text import as_tip

NOTHING = "Nothing found."
NOTHING_YET = "Write some notes to see what they are made of."


@dataclass(frozen=True)
class FactGroup:
    """A heading, names and values below it, and sentences that are marked because they need a look."""

    title: str
    rows: Sequence[tuple[str, str]] = ()
    notes: Sequence[str] = ()


class AnatomyView(QScrollArea):
    """Groups of facts, one below the other."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = DARK
        self._groups: tuple[FactGroup, ...] | None = None
        self._message = NOTHING_YET
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.viewport().setAutoFillBackground(False)  # the tab's background shows through
        self.setAccessibleName("Anatomy")
        self.clear(NOTHING_YET)

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self.theme = theme
        self._build()

    def show_facts(self, groups: Sequence[FactGroup]) -> None:
        """Show these; the same ones again cost nothing."""
        if self._groups != tuple(groups):
            self._groups = tuple(groups)
            self._build()

    def clear(self, message: str) -> None:
        """No facts, and why."""
        self._groups, self._message = None, message
        self._build()

    def _build(self) -> None:
        place, inside = self.verticalScrollBar().value(), QWidget()
        grid = QGridLayout(inside)
        grid.setContentsMargins(SPACING, SPACING, SPACING, SPACING)
        grid.setHorizontalSpacing(SPACING)
        grid.setVerticalSpacing(SPACING // 2)
        grid.setColumnStretch(2, 1)
        if self._groups is None:
            grid.addWidget(self._label(self._message, self.theme.muted), 0, 0, 1, 3)
        for number, group in enumerate(self._groups or ()):
            if number:
                grid.setRowMinimumHeight(grid.rowCount(), SPACING)
            self._add(grid, group)
        grid.setRowStretch(grid.rowCount(), 1)
        self.setWidget(inside)
        inside.setAutoFillBackground(False)
        self.verticalScrollBar().setValue(place)
        self.setAccessibleDescription(self._spoken())

    def _add(self, grid: QGridLayout, group: FactGroup) -> None:
        grid.addWidget(self._heading(group.title), grid.rowCount(), 0, 1, 3)
        for name, value in group.rows:
            row = grid.rowCount()
            grid.addWidget(self._label(name, self.theme.muted, wrap=False), row, 0, 1, 2, Qt.AlignmentFlag.AlignTop)
            said = self._label(value, self.theme.text)
            said.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
            said.setFont(tabular(self.font()))
            said.setAccessibleName(name)
            grid.addWidget(said, row, 2)
        for note in group.notes:
            row, mark = grid.rowCount(), Triangle()
            mark.theme = self.theme
            mark.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            grid.addWidget(mark, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(self._label(note, self.theme.text), row, 1, 1, 2)
        if not group.rows and not group.notes:
            grid.addWidget(self._label(NOTHING, self.theme.muted), grid.rowCount(), 0, 1, 3)

    def _heading(self, text: str) -> QLabel:
        label = self._label(text, self.theme.text)
        font = QFont(self.font())
        font.setBold(True)
        label.setFont(font)
        return label

    def _label(self, text: str, ink: str, *, wrap: bool = True) -> QLabel:
        label = QLabel(text)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(wrap)
        label.setStyleSheet(f"color: {ink}")
        label.setToolTip(as_tip(text))
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        label.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return label

    def _spoken(self) -> str:
        if self._groups is None:
            return self._message
        return " ".join(f"{group.title}: {'; '.join(_lines(group))}." for group in self._groups)


def _lines(group: FactGroup) -> list[str]:
    return [*(f"{name} {value}" for name, value in group.rows), *group.notes] or [NOTHING.rstrip(".")]
