"""Lists whose rows are values: one is current, Enter takes it, and an empty list says why it is empty."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from gui.theme import DARK, SPACING, Theme, colour, tabular
from gui.views.marks import WARNING, draw_warning
from gui.views.plain_text import as_tip

Index = QModelIndex | QPersistentModelIndex
ROW_ROLE = Qt.ItemDataRole.UserRole
STRIPE = 3            # px, the mark of the current row


@dataclass(frozen=True)
class Says:
    """What a row says: two lines, what is wrong with it (empty: nothing), and what its tooltip adds."""

    title: str
    detail: str
    warning: str = ""
    tip: str = ""

    @property
    def whole(self) -> str:
        """Everything, for tooltips and for who cannot see."""
        return " · ".join(filter(None, (self.title, self.detail, self.warning, self.tip)))


class RowsModel(QAbstractListModel):
    """Values in order; `says` puts one into words."""

    def __init__(self, says: Callable[[Any], Says]) -> None:
        super().__init__()
        self._says, self.values = says, []  # type: Callable[[Any], Says], list[Any]

    def set_values(self, values: Sequence[Any]) -> None:
        """Show these; nothing is current then."""
        self.beginResetModel()
        self.values = list(values)
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        """How many."""
        return 0 if parent is not None and parent.isValid() else len(self.values)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The value, its words."""
        if not index.isValid() or index.row() >= len(self.values):
            return None
        value = self.values[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return self._says(value).title
        if role == Qt.ItemDataRole.ToolTipRole:
            return as_tip(self._says(value).whole)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._says(value).whole
        return value if role == ROW_ROLE else None

    def says(self, index: Index) -> Says:
        """The words of a row."""
        return self._says(self.values[index.row()])


class RowDelegate(QStyledItemDelegate):
    """Draws the ground of a row; what stands on it is the subclass's."""

    def __init__(self) -> None:
        super().__init__()
        self.theme = DARK

    def small(self, font: QFont) -> QFont:
        """The font of what explains."""
        return tabular(font, -1.0)

    def height(self, font: QFont) -> int:
        """Height of a row in pixels."""
        return QFontMetrics(font).height() + 2 * SPACING

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """As wide as there is room."""
        return QSize(40, self.height(option.font))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """The ground, then the row."""
        painter.save()
        state, rect = option.state, QRect(option.rect)
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(self.theme.selection))
            painter.fillRect(rect.x(), rect.y(), STRIPE, rect.height(), QColor(self.theme.accent))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, colour(self.theme.raised, 0.6))
        self.draw(painter, rect.adjusted(STRIPE + SPACING, 0, -SPACING, 0), option.font, index)
        painter.restore()

    def draw(self, painter: QPainter, room: QRect, font: QFont, index: Index) -> None:
        """What stands in the row."""
        raise NotImplementedError

    def text(self, painter: QPainter, room: QRect, text: str, ink: str, *, right: bool = False) -> None:
        """One line of text, elided where it is too long."""
        painter.setPen(QColor(ink))
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, side | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, shown)


class TwoLineDelegate(RowDelegate):
    """A title, what explains it in small below, and a triangle where something is wrong."""

    def height(self, font: QFont) -> int:
        """Two lines and the space around them."""
        return sum(self._heights(font)) + 2 * SPACING

    def _heights(self, font: QFont) -> tuple[int, int]:
        return QFontMetrics(font).height(), QFontMetrics(self.small(font)).height()

    def lines(self, room: QRect, font: QFont) -> tuple[QRect, QRect]:
        """Where title and detail stand."""
        high, low = self._heights(font)
        top = room.y() + (room.height() - high - low) // 2
        return QRect(room.x(), top, room.width(), high), QRect(room.x(), top + high, room.width(), low)

    def draw(self, painter: QPainter, room: QRect, font: QFont, index: Index) -> None:
        """Both lines."""
        model = index.model()
        assert isinstance(model, RowsModel)
        says = model.says(index)
        if says.warning:
            mark = QRectF(room.right() - WARNING, room.y(), WARNING, room.height())
            draw_warning(painter, mark, QColor(self.theme.warning), QColor(self.theme.surface))
            room = room.adjusted(0, 0, -round(WARNING) - SPACING, 0)
        title, detail = self.lines(room, font)
        painter.setFont(font)
        self.text(painter, title, says.title, self.theme.text)
        painter.setFont(self.small(font))
        self.text(painter, detail, says.detail, self.theme.muted)


class RowsView(QListView):
    """Emits the row that the user makes current, and the one that Enter or a double click takes."""

    current_changed = Signal(int)     # -1: none
    taken = Signal(int)
    hovered = Signal(int)             # -1: none

    def __init__(self, name: str, model: RowsModel, delegate: RowDelegate, *, empty: str = "",
                 take_by_click: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._delegate, self._empty, self._quiet, self._over = delegate, empty, False, -1
        self._by_click = take_by_click
        self.setModel(model)
        self.setItemDelegate(delegate)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setFont(tabular(self.font()))
        self.setAccessibleName(name)
        self.selectionModel().currentRowChanged.connect(self._current)
        taking = self.clicked if take_by_click else self.doubleClicked
        taking.connect(lambda index: self.taken.emit(index.row()))
        self.entered.connect(lambda index: self._hover(index.row()))
        self.viewportEntered.connect(lambda: self._hover(-1))

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self._delegate.theme = theme
        self.viewport().update()

    def set_empty(self, words: str) -> None:
        """What an empty list says."""
        self._empty = words
        self.viewport().update()

    @property
    def row(self) -> int:
        """The current row; -1: none."""
        return self.currentIndex().row()

    def show_row(self, row: int) -> None:
        """Make a row current; -1: none. Emits nothing."""
        self._quiet = True
        self.setCurrentIndex(self.model().index(row, 0) if row >= 0 else QModelIndex())
        if row < 0:
            self.clearSelection()
        self._quiet = False

    def _current(self, index: QModelIndex) -> None:
        if not self._quiet:
            self.current_changed.emit(index.row())

    def _hover(self, row: int) -> None:
        if row != self._over:
            self._over = row
            self.hovered.emit(row)

    def leaveEvent(self, event: Any) -> None:
        """The pointer is over no row."""
        super().leaveEvent(event)
        self._hover(-1)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Where a click is enough, the pointer says so."""
        super().mouseMoveEvent(event)
        if self._by_click:
            over = self.indexAt(event.position().toPoint()).isValid()
            self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter takes the current row."""
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and plain and self.row >= 0:
            self.taken.emit(self.row)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The rows, or why there are none."""
        super().paintEvent(event)
        if self.model().rowCount() or not self._empty:
            return
        painter = QPainter(self.viewport())
        painter.setPen(QColor(self._delegate.theme.muted))
        room = self.viewport().rect().adjusted(2 * SPACING, 2 * SPACING, -2 * SPACING, -2 * SPACING)
        painter.drawText(room, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap,
                         self._empty)
        painter.end()
