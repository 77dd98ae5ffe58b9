"""Typing ABC: lists of what can be written, header fields that follow each other, words that keep their letter."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtGui import QFocusEvent, QInputMethodEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

from engine.folk.edits import Edit
from gui.theme import Theme
from gui.views.abc_completion import OfferList
from gui.views.abc_offers import header_of, next_line, offers
from gui.views.lined_editor import LinedEditor
from gui.views.plain_editor import name_of

LIST_KEYS = {"Esc", "Return", "Enter", "Tab", "Up", "Down", "PgUp", "PgDown"}
BREAKS = {"Return", "Enter", "Shift+Return", "Shift+Enter"}


class AbcTyping(LinedEditor):
    """A text that helps with what is tedious to type."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._empty_field: tuple[int, int] | None = None    # offered by Enter, and nobody has filled it in yet
        self._offered_at = 0
        self._list = OfferList(self)
        self._list.chosen.connect(self._write_offer)
        self.edited.connect(self._forget_field)
        self.verticalScrollBar().valueChanged.connect(self._list.hide)
        self.horizontalScrollBar().valueChanged.connect(self._list.hide)

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        super().set_theme(theme)
        self._list.set_theme(theme)

    def load(self, text: str, cursor: int = 0) -> None:
        """Show another text."""
        self._list.hide()
        self._empty_field = None
        super().load(text, cursor)

    def may_offer(self) -> bool:
        """Whether the list may open by itself now."""
        return True

    def event(self, ev: QEvent) -> bool:
        """The open list is served before shortcuts and before Tab moves the focus."""
        if isinstance(ev, QKeyEvent) and self._list.isVisible() and name_of(ev) in LIST_KEYS:
            if ev.type() == QEvent.Type.ShortcutOverride:
                ev.accept()
                return True
            if ev.type() == QEvent.Type.KeyPress and self._list.takes(ev.key()):
                return True
        return super().event(ev)

    def keyPressEvent(self, ev: QKeyEvent) -> None:
        """Enter and Backspace know fields; what is typed opens and narrows the list."""
        keys, before, place = name_of(ev), self._text, self._places()
        if keys == "Ctrl+Space":
            self.offer(asked=True)
        elif keys in BREAKS:
            self._break()
        elif keys == "Backspace" and self._at_empty_field():
            self._remove_field()
        else:
            super().keyPressEvent(ev)
            if self._text != before:
                self.offer(asked=False)
            elif self._places() != place:
                self._list.hide()

    def inputMethodEvent(self, ev: QInputMethodEvent) -> None:
        """What an input method composes is typing too."""
        super().inputMethodEvent(ev)
        if ev.commitString():
            self.offer(asked=False)

    def mousePressEvent(self, ev: QMouseEvent) -> None:
        """Somewhere else, something else fits."""
        self._list.hide()
        super().mousePressEvent(ev)

    def focusOutEvent(self, ev: QFocusEvent) -> None:
        """No list without the keyboard."""
        self._list.hide()
        super().focusOutEvent(ev)

    def offer(self, *, asked: bool) -> None:
        """Open the list of what fits at the cursor; close it where nothing does."""
        at, (start, stop) = self.cursor(), self.selection()
        if start != stop or not (asked or self.may_offer()):
            self._list.hide()
            return
        begin = self._text.rfind("\n", 0, at) + 1
        end = self._text.find("\n", at)
        line = self._text[begin:end if end >= 0 else len(self._text)]
        column, found = offers(line, at - begin, header=header_of(self._text, at)[0], asked=asked)
        typed = line[column:at - begin]
        if not asked and [offer.text for offer in found] == [typed]:
            found = ()      # it stands there already
        self._offered_at = begin + column
        beside = self.cursorRect(self._cursor_at(self._offered_at, self._offered_at))
        room = self.viewport().geometry()
        self._list.offer(found, typed, beside.translated(room.topLeft()), room)

    def _write_offer(self, text: str) -> None:
        at = self.cursor()
        stop = at + (text.endswith("!") and self._text[at:at + 1] == "!")
        self.type(Edit(self._offered_at, stop, text))
        if text.endswith(":"):
            self.offer(asked=False)

    def _break(self) -> None:
        """Enter: an offered field that stayed empty goes; else a new line, with the field that comes next."""
        self._list.hide()
        if self._at_empty_field():
            self._remove_field()
            return
        start, stop = self.selection()
        edit = next_line(self._text, stop) if start == stop else None
        self.type(edit or Edit(start, stop, "\n"))
        if edit is not None:
            self._empty_field = (edit.start + 1, self.cursor())
            self.offer(asked=False)

    def _remove_field(self) -> None:
        assert self._empty_field is not None  # the cursor is behind it
        self._list.hide()
        self.type(Edit(*self._empty_field, ""))

    def _at_empty_field(self) -> bool:
        here = self.cursor()
        return self._empty_field is not None and self.selection() == (here, here) and here == self._empty_field[1]

    def _forget_field(self) -> None:
        self._empty_field = None
