"""Everybody can use it: names for those who listen, an order for keys, contrast, and room for large text."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QRect, QSettings, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QApplication,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QScrollArea,
    QSizeGrip,
    QTabBar,
    QTabWidget,
    QWidget,
)

from gui import theme as themes
from gui.dialogs.about import AboutDialog
from gui.dialogs.glossary import GlossaryDialog
from gui.dialogs.horse import HorseDialog
from gui.dialogs.model_wizard import ModelWizard
from gui.dialogs.populations import PopulationsDialog
from gui.dialogs.preferences import PreferencesDialog
from gui.dialogs.shortcuts import ShortcutsDialog
from gui.main_window import MainWindow
from gui.theme import THEMES, Theme, contrast
from tests.gui.waiting import wait_for

PAGES = ("Explain", "Maximise", "Adversary", "Dissect", "Compose")
ROW = 6     # px by which controls of one row may differ
INSIDE = ("qt_spinbox_lineedit", "qt_menubar_ext_button", "qt_scrollarea_viewport", "ScrollLeftButton",
          "ScrollRightButton")


@pytest.fixture(scope="module")
def window(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MainWindow]:
    settings = QSettings(str(tmp_path_factory.mktemp("accessible") / "settings.ini"), QSettings.Format.IniFormat)
    made = MainWindow([], settings)
    made.resize(1280, 800)
    made.show()
    wait_for(lambda: made.page is not None, 60)
    yield made
    themes.apply(qapp, themes.DARK)
    made.close()


@pytest.fixture(params=PAGES)
def page(request: pytest.FixtureRequest, window: MainWindow) -> QWidget:
    window.stack.show_page(request.param)
    wait_for(lambda: window.page is not None and window.page.title == request.param, 60)
    assert isinstance(window.page, QWidget)
    return window.page


@pytest.fixture(params=["about", "glossary", "keys", "preferences", "horse", "populations", "wizard", "palette",
                        "tour"])
def dialog(request: pytest.FixtureRequest, window: MainWindow, tmp_path: Path) -> Iterator[QWidget]:
    dark = themes.DARK
    makers: dict[str, Any] = {
        "about": lambda: AboutDialog(dark, window), "glossary": lambda: GlossaryDialog(dark, window),
        "keys": lambda: ShortcutsDialog(window.sections(), dark, window),
        "preferences": lambda: PreferencesDialog(window.settings, ("Speakers",), tmp_path, window),
        "horse": lambda: HorseDialog(window), "populations": lambda: PopulationsDialog(window),
        "wizard": lambda: ModelWizard(window), "palette": lambda: window.palette_dialog, "tour": lambda: window.tour}
    made = makers[request.param]()
    if request.param == "palette":
        window.show_palette()
    elif request.param == "tour":
        window.show_tour()
    else:
        made.show()
    yield made
    if request.param == "tour":
        made.end()
    else:
        made.close()


def controls(root: QWidget) -> list[QWidget]:
    """What can be clicked or typed into; parts of a control are not controls."""
    return [widget for widget in root.findChildren(QWidget)
            if (widget.focusPolicy() != Qt.FocusPolicy.NoFocus or isinstance(widget, QAbstractButton))
            and widget.objectName() not in INSIDE and not isinstance(widget, QHeaderView | QTabBar | QSizeGrip | QLabel)
            and not isinstance(widget.parentWidget(), QComboBox | QAbstractScrollArea | QLineEdit | QTabBar)
            and type(widget) not in (QWidget, QScrollArea)
            and not widget.metaObject().className().startswith("QComboBoxPrivate")
            and not (isinstance(widget, QAbstractItemView) and "ComboBox" in
                     widget.parentWidget().metaObject().className())]


def said(widget: QWidget) -> str:
    """What a screen reader says; of a box of choices Qt says what is chosen, and its label what it is."""
    if isinstance(widget, QComboBox):
        return widget.accessibleName()
    interface = QAccessible.queryAccessibleInterface(widget)
    return interface.text(QAccessible.Text.Name) if interface is not None else widget.accessibleName()


def nameless(root: QWidget) -> list[str]:
    return [f"{type(widget).__name__} {widget.toolTip()[:40]}" for widget in controls(root) if not said(widget).strip()]


def test_every_control_of_a_page_has_a_name_and_a_tip(page: QWidget) -> None:
    assert len(controls(page)) > 10
    assert nameless(page) == []
    assert [said(widget) for widget in controls(page) if not widget.toolTip() and not isinstance(
        widget, QAbstractScrollArea | QTabWidget) and widget.isVisible()] == []


def test_labels_stand_for_the_boxes_beside_them(window: MainWindow) -> None:
    window.stack.show_page("Explain")
    wait_for(lambda: window.page is not None and window.page.title == "Explain", 60)
    assert isinstance(window.page, QWidget)
    called = {label.text(): label.buddy() for label in window.page.findChildren(QLabel)}
    for name in ("Model", "Target", "Method", "Fill", "Units"):
        assert isinstance(called[name], QComboBox)
        assert called[name].accessibleName() == name


def test_every_control_of_a_dialog_has_a_name(dialog: QWidget) -> None:
    assert controls(dialog)
    assert nameless(dialog) == []


def test_the_window_around_the_pages_has_names(window: MainWindow) -> None:
    for part in (window.menuBar(), window.statusBar(), window.stack.switcher):
        assert nameless(part) == []
    for action in window.actions_of_all_menus():
        assert action.text()


def place(widget: QWidget, root: QWidget) -> QRect:
    return QRect(widget.mapTo(root, QPoint()), widget.size())


def chain(root: QWidget) -> list[QWidget]:
    """What the key Tab goes through, in its order. (`nextInFocusChain` of PySide 6.11 ends the menus, later.)"""
    window, found = root.window(), list[QWidget]()
    while True:
        window.focusNextPrevChild(True)
        now = window.focusWidget()
        if now is None or now in found:
            break
        found.append(now)
    order = [widget for widget in found if root.isAncestorOf(widget)]
    spots = [place(widget, root) for widget in order]   # it is a circle, which begins where one begins to read
    first = min(range(len(order)), key=lambda n: (spots[n].top() // (4 * ROW), spots[n].left()), default=0)
    return order[first:] + order[:first]


def against_reading(root: QWidget) -> list[str]:
    """Neighbours in the order of keys, in one panel, of which the second stands before the first."""
    wrong = []
    for first, second in pairwise(chain(root)):
        if first.parentWidget() is not second.parentWidget():
            continue
        one, two = place(first, root), place(second, root)
        above = two.bottom() < one.top() + ROW and two.right() <= one.right() + ROW
        before = abs(two.center().y() - one.center().y()) < ROW and two.right() <= one.left()
        if above or before:
            wrong.append(f"{said(first)} → {said(second)}")
    return wrong


def test_keys_go_through_a_page_as_it_is_read(page: QWidget) -> None:
    assert len(chain(page)) > 8
    assert against_reading(page) == []


def test_keys_go_through_a_dialog_as_it_is_read(dialog: QWidget) -> None:
    assert against_reading(dialog) == []


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES.keys())
@pytest.mark.parametrize("behind", ["window", "surface", "raised", "selection"])
def test_all_that_is_written_reaches_aa(theme: Theme, behind: str) -> None:
    background = getattr(theme, behind)
    for front in ("text", "muted", "accent", "positive", "negative", "warning", "error"):
        least = 4.5 if behind != "selection" or front in ("text", "muted") else 3.0
        assert contrast(getattr(theme, front), background) >= least, front


def cut(root: QWidget) -> list[str]:
    """Texts that have less room than they need and are not shortened on purpose."""
    found = []
    for widget in root.findChildren(QWidget):
        if not widget.isVisible() or not isinstance(widget, QAbstractButton | QComboBox | QLabel):
            continue
        text = widget.currentText() if isinstance(widget, QComboBox) else widget.text()
        need = widget.fontMetrics()
        if not text or "<" in text or "Elided" in type(widget).__name__:
            continue
        wraps = isinstance(widget, QLabel) and widget.wordWrap()
        wide = 0 if wraps or isinstance(widget, QComboBox) else max(
            need.horizontalAdvance(line) for line in text.replace("&", "").split("\n"))
        if widget.height() < need.height() - 1 or widget.width() < wide - 1:
            found.append(f"{type(widget).__name__} {text!r}: {widget.width()} x {widget.height()}, "
                         f"needs {wide} x {need.height()}")
    return found


def reachable(widget: QWidget) -> bool:
    """Whether the widget lies in its parents, or in something that scrolls to it."""
    while (above := widget.parentWidget()) is not None and not widget.isWindow():
        if isinstance(above.parentWidget(), QScrollArea):
            widget = above.parentWidget()
            continue
        if not above.rect().adjusted(-2, -2, 2, 2).contains(widget.geometry()):
            return False
        widget = above
    return True


@pytest.mark.parametrize("percent", [100, 200])
def test_nothing_is_cut_off_that_cannot_be_scrolled_to(window: MainWindow, page: QWidget, percent: int) -> None:
    window.settings.setValue("font size", percent)
    window.apply_theme()
    QApplication.processEvents()
    try:
        assert (window.width(), window.height()) == (1280, 800)
        assert cut(page) == []
        assert [said(widget) for widget in controls(page) if widget.isVisible() and not reachable(widget)] == []
    finally:
        window.settings.setValue("font size", 100)
        window.apply_theme()


def test_no_dialog_is_larger_than_the_screen(window: MainWindow, dialog: QWidget) -> None:
    room = window.screen().availableGeometry()
    assert dialog.width() <= room.width()
    assert dialog.height() <= room.height()
