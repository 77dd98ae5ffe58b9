"""Preferences and menus of one window say the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from gui.main_window import MainWindow
from gui.main_window.pages import Entry
from tests.gui.second_page import SecondPage
from tests.gui.waiting import wait_for

THEMES = ("Theme: as the system", "Theme: dark", "Theme: light")


@pytest.fixture
def window(qapp: QApplication, tmp_path: Path) -> Iterator[MainWindow]:
    settings = QSettings(str(tmp_path / "s.ini"), QSettings.Format.IniFormat)
    made = MainWindow([], settings, (Entry("Second", (), SecondPage),))
    made.show()
    wait_for(lambda: made.page is not None)
    yield made
    made.apply_theme("system")
    made.close()


def checked(window: MainWindow) -> list[str]:
    """Of the themes in the menu."""
    return [one.text() for one in window.actions_of_all_menus() if one.text() in THEMES and one.isChecked()]


def test_the_theme_is_the_same_in_the_menu_and_in_the_preferences(window: MainWindow) -> None:
    assert checked(window) == ["Theme: as the system"]
    window.preferring.ask()
    dialog = window.preferring.dialog
    assert dialog is not None
    dialog.theme.setCurrentIndex(dialog.theme.findData("light"))
    dialog.theme.activated.emit(dialog.theme.currentIndex())
    assert window.theme.name == "light"
    assert checked(window) == ["Theme: light"]
    next(one for one in window.actions_of_all_menus() if one.text() == "Theme: dark").trigger()
    assert window.theme.name == "dark"
    assert dialog.theme.currentData() == "dark", "the dialog is open still"
    dialog.reset.click()
    assert checked(window) == ["Theme: as the system"]
