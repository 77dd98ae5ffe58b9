"""What is seen in the first second, before anything heavy is loaded: the mark and the name."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QIcon, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from gui.theme import DARK, ICONS, Theme, colour, scaled

BARS = (0.14, 0.26, 0.4, 0.34, 0.82, 0.98, 0.6, 0.8, 0.4, 0.5, 0.3, 0.16)  # heights: a sound
SEEN = range(3, 9)   # what the light falls on
RING = 6.0           # of 24: it runs through the gaps beside them
MARK = 232.0         # px


def draw_mark(painter: QPainter, box: QRectF, theme: Theme) -> None:
    """A sound seen through the funnel of an otoscope: a circle of light on a few of its bars."""
    unit, middle = box.width() / 24, box.center()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour(theme.accent, 0.10))
    painter.drawEllipse(middle, RING * unit, RING * unit)
    for place, height in enumerate(BARS):
        x, half = box.left() + (2 * place + 0.5) * unit, height * 5.2 * unit
        path = QPainterPath()
        path.addRoundedRect(QRectF(x, middle.y() - half, unit, 2 * half), unit / 2, unit / 2)
        painter.fillPath(path, QColor(theme.positive) if place in SEEN else colour(theme.muted, 0.55))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(theme.accent), 0.6 * unit))
    painter.drawEllipse(middle, RING * unit, RING * unit)


def window_icon() -> QIcon:
    """The program's icon, at the sizes that desktops ask for."""
    icon = QIcon()
    for path in sorted(ICONS.glob("otoscope-*.png")):
        icon.addFile(str(path))
    return icon


class Welcome(QWidget):
    """The mark, the name, and what is being done."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = DARK
        self._said = "Looking into the ears of machines"
        self.setAccessibleName("Otoscope is starting")

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self.theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """Room for all of it."""
        return QSize(640, 480)

    def paintEvent(self, ev: QPaintEvent) -> None:
        """All in the middle, a little above it, as the eye wants it."""
        painter = QPainter(self)
        middle = QPointF(self.width() / 2, 0.42 * self.height())
        draw_mark(painter, QRectF(middle.x() - MARK / 2, middle.y() - MARK / 2, MARK, MARK), self.theme)
        below, theme = middle.y() + 0.32 * MARK, self.theme
        self._write(painter, below + 16, "Otoscope", scaled(260) / 10, QFont.Weight.DemiBold, theme.text)
        self._write(painter, below + scaled(76), self._said, scaled(115) / 10, QFont.Weight.Normal, theme.muted)

    def _write(self, painter: QPainter, top: float, text: str, points: float, weight: QFont.Weight,
               name: str) -> None:
        font = QFont(self.font())
        font.setPointSizeF(points)
        font.setWeight(weight)
        painter.setFont(font)
        painter.setPen(QColor(name))
        painter.drawText(QRectF(0, top, self.width(), 3 * points), Qt.AlignmentFlag.AlignCenter, text)
