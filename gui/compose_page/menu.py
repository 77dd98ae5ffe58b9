"""The page's own menu: its actions and their keys."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from gui.views.actions import add

if TYPE_CHECKING:
    from gui.compose_page.page import ComposePage

LISTENERS = ("Explain", "Adversary", "Dissect")    # pages that take a sound


def fill(page: ComposePage, menu: QMenu) -> None:
    """Put everything that can be done into the menu."""
    doing = page.doing
    add(menu, "&Play or pause", page.playing.toggle, "F5")
    menu.addSeparator()
    add(menu, "&Suggest how it goes on", doing.suggest, "Ctrl+Return")
    add(menu, "&Fill the selected bars", doing.fill_bars, "Ctrl+Shift+F")
    add(menu, "&New tune by the network", doing.compose, "Ctrl+Shift+N")
    add(menu, "New &empty tune", doing.new_tune, "Ctrl+N")
    add(menu, "Cancel the suggestion", page.suggesting.cancel)
    _check(menu, "Suggest in pauses", "Ghost text whenever you stop typing", doing.suggest_in_pauses)
    _check(menu, "Show s&urprise", "Tint notes that the network did not expect", page.showing.tint, "Ctrl+T")
    menu.addSeparator()
    page.editing.fill(menu)
    menu.addSeparator()
    add(menu, "&Keep this variant", lambda: page.tunes.keep("kept by hand"), "Ctrl+K")
    add(menu, "&Compare populations …", doing.comparing.show)
    for title in LISTENERS:
        add(menu, f"Listen with a machine: {title}", partial(page.files.listen, title))
    menu.addSeparator()
    _check(menu, "Score &beside the text", "Else it stands above", partial(_put_beside, page))


def _check(menu: QMenu, text: str, tip: str, done: Callable[[bool], None], key: str | None = None) -> QAction:
    action = add(menu, text, lambda: None, key)
    action.setCheckable(True)
    action.setToolTip(tip)
    action.toggled.connect(done)
    return action


def _put_beside(page: ComposePage, on: bool) -> None:
    page.middle.setOrientation(Qt.Orientation.Horizontal if on else Qt.Orientation.Vertical)
