"""What each system says of the sound as it is and through the bench, as two bars of its labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from gui.theme import DARK, SPACING, Theme, colour, contrast, scaled, tabular
from gui.views.label_colours import label_colour
from gui.views.layouts import fill_tab
from gui.views.marks import draw_warning

BAR = 17         # px, or what a line of large text takes
GAP = 3          # px
SIGN = 16.0      # px, room of the warning sign
BLACK, WHITE = "#10141a", "#ffffff"


@dataclass(frozen=True)
class Said:
    """Labels of a system with their probabilities, and which one it decides on; `after` None: not known yet."""

    labels: tuple[str, ...]
    before: tuple[float, ...]
    decided_before: int
    after: tuple[float, ...] | None = None
    decided_after: int | None = None

    @property
    def flipped(self) -> bool:
        """Whether the decision is another one."""
        return self.decided_after is not None and self.decided_after != self.decided_before

    @property
    def words(self) -> str:
        """"orchestral .97 → ambient .63"."""
        first = f"{self.labels[self.decided_before]} {self.before[self.decided_before]:.2f}"
        if self.after is None or self.decided_after is None:
            return first
        return f"{first} → {self.labels[self.decided_after]} {self.after[self.decided_after]:.2f}"


class VoteBars(QWidget):
    """Two bars of one length, before and after, divided among the labels; names stand where there is room."""

    def __init__(self) -> None:
        super().__init__()
        self.theme = DARK
        self._said: Said | None = None
        self.setFont(tabular(self.font(), -1.5))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Probabilities before and after")

    def sizeHint(self) -> QSize:
        """Both bars."""
        return QSize(200, 2 * self._bar + GAP)

    @property
    def _bar(self) -> int:
        """Height of a bar."""
        return max(BAR, self.fontMetrics().height() + 2)

    def show_said(self, said: Said | None) -> None:
        """Both answers."""
        self._said = said
        lines = [] if said is None else [
            f"{label}: {p:.2f}" + ("" if said.after is None else f" → {said.after[i]:.2f}")
            for i, (label, p) in enumerate(zip(said.labels, said.before, strict=True))]
        self.setToolTip("\n".join(lines))
        self.setAccessibleDescription(", ".join(lines))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Segments in the colours of the labels."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for row in range(2):
            room = QRectF(0, row * (self._bar + GAP), self.width(), self._bar)
            painter.fillRect(room, colour(self.theme.muted, 0.12))
            shares = None if self._said is None else self._said.after if row else self._said.before
            if self._said is not None and shares is not None:
                self._draw(painter, room, self._said.labels, shares)
        painter.end()

    def _draw(self, painter: QPainter, room: QRectF, labels: Sequence[str], shares: Sequence[float]) -> None:
        whole, left = max(sum(shares), 1e-9), room.left()
        for index, (label, share) in enumerate(zip(labels, shares, strict=True)):
            wide = share / whole * room.width()
            if wide < 0.5:
                continue
            ink = label_colour(index)
            segment = QRectF(left, room.top(), wide, room.height())
            painter.fillRect(segment, ink)
            painter.setPen(QPen(QColor(self.theme.surface), 1))
            painter.drawLine(segment.topRight(), segment.bottomRight())
            text = f"{label} {share:.2f}"
            inner = segment.adjusted(SPACING * 0.75, 0, -SPACING / 4, 0)
            if self.fontMetrics().horizontalAdvance(text) > inner.width():
                text = label
            if self.fontMetrics().horizontalAdvance(text) <= inner.width():
                dark = contrast(ink.name(), BLACK) >= contrast(ink.name(), WHITE)
                painter.setPen(QColor(BLACK if dark else WHITE))
                painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter, text)
            left += wide


class Sign(QWidget):
    """A triangle where a system changes its mind."""

    def __init__(self) -> None:
        super().__init__()
        self.theme, self._on = DARK, False
        self.setFixedSize(scaled(SIGN), scaled(SIGN))

    def show_sign(self, on: bool) -> None:
        """Show it or not."""
        self._on = on
        self.setToolTip("It changes its mind" if on else "")
        self.setAccessibleName("It changes its mind" if on else "")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The triangle."""
        if self._on:
            painter = QPainter(self)
            draw_warning(painter, QRectF(self.rect()), QColor(self.theme.warning), QColor(self.theme.window))
            painter.end()


class SystemCard(QFrame):
    """One system: loaded or not, what it says, and the bars."""

    toggled = Signal(str, bool)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name, self.said_now = name, None  # type: str, Said | None
        self.box, self.said, self.sign, self.bars = QCheckBox(name), QLabel(), Sign(), VoteBars()
        self.box.setAccessibleName(name)
        self.box.setToolTip("Ask this system, or leave it out")
        self.box.toggled.connect(lambda on: self.toggled.emit(name, on))
        self.said.setFont(tabular(self.said.font(), -0.5))
        self.said.setAccessibleName(f"What {name} says")
        head, line = QHBoxLayout(), QHBoxLayout()
        head.addWidget(self.box, 1)
        head.addWidget(self.sign)
        line.addWidget(self.said, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACING, SPACING // 2, SPACING, SPACING // 2)
        column.setSpacing(GAP + 1)
        column.addLayout(head)
        column.addLayout(line)
        column.addWidget(self.bars)
        self.show_said(None, loaded=False)

    def show_said(self, said: Said | None, *, loaded: bool) -> None:
        """What it says; nothing where it is not loaded."""
        self.said_now = said
        with QSignalBlocker(self.box):
            self.box.setChecked(loaded)
        for part in (self.said, self.bars, self.sign):
            part.setVisible(loaded)
        self.said.setText("listening …" if said is None else said.words)
        self.sign.show_sign(said is not None and said.flipped)
        self.bars.show_said(said)

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self.bars.theme = self.sign.theme = theme
        self.said.setStyleSheet(f"color: {theme.text}")
        self.bars.update()
        self.sign.update()


class SystemsView(QScrollArea):
    """A card each; those that are not loaded are but a switch."""

    toggled = Signal(str, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = DARK
        self.cards: dict[str, SystemCard] = {}
        inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(0, SPACING // 2, 0, SPACING)
        self._column.setSpacing(SPACING // 2)
        self._column.addStretch(1)
        fill_tab(self, inside)
        self.setAccessibleName("Systems")

    def set_systems(self, names: Sequence[str], loaded: Sequence[str]) -> None:
        """All that there are, the loaded ones first."""
        order = [*(n for n in names if n in loaded), *(n for n in names if n not in loaded)]
        for name in set(self.cards) - set(order):
            self.cards.pop(name).deleteLater()
        for name in order:
            if name not in self.cards:
                card = self.cards[name] = SystemCard(name)
                card.toggled.connect(self.toggled)
                card.set_theme(self.theme)
        for place, name in enumerate(order):
            self._column.insertWidget(place, self.cards[name])
            self.cards[name].show_said(self.cards[name].said_now if name in loaded else None, loaded=name in loaded)

    def show_said(self, name: str, said: Said | None) -> None:
        """What a loaded one says."""
        if name in self.cards:
            self.cards[name].show_said(said, loaded=True)

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self.theme = theme
        for card in self.cards.values():
            card.set_theme(theme)
