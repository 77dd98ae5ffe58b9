"""Where things stand on the paper of a score, most of whose pages may not be engraved yet.

Lengths are pixels of the engraving: the page's own, or the paper's, on which pages follow one another without a gap.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from engine.folk.engrave import Score
from engine.folk.flatten import Box, Page

_LOOK = 64      # notes that may be passed over as they are not drawn
_NAME = re.compile(r"[ngm]\d+")


def name_of(identifier: str) -> str:
    """The id of the note or chord that a head or a tied piece belongs to: `n120` of `n120t1c0`."""
    match = _NAME.match(identifier)
    return match[0] if match else identifier


@dataclass(frozen=True)
class Row:
    """One line of music."""

    top: float          # of the staff
    bottom: float
    high: float         # highest head or the staff's top
    low: float          # lowest head or the staff's bottom
    right: float        # end of its last measure


def row_of(boxes: Sequence[Box]) -> Row:
    """The line of music that these boxes are all the boxes of."""
    top, bottom = boxes[0].staff_top, boxes[0].staff_bottom
    return Row(top, bottom, min(top, *(box.y for box in boxes)), max(bottom, *(box.y + box.h for box in boxes)),
               max(box.x + box.w for box in boxes))


class PlacedPage:
    """A page, and what is on it by the names of notes."""

    def __init__(self, page: Page, score: Score) -> None:
        self.page, self._score = page, score
        self.heads: dict[str, list[Box]] = {}
        rows: dict[float, list[Box]] = {}
        for identifier, box in score.boxes.items():
            if identifier[0] != "m":
                self.heads.setdefault(name_of(identifier), []).append(box)
            rows.setdefault(box.staff_top, []).append(box)
        self.rows = {top: row_of(boxes) for top, boxes in rows.items()}

    def at(self, x: float, y: float, reach: float) -> str | None:
        """Name of the nearest note, rest or grace note within `reach`."""
        found = self._score.at(x, y, self._score.first, reach)
        return None if found is None else name_of(found)


class ScorePages:
    """The pages of one engraving; those that are not there yet are as high as the others on average."""

    def __init__(self, score: Score) -> None:
        self.count = score.count
        self.names = list(score.onsets)                                     # of notes, in the order of the tune
        self.order = {name: index for index, name in enumerate(self.names)}
        self.placed: dict[int, PlacedPage] = {}
        self._of: dict[str, int] = {}                                       # the first page a note is on
        self.add(score)

    def add(self, score: Score) -> None:
        """More pages of the same engraving."""
        boxes: dict[int, dict[str, Box]] = {}
        for identifier, box in score.boxes.items():
            boxes.setdefault(box.page, {})[identifier] = box
        for number, page in enumerate(score.pages, score.first):
            alone = replace(score, pages=(page,), first=number, boxes=boxes.get(number, {}), onsets={})
            self.placed[number] = PlacedPage(page, alone)
            for name in self.placed[number].heads:
                self._of[name] = min(number, self._of.get(name, number))
        known = [placed.page.height for placed in self.placed.values()]
        usual = sum(known) / len(known) if known else 0.0
        heights = [self.placed[n].page.height if n in self.placed else usual for n in range(self.count)]
        self.tops = [0.0, *accumulate(heights)]

    @property
    def width(self) -> float:
        """Of the paper."""
        return max((placed.page.width for placed in self.placed.values()), default=0.0)

    @property
    def height(self) -> float:
        """Of the paper, as far as is known."""
        return self.tops[-1]

    def page_at(self, y: float) -> int:
        """Number of the page at a height of the paper."""
        return min(max(bisect_right(self.tops, y) - 1, 0), max(self.count - 1, 0))

    def between(self, top: float, bottom: float) -> range:
        """The pages between two heights of the paper."""
        return range(self.page_at(top), self.page_at(bottom) + 1) if self.count else range(0)

    def page_of(self, name: str) -> int | None:
        """The page of a note; a guess where that page is not there, None for a note that is not in the tune."""
        if name in self._of or name not in self.order:
            return self._of.get(name)
        return min(self.count - 1, self.order[name] * self.count // len(self.order))

    def box(self, name: str) -> Box | None:
        """First head of a note; None if its page is not there or nothing of it is drawn."""
        page = self._of.get(name)
        return None if page is None else self.placed[page].heads[name][0]

    def row(self, box: Box) -> Row:
        """The line of music that a box is in."""
        return self.placed[box.page].rows[box.staff_top]

    def at(self, x: float, y: float, reach: float) -> str | None:
        """Name of what is nearest to a point of the paper, within `reach`."""
        number = self.page_at(y)
        return self.placed[number].at(x, y - self.tops[number], reach) if number in self.placed else None

    def step(self, name: str, by: int) -> str | None:
        """The note before (-1) or behind (1) another one; what is not drawn is passed over."""
        at = self.order.get(name)
        if at is None:
            return None
        beyond = self.names[at + 1:at + 1 + _LOOK] if by > 0 else self.names[max(0, at - _LOOK):at][::-1]
        return next((name for name in beyond if name in self._of), beyond[0] if beyond else None)

    def edge(self, name: str, by: int) -> str:
        """The first (-1) or last (1) note of the line that a note is in."""
        box, here = self.box(name), name
        while box is not None and (there := self.step(here, by)) is not None:
            beyond = self.box(there)
            if beyond is None or (beyond.page, beyond.staff_top) != (box.page, box.staff_top):
                break
            here = there
        return here
