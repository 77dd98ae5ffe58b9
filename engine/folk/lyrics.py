"""Words under the notes: what the fields w: of a tune say, syllable by syllable.

A line w: sings the notes since the last such line, and further ones below it are further verses. `-` parts the
syllables of a word, `_` holds one for another note, `*` passes a note over, `|` goes on at the next bar, and `~` is a
space inside a syllable. Rests and grace notes are not sung.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from engine.folk.decorations import printable
from engine.folk.tune import Bar, Event, Field, Note

MOST_VERSES = 12
_SIGNS = re.compile(r"(?P<hyphen>-)|(?P<held>_)|(?P<passed>\*)|(?P<bar>\|)|(?P<space>\s+)|(?P<text>(?:\\-|[^-_*|\s])+)")


@dataclass(frozen=True)
class Syllable:
    """What is sung on one note.

    Attributes
    ----------
    verse
        From 1.
    joined, goes_on
        Whether a syllable of the same word stands before it, and behind it.
    held
        Whether it is sung on the next note, too.
    """

    verse: int
    text: str
    joined: bool = False
    goes_on: bool = False
    held: bool = False

    @property
    def place(self) -> str:
        """In its word: begin, middle, end, or single."""
        if self.joined:
            return "middle" if self.goes_on else "end"
        return "begin" if self.goes_on else "single"


def lyrics(events: Iterable[Event]) -> dict[int, list[Syllable]]:
    """The syllables of each note, by where it begins in the text, the first verse first."""
    found: dict[int, list[Syllable]] = {}
    notes: list[int | None] = []        # where they begin; None is a bar line
    verse = 0
    for event in events:
        if isinstance(event, Field) and event.letter == "w":
            verse += 1
            for start, syllable in _aligned(event.text, notes, verse) if verse <= MOST_VERSES else ():
                found.setdefault(start, []).append(syllable)
        elif isinstance(event, Note | Bar):
            if verse:
                notes, verse = [], 0
            if isinstance(event, Bar):
                notes.append(None)
            elif event.pitches:
                notes.append(event.start)
    return found


def _aligned(text: str, notes: list[int | None], verse: int) -> Iterator[tuple[int, Syllable]]:
    """The notes that are sung, and what."""
    sung: list[tuple[int, Syllable]] = []
    at, joined = 0, False
    for match in _SIGNS.finditer(text):
        kind = match.lastgroup
        if kind == "space":
            continue
        if kind == "bar":
            while at < len(notes) and notes[at] is not None:
                at += 1
            at, joined = at + 1, False
            continue
        if kind == "hyphen" and not joined and sung:
            sung[-1] = sung[-1][0], replace(sung[-1][1], goes_on=True)
            joined = True
            continue
        while at < len(notes) and notes[at] is None:
            at += 1
        if at >= len(notes):
            break
        start = notes[at]
        assert start is not None
        if kind == "held" and sung:
            sung[-1] = sung[-1][0], replace(sung[-1][1], held=True)
        elif kind == "text":
            words = printable(match[0].replace("\\-", "-").replace("~", " "))
            sung.append((start, Syllable(verse, words, joined)))
            joined = False
        at += 1
    yield from sung
