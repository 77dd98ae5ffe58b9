"""Icons of the pages, drawn in the colours of the theme."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap, QPolygonF

from gui.theme import Theme, colour, scaled

SIZE = 24            # px, and the units that are drawn in
RATIOS = (1, 2, 3)   # device pixel ratios that are prepared; Qt scales between
BARS = (0.3, 0.62, 1.0, 0.78, 0.4)                                                # heights: a sound
CLEAN = ((2, 12), (5, 5), (9, 18), (13, 4), (17, 19), (20, 9), (22, 12))          # a wave, and one that hardly differs
FOOLED = ((2, 12), (5.6, 7.4), (9, 15.5), (13, 6.6), (16.4, 16.6), (20, 7), (22, 12))


def _explain(painter: QPainter, ink: QColor, second: QColor) -> None:
    """Bars of sound in the ring of an otoscope."""
    for place, height in enumerate(BARS):
        tall = 9.0 * height
        painter.fillRect(QRectF(5.6 + 2.8 * place, 12 - tall / 2, 1.6, tall),
                         second if place in (1, 2, 3) else ink)
    _line(painter, ink, 1.6)
    painter.drawEllipse(QPointF(12, 12), 10.0, 10.0)


def _adversary(painter: QPainter, ink: QColor, second: QColor) -> None:
    """A wave, and the one that fools."""
    for points, pen, width in ((FOOLED, second, 2.0), (CLEAN, ink, 1.5)):
        _line(painter, pen, width)
        painter.drawPolyline(QPolygonF([QPointF(*point) for point in points]))


def _maximise(painter: QPainter, ink: QColor, second: QColor) -> None:
    """A neuron that fires: rays around a cell."""
    _line(painter, ink, 1.6)
    for turn in range(8):
        x, y = math.cos(turn * math.pi / 4), math.sin(turn * math.pi / 4)
        painter.drawLine(QPointF(12 + 7 * x, 12 + 7 * y), QPointF(12 + 10 * x, 12 + 10 * y))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(second)
    painter.drawEllipse(QPointF(12, 12), 4.2, 4.2)


def _compose(painter: QPainter, ink: QColor, second: QColor) -> None:
    """Two notes under a beam."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(second)
    for x in (7.4, 17.0):
        painter.save()
        painter.translate(x, 18.4 if x < 10 else 16.6)
        painter.rotate(-22)
        painter.drawEllipse(QPointF(0, 0), 3.5, 2.6)
        painter.restore()
    _line(painter, ink, 1.7)
    painter.drawLine(QPointF(10.6, 17.4), QPointF(10.6, 5.4))
    painter.drawLine(QPointF(20.2, 15.6), QPointF(20.2, 3.6))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink)
    painter.drawPolygon(QPolygonF([QPointF(9.8, 5.2), QPointF(21.0, 3.1), QPointF(21.0, 6.7), QPointF(9.8, 8.8)]))


def _dissect(painter: QPainter, ink: QColor, second: QColor) -> None:
    """A spectrum cut through, and what lies left of the cut."""
    for x, height in ((3.0, 7.0), (6.6, 13.0)):
        painter.fillRect(QRectF(x, 20 - height, 2.2, height), second)
    for x, height in ((13.4, 11.0), (17.0, 8.0), (20.4, 4.5)):
        painter.fillRect(QRectF(x, 20 - height, 2.0, height), ink)
    _line(painter, ink, 1.6)
    painter.drawLine(QPointF(11.1, 3.0), QPointF(11.1, 21.0))


def _plain(painter: QPainter, ink: QColor, second: QColor) -> None:
    """A sheet."""
    _line(painter, ink, 1.6)
    painter.drawRoundedRect(QRectF(4, 4, 16, 16), 2, 2)


def _line(painter: QPainter, ink: QColor, width: float) -> None:
    painter.setPen(QPen(ink, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.setBrush(Qt.BrushStyle.NoBrush)


DRAWN = {"Explain": _explain, "Maximise": _maximise, "Adversary": _adversary, "Compose": _compose, "Dissect": _dissect}


def icon(title: str, theme: Theme) -> QIcon:
    """The icon of a page, as large as text is now: in muted ink, in full colour where it is in sight."""
    made, side = QIcon(), scaled(SIZE)
    looks = ((QIcon.State.Off, colour(theme.muted), colour(theme.muted)),
             (QIcon.State.On, colour(theme.text), colour(theme.accent)))
    for state, ink, second in looks:
        for ratio in RATIOS:
            pixmap = QPixmap(side * ratio, side * ratio)
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.scale(side / SIZE, side / SIZE)
            DRAWN.get(title, _plain)(painter, ink, second)
            painter.end()
            made.addPixmap(pixmap, QIcon.Mode.Normal, state)
    return made
