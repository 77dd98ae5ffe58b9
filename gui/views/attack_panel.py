"""What to make of a file: model, label wanted, method and limits; and the buttons that begin and end it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from engine.explain.adversary import METHODS, PROJECTIONS
from gui.theme import SPACING, Theme
from gui.views.layouts import fill_tab
from gui.views.plain_text import as_tip
from gui.views.time_plot import time_text
from gui.views.wish_fields import named

ANY = "Anything else"
ATTACK_TIP = "Look for a change that fools the model (Ctrl+Return)"
EVERY_TIP = "Attack once for each label, with the same limits"
WEIGHTINGS = ("plain", "masking")
TITLES = {"magnitude": "Magnitudes, as published", "waveform": "Waveform, ours",
          "end": "Only at the end", "each": "In each iteration",
          "plain": "Plain", "masking": "Below the masking threshold"}
TIPS = {
    "model": "Whom to fool",
    "target": "What the model shall say; the present answer is greyed",
    "part": "What is changed and judged: drag the marked part in the waveform",
    "method": "Steps on STFT magnitudes with the original phases (Kereliuk, Sturm, Larsen 2015), or on the samples "
              "through the differentiable STFT, where every iterate is a sound",
    "projection": "When magnitudes are moved to those that a sound can have; each iteration costs more",
    "weighting": "Count all changes alike, or prefer those that the music masks (Johnston 1988)",
    "snr_db": "The change is never louder than this lets it be, in dB",
    "iterations": "At most so many",
    "confidence": "Stop once the label has this probability",
    "seed": "Of the small noise that the search begins with",
    "smallest": "Use all iterations to make the change as small as can be, and stop at no confidence",
}


class AttackPanel(QScrollArea):
    """Emits what was chosen; `show_question` says what holds."""

    chosen = Signal(str, object)      # name of a field of the question, its value
    model_chosen = Signal(str)
    part_chosen = Signal(bool)        # True: the marked part, False: all of the file
    attack_asked = Signal()
    cancel_asked = Signal()
    every_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        inside = QWidget()
        self._form = QGridLayout()
        self._form.setHorizontalSpacing(SPACING)
        self._form.setVerticalSpacing(SPACING * 3 // 4)
        self._form.setColumnStretch(1, 1)
        self._form.setColumnStretch(3, 1)
        self.file = QLabel("No file yet")
        self.file.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._wide("File", self.file, "Open one by File, Open or by dropping it here")
        self.model, self.target, self.part = self._box("Model", "model"), self._box("Target", "target"), QComboBox()
        self._wide("Part", self.part, TIPS["part"])
        self.part.addItem("All of the file", False)
        self.part.addItem("The marked part", True)
        self.method = self._box("Method", "method", METHODS)
        self.projection = self._box("Projection", "projection", PROJECTIONS)
        self.weighting = self._box("Weighting", "weighting", WEIGHTINGS)
        self.snr_db = self._number("Least SNR", "snr_db", QDoubleSpinBox(), (-20.0, 120.0), 0)
        self.iterations = self._number("Iterations", "iterations", QSpinBox(), (1, 100_000), 2, same_row=True)
        self.confidence = self._number("Confidence", "confidence", QDoubleSpinBox(), (0.0, 1.0), 0)
        self.seed = self._number("Seed", "seed", QSpinBox(), (0, 2**31 - 1), 2, same_row=True)
        self.snr_db.setSuffix(" dB")
        self.snr_db.setDecimals(1)
        self.confidence.setSingleStep(0.05)
        self.smallest = QCheckBox("Look for the smallest change")
        named(self.smallest, "Look for the smallest change", TIPS["smallest"])
        self.smallest.toggled.connect(lambda on: self.chosen.emit("smallest", on))
        self._form.addWidget(self.smallest, self._form.rowCount(), 1, 1, 3)
        self.model.currentIndexChanged.connect(lambda _: self.model_chosen.emit(self.model.currentData()))
        self.part.currentIndexChanged.connect(lambda _: self.part_chosen.emit(self.part.currentData()))
        self.target.currentIndexChanged.connect(lambda _: self.chosen.emit("target", self.target.currentData()))
        self.method.currentIndexChanged.connect(self._enable_projection)
        column = QVBoxLayout(inside)
        column.setContentsMargins(SPACING, SPACING, SPACING, SPACING)
        column.setSpacing(SPACING)
        column.addLayout(self._form)
        column.addLayout(self._buttons())
        column.addStretch(1)
        fill_tab(self, inside)
        self.setAccessibleName("Attack")
        self.show_running(False, ready=False)

    # building

    def _buttons(self) -> QHBoxLayout:
        self.attack, self.cancel = QPushButton("Attack"), QPushButton("Cancel")
        self.every = QPushButton("Every label")
        self.attack.setDefault(True)
        for button, tip, asked in (
                (self.attack, ATTACK_TIP, self.attack_asked),
                (self.cancel, "Stop what runs (Esc)", self.cancel_asked),
                (self.every, EVERY_TIP, self.every_asked)):
            named(button, button.text(), tip)
            button.clicked.connect(lambda checked=False, asked=asked: asked.emit())
        row = QHBoxLayout()
        row.setSpacing(SPACING)
        row.addWidget(self.attack, 2)
        row.addWidget(self.cancel, 1)
        row.addWidget(self.every, 1)
        return row

    def _wide(self, text: str, field: QWidget, tip: str) -> None:
        row, label = self._form.rowCount(), QLabel(text)
        label.setBuddy(field)
        named(field, text, tip)
        field.setMinimumWidth(60)
        self._form.addWidget(label, row, 0)
        self._form.addWidget(field, row, 1, 1, 3)

    def _box(self, text: str, field: str, keys: Sequence[str] = ()) -> QComboBox:
        box = QComboBox()
        box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._wide(text, box, TIPS[field])
        for key in keys:
            box.addItem(TITLES[key], key)
        if keys:
            box.currentIndexChanged.connect(lambda _: self.chosen.emit(field, box.currentData()))
        return box

    def _number(self, text: str, field: str, box: Any, limits: tuple[float, float], column: int, *,
                same_row: bool = False) -> Any:
        row, label = self._form.rowCount() - same_row, QLabel(text)
        box.setRange(*limits)
        box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        box.setMinimumWidth(60)
        box.setKeyboardTracking(False)
        box.lineEdit().setTextMargins(SPACING, 0, 0, 0)  # style sheets do not reach it
        box.valueChanged.connect(lambda value: self.chosen.emit(field, value))
        label.setBuddy(box)
        named(box, text, TIPS[field])
        self._form.addWidget(label, row, column)
        self._form.addWidget(box, row, column + 1)
        return box

    def _enable_projection(self) -> None:
        self.projection.setEnabled(self.method.currentData() == "magnitude")

    # what holds

    def set_theme(self, theme: Theme) -> None:
        """The file's name stands out from the labels beside it."""
        self.file.setStyleSheet(f"color: {theme.text}")

    def show_file(self, name: str) -> None:
        """Which file is open."""
        self.file.setText(self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, 260))
        self.file.setToolTip(as_tip(name))

    def set_models(self, names: Sequence[str], chosen: str) -> None:
        """Offer models. Emits nothing."""
        with QSignalBlocker(self.model):
            self.model.clear()
            for name in names:
                self.model.addItem(name, name)
            self.model.setCurrentIndex(self.model.findData(chosen))

    def show_model(self, name: str) -> None:
        """Which model listens. Emits nothing."""
        with QSignalBlocker(self.model):
            self.model.setCurrentIndex(self.model.findData(name))

    def set_targets(self, labels: Sequence[str], present: str | None, target: str | None) -> None:
        """Offer labels; the present one is greyed. Emits nothing."""
        with QSignalBlocker(self.target):
            self.target.clear()
            self.target.addItem(ANY, None)
            for label in labels:
                self.target.addItem(f"{label} (as it is)" if label == present else label, label)
            items = self.target.model()
            assert isinstance(items, QStandardItemModel)
            if present is not None and present in labels:
                items.item(list(labels).index(present) + 1).setEnabled(False)
            self.target.setCurrentIndex(0 if target is None else max(0, self.target.findData(target)))

    def show_question(self, values: Mapping[str, Any]) -> None:
        """Show the fields of a question without asking anything."""
        for field in ("method", "projection", "weighting"):
            box: QComboBox = getattr(self, field)
            with QSignalBlocker(box):
                box.setCurrentIndex(max(0, box.findData(values[field])))
        for field in ("snr_db", "iterations", "confidence", "seed"):
            spin = getattr(self, field)
            with QSignalBlocker(spin):
                spin.setValue(values[field])
        with QSignalBlocker(self.smallest):
            self.smallest.setChecked(bool(values["smallest"]))
        with QSignalBlocker(self.target):
            self.target.setCurrentIndex(0 if values["target"] is None else self.target.findData(values["target"]))
        self.confidence.setEnabled(not values["smallest"])
        self._enable_projection()

    def show_part(self, span: tuple[float, float] | None) -> None:
        """Whether a part is marked, and which. Emits nothing."""
        with QSignalBlocker(self.part):
            marked = "The marked part"
            if span is not None:
                marked += f", {time_text(span[0], 1)}–{time_text(span[1], 1)}"
            self.part.setItemText(1, marked)
            self.part.setCurrentIndex(int(span is not None))

    def set_limits(self, *, why_not: str, why_no_magnitudes: str) -> None:
        """Say why a model cannot be attacked, or not on magnitudes; "" where it can."""
        for button, tip in ((self.attack, ATTACK_TIP), (self.every, EVERY_TIP)):
            named(button, button.text(), why_not or tip)
        methods = self.method.model()
        assert isinstance(methods, QStandardItemModel)
        place = self.method.findData("magnitude")
        methods.item(place).setEnabled(not why_no_magnitudes)
        self.method.setItemData(place, why_no_magnitudes or None, Qt.ItemDataRole.ToolTipRole)

    def show_running(self, running: bool, *, ready: bool = True) -> None:
        """Whether an attack runs, and whether one could begin."""
        self.attack.setEnabled(ready and not running)
        self.every.setEnabled(ready and not running)
        self.cancel.setEnabled(running)
