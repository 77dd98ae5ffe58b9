"""Preferences: each is kept and applied as soon as it is changed, and all can go back to what they were at first."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSettings, QSignalBlocker, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QFrame,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from gui.dialogs.room import fit
from gui.theme import MAPS, PERCENT, SPACING, scaled
from gui.views.wish_fields import named

DEFAULTS: Mapping[str, Any] = {"theme": "system", "font size": 100, "colour map": "", "device": "", "latency": 0,
                               "threads": 0, "graphics card": True, "autosave": True, "data folder": ""}
"""Keys of the settings that this dialog changes, and what holds where nothing is kept."""
SIZES = (100, 125, 150, 175, 200)
SIZE = (560, 640)           # px
LABEL = 104                 # px, so that the controls of all groups stand in one column
SYSTEM = "As the system"


def preference(settings: QSettings, key: str) -> Any:
    """A preference, in the type of its default, which it is where nothing usable was kept."""
    default = DEFAULTS[key]
    kept: Any = settings.value(key, default)
    if isinstance(default, bool):
        return kept if isinstance(kept, bool) else str(kept).lower() != "false"
    try:
        return type(default)(kept)
    except (TypeError, ValueError):
        return default


class PreferencesDialog(QDialog):
    """Shows what is kept, keeps what is changed, and says so."""

    changed = Signal(str)           # key, after its value was kept
    cache_asked = Signal()          # how large is the cache?
    clear_asked = Signal()          # empty it

    def __init__(self, settings: QSettings, devices: Sequence[str], cache: Path,
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings, self._cache = settings, cache
        self.setWindowTitle("Preferences")
        fit(self, *SIZE)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(2 * SPACING, SPACING, 2 * SPACING, SPACING)
        for group in (self._looks(), self._sound(devices), self._work(), self._files()):
            column.addWidget(group)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(body)
        area.setAccessibleName("Preferences")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.setContentsMargins(2 * SPACING, 0, 2 * SPACING, 0)
        self.reset = buttons.addButton("Reset to defaults", QDialogButtonBox.ButtonRole.ResetRole)
        named(self.reset, "Reset to defaults", "All of this page as it was when Otoscope was new; files stay")
        buttons.button(QDialogButtonBox.StandardButton.Close).setAccessibleName("Close")
        buttons.rejected.connect(self.close)
        self.reset.clicked.connect(self._reset)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, SPACING)
        layout.addWidget(area)
        layout.addWidget(buttons)
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(False)    # Enter ends what is being typed, and no more
        self.show_kept()

    # groups

    def _looks(self) -> QGroupBox:
        form, group = _group("Appearance")
        self.theme = _box({SYSTEM: "system", "Dark": "dark", "Light": "light"})
        self.text_size = QComboBox()
        self.text_size.setEditable(True)
        for percent in SIZES:
            self.text_size.addItem(f"{percent} %", percent)
        self.map = _box({words[:1].upper() + words[1:]: name for words, name in MAPS.items()})
        _row(form, "Theme", self.theme, "Dark, light, or as the desktop has it")
        _row(form, "Size of text", self.text_size, f"{PERCENT[0]} to {PERCENT[1]} % of what the desktop asks for")
        _row(form, "Colour map", self.map, "Of spectrograms. All have even steps and can be read without red or green "
             "cones; cividis looks nearly the same to everybody")
        self.theme.activated.connect(lambda _: self._keep("theme", self.theme.currentData()))
        self.map.activated.connect(lambda _: self._keep("colour map", self.map.currentData()))
        self.text_size.activated.connect(lambda _: self._keep_size())
        edit = QLineEdit()
        self.text_size.setLineEdit(edit)
        edit.setAccessibleName("Size of text in percent")
        edit.editingFinished.connect(self._keep_size)
        return group

    def _sound(self, devices: Sequence[str]) -> QGroupBox:
        form, group = _group("Sound")
        self.device = _box({SYSTEM: "", **{name: name for name in devices}})
        if (kept := preference(self._settings, "device")) and kept not in devices:
            self.device.addItem(f"{kept} (not connected)", kept)
        self.latency = QSpinBox()
        self.latency.setRange(-2000, 2000)
        self.latency.setSuffix(" ms")
        self.latency.lineEdit().setTextMargins(SPACING, 0, 0, 0)  # style sheets do not reach it
        _row(form, "Output device", self.device, "Where sound goes; one that is gone is taken again when it is back")
        _row(form, "Cursor offset", self.latency, "Moves the cursor against the sound: negative where sound reaches "
             "the ear later than the device says, as over Bluetooth")
        self.device.activated.connect(lambda _: self._keep("device", self.device.currentData()))
        self.latency.valueChanged.connect(lambda value: self._keep("latency", value))
        return group

    def _work(self) -> QGroupBox:
        form, group = _group("Work")
        self.threads = QSpinBox()
        self.threads.setRange(0, max(1, os.cpu_count() or 1))
        self.threads.setSpecialValueText("As many as there are cores")
        self.threads.lineEdit().setTextMargins(SPACING, 0, 0, 0)
        self.card = QCheckBox("Let models answer on it, if there is one")
        self.autosave = QCheckBox("Keep what is open every 30 s")
        _row(form, "Threads", self.threads, "Cores that a model may use at once; fewer leave room for other programs")
        _row(form, "Graphics card", self.card, "One of NVIDIA or AMD that PyTorch can use. Each model is asked in both "
             "places first: where answers differ by more than .001 the card is left alone, and you are told")
        _row(form, "Autosave", self.autosave, "After a crash the next start offers what was open")
        self.threads.valueChanged.connect(lambda value: self._keep("threads", value))
        self.card.toggled.connect(lambda on: self._keep("graphics card", on))
        self.autosave.toggled.connect(lambda on: self._keep("autosave", on))
        return group

    def _files(self) -> QGroupBox:
        form, group = _group("Files")
        self.data, choose = QLineEdit(), QPushButton("Choose …")
        self.data.setPlaceholderText("Where the last file was")
        self.size_said, show, self.clear = QLabel("…"), QPushButton("Show"), QPushButton("Clear …")
        self.size_said.setAccessibleName("Size of the cache")
        self.size_said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.size_said.setToolTip(str(self._cache))
        named(choose, "Choose the data folder", "The folder in which dialogs for files begin")
        named(show, "Show the cache folder", str(self._cache))
        named(self.clear, "Clear the cache", "Deletes what can be computed again: unfinished searches and trainings, "
              "measured material. Models, tunes and sessions stay")
        _row(form, "Data folder", self.data, "The folder in which dialogs for files begin", choose)
        _row(form, "Cache", self.size_said, "", show, self.clear)
        choose.clicked.connect(self._choose_data)
        show.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._cache))))
        self.clear.clicked.connect(self._ask_to_clear)
        self.data.editingFinished.connect(lambda: self._keep("data folder", self.data.text().strip()))
        return group

    # values

    def show_kept(self) -> None:
        """All controls as the settings have it. Emits nothing."""
        kept = {key: preference(self._settings, key) for key in DEFAULTS}
        controls: tuple[QWidget, ...] = (
            self.theme, self.text_size, self.map, self.device, self.latency, self.threads, self.card,
            self.autosave)
        blockers = [QSignalBlocker(control) for control in controls]
        for box, key in ((self.theme, "theme"), (self.map, "colour map"), (self.device, "device")):
            box.setCurrentIndex(max(0, box.findData(kept[key])))
        self.text_size.setEditText(f"{kept['font size']} %")
        self.latency.setValue(kept["latency"])
        self.threads.setValue(kept["threads"])
        self.card.setChecked(kept["graphics card"])
        self.autosave.setChecked(kept["autosave"])
        self.data.setText(kept["data folder"])
        del blockers

    def show_cache(self, size: int) -> None:
        """How much the cache holds, in bytes."""
        self.size_said.setText(f"{size / 1e6:,.1f} MB")
        self.clear.setEnabled(size > 0)

    def _keep(self, key: str, value: object) -> None:
        if value != preference(self._settings, key):
            self._settings.setValue(key, value)
            self.changed.emit(key)

    def _keep_size(self) -> None:
        digits = "".join(c for c in self.text_size.currentText() if c.isdigit())
        wanted = int(digits[:4]) if digits else preference(self._settings, "font size")
        percent = min(max(wanted, PERCENT[0]), PERCENT[1])
        self.text_size.setEditText(f"{percent} %")
        self._keep("font size", percent)

    def _reset(self) -> None:
        before = {key: preference(self._settings, key) for key in DEFAULTS}
        for key in DEFAULTS:
            self._settings.remove(key)
        self.show_kept()
        for key, value in before.items():
            if value != DEFAULTS[key]:
                self.changed.emit(key)

    def _choose_data(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Data folder", self.data.text())
        if folder:
            self.data.setText(folder)
            self._keep("data folder", folder)

    def _ask_to_clear(self) -> None:
        asked = QMessageBox.question(self, "Clear the cache", "Delete unfinished searches and trainings, and measured "
                                     "material? All of it can be computed again, which may take hours.")
        if asked == QMessageBox.StandardButton.Yes:
            self.clear_asked.emit()


def _group(title: str) -> tuple[QFormLayout, QGroupBox]:
    group = QGroupBox(title)
    form = QFormLayout(group)
    form.setHorizontalSpacing(2 * SPACING)
    form.setVerticalSpacing(SPACING)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
    form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
    return form, group


def _box(values: Mapping[str, str]) -> QComboBox:
    box = QComboBox()
    for words, value in values.items():
        box.addItem(words, value)
    return box


def _row(form: QFormLayout, label: str, control: QWidget, tip: str, *beside: QWidget) -> None:
    row = QHBoxLayout()
    row.setSpacing(SPACING)
    row.addWidget(control, 1)
    for widget in beside:
        row.addWidget(widget)
    title = QLabel(label)
    title.setMinimumWidth(scaled(LABEL))
    title.setBuddy(control)
    if tip:
        named(control, label, tip)
    form.addRow(title, row)
