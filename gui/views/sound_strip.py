"""The waveform as a strip to find one's place in: a click plays from there."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QWidget

from engine.audio.pyramid import PeakPyramid
from gui.theme import Theme, colour, scaled
from gui.views.time_plot import TimePlot, time_text
from gui.views.waveform_view import WaveItem

HEIGHT = 66      # px


class SoundStrip(TimePlot):
    """Times in seconds of what is open."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setFixedHeight(scaled(HEIGHT))
        self._wave = WaveItem()
        self.plotItem.vb.addItem(self._wave, ignoreBounds=True)
        self.plotItem.vb.setYRange(-1.05, 1.05, padding=0)
        self.plotItem.getAxis("left").setTicks([[(0.0, "0")]])
        self.describe("Waveform", "The sound as it is", "Click: play from here · wheel: zoom")

    def set_peaks(self, peaks: PeakPyramid) -> None:
        """Show a sound."""
        self._wave.set_peaks(peaks)
        loudest = max(0.1, float(np.abs(peaks.levels[-1]).max(initial=0.0)))
        self.plotItem.vb.setYRange(-1.1 * loudest, 1.1 * loudest, padding=0)
        self.set_duration(peaks.seconds)

    def paint_theme(self, theme: Theme) -> None:
        """A quiet wave."""
        self._wave.set_colour(colour(theme.muted, 0.9))

    def hover(self, at: QPointF) -> None:
        """The time."""
        self.hovered.emit(time_text(at.x()) if 0 <= at.x() <= self.duration else "")
