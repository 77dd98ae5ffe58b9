"""Which colour means which label, and how many votes go to it before and after."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.theme import AXIS_WIDTH, DARK, SPACING, Theme, colour, tabular
from gui.views.axes import axis_width
from gui.views.label_colours import label_colour

SWATCH = 10  # px
READABLE = 5   # letters of a name: with fewer of all names, the names of the largest labels say more


class LabelLegend(QWidget):
    """One line: where it is narrow the figures go first, then the ends of names, then all but the largest labels."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = DARK
        self._labels: tuple[str, ...] = ()
        self._shares: list[str] = []
        self._order: tuple[int, ...] = ()   # largest share first
        self._bold: frozenset[int] = frozenset()
        self.setFont(tabular(self.font(), -1.0))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Labels and their share of the votes")

    def sizeHint(self) -> QSize:
        """One line."""
        return QSize(200, self.fontMetrics().height() + SPACING)

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self.theme = theme
        self.update()

    def set_labels(self, labels: Sequence[str], before: Sequence[float] | None = None,
                   after: Sequence[float] | None = None) -> None:
        """Show labels with their shares of votes, 0 to 1, where they are known."""
        self._labels = tuple(labels)
        figures = [[] if shares is None else [f"{share:.0%}" for share in shares] for shares in (before, after)]
        both = zip(*figures, strict=True) if figures[1] else ((text,) for text in figures[0])
        self._shares = [" → ".join(texts).replace("%", " %") for texts in both]
        known = [shares for shares in (after, before) if shares]
        self._order = tuple(sorted(range(len(self._labels)), key=lambda i: [-shares[i] for shares in known]))
        self._bold = frozenset(max(range(len(s)), key=s.__getitem__) for s in (before, after) if s)
        all_of_them = ", ".join(self._texts(figures=True)[i] for i in self._order)
        self.setAccessibleDescription(all_of_them)
        self.setToolTip(f"Share of the votes before → after: {all_of_them}" if self._shares else "")
        self.update()

    def _texts(self, *, figures: bool) -> list[str]:
        if not figures or not self._shares:
            return list(self._labels)
        return [f"{label} {share}" for label, share in zip(self._labels, self._shares, strict=True)]

    def paintEvent(self, event: QPaintEvent) -> None:
        """Swatch and text, one after the other."""
        painter, metrics = QPainter(self), self.fontMetrics()
        room = self.width() - axis_width(AXIS_WIDTH) - SPACING
        around = SWATCH + 3 * SPACING
        texts = self._texts(figures=True)
        if sum(metrics.horizontalAdvance(t) + around for t in texts) > room:
            texts = self._texts(figures=False)
        most = max(metrics.horizontalAdvance(t) for t in texts) if texts else 0
        which, more = list(range(len(texts))), ""
        if sum(metrics.horizontalAdvance(t) + around for t in texts) > room:
            short = max(room // max(1, len(texts)) - around, 0)
            if short >= metrics.averageCharWidth() * READABLE:
                most = short
            else:
                which, more = self._largest(room, around)
        left = axis_width(AXIS_WIDTH)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index in which:
            text = texts[index]
            painter.setPen(QPen(colour(self.theme.text, 0.35), 1))
            painter.setBrush(label_colour(index))
            painter.drawRoundedRect(QRectF(left, (self.height() - SWATCH) / 2, SWATCH, SWATCH), 2, 2)
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, most + 1)
            painter.setPen(QColor(self.theme.text if index in self._bold else self.theme.muted))
            painter.drawText(QRectF(left + SWATCH + SPACING * 0.75, 0, most + SPACING, self.height()),
                             Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
            left += metrics.horizontalAdvance(shown) + around
        painter.setPen(QColor(self.theme.muted))
        painter.drawText(QRectF(left, 0, max(0, self.width() - left), self.height()),
                         Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, more)
        painter.end()

    def _largest(self, room: int, around: int) -> tuple[list[int], str]:
        """Labels that there is room for, and how many there are beside them, in words."""
        metrics, shown = self.fontMetrics(), list[int]()
        room -= metrics.horizontalAdvance(f"{len(self._labels)} more")
        for index in self._order:
            room -= metrics.horizontalAdvance(self._labels[index]) + around
            if room < 0:
                break
            shown.append(index)
        return shown, f"{len(self._labels) - len(shown)} more"
