"""The window: pages, menus, job bar, and an orderly close."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow, QWidget

from gui import theme as themes
from gui.dialogs.preferences import preference
from gui.main_window.faults import Faults
from gui.main_window.files import Files
from gui.main_window.pages import AUDIO, DEMOS, PAGES, Entry, Hearer, Page, Shared
from gui.main_window.sessions import Sessions
from gui.main_window.stack import PageStack
from gui.main_window.welcome import window_icon
from gui.views.notices import Notice
from gui.views.notifications import NotificationCentre
from gui.views.plain_text import say_plainly
from gui.views.teaching import Teacher

if TYPE_CHECKING:
    from engine.listening.attack import AttackAnswer
    from gui.adversary_page import AdversaryPage
    from gui.compose_page import ComposePage
    from gui.explain_page import ExplainPage


class MainWindow(QMainWindow):
    """Shows at once; the pages come when what they need has been loaded beside."""

    shared: Shared

    def __init__(self, files: list[str] | None = None, settings: QSettings | None = None,
                 entries: Sequence[Entry] = PAGES) -> None:
        super().__init__()
        self.settings = settings or QSettings("Otoscope", "Otoscope")
        self.files = Files(self, files or (), entries)
        self._to_explain: AttackAnswer | None = None  # waits for the Explain page to be in sight
        self.setWindowTitle("Otoscope")
        self.setAcceptDrops(True)
        self.resize(1280, 800)
        self.setWindowIcon(window_icon())
        self.notifications, self.faults = NotificationCentre(self), Faults(self)
        self.faults.happened.connect(self.blame)
        self._furniture: tuple[themes.Themed, ...] = ()
        self.stack = PageStack(entries, self._make)
        self.stack.turned.connect(self._turned)
        self.setCentralWidget(self.stack)
        self._teacher = Teacher(self)
        self.apply_theme()
        geometry = self.settings.value("geometry")
        if geometry is not None:
            self.restoreGeometry(geometry)
        self.sessions = Sessions(self)
        self._hear_sessions()
        self._start = QTimer(self, singleShot=True, interval=0)
        self._start.timeout.connect(self._begin)
        self._start.start()

    def _begin(self) -> None:
        """What was named when the program was started: a session, or a file's page."""
        if self.files.session is not None:
            self.sessions.open(self.files.session)
        else:
            self.stack.show_page(self.files.first.title)

    def _hear_sessions(self) -> None:
        from gui.main_window.session_menu import offer_recovery, show_missing

        sessions = self.sessions
        sessions.said.connect(lambda sentence: self.statusBar().showMessage(sentence, 15000))
        sessions.failed.connect(self.complain)
        sessions.missed.connect(partial(show_missing, self))
        sessions.left_out.connect(partial(show_missing, self, saved=True))
        sessions.found.connect(partial(offer_recovery, self))
        sessions.working.connect(
            lambda lane, progress: self.jobs.of_session(lane, progress) if self.stack.pages else None)
        sessions.renamed.connect(lambda: self._entitle(self.page) if self.page is not None else None)
        sessions.unopened.connect(
            lambda: self.stack.show_page(self.files.first.title) if self.page is None else None)

    @property
    def page(self) -> Page | None:
        """The page in sight; None while the first one is being loaded."""
        return self.stack.visible_page

    def _make(self, entry: Entry) -> Page:
        """A page, with the window's ears open to it."""
        if not self.stack.pages:
            self._furnish()
        page = entry.make(self.shared)
        page.set_theme(self.theme)
        page.said.connect(lambda sentence: self._say(page, sentence))
        page.readout.connect(self._readout.setText)
        page.failed.connect(lambda sentence: self.complain(sentence, page.title))
        page.working.connect(lambda lane, progress: self.jobs.of_page(entry, lane, progress))
        page.opened.connect(lambda path: self._opened(entry.title, path))
        say_plainly(cast(QWidget, page))
        say_plainly(self.statusBar())
        self._teacher.teach(cast(QWidget, page))
        self._undo_keys.watch(cast(QWidget, page))
        self.menus.add_page(page)
        if entry.hears:
            self.own_models.changed.connect(cast(Hearer, page).renew_models)
        if entry.title == "Adversary":
            cast("AdversaryPage", page).explain_asked.connect(self.explain_adversary)
        if entry.title == "Compose":
            cast("ComposePage", page).listen_asked.connect(self.files.listen)
        return page

    def _furnish(self) -> None:
        """What all pages share, before the first of them."""
        from gui.dialogs.tour import Tour
        from gui.engine_thread import EngineThread
        from gui.main_window.jobs import Jobs
        from gui.main_window.menus import Menus
        from gui.main_window.own_models import OwnModels
        from gui.main_window.preferring import Preferring
        from gui.main_window.undo_keys import UndoKeys
        from gui.player import Player
        from gui.views.command_palette import CommandPalette

        self.shared = Shared(EngineThread(self), EngineThread(self), EngineThread(self), Player(self))
        self.own_models = OwnModels(self.settings, DEMOS[AUDIO], self)
        self.own_models.said.connect(lambda sentence: self.statusBar().showMessage(sentence, 15000))
        self.own_models.failed.connect(self.complain)
        self.own_models.added.connect(self.use_model)
        for thread in self.shared.threads:
            thread.failed.connect(self._note)
            thread.failed.connect(self.own_models.hear_of)
            thread.start()
        recent: Any = self.settings.value("recent commands", [])
        self.palette_dialog = CommandPalette(self, recent=[recent] if isinstance(recent, str) else recent or [],
                                             remember=partial(self.settings.setValue, "recent commands"))
        self.jobs, self._readout, self.tour = Jobs(self), QLabel(), Tour(self)
        self._furniture = (self.palette_dialog, self.jobs.bar, self.tour, self.own_models)
        for thing in self._furniture:
            thing.set_theme(self.theme)
        self._readout.setFont(themes.tabular(self.font()))
        self._readout.setAccessibleName("Under the mouse")
        self.statusBar().addPermanentWidget(self.jobs.bar)
        self.statusBar().addPermanentWidget(self._readout)
        self.statusBar().addPermanentWidget(self.notifications.bell)
        self.preferring, self._undo_keys = Preferring(self), UndoKeys(self)
        self.sessions.autosave.watch(self.shared.threads)
        self.menus = Menus(self)
        self._furniture = (*self._furniture, self.preferring, self.menus)

    def _turned(self, page: Page) -> None:
        """Another page is in sight: menus, title, and on its first visit the file that is open elsewhere."""
        self._readout.clear()
        self.statusBar().clearMessage()
        self.menus.turn(page)
        self._entitle(page)
        self.files.visit(page)
        if page.title == "Explain" and self._to_explain is not None:
            cast("ExplainPage", page).show_perturbed(self._to_explain)
            self._to_explain = None

    def explain_adversary(self, answer: AttackAnswer) -> None:
        """Show on the Explain page why a model is fooled, and by what."""
        self._to_explain = answer
        self.stack.show_page("Explain")

    def _entitle(self, page: Page) -> None:
        named = (self.files.open_on(page), self.sessions.path)
        first, *others = [*(path.name for path in named if path is not None), "Otoscope"]
        self.setWindowTitle(" – ".join((f"{first}[*]", *others)))
        self.menus.offer(self.files.offered_to(page))

    # files

    def open(self, path: str | Path) -> None:
        """Open a file of any kind where it belongs."""
        self.files.open(path)

    def use_model(self, name: str) -> None:
        """Ask a model of somebody's own on the page in sight, if that asks any."""
        if self.page is not None and self.stack.entries[self.page.title].hears:
            cast(Hearer, self.page).use_model(name)

    def _opened(self, title: str, path: Path) -> None:
        self.files.opened(title, path)
        if self.page is not None:
            self._entitle(self.page)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open the first file."""
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        for path in paths[:1]:
            self.open(path)
        event.acceptProposedAction()

    # work

    def _say(self, page: Page, sentence: str) -> None:
        """Show what a page says while it is in sight."""
        if page is self.page or self.page is None:
            self.statusBar().showMessage(sentence, 15000)

    def complain(self, sentence: str, page: str = "") -> None:
        """Say what went wrong, without standing in the way and without losing anything."""
        self.blame(sentence, self.faults.details(sentence), page)

    def blame(self, sentence: str, details: str = "", page: str = "") -> None:
        """The same of what nobody caught, with its traceback."""
        self.statusBar().showMessage(sentence, 30000)
        here = self.page.title if self.page is not None else ""
        self.notifications.add(Notice(sentence, page or here, details))

    def _note(self, lane: str, ticket: int, error: BaseException) -> None:
        self.faults.note(error)

    # looks

    def actions_of_all_menus(self) -> list[QAction]:
        """Everything that can be done now, for the command palette: menus, and keys of the page in sight."""
        return [action for _, actions in self.sections() for action in actions]

    def sections(self) -> list[tuple[str, list[QAction]]]:
        """The same, menu by menu."""
        return self.menus.sections(self.page) if self.page is not None else []

    def show_tour(self) -> None:
        """Point at the controls of the page in sight, one after the other."""
        from gui.dialogs.tour_steps import TOURS

        if self.page is not None:
            self.tour.start(TOURS.get(self.page.title, ()))

    def show_palette(self) -> None:
        """The command palette."""
        self.palette_dialog.ask(self.actions_of_all_menus())

    def apply_theme(self, name: str | None = None) -> None:
        """"dark", "light" or "system", None for what is kept; with size of text and colour map as they are kept."""
        if name is not None:
            self.settings.setValue("theme", name)
        name = str(preference(self.settings, "theme"))
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        dark = QGuiApplication.styleHints().colorScheme() != Qt.ColorScheme.Light
        plain = themes.THEMES.get(name) or (themes.DARK if dark else themes.LIGHT)
        self.theme = themes.with_map(plain, preference(self.settings, "colour map"))
        themes.apply(app, self.theme, preference(self.settings, "font size"))
        self.stack.set_theme(self.theme)
        self.notifications.set_theme(self.theme)
        for thing in self._furniture:
            thing.set_theme(self.theme)

    def closeEvent(self, event: QCloseEvent) -> None:
        """End playing and work, in this order, and remember the geometry; unless a page would lose something."""
        if not self.sessions.may_lose():
            event.ignore()
            return
        self.settings.setValue("geometry", self.saveGeometry())
        self._start.stop()
        self.faults.remove()
        built = bool(self.stack.pages)
        self.sessions.close_down()
        self.stack.close_down()
        if built:
            self.shared.player.close()
            self.own_models.close_down()
            for thread in self.shared.threads:
                thread.close()
        super().closeEvent(event)
