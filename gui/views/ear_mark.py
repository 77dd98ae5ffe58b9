"""Whether anybody hears it: sound waves, the same struck through, or a question that cannot be answered."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.theme import DARK, Theme

SIDE = 18            # px
UNKNOWN, AUDIBLE, INAUDIBLE, INCOMPARABLE = "", "audible", "inaudible", "incomparable"
WORDS = {UNKNOWN: "", AUDIBLE: "audible", INAUDIBLE: "nobody hears it", INCOMPARABLE: "heard as another sound"}


def draw_ear_mark(painter: QPainter, middle: QPointF, kind: str, theme: Theme) -> None:
    """Told apart by shape and by colour."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    ink = QColor(theme.positive if kind == AUDIBLE else theme.accent if kind == INAUDIBLE else theme.muted)
    pen = QPen(ink, 1.8, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    if kind == INCOMPARABLE:
        painter.drawLine(middle + QPointF(-4.5, -2), middle + QPointF(4.5, -2))
        painter.drawLine(middle + QPointF(-4.5, 2.5), middle + QPointF(4.5, 2.5))
        painter.drawLine(middle + QPointF(-2.5, 6), middle + QPointF(2.5, -5.5))
    elif kind:
        source = middle + QPointF(-5, 0)
        for radius in (5.0, 9.0):
            box = QRectF(source.x() - radius, source.y() - radius, 2 * radius, 2 * radius)
            painter.drawArc(box, -42 * 16, 84 * 16)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawEllipse(source, 1.9, 1.9)
        if kind == INAUDIBLE:
            pen.setWidthF(2.0)
            painter.setPen(pen)
            painter.drawLine(middle + QPointF(-6.5, 6.5), middle + QPointF(6.5, -6.5))
    painter.restore()


class EarMark(QWidget):
    """The mark, with its reason in the tooltip."""

    def __init__(self, what: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme, self.kind, self._what = DARK, UNKNOWN, what
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFixedSize(QSize(SIDE + 2, SIDE + 2))
        self.show_mark(UNKNOWN, "")

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self.theme = theme
        self.update()

    def show_mark(self, kind: str, words: str) -> None:
        """One of the marks, and why."""
        self.kind = kind
        self.setToolTip(words)
        self.setAccessibleName(f"{self._what}: {WORDS[kind] or 'not asked yet'}")
        self.setAccessibleDescription(words)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """In the middle."""
        painter = QPainter(self)
        draw_ear_mark(painter, QRectF(self.rect()).center(), self.kind, self.theme)
        painter.end()
