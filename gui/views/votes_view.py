"""What a listener votes along the time axis, before and after: strips of the label that wins, and one label's curve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from gui.theme import AXIS_WIDTH, Theme
from gui.views.axes import axis_width
from gui.views.curve_item import Curve, CurveItem
from gui.views.label_colours import label_colour, line_colour
from gui.views.time_plot import TimePlot, hairline, time_text

SMOOTH_SECONDS = 0.5  # votes of single frames jump; their curve is drawn as a mean over this
BEFORE, AFTER = (1.56, 1.94), (1.12, 1.50)  # heights of the strips, above the curve's 0 to 1
TIP = ("Strips: the label most votes go to, before and after · curve: votes' probability of the label wanted, mean "
       "over 0.5 s, before (thin) and after")


@dataclass(frozen=True)
class Votes:
    """Probabilities (votes, labels) at times (votes,) in seconds."""

    times: NDArray[np.float64]
    probabilities: NDArray[np.float32]

    @property
    def step(self) -> float:
        """Seconds from one vote to the next."""
        return float(self.times[1] - self.times[0]) if len(self.times) > 1 else 1.0

    @property
    def winners(self) -> NDArray[np.int64]:
        """Index of each vote's label."""
        return np.asarray(self.probabilities.argmax(axis=1), np.int64)

    def shares(self) -> NDArray[np.float64]:
        """Share of votes that each label wins, (labels,)."""
        count = np.bincount(self.winners, minlength=self.probabilities.shape[1])
        return np.asarray(count / max(1, len(self.times)), np.float64)

    def smoothed(self, label: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Times, and probability of a label as a centred mean that is narrower at the ends.

        As a mean changes slowly, only a few points are taken from its length.
        """
        y = self.probabilities[:, label].astype(np.float64)
        half = min(round(SMOOTH_SECONDS / self.step / 2), len(y) - 1)
        at = np.arange(0, len(y), max(1, half // 3))
        total = np.concatenate([[0.0], np.cumsum(y)])
        low, high = np.maximum(at - half, 0), np.minimum(at + half + 1, len(y))
        return self.times[at], np.asarray((total[high] - total[low]) / (high - low))


class VoteStrip(pg.GraphicsObject):
    """For each pixel the label that wins most of the votes there."""

    def __init__(self, low: float, high: float) -> None:
        super().__init__()
        self._low, self._high = low, high
        self._edges: NDArray[np.float64] = np.zeros(0)
        self._sums = np.zeros((1, 1), np.int64)
        self._colours = np.zeros((1, 4), np.uint8)
        self._seen = (0.0, 0.0)
        self._columns = np.zeros(0, np.int64)

    def set_votes(self, votes: Votes | None) -> None:
        """Show others, or none."""
        self.prepareGeometryChange()
        self._columns = np.zeros(0, np.int64)
        if votes is None or not len(votes.times):
            self._edges = np.zeros(0)
            self.update()
            return
        self._edges = np.append(votes.times, votes.times[-1] + votes.step) - votes.step / 2
        won = np.eye(votes.probabilities.shape[1], dtype=np.int64)[votes.winners]
        self._sums = np.concatenate([np.zeros_like(won[:1]), np.cumsum(won, axis=0)])

    def set_colours(self, colours: Sequence[QColor]) -> None:
        """One for each label."""
        self._colours = np.array([[c.red(), c.green(), c.blue(), 255] for c in colours] or [[0] * 4], np.uint8)
        self.update()

    def show_range(self, start: float, stop: float, pixels: int) -> None:
        """Prepare what lies between two times for as many columns."""
        if not len(self._edges):
            return
        start, stop = max(start, self._edges[0]), min(stop, self._edges[-1])
        if stop <= start:
            self._columns = np.zeros(0, np.int64)
            return
        at = np.searchsorted(self._edges, np.linspace(start, stop, pixels + 1), side="right") - 1
        first = np.clip(at[:-1], 0, len(self._edges) - 2)
        last = np.clip(np.maximum(at[1:], first + 1), 1, len(self._edges) - 1)
        self._columns = (self._sums[last] - self._sums[first]).argmax(axis=1)
        self._seen = start, stop
        self.update()

    def boundingRect(self) -> QRectF:
        """Of all votes."""
        if not len(self._edges):
            return QRectF()
        return QRectF(self._edges[0], self._low, self._edges[-1] - self._edges[0], self._high - self._low)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """One row of an image, stretched."""
        if not len(self._columns):
            return
        rgba = np.ascontiguousarray(self._colours[np.minimum(self._columns, len(self._colours) - 1)])
        row = QImage(rgba.data, len(rgba), 1, 4 * len(rgba), QImage.Format.Format_RGBA8888)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawImage(QRectF(self._seen[0], self._low, self._seen[1] - self._seen[0], self._high - self._low), row)


class VotesView(TimePlot):
    """Two strips and two curves over seconds."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setMinimumHeight(120)
        self._labels: tuple[str, ...] = ()
        self._before: Votes | None = None
        self._after: Votes | None = None
        self._label = 0
        self._strips = VoteStrip(*BEFORE), VoteStrip(*AFTER)
        self._curves = CurveItem(), CurveItem()
        items: tuple[pg.GraphicsObject, ...] = (*self._strips, *self._curves)
        for depth, item in enumerate(items):
            item.setZValue(depth)
            self.plotItem.vb.addItem(item, ignoreBounds=True)
        self.plotItem.vb.setYRange(-0.05, 2.0, padding=0)
        self.plotItem.vb.setLimits(yMin=-0.05, yMax=2.0)
        self.plotItem.getAxis("left").setTicks([[(sum(BEFORE) / 2, "before"), (sum(AFTER) / 2, "after"),  # goes first
                                                 (0.0, "0"), (1.0, "1"), (0.5, ".5")]])
        self.range_changed.connect(self._prepare)
        self.plotItem.vb.sigResized.connect(lambda: self._prepare(*self.visible_range()))
        self.describe("Votes", "What the model votes along the file, before and after", TIP)

    def set_votes(self, labels: Sequence[str], before: Votes | None, after: Votes | None = None, *,
                  label: int = 0) -> None:
        """Show votes; `label` is the one whose probability is drawn."""
        self._labels, self._before, self._after, self._label = tuple(labels), before, after, label
        for strip, curve, votes in zip(self._strips, self._curves, (before, after), strict=True):
            strip.set_votes(votes)
            nothing: Curve = np.zeros(0)
            curve.set_data(*((nothing, nothing) if votes is None else votes.smoothed(label)))
        self._colour()
        self._prepare(*self.visible_range())
        if before is not None and labels:
            self.setAccessibleDescription(f"Votes of {len(before.times)} places; the curve is that of {labels[label]}")

    def paint_theme(self, theme: Theme) -> None:
        """Strips in the labels' colours; the curve in that of its label."""
        self.plotItem.getAxis("bottom").setPen(hairline(theme))
        self._colour()

    def _colour(self) -> None:
        colours = [label_colour(i) for i in range(len(self._labels))]
        for strip in self._strips:
            strip.set_colours(colours)
        self._curves[0].set_pen(pg.mkPen(self.theme.muted, width=1, style=Qt.PenStyle.DashLine))
        self._curves[1].set_pen(pg.mkPen(line_colour(self._label, self.theme), width=2))

    def _prepare(self, start: float, stop: float) -> None:
        pixels = max(1, self.width() - axis_width(AXIS_WIDTH))
        for strip in self._strips:
            strip.show_range(start, stop, round(pixels * self.devicePixelRatioF()))
        for curve in self._curves:
            curve.show_range(start, stop, pixels)

    def hover(self, at: QPointF) -> None:
        """Time, and what the vote there says before and after."""
        said = [time_text(at.x())]
        for name, votes in (("before", self._before), ("after", self._after)):
            if votes is None or not len(votes.times):
                continue
            nearest = int(np.abs(votes.times - at.x()).argmin())
            if abs(votes.times[nearest] - at.x()) <= votes.step:
                p = votes.probabilities[nearest]
                said.append(f"{name} {self._labels[int(p.argmax())]} {p.max():.2f}"
                            f" ({self._labels[self._label]} {p[self._label]:.2f})")
        self.hovered.emit("   ".join(said) if len(said) > 1 else "")
