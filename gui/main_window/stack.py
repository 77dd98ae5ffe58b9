"""The pages of the window: one in sight, each loaded and built when it is first wanted."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from importlib import import_module
from typing import cast

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QStackedWidget, QWidget

from gui.main_window.pages import FURNITURE, Entry, Page
from gui.main_window.switcher import Switcher
from gui.main_window.warming import warming
from gui.main_window.welcome import Welcome
from gui.theme import Theme

LOOK_MS = 15
AHEAD_MS = 4000  # after the first page: it has had time to show its song


class PageStack(QWidget):
    """The rail of pages, and the page in sight; a welcome until there is one.

    Imports happen on another thread; what has to be imported on Qt's comes bit by bit, so that the window takes events
    in between.
    """

    turned = Signal(object)     # Page: in sight now

    def __init__(self, entries: Sequence[Entry], make: Callable[[Entry], Page], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entries, self._make = {entry.title: entry for entry in entries}, make
        self._pages: dict[str, Page] = {}
        self._areas: dict[str, QScrollArea] = {}
        self.visible_page: Page | None = None
        self._wanted = ""
        self._loaded: set[str] = set()
        self._loader: threading.Thread | None = None
        self._warming, self._warm = warming(), threading.Event()
        self._tried: set[str] = set()
        self._welcome, self.switcher, self._stack = Welcome(), Switcher(list(self.entries)), QStackedWidget()
        self._stack.addWidget(self._welcome)
        self.switcher.chosen.connect(self.show_page)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.switcher)
        row.addWidget(self._stack, 1)
        self._look = QTimer(self, interval=LOOK_MS)
        self._look.timeout.connect(self._look_again)
        self._ahead = QTimer(self, singleShot=True, interval=AHEAD_MS)
        self._ahead.timeout.connect(lambda: self._load(self.entries))

    @property
    def pages(self) -> list[Page]:
        """Those that are built."""
        return list(self._pages.values())

    def page(self, title: str) -> Page | None:
        """A page, if it is built."""
        return self._pages.get(title)

    def show_page(self, title: str) -> None:
        """Bring a page into sight, as soon as what it needs is loaded."""
        self._wanted = title
        self.switcher.show_chosen(title)
        self._show_when_loaded()

    def _show_when_loaded(self) -> None:
        if self._wanted in self._loaded and self._is_ready(self._wanted):
            self._look.stop()
            self._show(self._wanted)
        else:
            self._load([self._wanted])
            self._look.start()

    def _look_again(self) -> None:
        if next(self._warming, None) is None:
            self._warm.set()
        self._show_when_loaded()

    def _is_ready(self, title: str) -> bool:
        """Whether nothing is left to be imported on this thread before a page is made; else one thing less is."""
        for name in (*FURNITURE, *self.entries[title].beside_qt):
            if name not in sys.modules and name not in self._tried:
                self._tried.add(name)
                with suppress(Exception):   # what is missing is said where the page is built
                    import_module(name)
                return False
        return True

    def _load(self, titles: Iterable[str]) -> None:
        """Import what pages need, unless that is being done already; whoever waits asks again."""
        if self._loader is None or not self._loader.is_alive():
            missing = [title for title in titles if title not in self._loaded]
            self._loader = threading.Thread(target=self._import, args=(missing,), name="loader", daemon=True)
            self._loader.start()

    def _import(self, titles: list[str]) -> None:
        for title in titles:
            try:
                for name in self.entries[title].modules:
                    if name.startswith("gui"):
                        self._warm.wait()
                    import_module(name)
            finally:
                self._loaded.add(title)  # what is missing is said where the page is built

    def _show(self, title: str) -> None:
        """Leave the page in sight for this one, which is built if it is not yet."""
        if title not in self._pages:
            self._build(title)
        page, before = self._pages[title], self.visible_page
        if page is before:
            return
        if before is not None:
            before.leave()
        self.visible_page = page
        self._stack.setCurrentWidget(self._areas[title])
        page.enter()
        cast(QWidget, page).setFocus()
        self.turned.emit(page)

    def _build(self, title: str) -> None:
        try:
            self._pages[title] = page = self._make(self.entries[title])
        finally:
            self._warm.set()
            gc.freeze()     # looking through all that was imported, again and again, would stop the window for 50 ms
            gc.enable()
        self._areas[title] = area = QScrollArea()   # with large text a page may need more room than there is
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setAccessibleName(title)
        area.setWidget(cast(QWidget, page))
        self._stack.addWidget(area)
        self._ahead.start()

    def set_theme(self, theme: Theme) -> None:
        """Colours of all that is built."""
        self._welcome.set_theme(theme)
        self.switcher.set_theme(theme)
        for page in self.pages:
            page.set_theme(theme)

    def close_down(self) -> None:
        """Nothing is built any more, and no page has timers."""
        self._look.stop()
        self._ahead.stop()
        self._warm.set()
        if self._loader is not None:
            self._loader.join()
        for page in self.pages:
            page.close_down()
        self._pages, self.visible_page = {}, None
