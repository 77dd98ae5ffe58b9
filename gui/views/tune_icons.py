"""Icons of what is done with tunes and seeds, drawn: crisp at any size and in the colours of the theme."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QToolButton

from gui.theme import Theme, colour, scaled

SIZE = 18            # px, at text of the usual size
GRID = 24            # units that the shapes are drawn in
RATIOS = (1, 2, 3)   # device pixel ratios that are prepared; Qt scales between


def _plus(painter: QPainter) -> None:
    painter.drawLine(QPointF(12, 5), QPointF(12, 19))
    painter.drawLine(QPointF(5, 12), QPointF(19, 12))


def _duplicate(painter: QPainter) -> None:
    painter.drawRoundedRect(QRectF(9, 9, 11, 11), 2, 2)
    painter.drawPolyline([QPointF(5, 15), QPointF(4, 14), QPointF(4, 5.5), QPointF(5.5, 4), QPointF(14, 4),
                          QPointF(15, 5)])


def _remove(painter: QPainter) -> None:
    painter.drawLine(QPointF(4, 7), QPointF(20, 7))
    painter.drawPolyline([QPointF(6, 7), QPointF(7, 20), QPointF(17, 20), QPointF(18, 7)])
    painter.drawPolyline([QPointF(9, 7), QPointF(9, 4), QPointF(15, 4), QPointF(15, 7)])
    painter.drawLine(QPointF(10.3, 11), QPointF(10.6, 16))
    painter.drawLine(QPointF(13.7, 11), QPointF(13.4, 16))


def _locked(painter: QPainter) -> None:
    _lock(painter, QRectF(7.5, 3.5, 9, 12), closed=True)


def _open(painter: QPainter) -> None:
    _lock(painter, QRectF(12.5, 3.5, 9, 12), closed=False)


def _lock(painter: QPainter, bow: QRectF, *, closed: bool) -> None:
    """A body with its bow: over the body, or swung out beside it."""
    painter.drawArc(bow, 0, 180 * 16)
    painter.drawLine(QPointF(bow.left(), bow.center().y()), QPointF(bow.left(), 11))
    if closed:
        painter.drawLine(QPointF(bow.right(), bow.center().y()), QPointF(bow.right(), 11))
        painter.setBrush(painter.pen().color())
    painter.drawRoundedRect(QRectF(5, 11, 14, 9.5) if closed else QRectF(2.5, 11, 14, 9.5), 2, 2)


def _dice(painter: QPainter) -> None:
    painter.drawRoundedRect(QRectF(4, 4, 16, 16), 3, 3)
    painter.setBrush(painter.pen().color())
    painter.setPen(Qt.PenStyle.NoPen)
    for x, y in ((8.3, 8.3), (15.7, 8.3), (12, 12), (8.3, 15.7), (15.7, 15.7)):
        painter.drawEllipse(QPointF(x, y), 1.6, 1.6)


def _reset(painter: QPainter) -> None:
    painter.drawArc(QRectF(4.5, 4.5, 15, 15), 158 * 16, -305 * 16)
    painter.drawPolyline([QPointF(4, 4), QPointF(4.4, 9.4), QPointF(9.8, 9.4)])


DRAWN = {"plus": _plus, "duplicate": _duplicate, "remove": _remove, "locked": _locked, "open": _open, "dice": _dice,
         "reset": _reset}


def put_icon(button: QToolButton, name: str, theme: Theme, *, on: str | None = None) -> None:
    """Give a button its icon, as large as text is now; `on` is the shape where it is checked."""
    button.setIconSize(QSize(scaled(SIZE), scaled(SIZE)))
    button.setIcon(icon(name, theme, on=on))


def icon(name: str, theme: Theme, *, on: str | None = None) -> QIcon:
    """The icon of a name as large as text is now; `on` is the shape where it is checked, in the accent."""
    made = QIcon()
    looks = ((QIcon.Mode.Normal, QIcon.State.Off, name, colour(theme.text)),
             (QIcon.Mode.Normal, QIcon.State.On, on or name, colour(theme.accent)),
             (QIcon.Mode.Disabled, QIcon.State.Off, name, colour(theme.muted, 0.55)))
    for mode, state, shape, ink in looks:
        for ratio in RATIOS:
            made.addPixmap(_drawn(shape, ink, ratio), mode, state)
    return made


def _drawn(name: str, ink: QColor, ratio: int) -> QPixmap:
    side = scaled(SIZE)
    pixmap = QPixmap(side * ratio, side * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(side / GRID, side / GRID)
    painter.setPen(QPen(ink, 1.9, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    DRAWN[name](painter)
    painter.end()
    return pixmap
