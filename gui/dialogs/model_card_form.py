"""The form of a model's card: what a model hears, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from engine.models.foreign_fields import FIELDS, INPUTS, OUTPUTS, POOLS, SCALES
from gui.theme import DARK, SPACING, Theme, scaled
from gui.views.wish_fields import named, numeric

MOST = 50_000_000
LABELS_HEIGHT = 72      # px
SHOWN_LABELS = 4
AXES = "batch, time, and bands of a spectrogram"
SHORTEST, LONGEST = 0.02, 60.0      # seconds that a model plausibly hears at once
INPUT_NAMES = {"waveform": "Samples", "log-mel": "Log-mel bands", "magnitude": "Magnitudes"}
OUTPUT_NAMES = {"logits": "Logits", "probabilities": "Probabilities"}
SCALE_NAMES = {"natural": "Natural logarithm", "log10": "Logarithm to base 10", "decibel": "Decibels",
               "log1p": "log(1 + c x)", "linear": "None"}


@dataclass(frozen=True)
class Control:
    """A field of the form: its widget, how it is read, and how it is filled."""

    key: str
    title: str
    widget: QWidget
    read: Callable[[], Any]
    fill: Callable[[Any], None]
    spectral: bool = False
    mel: bool = False


class CardForm(QWidget):
    """Fields of a card; keys that have no field stay as they were proposed."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._guesses = DARK, frozenset[str]()
        self._kept: dict[str, Any] = {}
        hears = [
            _choice("input", "Input", INPUTS, INPUT_NAMES), _number("sample_rate", "Sample rate", 384_000, " Hz"),
            _number("window", "Window", MOST, " samples"), _words("layout", "Axes of the input", _axes, AXES),
            _number("n_fft", "Window of the STFT", 65_536, " samples", spectral=True),
            _number("hop_length", "Hop", 65_536, " samples", spectral=True),
            _number("n_mels", "Mel bands", 1024, "", spectral=True, mel=True),
            _choice("scale", "Logarithm", SCALES, SCALE_NAMES, spectral=True),
            _words("mean", "Mean subtracted", _numbers, "0", spectral=True),
            _words("std", "Divided by", _numbers, "1", spectral=True)]
        says = [_choice("outputs", "Its numbers are", OUTPUTS, OUTPUT_NAMES),
                _tick("exclusive", "One label at a time"), _lines("labels", "Labels, one a line"),
                _words("output_layout", "Axes of the output", _axes, "batch, labels"),
                _choice("pool", "Time is reduced by", POOLS, {})]
        self.controls = {one.key: one for one in (*hears, *says)}
        self._filling = False
        self._titles: dict[str, QLabel] = {}
        self._headings: list[QLabel] = []
        self._forms: list[QFormLayout] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING)
        for heading, controls in (("What it hears", hears), ("What it says", says)):
            column.addWidget(self._heading(heading))
            column.addLayout(self._group(controls))
        column.addStretch(1)
        kind = self.controls["input"].widget
        assert isinstance(kind, QComboBox)
        kind.currentIndexChanged.connect(lambda index: self._show_kind())
        for control in self.controls.values():
            _watch(control.widget, self._changed)
        self._show_kind()

    def fill(self, entries: dict[str, Any], guesses: tuple[str, ...]) -> None:
        """Show a proposed card; `guesses` are the keys that need a look."""
        self._kept, self._guesses = dict(entries), frozenset(guesses)
        self._filling = True
        for key, control in self.controls.items():
            if key in entries:
                control.fill(entries[key])
        self._filling = False
        self._show_kind()
        self.set_theme(self._theme)

    def entries(self) -> dict[str, Any]:
        """The card as it stands in the form, with what has no field."""
        kind = self.controls["input"].read()
        found = {key: control.read() for key, control in self.controls.items() if self._shown(control, kind)}
        kept = {key: value for key, value in self._kept.items() if key not in self.controls}
        return {**kept, **{key: value for key, value in found.items()
                           if value is False or value not in (None, "", [], 0)}}

    def further(self) -> str:
        """What is kept beside the fields, in a few words."""
        told = ("arguments", "chunk", "reset", "state", "batch", "context")
        return ", ".join(f"{key}: {_said(self._kept[key])}" for key in told if key in self._kept)

    def point_at(self, message: str) -> bool:
        """Give the focus to the field that a message names; whether there is one."""
        for key, control in self.controls.items():
            if f": {key}:" in message:
                control.widget.setFocus()
                return True
        return False

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self._theme = theme
        for heading in self._headings:
            heading.setStyleSheet(f"color: {theme.text}; font-weight: 600")
        for key, title in self._titles.items():
            guessed = key in self._guesses
            title.setText(self.controls[key].title + (" (a guess)" if guessed else ""))
            title.setStyleSheet(f"color: {theme.warning if guessed else theme.muted}")

    def _heading(self, text: str) -> QLabel:
        label = QLabel(text)
        self._headings.append(label)
        return label

    def _group(self, controls: list[Control]) -> QFormLayout:
        form = QFormLayout()
        form.setHorizontalSpacing(2 * SPACING)
        form.setVerticalSpacing(SPACING)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for control in controls:
            named(control.widget, control.title, _tip(control.key))
            title = QLabel(control.title)
            title.setBuddy(control.widget)
            title.setMinimumWidth(190)
            if not isinstance(control.widget, QPlainTextEdit):
                title.setMinimumHeight(control.widget.sizeHint().height())  # beside the middle of its field
            self._titles[control.key] = title
            form.addRow(title, control.widget)
        self._forms.append(form)
        return form

    @staticmethod
    def _shown(control: Control, kind: str) -> bool:
        return (not control.spectral or kind != "waveform") and (not control.mel or kind == "log-mel")

    def _show_kind(self) -> None:
        kind = self.controls["input"].read()
        for control in self.controls.values():
            for form in self._forms:
                if form.indexOf(control.widget) >= 0:
                    form.setRowVisible(control.widget, self._shown(control, kind))
        window = self.controls["window"].widget
        assert isinstance(window, QSpinBox)
        window.setSuffix(" samples" if kind == "waveform" else " frames")
        self._changed()

    def _changed(self) -> None:
        if not self._filling:
            self.changed.emit()


