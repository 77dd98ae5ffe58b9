"""The Dissect page: wires views, study, engine and player; draws and computes nothing itself."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSpinBox,
    QSplitter,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from gui.dissect_page.doing import Doing
from gui.dissect_page.exports import exports
from gui.dissect_page.files import MOST_FILES
from gui.dissect_page.hearing import SOURCES, Hearing
from gui.dissect_page.inquiry import Inquiry
from gui.dissect_page.keeping import Keeping
from gui.dissect_page.showing import Showing
from gui.dissect_page.study import Study
from gui.dissect_page.words import SWEEP_TITLES
from gui.engine_thread import EngineThread
from gui.player import Player
from gui.session import Held, Kept
from gui.theme import DARK, SPACING, Theme, Themed
from gui.views.actions import Export, Filing
from gui.views.before_after_table import BeforeAfterTable
from gui.views.bench_panel import BenchPanel
from gui.views.check_table import CheckTable
from gui.views.confusion_view import ConfusionView
from gui.views.headline import ElidedLabel, Headline
from gui.views.layouts import stack_up
from gui.views.sound_strip import SoundStrip
from gui.views.spectrum_view import SpectrumView
from gui.views.sweep_panel import SweepPanel
from gui.views.systems_view import SystemsView
from gui.views.transport_bar import TransportBar
from gui.views.transport_link import TransportLink
from gui.views.tree_panel import TreePanel

WAITING = "Open a file or a folder to see what systems listen to"
SIDE = 372  # px


class DissectPage(QWidget):
    """Sounds, systems, and a bench between them: what changes a mind that no ear would notice?"""

    title = "Dissect"
    said = Signal(str)               # for the status line
    readout = Signal(str)            # what is under the mouse
    failed = Signal(str)             # what went wrong, in one sentence
    working = Signal(str, object)    # lane, Progress or None when done
    opened = Signal(object)          # Path

    def __init__(self, live: EngineThread, batch: EngineThread, player: Player, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.theme = DARK
        self.player, self.study = player, Study(self)
        self.inquiry = Inquiry(self.study, live, batch)
        self.hearing = Hearing(self.study, player)
        self.headline, self.strip, self.spectrum = Headline(), SoundStrip(), SpectrumView()
        self.headline.clear(WAITING)
        self.sweep, self.table, self.confusion = SweepPanel(SWEEP_TITLES), BeforeAfterTable(), ConfusionView()
        self.bench, self.systems, self.tree = BenchPanel(), SystemsView(), TreePanel()
        self.found = CheckTable("Search", ("change that nobody hears", "system", "does", "margin"), mark="turns",
                                yes="changes decisions", no="changes nothing")
        self.transport = TransportBar(sources=SOURCES)
        self.link = TransportLink(self.transport, self.player, [], self)
        self._make_fields()
        self._lay_out()
        self.showing, self.doing = Showing(self), Doing(self)
        self.keeping = Keeping(self)
        self._connect()
        self.inquiry.load_systems()

    # building

    def _make_fields(self) -> None:
        self.table_said, self.found_said, self.confused_said = ElidedLabel(), QLabel(), ElidedLabel()
        self.found_said.setWordWrap(True)
        for label, name in ((self.table_said, "What became of the files"), (self.found_said, "What the search found"),
                            (self.confused_said, "Recall before and after")):
            label.setAccessibleName(name)
        self.most = QSpinBox()
        self.most.setRange(1, 10_000)
        self.most.setValue(MOST_FILES)
        self.most.setPrefix("at most ")
        self.most.setSuffix(" files")
        self.most.setKeyboardTracking(False)
        self.most.lineEdit().setTextMargins(SPACING, 0, 0, 0)  # style sheets do not reach it
        self.most.setAccessibleName("At most so many files of a folder")
        self.most.setToolTip("Of a folder, its classes in turn, and of each the files first that no system learnt from")
        self.whole = QCheckBox("Whole files")
        self.whole.setAccessibleName("Whole files")
        self.whole.setToolTip("Hear and try all of each file; else its middle 30 s, which is faster")
        self.confused = QComboBox()
        self.confused.setAccessibleName("System")
        self.confused.setToolTip("Whose confusions are seen")

    def _lay_out(self) -> None:
        self.tabs = _tabs("Experiments")
        for widget, text, tip in (
                (self.sweep, "Sweep", "One intervention at many values"),
                (_under(self.table, self.most, self.whole, self.table_said), "Files", "Every file, before and after"),
                (_under(self.confusion, self.confused, self.confused_said), "Confusions", "What is taken for what"),
                (_under(self.found, self.found_said), "Search", "The smallest change that nobody hears")):
            self.tabs.setTabToolTip(self.tabs.addTab(widget, text), tip)
        self.seen = QSplitter(Qt.Orientation.Vertical)
        above = QWidget()
        column = QVBoxLayout(above)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.spectrum, 1)
        column.addWidget(self.strip)
        self.seen.addWidget(above)
        self.seen.addWidget(self.tabs)
        self.seen.setSizes([350, 300])
        self.seen.setChildrenCollapsible(False)
        self.side = _tabs("Panels")
        for panel, text, tip in ((self.bench, "Bench", "What is done to the sound"),
                                 (self.systems, "Systems", "Who listens, and what they say"),
                                 (self.tree, "Tree", "What a tree asks for, in Hz")):
            self.side.setTabToolTip(self.side.addTab(panel, text), tip)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(self.seen)
        splitter.addWidget(self.side)
        splitter.setStretchFactor(0, 1)
        splitter.setStretchFactor(1, 0)
        splitter.setSizes([1280 - SIDE, SIDE])
        splitter.setChildrenCollapsible(False)
        stack_up(self, self.headline, splitter, self.transport)

    def _connect(self) -> None:
        for signal in (self.strip.hovered, self.spectrum.hovered, self.sweep.plot.hovered):
            signal.connect(self.readout)
        self.inquiry.failed.connect(self.failed)
        self.inquiry.said.connect(self.said)
        self.inquiry.working.connect(self.working)
        self.inquiry.file_opened.connect(self.opened)
        self.link.said.connect(self.said)

    def show_tab(self, inside: QWidget) -> None:
        """Bring the tab to the front that this is in."""
        for tabs in (self.tabs, self.side):
            for place in range(tabs.count()):
                tab = tabs.widget(place)
                if tab is not None and (tab is inside or tab.isAncestorOf(inside)):
                    tabs.setCurrentIndex(place)

    # the page's face

    def set_theme(self, theme: Theme) -> None:
        """Colours of all views."""
        self.theme = theme
        themed: tuple[Themed, ...] = (self.headline, self.strip, self.spectrum, self.sweep, self.table, self.confusion,
                                      self.found, self.bench, self.systems, self.tree, self.transport)
        for view in themed:
            view.set_theme(theme)
        for label in (self.table_said, self.confused_said):
            label.setStyleSheet(f"color: {theme.muted}")
        self.showing.set_theme()

    def open(self, path: str | Path) -> None:
        """Work on another file or folder; the present one stays until that has worked."""
        self.inquiry.open(path)

    def renew_models(self, names: tuple[str, ...]) -> None:
        """There are other systems to choose from now."""
        self.inquiry.load_systems()

    def use_model(self, name: str) -> None:
        """Ask this system too, first of all."""
        self.inquiry.ask_too(name)
        self.show_tab(self.systems)

    def cancel(self, lane: str) -> None:
        """Let go of work."""
        self.inquiry.cancel(lane)

    def enter(self) -> None:
        """The page comes into sight: its sound goes into the player."""
        self.hearing.enter()
        self.link.start()

    def leave(self) -> None:
        """The page goes out of sight, and is silent."""
        self.link.stop()
        self.hearing.leave()

    def menu(self, menu: QMenu) -> None:
        """Fill the page's own menu."""
        self.doing.fill(menu)

    def exports(self) -> list[Export]:
        """What can be written: text, name of the file, filter ("" where a folder is chosen), and how."""
        return exports(self)

    def filing(self) -> list[Filing]:
        """Folders, too."""
        return [("Open &folder …", self.doing.ask_folder, "Ctrl+Alt+O")]

    def keep(self) -> Kept | None:
        """What a session keeps of the page; None while it is not yet what the session had."""
        return self.keeping.keep()

    def restore(self, held: Held) -> None:
        """Be as a session had it."""
        self.keeping.restore(held)

    def may_close(self) -> bool:
        """Nothing is written here that could be lost."""
        return True

    def close_down(self) -> None:
        """No timers any more."""
        self.link.stop()
        self.inquiry.close_down()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc cancels an experiment, unless something else has taken it."""
        if event.key() == Qt.Key.Key_Escape and self.inquiry.running:
            self.inquiry.cancel_experiment()
        else:
            super().keyPressEvent(event)


def _tabs(name: str) -> QTabWidget:
    tabs = QTabWidget()
    tabs.setAccessibleName(name)
    return tabs


def _under(view: QWidget, *above: QWidget) -> QWidget:
    """A view below a row of fields; the last of them takes what room there is."""
    both, row = QWidget(), QHBoxLayout()
    row.setContentsMargins(SPACING, SPACING // 2, SPACING, SPACING // 2)
    row.setSpacing(SPACING)
    for place, widget in enumerate(above, 1):
        row.addWidget(widget, int(place == len(above)))
    column = QVBoxLayout(both)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addLayout(row)
    column.addWidget(view, 1)
    return both
