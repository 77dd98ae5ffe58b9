"""Marks in a text that move with it: where each begins and ends, and what becomes of those whose text is changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Generic, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.folk.edits import Edit

T = TypeVar("T")
Touched = Literal["keep", "cut", "drop"]
Offsets = NDArray[np.int64]


class Spans(Generic[T]):
    """Spans `start:stop` of a text, each with a value, in order of their starts.

    Parameters
    ----------
    spans : iterable of (int, int, value)
        Offsets in characters.
    touched : {"keep", "cut", "drop"}
        What becomes of a span whose own text is edited: it stays, from the first to the last character that is left;
        it loses the part that was edited (and may fall in two); or it goes.
    """

    def __init__(self, spans: Iterable[tuple[int, int, T]] = (), *, touched: Touched) -> None:
        self.touched: Touched = touched
        rows = sorted(spans, key=lambda row: row[:2])
        self.starts: Offsets = np.array([row[0] for row in rows], np.int64)
        self.stops: Offsets = np.array([row[1] for row in rows], np.int64)
        self.values: list[T] = [row[2] for row in rows]
        self._apart = bool((np.diff(self.stops) >= 0).all())    # then they can be found by halving

    def __len__(self) -> int:
        """How many there are."""
        return len(self.values)

    def rows(self) -> list[tuple[int, int, T]]:
        """All of them."""
        return list(zip(self.starts.tolist(), self.stops.tolist(), self.values, strict=True))

    def between(self, start: int, stop: int) -> list[tuple[int, int, T]]:
        """Those that reach into `start:stop`, an empty one at its edge included."""
        if self._apart:
            first, behind = np.searchsorted(self.stops, start), np.searchsorted(self.starts, stop, side="right")
            found: Iterable[int] = range(int(first), int(behind))
        else:
            found = np.flatnonzero((self.starts <= stop) & (self.stops >= start)).tolist()
        return [(int(self.starts[i]), int(self.stops[i]), self.values[i]) for i in found]

    def at(self, offset: int) -> tuple[int, int, T] | None:
        """The shortest span around the character at an offset; None where there is none."""
        around = [span for span in self.between(offset, offset) if span[0] <= offset < max(span[1], span[0] + 1)]
        return min(around, key=lambda span: span[1] - span[0], default=None)

    def move(self, edits: Sequence[Edit]) -> None:
        """Follow edits that count their offsets in the text before all of them, in order and apart."""
        if not len(self) or not edits or (len(edits) == 1 and self._shift(edits[0])):
            return
        starts, stops, passed = _arrays(edits)
        first = np.searchsorted(stops, self.starts, side="right")
        hit = (first < len(edits)) & (np.append(starts, np.iinfo(np.int64).max)[first] < self.stops)
        moved_starts, moved_stops = self.starts + passed[first], self.stops + passed[first]
        if not hit.any():
            self.starts, self.stops = moved_starts, moved_stops
            return
        left: list[tuple[int, int, int]] = []
        for i in np.flatnonzero(hit).tolist() if self.touched != "drop" else ():
            inside = edits[first[i]:int(np.searchsorted(starts, self.stops[i], side="left"))]
            pieces = _untouched(int(self.starts[i]), int(self.stops[i]), inside, int(passed[first[i]]))
            if pieces and self.touched == "keep":
                pieces = [(pieces[0][0], pieces[-1][1])]
            left += [(*piece, i) for piece in pieces]
        added = np.array(left, np.int64).reshape(-1, 3)
        all_starts = np.concatenate([moved_starts[~hit], added[:, 0]])
        order = np.argsort(all_starts, kind="stable")
        numbers = np.concatenate([np.flatnonzero(~hit), added[:, 2]])[order]
        self.starts, self.stops = all_starts[order], np.concatenate([moved_stops[~hit], added[:, 1]])[order]
        self.values = [self.values[i] for i in numbers.tolist()]
        self._apart = bool((np.diff(self.stops) >= 0).all())

    def _shift(self, edit: Edit) -> bool:
        """Follow one edit that touches none, which is what most keys do; False where it does."""
        behind = int(np.searchsorted(self.starts, edit.stop))
        if not self._apart or (behind and self.stops[behind - 1] > edit.start):
            return False
        grown = len(edit.text) - (edit.stop - edit.start)
        self.starts[behind:] += grown
        self.stops[behind:] += grown
        return True


def shifted(offset: int, edits: Sequence[Edit]) -> int:
    """Where a place in the text is behind edits: behind what was inserted at it or put in place of it."""
    moved = offset
    for edit in edits:
        if edit.start <= offset:
            moved += len(edit.text) - (min(edit.stop, offset) - edit.start)
    return moved


def _arrays(edits: Sequence[Edit]) -> tuple[Offsets, Offsets, Offsets]:
    """Starts, stops, and how far text moves behind the first n edits."""
    grown = [len(edit.text) - (edit.stop - edit.start) for edit in edits]
    return (np.array([edit.start for edit in edits], np.int64), np.array([edit.stop for edit in edits], np.int64),
            np.concatenate([[0], np.cumsum(grown)]).astype(np.int64))


def _untouched(start: int, stop: int, edits: Sequence[Edit], offset: int) -> list[tuple[int, int]]:
    """What edits leave of a span, where it then is; `offset` is how far text moves that is before them all."""
    pieces, at = [], start
    for edit in edits:
        pieces.append((at + offset, edit.start + offset))
        offset += len(edit.text) - (edit.stop - edit.start)
        at = edit.stop
    pieces.append((at + offset, stop + offset))
    return [piece for piece in pieces if piece[1] > piece[0]]
