"""How the network shall go on: which one, in what, how daringly, how far and how often."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QSpinBox,
    QToolButton,
    QWidget,
)

from gui.theme import DARK, ICONS, SPACING, Theme, scaled
from gui.views.wish_fields import ChoiceField, SeedField, TemperatureField, named, numeric

AS_IN_THE_TUNE = "As in the tune"
OPEN = "Open checkpoint…"
MODES = {"maj": "Major", "min": "Minor", "dor": "Dorian", "mix": "Mixolydian"}
STOPS = {"bar": ("Bar", "Stop at the next bar line"), "phrase": ("Phrase", "Stop at the end of the phrase"),
         "tune": ("Tune", "Stop where the tune ends")}
MOST = 16             # candidates
ARROW = 16            # px, at text of the usual size
HIGHEST_TOP_K = 1000  # more than any vocabulary has


@dataclass(frozen=True)
class SuggestWishes:
    """What is wished for.

    Attributes
    ----------
    model : str
        Its name; empty: none.
    meter, mode : str
        From the model's vocabulary; empty: as in the tune.
    temperature, top_p : float
        0.1 to 2; 0.01 to 1.
    top_k : int
        0: all tokens.
    stop : str
        "bar", "phrase" or "tune".
    n : int
        Candidates, 1 to 16.
    prime : str
        Tokens with spaces between them.
    """

    model: str = ""
    meter: str = ""
    mode: str = ""
    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    seed: int = 0
    seed_locked: bool = False
    constrained: bool = True
    stop: str = "tune"
    n: int = 4
    prime: str = ""


class SuggestForm(QWidget):
    """Says that something was changed by hand; what holds is asked for."""

    changed = Signal()
    edited = Signal(object, object)     # wishes before and after; of what is typed, once it is typed whole
    open_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme, self._quiet, self._held = DARK, False, SuggestWishes()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(SPACING)
        self._grid.setVerticalSpacing(SPACING * 3 // 4)
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnStretch(3, 1)
        self.model, self.meter, self.mode = QComboBox(), QComboBox(), QComboBox()
        self.temperature, self.seed, self.stop = TemperatureField(), SeedField(), ChoiceField("Stop at", STOPS)
        self.top_p, self.top_k, self.n = QDoubleSpinBox(), QSpinBox(), QSpinBox()
        self.constrained, self.more, self.prime = QCheckBox("Keep to the grammar"), QToolButton(), QLineEdit()
        self.prime_error = QLabel()
        self._lay_out()
        self._limit()
        self._connect()
        self.show_models((), "")
        self.show_vocabulary((), ())
        self.set_wishes(SuggestWishes())

    # building

    def _lay_out(self) -> None:
        for text, box, tip in (("Model", self.model, "The network that suggests"),
                               ("Metre", self.meter, "Of a new tune; one that has a metre keeps it"),
                               ("Mode", self.mode, "Of a new tune; one that has a key keeps it")):
            box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            named(box, text, tip)
            self._wide(text, box)
        self._wide("Temperature", self.temperature)
        numeric(self.top_p)
        numeric(self.n)
        named(self.top_p, "Top-p", "Draw from the likeliest tokens that have this probability together; 1: from all")
        named(self.n, "Candidates", "How many suggestions are ranked and shown")
        self._pair(("Top-p", self.top_p), ("Choices", self.n))
        self._wide("Seed", self.seed)
        self._wide("Stop at", self.stop)
        self._wide("", self._grammar_row())
        numeric(self.top_k)
        named(self.top_k, "Top-k", "Draw from this many of the likeliest tokens only")
        named(self.prime, "Begin with", "Tokens that a suggestion begins with, spaces between them; * is drawn")
        self.prime.setPlaceholderText("e.g. G 2 * E")
        self._folded = [self._wide("Top-k", self.top_k), self.top_k, self._wide("Begin with", self.prime), self.prime]
        self.prime_error.setWordWrap(True)
        self.prime_error.setAccessibleName("What is wrong with these tokens")
        self._grid.addWidget(self.prime_error, self._grid.rowCount(), 0, 1, 4)
        self.prime_error.hide()
        self._fold(False)

    def _grammar_row(self) -> QWidget:
        named(self.constrained, "Keep to the grammar",
              "Only what keeps bars, repeats and endings whole is drawn: each suggestion is valid ABC")
        self.more.setText("More")
        self.more.setCheckable(True)
        self.more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.more.setAutoRaise(True)
        named(self.more, "More", "Top-k, and tokens to begin with")
        row = QWidget()
        both = QHBoxLayout(row)
        both.setContentsMargins(0, 0, 0, 0)
        both.addWidget(self.constrained)
        both.addStretch()
        both.addWidget(self.more)
        return row

    def _wide(self, text: str, field: QWidget) -> QLabel:
        row, label = self._grid.rowCount(), QLabel(text)
        label.setBuddy(field)
        if text:
            self._grid.addWidget(label, row, 0)
        self._grid.addWidget(field, row, int(bool(text)), 1, 3 + (not text))
        return label

    def _pair(self, *fields: tuple[str, QWidget]) -> None:
        row = self._grid.rowCount()
        for place, (text, field) in enumerate(fields):
            label = QLabel(text)
            label.setBuddy(field)
            self._grid.addWidget(label, row, 2 * place)
            self._grid.addWidget(field, row, 2 * place + 1)

    def _limit(self) -> None:
        self.top_p.setRange(0.01, 1.0)
        self.top_p.setSingleStep(0.05)
        self.n.setRange(1, MOST)
        self.top_k.setRange(0, HIGHEST_TOP_K)
        self.top_k.setSpecialValueText("all tokens")

    def _connect(self) -> None:
        self.model.activated.connect(self._open_or_tell)
        for box in (self.meter, self.mode):
            box.currentIndexChanged.connect(self._tell)
        for spin in (self.top_p, self.top_k, self.n):
            spin.valueChanged.connect(self._tell)
        for field in (self.temperature, self.seed, self.stop):
            field.changed.connect(self._tell)
        self.constrained.toggled.connect(self._tell)
        self.prime.textEdited.connect(self._prime_edited)
        self.prime.editingFinished.connect(self._settle)
        self.more.toggled.connect(self._fold)

    # wishes

    def _tell(self) -> None:
        if not self._quiet:
            self._settle()
            self.changed.emit()

    def _settle(self) -> None:
        before, self._held = self._held, self.wishes()
        if before != self._held:
            self.edited.emit(before, self._held)

    def _open_or_tell(self, index: int) -> None:
        if self.model.itemData(index) is not None:
            self._model = self.model.itemData(index)
            self._tell()
        else:
            self._show_model(self._model)
            self.open_asked.emit()

    def _prime_edited(self) -> None:
        self.show_prime_error("")
        self.changed.emit()

    def _fold(self, shown: bool) -> None:
        self._draw_more()
        for part in self._folded:
            part.setVisible(shown)
        self.prime_error.setVisible(shown and bool(self.prime_error.text()))

    def wishes(self) -> SuggestWishes:
        """What holds."""
        return SuggestWishes(
            model=self._model, meter=self.meter.currentData(), mode=self.mode.currentData(),
            temperature=round(self.temperature.number.value(), 2), top_k=self.top_k.value(),
            top_p=round(self.top_p.value(), 2), seed=self.seed.number.value(), seed_locked=self.seed.lock.isChecked(),
            constrained=self.constrained.isChecked(), stop=self.stop.value, n=self.n.value(),
            prime=" ".join(self.prime.text().split()))

    def set_wishes(self, wishes: SuggestWishes) -> None:
        """Show these. What the vocabulary has not becomes as in the tune. Emits nothing."""
        typed = " ".join(self.prime.text().split())
        self._quiet = True
        self._show_model(wishes.model)
        self.meter.setCurrentIndex(max(0, self.meter.findData(wishes.meter)))
        self.mode.setCurrentIndex(max(0, self.mode.findData(wishes.mode)))
        self.temperature.number.setValue(wishes.temperature)
        self.top_k.setValue(wishes.top_k)
        self.top_p.setValue(wishes.top_p)
        self.seed.number.setValue(wishes.seed)
        self.seed.lock.setChecked(wishes.seed_locked)
        self.constrained.setChecked(wishes.constrained)
        self.stop.set_value(wishes.stop)
        self.n.setValue(wishes.n)
        if wishes.prime != typed:   # typing goes on where it is
            self.prime.setText(wishes.prime)
        self._quiet = False
        self._held = replace(self.wishes(), prime=self._held.prime if wishes.prime == typed else wishes.prime)

    # what holds

    def set_theme(self, theme: Theme) -> None:
        """Colours and icons."""
        for field in (self.temperature, self.seed, self.stop):
            field.set_theme(theme)
        self.prime_error.setStyleSheet(f"color: {theme.error}")
        self.theme = theme
        self._draw_more()
        self.more.setStyleSheet(f"QToolButton {{ border-color: transparent; background: transparent; padding: 4px 0;"
                                f" color: {theme.muted}; }} QToolButton:focus {{ border: 1px solid {theme.accent}; }}")

    def _draw_more(self) -> None:
        """The arrow points to where fields would go."""
        arrow = "up" if self.more.isChecked() else "down"
        self.more.setIconSize(QSize(scaled(ARROW), scaled(ARROW)))
        self.more.setIcon(QIcon(str(ICONS / f"{arrow}-{self.theme.name}.svg")))

    def show_models(self, names: Sequence[str], chosen: str) -> None:
        """Offer models, and to open another one. Emits nothing."""
        self.model.clear()
        for name in names:
            self.model.addItem(name, name)
        if names:
            self.model.insertSeparator(len(names))
        self.model.addItem(OPEN)
        self._show_model(chosen)

    def _show_model(self, name: str) -> None:
        place = self.model.findData(name) if name else -1
        self._model = name if place >= 0 else ""
        self.model.setCurrentIndex(place)
        self._held = replace(self._held, model=self._model)

    def show_vocabulary(self, meters: Sequence[str], modes: Sequence[str]) -> None:
        """Offer what the model knows, such as `6/8` and `dor` or `Cdor`. Emits nothing."""
        for box, values in ((self.meter, meters), (self.mode, modes)):
            kept = box.currentData()
            with QSignalBlocker(box):
                box.clear()
                box.addItem(AS_IN_THE_TUNE, "")
                for value in values:
                    bare = value.removeprefix("C") or value
                    box.addItem(MODES.get(bare, value), value)
                box.setCurrentIndex(max(0, box.findData(kept)))
        self._held = replace(self._held, meter=self.meter.currentData(), mode=self.mode.currentData())

    def show_prime_error(self, words: str) -> None:
        """What is wrong with the tokens to begin with; empty: nothing."""
        self.prime_error.setText(words)
        if words:
            self.more.setChecked(True)
        self.prime_error.setVisible(bool(words))
