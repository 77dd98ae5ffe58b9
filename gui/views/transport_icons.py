"""Icons of the transport bar, drawn: crisp at any size and in the colours of the theme."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

from gui.theme import Theme, colour, scaled

GRID = 24        # units that the shapes are drawn in
SIZE = 18        # px, at text of the usual size
STROKE = 2.0     # units
RATIOS = (1, 2, 3)   # device pixel ratios that are prepared; Qt scales between


def _polygon(*points: tuple[float, float], closed: bool = True) -> QPainterPath:
    path = QPainterPath()
    path.addPolygon(QPolygonF([QPointF(x, y) for x, y in points]))
    if closed:
        path.closeSubpath()
    return path


def _boxes(*boxes: tuple[float, float, float, float]) -> QPainterPath:
    path = QPainterPath()
    for x, y, width, height in boxes:
        path.addRoundedRect(x, y, width, height, 1, 1)
    return path


def _arc(box: QRectF, start: float, sweep: float) -> QPainterPath:
    path = QPainterPath()
    path.arcMoveTo(box, start)
    path.arcTo(box, start, sweep)
    return path


def _loop() -> QPainterPath:
    path = QPainterPath(QPointF(4, 12))
    path.arcTo(QRectF(4, 6, 8, 8), 180, -90)
    path.lineTo(20, 6)
    path.moveTo(20, 12)
    path.arcTo(QRectF(12, 10, 8, 8), 0, -90)
    path.lineTo(4, 18)
    path.addPath(_polygon((17, 3), (20, 6), (17, 9), closed=False))
    path.addPath(_polygon((7, 15), (4, 18), (7, 21), closed=False))
    return path


def _speaker() -> QPainterPath:
    return _polygon((12, 4.5), (7, 9), (3, 9), (3, 15), (7, 15), (12, 19.5))


def _waves() -> QPainterPath:
    path = _arc(QRectF(10.5, 7.5, 9, 9), -45, 90)
    path.addPath(_arc(QRectF(7, 4, 16, 16), -45, 90))
    return path


def _cross() -> QPainterPath:
    path = _polygon((16, 9.5), (21, 14.5), closed=False)
    path.addPath(_polygon((21, 9.5), (16, 14.5), closed=False))
    return path


def _headband() -> QPainterPath:
    path = QPainterPath(QPointF(4.5, 15))
    path.lineTo(4.5, 12)
    path.arcTo(QRectF(4.5, 4.5, 15, 15), 180, -180)
    path.lineTo(19.5, 15)
    return path


def _shapes(name: str) -> tuple[QPainterPath, QPainterPath]:
    """What is filled, and what is drawn as a line."""
    none = QPainterPath()
    return {
        "play": lambda: (_polygon((7, 4), (20, 12), (7, 20)), none),
        "pause": lambda: (_boxes((6, 4.5, 4, 15), (14, 4.5, 4, 15)), none),
        "stop": lambda: (_boxes((5.5, 5.5, 13, 13)), none),
        "loop": lambda: (none, _loop()),
        "level": lambda: (_boxes((5, 8, 5, 12), (14, 8, 5, 12)), _polygon((3, 4), (21, 4), closed=False)),
        "volume": lambda: (_speaker(), _waves()),
        "muted": lambda: (_speaker(), _cross()),
        "device": lambda: (_boxes((3, 14, 4.5, 7), (16.5, 14, 4.5, 7)), _headband()),
    }[name]()


def icon(name: str, theme: Theme) -> QIcon:
    """The icon of a name as large as text is now, in the theme's text colour, the accent where checked, fainter where
    disabled.
    """
    made = QIcon()
    looks = ((QIcon.Mode.Normal, QIcon.State.Off, colour(theme.text)),
             (QIcon.Mode.Normal, QIcon.State.On, colour(theme.accent)),
             (QIcon.Mode.Disabled, QIcon.State.Off, colour(theme.muted, 0.55)))
    for mode, state, ink in looks:
        for ratio in RATIOS:
            made.addPixmap(_drawn(name, ink, ratio), mode, state)
    return made


def _drawn(name: str, ink: QColor, ratio: int) -> QPixmap:
    side = scaled(SIZE)
    pixmap = QPixmap(side * ratio, side * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    filled, lined = _shapes(name)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(side / GRID, side / GRID)
    painter.fillPath(filled, ink)
    painter.strokePath(lined, QPen(ink, STROKE, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap,
                                   Qt.PenJoinStyle.RoundJoin))
    painter.end()
    return pixmap
