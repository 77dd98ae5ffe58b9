"""What a widget tells, and what a window offers."""

from __future__ import annotations

from typing import Any

from PySide6.QtGui import QAction

from gui.main_window import MainWindow


def heard(signal: Any) -> list[Any]:
    """What a signal says from now on: its value, or a tuple where it carries several or none."""
    said: list[Any] = []
    signal.connect(lambda *values: said.append(values if len(values) != 1 else values[0]))
    return said


def action(window: MainWindow, text: str) -> QAction:
    """The action of a menu with this text."""
    return next(a for a in window.actions_of_all_menus() if a.text().replace("&", "") == text)
