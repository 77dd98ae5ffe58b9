"""Fields of a wish that are made of several controls: a temperature, a seed, a choice of a few words."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRandomGenerator, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QButtonGroup,
    QDoubleSpinBox,
    QHBoxLayout,
    QSizePolicy,
    QSlider,
    QSpinBox,
    QToolButton,
    QWidget,
)

from gui.theme import SPACING, Theme
from gui.views.tune_icons import put_icon

NEUTRAL = 1.0             # temperature
COOLEST, HOTTEST = 0.1, 2.0
HIGHEST_SEED = 2**31 - 1
SLIDER_STEPS = 20         # to 1


def named(widget: QWidget, name: str, tip: str) -> None:
    """Give a control its name and its tooltip."""
    widget.setAccessibleName(name)
    widget.setAccessibleDescription(tip)
    widget.setToolTip(tip)


def numeric(box: QAbstractSpinBox, width: int = 60) -> None:
    """Make a spin box tell its value when it is typed whole, and give it the form of the others."""
    box.setKeyboardTracking(False)
    box.setMinimumWidth(width)
    box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    box.lineEdit().setTextMargins(SPACING, 0, 0, 0)  # style sheets do not reach it


def tool(name: str, tip: str, *, checkable: bool = False) -> QToolButton:
    """A button with an icon."""
    button = QToolButton()
    button.setCheckable(checkable)
    named(button, name, tip)
    return button


def _row(parent: QWidget, *parts: QWidget, spacing: int = SPACING // 2) -> None:
    row = QHBoxLayout(parent)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(spacing)
    for part in parts:
        row.addWidget(part)


class TemperatureField(QWidget):
    """A slider, its figure, and a way back to 1."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        tip = "Below 1 keeps to what is likely, above 1 dares more; 1 draws as the model has learnt"
        self.slider, self.number = QSlider(Qt.Orientation.Horizontal), QDoubleSpinBox()
        self.slider.setRange(round(COOLEST * SLIDER_STEPS), round(HOTTEST * SLIDER_STEPS))
        self.slider.setPageStep(SLIDER_STEPS // 4)
        self.slider.setMinimumWidth(60)
        self.number.setRange(COOLEST, HOTTEST)
        self.number.setSingleStep(0.05)
        numeric(self.number, 72)
        self.number.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.reset = tool("Temperature 1", "Back to a temperature of 1")
        named(self.slider, "Temperature, roughly", tip)
        named(self.number, "Temperature", tip)
        self.slider.valueChanged.connect(lambda value: self.number.setValue(value / SLIDER_STEPS))
        self.number.valueChanged.connect(self._changed)
        self.reset.clicked.connect(lambda: self.number.setValue(NEUTRAL))
        _row(self, self.slider, self.number, self.reset)
        self.number.setValue(NEUTRAL)

    def _changed(self, value: float) -> None:
        with QSignalBlocker(self.slider):
            self.slider.setValue(round(value * SLIDER_STEPS))
        self.reset.setEnabled(value != NEUTRAL)
        self.changed.emit()

    def set_theme(self, theme: Theme) -> None:
        """The icon."""
        put_icon(self.reset, "reset", theme)


class SeedField(QWidget):
    """A seed, whether it stays, and another one at once."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.number = QSpinBox()
        self.number.setRange(0, HIGHEST_SEED)
        numeric(self.number)
        self.lock = tool("Lock the seed", "", checkable=True)
        self.dice = tool("New seed", "Draw another seed")
        named(self.number, "Seed", "The same seed and settings give the same tune")
        self.number.valueChanged.connect(lambda _: self.changed.emit())
        self.lock.toggled.connect(self._locked)
        self.dice.clicked.connect(
            lambda: self.number.setValue(QRandomGenerator.global_().bounded(0, HIGHEST_SEED)))
        _row(self, self.number, self.lock, self.dice)
        self._locked(False)

    def _locked(self, on: bool) -> None:
        self.lock.setToolTip("The seed stays: click to draw a new one for each suggestion" if on else
                             "Each suggestion draws a new seed: click to keep this one")
        self.lock.setAccessibleDescription(self.lock.toolTip())
        self.changed.emit()

    def set_theme(self, theme: Theme) -> None:
        """Icons: the lock is open or closed."""
        put_icon(self.lock, "open", theme, on="locked")
        put_icon(self.dice, "dice", theme)


class ChoiceField(QWidget):
    """A few words side by side, one of which holds."""

    changed = Signal()

    def __init__(self, name: str, choices: Mapping[str, tuple[str, str]]) -> None:
        super().__init__()
        self.group = QButtonGroup(self)
        for key, (text, tip) in choices.items():
            button = QToolButton()
            button.setText(text)
            button.setCheckable(True)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            button.setProperty("key", key)
            named(button, f"{name}: {text}", tip)
            self.group.addButton(button)
        self.group.buttons()[-1].setChecked(True)
        self.group.buttonToggled.connect(lambda _, on: self.changed.emit() if on else None)
        _row(self, *self.group.buttons(), spacing=0)
        self.setAccessibleName(name)

    @property
    def value(self) -> str:
        """The key of the word that holds."""
        return next(str(button.property("key")) for button in self.group.buttons() if button.isChecked())

    def set_value(self, key: str) -> None:
        """Choose a word."""
        for button in self.group.buttons():
            if button.property("key") == key:
                button.setChecked(True)

    def set_theme(self, theme: Theme) -> None:
        """One frame around all of them."""
        last = len(self.group.buttons()) - 1
        for place, button in enumerate(self.group.buttons()):
            left, right = 4 if place == 0 else 0, 4 if place == last else 0
            button.setStyleSheet(
                f"QToolButton {{ border-radius: 0; border-top-left-radius: {left}px;"
                f" border-bottom-left-radius: {left}px; border-top-right-radius: {right}px;"
                f" border-bottom-right-radius: {right}px; }}")
