"""Confusion matrices before and after, with the recall of each class and the interval of their mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from engine.explain.dissect import TOO_FEW
from gui.theme import DARK, SPACING, Theme, colour, contrast, tabular

Figures = Mapping[str, Any]
"""As `Outcome.figures` gives them: labels, confusion, recall, mean_recall, mean_recall_interval."""
WIDEST_NAME = 116.0      # px
RECALL = 46.0            # px, column of recalls
TALLEST_CELL = 30.0      # px
NOTHING = "Try the bench on a folder whose files have a class: this shows what is taken for what"


class ConfusionView(QWidget):
    """Rows are the truth, columns what the system says; a cell's shade is its share of the row."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = DARK
        self._both: tuple[Figures | None, Figures | None] = (None, None)
        self._why = NOTHING
        self.setFont(tabular(self.font(), -1.0))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Confusion matrices before and after")

    def sizeHint(self) -> QSize:
        """Room for six classes twice."""
        return QSize(700, 240)

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self.theme = theme
        self.update()

    def set_figures(self, before: Figures | None, after: Figures | None, why: str = NOTHING) -> None:
        """Both, or why there are none."""
        self._both, self._why = (before, after), why
        said = [] if before is None or after is None else [
            f"{when}: mean recall {found['mean_recall']:.2f}, {_interval(found, 'interval ', TOO_FEW)}"
            for when, found in (("before", before), ("after", after))]
        self.setAccessibleDescription("; ".join(said) or why)
        self.update()

    # drawing

    def _rooms(self) -> tuple[QRectF, QRectF]:
        half = (self.width() - 3 * SPACING) / 2
        return tuple(QRectF(SPACING + place * (half + SPACING), SPACING / 2, half, self.height() - SPACING)
                     for place in range(2))  # type: ignore[return-value]

    def _grid(self, room: QRectF, labels: Sequence[str]) -> QRectF:
        """Where the cells of a matrix stand."""
        metrics = QFontMetricsF(self.font())
        left = min(WIDEST_NAME, max(metrics.horizontalAdvance(label) for label in labels)) + SPACING
        top = 2 * metrics.height() + SPACING
        wide = room.width() - left - RECALL
        tall = min(room.height() - top, TALLEST_CELL * len(labels))
        return QRectF(room.left() + left, room.top() + top, wide, max(10.0, tall))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Both beside each other."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(self.theme.surface))
        if None in self._both:
            painter.setPen(QColor(self.theme.muted))
            painter.drawText(QRectF(self.rect()).adjusted(40, 0, -40, 0),
                             int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap), self._why)
        for room, found, title in zip(self._rooms(), self._both, ("as it is", "through the bench"), strict=True):
            if found is not None and None not in self._both:
                self._matrix(painter, room, found, title)
        painter.end()

    def _matrix(self, painter: QPainter, room: QRectF, found: Figures, title: str) -> None:
        labels, metrics = found["labels"], QFontMetricsF(self.font())
        grid = self._grid(room, labels)
        painter.setPen(QColor(self.theme.text))
        painter.drawText(QRectF(room.left(), room.top(), room.width(), metrics.height()), Qt.AlignmentFlag.AlignLeft,
                         f"{title}: mean recall {found['mean_recall']:.2f} ({_interval(found)})")
        step = QPointF(grid.width() / len(labels), grid.height() / len(labels))
        painter.setPen(QColor(self.theme.muted))
        heads = QRectF(grid.left(), grid.top() - metrics.height() - 2, step.x(), metrics.height())
        for column, label in enumerate(labels):
            painter.drawText(heads.translated(column * step.x(), 0), Qt.AlignmentFlag.AlignHCenter,
                             metrics.elidedText(label, Qt.TextElideMode.ElideRight, step.x() - 4))
        painter.drawText(QRectF(grid.right(), heads.top(), RECALL, heads.height()), Qt.AlignmentFlag.AlignRight,
                         "recall")
        for row, label in enumerate(labels):
            line = QRectF(room.left(), grid.top() + row * step.y(), grid.left() - room.left() - SPACING, step.y())
            painter.setPen(QColor(self.theme.muted))
            painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                             metrics.elidedText(label, Qt.TextElideMode.ElideRight, line.width()))
            recall = found["recall"][label]
            painter.drawText(QRectF(grid.right(), line.top(), RECALL, step.y()),
                             Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                             "–" if recall is None else f"{recall:.2f}")
            for column, count in enumerate(found["confusion"][row]):
                self._cell(painter, QRectF(grid.left() + column * step.x(), line.top(), step.x(), step.y()), count,
                           sum(found["confusion"][row]), right=row == column)

    def _cell(self, painter: QPainter, cell: QRectF, count: int, of: int, *, right: bool) -> None:
        share = count / max(1, of)
        ink = QColor(self.theme.accent if right else self.theme.positive)
        inner = cell.adjusted(1, 1, -1, -1)
        painter.fillRect(inner, colour(self.theme.muted, 0.08))
        painter.fillRect(inner, colour(ink.name(), 0.15 + 0.85 * share if count else 0.0))
        if right:
            painter.setPen(QPen(QColor(self.theme.muted), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(inner)
        if count:
            strong = share > 0.45
            dark = contrast(ink.name(), "#000000") > contrast(ink.name(), "#ffffff")
            painter.setPen(QColor(("#000000" if dark else "#ffffff") if strong else self.theme.text))
            painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, str(count))

    def event(self, event: QEvent) -> bool:
        """What the cell under the pointer counts."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.tip_at(QPointF(event.pos())), self)
            return True
        return super().event(event)

    def tip_at(self, place: QPointF) -> str:
        """What the tooltip says at a place."""
        for room, found in zip(self._rooms(), self._both, strict=True):
            if found is None or None in self._both:
                continue
            grid, labels = self._grid(room, found["labels"]), found["labels"]
            if room.contains(place) and place.y() < room.top() + QFontMetricsF(self.font()).height():
                return _interval(found, "95 % interval of the mean recall over tracks: ", f"No interval: {TOO_FEW}")
            if grid.contains(place):
                row = int((place.y() - grid.top()) / grid.height() * len(labels))
                column = int((place.x() - grid.left()) / grid.width() * len(labels))
                counts = found["confusion"][row]
                return f"{counts[column]} of {sum(counts)} files of {labels[row]} are taken for {labels[column]}"
        return ""


def _interval(found: Figures, before: str = "", without: str = "–") -> str:
    """The interval of the mean recall, behind a word; or what is said where there is none."""
    interval = found["mean_recall_interval"]
    return without if interval is None else f"{before}{interval[0]:.2f} to {interval[1]:.2f}"
