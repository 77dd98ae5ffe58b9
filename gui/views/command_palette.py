"""Every action by a few letters of its name (Ctrl+Shift+P)."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QDialog, QLineEdit, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from gui.theme import SPACING

NAVIGATION = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -8, Qt.Key.Key_PageDown: 8}


def likeness(query: str, text: str) -> float | None:
    """How well a query fits: all its letters occur in order; runs and beginnings of words count more.

    None where a letter is missing. Larger is better.
    """
    text, score, at, run = text.lower(), 0.0, -1, 0
    for letter in query.lower().replace(" ", ""):
        found = text.find(letter, at + 1)
        if found < 0:
            return None
        run = run + 1 if found == at + 1 else 0
        starts_word = found == 0 or not text[found - 1].isalnum()
        score += 1 + 2 * run + (4 if starts_word else 0) - 0.1 * (found - at - 1)
        at = found
    return score - 0.01 * len(text)


def title(action: QAction) -> str:
    """The action's text without mnemonic and ellipsis."""
    return action.text().replace("&&", "\0").replace("&", "").replace("\0", "&").rstrip("…").strip()


class QueryEdit(QLineEdit):
    """Keeps the letters, passes on the keys that move and choose."""

    navigated = Signal(int)

    def keyPressEvent(self, ev: QKeyEvent) -> None:
        """Up, Down, Page Up, Page Down and Enter are for the list."""
        if ev.key() in (*NAVIGATION, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.navigated.emit(ev.key())
        else:
            super().keyPressEvent(ev)


class CommandPalette(QDialog):
    """Type, choose with the arrow keys, Enter runs it, Esc leaves."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setWindowTitle("Commands")
        self._actions: list[QAction] = []
        self._query, self._list = QueryEdit(), QTreeWidget()
        self._query.setPlaceholderText("Type a command")
        self._query.setAccessibleName("Command")
        self._list.setAccessibleName("Matching commands")
        self._list.setColumnCount(2)
        self._list.setHeaderHidden(True)
        self._list.setRootIsDecorated(False)
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setUniformRowHeights(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACING, SPACING, SPACING, SPACING)
        column.addWidget(self._query)
        column.addWidget(self._list)
        self.resize(560, 380)
        self._query.textChanged.connect(self._filter)
        self._query.navigated.connect(self._navigate)
        self._list.itemActivated.connect(lambda _: self._run())
        self._list.itemClicked.connect(lambda _: self._run())

    def ask(self, actions: Sequence[QAction]) -> None:
        """Offer these actions; those disabled or without text are left out."""
        self._actions = [action for action in actions if title(action) and not action.isSeparator()]
        self._query.clear()
        self._filter("")
        parent = self.parentWidget()
        if parent is not None:
            top = parent.mapToGlobal(parent.rect().topLeft())
            self.move(top.x() + (parent.width() - self.width()) // 2, top.y() + parent.height() // 8)
        self.show()
        self._query.setFocus()

    def _filter(self, query: str) -> None:
        self._list.clear()
        ranked = [(likeness(query, title(action)), action) for action in self._actions if action.isEnabled()]
        fitting = sorted(((score, action) for score, action in ranked if score is not None),
                         key=lambda pair: -pair[0] if query else 0.0)
        for _, action in fitting:
            keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            item = QTreeWidgetItem(self._list, [title(action), keys])
            item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            item.setData(0, Qt.ItemDataRole.UserRole, self._actions.index(action))
        self._list.setColumnWidth(0, 380)
        first = self._list.topLevelItem(0)
        if first is not None:
            self._list.setCurrentItem(first)

    def _run(self) -> None:
        item = self._list.currentItem()
        if item is not None:
            self.close()
            self._actions[item.data(0, Qt.ItemDataRole.UserRole)].trigger()

    def _navigate(self, key: int) -> None:
        step = NAVIGATION.get(Qt.Key(key))
        if step is None:
            self._run()
            return
        row = self._list.currentIndex().row() + step
        item = self._list.topLevelItem(min(max(row, 0), self._list.topLevelItemCount() - 1))
        if item is not None:
            self._list.setCurrentItem(item)
