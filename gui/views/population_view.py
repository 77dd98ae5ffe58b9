"""Tunes of the corpus and generated ones beside each other: one small chart for each property."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from gui.theme import DARK, SPACING, Theme
from gui.views.distribution_plot import SIZE, Distribution, DistributionPlot, draw_sample

MOST_COLUMNS = 3
SAMPLE = 12.0            # px, side of the squares of the legend
NOTHING_YET = "Nothing compared yet."
NAMES = ("corpus", "generated")


class Legend(QWidget):
    """What solid and hatched bars are."""

    theme = DARK

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Solid: corpus; hatched: generated")
        self.setToolTip("A triangle marks a distance that is more than chance")

    def sizeHint(self) -> QSize:
        """One line."""
        return QSize(200, self.fontMetrics().height() + SPACING)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Two samples with their names."""
        painter, left = QPainter(self), 0.5
        for name, ink, hatched in zip(NAMES, (self.theme.negative, self.theme.positive), (False, True), strict=True):
            sample = QRectF(left, (self.height() - SAMPLE) / 2, SAMPLE, SAMPLE)
            draw_sample(painter, sample, QColor(ink), hatched=hatched)
            left += SAMPLE + SPACING
            painter.setPen(QColor(self.theme.text))
            painter.drawText(QRectF(left, 0, 200, self.height()), Qt.AlignmentFlag.AlignVCenter, name)
            left += self.fontMetrics().horizontalAdvance(name) + 3 * SPACING
        painter.end()


class PopulationView(QWidget):
    """Charts in up to three columns, as many as there is room for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = DARK
        self.plots: list[DistributionPlot] = []
        self._columns = 0
        self.legend, self.message, self.area = Legend(), QLabel(NOTHING_YET), QScrollArea()
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.message.setWordWrap(True)
        self._inside = QWidget()
        self._grid = QGridLayout(self._inside)
        self._grid.setContentsMargins(0, 0, SPACING, 0)
        self._grid.setSpacing(SPACING)
        self.area.setWidget(self._inside)
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.area.setAccessibleName("Distributions")
        for part in (self.area.viewport(), self._inside):
            part.setAutoFillBackground(False)  # the page's background shows through
        charts = QWidget()
        column = QVBoxLayout(charts)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING // 2)
        column.addWidget(self.legend)
        column.addWidget(self.area, 1)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.message)
        self._stack.addWidget(charts)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(SPACING, SPACING, 0, SPACING)
        outside.addWidget(self._stack)
        self.setAccessibleName("Population statistics")

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self.theme = self.legend.theme = theme
        self.message.setStyleSheet(f"color: {theme.muted}")
        self.legend.update()
        for plot in self.plots:
            plot.set_theme(theme)

    def show_comparison(self, distributions: Sequence[Distribution]) -> None:
        """One chart for each property."""
        for plot in self.plots:
            plot.deleteLater()
        self.plots = [DistributionPlot(shown) for shown in distributions]
        for plot in self.plots:
            plot.set_theme(self.theme)
        self._columns = 0
        self._arrange()
        self._stack.setCurrentIndex(1)

    def clear(self, text: str) -> None:
        """No charts, and why."""
        self.message.setText(text)
        self._stack.setCurrentIndex(0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width has room for more columns, or fewer."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        columns = max(1, min(MOST_COLUMNS, (self.width() - 3 * SPACING) // (SIZE.width() + SPACING)))
        if columns == self._columns:
            return
        self._columns = columns
        for number, plot in enumerate(self.plots):
            self._grid.addWidget(plot, number // columns, number % columns)
        for column in range(MOST_COLUMNS):
            self._grid.setColumnStretch(column, int(column < columns))
