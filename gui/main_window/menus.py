"""The menus: every action once, with its key; the command palette lists the same ones."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence, QUndoGroup, QUndoStack
from PySide6.QtWidgets import QDialog, QFileDialog, QMenu, QWidget

from engine.checks import InputError
from gui.dialogs.about import AboutDialog
from gui.dialogs.glossary import GlossaryDialog
from gui.dialogs.preferences import preference
from gui.dialogs.shortcuts import ShortcutsDialog
from gui.main_window.pages import Page
from gui.main_window.session_menu import SessionMenu
from gui.main_window.switcher import key_of
from gui.theme import Theme
from gui.views.actions import Export, add, add_choice, show_choice
from gui.views.notifications import KEY
from gui.views.plain_text import as_tip

if TYPE_CHECKING:
    from gui.main_window.window import MainWindow

StandardKey = QKeySequence.StandardKey


class Menus:
    """The menu bar: what the window can do, and what the page in sight can."""

    def __init__(self, window: MainWindow) -> None:
        self._window, self._undo = window, QUndoGroup(window)
        self._own: dict[str, QMenu] = {}
        self._filing: list[QAction] = []
        bar = window.menuBar()
        self._file(bar.addMenu("&File"))
        self._edit(bar.addMenu("&Edit"))
        self._view(bar.addMenu("&View"))
        self._help = bar.addMenu("&Help")
        add(self._help, "Command palette …", window.show_palette, "Ctrl+Shift+P")
        add(self._help, "Notifications", window.notifications.toggle, KEY)
        add(self._help, "Keyboard shortcuts",
            lambda: _show(ShortcutsDialog(window.sections(), window.theme, window)), "F1")
        add(self._help, "Glossary", lambda: _show(GlossaryDialog(window.theme, window)), "Shift+F1")
        add(self._help, "Tour of this page", window.show_tour)
        self._help.addSeparator()
        add(self._help, "About Otoscope", lambda: _show(AboutDialog(window.theme, window)))

    def add_page(self, page: Page) -> None:
        """A menu of its own for a page that was built."""
        menu = QMenu(f"&{page.title}", self._window)
        page.menu(menu)
        self._window.menuBar().insertMenu(self._help.menuAction(), menu)
        menu.menuAction().setVisible(False)
        self._own[page.title] = menu

    def turn(self, page: Page) -> None:
        """Offer what the page in sight can do, and nothing of the others; hidden menus have no keys."""
        for title, menu in self._own.items():
            menu.menuAction().setVisible(title == page.title)
        self._pages[page.title].setChecked(True)
        assert isinstance(page, QWidget)
        self._undo.setActiveStack(page.findChild(QUndoStack))  # type: ignore[arg-type]  # None where there is none
        self._open.setText(f"&Open {self._window.files.asks_for} …")
        for action in self._filing:
            self._files.removeAction(action)
        self._filing = [add(self._files, *one) for one in page.filing()]
        for action in self._filing:
            self._files.insertAction(self._export.menuAction(), action)
        self._sessions.turn(key for _, _, key in page.filing())
        self._export.clear()
        for export in page.exports():
            add(self._export, export[0], partial(_save, self._window, page, export))
        self._export.setEnabled(not self._export.isEmpty())

    def sections(self, page: Page) -> list[tuple[str, list[QAction]]]:
        """Everything that can be done now, menu by menu, and by keys of the page in sight."""
        menus = [(menu.text().replace("&", ""), _leaves(cast(QMenu, menu.menu())))
                 for menu in self._window.menuBar().actions() if menu.isVisible() and menu.menu() is not None]
        return [*menus, ("While it plays", _keyed(page))]

    def set_theme(self, theme: Theme) -> None:
        """The choice of themes says which is kept, wherever it was chosen."""
        show_choice(self._themes, preference(self._window.settings, "theme"))

    def offer(self, path: Path | None) -> None:
        """A file that is open on another page, to be opened here too."""
        self._too.setVisible(path is not None)
        self._too.setText(f"Open “{path.name}” &here too" if path else "")

    def _file(self, menu: QMenu) -> None:
        window = self._window
        self._files = menu
        self._open: QAction = add(menu, "&Open …", window.files.ask_open, StandardKey.Open)
        self._too = add(menu, "", window.files.open_offered, "Ctrl+Shift+O")
        add(menu, "Open &demo", window.files.open_demo)
        window.own_models.fill(menu.addMenu("&Models"))
        recent = menu.addMenu("Open &recent")
        recent.aboutToShow.connect(lambda: _fill_recent(recent, window))
        menu.addSeparator()
        self._sessions = SessionMenu(menu, window)
        menu.addSeparator()
        self._export: QMenu = menu.addMenu("&Export")
        menu.addSeparator()
        add(menu, "&Quit", window.close, StandardKey.Quit)

    def _edit(self, menu: QMenu) -> None:
        undo, redo = self._undo.createUndoAction(menu, "&Undo"), self._undo.createRedoAction(menu, "&Redo")
        undo.setShortcut(QKeySequence("Ctrl+Z"))
        redo.setShortcut(QKeySequence("Ctrl+Shift+Z"))
        menu.addActions([undo, redo])
        menu.addSeparator()
        add(menu, "&Preferences …", self._window.preferring.ask, "Ctrl+,")

    def _view(self, menu: QMenu) -> None:
        window, group = self._window, QActionGroup(menu)
        self._pages: dict[str, QAction] = {}
        for number, title in enumerate(window.stack.entries, 1):
            action = add(menu, f"Page: {title}", partial(window.stack.show_page, title), key_of(number))
            action.setCheckable(True)
            group.addAction(action)
            self._pages[title] = action
        menu.addSeparator()
        self._themes = add_choice(menu, "Theme: ", {"as the system": "system", "dark": "dark", "light": "light"},
                                  preference(window.settings, "theme"), window.apply_theme)


def _show(dialog: QDialog) -> None:
    """Beside the window, until it is closed."""
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.show()


def _fill_recent(menu: QMenu, window: MainWindow) -> None:
    menu.clear()
    for path in window.files.recent():
        add(menu, Path(path).name, partial(window.open, path)).setToolTip(as_tip(path))
    if menu.isEmpty():
        add(menu, "Nothing yet", lambda: None).setEnabled(False)


def _save(window: MainWindow, page: Page, export: Export) -> None:
    _, name, filters, write = next((now for now in page.exports() if now[0] == export[0]), export)
    folder = Path(str(window.settings.value("export folder", "")))
    chosen = QFileDialog.getSaveFileName(window, "Export", str(folder / name), filters)[0] if filters else \
        QFileDialog.getExistingDirectory(window, f"Folder for {name}", str(folder))
    if not chosen:
        return
    path = Path(chosen)
    path = path if path.suffix or not filters else path.with_suffix(Path(name).suffix)
    try:
        write(path)
    except InputError as error:
        window.complain(str(error))
        return
    window.settings.setValue("export folder", str(path.parent if filters else path))
    if filters:
        window.statusBar().showMessage(f"Written: {path}", 10000)


def _leaves(menu: QWidget) -> list[QAction]:
    found: list[QAction] = []
    for action in menu.actions():
        inner: Any = action.menu()
        if action.isVisible():
            found += _leaves(inner) if inner is not None else [] if action.isSeparator() else [action]
    return found


def _keyed(page: object) -> list[QAction]:
    """Actions with keys that belong to widgets of a page, such as those of its transport bar."""
    assert isinstance(page, QWidget)
    return [action for widget in page.findChildren(QWidget) for action in widget.actions()
            if action.shortcuts() and action.parent() is widget]
