"""What of a tune is known: the nearest tunes that the network has learnt from, and passages that one of them has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, Signal
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from gui.theme import DARK, SPACING, Theme
from gui.views.banner import Banner
from gui.views.marks import draw_bar
from gui.views.rows_view import ROW_ROLE, Index, RowsModel, RowsView, Says, TwoLineDelegate

COPIED_NOTES = 8        # a passage of so many is a warning
BAR = 8                 # px, height
BAR_ROOM = 110          # px, of bar and figure
MOST_NEAR = 4           # rows that are shown without scrolling
NOTHING_YET = "Nothing compared yet."
NONE_COPIED = f"No passage of {COPIED_NOTES} notes or more is known."
TAKES = "click to see the known tune"


@dataclass(frozen=True)
class NearRow:
    """A known tune: what names it to the page, title, collection, similarity (0 to 1)."""

    tune: int
    title: str
    source: str
    similarity: float


@dataclass(frozen=True)
class PassageRow:
    """Notes `first` to `last`, counted from 1, that a known tune has, too."""

    tune: int
    title: str
    first: int
    last: int

    @property
    def notes(self) -> int:
        """How many."""
        return self.last - self.first + 1


def _says_near(row: NearRow) -> Says:
    return Says(row.title, row.source, tip=f"{row.similarity:.0%} alike by intervals; {TAKES}")


def _says_passage(row: PassageRow) -> Says:
    return Says(f"Notes {row.first}–{row.last}", row.title, tip=f"{row.notes} notes in a row; {TAKES}")


class NearDelegate(TwoLineDelegate):
    """Two lines, a bar and its figure."""

    def draw(self, painter: QPainter, room: QRect, font: QFont, index: Index) -> None:
        """The row."""
        row: NearRow = index.data(ROW_ROLE)
        super().draw(painter, room.adjusted(0, 0, -BAR_ROOM - SPACING, 0), font, index)
        painter.setFont(self.small(font))
        figure = painter.fontMetrics().horizontalAdvance("100 %") + SPACING
        bar = QRectF(room.right() - BAR_ROOM, room.center().y() - BAR / 2 + 0.5, BAR_ROOM - figure, BAR)
        draw_bar(painter, bar, row.similarity, QColor(self.theme.accent), QColor(self.theme.raised))
        self.text(painter, room, f"{row.similarity * 100:.0f} %", self.theme.text, right=True)


class PassageDelegate(TwoLineDelegate):
    """Two lines, and how long the passage is."""

    def draw(self, painter: QPainter, room: QRect, font: QFont, index: Index) -> None:
        """The row."""
        row: PassageRow = index.data(ROW_ROLE)
        painter.setFont(self.small(font))
        figure = f"{row.notes} notes"
        wide = painter.fontMetrics().horizontalAdvance(figure) + SPACING
        self.text(painter, room, figure, self.theme.muted, right=True)
        super().draw(painter, room.adjusted(0, 0, -wide, 0), font, index)


class NoveltyView(QWidget):
    """Rows of known tunes and passages. A click or Enter asks for the known tune."""

    tune_asked = Signal(int)            # what names the tune
    passage_hovered = Signal(object)    # place among the passages, or None

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = DARK
        self.banner, self._said = Banner(), QLabel(NOTHING_YET)
        self._said.setWordWrap(True)
        self._said.setAccessibleName("What is copied")
        self._headings = [QLabel("Nearest known tunes"), QLabel("Passages they have, too")]
        self.near_rows, self.passage_rows = RowsModel(_says_near), RowsModel(_says_passage)
        self.near = RowsView("Nearest known tunes", self.near_rows, NearDelegate(), take_by_click=True)
        self.passages = RowsView("Known passages", self.passage_rows, PassageDelegate(), take_by_click=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACING, SPACING, SPACING, SPACING)
        column.setSpacing(SPACING)
        for part in (self.banner, self._said, self._headings[0], self.near, self._headings[1], self.passages):
            column.addWidget(part)
        column.addStretch(1)
        column.setStretchFactor(self.passages, 100)
        for view, rows in ((self.near, self.near_rows), (self.passages, self.passage_rows)):
            view.taken.connect(lambda row, rows=rows: self.tune_asked.emit(rows.values[row].tune))
        for hovered in (self.passages.hovered, self.passages.current_changed):
            hovered.connect(lambda row: self.passage_hovered.emit(row if row >= 0 else None))
        self.setAccessibleName("Novelty")
        self.clear(NOTHING_YET)

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self.theme = theme
        for view in (self.banner, self.near, self.passages):
            view.set_theme(theme)
        for label in (*self._headings, self._said):
            label.setStyleSheet(f"color: {theme.muted}")

    def show_novelty(self, near: Sequence[NearRow], passages: Sequence[PassageRow], copied: float) -> None:
        """Show what is near and what is copied: `copied` is the share of notes in such passages, 0 to 1."""
        longest = max(passages, key=lambda row: row.notes, default=None)
        warn = longest is not None and longest.notes >= COPIED_NOTES
        if warn and longest is not None:
            self.banner.words.setText(f"{longest.notes} notes in a row stand in “{longest.title}”, too; "
                                      f"{copied * 100:.0f} % of all notes lie in such passages.")
        self._show(near, passages, "" if warn else NONE_COPIED, warn=warn)

    def clear(self, message: str) -> None:
        """Nothing, and why."""
        self._show((), (), message, warn=False)

    def _show(self, near: Sequence[NearRow], passages: Sequence[PassageRow], words: str, *, warn: bool) -> None:
        self.banner.setVisible(warn)
        self._said.setText(words)
        self._said.setVisible(bool(words))
        for rows, values, view, heading in ((self.near_rows, near, self.near, self._headings[0]),
                                            (self.passage_rows, passages, self.passages, self._headings[1])):
            rows.set_values(values)
            view.setVisible(bool(values))
            heading.setVisible(bool(values))
        shown = min(len(near), MOST_NEAR)
        self.near.setFixedHeight(shown * self.near.sizeHintForRow(0) + 2 * self.near.frameWidth() if shown else 0)
