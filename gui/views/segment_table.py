"""The segments of an explanation as a table: where they are, what they weigh, whether they are hidden."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QStyledItemDelegate, QStyleOptionViewItem, QTableView, QWidget

from engine.explain.explanation import Explanation
from gui.theme import DARK, SPACING, Theme, tabular
from gui.views.frequency_axis import hz_text
from gui.views.plain_text import with_minus

Index = QModelIndex | QPersistentModelIndex
COLUMNS = ("#", "seconds", "Hz", "weight", "±", "hide")
ROOM_FOR_ERROR = 440  # px
RANKS = "❶❷❸❹❺❻❼❽❾❿"
NUMBER, SECONDS, HZ, WEIGHT, ERROR, HIDDEN = range(6)
SORT_ROLE = Qt.ItemDataRole.UserRole
TIPS = ("Number of the segment, and its rank where it is one of the largest", "From – to, in the song",
        "Lowest and highest frequency", "How much the segment speaks for (+) or against (−) the target",
        "Standard error; exact methods have none", "Hidden from the model: click, Enter or H (Space plays)")


class SegmentModel(QAbstractTableModel):
    """Rows are segments in order of index."""

    hide_toggled = Signal(int, bool)

    def __init__(self) -> None:
        super().__init__()
        self._explanation: Explanation | None = None
        self._offset, self._low, self._high = 0.0, 0.0, 1.0
        self._ranks: dict[int, int] = {}
        self._hidden: set[int] = set()

    def set_explanation(self, explanation: Explanation | None, start: float, k: int) -> None:
        """Show another explanation; `start` of the excerpt in seconds."""
        self.beginResetModel()
        self._explanation, self._offset = explanation, start
        if explanation is not None:
            self._ranks = {index: rank for rank, index in enumerate(explanation.top(k), 1)}
            self._low = min(0.0, float(explanation.weights.min(initial=0.0)))
            self._high = max(self._low + 1e-12, float(explanation.weights.max(initial=0.0)))
        self.endResetModel()

    def set_hidden(self, indices: Collection[int]) -> None:
        """Which segments are hidden. Emits nothing."""
        self._hidden = set(indices)
        if self.rowCount():
            self.dataChanged.emit(self.index(0, HIDDEN), self.index(self.rowCount() - 1, HIDDEN))

    def rowCount(self, parent: Index | None = None) -> int:
        """Segments."""
        return len(self._explanation.segmentation) if self._explanation and not (parent and parent.isValid()) else 0

    def columnCount(self, parent: Index | None = None) -> int:
        """Columns."""
        return len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Names and tips of columns."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignCenter if section == WEIGHT else self._alignment(section)
        return {Qt.ItemDataRole.DisplayRole: COLUMNS, Qt.ItemDataRole.ToolTipRole: TIPS}.get(
            Qt.ItemDataRole(role), (None,) * len(COLUMNS))[section]

    @staticmethod
    def _alignment(column: int) -> Qt.AlignmentFlag:
        side = Qt.AlignmentFlag.AlignLeft if column in (NUMBER, SECONDS, HIDDEN) else Qt.AlignmentFlag.AlignRight
        return side | Qt.AlignmentFlag.AlignVCenter

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Hidden can be checked."""
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsUserCheckable if index.column() == HIDDEN else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text, sort value, check state."""
        if self._explanation is None or not index.isValid():
            return None
        row, column = index.row(), index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(row, column)
        if role == SORT_ROLE:
            return self._value(row, column)
        if role == Qt.ItemDataRole.CheckStateRole and column == HIDDEN:
            return Qt.CheckState.Checked if row in self._hidden else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._alignment(column)
        return None

    def _value(self, row: int, column: int) -> float:
        assert self._explanation is not None
        segment, errors = self._explanation.segmentation.segments[row], self._explanation.stderr
        error = float(errors[row]) if errors is not None else 0.0
        return (row, segment.start, segment.fmin, float(self._explanation.weights[row]), error,
                float(row in self._hidden))[column]

    def _text(self, row: int, column: int) -> str:
        assert self._explanation is not None
        segment, rank = self._explanation.segmentation.segments[row], self._ranks.get(row)
        start, end = self._offset + segment.start, self._offset + segment.end
        error = "" if self._explanation.stderr is None else f"{self._value(row, ERROR):.4f}"
        mark = RANKS[rank - 1] if rank and rank <= len(RANKS) else ""
        return (f"{row} {mark}", f"{start:.2f}–{end:.2f}",
                f"{hz_text(round(segment.fmin))}–{hz_text(round(segment.fmax))}",
                with_minus(f"{self._value(row, WEIGHT):+.4f}"), error, "")[column]

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Hide or show a segment."""
        if index.column() != HIDDEN or role != Qt.ItemDataRole.CheckStateRole:
            return False
        hide = Qt.CheckState(value) == Qt.CheckState.Checked
        (self._hidden.add if hide else self._hidden.discard)(index.row())
        self.dataChanged.emit(index, index)
        self.hide_toggled.emit(index.row(), hide)
        return True

    def places(self, row: int) -> tuple[float, float, float]:
        """Of no weight, of this weight, and half the whisker, as shares of the range of all weights."""
        span = self._high - self._low
        zero, weight = -self._low / span, (self._value(row, WEIGHT) - self._low) / span
        return zero, weight, self._value(row, ERROR) / span


