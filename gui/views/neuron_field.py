"""Which neuron of a layer, and numbers of any order of magnitude."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QSizePolicy, QSlider, QSpinBox, QWidget

from gui.theme import SPACING
from gui.views.headline import ElidedLabel
from gui.views.wish_fields import named, numeric

TIP = "Of a convolution its feature maps, each by its mean over all positions"


@dataclass(frozen=True)
class LayerChoice:
    """A layer, how many neurons it has, and what they are called if anything."""

    name: str
    neurons: int
    labels: tuple[str, ...] = ()


class PlainNumber(QDoubleSpinBox):
    """Any order of magnitude, without idle zeros; a step is a tenth of it."""

    def __init__(self, low: float, high: float) -> None:
        super().__init__()
        self.setDecimals(6)
        self.setRange(low, high)
        self.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
        numeric(self)

    def textFromValue(self, val: float) -> str:
        """As short as it can be written."""
        return f"{val:.6f}".rstrip("0").rstrip(".") if val else "0"


class NeuronField(QWidget):
    """A slider through all neurons of a layer, and the number, and what it is called."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.slider, self.number, self.label = QSlider(Qt.Orientation.Horizontal), QSpinBox(), ElidedLabel()
        self._labels: tuple[str, ...] = ()
        self.slider.setMinimumWidth(60)
        numeric(self.number, 72)
        self.number.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        named(self.slider, "Neuron, roughly", TIP)
        named(self.number, "Neuron", TIP)
        self.label.setAccessibleName("What this neuron is called")
        self.slider.valueChanged.connect(self.number.setValue)
        self.number.valueChanged.connect(self._changed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACING // 2)
        row.addWidget(self.slider, 1)
        row.addWidget(self.label, 1)
        row.addWidget(self.number)
        self.set_layer(LayerChoice("", 1))

    def set_layer(self, layer: LayerChoice) -> None:
        """Offer the neurons of a layer; where it has only one there is nothing to choose."""
        self._labels = layer.labels
        for field in (self.slider, self.number):
            with QSignalBlocker(field):
                field.setRange(0, max(0, layer.neurons - 1))
            field.setEnabled(layer.neurons > 1)
        self.slider.setPageStep(max(1, layer.neurons // 10))
        self.label.setVisible(bool(layer.labels))
        self._say()

    def _changed(self, value: int) -> None:
        with QSignalBlocker(self.slider):
            self.slider.setValue(value)
        self._say()
        self.changed.emit()

    def _say(self) -> None:
        value = self.number.value()
        self.label.set_whole(self._labels[value] if value < len(self._labels) else "")
