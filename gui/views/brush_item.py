"""The brush that adds and erases energy: a circle on the spectrogram, and the points of its strokes."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, hypot

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from gui.theme import DARK, colour


class BrushItem(pg.GraphicsObject):
    """A circle with a plus or a minus in it; `points_to` fills the gaps that a fast mouse leaves."""

    def __init__(self) -> None:
        super().__init__()
        self.theme = DARK
        self.mode = "off"
        self._radii = QPointF(0.1, 4.0)
        self._last: QPointF | None = None
        self.setZValue(40)
        self.hide()

    def set_mode(self, mode: str, radius_seconds: float, radius_bands: float) -> None:
        """Mode "off", "add" or "erase", and the half axes of the brush."""
        if mode not in ("off", "add", "erase"):
            raise ValueError(f"brush mode: expected off, add or erase, got {mode!r}")
        self.prepareGeometryChange()
        self.mode, self._radii, self._last = mode, QPointF(radius_seconds, radius_bands), None
        self.setVisible(mode != "off" and self.isVisible())
        self.update()

    def move_to(self, at: QPointF) -> None:
        """Show the circle at seconds and bands."""
        self.setPos(at)
        self.setVisible(self.mode != "off")

    def lift(self) -> None:
        """The stroke is over."""
        self._last = None

    def points_to(self, at: QPointF) -> Iterator[QPointF]:
        """Points from the last one to here, at most half a radius apart."""
        last = self._last or at
        gap = hypot((at.x() - last.x()) / self._radii.x(), (at.y() - last.y()) / self._radii.y())
        steps = max(1, ceil(2 * gap))
        self._last = QPointF(at)
        for i in range(1, steps + 1):
            yield last + (at - last) * (i / steps)

    def boundingRect(self) -> QRectF:
        """The circle and its line."""
        rx, ry = 1.2 * self._radii.x(), 1.2 * self._radii.y()
        return QRectF(-rx, -ry, 2 * rx, 2 * ry)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Dark under light, so that it is seen on every background."""
        transform = painter.worldTransform()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rx, ry = self._radii.x(), self._radii.y()
        circle = transform.mapRect(QRectF(-rx, -ry, 2 * rx, 2 * ry))
        middle = circle.center()
        for width, line in ((4.0, colour(self.theme.surface, 0.8)), (2.0, QColor(self.theme.accent))):
            painter.setPen(QPen(line, width))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(circle)
            painter.drawLine(middle - QPointF(5, 0), middle + QPointF(5, 0))
            if self.mode == "add":
                painter.drawLine(middle - QPointF(0, 5), middle + QPointF(0, 5))
