"""The Compose page: wires book, editor, score, network and player; draws and computes nothing itself."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMenu, QSplitter, QTabWidget, QWidget

from engine.folk.synth import INSTRUMENTS
from gui.compose_page.doing import Doing
from gui.compose_page.editing import Editing
from gui.compose_page.engraving import Engraving
from gui.compose_page.filing import Filing as Files
from gui.compose_page.keeping import Keeping
from gui.compose_page.menu import fill
from gui.compose_page.playing import Playing
from gui.compose_page.reading import Reader
from gui.compose_page.showing import Showing
from gui.compose_page.suggesting import Suggesting
from gui.compose_page.tunes import Tunes
from gui.compose_page.wishing import Wishing
from gui.compose_page.work import Paper
from gui.engine_thread import EngineThread
from gui.player import Player
from gui.session import Held, Kept
from gui.theme import DARK, Theme, Themed
from gui.views.abc_editor import AbcEditor
from gui.views.actions import Export, Filing
from gui.views.anatomy_view import AnatomyView
from gui.views.headline import Headline
from gui.views.layouts import stack_up
from gui.views.lens_view import LensView
from gui.views.novelty_view import NoveltyView
from gui.views.play_controls import PlayControls
from gui.views.score_paper import SCALE
from gui.views.score_view import ScoreView
from gui.views.suggest_panel import SuggestPanel
from gui.views.transport_bar import TransportBar
from gui.views.transport_link import TransportLink
from gui.views.tune_list import TuneList
from gui.views.variant_list import VariantList

LEFT, SIDE = 190, 320   # px


class ComposePage(QWidget):
    """A book of tunes, and a network that has read three thousand of them."""

    title = "Compose"
    said = Signal(str)                  # for the status line
    readout = Signal(str)               # what is under the mouse
    failed = Signal(str)                # what went wrong, in one sentence
    working = Signal(str, object)       # lane, Progress or None when done
    opened = Signal(object)             # Path
    listen_asked = Signal(object, str)  # Path of a sound, title of a page

    def __init__(self, live: EngineThread, batch: EngineThread, composing: EngineThread, player: Player,
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme, self.player = DARK, player
        self.tunes = Tunes(self)
        self.score, self.editor = ScoreView(), AbcEditor()
        self.engraving, self.playing = Engraving(self.tunes, live, self._paper), Playing(self.tunes, live, player)
        self.suggesting, self.reader = Suggesting(self.tunes, composing), Reader(self.tunes, composing, batch)
        self.files = Files(self, self.tunes, self.suggesting, self.playing, live, batch)
        self.headline, self.list, self.variants = Headline(), TuneList(), VariantList()
        self.panel, self.lens, self.novelty, self.anatomy = SuggestPanel(), LensView(), NoveltyView(), AnatomyView()
        self.controls = PlayControls(tuple(INSTRUMENTS))
        self.transport = TransportBar(sources={}, beside=(self.controls,))
        self.link = TransportLink(self.transport, player, (), self, play=self.playing.toggle)
        self.editing = Editing(self.tunes, self.editor)
        self._lay_out()
        self.showing, self.doing = Showing(self), Doing(self, batch)
        self.wishing, self.keeping = Wishing(self), Keeping(self, live)
        self._connect()
        self.suggesting.load(None)

    # building

    def _lay_out(self) -> None:
        self.left = QSplitter(Qt.Orientation.Vertical)
        self.left.addWidget(self.list)
        self.left.addWidget(self.variants)
        self.left.setSizes([420, 200])
        self.middle = QSplitter(Qt.Orientation.Vertical)
        self.middle.addWidget(self.score)
        self.middle.addWidget(self.editor)
        self.middle.setSizes([380, 300])
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName("Panels")
        self.tabs.tabBar().setAccessibleName("Panels")
        panels: tuple[tuple[QWidget, str, str], ...] = (
            (self.panel, "Suggest", "Let the network go on, fill bars, or write a tune"),
            (self.lens, "Next", "What the network expects at the cursor"),
            (self.novelty, "Known", "What of the tune it has read before"),
            (self.anatomy, "Tune", "What the tune is made of"))
        for panel, text, tip in panels:
            self.tabs.setTabToolTip(self.tabs.addTab(panel, text), tip)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        for place, widget in enumerate((self.left, self.middle, self.tabs)):
            self.splitter.addWidget(widget)
            self.splitter.setStretchFactor(place, int(place == 1))
        self.splitter.setSizes([LEFT, 1280 - LEFT - SIDE, SIDE])
        for splitter in (self.left, self.middle, self.splitter):
            splitter.setChildrenCollapsible(False)
        stack_up(self, self.headline, self.splitter, self.transport)
        self.setFocusProxy(self.editor)

    def _connect(self) -> None:
        self.tunes.renamed.connect(self._mark_unsaved)
        self.editor.edited.connect(self.tunes.edit)
        self.editor.undo_asked.connect(self.tunes.undo_stack.undo)
        self.editor.redo_asked.connect(self.tunes.undo_stack.redo)
        self.editor.said.connect(self.said)
        self.editor.cursor_moved.connect(self.reader.look_at)
        self.editor.cursor_moved.connect(lambda cursor: self.readout.emit(self._where(cursor)))
        self.score.width_changed.connect(lambda width: self.engraving.renew())
        self.score.pages_asked.connect(self.engraving.look_at)
        self.engraving.more_pages.connect(self.score.add_pages)
        for source in (self.engraving, self.playing, self.suggesting, self.reader, self.files, self.keeping):
            source.working.connect(self.working)
        for faulty in (self.playing, self.suggesting, self.reader, self.files, self.editing, self.keeping):
            faulty.failed.connect(self.failed)
        self.files.said.connect(self.said)
        self.files.opened.connect(self.opened)
        self.files.listen_asked.connect(self.listen_asked)
        self.suggesting.said.connect(self.said)
        self.link.said.connect(self.said)
        self.tabs.currentChanged.connect(self._turned)

    def _mark_unsaved(self) -> None:
        self.window().setWindowModified(self.isVisible() and not self.tunes.is_saved)

    def _turned(self, place: int) -> None:
        """What nobody looks at is not computed."""
        self.reader.want_lens(self.tabs.widget(place) is self.lens)
        if self.tabs.widget(place) is self.anatomy:
            self.reader.want_corpus()
        self.showing.reading()

    def _paper(self) -> Paper:
        first, most = self.score.pages_near()
        return Paper(self.score.page_width(), self.score.page_height(), SCALE, first, most)

    def _where(self, cursor: int) -> str:
        before = self.editor.text()[:cursor]
        return f"line {before.count(chr(10)) + 1}, column {len(before) - before.rfind(chr(10))}"

    # the page's face

    def set_theme(self, theme: Theme) -> None:
        """Colours of all views."""
        self.theme = theme
        themed: tuple[Themed, ...] = (self.headline, self.list, self.variants, self.score, self.editor, self.panel,
                                      self.lens, self.novelty, self.anatomy, self.transport)
        for view in themed:
            view.set_theme(theme)
        self.doing.set_theme(theme)

    def open(self, path: str | Path) -> None:
        """Open a book, tunes in another format, or a network; what is in hand stays until that has worked."""
        self.files.open(path)

    def cancel(self, lane: str) -> None:
        """Let go of work."""
        self.doing.cancel(lane)

    def enter(self) -> None:
        """The page comes into sight: its sound goes into the player."""
        self.playing.enter()
        self.link.start()
        self._mark_unsaved()

    def leave(self) -> None:
        """The page goes out of sight, and is silent."""
        self.link.stop()
        self.playing.leave()
        self.window().setWindowModified(False)

    def menu(self, menu: QMenu) -> None:
        """Fill the page's own menu."""
        fill(self, menu)

    def exports(self) -> list[Export]:
        """What can be written: text, name of the file, filter, and how."""
        return self.files.exports()

    def filing(self) -> list[Filing]:
        """Saving, and other networks."""
        return [("&Save tunes", self.files.save, "Ctrl+S"), ("Save tunes &as …", self.files.save_as, "Ctrl+Shift+S"),
                ("Open a &network of folk-rnn …", self.files.ask_checkpoint, None)]

    def keep(self) -> Kept | None:
        """What a session keeps of the page; None while it is not yet what the session had."""
        return self.keeping.keep()

    def restore(self, held: Held) -> None:
        """Be as a session had it."""
        self.keeping.restore(held)

    def may_close(self) -> bool:
        """Whether nothing would be lost; whoever works may have been asked."""
        return self.files.may_lose()

    def close_down(self) -> None:
        """No timers and no child processes any more."""
        self.link.stop()
        self.doing.close_down()
        for keeper in (self.engraving, self.playing, self.reader):
            keeper.close_down()
