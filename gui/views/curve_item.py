"""A curve of any length, drawn with as many points as the screen has columns."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

Curve = NDArray[np.float64]
DENSE = 1.0  # points per pixel: from here on a column is a line from its lowest to its highest value

LONG_PATH = 200  # points: Qt draws longer rough paths far faster line by line
DASH = 4.0, 2.5  # drawn and left out, in widths of the pen


class CurveItem(pg.GraphicsObject):
    """Wide antialiased paths take Qt seconds when they are long and rough; columns take it a millisecond."""

    def __init__(self) -> None:
        super().__init__()
        self._x: Curve = np.zeros(0)
        self._y: Curve = np.zeros(0)
        self._seen: tuple[Curve, Curve, Curve] = (self._x, self._y, self._y)
        self._dense = False
        self._pen = QPen()

    def set_data(self, x: Curve, y: Curve) -> None:
        """Points with rising x; `show_range` decides which are drawn."""
        self.prepareGeometryChange()
        self._x, self._y = np.asarray(x, np.float64), np.asarray(y, np.float64)

    def set_pen(self, pen: QPen) -> None:
        """Colour and width, solid or dashed; dense parts are always solid."""
        self._pen = QPen(pen)
        self._pen.setCosmetic(False)    # a cosmetic pen is as wide as that many pixels of the screen, however fine
        self.update()

    def show_range(self, start: float, stop: float, pixels: int) -> None:
        """Prepare what lies between two times for as many columns."""
        first = max(0, int(np.searchsorted(self._x, start)) - 1)
        last = int(np.searchsorted(self._x, stop)) + 1
        x, y = self._x[first:last], self._y[first:last]
        step = -(-len(x) // max(pixels, 1))
        self._dense = len(x) > DENSE * pixels and step > 1
        if self._dense:
            step = 1 << (step - 1).bit_length()  # powers of two from fixed points: panning does not make it boil
            cut = -first % step
            starts = np.unique(np.r_[0, np.arange(cut, len(x), step)])
            low, high = np.minimum.reduceat(y, starts), np.maximum.reduceat(y, starts)
            joined_low, joined_high = np.r_[high[1:], np.inf], np.r_[low[1:], -np.inf]  # columns touch the next
            self._seen = x[starts], np.minimum(low, joined_low), np.maximum(high, joined_high)
        else:
            self._seen = x, y, y
        self.update()

    def boundingRect(self) -> QRectF:
        """Of all points."""
        if not len(self._x):
            return QRectF()
        return QRectF(self._x[0], self._y.min(), self._x[-1] - self._x[0], np.ptp(self._y)).adjusted(0, -0.1, 0, 0.1)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """In pixels."""
        transform = painter.worldTransform()
        painter.resetTransform()
        columns, low, high = self._seen
        x = (columns * transform.m11() + transform.dx()).tolist()
        bottom = (low * transform.m22() + transform.dy()).tolist()
        if not self._dense:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(self._pen)
            long = len(x) > LONG_PATH
            dashed = long and self._pen.style() != Qt.PenStyle.SolidLine
            if dashed:      # line by line Qt begins with a dash at each
                painter.setPen(QPen(self._pen.color(), self._pen.widthF()))
            drawn = dashes(x, bottom, self._pen.widthF()) if dashed else [True] * (len(x) - 1)
            points = [QPointF(a, b) for a, b in zip(x, bottom, strict=True)]
            if long:
                painter.drawLines([QLineF(a, b) for (a, b), on in zip(itertools.pairwise(points), drawn, strict=True)
                                   if on])
            else:
                painter.drawPolyline(QPolygonF(points))
            return
        top = (high * transform.m22() + transform.dy()).tolist()
        width = x[1] - x[0] if len(x) > 2 else 1.0
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QPen(self._pen.color(), max(1.0, np.ceil(width))))
        painter.drawLines([QLineF(a, b + 0.75, a, t - 0.75) for a, b, t in zip(x, bottom, top, strict=True)])


def dashes(x: Sequence[float], y: Sequence[float], width: float) -> list[bool]:
    """Which of the lines between points in pixels are drawn, so that dashes go on from line to line."""
    on, off = (part * width for part in DASH)
    ends = np.cumsum(np.hypot(np.diff(x), np.diff(y)))
    middles = ends - np.diff(ends, prepend=0.0) / 2
    return list(middles % (on + off) < on)
