"""Every action by a few letters of its name (Ctrl+Shift+P): the last ones first, with their keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QBrush, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QDialog, QHeaderView, QLineEdit, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget
from shiboken6 import isValid

from gui.theme import DARK, SPACING, Theme, colour, scaled

NAVIGATION = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -8, Qt.Key.Key_PageDown: 8}
MOST_RECENT = 8         # of what was run last stand first
SIZE = (600, 420)       # px
ROLE = Qt.ItemDataRole.UserRole
NOT_NOW = "not now"     # why an action cannot be done that does not say itself


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


def keys(action: QAction) -> str:
    """All keys of an action, as this system writes them."""
    return " or ".join(key.toString(QKeySequence.SequenceFormat.NativeText) for key in action.shortcuts())


def why_not(action: QAction) -> str:
    """Why an action cannot be done now: what its tip says beyond its name, if it does; "" if it can be done."""
    if action.isEnabled():
        return ""
    tip = action.toolTip()
    return tip if tip and tip != action.iconText() and title(action) != tip else NOT_NOW


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
    """Type, choose with the arrow keys, Enter runs it, Esc leaves.

    What cannot be done now stands below, in quiet ink, and says why.

    Parameters
    ----------
    recent
        Titles of what was run before, the last first.
    remember
        Is told these titles whenever they change.
    """

    def __init__(self, parent: QWidget | None = None, *, recent: Sequence[str] = (),
                 remember: Callable[[list[str]], object] | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setWindowTitle("Commands")
        self.setAccessibleName("Commands")
        self.theme, self.recent, self._remember = DARK, list(recent), remember
        self._actions: list[QAction] = []
        self._query, self._list = QueryEdit(), QTreeWidget()
        self._query.setPlaceholderText("Type a command")
        self._query.setAccessibleName("Command")
        self._query.setToolTip("A few letters of its name, in order; Up and Down choose, Enter runs it")
        self._list.setAccessibleName("Matching commands")
        self._list.setColumnCount(2)
        self._list.setHeaderHidden(True)
        self._list.setRootIsDecorated(False)
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setUniformRowHeights(True)
        header = self._list.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACING, SPACING, SPACING, SPACING)
        column.addWidget(self._query)
        column.addWidget(self._list)
        self._query.textChanged.connect(self._filter)
        self._query.navigated.connect(self._navigate)
        self._list.itemActivated.connect(lambda _: self._run())
        self._list.itemClicked.connect(lambda _: self._run())

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self.theme = theme

    def ask(self, actions: Sequence[QAction]) -> None:
        """Offer these actions; those without text are left out."""
        self._actions = [action for action in actions if title(action) and not action.isSeparator()]
        self._query.clear()
        self._filter("")
        parent = self.parentWidget()
        self.resize(*map(scaled, SIZE))
        if parent is not None:
            self.resize(min(self.width(), parent.width()), min(self.height(), parent.height() * 3 // 4))
            top = parent.mapToGlobal(parent.rect().topLeft())
            self.move(top.x() + (parent.width() - self.width()) // 2, top.y() + parent.height() // 8)
        self.show()
        self._query.setFocus()

    def _filter(self, query: str) -> None:
        self._list.clear()
        self._actions = [action for action in self._actions if isValid(action)]  # menus are filled anew now and then
        ranked = [(likeness(query, title(action)), action) for action in self._actions]
        fitting = [(score, action) for score, action in ranked if score is not None]
        for _, action in sorted(fitting, key=lambda pair: (not pair[1].isEnabled(), self._rank(pair[1], query),
                                                           -pair[0] if query else 0.0)):
            self._add(action)
        first = self._list.topLevelItem(0)
        if first is not None:
            self._list.setCurrentItem(first)

    def _rank(self, action: QAction, query: str) -> int:
        """Place among what was run last, while nothing has been typed."""
        return self.recent.index(title(action)) if not query and title(action) in self.recent else MOST_RECENT

    def _add(self, action: QAction) -> None:
        refused = why_not(action)
        item = QTreeWidgetItem(self._list, [title(action) + (f" – {refused}" if refused else ""), keys(action)])
        item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        item.setData(0, ROLE, self._actions.index(action))
        item.setToolTip(0, item.text(0))
        for column in (0, 1) if refused else (1,):
            item.setForeground(column, QBrush(colour(self.theme.muted)))

    def _run(self) -> None:
        item = self._list.currentItem()
        if item is None or not isValid(action := self._actions[item.data(0, ROLE)]) or not action.isEnabled():
            return
        self.close()
        self.recent = [title(action), *(name for name in self.recent if name != title(action))][:MOST_RECENT]
        if self._remember is not None:
            self._remember(self.recent)
        action.trigger()

    def _navigate(self, key: int) -> None:
        step = NAVIGATION.get(Qt.Key(key))
        if step is None:
            self._run()
            return
        row = self._list.currentIndex().row() + step
        item = self._list.topLevelItem(min(max(row, 0), self._list.topLevelItemCount() - 1))
        if item is not None:
            self._list.setCurrentItem(item)