def in_words(entries: Mapping[str, Any]) -> str:
    """What a card says, so that a mistake of shape or rate is seen; empty while it says too little."""
    sr, window = (int(entries.get(key) or 0) for key in ("sample_rate", "window"))
    labels = list(entries.get("labels") or ())
    spectral = entries.get("input") != "waveform"
    step = int(entries.get("hop_length") or 0) if spectral else 1
    if not (sr and window and step and labels):
        return ""
    seconds = window * step / sr
    bands = f"{entries.get('n_mels', 0)} mel bands" if entries.get("input") == "log-mel" else \
        f"{int(entries.get('n_fft') or 0) // 2 + 1} magnitudes"
    what = f"{window:,} frames of {bands}" if spectral else f"{window:,} samples"
    chunk = f", {entries['chunk']:,} after {entries['chunk']:,}" if entries.get("chunk") else ""
    named = ", ".join(map(str, labels[:SHOWN_LABELS])) + (" …" if len(labels) > SHOWN_LABELS else "")
    which = "one of them at a time" if entries.get("exclusive", True) else "each for itself"
    words = (f"It hears {seconds:.3g} s at a time ({what} at {sr:,} Hz{chunk}) and knows {len(labels)} labels, "
             f"{which}: {named}.")
    if not SHORTEST <= seconds <= LONGEST:
        words += f" {seconds:.3g} s is {'short' if seconds < SHORTEST else 'long'}: are sample rate and window right?"
    return words


def _watch(widget: QWidget, told: Callable[[], None]) -> None:
    """Hear of every change of a field."""
    if isinstance(widget, QComboBox):
        widget.currentIndexChanged.connect(lambda index: told())
    elif isinstance(widget, QSpinBox):
        widget.valueChanged.connect(lambda value: told())
    elif isinstance(widget, QCheckBox):
        widget.toggled.connect(lambda on: told())
    elif isinstance(widget, QLineEdit | QPlainTextEdit):
        widget.textChanged.connect(lambda *text: told())


def _tip(key: str) -> str:
    words = FIELDS[key].words
    return words[0].upper() + words[1:]


def _choice(key: str, title: str, choices: tuple[str, ...], names: dict[str, str], *,
            spectral: bool = False) -> Control:
    box = QComboBox()
    for choice in choices:
        box.addItem(names.get(choice, choice.capitalize()), choice)
    return Control(key, title, box, box.currentData, lambda value: box.setCurrentIndex(box.findData(value)),
                   spectral)


def _number(key: str, title: str, most: int, suffix: str, *, spectral: bool = False, mel: bool = False) -> Control:
    box = QSpinBox()
    numeric(box)
    box.setRange(0, most)
    box.setGroupSeparatorShown(True)
    box.setSuffix(suffix)
    box.setSpecialValueText("not said")
    return Control(key, title, box, box.value, lambda value: box.setValue(int(value)), spectral, mel)


def _words(key: str, title: str, read: Callable[[str], Any], otherwise: str = "", *,
           spectral: bool = False) -> Control:
    line = QLineEdit()
    line.setPlaceholderText(otherwise)
    return Control(key, title, line, lambda: read(line.text()), lambda value: line.setText(_said(value)), spectral)


def _tick(key: str, title: str) -> Control:
    box = QCheckBox()
    box.setChecked(True)
    return Control(key, title, box, box.isChecked, lambda value: box.setChecked(bool(value)))


def _lines(key: str, title: str) -> Control:
    box = QPlainTextEdit()
    box.setTabChangesFocus(True)
    box.setFixedHeight(scaled(LABELS_HEIGHT))
    return Control(key, title, box, lambda: [line.strip() for line in box.toPlainText().splitlines() if line.strip()],
                   lambda value: box.setPlainText("\n".join(map(str, value))))


def _axes(text: str) -> list[str | int]:
    return [1 if one == "1" else one for one in (part.strip() for part in text.split(",")) if one]


def _numbers(text: str) -> Any:
    """One number or a list of them; what is none stays as it was typed, for the check to name it."""
    try:
        found = [float(part) for part in text.split(",") if part.strip()]
    except ValueError:
        return text
    return found[0] if len(found) == 1 else found


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(f"{key} {_said(one)}" for key, one in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
