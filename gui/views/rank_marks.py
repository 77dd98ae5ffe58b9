"""Best, median and worst, told by shape: the same in the gallery, the table and the plot."""

from __future__ import annotations

from functools import cache
from math import cos, pi, sin

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF, QTransform

RANKS = ("best", "median", "worst")
MARK = 13.0      # px, side of the box that a mark is drawn in
STAR_INSIDE = 0.42


@cache
def rank_shape(rank: str) -> QPainterPath:
    """A star, a diamond or a triangle that stands on its tip, in a box of side 1 around the origin; else a disc."""
    path = QPainterPath()
    if rank == "best":
        turns = [(n * pi / 5, 0.52 if n % 2 == 0 else 0.52 * STAR_INSIDE) for n in range(10)]
        path.addPolygon(QPolygonF([QPointF(r * sin(angle), -r * cos(angle)) for angle, r in turns]))
    elif rank == "median":
        path.addPolygon(QPolygonF([QPointF(0, -0.5), QPointF(0.42, 0), QPointF(0, 0.5), QPointF(-0.42, 0)]))
    elif rank == "worst":
        path.addPolygon(QPolygonF([QPointF(-0.5, -0.4), QPointF(0.5, -0.4), QPointF(0, 0.46)]))
    else:
        path.addEllipse(QPointF(0, 0), 0.36, 0.36)
    path.closeSubpath()
    return path


def draw_rank(painter: QPainter, middle: QPointF, rank: str, ink: QColor, *, edge: QColor | None = None,
              side: float = MARK) -> None:
    """The mark of a rank around a point."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    shape = QTransform.fromTranslate(middle.x(), middle.y()).scale(side, side).map(rank_shape(rank))
    if edge is not None:
        painter.strokePath(shape, QPen(edge, 3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap,
                                       Qt.PenJoinStyle.RoundJoin))
    painter.fillPath(shape, ink)
    painter.restore()


def draw_cross(painter: QPainter, box: QRectF, ink: QColor, edge: QColor | None = None) -> None:
    """What failed."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for colour, width in filter(lambda pen: pen[0] is not None, ((edge, 4.5), (ink, 2.2))):
        painter.setPen(QPen(QColor(colour), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(box.topLeft(), box.bottomRight())
        painter.drawLine(box.topRight(), box.bottomLeft())
    painter.restore()
