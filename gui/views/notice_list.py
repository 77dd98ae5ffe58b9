"""Rows of the notification centre: a mark, the whole sentence, and below when and where."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QResizeEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from gui.theme import DARK, SPACING, Theme
from gui.views.marks import WARNING, draw_warning
from gui.views.notices import Notice

ROLE = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex
BAR = 3     # px, beside a selected row


class NoticeRow(QStyledItemDelegate):
    """Draws a notice."""

    theme = DARK

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One row."""
        notice, style = index.data(ROLE), _parts(option)
        box: QRect = style.rect
        painter.save()
        if style.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(box, QColor(self.theme.selection))
            painter.fillRect(QRect(box.left(), box.top(), BAR, box.height()), QColor(self.theme.accent))
        painter.setPen(QColor(self.theme.grid))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        words = _words(box)
        line = QRectF(box.left(), words.top(), words.left() - box.left(), style.fontMetrics.height())
        draw_warning(painter, line, QColor(self.theme.error if notice.is_fault else self.theme.warning),
                     QColor(self.theme.surface))
        above = _laid_out(notice.sentence, style.font, words.width())
        painter.setPen(QColor(self.theme.text))
        above.draw(painter, QPointF(words.topLeft()))
        painter.setPen(QColor(self.theme.muted))
        below = words.top() + above.boundingRect().height() + SPACING // 2
        _laid_out(notice.about, style.font, words.width()).draw(painter, QPointF(words.left(), below))
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """As high as the sentence needs at the list's width."""
        notice, style = index.data(ROLE), _parts(option)
        box = QRect(0, 0, style.widget.viewport().width(), 0)
        width = _words(box).width()
        height = sum(_laid_out(text, style.font, width).boundingRect().height()
                     for text in (notice.sentence, notice.about))
        return QSize(box.width(), math.ceil(height) + SPACING // 2 + 2 * SPACING)


def _parts(option: QStyleOptionViewItem) -> Any:
    """The option with what it inherits, which PySide6's stubs leave out."""
    return option


def _words(box: QRect) -> QRect:
    return box.adjusted(2 * SPACING + round(WARNING) + 6, SPACING, -SPACING, -SPACING)


def _laid_out(text: str, font: QFont, width: int) -> QTextLayout:
    """Text broken between words, and within those that are longer than a line."""
    layout, wrap = QTextLayout(text, font), QTextOption()
    wrap.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(wrap)
    layout.beginLayout()
    top = 0.0
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        line.setPosition(QPointF(0, top))
        top += line.height()
    layout.endLayout()
    return layout


class NoticeList(QListWidget):
    """Notices, newest first; several can be selected."""

    def __init__(self) -> None:
        super().__init__()
        self._row = NoticeRow(self)
        self.setItemDelegate(self._row)
        self.setFrameShape(QListWidget.Shape.NoFrame)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QListWidget.SelectionMode.ExtendedSelection)
        self.setAccessibleName("What went wrong, newest first")
        self.setToolTip("What went wrong, newest first; Ctrl+C copies a report of what is selected")

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self._row.theme = theme
        self.setStyleSheet(f"QListWidget {{ background: {theme.surface}; border: none; outline: none; }}")

    def show_notices(self, notices: Sequence[Notice]) -> None:
        """Show these."""
        self.clear()
        for notice in notices:
            item = QListWidgetItem(self)
            item.setData(ROLE, notice)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{notice.sentence} {notice.about}")

    def chosen(self) -> list[Notice]:
        """Those that are selected, in their order."""
        rows = sorted(self.row(item) for item in self.selectedItems())
        return [self.item(row).data(ROLE) for row in rows]

    def room(self) -> int:
        """Pixels that all rows are high together."""
        return sum(self.sizeHintForRow(row) for row in range(self.count()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Sentences are broken anew."""
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()
