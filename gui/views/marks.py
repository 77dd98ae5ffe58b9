"""Small shapes that several views draw: told apart by form, not by colour alone, and crisp at any size."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

WARNING = 12.0     # px, side of the triangle
HATCH = 4.0        # px between the lines of a hatch


def draw_warning(painter: QPainter, box: QRectF, ink: QColor, ground: QColor) -> None:
    """A triangle with an exclamation mark cut out of it, in the middle of a box."""
    middle, half = box.center(), WARNING / 2
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(ink, 1.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.setBrush(ink)
    painter.drawPolygon(QPolygonF([middle + QPointF(0, 0.8 - half), middle + QPointF(half - 0.5, half - 1),
                                   middle + QPointF(0.5 - half, half - 1)]))
    painter.setPen(QPen(ground, 1.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawLine(middle + QPointF(0, -1.6), middle + QPointF(0, 1.2))
    painter.drawPoint(middle + QPointF(0, 3.6))
    painter.restore()


def draw_hatch(painter: QPainter, room: QRectF, ink: QColor, *, width: float = 1.0) -> None:
    """Slanted lines within a rectangle, equally far apart from one rectangle to the next."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setClipRect(room, Qt.ClipOperation.IntersectClip)
    painter.setPen(QPen(ink, width))
    tall, left = room.height(), (room.left() + room.bottom()) // HATCH * HATCH - room.bottom() - room.height()
    while left < room.right():
        painter.drawLine(QLineF(left, room.bottom(), left + tall, room.top()))
        left += HATCH
    painter.restore()


def draw_bar(painter: QPainter, room: QRectF, share: float, ink: QColor, track: QColor, *,
             slashed: bool = False) -> None:
    """A share of 0 to 1 as a bar on its track; slashed all along where it does not count."""
    wide = max(2.0, min(1.0, share) * room.width()) if share > 0 else 0.0
    painter.fillRect(room, track)
    painter.fillRect(QRectF(room.left(), room.top(), wide, room.height()), ink)
    if slashed:
        draw_hatch(painter, QRectF(room.left() + wide, room.top(), room.width() - wide, room.height()), ink)
