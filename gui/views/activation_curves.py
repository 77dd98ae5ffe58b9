"""How examples grow: the neuron's activation over the iterations, a line for each seed and one for the middle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QLabel, QStyleOptionGraphicsItem, QVBoxLayout, QWidget

from gui.theme import DARK, SPACING, Theme, colour, tabular
from gui.views.axes import axes, dress
from gui.views.gallery_cells import figure
from gui.views.headline import ElidedLabel
from gui.views.step_curves import WholeAxis

AXIS = 44             # px
MOST_POINTS = 160     # of a line: they are smooth, and 50 of them are drawn ten times a second
CROSS = 4.0           # px, half a cross
DOT = 2.2             # px, radius
FEW = 12              # points of a line, up to which each has a dot
HEADROOM = 0.08
TIP = ("Activation by iteration, a thin line for each seed; bold: their median, and the one that is chosen; a cross: "
       "where one failed")

Curves = NDArray[np.floating[Any]]


def thinned(curves: Curves) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Iterations and values (seeds, points) of at most so many points as are drawn, first and last among them."""
    n = curves.shape[1]
    places = np.unique(np.linspace(0, n - 1, min(n, MOST_POINTS)).round().astype(np.int64)) if n else np.zeros(0, int)
    return places, np.asarray(curves[:, places], np.float64)


def ends(curves: Curves) -> list[tuple[int, int, float]]:
    """Where the lines end that end before the others do: row, place of the last finite value, and that value."""
    found = []
    for i, row in enumerate(np.asarray(curves, np.float64)):
        finite = np.flatnonzero(np.isfinite(row))
        if len(finite) and finite[-1] < len(row) - 1:
            found.append((i, int(finite[-1]), float(row[finite[-1]])))
    return found


def path_of(x: NDArray[np.float64], rows: NDArray[np.float64]) -> QPainterPath:
    """Lines of rows (lines, points) over x (points,), broken where a value is NaN."""
    if not rows.size:
        return QPainterPath()
    return pg.arrayToQPath(np.tile(np.r_[x, np.nan], len(rows)), np.c_[rows, np.full(len(rows), np.nan)].ravel(),
                           connect="finite")


class FanItem(pg.GraphicsObject):
    """All lines as one path, the median and the chosen one as others; the paths are made when the data change."""

    def __init__(self) -> None:
        super().__init__()
        self._x: NDArray[np.float64] = np.zeros(0)
        self._rows: NDArray[np.float64] = np.zeros((0, 0))
        self._thin, self._bold, self._chosen = QPainterPath(), QPainterPath(), QPainterPath()
        self._ends: list[QPointF] = []
        self._dots: list[QPointF] = []
        self._rect = QRectF()
        self._pens = QPen(), QPen(), QPen(), QPen()

    def set_colours(self, thin: QPen, bold: QPen, chosen: QPen, cross: QPen) -> None:
        """Pens, cosmetic."""
        for pen in (thin, bold, chosen):
            pen.setCosmetic(True)
        self._pens = thin, bold, chosen, cross
        self.update()

    def set_curves(self, x: NDArray[np.int64], curves: Curves, crosses: list[tuple[int, int, float]], *,
                   middle: bool) -> None:
        """Other lines (seeds, points) over x (points,), NaN from where one ends; `middle`: draw their median."""
        self.prepareGeometryChange()
        places, self._rows = thinned(curves)
        self._x = np.asarray(x, np.float64)[places]
        self._thin = path_of(self._x, self._rows)
        self._bold = path_of(self._x, median(self._rows)[None]) if middle and self._rows.size else QPainterPath()
        self._chosen = QPainterPath()
        self._ends = [QPointF(float(x[place]), value) for _, place, value in crosses]
        few = len(self._x) <= FEW and self._rows.size
        self._dots = [QPointF(float(self._x[k]), float(self._rows[i, k]))
                      for i, k in np.argwhere(np.isfinite(self._rows))] if few else []
        self._rect = self._thin.boundingRect().adjusted(-0.5, -0.1, 0.5, 0.1)
        self.update()

    def set_chosen(self, place: int) -> None:
        """Which line is marked; -1: none."""
        there = 0 <= place < len(self._rows)
        self._chosen = path_of(self._x, self._rows[place : place + 1]) if there else QPainterPath()
        self.update()

    def boundingRect(self) -> QRectF:
        """Of all lines."""
        return self._rect

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Lines, the median and the chosen one over them, dots and crosses in pixels."""
        thin, bold, chosen, cross = self._pens
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.strokePath(self._thin, thin)
        painter.strokePath(self._bold, bold)
        painter.strokePath(self._chosen, chosen)
        transform = painter.worldTransform()
        painter.resetTransform()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(thin.color())
        for dot in self._dots:
            painter.drawEllipse(transform.map(dot), DOT, DOT)
        painter.setPen(cross)
        for end in self._ends:
            at = transform.map(end)
            painter.drawLine(QLineF(at.x() - CROSS, at.y() - CROSS, at.x() + CROSS, at.y() + CROSS))
            painter.drawLine(QLineF(at.x() - CROSS, at.y() + CROSS, at.x() + CROSS, at.y() - CROSS))


def median(curves: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of those that are left at each iteration; NaN where none is."""
    left = np.isfinite(curves).any(axis=0)
    middle = np.full(curves.shape[1], np.nan)
    if left.any():
        middle[left] = np.nanmedian(np.where(np.isfinite(curves[:, left]), curves[:, left], np.nan), axis=0)
    return middle


