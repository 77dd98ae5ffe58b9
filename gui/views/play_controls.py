"""How a tune is to be played: instrument, tempo, chords, metronome."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSpinBox, QToolButton, QWidget

from gui.theme import SPACING, scaled

SLOWEST, FASTEST = 29, 300      # beats a minute; the slowest stands for the tempo as written


class PlayControls(QWidget):
    """Says when something of it changes; whoever listens reads the properties."""

    changed = Signal()

    def __init__(self, instruments: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._instrument, self._tempo = QComboBox(), QSpinBox()
        self._instrument.addItems([name.capitalize() for name in instruments])
        self._instrument.setAccessibleName("Instrument")
        self._instrument.setToolTip("Who plays the tune")
        self._instrument.setFixedWidth(scaled(116))
        self._tempo.setRange(SLOWEST, FASTEST)
        self._tempo.setSpecialValueText("As written")
        self._tempo.setSuffix(" bpm")
        self._tempo.setSingleStep(5)
        self._tempo.setFixedWidth(scaled(112))
        self._tempo.setKeyboardTracking(False)
        self._tempo.lineEdit().setTextMargins(SPACING, 0, 0, 0)  # style sheets do not reach it
        self._tempo.setAccessibleName("Tempo")
        self._tempo.setToolTip("Beats a minute; a beat is a quarter note, a dotted one in 6/8, 9/8 and 12/8")
        self._chords = self._button("Chords", "Play the chord symbols too", on=True)
        self._metronome = self._button("Metronome", "Click on every beat")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACING // 2)
        for widget in (self._instrument, self._tempo, self._chords, self._metronome):
            row.addWidget(widget)
        self._instrument.currentIndexChanged.connect(self.changed)
        self._tempo.valueChanged.connect(self.changed)

    def _button(self, text: str, tip: str, *, on: bool = False) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setCheckable(True)
        button.setChecked(on)
        button.setAccessibleName(text)
        button.setToolTip(tip)
        button.toggled.connect(self.changed)
        return button

    def choose_instrument(self, name: str) -> None:
        """Another one plays."""
        self._instrument.setCurrentText(name.capitalize())

    def set_tempo(self, tempo: float | None) -> None:
        """Beats a minute; None for the tempo as written."""
        self._tempo.setValue(SLOWEST if tempo is None else round(tempo))

    def show_all(self, instrument: str, tempo: float | None, *, chords: bool, metronome: bool) -> None:
        """How it is to be played, as one change."""
        with QSignalBlocker(self):
            self.choose_instrument(instrument)
            self.set_tempo(tempo)
            self._chords.setChecked(chords)
            self._metronome.setChecked(metronome)
        self.changed.emit()

    @property
    def instrument(self) -> str:
        """One of the names it was made with."""
        return self._instrument.currentText().lower()

    @property
    def tempo(self) -> float | None:
        """Beats a minute; None for the tempo as written."""
        return None if self._tempo.value() == SLOWEST else float(self._tempo.value())

    @property
    def chords(self) -> bool:
        """Whether chord symbols are played."""
        return self._chords.isChecked()

    @property
    def metronome(self) -> bool:
        """Whether it clicks."""
        return self._metronome.isChecked()
