"""Engraved pages as pictures, on any thread: SVG is read and drawn once, then only copied to the screen.

A page of 32 bars takes 2 ms to read and 3 to draw (6 at two pixels a point), so that the view draws what is in sight
as it comes, and need not wait for another thread to have time.
"""

from __future__ import annotations

from collections.abc import Container
from math import ceil

from PySide6.QtCore import QByteArray, QPointF, QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from engine.folk.flatten import FONT, INK, Page
from gui.theme import colour

_FAMILY = "Times New Roman"     # Qt takes a list of families for the name of one
MOST_PIXELS = 16_384            # along an edge; a larger picture is drawn coarser


def picture(page: Page, ink: str, scale: float) -> QImage:
    """A page in one ink on nothing; `scale` in picture pixels for a pixel of the page."""
    scale = min(scale, MOST_PIXELS / max(page.width, page.height))
    image = QImage(ceil(page.width * scale), ceil(page.height * scale), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    svg = page.svg.replace(f'"{INK}"', f'"{ink}"').replace(f'"{FONT}"', f'"{_FAMILY}"', 1)
    renderer = QSvgRenderer(QByteArray(svg.encode("utf-8", "replace")))
    painter = QPainter(image)
    renderer.render(painter, QRectF(0, 0, page.width * scale, page.height * scale))
    painter.end()
    return image


def inked(piece: QImage, ink: str) -> QImage:
    """A piece of a picture in another ink."""
    made = QImage(piece)
    painter = QPainter(made)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(made.rect(), colour(ink))
    painter.end()
    return made


class Pictures:
    """The pictures of pages, by their numbers."""

    def __init__(self) -> None:
        self._made: dict[int, tuple[float, QImage]] = {}    # its scale, and the picture

    def __contains__(self, number: int) -> bool:
        return number in self._made

    def keep(self, numbers: Container[int]) -> None:
        """Forget all others."""
        self._made = {number: made for number, made in self._made.items() if number in numbers}

    def draw(self, number: int, page: Page, ink: str, scale: float, *, ratio: float, roughly: bool) -> bool:
        """Draw a page; False if it is drawn at that scale, or at any if `roughly` will do.

        `ratio` is that of the screen's pixels to points.
        """
        if number in self._made and (roughly or self._made[number][0] == scale):
            return False
        image = picture(page, ink, scale)
        image.setDevicePixelRatio(ratio)
        self._made[number] = scale, image
        return True

    def show(self, painter: QPainter, number: int, scale: float) -> None:
        """Copy a picture to the painter's corner, stretched if it is of another scale."""
        made, image = self._made[number]
        if made == scale:
            painter.drawImage(QPointF(0, 0), image)
        else:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(QRectF(QPointF(0, 0), image.deviceIndependentSize() * (scale / made)), image)

    def piece(self, number: int, room: QRectF) -> tuple[QImage, QRectF]:
        """What is drawn in a part of a page, and the whole pixels that this is; in pixels of the engraving."""
        scale, image = self._made[number]
        cut = QRectF(room.topLeft() * scale, room.size() * scale).toAlignedRect().intersected(image.rect())
        return image.copy(cut), QRectF(cut.x() / scale, cut.y() / scale, cut.width() / scale, cut.height() / scale)