class ActivationCurves(QWidget):
    """The dashed line is the most that a real excerpt reaches, or the least where the least is wanted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = DARK
        self._real: float | None = None
        self._name, self._iterations = "", 1
        self._curves: Curves = np.zeros((0, 0))
        self._steps: NDArray[np.int64] = np.zeros(0, np.int64)
        self._failed, self._middle = 0, True
        self._said = ElidedLabel()
        self._said.setFont(tabular(self.font(), -1.0))
        self._said.setAccessibleName("Progress")
        self.plot = pg.PlotWidget(axisItems=axes(bottom=WholeAxis("bottom")))
        self._fan, self._limit = FanItem(), pg.InfiniteLine(angle=0, movable=False)
        self._limit_label = QLabel(self.plot)
        self._set_up_plot()
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACING, 0, SPACING, 0)
        column.setSpacing(SPACING // 2)
        column.addWidget(self._said)
        column.addWidget(self.plot, 1)
        self.setAccessibleName("Activation by iteration")
        self.clear("Nothing maximised yet")

    def _set_up_plot(self) -> None:
        item = self.plot.plotItem
        self.plot.setMinimumHeight(96)
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plot.setToolTip(TIP)
        self.plot.setAccessibleName("Activation by iteration")
        item.hideButtons()
        item.setContentsMargins(0, 2, 2 * SPACING, 0)
        item.vb.setMouseEnabled(False, False)
        item.vb.setMenuEnabled(False)
        item.vb.addItem(self._fan, ignoreBounds=True)
        item.vb.addItem(self._limit, ignoreBounds=True)
        item.getAxis("left").setWidth(AXIS)
        item.getAxis("bottom").setStyle(hideOverlappingLabels=2 * SPACING)  # the last one may reach into the margin
        item.vb.sigResized.connect(self._place_label)
        self._limit_label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._limit_label.setFont(tabular(self.font(), -1.5))

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self.theme = theme
        self._said.setStyleSheet(f"color: {theme.muted}")
        self.plot.setBackground(theme.surface)
        dress(self.plot.plotItem, theme, tabular(self.font(), -1.5), left=AXIS)
        self._limit.setPen(pg.mkPen(theme.muted, width=1, style=Qt.PenStyle.DashLine))
        paper = colour(theme.surface)
        self._limit_label.setStyleSheet(
            f"color: {theme.text}; background: rgba({paper.red()}, {paper.green()}, {paper.blue()}, 200)")
        self._fan.set_colours(pg.mkPen(colour(theme.accent, 0.45), width=1), pg.mkPen(theme.text, width=2),
                              pg.mkPen(theme.accent, width=3), pg.mkPen(theme.error, width=2))

    # what is shown

    def clear(self, said: str = "") -> None:
        """Nothing to show."""
        self.begin(iterations=1, said=said)

    def begin(self, *, iterations: int, real: float | None = None, minimise: bool = False, said: str = "") -> None:
        """Examples begin to grow, over so many iterations; `real` is what real excerpts reach."""
        self._iterations, self._real = max(1, iterations), real
        self._name = "real minimum" if minimise else "real maximum"
        self._limit.setVisible(real is not None)
        self._limit_label.setVisible(real is not None)
        if real is not None:
            self._limit.setPos(real)
            self._limit_label.setText(f"{self._name} {figure(real)}")
            self._limit_label.adjustSize()
        self.say(said)
        self.show_curves(np.zeros((0, 0)))

    def show_curves(self, curves: Curves, *, steps: NDArray[np.int64] | None = None,
                    failed: Sequence[bool] | None = None, middle: bool = True) -> None:
        """Activations (seeds, points); NaN from where a line ends. None is chosen.

        Parameters
        ----------
        steps
            (points,): iterations; None: each, from before the first on.
        failed
            Which of them failed; None: those that end before the others do.
        middle
            Whether it makes sense to draw their median.
        """
        crosses = [end for end in ends(curves) if failed is None or failed[end[0]]]
        self._curves, self._middle, self._failed = curves, middle, len(crosses)
        self._steps = np.arange(curves.shape[1]) if steps is None else np.asarray(steps)
        self._fan.set_curves(self._steps, curves, crosses, middle=middle)
        box = self.plot.plotItem.vb
        box.setXRange(0, max(self._iterations, int(self._steps[-1]) if len(self._steps) else 0), padding=0.02)
        finite = np.asarray(curves)[np.isfinite(curves)]
        if self._real is not None:
            finite = np.r_[finite, self._real]
        if len(finite):
            low, high = float(finite.min()), float(finite.max())
            room = max(high - low, 1e-3 * max(1.0, abs(high)))
            box.setYRange(low - HEADROOM * room, high + HEADROOM * room, padding=0)
        self.plot.setAccessibleDescription(self.words)
        self._place_label()

    def show_chosen(self, place: int) -> None:
        """Mark the line of an example; -1: none."""
        self._fan.set_chosen(place)

    @property
    def words(self) -> str:
        """What there is to see, in words."""
        if not self._curves.size:
            return "no examples yet"
        last = median(np.asarray(self._curves, np.float64))
        last = last[np.isfinite(last)]
        parts = [f"{len(self._curves)} seeds", f"{self._steps[-1]} iterations"]
        if len(last) and self._middle:
            parts.append(f"median {figure(float(last[-1]))}")
        return ", ".join(parts + [f"{self._failed} failed"] * bool(self._failed)
                         + ([f"{self._name} {figure(self._real)}"] if self._real is not None else []))

    def say(self, words: str) -> None:
        """A line above the curves."""
        self._said.set_whole(words)

    def _place_label(self) -> None:
        """At the right end of the dashed line, on the side where fewer lines end."""
        box, label = self.plot.plotItem.vb, self._limit_label
        if self._real is None or box.height() <= 0:
            return
        at = self.plot.mapFromScene(box.mapViewToScene(QPointF(0, self._real)))
        last = self._curves[:, -1] if self._curves.size else np.zeros(0)
        beyond = float(np.nan_to_num((last > self._real).mean(), nan=0.0)) if len(last) else 0.0
        above, below = at.y() - label.height() - 1, at.y() + 2
        low = (beyond > 0.5 or above < 0) and below + label.height() < box.height()
        label.move(self.plot.width() - label.width() - 2 * SPACING, below if low else max(0, above))
