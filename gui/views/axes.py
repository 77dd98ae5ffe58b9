"""The axes of plots, all dressed alike: quiet lines and figures, with room for them at any size of text."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtGui import QFont, QFontMetrics

from gui.theme import SPACING, Theme, scaled

LENGTH = 4  # px, of a tick


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
