"""The bench: everything that can be done to the sound, one below the other, each with a switch and its numbers."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from engine.audio.interventions import INTERVENTIONS
from gui.theme import DARK, SPACING, Theme
from gui.views.ear_mark import UNKNOWN, EarMark
from gui.views.layouts import fill_tab
from gui.views.number_row import NumberRow
from gui.views.wish_fields import named

Settings = Mapping[str, Mapping[str, float]]
"""Interventions that are switched on, by name, with the values of their parameters."""
TITLES = {"high-pass": "High-pass", "low-pass": "Low-pass", "band-stop": "Band-stop", "dc-removed": "DC removed",
          "dc-added": "DC added", "hum-removed": "Hum removed", "hum-added": "Hum added", "gain": "Gain",
          "tempo": "Tempo", "pitch": "Pitch", "noise": "White noise", "polarity": "Polarity turned",
          "resample": "Downsample", "mp3": "MP3", "ogg": "OGG Vorbis", "wav-16": "16 bits"}
"""In the order in which the sound passes through them."""
FILTERS = ("high-pass", "low-pass", "band-stop")
HIDDEN = ("seed",)
SECOND = {"high_hz": "to", "level_db": "level"}
EMPTY = "Nothing is switched on: what is heard is the sound as it is"


class BenchRow:
    """Switch, sliders, mark: its widgets stand in the grid of the panel."""

    def __init__(self, name: str, grid: QGridLayout) -> None:
        self.name, intervention = name, INTERVENTIONS[name]
        title, row = TITLES[name], grid.rowCount()
        self.switch, self.mark = QCheckBox(title), EarMark(title)
        self.switch.setAccessibleName(title)
        self.switch.setToolTip(intervention.words)
        self.numbers = {p.name: NumberRow(p, title) for p in intervention.parameters if p.name not in HIDDEN}
        self.labels: list[QLabel] = []
        self.theme, self._used = DARK, None  # type: Theme, bool | None
        grid.addWidget(self.switch, row, 0)
        grid.addWidget(self.mark, row, 3)
        for place, (key, number) in enumerate(self.numbers.items()):
            if place:
                label = QLabel(SECOND.get(key, number.parameter.words))
                label.setBuddy(number.field)
                label.setIndent(22)
                grid.addWidget(label, row + place, 0)
                self.labels.append(label)
            grid.addWidget(number.slider, row + place, 1)
            grid.addWidget(number.field, row + place, 2)

    @property
    def values(self) -> dict[str, float]:
        """As they are set."""
        return {key: number.value for key, number in self.numbers.items()}

    def show_values(self, values: Mapping[str, float] | None) -> None:
        """On with these values, or off. Emits nothing."""
        self._show_used(values is not None)
        with QSignalBlocker(self.switch):
            self.switch.setChecked(values is not None)
        for key, value in (values or {}).items():
            if key in self.numbers:
                self.numbers[key].set_value(value)


    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self.theme, self._used = theme, None
        self._show_used(self.switch.isChecked())
        self.mark.set_theme(theme)
        for label in self.labels:
            label.setStyleSheet(f"color: {theme.muted}")

    def _show_used(self, used: bool) -> None:
        if used != self._used:  # style sheets are slow, and sliders are not
            self._used = used
            for number in self.numbers.values():
                number.show_used(used, self.theme)


class BenchPanel(QWidget):
    """Emits what was set; `show_bench` says what holds. Moving a number switches its row on."""

    changed = Signal(object)          # Settings
    causal_chosen = Signal(bool)
    search_asked = Signal()
    table_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = DARK
        inside, grid = QWidget(), QGridLayout()
        grid.setHorizontalSpacing(SPACING)
        grid.setVerticalSpacing(SPACING // 2)
        grid.setColumnStretch(1, 1)
        self.rows = {name: BenchRow(name, grid) for name in TITLES}
        for row in self.rows.values():
            row.switch.toggled.connect(lambda on: self.changed.emit(self.settings))
            for number in row.numbers.values():
                number.changed.connect(lambda value, row=row: self._moved(row))
        column = QVBoxLayout(inside)
        column.setContentsMargins(SPACING, SPACING // 2, SPACING, SPACING)
        column.addLayout(grid)
        column.addStretch(1)
        self.area = QScrollArea()
        fill_tab(self.area, inside)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, SPACING, 0, 0)
        whole.setSpacing(SPACING // 2)
        whole.addLayout(self._head())
        whole.addWidget(self.area, 1)
        whole.addWidget(self._foot())
        self.setAccessibleName("Bench")
        self.show_audible(UNKNOWN, EMPTY)

    def _head(self) -> QHBoxLayout:
        self.phase, self.reset = QComboBox(), QPushButton("All off")
        self.phase.addItem("Filters: zero-phase", False)
        self.phase.addItem("Filters: causal", True)
        named(self.phase, "Phase of the filters", "Zero-phase moves nothing in time; causal is what a device does")
        named(self.reset, "All off", "Switch everything off (Ctrl+0)")
        self.phase.currentIndexChanged.connect(lambda _: self.causal_chosen.emit(bool(self.phase.currentData())))
        self.reset.clicked.connect(lambda checked: self.changed.emit({}))
        row = QHBoxLayout()
        row.setContentsMargins(SPACING, 0, SPACING, 0)
        row.setSpacing(SPACING)
        row.addWidget(self.phase, 1)
        row.addWidget(self.reset)
        return row

    def _foot(self) -> QWidget:
        self.all_mark, self.said = EarMark("All together"), QLabel()
        self.said.setWordWrap(True)
        self.said.setAccessibleName("What can be heard of it all")
        self.said.setMinimumHeight(3 * self.fontMetrics().height())
        self.said.setAlignment(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        words = QHBoxLayout()
        words.setSpacing(SPACING)
        words.addWidget(self.all_mark)
        words.addWidget(self.said, 1)
        self.table, self.search = QPushButton("Try on all files"), QPushButton("Search …")
        named(self.table, "Try on all files", "What every loaded system says of every file before and after "
                                                  "(Ctrl+Return)")
        named(self.search, "Search", "Look for the smallest inaudible change that turns the file, or lowers the "
                                     "recall of the set (Ctrl+F)")
        self.table.setDefault(True)
        self.table.clicked.connect(lambda checked: self.table_asked.emit())
        self.search.clicked.connect(lambda checked: self.search_asked.emit())
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACING)
        buttons.addWidget(self.table, 2)
        buttons.addWidget(self.search, 1)
        foot = QFrame()
        column = QVBoxLayout(foot)
        column.setContentsMargins(SPACING, SPACING // 2, SPACING, SPACING)
        column.setSpacing(SPACING // 2)
        column.addLayout(words)
        column.addLayout(buttons)
        return foot

    def _moved(self, row: BenchRow) -> None:
        with QSignalBlocker(row.switch):
            row.switch.setChecked(True)
        self.changed.emit(self.settings)

    # what holds

    @property
    def settings(self) -> Settings:
        """What is switched on, with its values."""
        return {name: row.values for name, row in self.rows.items() if row.switch.isChecked()}

    def show_bench(self, settings: Settings, *, causal: bool) -> None:
        """Show what holds. Emits nothing."""
        for name, row in self.rows.items():
            row.show_values(settings.get(name))
        with QSignalBlocker(self.phase):
            self.phase.setCurrentIndex(int(causal))

    def show_mark(self, name: str, kind: str, words: str) -> None:
        """What can be heard of one of them alone."""
        self.rows[name].mark.show_mark(kind, words)

    def show_audible(self, kind: str, words: str, *, wrong: bool = False) -> None:
        """What can be heard of all of it together, or why it cannot be done."""
        self.all_mark.show_mark(kind, words)
        self.said.setText(words)
        self.said.setStyleSheet(f"color: {self.theme.error if wrong else self.theme.muted}")

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self.theme = theme
        self.all_mark.set_theme(theme)
        self.said.setStyleSheet(f"color: {theme.muted}")
        for row in self.rows.values():
            row.set_theme(theme)
