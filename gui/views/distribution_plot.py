"""One property of two populations as pairs of bars: solid for the corpus, hatched for what was generated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from gui.theme import DARK, SPACING, Theme, colour, tabular
from gui.views.marks import WARNING, draw_hatch, draw_warning

MOST = 16                   # categories that are drawn by themselves
MOST_OF_WORDS = 6           # where their names are several words, one below the other
REST = "rest"
STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5)
MOST_LINES = 4
TALLEST_LABEL = 62.0        # px
LINES = 3                   # of a name of several words
SIZE = QSize(260, 210)      # px


@dataclass(frozen=True)
class Distribution:
    """Shares (0 to 1) of each category, and how far apart they are.

    Attributes
    ----------
    distance : float
        Jensen-Shannon divergence, bits.
    floor, floor_high : float
        What random parts of the corpus have: their mean, and what 95 % of them stay below.
    """

    title: str
    categories: Sequence[str]
    corpus: Sequence[float]
    generated: Sequence[float]
    distance: float
    floor: float
    floor_high: float

    @property
    def beyond_chance(self) -> bool:
        """Whether the distance is more than the corpus has from itself."""
        return self.distance > self.floor_high

    @property
    def words(self) -> str:
        """The distance in words."""
        return f"JS distance {self.distance:.2g} bits, floor {self.floor:.2g}–{self.floor_high:.2g}"


Pair = tuple[str, float, float]


def pairs(shown: Distribution) -> list[Pair]:
    """Category and both shares, in the given order: the commonest ones, and the rest as one."""
    most = MOST_OF_WORDS if _of_words(shown.categories) else MOST
    found = list(zip(shown.categories, shown.corpus, shown.generated, strict=True))
    if len(found) <= most:
        return found
    common = set(sorted(range(len(found)), key=lambda place: -max(found[place][1:]))[:most])
    rare = [pair for place, pair in enumerate(found) if place not in common]
    return [found[place] for place in sorted(common)] + [(REST, sum(pair[1] for pair in rare),
                                                          sum(pair[2] for pair in rare))]


def _of_words(names: Sequence[str]) -> bool:
    return any(" " in name for name in names)


def grid_step(top: float) -> float:
    """The smallest of the known steps with which few lines reach a share."""
    return next((step for step in STEPS if top / step <= MOST_LINES), STEPS[-1])


def draw_sample(painter: QPainter, bar: QRectF, ink: QColor, *, hatched: bool) -> None:
    """A bar of the corpus, or a hatched one of what was generated."""
    if not hatched:
        painter.fillRect(bar, ink)
        return
    faint = QColor(ink)
    faint.setAlphaF(0.22)
    painter.fillRect(bar, faint)
    draw_hatch(painter, bar, ink, width=1.2)
    painter.setPen(QPen(ink, 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if bar.height() > 1.5:
        painter.drawRect(bar.adjusted(0.5, 0.5, -0.5, -0.5))


class DistributionPlot(QWidget):
    """Title, distance, bars. The tooltip over a pair has its figures."""

    def __init__(self, shown: Distribution, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme, self.shown, self.pairs = DARK, shown, pairs(shown)
        self._wrapped = _of_words(shown.categories)
        self.top = max([share for _, *both in self.pairs for share in both], default=0.0) or 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(shown.title)
        apart = sorted(self.pairs, key=lambda pair: -abs(pair[1] - pair[2]))[:3]
        self.setAccessibleDescription(f"{shown.words}. Furthest apart: " + "; ".join(map(_figures, apart)))

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self.theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """Room for 17 pairs."""
        return SIZE

    def minimumSizeHint(self) -> QSize:
        """No less."""
        return SIZE

    # where things stand

    def _fonts(self) -> tuple[QFont, QFont]:
        bold = QFont(self.font())
        bold.setBold(True)
        return bold, tabular(self.font(), -1.5)

    def plot_room(self) -> QRectF:
        """Where the bars stand."""
        bold, small = self._fonts()
        metrics = QFontMetricsF(small)
        head = QFontMetricsF(bold).height() + metrics.height() + 2 * SPACING
        left = metrics.horizontalAdvance("100 %") + 1.5 * SPACING
        wide = self.width() - left - SPACING
        foot = metrics.height() + SPACING
        if self._wrapped:
            foot = LINES * metrics.height() + SPACING
        elif self._upright(metrics, wide):
            foot = min(TALLEST_LABEL, max(metrics.horizontalAdvance(name) for name, *_ in self.pairs)) + SPACING
        return QRectF(left, head + SPACING, wide, max(20.0, self.height() - head - foot - 2 * SPACING))

    def _upright(self, metrics: QFontMetricsF, wide: float) -> bool:
        """Whether names are written upwards, for they are broader than what they stand below."""
        longest = max([metrics.horizontalAdvance(name) for name, *_ in self.pairs], default=0.0)
        return not self._wrapped and longest > wide / max(1, len(self.pairs)) - 2

    def bars(self, number: int) -> tuple[QRectF, QRectF]:
        """The bars of a pair."""
        room = self.plot_room()
        step = room.width() / len(self.pairs)
        wide = min(14.0, max(2.0, step * 0.39))
        middle = room.left() + (number + 0.5) * step
        talls = [share / self.top * room.height() for share in self.pairs[number][1:]]
        return (QRectF(middle - wide, room.bottom() - talls[0], wide - 0.5, talls[0]),
                QRectF(middle + 0.5, room.bottom() - talls[1], wide - 0.5, talls[1]))

    # drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        """A card."""
        painter, theme = QPainter(self), self.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.surface))
        painter.drawRoundedRect(QRectF(self.rect()), 4, 4)
        self._draw_head(painter)
        if self.pairs:
            self._draw_grid(painter)
            for number in range(len(self.pairs)):
                for bar, ink, hatched in zip(self.bars(number), (theme.negative, theme.positive), (False, True),
                                             strict=True):
                    draw_sample(painter, bar, QColor(ink), hatched=hatched)
            self._draw_labels(painter)
        painter.end()

    def _draw_head(self, painter: QPainter) -> None:
        (bold, small), theme = self._fonts(), self.theme
        room = QRectF(SPACING, SPACING, self.width() - 2 * SPACING, QFontMetricsF(bold).height())
        painter.setFont(bold)
        painter.setPen(QColor(theme.text))
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft, self.shown.title)
        left = room.left()
        painter.setFont(small)
        line = QRectF(left, room.bottom() + 2, room.width(), QFontMetricsF(small).height())
        if self.shown.beyond_chance:
            draw_warning(painter, QRectF(left, line.top(), WARNING, line.height()), QColor(theme.warning),
                         QColor(theme.surface))
            line.setLeft(left + WARNING + SPACING / 2)
        painter.setPen(QColor(theme.warning if self.shown.beyond_chance else theme.muted))
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft, self.shown.words)

    def _draw_grid(self, painter: QPainter) -> None:
        room, step = self.plot_room(), grid_step(self.top)
        _, small = self._fonts()
        painter.setFont(small)
        for number in range(int(self.top / step + 1e-9) + 1):
            height = round(room.bottom() - number * step / self.top * room.height()) + 0.5
            painter.setPen(QPen(colour(self.theme.muted if not number else self.theme.grid), 1))
            painter.drawLine(QPointF(room.left(), height), QPointF(room.right(), height))
            painter.setPen(QColor(self.theme.muted))
            painter.drawText(QRectF(0, height - 10, room.left() - SPACING / 2, 20),
                             Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                             f"{number * step * 100:.0f} %")

    def _draw_labels(self, painter: QPainter) -> None:
        room, metrics = self.plot_room(), QFontMetricsF(painter.font())
        step, tall = room.width() / len(self.pairs), metrics.height()
        upright = self._upright(metrics, room.width())
        painter.setPen(QColor(self.theme.muted))
        for number, (name, *_) in enumerate(self.pairs):
            left = room.left() + number * step
            if upright:
                painter.save()
                painter.translate(left + step / 2, room.bottom() + SPACING / 2)
                painter.rotate(-90)
                text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, TALLEST_LABEL)
                painter.drawText(QRectF(-TALLEST_LABEL, -tall / 2, TALLEST_LABEL, tall),
                                 Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
                painter.restore()
            else:
                foot = QRectF(left, room.bottom() + 3, step, tall * (LINES if self._wrapped else 1))
                painter.drawText(foot, int(Qt.AlignmentFlag.AlignHCenter) | int(Qt.TextFlag.TextWordWrap), name)

    def event(self, event: QEvent) -> bool:
        """The figures of the pair under the pointer, or those of all of it."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.tip_at(QPointF(event.pos())), self)
            return True
        return super().event(event)

    def tip_at(self, place: QPointF) -> str:
        """What the tooltip says at a place."""
        room = self.plot_room()
        number = int((place.x() - room.left()) / room.width() * len(self.pairs)) if self.pairs else -1
        if room.left() <= place.x() <= room.right() and place.y() >= room.top() and 0 <= number < len(self.pairs):
            return _figures(self.pairs[number])
        more = "more than between random parts of the corpus" if self.shown.beyond_chance else (
            "no more than between random parts of the corpus")
        return f"{self.shown.words}: {more}"


def _figures(pair: Pair) -> str:
    name, corpus, generated = pair
    return f"{name}: corpus {corpus * 100:.1f} %, generated {generated * 100:.1f} %"
