"""The excerpt on the spectrogram: the weights as colour, outline and number, and the frame of the excerpt."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QImage, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from gui.theme import DARK, Theme, colour, weight_table

BADGE = 18.0  # px, or what a figure in large text takes
HANDLE = 6.0  # px
SMALLEST = 6.0  # px: narrower than this, outlines and numbers would only be dirt


class ExplanationItem(pg.GraphicsObject):
    """In coordinates of the excerpt: frames from 0, bands from 0."""

    def __init__(self, font: QFont) -> None:
        super().__init__()
        self.theme = DARK
        self._font = font
        self._frames, self._bands = 1, 1
        self._heat: QImage | None = None
        self._boxes: dict[int, QRectF] = {}
        self._weights: NDArray[np.float64] | None = None
        self._limit = 1.0
        self._top: list[int] = []
        self._hidden: frozenset[int] = frozenset()
        self._focused: int | None = None
        self._opacity = 0.75

    def set_size(self, frames: int, bands: int) -> None:
        """Frames and bands of the excerpt."""
        self.prepareGeometryChange()
        self._frames, self._bands = frames, bands

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self.theme = theme
        self._colour_weights()

    def set_strength(self, opacity: float) -> None:
        """Opacity of the strongest weight, 0 to 1."""
        self._opacity = opacity
        self.update()

    def show_weights(self, weights: NDArray[np.float64], boxes: dict[int, QRectF], top: list[int],
                     limit: float) -> None:
        """Show weights (bands, frames); `limit` is the weight of full colour."""
        self._weights, self._boxes, self._top = weights, boxes, list(top)
        self._limit = max(limit, 1e-12)
        self._colour_weights()

    def clear(self) -> None:
        """Show nothing."""
        self._weights, self._heat, self._boxes, self._top = None, None, {}, []
        self.update()

    @property
    def explained(self) -> bool:
        """Whether weights are shown."""
        return self._heat is not None

    def set_hidden(self, hidden: Collection[int]) -> None:
        """Segments that the model does not hear at the moment."""
        self._hidden = frozenset(hidden)
        self.update()

    def set_focused(self, index: int | None) -> None:
        """The segment selected elsewhere."""
        self._focused = index
        self.update()

    def segment_at(self, frame: float, band: float) -> int | None:
        """Index of the segment at a position in the excerpt."""
        return next((index for index, box in self._boxes.items() if box.contains(QPointF(frame, band))), None)

    def weight_at(self, frame: float, band: float) -> float | None:
        """Weight at a position in the excerpt."""
        if self._weights is None or not (0 <= frame < self._frames and 0 <= band < self._bands):
            return None
        return float(self._weights[int(band), int(frame)])

    def boundingRect(self) -> QRectF:
        """The excerpt."""
        return QRectF(0.0, 0.0, self._frames, self._bands)

    def _colour_weights(self) -> None:
        if self._weights is not None:
            index = np.clip(np.rint((self._weights / self._limit + 1) * 127.5), 0, 255).astype(np.uint8)
            rgba = np.ascontiguousarray(weight_table(self.theme)[index])
            height, width = index.shape
            self._heat = QImage(rgba.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()
        self.update()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Heat in excerpt coordinates, all else in pixels."""
        if self._heat is not None:
            painter.setOpacity(self._opacity)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
            painter.drawImage(self.boundingRect(), self._heat)
            painter.setOpacity(1.0)
        transform = painter.worldTransform()
        painter.resetTransform()
        boxes = {index: transform.mapRect(box) for index, box in self._boxes.items()}
        for index in sorted(self._hidden & boxes.keys()):
            self._draw_hidden(painter, boxes[index])
        self._draw_edges(painter, list(boxes.values()))
        named = [index for index in self._top if index in boxes]
        for rank, index in reversed(list(enumerate(named, 1))):
            self._draw_named(painter, boxes[index], rank)
        if self._focused in boxes:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(self.theme.accent), 2, Qt.PenStyle.DashLine))
            painter.drawRect(boxes[self._focused].adjusted(4, 4, -4, -4))

    def _draw_hidden(self, painter: QPainter, box: QRectF) -> None:
        painter.fillRect(box, colour(self.theme.surface, 0.72))
        painter.fillRect(box, QBrush(colour(self.theme.text, 0.55), Qt.BrushStyle.BDiagPattern))

    def _draw_edges(self, painter: QPainter, boxes: Sequence[QRectF]) -> None:
        painter.setPen(QPen(colour(self.theme.text, 0.28), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for box in boxes:
            if min(box.width(), box.height()) > 4:
                painter.drawRect(box)

    def _draw_named(self, painter: QPainter, box: QRectF, rank: int) -> None:
        """Outline, thicker for the larger weight, and the rank in a badge."""
        if min(box.width(), box.height()) < SMALLEST:
            return
        thick = 4.0 - rank if rank < 3 else 1.5
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for width, line in ((thick + 2, colour(self.theme.surface, 0.8)), (thick, QColor(self.theme.text))):
            painter.setPen(QPen(line, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap,
                                Qt.PenJoinStyle.MiterJoin))
            painter.drawRect(box.adjusted(thick / 2, thick / 2, -thick / 2, -thick / 2))
        side = max(BADGE, QFontMetricsF(self._font).height() + 2)
        if box.height() > 2 * side:
            below = 8 if box.width() >= side else 8 + (rank - 1) * (side + 2)  # narrow neighbours: as a stair
            badge = QRectF(box.center().x() - side / 2, box.top() + below, side, side)
            painter.setPen(QPen(QColor(self.theme.surface), 1.5))
            painter.setBrush(QColor(self.theme.text))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.drawEllipse(badge)
            painter.setFont(self._font)
            painter.setPen(QColor(self.theme.surface))
            painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, str(rank))



class FrameItem(pg.GraphicsObject):
    """The frame of the excerpt: where the next explanation will be. In frames and bands, from 0."""

    def __init__(self) -> None:
        super().__init__()
        self.theme = DARK
        self._size = (1, 1)

    def set_size(self, frames: int, bands: int) -> None:
        """Frames and bands of the excerpt."""
        if (frames, bands) != self._size:
            self.prepareGeometryChange()
            self._size = frames, bands

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self.theme = theme
        self.update()

    def boundingRect(self) -> QRectF:
        """The excerpt and its handles."""
        slack = 2 * HANDLE * (self.pixelWidth() or 0.0)
        return QRectF(-slack, 0.0, self._size[0] + 2 * slack, self._size[1])

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """In pixels."""
        box = painter.worldTransform().mapRect(QRectF(0, 0, *self._size))
        painter.resetTransform()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for width, line in ((4.0, colour(self.theme.surface, 0.6)), (2.0, QColor(self.theme.accent))):
            painter.setPen(QPen(line, width))
            painter.drawLine(box.topLeft(), box.bottomLeft())
            painter.drawLine(box.topRight(), box.bottomRight())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.theme.accent))
        painter.drawRect(QRectF(box.left() - 1, box.top(), max(box.width(), 2) + 2, 4))
        for x in (box.left(), box.right()):
            painter.drawPolygon(QPolygonF([QPointF(x - HANDLE, box.top()), QPointF(x + HANDLE, box.top()),
                                           QPointF(x, box.top() + 1.5 * HANDLE)]))
