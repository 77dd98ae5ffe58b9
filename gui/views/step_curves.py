"""How an attack goes on: confidence and signal-to-noise ratio over its iterations, while it runs and after."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from engine.explain.adversary import Step
from gui.theme import DARK, SPACING, Theme, tabular
from gui.views.axes import RoomyAxis, axes, dress
from gui.views.curve_item import CurveItem
from gui.views.headline import ElidedLabel

AXIS = 44  # px
SNR_PADDING = 1.0  # dB
TALLEST = 40.0     # dB
TIPS = ("Confidence in the label strived for, at each iteration; dashed: where the attack stops",
        "Signal-to-noise ratio in dB of each iterate, at the model's rate; dashed: the least allowed")


class WholeAxis(RoomyAxis):
    """Only whole numbers."""

    def tickSpacing(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, float]]:
        """Steps of 1 or more."""
        return [(step, offset) for step, offset in super().tickSpacing(minVal, maxVal, size) if step >= 1] or [(1, 0)]


class StepCurves(QWidget):
    """Two plots over one axis of iterations. The dashed lines are the confidence to reach and the least SNR."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = DARK
        self._steps: list[Step] = []
        self._least_snr = 15.0
        self._said = ElidedLabel()
        self._said.setFont(tabular(self.font(), -1.0))
        self._said.setAccessibleName("Progress of the attack")
        self._plots = tuple(self._plot(name, tip) for name, tip in zip(("confidence", "SNR in dB"), TIPS, strict=True))
        self._curves = CurveItem(), CurveItem()
        self._limits = tuple(pg.InfiniteLine(angle=0, movable=False) for _ in self._plots)
        for plot, curve, limit in zip(self._plots, self._curves, self._limits, strict=True):
            plot.plotItem.vb.addItem(curve, ignoreBounds=True)
            plot.plotItem.vb.addItem(limit, ignoreBounds=True)
            limit.hide()
        self._plots[0].plotItem.vb.setYRange(0, 1, padding=0.06)
        self._plots[0].plotItem.getAxis("left").setTicks([[(0.0, "0"), (0.5, ".5"), (1.0, "1")]])
        self._plots[0].plotItem.getAxis("bottom").setStyle(showValues=False)
        self._plots[0].plotItem.getAxis("bottom").setHeight(2)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACING, 0, SPACING, 0)
        column.setSpacing(SPACING // 2)
        column.addWidget(self._said)
        for plot in self._plots:
            column.addWidget(plot, 1)
        self.setAccessibleName("Course of the attack")
        self.clear("No attack yet")

    def _plot(self, name: str, tip: str) -> pg.PlotWidget:
        plot = pg.PlotWidget(axisItems=axes(bottom=WholeAxis("bottom")))
        plot.setMinimumHeight(56)
        plot.plotItem.hideButtons()
        plot.plotItem.setContentsMargins(0, 2, SPACING, 0)
        plot.plotItem.vb.setMouseEnabled(False, False)
        plot.plotItem.vb.setMenuEnabled(False)
        plot.plotItem.getAxis("left").setWidth(AXIS)
        plot.plotItem.vb.sigResized.connect(self._prepare)
        plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        plot.setToolTip(tip)
        plot.setAccessibleName(f"{name} over iterations")
        label = QLabel(name, plot)
        label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        label.setFont(tabular(self.font(), -1.5))
        label.setToolTip(tip)
        plot.name_label = label
        return plot

    def resizeEvent(self, ev: QResizeEvent) -> None:
        """Names stand where curves seldom go: confidence rises, the ratio falls."""
        super().resizeEvent(ev)
        for plot, low in zip(self._plots, (True, False), strict=True):
            label = plot.name_label
            label.adjustSize()
            top = plot.height() - label.height() - SPACING if low else SPACING // 2
            label.move(plot.width() - label.width() - 2 * SPACING, top)

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self.theme = theme
        self._said.setStyleSheet(f"color: {theme.muted}")
        for plot, curve, limit, ink in zip(self._plots, self._curves, self._limits,
                                           (theme.accent, theme.positive), strict=True):
            plot.setBackground(theme.surface)
            plot.name_label.setStyleSheet(f"color: {theme.muted}; background: transparent")
            dress(plot.plotItem, theme, tabular(self.font(), -1.5), left=AXIS)
            curve.set_pen(pg.mkPen(ink, width=2))
            limit.setPen(pg.mkPen(theme.muted, width=1, style=Qt.PenStyle.DashLine))

    def clear(self, said: str = "") -> None:
        """Nothing to show."""
        self._steps = []
        for limit in self._limits:
            limit.hide()
        self.say(said)
        self._draw()

    def begin(self, *, confidence: float, snr_db: float, said: str = "") -> None:
        """An attack begins that stops at this confidence and keeps this SNR."""
        self._least_snr = snr_db
        self.clear(said)
        for limit, value in zip(self._limits, (confidence, snr_db), strict=True):
            limit.setPos(value)
            limit.show()

    def add(self, steps: Sequence[Step]) -> None:
        """Further iterates."""
        self._steps.extend(steps)
        self._draw()

    def set_steps(self, steps: Sequence[Step]) -> None:
        """All iterates."""
        self._steps = list(steps)
        self._draw()

    def say(self, words: str) -> None:
        """A line above the curves."""
        self._said.set_whole(words)

    @property
    def count(self) -> int:
        """Iterates shown."""
        return len(self._steps)

    def _draw(self) -> None:
        x = np.arange(1, len(self._steps) + 1, dtype=np.float64)
        confidence = np.array([s.confidence for s in self._steps], np.float64)
        snr = np.array([min(s.snr_db, 120.0) for s in self._steps], np.float64)
        for curve, y in zip(self._curves, (confidence, snr), strict=True):
            curve.set_data(x, y)
        for plot in self._plots:
            plot.plotItem.vb.setXRange(1, max(2, len(x)), padding=0.02)
        if len(snr):
            low = min(float(snr.min()), self._least_snr)
            high = max(min(float(snr.max()), low + TALLEST), self._least_snr)  # the first steps change next to nothing
            self._plots[1].plotItem.vb.setYRange(low - SNR_PADDING, high + SNR_PADDING, padding=0.08)
        self._prepare()

    def _prepare(self) -> None:
        for plot, curve in zip(self._plots, self._curves, strict=True):
            start, stop = plot.plotItem.vb.viewRange()[0]
            curve.show_range(start, stop, max(1, plot.width() - AXIS))
