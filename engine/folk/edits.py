"""Changes of a text, as values: so that they can be undone, and so that what stands in the text can move along."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edit:
    """`text[start:stop]` gives way to another text."""

    start: int          # offset in characters
    stop: int
    text: str

    def apply(self, before: str) -> str:
        """The text behind it."""
        return before[:self.start] + self.text + before[self.stop:]

    def inverse(self, before: str) -> Edit:
        """What undoes it, given the text before it."""
        return Edit(self.start, self.start + len(self.text), before[self.start:self.stop])


def applied(before: str, edits: Sequence[Edit]) -> str:
    """The text behind several edits; each counts its offsets in the text before all of them, and none overlap."""
    pieces, at = [], 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.stop)):
        pieces += [before[at:edit.start], edit.text]
        at = edit.stop
    return "".join([*pieces, before[at:]])


def difference(before: str, after: str, *, around: int | None = None) -> Edit | None:
    """The shortest single edit that makes one text of another; None if they are equal.

    Parameters
    ----------
    around : int, optional
        Where the text was edited, behind the change (the cursor): among equally short edits the one that ends there.
    """
    if before == after:
        return None
    most = min(len(before), len(after))
    head = _common(before, after, most)
    if around is not None:
        head = min(head, max(0, around - max(0, len(after) - len(before))))
    tail = _common(before[::-1], after[::-1], most - head)
    return Edit(head, len(before) - tail, after[head:len(after) - tail])


def _common(one: str, other: str, most: int) -> int:
    """Length of the common beginning, at most so long: halving, for comparing slices is faster than characters."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def shifted(offset: int, edits: Sequence[Edit]) -> int:
    """Where a place of the text stands behind several edits; one within an edit stands at its end."""
    at = offset
    for edit in edits:
        if edit.start < offset:
            at += len(edit.text) - (min(edit.stop, offset) - edit.start)
    return at
