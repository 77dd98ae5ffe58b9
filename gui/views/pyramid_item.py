"""Draws the part of a pyramid that is in sight, at the resolution of the screen."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from engine.audio.pyramid import Bytes, ImagePyramid
from gui.theme import Table, stretched

SHARP_PIXELS = 10.0  # from this width on, single frames are drawn as what they are: rectangles


class BytesItem(pg.ImageItem):
    """Bytes as an image: column i lies from `first` + i * step to the next, band j from j to j + 1."""

    def __init__(self) -> None:
        super().__init__(axisOrder="row-major")
        self.setOpts(levels=(0, 255))

    def show_bytes(self, columns: Bytes, first: float, step: float) -> None:
        """Upload columns (bands, n) and place them, in seconds."""
        if not columns.size:
            self.clear()
            return
        self.setImage(columns, autoLevels=False, levels=(0, 255))
        self.setRect(QRectF(first, 0.0, columns.shape[1] * step, columns.shape[0]))

    def paint(self, painter: QPainter, *args: QStyleOptionGraphicsItem | QWidget) -> None:
        """Smooth while frames are narrow, sharp when they can be told apart."""
        wide = painter.worldTransform().m11() > SHARP_PIXELS
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not wide)
        super().paint(painter, *args)


class PyramidItem(BytesItem):
    """The visible slice of an `ImagePyramid`; frame t is drawn around t * seconds_per_frame."""

    def __init__(self) -> None:
        super().__init__()
        self._pyramid: ImagePyramid | None = None
        self._seconds_per_frame = 1.0
        self._shown: tuple[int, int, int] | None = None
        self._table: Table | None = None
        self._stretched: list[Table] = []

    def set_pyramid(self, pyramid: ImagePyramid, seconds_per_frame: float) -> None:
        """Show another pyramid."""
        self._pyramid, self._seconds_per_frame = pyramid, seconds_per_frame
        self._stretch()

    def set_colours(self, table: Table) -> None:
        """Colours from black to white."""
        self._table = table
        self._stretch()

    def _stretch(self) -> None:
        """A colour table for each level, so that all look equally bright."""
        self._shown = None
        if self._pyramid is not None and self._table is not None:
            self._stretched = [stretched(self._table, *contrast) for contrast in self._pyramid.contrast]

    def show_range(self, start: float, stop: float, pixels: int) -> None:
        """Upload what lies between two times, in one to two columns per pixel."""
        if self._pyramid is None or not self._stretched:
            return
        spf = self._seconds_per_frame
        image, first, level = self._pyramid.slice(int(start / spf) - 1, int(stop / spf) + 2, 2 * pixels)
        if (first, image.shape[1], level) == self._shown:
            return
        if self._shown is None or self._shown[2] != level:
            self.setLookupTable(self._stretched[level], update=False)
        self._shown = first, image.shape[1], level
        self.show_bytes(image, (first - 0.5) * spf, 2**level * spf)
