"""The tune book: which tune is open, and what is wished for the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal, SignalInstance
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QListView, QToolButton, QVBoxLayout, QWidget

from gui.theme import DARK, SPACING, Theme, tabular
from gui.views.plain_text import counted
from gui.views.rows_view import RowsView
from gui.views.tune_icons import put_icon
from gui.views.tune_rows import TuneDelegate, TuneEntry, TuneRows

FILTER_ABOVE = 8      # tunes; fewer are seen at once
NO_TUNES = "No tunes yet.\nBegin one with +"
NO_MATCH = "No title has this text."


class TuneList(QWidget):
    """Shows what it is given and says what is wished for; a wish changes nothing before it is shown."""

    chosen = Signal(int)             # key
    renamed = Signal(int, str)       # key, title
    add_asked = Signal()
    duplicate_asked = Signal(int)    # key
    remove_asked = Signal(int)       # key
    moved = Signal(int, int)         # key, place among the others from 0

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = DARK
        self._key: int | None = None
        self.rows = TuneRows()
        self.view = RowsView("Tunes", self.rows, TuneDelegate(), empty=NO_TUNES)
        self.filter, self.count = QLineEdit(), QLabel()
        self._lay_out()
        self._set_up_view()
        self.filter.textChanged.connect(self._find)
        self.filter.installEventFilter(self)
        self.rows.renamed.connect(self.renamed)
        self.rows.moved.connect(self.moved)
        self.view.current_changed.connect(self._current)
        self.setAccessibleName("Tune book")
        self.show_tunes(())

    # building

    def _lay_out(self) -> None:
        self.filter.setPlaceholderText("Find a tune")
        self.filter.setClearButtonEnabled(True)
        self.filter.setAccessibleName("Find a tune")
        self.filter.setToolTip("Show the tunes with this text in their title only")
        self.count.setFont(tabular(self.font(), -1.0))
        self.count.setAccessibleName("How many tunes")
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACING, SPACING, SPACING, SPACING)
        column.setSpacing(SPACING)
        column.addWidget(self.filter)
        column.addWidget(self.view, 1)
        row = QHBoxLayout()
        row.setSpacing(SPACING // 2)
        self.add = self._button("New tune", "Begin another tune", self.add_asked.emit)
        self.duplicate = self._button("Duplicate", "A copy behind the chosen one", self._ask(self.duplicate_asked))
        self.remove = self._button("Remove", "Take the chosen one out of the book (Del)", self._ask(self.remove_asked))
        for button in (self.add, self.duplicate, self.remove):
            row.addWidget(button)
        row.addStretch()
        row.addWidget(self.count)
        column.addLayout(row)

    def _button(self, name: str, tip: str, done: Callable[[], object]) -> QToolButton:
        button = QToolButton()
        button.setAccessibleName(name)
        button.setToolTip(f"{name}: {tip[0].lower()}{tip[1:]}")
        button.clicked.connect(lambda checked: done())
        return button

    def _set_up_view(self) -> None:
        view = self.view
        view.setEditTriggers(QListView.EditTrigger.DoubleClicked | QListView.EditTrigger.EditKeyPressed)
        view.setDragDropMode(QListView.DragDropMode.InternalMove)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        view.setAccessibleDescription("F2 renames, Del removes, Alt+Up and Alt+Down move the chosen tune")
        self.actions_on_one = [
            self._action("Rename", "F2", lambda: view.edit(view.currentIndex())),
            self._action("Duplicate", None, self._ask(self.duplicate_asked)),
            self._action("Move up", "Alt+Up", lambda: self.rows.move(view.row, view.row - 1)),
            self._action("Move down", "Alt+Down", lambda: self.rows.move(view.row, view.row + 1)),
            self._action("Remove", "Del", self._ask(self.remove_asked))]
        view.addActions([self._action("New tune", None, self.add_asked.emit), *self.actions_on_one])

    def _action(self, text: str, key: str | None, done: Callable[[], object]) -> QAction:
        action = QAction(text, self.view)
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        if key is not None:
            action.setShortcut(QKeySequence(key))
        action.triggered.connect(lambda checked: done())
        return action

    def _ask(self, wish: SignalInstance) -> Callable[[], None]:
        """What sends a wish for the current tune."""
        def send() -> None:
            if self.view.row >= 0:
                wish.emit(self.rows.values[self.view.row].key)
        return send

    # what holds

    def set_theme(self, theme: Theme) -> None:
        """Colours and icons."""
        self.theme = theme
        self.view.set_theme(theme)
        self.count.setStyleSheet(f"color: {theme.muted}")
        for button, name in ((self.add, "plus"), (self.duplicate, "duplicate"), (self.remove, "remove")):
            put_icon(button, name, theme)

    def show_tunes(self, entries: Sequence[TuneEntry]) -> None:
        """Show these; the chosen one stays chosen. Emits nothing."""
        many = len(entries) > FILTER_ABOVE
        if not many:
            self.filter.clear()
        self.filter.setVisible(many)
        self.rows.set_entries(entries)
        self._restore()
        self._say()

    def choose(self, key: int) -> None:
        """Make a tune the chosen one. Emits nothing."""
        self._key = key
        if self.rows.row_of(key) < 0:
            self.filter.clear()
        self._restore()

    def _restore(self) -> None:
        row = self.rows.row_of(self._key)
        self.view.show_row(row)
        for button in (self.duplicate, self.remove):
            button.setEnabled(row >= 0)
        for action in self.actions_on_one:
            action.setEnabled(row >= 0)

    def _find(self, text: str) -> None:
        self.rows.set_wanted(text)
        self._restore()
        self._say()

    def _say(self) -> None:
        shown, all_of_them = len(self.rows.values), len(self.rows.entries)
        tunes = counted(all_of_them, "tune")
        self.count.setText(tunes if shown == all_of_them else f"{shown:,} of {tunes}")
        self.view.set_empty(NO_MATCH if all_of_them else NO_TUNES)

    def _current(self, row: int) -> None:
        if row >= 0:
            self._key = self.rows.values[row].key
            self._restore()
            self.chosen.emit(self._key)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Down and Enter go from the field to the tunes, Esc empties it."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.rows.values:
                self.view.setFocus()
                if self.view.row < 0:
                    self.view.setCurrentIndex(self.rows.index(0))
                return True
            if event.key() == Qt.Key.Key_Escape and self.filter.text():
                self.filter.clear()
                return True
        return super().eventFilter(watched, event)
