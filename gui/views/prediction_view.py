"""What the model says over time: a curve per label, the threshold, and the parts it decided for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from engine.audio.labels import Interval
from gui.theme import AXIS_WIDTH, Theme, colour, tabular
from gui.views.axes import axis_width
from gui.views.curve_item import Curve, CurveItem
from gui.views.intervals_item import IntervalsItem, Look
from gui.views.label_colours import line_colour
from gui.views.time_plot import TimePlot, hairline, time_text

STRIP = 0.96, 1.04  # heights of what is decided on among several labels
SAID = 3  # labels under the mouse
MOST_CURVES = 12  # of more labels those that are likeliest on the whole: all of them hide each other
TIP = "Solid: what the model says · dashed line: its threshold · dashed curve: after hiding or painting"


class PredictionView(TimePlot):
    """Probabilities 0 to 1 over seconds; one label is in the foreground, of several each has its colour."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setMinimumHeight(96)
        self._times: Curve = np.zeros(0)
        self._probability: Curve = np.zeros((0, 0))
        self._labels: list[str] = []
        self._selected = 0
        self._threshold_of: float | None = None
        self._regions = IntervalsItem(0.0, 1.0, tabular(self.font(), -1.0),
                                      names_at=Qt.AlignmentFlag.AlignBottom)
        self._threshold = pg.InfiniteLine(angle=0, movable=False)
        self._curve, self._changed = CurveItem(), CurveItem()
        self._quiet: list[CurveItem] = []
        self._strips: list[IntervalsItem] = []
        for depth, item in enumerate((self._regions, self._threshold, self._curve, self._changed)):
            item.setZValue(2 * depth)
            self.plotItem.vb.addItem(item, ignoreBounds=True)
        self._threshold.hide()
        self.range_changed.connect(self._prepare)
        self.plotItem.vb.sigResized.connect(lambda: self._prepare(*self.visible_range()))
        self.plotItem.vb.setYRange(0.0, 1.0, padding=0.04)
        self.plotItem.vb.setLimits(yMin=-0.04, yMax=1.04)
        self.plotItem.getAxis("left").setTicks([[(0.0, "0"), (0.5, ".5"), (1.0, "1")]])
        self.set_time_labels(False)
        self.describe("Prediction", "Probability of the label over time, with the decided parts shaded", TIP)

    def set_prediction(self, times: Curve, probability: Curve, *, labels: Sequence[str], threshold: float | None,
                       decided: Sequence[Interval] = (), selected: int = 0) -> None:
        """Show curves.

        Parameters
        ----------
        times
            (n,) in seconds, rising.
        probability
            (labels, n) or (n,), 0 to 1.
        threshold
            From where on the model decides for the label; None where the largest label wins.
        decided
            Parts that the model decided for, named.
        """
        self._times, self._probability = np.asarray(times), np.atleast_2d(probability)
        self._labels = list(labels)
        for curve in self._quiet:
            self.plotItem.vb.removeItem(curve)
        self._quiet = [CurveItem() for _ in self._labels[1:MOST_CURVES]]
        for curve in self._quiet:
            curve.setZValue(3)
            self.plotItem.vb.addItem(curve, ignoreBounds=True)
        self._threshold_of = threshold
        self._threshold.setVisible(threshold is not None)
        if threshold is not None:
            self._threshold.setPos(threshold)
        self._show_decided(decided)
        self.clear_changed()
        self.select_label(selected)

    def _show_decided(self, decided: Sequence[Interval]) -> None:
        """Shaded parts with names; of several labels a strip in their colours along the upper edge."""
        for strip in self._strips:
            self.plotItem.vb.removeItem(strip)
        self._regions.set_intervals([] if self._several else decided)
        self._strips = [IntervalsItem(*STRIP, self.font()) for _ in self._labels] if self._several else []
        for strip, label in zip(self._strips, self._labels, strict=False):
            strip.set_intervals([Interval(part.start, part.end) for part in decided if part.name == label])
            self.plotItem.vb.addItem(strip, ignoreBounds=True)

    @property
    def _several(self) -> bool:
        """Whether the largest of several labels wins, so that none is in the accent's colour."""
        return self._threshold_of is None and len(self._labels) > 1

    def select_label(self, index: int) -> None:
        """Bring one label to the foreground."""
        self._selected = index
        for curve, label in zip(self._quiet, self._behind, strict=True):
            curve.set_data(self._times, self._probability[label])
        if self._labels:
            self._curve.set_data(self._times, self._probability[index])
            self.setAccessibleDescription(f"Probability of {self._labels[index]} over time")
        self._colour_curves()
        self._prepare(*self.visible_range())

    @property
    def _others(self) -> list[int]:
        """All labels but the one in the foreground."""
        return [i for i in range(len(self._labels)) if i != self._selected]

    @property
    def _behind(self) -> list[int]:
        """Those of them that have a curve."""
        others = self._others
        if len(others) < MOST_CURVES or not self._probability.size:
            return others[: MOST_CURVES - 1]
        mean = self._probability.mean(axis=1)
        return sorted(sorted(others, key=lambda i: -float(mean[i]))[: MOST_CURVES - 1])

    def _prepare(self, start: float, stop: float) -> None:
        for curve in (self._curve, self._changed, *self._quiet):
            curve.show_range(start, stop, max(1, self.width() - axis_width(AXIS_WIDTH)))

    def show_changed(self, times: Curve, probability: Curve) -> None:
        """A second curve: what the model says after hiding or painting; single values become a level line."""
        times, probability = np.atleast_1d(times), np.atleast_1d(probability)
        if len(probability) == 1 and len(times) == 2:
            probability = np.repeat(probability, 2)
        self._changed.set_data(times, probability)
        self._changed.show()
        self._prepare(*self.visible_range())

    def clear_changed(self) -> None:
        """No second curve."""
        self._changed.hide()

    def value_at(self, seconds: float) -> float | None:
        """Probability of the label in the foreground at a time."""
        if not len(self._times) or not self._times[0] <= seconds <= self._times[-1]:
            return None
        nearest = min(int(np.searchsorted(self._times, seconds)), len(self._times) - 1)
        if nearest and seconds - self._times[nearest - 1] < self._times[nearest] - seconds:
            nearest -= 1
        return float(self._probability[self._selected, nearest])

    def hover(self, at: QPointF) -> None:
        """Time, and every label's probability, the foreground's first."""
        value = self.value_at(at.x())
        if value is None:
            self.hovered.emit("")
        else:
            column = int(np.abs(self._times - at.x()).argmin())
            others = sorted(self._others, key=lambda i: -self._probability[i, column])[: SAID - 1]
            self.hovered.emit("   ".join([time_text(at.x()), *(
                f"{self._labels[i]} {self._probability[i, column]:.3f}" for i in [self._selected, *others])]))

    def paint_theme(self, theme: Theme) -> None:
        """One accent: the curve; the colours of several labels are their own."""
        self._threshold.setPen(pg.mkPen(theme.muted, width=1, style=Qt.PenStyle.DashLine))
        self.plotItem.getAxis("bottom").setPen(hairline(theme))
        self._colour_curves()

    def _colour_curves(self) -> None:
        theme, several = self.theme, self._several
        self._changed.set_pen(pg.mkPen(theme.text if several else theme.positive, width=2.5,
                                       style=Qt.PenStyle.DashLine))
        self._regions.set_look(Look(colour(theme.accent, 0.16), colour(theme.accent, 0.5), QColor(theme.muted)))
        for label, strip in enumerate(self._strips):
            strip.set_look(Look(line_colour(label, theme), line_colour(label, theme), QColor(theme.text)))
        self._curve.set_pen(pg.mkPen(line_colour(self._selected, theme) if several else theme.accent,
                                     width=2.5 if several else 1.5))
        for curve, label in zip(self._quiet, self._behind, strict=True):
            faint = line_colour(label, theme)
            faint.setAlphaF(0.7)
            curve.set_pen(pg.mkPen(faint if several else colour(theme.muted, 0.5), width=1))
