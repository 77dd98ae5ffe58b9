"""The list of what can be written here: opens beside the cursor, never takes the keyboard from the text."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from gui.theme import SPACING, Theme, colour
from gui.views.abc_offers import Offer

MOST_ROWS = 8
STEPS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: MOST_ROWS, Qt.Key.Key_PageUp: -MOST_ROWS}
ACCEPT = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)
MEANING = Qt.ItemDataRole.UserRole


class OfferList(QListWidget):
    """Offers and their meanings; the editor passes on the keys that are for it."""

    chosen = Signal(str)  # the text of an offer

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Completions")
        self.setToolTip("Enter writes the marked one, Esc closes the list")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUniformItemSizes(True)
        self.setItemDelegate(_Row(self))
        self.itemClicked.connect(self._choose)
        self.typed = ""
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        made = self.palette()
        for role, name in ((QPalette.ColorRole.Base, theme.raised), (QPalette.ColorRole.Text, theme.text),
                           (QPalette.ColorRole.PlaceholderText, theme.muted),
                           (QPalette.ColorRole.Highlight, theme.selection)):
            made.setColor(role, colour(name))
        self.setPalette(made)
        self.setStyleSheet(f"QListWidget {{ background: {theme.raised}; border: 1px solid {theme.grid}; }}")

    def offer(self, found: tuple[Offer, ...], typed: str, beside: QRect, room: QRect) -> None:
        """Open with these, below the rectangle `beside` or above it, inside `room`; close where there are none.

        The first is marked once something is typed, so that Enter still breaks the line at an empty place.
        """
        self.typed = typed
        if not found:
            self.hide()
            return
        self.clear()
        for offer in found:
            item = QListWidgetItem(offer.text, self)
            item.setData(MEANING, offer.meaning)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, " ".join(filter(None, (offer.text, offer.meaning))))
        self.setCurrentRow(0 if typed.strip("!") else -1)
        self._place(beside, room)
        self.show()
        self.raise_()

    def takes(self, key: int) -> bool:
        """Do what a key asks of the list, if it does; the marked offer is taken by Enter unless it is there already."""
        item = self.currentItem()
        if key == Qt.Key.Key_Escape:
            self.hide()
            return True
        if key in ACCEPT:
            self.hide()
            if item is None or item.text() == self.typed:
                return False
            self._choose(item)
            return True
        if (step := STEPS.get(Qt.Key(key))) is not None:
            row = self.currentRow() + step
            self.setCurrentRow(min(max(row, 0), self.count() - 1))
            return True
        return False

    def _choose(self, item: QListWidgetItem) -> None:
        self.hide()
        self.chosen.emit(item.text())

    def _place(self, beside: QRect, room: QRect) -> None:
        row = self.sizeHintForRow(0)
        border = 2 * self.frameWidth()
        width = self.sizeHintForColumn(0) + border + (self.verticalScrollBar().sizeHint().width()
                                                       if self.count() > MOST_ROWS else 0)
        below, above = room.bottom() - beside.bottom(), beside.top() - room.top()
        wanted = min(self.count(), MOST_ROWS) * row + border
        under = below >= min(wanted, above)
        height = max(min(wanted, below if under else above), row + border)
        left = max(room.left(), min(beside.left() - SPACING, room.right() - width))
        top = beside.bottom() + 2 if under else beside.top() - height - 2
        self.setGeometry(left, top, min(width, room.width()), height)


class _Row(QStyledItemDelegate):
    """What is written, and quietly on the right what it means."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Both texts and some air."""
        metrics = option.fontMetrics
        texts = f"{index.data()}{index.data(MEANING)}"
        return QSize(metrics.horizontalAdvance(texts) + 6 * SPACING, metrics.height() + SPACING)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem,
              index: QModelIndex | QPersistentModelIndex) -> None:
        """Draw a row."""
        rect, palette = option.rect, option.palette
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, palette.color(QPalette.ColorRole.Highlight))
            painter.fillRect(QRect(rect.left(), rect.top(), 2, rect.height()),
                             palette.color(QPalette.ColorRole.PlaceholderText))
        inner = rect.adjusted(SPACING, 0, -SPACING, 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(option.font)
        painter.setPen(palette.color(QPalette.ColorRole.Text))
        painter.drawText(inner, middle | Qt.AlignmentFlag.AlignLeft, index.data())
        painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
        painter.drawText(inner, middle | Qt.AlignmentFlag.AlignRight, index.data(MEANING))
        painter.restore()
