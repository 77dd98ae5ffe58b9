"""What goes into menus: an action with its key, and a choice of one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu

Export = tuple[str, str, str, Callable[[Path], None]]
"""Something that can be written: text, name of the file, filter ("" where a folder is chosen), and how."""
Filing = tuple[str, Callable[[], object], Any]
"""Something else that is done with files: text, what is done, key or None."""


def add(menu: QMenu, text: str, done: Callable[[], object], key: Any = None) -> QAction:
    """Add an action with its key, if any."""
    action = QAction(text, menu)
    if key is not None:
        action.setShortcut(QKeySequence(key))
    action.triggered.connect(lambda checked: done())  # what is done takes no argument
    menu.addAction(action)
    return action


def add_choice(menu: QMenu, words: str, values: dict[str, str], chosen: str,
               done: Callable[[str], None]) -> QActionGroup:
    """Add checkable actions, one of which holds: text -> value; `words` stand before each text."""
    group = QActionGroup(menu)
    for text, value in values.items():
        action = add(menu, words + text, partial(done, value))
        action.setCheckable(True)
        action.setData(value)
        group.addAction(action)
    show_choice(group, chosen)
    return group


def show_choice(group: QActionGroup, chosen: str) -> None:
    """Which one holds, whoever chose it. Does nothing else."""
    for action in group.actions():
        action.setChecked(action.data() == chosen)
