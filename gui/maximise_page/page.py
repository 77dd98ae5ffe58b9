"""The Maximise page: wires views, study, engine and player; draws and computes nothing itself."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QMenu, QSplitter, QTabWidget, QVBoxLayout, QWidget

from engine.checks import shown
from gui.engine_thread import EngineThread
from gui.maximise_page.doing import Doing
from gui.maximise_page.exports import exports
from gui.maximise_page.hearing import Hearing
from gui.maximise_page.inquiry import Inquiry
from gui.maximise_page.keeping import Keeping
from gui.maximise_page.showing import Showing
from gui.maximise_page.study import Study
from gui.player import Player
from gui.session import Held, Kept
from gui.theme import DARK, Theme, Themed
from gui.views.actions import Export, Filing
from gui.views.activation_curves import ActivationCurves
from gui.views.gallery_view import GalleryView
from gui.views.headline import Headline
from gui.views.latent_walk import LatentWalk
from gui.views.layouts import stack_up
from gui.views.maximise_panel import MaximisePanel
from gui.views.nearest_view import NearestView
from gui.views.prior_view import PriorView
from gui.views.ranking_view import RankingView
from gui.views.transport_bar import TransportBar
from gui.views.transport_link import TransportLink

SIDE = 372     # px
NOTHING_YET = "Nothing maximised yet. Choose a neuron at the right, and press Maximise."


class MaximisePage(QWidget):
    """One neuron of one listener, and excerpts that it answers to most."""

    title = "Maximise"
    said = Signal(str)               # for the status line
    readout = Signal(str)            # what is under the mouse
    failed = Signal(str)             # what went wrong, in one sentence
    working = Signal(str, object)    # lane, Progress or None when done
    opened = Signal(object)          # Path; files are not opened here

    def __init__(self, live: EngineThread, batch: EngineThread, player: Player, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.theme, self._entered = DARK, False
        self.player, self.study = player, Study(self)
        self.inquiry = Inquiry(self.study, live, batch)
        self.hearing = Hearing(self.study, player)
        self.headline, self.panel, self.curves = Headline(), MaximisePanel(), ActivationCurves()
        self.ranking, self.walk, self.nearest, self.prior = RankingView(), LatentWalk(), NearestView(), PriorView()
        self.gallery = GalleryView("Synthesised", empty=NOTHING_YET)
        self.real = GalleryView("Real excerpts that excite it most", one_row=True, controls=False)
        self.transport = TransportBar(sources={})
        self._lay_out()
        self.showing, self.doing = Showing(self), Doing(self)
        self.keeping = Keeping(self)
        self.link = TransportLink(self.transport, player, (), self, play=self.doing.toggle)
        self._connect()

    def _lay_out(self) -> None:
        self.seen = QWidget()
        column = QVBoxLayout(self.seen)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.gallery, 1)
        column.addWidget(self.real)
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName("Panels")
        panels: tuple[tuple[QWidget, str, str], ...] = (
            (self.panel, "Maximise", "Which neuron, through which prior, and how"),
            (self.ranking, "Ranking", "Which settings make natural examples"),
            (self.walk, "Walk", "From one example to another"),
            (self.nearest, "Nearest", "What an example is most like of what was learnt"),
            (self.prior, "Prior", "What the generator makes when nothing is asked of it, and how natural that is"))
        for panel, text, tip in panels:
            self.tabs.setTabToolTip(self.tabs.addTab(panel, text), tip)
        side = QSplitter(Qt.Orientation.Vertical)
        side.addWidget(self.tabs)
        side.addWidget(self.curves)
        side.setSizes([480, 190])
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.addWidget(self.seen)
        self.splitter.addWidget(side)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setStretchFactor(1, 0)
        self.splitter.setSizes([1280 - SIDE, SIDE])
        for splitter in (side, self.splitter):
            splitter.setChildrenCollapsible(False)
        stack_up(self, self.headline, self.splitter, self.transport)

    def _connect(self) -> None:
        self.inquiry.failed.connect(self.failed)
        self.inquiry.said.connect(self.said)
        self.inquiry.working.connect(self.working)
        self.link.said.connect(self.said)
        for gallery in (self.gallery, self.real):
            gallery.cells.hovered.connect(lambda row, gallery=gallery: self.readout.emit(gallery.words_of(row)))

    def show_tab(self, inside: QWidget) -> None:
        """Bring a tab to the front."""
        self.tabs.setCurrentWidget(inside)

    # the page's face

    def set_theme(self, theme: Theme) -> None:
        """Colours of all views."""
        self.theme = theme
        themed: tuple[Themed, ...] = (self.headline, self.panel, self.curves, self.ranking, self.walk, self.nearest,
                                      self.prior, self.gallery, self.real, self.transport)
        for view in themed:
            view.set_theme(theme)

    def open(self, path: str | Path) -> None:
        """Compare with the recordings in a folder."""
        if Path(path).is_dir():
            self.doing.compare_with(Path(path))
        else:
            self.failed.emit(f"{shown(path)}: expected a folder of recordings to compare with, found a file; open it "
                             "on another page")

    def renew_models(self, names: tuple[str, ...]) -> None:
        """There are others to choose from now; one that is no longer there is left."""
        now = self.study.now
        self.study.clear_shelf()    # a model may be another one under the same name
        if now is not None:
            self.panel.form.show_models(names, now.model)
            if now.model not in names:
                self.inquiry.open()

    def use_model(self, name: str) -> None:
        """Neurons of another model."""
        self.inquiry.open(name)

    def cancel(self, lane: str) -> None:
        """Let go of work."""
        self.inquiry.cancel(lane)

    def enter(self) -> None:
        """The page comes into sight: its sound goes into the player. At first it loads a model."""
        self.hearing.enter()
        self.link.start()
        if not self._entered:
            self._entered = True
            self.inquiry.open()

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
        """What it adds to the menu of files."""
        return [("&Compare with a folder of recordings …", self.doing.ask_folder, None)]

    def keep(self) -> Kept | None:
        """What a session keeps of the page; None while it is not yet what the session had."""
        return self.keeping.keep()

    def restore(self, held: Held) -> None:
        """Be as a session had it."""
        self._entered = True
        self.keeping.restore(held)

    def may_close(self) -> bool:
        """Nothing is written here that could be lost; a search keeps what is done."""
        return True

    def close_down(self) -> None:
        """No timers any more."""
        self.link.stop()
        self.inquiry.close_down()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc cancels what runs, unless something else has taken it."""
        if event.key() == Qt.Key.Key_Escape and self.study.running:
            self.inquiry.cancel_running()
        else:
            super().keyPressEvent(event)
