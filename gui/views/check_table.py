"""A small table whose rows end in a tick or a cross: told by shape, by colour and in the accessible text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import (
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from gui.theme import DARK, SPACING, Theme
from gui.views.dense_table import ROW, DenseTable
from gui.views.first_column import FirstColumn

MARK_ROLE = Qt.ItemDataRole.UserRole
MARK = 11.0  # px


@dataclass(frozen=True)
class Row:
    """Texts of the columns, the mark (None: not known yet), and what the tooltip says."""

    texts: tuple[str, ...]
    mark: bool | None = None
    tip: str = ""


class MarkDelegate(QStyledItemDelegate):
    """Draws the mark: a tick on a disc, an open cross, or a dot."""

    theme = DARK

    def sizeHint(self, option: QStyleOptionViewItem, index: object) -> QSize:
        """Room for the mark."""
        return QSize(round(MARK) + 3 * SPACING, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: object) -> None:
        """The mark in the middle of the cell."""
        super().paint(painter, option, index)  # type: ignore[arg-type]
        mark = index.data(MARK_ROLE)  # type: ignore[attr-defined]
        middle = QRectF(option.rect).center()
        box = QRectF(middle.x() - MARK / 2, middle.y() - MARK / 2, MARK, MARK)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if mark is None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self.theme.muted))
            painter.drawEllipse(middle, 1.5, 1.5)
        elif mark:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self.theme.accent))
            painter.drawEllipse(box.adjusted(-2, -2, 2, 2))
            painter.setPen(QPen(QColor(self.theme.on_accent), 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap,
                                Qt.PenJoinStyle.RoundJoin))
            painter.drawPolyline(QPolygonF([box.topLeft() + QPointF(1.5, 6), box.topLeft() + QPointF(4.5, 9),
                                            box.topLeft() + QPointF(9.5, 2.5)]))
        else:
            painter.setPen(QPen(QColor(self.theme.positive), 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawLine(box.topLeft() + QPointF(1, 1), box.bottomRight() - QPointF(1, 1))
            painter.drawLine(box.topRight() + QPointF(-1, 1), box.bottomLeft() + QPointF(1, -1))
        painter.restore()


class CheckTable(DenseTable):
    """Columns of text and a last one of marks. Enter or a double click choose a row."""

    chosen = Signal(int)

    def __init__(self, name: str, columns: Sequence[str], *, mark: str, yes: str, no: str,
                 parent: QWidget | None = None) -> None:
        super().__init__(0, len(columns) + 1, parent)
        self._yes, self._no, self._rows = yes, no, []  # type: tuple[str, str, list[Row]]
        self._delegate = MarkDelegate()
        self.setItemDelegateForColumn(len(columns), self._delegate)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(24)
        FirstColumn(header)
        for column in range(len(columns) + 1):
            left = Qt.AlignmentFlag.AlignLeft if column == 0 else Qt.AlignmentFlag.AlignRight
            title = QTableWidgetItem([*columns, mark][column])
            title.setTextAlignment(
                Qt.AlignmentFlag.AlignCenter if column == len(columns) else left | Qt.AlignmentFlag.AlignVCenter)
            self.setHorizontalHeaderItem(column, title)
        self.doubleClicked.connect(lambda index: self.chosen.emit(index.row()))
        self.setStyleSheet("QTableView::item { padding: 0 8px; }")  # as in the headers
        self.setAccessibleName(name)

    def set_theme(self, theme: Theme) -> None:
        """Colours of the marks."""
        self._delegate.theme = theme
        self.viewport().update()

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show these; the selected row stays selected."""
        self._rows, selected = list(rows), self.currentRow()
        self.setRowCount(len(self._rows))
        for place, row in enumerate(self._rows):
            for column, text in enumerate(row.texts):
                self.setItem(place, column, self._item(text, row, right=column > 0))
            last = self._item("", row, right=False)
            last.setData(MARK_ROLE, row.mark)
            last.setData(Qt.ItemDataRole.AccessibleTextRole, self._word(row.mark))
            self.setItem(place, len(row.texts), last)
        if 0 <= selected < len(self._rows):
            self.selectRow(selected)
        yes = sum(row.mark is True for row in self._rows)
        self.setAccessibleDescription(f"{yes} of {len(self._rows)}: {self._yes}")

    def _word(self, mark: bool | None) -> str:
        return "not known yet" if mark is None else self._yes if mark else self._no

    def _item(self, text: str, row: Row, *, right: bool) -> QTableWidgetItem:
        item = QTableWidgetItem(text)
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
        item.setToolTip(" · ".join(filter(None, [row.tip, self._word(row.mark)])))
        return item

    @property
    def rows(self) -> list[Row]:
        """What is shown."""
        return list(self._rows)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter chooses."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers() and self.currentRow() >= 0:
            self.chosen.emit(self.currentRow())
        else:
            super().keyPressEvent(event)
