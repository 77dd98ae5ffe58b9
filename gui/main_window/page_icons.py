"""Icons of the pages, drawn in the colours of the theme."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap, QPolygonF

from gui.theme import Theme, colour

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


def _plain(painter: QPainter, ink: QColor, second: QColor) -> None:
    """A sheet."""
    _line(painter, ink, 1.6)
    painter.drawRoundedRect(QRectF(4, 4, 16, 16), 2, 2)


def _line(painter: QPainter, ink: QColor, width: float) -> None:
    painter.setPen(QPen(ink, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.setBrush(Qt.BrushStyle.NoBrush)


DRAWN = {"Explain": _explain, "Adversary": _adversary}


def icon(title: str, theme: Theme) -> QIcon:
    """The icon of a page: in muted ink, in full colour where it is in sight."""
    made = QIcon()
    looks = ((QIcon.State.Off, colour(theme.muted), colour(theme.muted)),
             (QIcon.State.On, colour(theme.text), colour(theme.accent)))
    for state, ink, second in looks:
        for ratio in RATIOS:
            pixmap = QPixmap(SIZE * ratio, SIZE * ratio)
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            DRAWN.get(title, _plain)(painter, ink, second)
            painter.end()
            made.addPixmap(pixmap, QIcon.Mode.Normal, state)
    return made
