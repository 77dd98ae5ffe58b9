"""A made example beside the real excerpt that it is most like, so that copying is seen."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from gui.theme import DARK, SPACING, Theme, scaled, tabular
from gui.views.mel_picture import Mel, MelPicture, loudness_range
from gui.views.transport_icons import SIZE, icon
from gui.views.wish_fields import named

NOTHING = "Choose an example to see what it is most like of what the generator learnt from"
TALLEST = 180    # px: about as wide as they are beside each other
SIDES = {"made": ("Synthesised", "Hear the example"), "real": ("Nearest real", "Hear the real excerpt")}


@dataclass(frozen=True)
class NearestPair:
    """An example and the real excerpt nearest to it.

    Parameters
    ----------
    title
        Of the example.
    made, real
        Log-mels, natural log of magnitude; the real one may be of fewer bands and frames.
    source
        The recording, and where in it.
    distance, usual
        How far it is, in standard deviations, and how far real music is that the generator has not heard.
    is_copy
        Whether it is so near that it may be a copy.
    licence
        Of the recording; empty where that is not known.
    heard
        What is heard of the real excerpt; empty: itself.
    """

    title: str
    made: Mel
    real: Mel
    source: str
    distance: float
    usual: float
    is_copy: bool = False
    licence: str = ""
    heard: str = ""

    @property
    def verdict(self) -> str:
        """How near it is, in words."""
        share = f"distance {self.distance:.2f}, usual for unheard music {self.usual:.2f}"
        return f"Perhaps a copy: {share}" if self.is_copy else f"Not a copy: {share}"


class NearestView(QWidget):
    """Asks for the sound of either."""

    play_asked = Signal(str)        # "made" or "real"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = DARK
        self._pair: NearestPair | None = None
        self.pictures = {side: MelPicture(title) for side, (title, tip) in SIDES.items()}
        self.titles = {side: QLabel(title) for side, (title, tip) in SIDES.items()}
        self.buttons = {side: QPushButton("Play") for side in SIDES}
        self.verdict, self.source, self.heard = QLabel(), QLabel(), QLabel()
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACING)
        grid.setVerticalSpacing(SPACING // 2)
        for column, (side, (title, tip)) in enumerate(SIDES.items()):
            named(self.buttons[side], f"Play: {title}", tip)
            self.buttons[side].clicked.connect(lambda checked=False, side=side: self.play_asked.emit(side))
            self.titles[side].setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            for row, part in enumerate((self.titles[side], self.pictures[side], self.buttons[side])):
                grid.addWidget(part, row, column)
            grid.setColumnStretch(column, 1)
            self.pictures[side].setMaximumHeight(TALLEST)
        for label, name in ((self.verdict, "Whether it is a copy"), (self.source, "Where the real excerpt is from"),
                            (self.heard, "What is heard of it")):
            label.setWordWrap(True)
            label.setAccessibleName(name)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        for label in (self.source, self.heard):
            label.setFont(tabular(self.font(), -1.0))
        column_of = QVBoxLayout(self)
        column_of.setContentsMargins(SPACING, SPACING, SPACING, SPACING)
        column_of.setSpacing(SPACING)
        column_of.addLayout(grid)
        column_of.addWidget(self.verdict)
        column_of.addWidget(self.source)
        column_of.addWidget(self.heard)
        column_of.addStretch(1)
        self.setAccessibleName("Nearest real excerpt")
        self.show_pair(None)

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self.theme = theme
        for side in SIDES:
            self.pictures[side].set_theme(theme)
            self.titles[side].setStyleSheet(f"color: {theme.muted}")
            self.buttons[side].setIcon(QIcon(icon("play", theme)))
            self.buttons[side].setIconSize(QSize(scaled(SIZE), scaled(SIZE)))
        for label in (self.source, self.heard):
            label.setStyleSheet(f"color: {theme.muted}")
        self._colour()

    def show_pair(self, pair: NearestPair | None) -> None:
        """Show another pair, or that none is chosen."""
        self._pair = pair
        levels = None if pair is None else loudness_range([pair.made])
        self.pictures["made"].show_mel(None if pair is None else pair.made, levels)
        self.pictures["real"].show_mel(None if pair is None else pair.real, levels)
        self.titles["made"].setText(SIDES["made"][0] if pair is None else pair.title)
        self.verdict.setText(NOTHING if pair is None else pair.verdict)
        self.source.setText("" if pair is None else "\n".join(filter(None, (pair.source, pair.licence))))
        self.heard.setText("" if pair is None else pair.heard)
        for side in SIDES:
            self.buttons[side].setEnabled(pair is not None)
        self.buttons["real"].setToolTip((pair.heard if pair is not None else "") or SIDES["real"][1])
        self.buttons["real"].setAccessibleDescription(self.buttons["real"].toolTip())
        self._colour()

    def _colour(self) -> None:
        """A copy is warned of, in words and in colour."""
        pair, theme = self._pair, self.theme
        ink = theme.muted if pair is None else theme.warning if pair.is_copy else theme.text
        weight = "600" if pair is not None and pair.is_copy else "400"
        self.verdict.setStyleSheet(f"color: {ink}; font-weight: {weight}")
