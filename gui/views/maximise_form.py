"""What shall be maximised, through what prior and how: the fields of the panel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QSizePolicy, QSpinBox, QWidget

from gui.theme import SPACING, Theme
from gui.views.neuron_field import LayerChoice, NeuronField, PlainNumber
from gui.views.plain_text import counted
from gui.views.wish_fields import HIGHEST_SEED, ChoiceField, named, numeric

DIRECTIONS = {"max": ("Maximise", "What excites the neuron most"), "min": ("Minimise", "What it answers to least")}
PRIORS = {"gan": ("GAN latent", "Examples are made by a generator of music-like log-mels; its latent is moved"),
          "input": ("Plain input", "Every bin of the excerpt is moved by itself, held back by regularisers")}
OPTIMISERS = {"adam": ("Adam", "Steps fitted to each number by its own past (Kingma, Ba 2015)"),
              "sgd": ("SGD", "Steps straight up the gradient, with momentum .9")}
REG = {"gan": ("Reg", "Weight of the length |z| of the latent: the larger, the nearer to usual music"),
       "input": ("L2", "Weight of the length of the excerpt: the larger, the nearer to the mean of the data")}
TIPS = {
    "model": "The listener whose neuron is asked",
    "layer": "Where the neuron is: input side first, output last",
    "lr": "Learning rate: length of a step",
    "iterations": "Steps for each example",
    "tv": "Total variation: weight of the mean difference between neighbouring bins",
    "blur": "Standard deviation in bins of the blur after every tenth step; 0: none",
    "jitter": "Frames by which the excerpt is turned at most, to and fro, in each step; 0: none",
    "seeds": "How many examples are made, each from its own seed",
    "first_seed": "Seed of the first example; the others follow it",
    "fid_layer": "The layer on which examples are compared with real music, by Fréchet distance",
}
MOST_SEEDS = 1000


@dataclass(frozen=True)
class MaximiseWishes:
    """What is wished for.

    Attributes
    ----------
    direction, prior, optimiser : str
        "max" or "min"; "gan" or "input"; "adam" or "sgd".
    reg : float
        Weight of the length of the latent, or of the excerpt.
    tv, blur, jitter
        Of the plain input: weight; bins; frames.
    fid_layer : str
        The layer on which examples are compared with real music.
    """

    model: str = ""
    layer: str = ""
    neuron: int = 0
    direction: str = "max"
    prior: str = "gan"
    lr: float = 0.01
    reg: float = 0.01
    iterations: int = 500
    optimiser: str = "adam"
    tv: float = 1.0
    blur: float = 0.5
    jitter: int = 4
    seeds: int = 8
    first_seed: int = 0
    fid_layer: str = ""


class MaximiseForm(QWidget):
    """Says that something was changed by hand; what holds is asked for. Each prior keeps settings of its own."""

    changed = Signal()
    model_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._quiet, self._layers = False, []  # type: bool, list[LayerChoice]
        self._kept = {prior: MaximiseWishes(prior=prior) for prior in PRIORS}    # what each prior was last set to
        self._kept["input"] = replace(self._kept["input"], lr=0.05)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(SPACING)
        self._grid.setVerticalSpacing(SPACING * 3 // 4)
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnStretch(3, 1)
        self.model, self.layer, self.neuron, self.fid_layer = QComboBox(), QComboBox(), NeuronField(), QComboBox()
        self.direction, self.prior = ChoiceField("Direction", DIRECTIONS), ChoiceField("Prior", PRIORS)
        self.optimiser = ChoiceField("Optimiser", OPTIMISERS)
        self.lr, self.reg, self.iterations = PlainNumber(1e-6, 1e3), PlainNumber(0.0, 1e3), QSpinBox()
        self.tv, self.blur, self.jitter = PlainNumber(0.0, 1e3), PlainNumber(0.0, 20.0), QSpinBox()
        self.seeds, self.first_seed = QSpinBox(), QSpinBox()
        self.iterations.setRange(1, 100_000)
        self.iterations.setSingleStep(50)
        self.jitter.setRange(0, 50)
        self.seeds.setRange(1, MOST_SEEDS)
        self.first_seed.setRange(0, HIGHEST_SEED)
        self._prior = "gan"
        self._lay_out()
        self._connect()
        self.set_wishes(MaximiseWishes())

    # building

    def _lay_out(self) -> None:
        for text, field, box in (("Model", "model", self.model), ("Layer", "layer", self.layer)):
            self._box(text, field, box)
        self._wide("Neuron", self.neuron)
        for text, choice in (("Direction", self.direction), ("Prior", self.prior), ("Optimiser", self.optimiser)):
            self._wide(text, choice)
        for spin in (self.iterations, self.jitter, self.seeds, self.first_seed):
            numeric(spin)
        named(self.lr, "Learning rate", TIPS["lr"])
        self._reg_label = self._pair(("lr", self.lr), ("Reg", self.reg))[1]
        named(self.iterations, "Iterations", TIPS["iterations"])
        named(self.tv, "Total variation", TIPS["tv"])
        variation = self._pair(("Iterations", self.iterations), ("TV", self.tv))[1]
        named(self.blur, "Blur", TIPS["blur"])
        named(self.jitter, "Jitter", TIPS["jitter"])
        self.blur.setSuffix(" bins")
        self.jitter.setSuffix(" frames")
        held = self._pair(("Blur", self.blur), ("Jitter", self.jitter))
        self._of_input = (variation, self.tv, *held, self.blur, self.jitter)
        named(self.seeds, "Seeds", TIPS["seeds"])
        named(self.first_seed, "First seed", TIPS["first_seed"])
        self._pair(("Seeds", self.seeds), ("From", self.first_seed))
        self._box("FID on", "fid_layer", self.fid_layer)

    def _box(self, text: str, field: str, box: QComboBox) -> None:
        box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        named(box, text, TIPS[field])
        self._wide(text, box)

    def _wide(self, text: str, field: QWidget) -> None:
        row, label = self._grid.rowCount(), _label(text, field)
        self._grid.addWidget(label, row, 0)
        self._grid.addWidget(field, row, 1, 1, 3)

    def _pair(self, *fields: tuple[str, QWidget]) -> list[QLabel]:
        row, labels = self._grid.rowCount(), []
        for place, (text, field) in enumerate(fields):
            label = _label(text, field)
            self._grid.addWidget(label, row, 2 * place)
            self._grid.addWidget(field, row, 2 * place + 1)
            labels.append(label)
        return labels

    def _connect(self) -> None:
        self.model.currentIndexChanged.connect(self._model_changed)
        self.layer.currentIndexChanged.connect(self._layer_changed)
        self.fid_layer.currentIndexChanged.connect(self._tell)
        self.prior.changed.connect(self._prior_changed)
        for field in (self.neuron, self.direction, self.optimiser):
            field.changed.connect(self._tell)
        for spin in (self.lr, self.reg, self.tv, self.blur, self.iterations, self.jitter, self.seeds, self.first_seed):
            spin.valueChanged.connect(self._tell)

    # wishes

    def _tell(self) -> None:
        if not self._quiet:
            self.changed.emit()

    def _model_changed(self) -> None:
        if not self._quiet and self.model.currentData() is not None:
            self.model_chosen.emit(self.model.currentData())

    def _layer_changed(self) -> None:
        place = self.layer.currentIndex()
        if 0 <= place < len(self._layers):
            self.neuron.set_layer(self._layers[place])
        self._tell()

    def _prior_changed(self) -> None:
        """What the other prior was set to comes back."""
        if self._quiet:
            return
        self._kept[self._prior] = replace(self.wishes(), prior=self._prior)
        kept = self._kept[self.prior.value]
        self.set_wishes(replace(self.wishes(), lr=kept.lr, reg=kept.reg, iterations=kept.iterations,
                                optimiser=kept.optimiser))
        self._tell()

    def wishes(self) -> MaximiseWishes:
        """What holds."""
        return MaximiseWishes(
            model=self.model.currentData() or "", layer=self.layer.currentData() or "",
            neuron=self.neuron.number.value(), direction=self.direction.value, prior=self.prior.value,
            lr=round(self.lr.value(), 6), reg=round(self.reg.value(), 6), iterations=self.iterations.value(),
            optimiser=self.optimiser.value, tv=round(self.tv.value(), 6), blur=round(self.blur.value(), 6),
            jitter=self.jitter.value(), seeds=self.seeds.value(), first_seed=self.first_seed.value(),
            fid_layer=self.fid_layer.currentData() or "")

    def set_wishes(self, wishes: MaximiseWishes) -> None:
        """Show these; of model and layers only what is offered. Emits nothing."""
        self._quiet = True
        for box, name in ((self.model, wishes.model), (self.layer, wishes.layer), (self.fid_layer, wishes.fid_layer)):
            if box.findData(name) >= 0:
                box.setCurrentIndex(box.findData(name))
        self.neuron.number.setValue(wishes.neuron)
        for field, value in ((self.direction, wishes.direction), (self.prior, wishes.prior),
                             (self.optimiser, wishes.optimiser)):
            field.set_value(value)
        for spin, number in ((self.lr, wishes.lr), (self.reg, wishes.reg), (self.tv, wishes.tv),
                             (self.blur, wishes.blur)):
            spin.setValue(number)
        for whole, count in ((self.iterations, wishes.iterations), (self.jitter, wishes.jitter),
                             (self.seeds, wishes.seeds), (self.first_seed, wishes.first_seed)):
            whole.setValue(count)
        self._prior = wishes.prior
        self._show_prior()
        self._quiet = False

    def _show_prior(self) -> None:
        """Fields that the prior has no use for are not there."""
        text, tip = REG[self._prior]
        self._reg_label.setText(text)
        named(self.reg, text, tip)
        self._reg_label.setToolTip(tip)
        for part in self._of_input:
            part.setVisible(self._prior == "input")

    # what is offered

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        for choice in (self.direction, self.prior, self.optimiser):
            choice.set_theme(theme)
        self.neuron.label.setStyleSheet(f"color: {theme.text}")

    def show_models(self, names: Sequence[str], chosen: str) -> None:
        """Offer models. Emits nothing."""
        with QSignalBlocker(self.model):
            self.model.clear()
            for name in names:
                self.model.addItem(name, name)
            self.model.setCurrentIndex(self.model.findData(chosen))

    def show_layers(self, layers: Sequence[LayerChoice]) -> None:
        """Offer layers, the last one where what was chosen is not there. Emits nothing."""
        kept, compared, self._layers = self.layer.currentData(), self.fid_layer.currentData(), list(layers)
        with QSignalBlocker(self.layer), QSignalBlocker(self.fid_layer):
            for box, wanted, last in ((self.layer, kept, 1), (self.fid_layer, compared, 2)):
                box.clear()
                for layer in layers:
                    box.addItem(f"{layer.name} · {counted(layer.neurons, 'neuron')}", layer.name)
                place = box.findData(wanted) if wanted else -1
                box.setCurrentIndex(place if place >= 0 else max(0, len(layers) - last) if layers else -1)
        if layers:
            self.neuron.set_layer(self._layers[self.layer.currentIndex()])

    def enable_priors(self, why_not: Mapping[str, str]) -> None:
        """Which priors are there: all but those with a reason why not. Emits nothing."""
        for button in self.prior.group.buttons():
            key = str(button.property("key"))
            button.setEnabled(not why_not.get(key))
            button.setToolTip(why_not.get(key) or PRIORS[key][1])
        able = [key for key in PRIORS if not why_not.get(key)]
        if self.prior.value not in able and able:
            kept = self._kept[able[0]]
            self.set_wishes(replace(self.wishes(), prior=able[0], lr=kept.lr, reg=kept.reg,
                                    iterations=kept.iterations, optimiser=kept.optimiser))

    def set_defaults(self, prior: str, *, lr: float, reg: float, iterations: int) -> None:
        """What a prior begins with. Emits nothing."""
        self._kept[prior] = replace(self._kept[prior], lr=lr, reg=reg, iterations=iterations)
        if self.prior.value == prior:
            self.set_wishes(replace(self.wishes(), lr=lr, reg=reg, iterations=iterations))


def _label(text: str, field: QWidget) -> QLabel:
    """The name of a field, with what the field says of itself."""
    label = QLabel(text)
    label.setBuddy(field)
    label.setToolTip(field.toolTip())
    return label
