"""The waveform of the file with the part that is worked on, which can be drawn out and dragged."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Signal
from PySide6.QtWidgets import QWidget

from engine.audio.pyramid import PeakPyramid
from gui.theme import Theme, colour, scaled
from gui.views.time_plot import TimePlot, time_text
from gui.views.waveform_view import WaveItem

TIP = "Click: play from here · drag the marked part or its edges: what is attacked · wheel: zoom"


class SpanView(TimePlot):
    """The part is `None` for all of the file; then nothing is marked."""

    span_moved = Signal(float, float)     # start and stop in seconds, when the mouse lets go

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setFixedHeight(scaled(60))
        self._wave = WaveItem()
        self._region = pg.LinearRegionItem(values=(0, 1), swapMode="block")
        for depth, item in enumerate((self._wave, self._region)):
            item.setZValue(depth)
            self.plotItem.vb.addItem(item, ignoreBounds=True)
        self._region.hide()
        self._region.sigRegionChangeFinished.connect(self._moved_region)
        self._telling = False
        self.plotItem.vb.setYRange(-1.05, 1.05, padding=0)
        self.plotItem.getAxis("left").setTicks([[(0.0, "0")]])
        self.set_time_labels(False)
        self.describe("Waveform", "The whole file; the marked part is what is attacked", TIP)

    def set_peaks(self, peaks: PeakPyramid) -> None:
        """Show a file."""
        self._wave.set_peaks(peaks)
        loudest = max(0.1, float(np.abs(peaks.levels[-1]).max(initial=0.0)))
        self.plotItem.vb.setYRange(-1.1 * loudest, 1.1 * loudest, padding=0)
        self.set_duration(peaks.seconds)
        self._region.setBounds((0.0, peaks.seconds))

    def set_span(self, span: tuple[float, float] | None) -> None:
        """Mark a part in seconds, or nothing. Emits nothing."""
        self._telling = True
        self._region.setVisible(span is not None)
        if span is not None:
            self._region.setRegion(span)
        self._telling = False

    def _moved_region(self) -> None:
        if not self._telling:
            start, stop = self._region.getRegion()
            self.span_moved.emit(float(start), float(stop))

    def paint_theme(self, theme: Theme) -> None:
        """Quiet wave, marked part in the accent."""
        self._wave.set_colour(colour(theme.muted, 0.9))
        self._region.setBrush(colour(theme.accent, 0.16))
        self._region.setHoverBrush(colour(theme.accent, 0.24))
        for line in self._region.lines:
            line.setPen(pg.mkPen(theme.accent, width=2))
            line.setHoverPen(pg.mkPen(theme.accent, width=4))

    def hover(self, at: QPointF) -> None:
        """Time, and what is marked."""
        if not 0 <= at.x() <= self.duration:
            self.hovered.emit("")
            return
        start, stop = self._region.getRegion()
        marked = f"   attacked: {time_text(start)} – {time_text(stop)}" if self._region.isVisible() else ""
        self.hovered.emit(time_text(at.x()) + marked)
