"""The axes of plots, all dressed alike: quiet lines and figures, with room for them at any size of text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtGui import QFont, QFontMetrics, QPainter

from gui.theme import SPACING, Theme, scaled

LENGTH = 4  # px, of a tick
Figure = tuple[QRectF, Any, str]    # where, how it is aligned, and what is written


class RoomyAxis(pg.AxisItem):
    """Figures that would lie over others are left out; those at the ends of an upright axis stay in the plot."""

    def generateDrawSpecs(self, p: QPainter) -> Any:
        """What pyqtgraph would draw, with fewer figures where text is large or the plot small."""
        specs = super().generateDrawSpecs(p)
        if specs is None:
            return None
        line, ticks, figures = specs
        upright = self.orientation in ("left", "right")
        if upright and self.parentItem() is not None:
            room = self.mapRectFromParent(self.parentItem().boundingRect())
            figures = [(_moved(rect, room), *others) for rect, *others in figures]
        return line, ticks, apart(figures, 0 if upright else SPACING // 2)


def _moved(rect: QRectF, room: QRectF) -> QRectF:
    return QRectF(rect.left(), min(max(rect.top(), room.top()), room.bottom() - rect.height()), rect.width(),
                  rect.height())


def apart(figures: Sequence[Figure], gap: float) -> list[Figure]:
    """Those of the figures that are apart from each other by a gap in pixels; the first ones go first."""
    kept: list[Figure] = []
    for figure in figures:
        if not any(figure[0].adjusted(-gap, 0, gap, 0).intersects(other[0]) for other in kept):
            kept.append(figure)
    return kept


def axes(**own: pg.AxisItem) -> dict[str, pg.AxisItem]:
    """The axes of a plot, by the names of their places: those that are given, else plain ones."""
    return {"bottom": RoomyAxis("bottom"), "left": RoomyAxis("left"), **own}


def dress(item: pg.PlotItem, theme: Theme, font: QFont, *, left: float | None = None) -> None:
    """Colours, font and room of the axes at the bottom and at the left.

    Parameters
    ----------
    left
        Width of the left axis in pixels at text of the usual size; None leaves it to pyqtgraph. What exceeds
        two thirds of it grows with the text.
    """
    for name in ("bottom", "left"):
        axis = item.getAxis(name)
        axis.setPen(pg.mkPen(theme.grid))
        axis.setTextPen(pg.mkPen(theme.muted))
        axis.setTickFont(font)
        axis.setStyle(tickLength=LENGTH, tickTextOffset=SPACING // 2)
    # pyqtgraph gives figures 0.8 of their height, which cuts large ones
    item.getAxis("bottom").setStyle(autoExpandTextSpace=False, tickTextHeight=QFontMetrics(font).height())
    if left is not None:
        item.getAxis("left").setWidth(axis_width(left))


def axis_width(pixels: float) -> int:
    """Width of a left axis at the size that text has now: there is some room to spare at the usual one."""
    return max(round(pixels), scaled(pixels * 2 / 3))
