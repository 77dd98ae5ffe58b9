"""Which segments matter under which fill: a small matrix that is readable without colour."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from engine.explain.explanation import Explanation
from gui.theme import DARK, SPACING, colour, tabular, weight_table
from gui.views.plain_text import with_minus

NAMES_WIDTH, ROW, HEADER = 88, 24, 20   # px at least; text that is larger takes more


class FillMatrix(QWidget):
    """Rows are fills, columns segments; the largest of each row carry their rank in a frame."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = DARK
        self._rows: list[tuple[str, Explanation]] = []
        self._k = 3
        self.setFont(tabular(self.font(), -1.0))
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Agreement over fills")

    def set_explanations(self, by_fill: Mapping[str, Explanation], k: int) -> None:
        """Show explanations of one excerpt, all with the same segments."""
        self._rows, self._k = list(by_fill.items()), k
        said = "; ".join(f"{fill}: {', '.join(str(i) for i in e.top(k))}" for fill, e in self._rows)
        self.setAccessibleDescription(f"Largest segments by fill. {said}" if said else "Not computed yet")
        self.updateGeometry()
        self.update()

    @property
    def _names(self) -> int:
        """Width of the names."""
        widest = max((self.fontMetrics().horizontalAdvance(fill) for fill, _ in self._rows), default=0)
        return max(NAMES_WIDTH, widest + 2 * SPACING)

    @property
    def _row(self) -> int:
        """Height of a row."""
        return max(ROW, self.fontMetrics().height() + SPACING)

    @property
    def _header(self) -> int:
        """Height of the numbers of segments."""
        return max(HEADER, self.fontMetrics().height() + SPACING // 2)

    def sizeHint(self) -> QSize:
        """A row for each fill."""
        return QSize(self._names + 160, self._header + self._row * max(1, len(self._rows)))

    minimumSizeHint = sizeHint

    def _columns(self) -> int:
        return max((len(e.weights) for _, e in self._rows), default=1)

    def _cell(self, row: int, column: int) -> QRectF:
        width = (self.width() - self._names) / self._columns()
        return QRectF(self._names + column * width, self._header + row * self._row, width, self._row)

    def paintEvent(self, ev: QPaintEvent) -> None:
        """Names, numbers of segments, cells."""
        painter = QPainter(self)
        painter.setPen(QColor(self.theme.muted))
        centre = Qt.AlignmentFlag.AlignCenter
        if not self._rows:
            painter.drawText(self.rect(), centre, "Computed when an explanation stands still")
            return
        if self._cell(0, 0).width() >= 14:
            for column in range(self._columns()):
                painter.drawText(self._cell(0, column).translated(0, -self._header - 2), centre, str(column))
        for row, (fill, explanation) in enumerate(self._rows):
            painter.setPen(QColor(self.theme.text))
            painter.drawText(QRectF(0, self._header + row * self._row, self._names - 8, self._row),
                             Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, fill)
            self._paint_row(painter, row, explanation)

    def _paint_row(self, painter: QPainter, row: int, explanation: Explanation) -> None:
        table = weight_table(self.theme)
        limit = float(np.abs(explanation.weights).max()) or 1.0
        ranks = {index: rank for rank, index in enumerate(explanation.top(self._k), 1)}
        for column, weight in enumerate(explanation.weights):
            cell = self._cell(row, column).adjusted(1, 1, -1, -1)
            shade = QColor(*(int(c) for c in table[round((weight / limit + 1) * 127.5)]))
            shade.setAlphaF(0.7 * shade.alphaF())
            painter.fillRect(cell, colour(self.theme.grid, 0.35))
            painter.fillRect(cell, shade)
            if column in ranks:
                painter.setPen(QPen(QColor(self.theme.text), 1.5))
                painter.drawRect(cell.adjusted(0.5, 0.5, -0.5, -0.5))
                painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, str(ranks[column]))

    def event(self, ev: QEvent) -> bool:
        """The tooltip is the weight under the mouse."""
        if isinstance(ev, QHelpEvent) and ev.type() == QEvent.Type.ToolTip:
            for row, (fill, explanation) in enumerate(self._rows):
                for column, weight in enumerate(explanation.weights):
                    if self._cell(row, column).contains(ev.pos()):
                        told = f"{fill}, segment {column}: {with_minus(f'{weight:+.4f}')}"
                        QToolTip.showText(ev.globalPos(), told, self)
                        return True
        return super().event(ev)
