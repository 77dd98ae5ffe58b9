"""The way back: from one state of the book to another, what was typed in one go at once."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtGui import QUndoCommand

from engine.folk.edits import Edit
from gui.session import PAUSE_SECONDS

if TYPE_CHECKING:
    from gui.compose_page.tunes import State, Tunes


class Change(QUndoCommand):
    """From one state to another; letters typed in one go are one change."""

    def __init__(self, tunes: Tunes, before: State, after: State, words: str, typed: Edit | None) -> None:
        super().__init__(words)
        self.tunes, self.before, self.after, self.typed, self.when = tunes, before, after, typed, time.monotonic()

    def undo(self) -> None:
        """As it was."""
        self.tunes.put(self.before)

    def redo(self) -> None:
        """As it became."""
        self.tunes.put(self.after)

    def id(self) -> int:
        """Only typing is ever joined."""
        return 1 if self.typed is not None else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Join a letter that was typed right behind, or taken away right before, within the same word or bar."""
        assert isinstance(other, Change)
        mine, its = self.typed, other.typed
        if mine is None or its is None or other.when - self.when > PAUSE_SECONDS:
            return False
        if self.before.current != other.before.current:
            return False
        typing = mine.start == mine.stop and its == Edit(mine.start + len(mine.text), mine.start + len(mine.text),
                                                         its.text) and "\n" not in mine.text + its.text
        deleting = not mine.text and not its.text and its.stop == mine.start
        if not typing and not deleting:
            return False
        self.after, self.when = other.after, other.when
        self.typed = (Edit(mine.start, mine.start, mine.text + its.text) if typing
                      else Edit(its.start, mine.stop, ""))
        return True
