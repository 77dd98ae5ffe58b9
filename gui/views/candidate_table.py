"""What was suggested, the best first: how likely, how well-formed, and how much of it is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from gui.theme import DARK, SPACING, Theme
from gui.views.dense_table import ROW, DenseTable
from gui.views.marks import WARNING, draw_warning
from gui.views.plain_text import with_minus
from gui.views.rows_view import Index

COLUMNS = {
    "#": "Rank by likelihood, less for odd bars and for what is copied",
    "begins": "How the suggestion begins",
    "nats/token": "Mean natural log-probability of its tokens under the model: nearer to 0 is likelier",
    "bars": "Bars that keep to the metre, of all of them",
    "known %": "Share of its notes in passages that the model has learnt from",
}
NUMBER, BEGINS, LIKELY, BARS, KNOWN = range(5)
COPIED = "a passage of 8 notes or more stands in a known tune"
LEAST_ROWS = 3         # that are always in sight
ROOM_FOR_TITLES = 330  # px
NONE_YET = "Nothing suggested yet"


@dataclass(frozen=True)
class CandidateRow:
    """A suggestion: its first tokens, nats per token, `valid/bars`, per cent known, and whether it copies a passage."""

    text_start: str
    per_token: float
    bars_valid: str
    novelty: str
    copied: bool = False


class CopiedDelegate(QStyledItemDelegate):
    """A triangle before the figure where a passage is copied."""

    theme = DARK

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """The figure, the triangle."""
        super().paint(painter, option, index)
        if index.data(Qt.ItemDataRole.UserRole):
            rect = QRectF(option.rect)
            draw_warning(painter, QRectF(rect.left() + SPACING / 2, rect.top(), WARNING, rect.height()),
                         QColor(self.theme.warning), QColor(self.theme.surface))


class CandidateTable(DenseTable):
    """Emits which suggestion is looked at, and which is taken by Enter or a double click."""

    chosen = Signal(int)
    taken = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, len(COLUMNS), parent)
        self.theme, self._quiet = DARK, False
        self._delegate = CopiedDelegate()
        self.setItemDelegateForColumn(KNOWN, self._delegate)
        self.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setStyleSheet("QTableView::item { padding: 0 4px; } QHeaderView::section { padding: 0 7px; }"
                           "QHeaderView { border: none; }")
        self._head()
        self.currentCellChanged.connect(lambda row, *rest: None if self._quiet or row < 0 else self.chosen.emit(row))
        self.doubleClicked.connect(lambda index: self.taken.emit(index.row()))
        self.setAccessibleName("Suggestions")
        self.setAccessibleDescription("The best first; Enter accepts one")

    def sizeHint(self) -> QSize:
        """The title and a few suggestions: what is above goes first where there is little room."""
        return QSize(280, (LEAST_ROWS + 1) * ROW + 2)

    def minimumSizeHint(self) -> QSize:
        """No less than that."""
        return self.sizeHint()

    def _head(self) -> None:
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(20)
        header.setFont(self.font())
        header.setFixedHeight(ROW)
        for column, (title, tip) in enumerate(COLUMNS.items()):
            item = QTableWidgetItem(title)
            item.setToolTip(tip)
            item.setTextAlignment(_side(column))
            self.setHorizontalHeaderItem(column, item)
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
        self._fit()
        header.setSectionResizeMode(BEGINS, QHeaderView.ResizeMode.Stretch)

    def _fit(self) -> None:
        """Where it is narrow, how a suggestion begins needs the room of a long title."""
        likely = "nats/token" if self.width() >= ROOM_FOR_TITLES else "nats"
        self.model().setHeaderData(LIKELY, Qt.Orientation.Horizontal, likely)
        for column, widest in ((NUMBER, "0"), (LIKELY, max(likely, "−0.00", key=len)), (BARS, "00/00"),
                               (KNOWN, "known %")):
            self.setColumnWidth(column, self.fontMetrics().horizontalAdvance(widest) + 2 * SPACING)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width has room for other titles."""
        super().resizeEvent(event)
        self._fit()

    def set_theme(self, theme: Theme) -> None:
        """Colours of the marks."""
        self.theme = self._delegate.theme = theme
        self.viewport().update()

    def show_candidates(self, rows: Sequence[CandidateRow]) -> None:
        """Show these; the row that was looked at stays so if there is one. Emits nothing."""
        looked_at, self._quiet = self.currentRow(), True
        self.setRowCount(len(rows))
        for place, row in enumerate(rows):
            for column, item in enumerate(_items(place, row)):
                self.setItem(place, column, item)
        self._quiet = False
        self.show_chosen(looked_at if looked_at < len(rows) else -1)

    def show_chosen(self, row: int) -> None:
        """Which suggestion is looked at; -1: none. Emits nothing."""
        self._quiet = True
        self.setCurrentCell(row, BEGINS if row >= 0 else -1)
        if row < 0:
            self.clearSelection()
        self._quiet = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter takes."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers() and self.currentRow() >= 0:
            self.taken.emit(self.currentRow())
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The rows, or that there are none."""
        super().paintEvent(event)
        if not self.rowCount():
            painter = QPainter(self.viewport())
            painter.setPen(QColor(self.theme.muted))
            painter.drawText(self.viewport().rect(), Qt.AlignmentFlag.AlignCenter, NONE_YET)
            painter.end()


def _items(place: int, row: CandidateRow) -> list[QTableWidgetItem]:
    words = COPIED if row.copied else ""
    likely = with_minus(f"{row.per_token:.2f}")
    made = [QTableWidgetItem(text)
            for text in (str(place + 1), row.text_start, likely, row.bars_valid, row.novelty)]
    for column, item in enumerate(made):
        item.setTextAlignment(_side(column))
        item.setToolTip(" · ".join(filter(None, (row.text_start, words))))
    made[KNOWN].setData(Qt.ItemDataRole.UserRole, row.copied)
    made[KNOWN].setData(Qt.ItemDataRole.AccessibleTextRole, ", ".join(filter(None, (row.novelty, words))))
    return made


def _side(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignLeft if column == BEGINS else Qt.AlignmentFlag.AlignRight
    return side | Qt.AlignmentFlag.AlignVCenter
