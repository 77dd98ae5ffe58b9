"""The whole file at a glance: its waveform, the window that is in sight, the excerpt and the cursor."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Signal
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from engine.audio.pyramid import PeakPyramid
from gui.theme import Theme, colour, scaled
from gui.views.time_plot import SHORTEST_SECONDS, TimePlot, time_text

MOST_BINS = 2048
TIP = "Click: play from here · drag the window or its edges: what the views below show · wheel: zoom them"


class WaveItem(pg.GraphicsObject):
    """Lowest and highest samples as one filled shape, made once."""

    def __init__(self) -> None:
        super().__init__()
        self._shape = QPolygonF()
        self._colour = QColor("grey")

    def set_peaks(self, peaks: PeakPyramid) -> None:
        """Show the whole of a signal."""
        (low, high), first, step = peaks.slice(0.0, peaks.seconds, MOST_BINS)
        times = first + (np.arange(len(low)) + 0.5) * step
        upper = [QPointF(t, y) for t, y in zip(times, high, strict=True)]
        lower = [QPointF(t, y) for t, y in zip(times, low, strict=True)]
        self.prepareGeometryChange()
        self._shape = QPolygonF(upper + lower[::-1])
        self.update()

    def set_colour(self, made: QColor) -> None:
        """Fill."""
        self._colour = made
        self.update()

    def boundingRect(self) -> QRectF:
        """Of the shape."""
        return self._shape.boundingRect()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """A hairline keeps silence visible."""
        painter.setPen(pg.mkPen(self._colour, width=1))
        painter.setBrush(self._colour)
        painter.drawPolygon(self._shape)


class ExcerptMark(pg.GraphicsObject):
    """Where the excerpt lies in the file, at least three pixels wide."""

    def __init__(self) -> None:
        super().__init__()
        self._span = (0.0, 0.0)
        self._colour = QColor("grey")

    def set_span(self, start: float, length: float) -> None:
        """From `start`, `length` seconds long."""
        self.prepareGeometryChange()
        self._span = start, length
        self.update()

    def set_colour(self, made: QColor) -> None:
        """Fill."""
        self._colour = made
        self.update()

    def boundingRect(self) -> QRectF:
        """Full height, with room for the least width."""
        slack = 4 * (self.pixelWidth() or 0.0)
        return QRectF(self._span[0] - slack, -1.05, self._span[1] + 2 * slack, 2.1)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """In pixels."""
        box = painter.worldTransform().mapRect(QRectF(self._span[0], -1.05, self._span[1], 2.1))
        painter.resetTransform()
        box.setWidth(max(3.0, box.width()))
        painter.fillRect(box, colour(self._colour.name(), 0.35))
        painter.setPen(QPen(self._colour, 1))
        painter.drawLine(box.topLeft(), box.bottomLeft())
        painter.drawLine(box.topRight(), box.bottomRight())


class WaveformView(TimePlot):
    """Always shows the whole file; asks for what the other views show."""

    range_asked = Signal(float, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setFixedHeight(scaled(88))
        self._wave, self._mark = WaveItem(), ExcerptMark()
        self._window = pg.LinearRegionItem(values=(0, 1), swapMode="block")
        for depth, item in enumerate((self._wave, self._window, self._mark)):
            item.setZValue(depth)
            self.plotItem.vb.addItem(item, ignoreBounds=True)
        self._mark.hide()
        self.plotItem.vb.setYRange(-1.05, 1.05, padding=0)
        self.plotItem.getAxis("left").setTicks([[(0.0, "0"), (1.0, "1"), (-1.0, "−1")]])
        self._window.sigRegionChanged.connect(self._asked)
        self._telling = False
        self.describe("Waveform", "The whole file; the window shows which part the views below show", TIP)

    def set_peaks(self, peaks: PeakPyramid) -> None:
        """Show a file."""
        self._wave.set_peaks(peaks)
        loudest = max(1e-3, float(np.abs(peaks.levels[-1]).max(initial=0.0)))
        self.plotItem.vb.setYRange(-1.1 * max(loudest, 0.1), 1.1 * max(loudest, 0.1), padding=0)
        self.set_duration(peaks.seconds)
        self.set_visible_range(0.0, peaks.seconds)

    def set_visible_range(self, start: float, stop: float) -> None:
        """What the other views show. Emits nothing."""
        self._telling = True
        self._window.setRegion((max(start, 0.0), min(stop, self.duration)))
        self._telling = False

    def set_excerpt(self, start: float, length: float) -> None:
        """Mark the excerpt, in seconds."""
        self._mark.set_span(start, length)
        self._mark.show()

    def paint_theme(self, theme: Theme) -> None:
        """Quiet wave, light window."""
        self._wave.set_colour(colour(theme.muted, 0.9))
        self._mark.set_colour(QColor(theme.accent))
        self._window.setBrush(colour(theme.text, 0.08))
        self._window.setHoverBrush(colour(theme.text, 0.13))
        for line in self._window.lines:
            line.setPen(pg.mkPen(colour(theme.text, 0.55), width=1.5))
            line.setHoverPen(pg.mkPen(theme.accent, width=3))

    def set_duration(self, seconds: float) -> None:
        """Length of the file, all of which is shown."""
        self.duration = max(seconds, SHORTEST_SECONDS)
        self.plotItem.vb.setXRange(0.0, self.duration, padding=0)

    def set_range(self, start: float, stop: float) -> None:
        """Ask for other seconds in the views below: zooming and panning here moves the window."""
        length = min(max(stop - start, SHORTEST_SECONDS), self.duration)
        first = min(max((start + stop - length) / 2, 0.0), self.duration - length)
        self.range_asked.emit(first, first + length)

    def visible_range(self) -> tuple[float, float]:
        """Of the window."""
        start, stop = self._window.getRegion()
        return float(start), float(stop)

    def _asked(self) -> None:
        if not self._telling:
            self.range_asked.emit(*self.visible_range())

    def take_drag(self, ev: Any) -> bool:
        """Beside the window: bring it to the mouse."""
        self._centre_at(self.plotItem.vb.mapToView(ev.pos()).x())
        return True

    def take_click(self, at: QPointF, double: bool) -> None:
        """Play from here, and look there when it is out of sight."""
        start, stop = self.visible_range()
        if not start <= at.x() <= stop:
            self._centre_at(at.x())
        super().take_click(at, double)

    def _centre_at(self, seconds: float) -> None:
        start, stop = self.visible_range()
        self.set_range(seconds - (stop - start) / 2, seconds + (stop - start) / 2)

    def hover(self, at: QPointF) -> None:
        """Time."""
        self.hovered.emit(time_text(at.x()) if 0 <= at.x() <= self.duration else "")
