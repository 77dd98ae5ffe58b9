"""A number in physical units: a slider to feel one's way, a field to be exact."""

from __future__ import annotations

import math

from PySide6.QtCore import QObject, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QAbstractSpinBox, QDoubleSpinBox, QSlider

from engine.audio.interventions import Parameter
from gui.theme import SPACING, Theme, scaled, tabular

STEPS = 1000
FIELD = 92     # px
SLIM = ("QDoubleSpinBox { padding: 2px 4px; } QDoubleSpinBox:focus { padding: 1px 3px; } "
        "QDoubleSpinBox::up-button, QDoubleSpinBox::down-button { width: 0; border: none; image: none; } "
        "QDoubleSpinBox::up-arrow, QDoubleSpinBox::down-arrow { width: 0; height: 0; image: none; }")
UNITS = {"of full scale": "FS", "dB re full scale": "dB FS", "times": "×", "semitones": "st"}


class NumberField(QDoubleSpinBox):
    """Writes no more figures than there are."""

    def textFromValue(self, value: float) -> str:
        """Four figures at most: 20, 0.05, 8,000."""
        return f"{value:,.10g}"


class NumberRow(QObject):
    """A slider and a field that follow each other.

    Parameters
    ----------
    parameter
        What is set.
    title
        Of what it belongs to.
    """

    changed = Signal(float)

    def __init__(self, parameter: Parameter, title: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.parameter = parameter
        self.slider, self.field = QSlider(Qt.Orientation.Horizontal), NumberField()
        self.slider.setRange(0, STEPS)
        self.slider.setPageStep(STEPS // 20)
        self.slider.setMinimumWidth(56)
        unit = UNITS.get(parameter.unit, parameter.unit)
        self.field.setDecimals(0 if parameter.whole else 4)
        self.field.setRange(parameter.low, parameter.high)
        self.field.setSuffix(f" {unit}" if unit else "")
        self.field.setStepType(QAbstractSpinBox.StepType.AdaptiveDecimalStepType if parameter.logarithmic
                               else QAbstractSpinBox.StepType.DefaultStepType)
        self.field.setSingleStep(0.01 if parameter.high <= 1 else 1.0)
        self.field.setKeyboardTracking(False)
        self.field.setFixedWidth(scaled(FIELD))
        self.field.setFont(tabular(self.field.font()))
        self.field.setStyleSheet(SLIM)
        self.field.lineEdit().setTextMargins(SPACING // 2, 0, 2, 0)
        self.field.lineEdit().setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        tip = f"{title}: {parameter.words}, {parameter.low:,g} to {parameter.high:,g} {parameter.unit}".strip()
        for widget in (self.slider, self.field):
            widget.setAccessibleName(f"{title}: {parameter.words}")
            widget.setToolTip(tip)
        self.slider.valueChanged.connect(self._slid)
        self.field.valueChanged.connect(self._typed)
        self.set_value(parameter.default)

    def show_used(self, used: bool, theme: Theme) -> None:
        """Whether the number counts: one that does not steps back, and can be moved all the same."""
        quiet = f"QSlider::sub-page:horizontal {{ background: {theme.grid}; }} " \
                f"QSlider::handle:horizontal:!hover {{ background: {theme.muted}; }}"
        self.slider.setStyleSheet("" if used else quiet)
        ink = theme.text if used else theme.muted
        self.field.setStyleSheet(f"{SLIM} QDoubleSpinBox {{ color: {ink}; }}")

    @property
    def value(self) -> float:
        """In the parameter's unit."""
        return float(self.field.value())

    def set_value(self, value: float) -> None:
        """Show a value. Emits nothing."""
        with QSignalBlocker(self.field), QSignalBlocker(self.slider):
            self.field.setValue(value)
            self.slider.setValue(self._place(value))

    def _place(self, value: float) -> int:
        p = self.parameter
        if p.logarithmic:
            return round(STEPS * math.log(max(value, p.low) / p.low) / math.log(p.high / p.low))
        return round(STEPS * (value - p.low) / (p.high - p.low))

    def _slid(self, place: int) -> None:
        p, share = self.parameter, place / STEPS
        value = p.low * (p.high / p.low) ** share if p.logarithmic else p.low + share * (p.high - p.low)
        figures = float(f"{value:.3g}")
        with QSignalBlocker(self.field):
            self.field.setValue(min(max(figures, p.low), p.high))
        self.changed.emit(self.value)

    def _typed(self, value: float) -> None:
        with QSignalBlocker(self.slider):
            self.slider.setValue(self._place(value))
        self.changed.emit(self.value)
