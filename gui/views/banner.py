"""A warning in words, with a mark that is seen without its colour."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from gui.theme import DARK, SPACING, Theme, colour
from gui.views.marks import WARNING, draw_warning


class Triangle(QWidget):
    """The mark of what needs a look."""

    theme = DARK

    def sizeHint(self) -> QSize:
        """Its room."""
        return QSize(round(WARNING) + 4, round(WARNING) + 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The triangle."""
        painter = QPainter(self)
        draw_warning(painter, QRectF(0, 0, self.width(), WARNING + 4), QColor(self.theme.warning),
                     QColor(self.theme.surface))
        painter.end()


class Banner(QWidget):
    """A warning in words beside a triangle, on a ground of its own."""

    def __init__(self) -> None:
        super().__init__()
        self._mark, self.words = Triangle(), QLabel()
        self._mark.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.words.setWordWrap(True)
        self.words.setAccessibleName("Warning")
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACING, SPACING, SPACING, SPACING)
        row.setSpacing(SPACING)
        row.addWidget(self._mark)
        row.addWidget(self.words, 1)

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self._mark.theme = theme
        self.words.setStyleSheet(f"color: {theme.text}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The ground."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(self._mark.theme.warning))
        painter.setBrush(colour(self._mark.theme.warning, 0.1))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.end()
