"""Many named intervals as one item: only those in sight are drawn."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QPainter, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from engine.audio.labels import Interval
from gui.theme import SPACING

LEAST_TEXT = 64  # px: shorter than that, a name is shown whole or not at all


@dataclass(frozen=True)
class Look:
    """How intervals are drawn: fill, pattern, edge and text."""

    fill: QColor
    edge: QColor
    text: QColor
    pattern: Qt.BrushStyle = Qt.BrushStyle.SolidPattern


class IntervalsItem(pg.GraphicsObject):
    """Rectangles from `start` to `end` in seconds, between the heights `low` and `high`, with their names."""

    def __init__(self, low: float, high: float, font: QFont, *,
                 names_at: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignTop) -> None:
        super().__init__()
        self._names_at = names_at
        self._low, self._high, self._font = low, high, font
        self._intervals: list[Interval] = []
        self._ends: list[float] = []
        self._look = Look(QColor("grey"), QColor("grey"), QColor("white"))

    def set_intervals(self, intervals: Sequence[Interval]) -> None:
        """Show these; they do not overlap."""
        self.prepareGeometryChange()
        self._intervals = sorted(intervals, key=lambda interval: interval.start)
        self._ends = [interval.end for interval in self._intervals]
        self.update()

    def set_look(self, look: Look) -> None:
        """Colours and pattern."""
        self._look = look
        self.update()

    def boundingRect(self) -> QRectF:
        """From the first start to the last end."""
        if not self._intervals:
            return QRectF()
        first, last = self._intervals[0].start, max(self._ends)
        return QRectF(first, self._low, last - first, self._high - self._low)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Draw what is in sight, in device coordinates, so that edges and names stay sharp."""
        seen: QRectF = self.viewRect()
        transform = painter.worldTransform()
        painter.resetTransform()
        painter.setFont(self._font)
        for interval in self._intervals[bisect_left(self._ends, seen.left()) :]:
            if interval.start > seen.right():
                break
            left, right = max(interval.start, seen.left()), min(interval.end, seen.right())
            self._draw(painter, interval, transform.mapRect(QRectF(left, self._low, right - left,
                                                                   self._high - self._low)))

    def _draw(self, painter: QPainter, interval: Interval, where: QRectF) -> None:
        where.setWidth(max(where.width(), 1.0))
        painter.fillRect(where, QBrush(self._look.fill, self._look.pattern))
        painter.setPen(QPen(self._look.edge, 1))
        painter.drawLine(where.topLeft(), where.bottomLeft())
        painter.drawLine(where.topRight(), where.bottomRight())
        room = where.width() - 2 * SPACING
        needed = painter.fontMetrics().horizontalAdvance(interval.name)
        if interval.name and room > min(needed, LEAST_TEXT):
            painter.setPen(self._look.text)
            shown = painter.fontMetrics().elidedText(interval.name, Qt.TextElideMode.ElideRight, ceil(room))
            painter.drawText(where.adjusted(SPACING, 2, -SPACING, -2),
                             Qt.AlignmentFlag.AlignLeft | self._names_at, shown)