class WeightDelegate(QStyledItemDelegate):
    """A signed bar from the line of no weight with a whisker for the standard error, and the figure."""

    theme = DARK

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """The bar on the left half of the cell, the figure on the right."""
        model = index.model()
        assert isinstance(model, QSortFilterProxyModel)
        source = model.sourceModel()
        assert isinstance(source, SegmentModel)
        super().paint(painter, option, index)
        zero, weight, error = source.places(model.mapToSource(index).row())
        figure = option.fontMetrics.horizontalAdvance("+0.0000") + 2 * SPACING
        room: QRectF = QRectF(option.rect).adjusted(SPACING, 6, -figure, -6)
        if room.width() < 12:
            return
        middle = room.left() + zero * room.width()
        bar = QRectF(room.left() + min(zero, weight) * room.width(), room.top(), abs(weight - zero) * room.width(),
                     room.height())
        painter.fillRect(bar, QColor(self.theme.positive if weight > zero else self.theme.negative))
        if error:
            painter.fillRect(QRectF(room.left() + (weight - error) * room.width(), room.center().y() - 0.5,
                                    2 * error * room.width(), 1), QColor(self.theme.text))
        painter.fillRect(QRectF(middle - 0.5, room.top() - 3, 1, room.height() + 6), QColor(self.theme.muted))


class SegmentTable(QTableView):
    """Sortable; Enter hides and shows the selected segment (Space belongs to the player everywhere)."""

    hide_toggled = Signal(int, bool)
    selected = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sampled = False
        self._segments, self._order, self._delegate = SegmentModel(), QSortFilterProxyModel(), WeightDelegate()
        self._order.setSourceModel(self._segments)
        self._order.setSortRole(SORT_ROLE)
        self.setModel(self._order)
        self.setItemDelegateForColumn(WEIGHT, self._delegate)
        self.setSortingEnabled(True)
        self.sortByColumn(NUMBER, Qt.SortOrder.AscendingOrder)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(24)
        self.setFont(tabular(self.font(), -1.0))
        self._lay_out_columns()
        self._segments.hide_toggled.connect(self.hide_toggled)
        self.selectionModel().currentRowChanged.connect(self._current)
        self.setAccessibleName("Segments")
        self.setAccessibleDescription("Segments of the explanation with their weights; Enter or H hides one")

    def _lay_out_columns(self) -> None:
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(24)
        for column, widest in ((NUMBER, "60 ❶"), (HZ, "0000–0000"), (ERROR, "0.0000"),
                               (HIDDEN, "hide")):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            header.resizeSection(column, self.fontMetrics().horizontalAdvance(widest) + 3 * SPACING)
        header.setSectionResizeMode(WEIGHT, QHeaderView.ResizeMode.Stretch)

    def set_theme(self, theme: Theme) -> None:
        """Colours of the bars."""
        self._delegate.theme = theme
        self.viewport().update()

    def set_explanation(self, explanation: Explanation | None, start: float = 0.0, *, k: int = 3) -> None:
        """Show the segments of an explanation; `start` of its excerpt in seconds."""
        current = self.current_segment()
        self._segments.set_explanation(explanation, start, k)
        self._sampled = explanation is not None and explanation.stderr is not None
        self._fit()
        heights = {(s.fmin, s.fmax) for s in explanation.segmentation.segments} if explanation else set()
        self.setColumnHidden(HZ, len(heights) == 1)
        if current is not None and current < self._segments.rowCount():
            self.select_segment(current)

    def _fit(self) -> None:
        """Where it is narrow, the whisker on the bar is all that tells of the error."""
        self.setColumnHidden(ERROR, not self._sampled or self.width() < ROOM_FOR_ERROR)
        last = self._segments.index(self._segments.rowCount() - 1, SECONDS).data() or "seconds"
        self.horizontalHeader().resizeSection(SECONDS, self.fontMetrics().horizontalAdvance(last) + 2 * SPACING)

    def resizeEvent(self, ev: QResizeEvent) -> None:
        """Another width has room for other columns."""
        super().resizeEvent(ev)
        self._fit()

    def set_hidden(self, indices: Collection[int]) -> None:
        """Which segments are hidden. Emits nothing."""
        self._segments.set_hidden(indices)

    def current_segment(self) -> int | None:
        """Index of the selected segment."""
        index = self._order.mapToSource(self.currentIndex())
        return index.row() if index.isValid() else None

    def select_segment(self, segment: int) -> None:
        """Select a segment by its index."""
        self.selectRow(self._order.mapFromSource(self._segments.index(segment, 0)).row())

    def keyPressEvent(self, ev: QKeyEvent) -> None:
        """Enter toggles whichever cell of the row is current."""
        segment = self.current_segment()
        if ev.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter) or segment is None:
            super().keyPressEvent(ev)
            return
        cell = self._segments.index(segment, HIDDEN)
        shown = self._segments.data(cell, Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Unchecked
        self._segments.setData(cell, Qt.CheckState.Checked if shown else Qt.CheckState.Unchecked,
                               Qt.ItemDataRole.CheckStateRole)

    def _current(self, index: QModelIndex) -> None:
        if index.isValid():
            self.selected.emit(self._order.mapToSource(index).row())
