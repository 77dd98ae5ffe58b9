"""A sweep: what is swept, over which files, which curves are seen, and the curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from gui.theme import SPACING, Theme
from gui.views.headline import ElidedLabel
from gui.views.sweep_plot import SweepPlot

EVERY_SYSTEM = "Every system"


class SweepPanel(QWidget):
    """Emits what was chosen; the page says what is seen."""

    kind_chosen = Signal(str)
    curves_chosen = Signal(str)       # name of a system whose labels are seen, "" for all systems
    run_asked = Signal(bool)          # whether over every file
    stop_asked = Signal()

    def __init__(self, kinds: Mapping[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind, self.files, self.curves = QComboBox(), QComboBox(), QComboBox()
        self.run, self.said, self.plot = QPushButton("Run"), ElidedLabel(), SweepPlot()
        self._running = False
        for box, name, tip in ((self.kind, "What is swept", "One intervention at many values"),
                               (self.files, "Over which files", "The file that is open, or all that were opened"),
                               (self.curves, "Curves", "One curve a system, or one a label of one system")):
            box.setAccessibleName(name)
            box.setToolTip(tip)
            box.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        for kind, title in kinds.items():
            self.kind.addItem(title, kind)
        self.files.addItem("This file", False)
        self.said.setAccessibleName("Where decisions turn")
        self.kind.currentIndexChanged.connect(lambda _: self.kind_chosen.emit(self.kind.currentData()))
        self.curves.currentIndexChanged.connect(lambda _: self.curves_chosen.emit(self.curves.currentData() or ""))
        self.run.clicked.connect(lambda checked: self._ask())
        row = QHBoxLayout()
        row.setContentsMargins(SPACING, SPACING // 2, SPACING, SPACING // 2)
        row.setSpacing(SPACING)
        for widget in (self.kind, self.files, self.curves, self.run):
            row.addWidget(widget)
        row.addWidget(self.said, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.plot, 1)
        self.set_systems(())
        self.show_running(False)

    def _ask(self) -> None:
        if self._running:
            self.stop_asked.emit()
        else:
            self.run_asked.emit(bool(self.files.currentData()))

    def set_systems(self, names: Sequence[str]) -> None:
        """Whose labels can be seen. Emits nothing."""
        chosen = self.curves.currentData()
        with QSignalBlocker(self.curves):
            self.curves.clear()
            self.curves.addItem(EVERY_SYSTEM, "")
            for name in names:
                self.curves.addItem(f"Labels of {name}", name)
            self.curves.setCurrentIndex(max(0, self.curves.findData(chosen)))

    def set_files(self, count: int) -> None:
        """How many there are. Emits nothing."""
        with QSignalBlocker(self.files):
            self.files.clear()
            self.files.addItem("This file", False)
            if count > 1:
                self.files.addItem(f"All {count} files", True)

    def show_kind(self, kind: str) -> None:
        """Which sweep is seen. Emits nothing."""
        with QSignalBlocker(self.kind):
            self.kind.setCurrentIndex(self.kind.findData(kind))

    def show_running(self, running: bool) -> None:
        """Whether a sweep runs: then the button stops it."""
        self._running = running
        text, tip = ("Stop", "Stop the sweep; what is done of it stays") if running else (
            "Run", "Ask every loaded system at every value (Ctrl+R)")
        self.run.setText(text)
        self.run.setAccessibleName(f"{text} the sweep")
        self.run.setToolTip(tip)

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self.said.setStyleSheet(f"color: {theme.muted}")
        self.plot.set_theme(theme)
