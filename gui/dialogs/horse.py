"""The planted horse: music whose confound is known, and which way of looking finds it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from engine.job import Progress
from engine.report.horse import sentence
from engine.training.horse_sounds import PLANTS
from gui.dialogs.room import fit
from gui.theme import SPACING, Theme
from gui.views.check_table import CheckTable, Row
from gui.views.wish_fields import named

EXPLAINED = ("Two classes of made-up music differ only in how notes are played, and one of them gets something more. "
             "Systems are trained on it, and each method orders a fixed list of causes: rank 1 is found. A method "
             "whose input cannot contain what was planted has no rank, which is a finding too.")
TITLES = {"tree": "Reading the tree", "sweep": "Sweeps", "search": "Search", "slime": "SoundLIME",
          "occlusion": "Occlusion", "adversary": "Adversary"}
STEPS = 1000


class HorseDialog(QDialog):
    """Asks for a run and shows what came of it; stays open beside the page."""

    run_asked = Signal(str, bool, int)      # plant, all methods, seeds
    cancel_asked = Signal()
    export_asked = Signal(object)           # result

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle("Planted horse")
        fit(self, 620, 460)
        self.plant, self.full, self.seeds = QComboBox(), QCheckBox("All methods"), QSpinBox()
        self.run, self.cancel, self.bar = QPushButton("Plant and look"), QPushButton("Cancel"), QProgressBar()
        self.export = QPushButton("Export …")
        self.found: dict[str, Any] | None = None
        self.explained, self.said = QLabel(EXPLAINED), QLabel()
        self.table = CheckTable("Methods", ("method", "rank", "over seeds", "seconds"), mark="finds it",
                                yes="found", no="not found")
        for plant, made in PLANTS.items():
            self.plant.addItem(f"{plant}: {made.words}", plant)
        self.seeds.setRange(1, 20)
        self.seeds.setSuffix(" seed")
        self.seeds.valueChanged.connect(lambda n: self.seeds.setSuffix(" seed" if n == 1 else " seeds"))
        self.seeds.lineEdit().setTextMargins(SPACING, 0, 0, 0)  # style sheets do not reach it
        self.bar.setTextVisible(False)
        self.run.setDefault(True)
        self._name_all()
        self.run.clicked.connect(lambda checked: self._ask())
        self.cancel.clicked.connect(lambda checked: self.cancel_asked.emit())
        self.export.clicked.connect(lambda checked: self.export_asked.emit(self.found))
        self._lay_out()
        self.show_running(False)

    def _name_all(self) -> None:
        for widget, name, tip in (
                (self.plant, "What is planted", "Put into every recording of one class, and into none of the other"),
                (self.full, "All methods", "Also SoundLIME, occlusion and an adversary, on a network that hears mels"),
                (self.seeds, "Seeds", "How often, each time with other music"),
                (self.run, "Plant and look", "Build, train, test and score; a minute or less for one seed"),
                (self.export, "Export", "Write table (CSV), numbers (JSON) and a page (report.html) to a folder"),
                (self.cancel, "Cancel", "Stop what runs"), (self.bar, "Progress", "How far it is"),
                (self.said, "What came of it", "")):
            named(widget, name, tip)

    def _lay_out(self) -> None:
        for label in (self.explained, self.said):
            label.setWordWrap(True)
        first, second = QHBoxLayout(), QHBoxLayout()
        for row in (first, second):
            row.setSpacing(SPACING)
        first.addWidget(self.plant, 1)
        first.addWidget(self.full)
        first.addWidget(self.seeds)
        second.addWidget(self.bar, 1)
        second.addWidget(self.export)
        second.addWidget(self.cancel)
        second.addWidget(self.run)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * SPACING, 2 * SPACING, 2 * SPACING, 2 * SPACING)
        column.setSpacing(SPACING)
        column.addWidget(self.explained)
        column.addLayout(first)
        column.addLayout(second)
        column.addWidget(self.said)
        column.addWidget(self.table, 1)

    def _ask(self) -> None:
        self.show_running(True)
        self.said.setText("")
        self.table.set_rows([])
        self.found = None
        self.run_asked.emit(str(self.plant.currentData()), self.full.isChecked(), self.seeds.value())

    def show_running(self, running: bool) -> None:
        """Whether one runs."""
        self.run.setEnabled(not running)
        self.export.setEnabled(not running and self.found is not None)
        self.cancel.setEnabled(running)
        for widget in (self.plant, self.full, self.seeds):
            widget.setEnabled(not running)
        self.bar.setRange(0, STEPS)
        self.bar.setValue(0)

    def show_progress(self, progress: Progress) -> None:
        """How far it is; the work has several parts, each with a bar of its own."""
        self.bar.setValue(round(STEPS * progress.fraction))
        self.said.setText(_begun(progress.message))

    def show_result(self, result: dict[str, Any] | None) -> None:
        """What came of it; None where it did not end."""
        self.found = result
        self.show_running(False)
        if result is None:
            self.said.setText("")
            return
        self.said.setText(_begun(sentence(result)) + ".")
        causes: Sequence[str] = result["causes"]
        self.table.set_rows([self._row(one, len(causes), result["seeds"]) for one in result["methods"]])

    @staticmethod
    def _row(one: dict[str, Any], causes: int, seeds: int) -> Row:
        name = TITLES.get(one["method"], one["method"])
        why = _begun(one["why"])
        if one["rank"] is None:
            return Row((name, "none", "", f"{one['seconds']:.1f}"), None, why or "Its input cannot contain it")
        spread = f"± {one['spread']:.1f}" if seeds > 1 else ""
        return Row((name, f"{one['rank']:g} of {causes}", spread, f"{one['seconds']:.1f}"), one["rank"] == 1,
                   why or f"The true cause has rank {one['rank']:g} of {causes}")

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self.explained.setStyleSheet(f"color: {theme.muted}")
        self.table.set_theme(theme)


def _begun(words: str) -> str:
    """As a sentence begins, and units as they are."""
    return words[:1].upper() + words[1:]

