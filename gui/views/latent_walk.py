"""A walk through the latent of a prior: from one example to another, and along the directions that differ most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QLabel, QPushButton, QSlider, QVBoxLayout, QWidget

from gui.theme import DARK, SPACING, Theme, tabular
from gui.views.headline import ElidedLabel
from gui.views.mel_picture import Mel, MelPicture
from gui.views.plain_text import with_minus
from gui.views.wish_fields import named

DIRECTIONS = 6
FURTHEST = 3.0           # standard deviations along a direction
STEPS = 10               # of a slider, to one standard deviation
MIX_STEPS = 100
TELL_MS = 67             # 15 times a second
NOBODY = "Choose an example, then “Take as A”"


@dataclass(frozen=True)
class WalkPlace:
    """Where one is: the share of B, 0 to 1, and how far along each direction, in standard deviations."""

    mix: float = 0.0
    along: tuple[float, ...] = (0.0,) * DIRECTIONS


def signed(value: float) -> str:
    """With its sign, but for 0."""
    return with_minus(f"{value:+.1f}") if value else "0"


class LatentWalk(QWidget):
    """Tells where one is, at most 15 times a second, and where one stays always. It shows what it is given."""

    walked = Signal(object)          # WalkPlace
    end_asked = Signal(str)          # "a" or "b": what is chosen elsewhere shall become this end
    play_asked = Signal()
    play_while_moving = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme, self._ends = DARK, ("", "")
        self._told: WalkPlace | None = None
        self.picture, self.said = MelPicture("Where the walk is", empty=NOBODY), ElidedLabel()
        self.said.setAccessibleName("What the model says there")
        self.mix = QSlider(Qt.Orientation.Horizontal)
        self.sliders = [QSlider(Qt.Orientation.Horizontal) for _ in range(DIRECTIONS)]
        self.figures = [QLabel() for _ in range(DIRECTIONS)]
        self.take = {end: QPushButton(f"Take as {end.upper()}") for end in ("a", "b")}
        self.names = {end: ElidedLabel() for end in ("a", "b")}
        self.reset, self.play, self.moving = QPushButton("Reset"), QPushButton("Play"), QCheckBox("Play while moving")
        self._pause = QTimer(self, singleShot=True, interval=TELL_MS)
        self._describe()
        self._lay_out()
        self._connect()
        self.setAccessibleName("Latent walk")
        self.show_ends("", "")

    # building

    def _describe(self) -> None:
        self.mix.setRange(0, MIX_STEPS)
        self.mix.setPageStep(MIX_STEPS // 10)
        named(self.mix, "From A to B", "Left: A, right: B; between them along the arc that usual latents lie on")
        for place, slider in enumerate(self.sliders, 1):
            slider.setRange(round(-FURTHEST * STEPS), round(FURTHEST * STEPS))
            slider.setPageStep(STEPS)
            named(slider, f"Direction {place}",
                  f"How far along the {place}. principal direction of these examples, in standard deviations")
        for end, button in self.take.items():
            named(button, button.text(), f"The example chosen in the gallery becomes {end.upper()}")
            self.names[end].setAccessibleName(f"What {end.upper()} is")
        named(self.reset, "Reset", "Back onto the way from A to B: all directions 0")
        named(self.play, "Play", "Hear what is here")
        named(self.moving, "Play while moving", "Hear each place as soon as its sound is made")

    def _lay_out(self) -> None:
        ends = QGridLayout()
        ends.setHorizontalSpacing(SPACING)
        ends.setVerticalSpacing(SPACING // 2)
        for column, end in enumerate(("a", "b")):
            side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
            self.names[end].setAlignment(side | Qt.AlignmentFlag.AlignVCenter)
            ends.addWidget(self.names[end], 0, column)
            ends.addWidget(self.take[end], 2, column)
        ends.addWidget(self.mix, 1, 0, 1, 2)
        along = QGridLayout()
        along.setHorizontalSpacing(SPACING)
        along.setVerticalSpacing(SPACING // 2)
        along.setColumnStretch(1, 1)
        self._labels = [QLabel(f"Direction {n}") for n in range(1, DIRECTIONS + 1)]
        for row, (label, slider, shown) in enumerate(zip(self._labels, self.sliders, self.figures, strict=True)):
            label.setBuddy(slider)
            shown.setFont(tabular(self.font()))
            shown.setFixedWidth(self.fontMetrics().horizontalAdvance("−0.00"))
            shown.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            for column, part in enumerate((label, slider, shown)):
                along.addWidget(part, row, column)
        below = QHBoxLayout()
        below.setSpacing(SPACING)
        below.addWidget(self.play)
        below.addWidget(self.moving)
        below.addStretch(1)
        below.addWidget(self.reset)
        column_of = QVBoxLayout(self)
        column_of.setContentsMargins(SPACING, SPACING, SPACING, SPACING)
        column_of.setSpacing(SPACING)
        column_of.addWidget(self.picture, 1)
        column_of.addWidget(self.said)
        column_of.addLayout(ends)
        column_of.addLayout(along)
        column_of.addLayout(below)

    def _connect(self) -> None:
        for slider in (self.mix, *self.sliders):
            slider.valueChanged.connect(self._moved)
        for end, button in self.take.items():
            button.clicked.connect(lambda checked=False, end=end: self.end_asked.emit(end))
        self.reset.clicked.connect(lambda checked: self._reset())
        self.play.clicked.connect(lambda checked: self.play_asked.emit())
        self.moving.toggled.connect(self.play_while_moving)
        self._pause.timeout.connect(self._tell)

    # where one is

    @property
    def place(self) -> WalkPlace:
        """Where one is."""
        return WalkPlace(self.mix.value() / MIX_STEPS, tuple(slider.value() / STEPS for slider in self.sliders))

    def set_place(self, place: WalkPlace) -> None:
        """Stand there. Emits nothing."""
        for slider, value in ((self.mix, place.mix * MIX_STEPS),
                              *zip(self.sliders, (x * STEPS for x in place.along), strict=True)):
            with QSignalBlocker(slider):
                slider.setValue(round(value))
        self._told = self.place
        self._write()

    def _reset(self) -> None:
        self.set_place(WalkPlace(self.mix.value() / MIX_STEPS))
        self._told = None
        self._moved()

    def _moved(self) -> None:
        self._write()
        if not self._pause.isActive():
            self._tell()

    def _tell(self) -> None:
        """Where one is, unless that has been told; and again a little later, should one have moved on."""
        place = self.place
        if place != self._told:
            self._told = place
            self._pause.start()
            self.walked.emit(place)

    def _write(self) -> None:
        for slider, shown in zip(self.sliders, self.figures, strict=True):
            shown.setText(signed(slider.value() / STEPS))
        self.reset.setEnabled(bool(self._ends[0]) and any(slider.value() for slider in self.sliders))

    # what is shown

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self.theme = theme
        self.picture.set_theme(theme)
        self.said.setStyleSheet(f"color: {theme.text}")
        for name in self.names.values():
            name.setStyleSheet(f"color: {theme.muted}")
        for shown in self.figures:
            shown.setStyleSheet(f"color: {theme.muted}")

    def show_ends(self, a: str, b: str) -> None:
        """What A and B are; empty: not chosen yet. Emits nothing."""
        self._ends = a, b
        for end, name in (("a", a), ("b", b)):
            self.names[end].set_whole(f"{end.upper()} · {name}" if name else f"{end.upper()} · none")
        self.mix.setEnabled(bool(a and b))
        for part in (*self.sliders, self.play, self.moving):
            part.setEnabled(bool(a))
        if not a:
            self.show_picture(None)
        self._write()

    def can_take(self, able: bool) -> None:
        """Whether an example is chosen that could become an end."""
        for button in self.take.values():
            button.setEnabled(able)

    def show_directions(self, names: Sequence[str]) -> None:
        """What directions are called, at most six; those without a name are not there."""
        for place, (label, slider, shown) in enumerate(zip(self._labels, self.sliders, self.figures, strict=True)):
            for part in (label, slider, shown):
                part.setVisible(place < len(names))
            if place < len(names):
                label.setText(names[place])

    def show_picture(self, mel: Mel | None, levels: tuple[float, float] | None = None, said: str = "") -> None:
        """The log-mel of where one is, and what the model says of it."""
        self.picture.show_mel(mel, levels)
        self.said.set_whole(said)

    def say_why_not(self, words: str) -> None:
        """Why there is nowhere to walk."""
        self.picture.set_empty(words or NOBODY)
