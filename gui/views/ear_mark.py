"""Whether anybody hears it: sound waves, the same struck through, or a question that cannot be answered."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.theme import DARK, Theme, scaled

SIDE = 18            # px, at text of the usual size
UNKNOWN, AUDIBLE, INAUDIBLE, INCOMPARABLE = "", "audible", "inaudible", "incomparable"
WORDS = {UNKNOWN: "", AUDIBLE: "audible", INAUDIBLE: "nobody hears it", INCOMPARABLE: "heard as another sound"}


def draw_ear_mark(painter: QPainter, middle: QPointF, kind: str, theme: Theme) -> None:
    """Told apart by shape and by colour; as large as text is now."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(middle)
    painter.scale(scaled(100) / 100, scaled(100) / 100)
    ink = QColor(theme.positive if kind == AUDIBLE else theme.accent if kind == INAUDIBLE else theme.muted)
    pen = QPen(ink, 1.8, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    if kind == INCOMPARABLE:
        painter.drawLine(QPointF(-4.5, -2), QPointF(4.5, -2))
        painter.drawLine(QPointF(-4.5, 2.5), QPointF(4.5, 2.5))
        painter.drawLine(QPointF(-2.5, 6), QPointF(2.5, -5.5))
    elif kind:
        source = QPointF(-5, 0)
        for radius in (5.0, 9.0):
            box = QRectF(source.x() - radius, source.y() - radius, 2 * radius, 2 * radius)
            painter.drawArc(box, -42 * 16, 84 * 16)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawEllipse(source, 1.9, 1.9)
        if kind == INAUDIBLE:
            pen.setWidthF(2.0)
            painter.setPen(pen)
            painter.drawLine(QPointF(-6.5, 6.5), QPointF(6.5, -6.5))
    painter.restore()


class EarMark(QWidget):
    """The mark, with its reason in the tooltip."""

    def __init__(self, what: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme, self.kind, self._what = DARK, UNKNOWN, what
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._fit()
        self.show_mark(UNKNOWN, "")

    def set_theme(self, theme: Theme) -> None:
        """Colours, and the size of the text."""
        self.theme = theme
        self._fit()
        self.update()

    def _fit(self) -> None:
        self.setFixedSize(QSize(scaled(SIDE + 2), scaled(SIDE + 2)))

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
