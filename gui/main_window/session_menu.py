"""Sessions in the menu of files, and the dialogs about them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from gui.dialogs.missing import OPENED, SAVED, MissingDialog
from gui.dialogs.recovery import Kept, RecoveryDialog
from gui.main_window.autosave import Left
from gui.views.actions import add
from gui.views.plain_text import as_tip

if TYPE_CHECKING:
    from gui.main_window.window import MainWindow

SAVE, SAVE_AS = ("Ctrl+S", "Ctrl+Alt+S"), ("Ctrl+Shift+S", "Ctrl+Alt+Shift+S")
"""Keys: the first where the page in sight does not save a document of its own by it, the second always."""


class SessionMenu:
    """Its actions; keys that a page wants for its own document are the page's."""

    def __init__(self, menu: QMenu, window: MainWindow) -> None:
        sessions = window.sessions
        self._save = add(menu, "Sa&ve session", sessions.save)
        self._save_as = add(menu, "Save session as …", sessions.save_as)
        add(menu, "Save session with its sounds …", partial(sessions.save_as, with_sounds=True)).setToolTip(
            "With a copy of every sound in it, to be taken elsewhere")
        recent = menu.addMenu("Recent &sessions")
        recent.aboutToShow.connect(lambda: _fill(recent, window))

    def turn(self, keys: Iterable[object]) -> None:
        """Another page is in sight, which uses these keys."""
        taken = {QKeySequence(key).toString() for key in keys if isinstance(key, str)}
        for action, (usual, always) in ((self._save, SAVE), (self._save_as, SAVE_AS)):
            action.setShortcuts([QKeySequence(key) for key in (usual, always) if key not in taken])


def _fill(menu: QMenu, window: MainWindow) -> None:
    menu.clear()
    for path in window.sessions.recent():
        add(menu, Path(path).name, partial(window.sessions.open, Path(path))).setToolTip(as_tip(path))
    if menu.isEmpty():
        action: QAction = add(menu, "Nothing yet", lambda: None)
        action.setEnabled(False)


def show_missing(window: MainWindow, name: str, sentences: Sequence[str], *, saved: bool = False) -> None:
    """One list of all that could not be opened, or saved."""
    dialog = MissingDialog(name, sentences, window.theme, window, words=SAVED if saved else OPENED)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.show()


def offer_recovery(window: MainWindow, left: Sequence[Left]) -> None:
    """Ask what is to become of work that was left behind; what is not touched is offered again at the next start."""
    if not left:
        return
    open_still = dict(enumerate(left))
    kept = [Kept(datetime.fromtimestamp(one.when), one.name, one.files, one.tunes, one.results, one.damaged)
            for one in left]
    dialog = RecoveryDialog(kept, window.theme, window)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.recover_asked.connect(lambda place: window.sessions.recover(open_still.pop(place)))
    dialog.discard_asked.connect(lambda place: open_still.pop(place).remove())
    dialog.recover_asked.connect(lambda place: _leave(open_still.values()))
    dialog.rejected.connect(lambda: _leave(open_still.values()))
    dialog.open()


def _leave(left: Iterable[Left]) -> None:
    for one in left:
        one.leave()
