"""What to explain and how: model, target, method, segments, fill, units; and the brush."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from engine.explain.fills import FILLS
from engine.explain.methods import METHODS
from engine.explain.segments import DEFAULT_SEGMENTS
from gui.theme import SPACING
from gui.views.wish_fields import named

FILL_TITLES = {
    "mean": "Mean of the excerpt", "zero": "Zero (mean of the data)", "min-data": "Minimum of the data",
    "min-input": "Minimum of the excerpt", "noise": "Noise", "band-mean": "Mean per band",
    "neighbour": "Neighbours, interpolated",
}
FILL_TIP = ("What hidden segments are replaced by. It should look to the model like “nothing there”; the mean of "
            "the excerpt found true segments most often (Mishra et al., IJCNN 2020).")
METHOD_TIPS = {
    "slime-exact": "A linear model of the score over all 2ⁿ masks: the limit of SoundLIME, without its variance "
                   "(Mishra, Sturm, Dixon, ISMIR 2017).",
    "slime": "SoundLIME as published, on random masks; standard errors are shown.",
    "shapley": "The fair share of each segment in the score, exact; they sum to full minus empty (Shapley 1953).",
    "occlusion": "What the score loses when a segment is hidden alone.",
    "ig": "Integrated gradients from the fill to the excerpt (Sundararajan et al., ICML 2017).",
    "saliency": "The gradient of the score at each bin (Simonyan et al., 2014).",
}
SEGMENTATION_TITLES = {"temporal": "In time", "spectral": "In frequency", "grid": "Grid"}
SEGMENTS_TIP = "Exact methods take at most 12"
FEWEST = 2          # segments that say anything of each other
DECIDED = "Decided on"
UNIT_TITLES = {"probability": "Probability", "logit": "Logit"}
BY_KEYS = ": drag, or move it with the arrow keys and touch with Enter"
BRUSHES = {"off": ("Off", "The mouse moves and hides"), "add": ("Add", "Paint energy into the spectrogram" + BY_KEYS),
           "erase": ("Erase", "Take energy away" + BY_KEYS)}


class QuestionPanel(QWidget):
    """Emits what was chosen; `show_question` says what holds."""

    chosen = Signal(str, object)          # name of a field of the question, its value
    model_chosen = Signal(str)
    opacity_changed = Signal(float)
    follow_changed = Signal(bool)
    brush_changed = Signal(str, float)    # mode, radius in parts of the height
    revert_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        form = QGridLayout()
        form.setHorizontalSpacing(2 * SPACING)
        form.setVerticalSpacing(SPACING)
        form.setColumnStretch(1, 1)
        self.model = self._box(form, "Model", "Whose answer is explained")
        self.model.currentIndexChanged.connect(lambda _: self.model_chosen.emit(self.model.currentData()))
        self.target = self._choice(form, "Target", "target", {}, "The label whose score is explained")
        self.method = self._choice(form, "Method", "method", {k: m.title for k, m in METHODS.items()},
                                   METHOD_TIPS[next(iter(METHODS))])
        self.segmentation = self._choice(form, "Segments", "segmentation", SEGMENTATION_TITLES,
                                         "How the excerpt is cut")
        self.segments = QSpinBox()
        self.segments.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.segments.setRange(FEWEST, 60)
        self.segments.lineEdit().setTextMargins(SPACING, 0, 0, 0)  # style sheets do not reach it
        self.segments.valueChanged.connect(lambda n: self.chosen.emit("segments", n))
        named(self.segments, "Number of segments", SEGMENTS_TIP)
        _row(form, "How many", self.segments)
        self.fill = self._choice(form, "Fill", "fill", {name: FILL_TITLES[name] for name in FILLS}, FILL_TIP)
        self.units = self._choice(form, "Units", "units", UNIT_TITLES,
                                  "Probability as published, or log-odds, where a sure model still shows shares")
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setRange(0, 100)
        self.opacity.setValue(80)
        self.opacity.valueChanged.connect(lambda v: self.opacity_changed.emit(v / 100))
        named(self.opacity, "Opacity of the explanation", "How strongly weights cover the spectrogram")
        _row(form, "Opacity", self.opacity)
        self.follow = QCheckBox("Excerpt follows playback")
        self.follow.toggled.connect(self.follow_changed)
        named(self.follow, "Excerpt follows playback", "Explain what is heard, while it is heard (F)")
        form.addWidget(self.follow, form.rowCount(), 1)
        row = form.rowCount()
        form.addWidget(QLabel("Brush"), row, 0)
        form.addLayout(self._brush_row(), row, 1)
        self.radius = QSlider(Qt.Orientation.Horizontal)
        self.radius.setRange(1, 16)
        self.radius.setValue(4)
        self.radius.valueChanged.connect(lambda _: self._brush())
        named(self.radius, "Size of the brush", "In eightieths of the height")
        _row(form, "Size", self.radius)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACING, SPACING, SPACING, SPACING)
        layout.addLayout(form)
        layout.addStretch(1)

    @staticmethod
    def _box(form: QGridLayout, label: str, tip: str) -> QComboBox:
        box = QComboBox()
        box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        named(box, label, tip)
        _row(form, label, box)
        return box

    def _choice(self, form: QGridLayout, label: str, field: str, titles: dict[str, str], tip: str) -> QComboBox:
        box = self._box(form, label, tip)
        for key, title in titles.items():
            box.addItem(title, key)
        box.currentIndexChanged.connect(lambda _: self._chosen(box, field))
        return box

    def _chosen(self, box: QComboBox, field: str) -> None:
        value = box.currentData() or None  # now, for what is emitted first may show the old question again
        if field == "method":
            box.setToolTip(METHOD_TIPS[box.currentData()])
            most = METHODS[box.currentData()].most_segments
            self.segments.setMaximum(most or 60)
        if field == "segmentation":
            self.chosen.emit("segments", None)
        self.chosen.emit(field, value)

    def _brush_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(0)
        self.brushes = QButtonGroup(self)
        for mode, (title, tip) in BRUSHES.items():
            button = QPushButton(title)
            button.setCheckable(True)
            button.setChecked(mode == "off")
            named(button, f"Brush: {title.lower()}", tip)
            button.setProperty("mode", mode)
            self.brushes.addButton(button)
            row.addWidget(button)
        self.revert = QPushButton("Revert")
        self.revert.setEnabled(False)
        self.revert.clicked.connect(self.revert_asked)
        named(self.revert, "Revert all edits", "Back to the recording; can be undone")
        row.addSpacing(SPACING)
        row.addWidget(self.revert)
        self.brushes.buttonToggled.connect(lambda _, on: self._brush() if on else None)
        return row

    def _brush(self) -> None:
        self.brush_changed.emit(self.brush_mode, float(self.radius.value()))

    @property
    def brush_mode(self) -> str:
        """"off", "add" or "erase"."""
        button = self.brushes.checkedButton()
        return str(button.property("mode")) if button else "off"

    def set_brush_mode(self, mode: str) -> None:
        """Choose a brush as a click would."""
        for button in self.brushes.buttons():
            if button.property("mode") == mode:
                button.setChecked(True)

    def set_models(self, titles: Mapping[str, str]) -> None:
        """Offer models: name -> title."""
        present = self.model.currentData()
        with QSignalBlocker(self.model):
            self.model.clear()
            for name, title in titles.items():
                self.model.addItem(name, name)
                self.model.setItemData(self.model.count() - 1, title, Qt.ItemDataRole.ToolTipRole)
        self.show_model(present)

    def show_model(self, name: str | None) -> None:
        """Which model listens. Emits nothing."""
        with QSignalBlocker(self.model):
            self.model.setCurrentIndex(self.model.findData(name))
        title = self.model.currentData(Qt.ItemDataRole.ToolTipRole)
        self.model.setToolTip(f"{title}: whose answer is explained" if title else "Whose answer is explained")

    def set_gradients(self, why_none: str) -> None:
        """Close the methods that need gradients, and say why; open them if there is no reason."""
        items = self.method.model()
        assert isinstance(items, QStandardItemModel)
        for place in range(self.method.count()):
            key = self.method.itemData(place)
            closed = bool(why_none) and METHODS[key].needs_gradient
            items.item(place).setEnabled(not closed)
            self.method.setItemData(place, why_none if closed else METHOD_TIPS[key], Qt.ItemDataRole.ToolTipRole)

    def set_targets(self, labels: Iterable[str], *, decided: bool) -> None:
        """Offer the labels of a listener, and the one it decides on where they are equals."""
        with QSignalBlocker(self.target):
            self.target.clear()
            if decided:
                self.target.addItem(DECIDED, "")
            for label in labels:
                self.target.addItem(label, label)

    def show_decided(self, label: str) -> None:
        """What is decided on in this excerpt."""
        if self.target.findData("") == 0:
            self.target.setItemText(0, f"{DECIDED}: {label}")

    def show_room(self, *, frames: int, bands: int) -> None:
        """Into how many segments an excerpt of the model can be cut, in time and in frequency."""
        named(self.segments, "Number of segments",
              f"{SEGMENTS_TIP}; an excerpt of this model has room for {frames} in time and {bands} in frequency")

    def show_question(self, values: dict[str, object]) -> None:
        """Show the fields of a question without asking anything."""
        for field, box in (("method", self.method), ("segmentation", self.segmentation), ("fill", self.fill),
                           ("units", self.units), ("target", self.target)):
            box.blockSignals(True)
            box.setCurrentIndex(max(0, box.findData(values[field])))
            box.blockSignals(False)
        self.method.setToolTip(METHOD_TIPS[self.method.currentData()])
        self.segments.blockSignals(True)
        self.segments.setMaximum(METHODS[self.method.currentData()].most_segments or 60)
        n = int(str(values["segments"] or DEFAULT_SEGMENTS[str(values["segmentation"])]))
        self.segments.setMinimum(min(FEWEST, n))
        self.segments.setValue(n)
        self.segments.blockSignals(False)


def _row(form: QGridLayout, text: str, field: QWidget) -> None:
    label, row = QLabel(text), form.rowCount()
    label.setBuddy(field)
    form.addWidget(label, row, 0)
    form.addWidget(field, row, 1)
