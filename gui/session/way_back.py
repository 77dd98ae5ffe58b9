"""An edit that can be undone."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtGui import QUndoCommand

T = TypeVar("T")
PAUSE_SECONDS = 1.2     # what is done after a longer pause is undone by itself
MOST_UNDONE = 1000


class Change(QUndoCommand, Generic[T]):
    """From one value to another.

    Parameters
    ----------
    put
        Makes a value hold.
    before, after
        Values that never change themselves.
    words
        What was done, as it stands behind "Undo": "moving the excerpt".
    kind
        Changes of one kind that follow each other quickly, as of a slider that is dragged, are undone as one; empty:
        this one stays by itself.
    """

    def __init__(self, put: Callable[[T], object], before: T, after: T, words: str, kind: str = "") -> None:
        super().__init__(words)
        self.put, self.before, self.after, self.kind, self.when = put, before, after, kind, time.monotonic()

    def undo(self) -> None:
        """As it was."""
        self.put(self.before)

    def redo(self) -> None:
        """As it became."""
        self.put(self.after)

    def id(self) -> int:
        """Only what has a kind is ever joined."""
        return 2 if self.kind else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Join what follows at once; what has come back to where it began is nothing to undo."""
        if not isinstance(other, Change) or other.kind != self.kind or other.when - self.when > PAUSE_SECONDS:
            return False
        self.after, self.when = other.after, other.when
        self.setObsolete(bool(self.after == self.before))
        return True
