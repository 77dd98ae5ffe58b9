"""The margin of a text: line numbers, and a mark beside each line that has a problem."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetricsF, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QToolTip, QWidget

from gui.theme import DARK, SPACING, Theme, colour, tabular

MARK = 14   # px, room for the mark


class Row(NamedTuple):
    """A line in sight."""

    number: int         # from 0
    offset: int         # where it begins in the text
    top: float          # px
    height: float       # px
    problem: str        # what is wrong in it, empty where nothing is


class Margin(QWidget):
    """Draws the numbers of the rows it asks for; a click asks for the line."""

    clicked = Signal(int)  # offset of the line's beginning

    def __init__(self, rows: Callable[[QRect], Sequence[Row]], current: Callable[[], int], parent: QWidget) -> None:
        super().__init__(parent)
        self._rows, self._current, self.theme = rows, current, DARK
        self.setAccessibleName("Line numbers and problems")
        self.setToolTip("Line numbers; a triangle marks a line with a problem")

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self.theme = theme
        self.update()

    def width_for(self, lines: int) -> int:
        """Pixels that so many lines need."""
        digits = max(3, len(str(lines)))
        return round(QFontMetricsF(self._numbers()).horizontalAdvance("0" * digits)) + MARK + 2 * SPACING

    def sizeHint(self) -> QSize:
        """As wide as it is; as high as the text."""
        return QSize(self.width(), 0)

    def paintEvent(self, ev: QPaintEvent) -> None:
        """Numbers and marks."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(ev.rect(), colour(self.theme.surface))
        painter.setFont(self._numbers())
        current = self._current()
        for row in self._rows(ev.rect()):
            here = row.number == current
            painter.setPen(colour(self.theme.text if here else self.theme.muted))
            painter.drawText(QRectF(MARK, row.top, self.width() - MARK - SPACING, row.height),
                             Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, str(row.number + 1))
            if row.problem:
                _triangle(painter, QPointF(SPACING + 1.5, row.top + row.height / 2), self.theme)

    def event(self, ev: QEvent) -> bool:
        """What is wrong in a line, while the mouse rests on it."""
        if ev.type() == QEvent.Type.ToolTip:
            assert isinstance(ev, QHelpEvent)
            row = self._at(ev.pos().y())
            QToolTip.showText(ev.globalPos(), row.problem if row and row.problem else "", self)
            return True
        return super().event(ev)

    def mousePressEvent(self, ev: QMouseEvent) -> None:
        """To the line, or to its problem."""
        if (row := self._at(ev.position().y())) is not None:
            self.clicked.emit(row.offset)

    def _at(self, y: float) -> Row | None:
        return next((row for row in self._rows(self.rect()) if row.top <= y < row.top + row.height), None)

    def _numbers(self) -> QFont:
        return tabular(self.font(), -1.0)


def _triangle(painter: QPainter, centre: QPointF, theme: Theme) -> None:
    painter.save()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour(theme.error))
    x, y = centre.x(), centre.y()
    painter.drawPolygon(QPolygonF([QPointF(x, y - 5.5), QPointF(x + 6, y + 5), QPointF(x - 6, y + 5)]))
    painter.setBrush(colour(theme.surface))
    painter.drawRect(QRectF(x - 0.7, y - 2.2, 1.4, 4))
    painter.drawRect(QRectF(x - 0.7, y + 2.7, 1.4, 1.4))
    painter.restore()
