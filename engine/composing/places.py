"""Where in a text something is to be inserted, and what counts there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from engine.checks import InputError
from engine.folk.abc_text import parse
from engine.folk.abc_words import FIELD
from engine.folk.bars import Count, step
from engine.folk.context import Context, at_end
from engine.folk.tokens import read_token, tokens_of
from engine.folk.tune import Bar, Ending, Mark, Note, Tune

_OPENING = re.compile(r"X[ \t]?:")


@dataclass(frozen=True)
class Place:
    """A place between two events of a tune.

    Attributes
    ----------
    text : str
        Of the tune alone.
    start : int
        Where it begins in the whole text.
    at : int
        The place, counted from there.
    tune : Tune
        All of it, as parsed from `text`; of several voices the one at the place.
    followed : bool
        Whether there is more in the whole text.
    """

    text: str
    start: int
    at: int
    tune: Tune
    followed: bool

    @property
    def cursor(self) -> int:
        """The place in the whole text."""
        return self.start + self.at

    @property
    def has_key(self) -> bool:
        """Whether the header is complete."""
        return any(field.letter == "K" for field in self.tune.fields) or bool(self.tune.events)

    @cached_property
    def before(self) -> Tune:
        """What stands before it."""
        return voice_at(parse(self.text[:self.at]), self.at)

    @cached_property
    def context(self) -> Context:
        """What counts there."""
        return at_end(self.before)

    @property
    def line(self) -> str:
        """What stands on its line before it."""
        return self.text[self.text.rfind("\n", 0, self.at) + 1:self.at]

    @property
    def rest(self) -> str:
        """What stands on its line behind it."""
        return self.text[self.at:].partition("\n")[0]

    @property
    def last(self) -> object:
        """The last event before it that sounds or divides; None where there is none."""
        return next((event for event in reversed(self.before.events) if not isinstance(event, Mark)), None)

    @property
    def next(self) -> object:
        """The first event behind it that is no mark; None where there is none."""
        return next((event for event in self.tune.events if event.start >= self.at and not isinstance(event, Mark)),
                    None)

    @property
    def bare_note(self) -> bool:
        """Whether a length typed here would be that of the note before."""
        last = self.last
        return (isinstance(last, Note) and last.stop == self.at and not last.tied
                and self.text[self.at - 1] not in "0123456789/" and last.length * self.context.unit * 8 == 1)

    def tokens(self, style: str = "v2") -> tuple[str, ...]:
        """The tokens before it."""
        return open_tokens(self.before, style)


def place_at(text: str, cursor: int) -> Place | None:
    """The place nearest to a cursor where music can be inserted; None where no tune is.

    A cursor in the header counts as behind it, one inside a note, a field or a comment as behind that, and one below
    the tune as at its end.

    Raises
    ------
    InputError
        When the cursor stands in other text among tunes.
    """
    begun = _bounds(text, max(0, min(cursor, len(text))))
    if begun is None:
        return None
    start, stop = begun
    part = text[start:stop]
    tune = parse(part)
    if not tune.fields and not tune.events:
        return None
    if not _OPENING.match(part) and not tune.fields and re.search(r"^X[ \t]?:", text, re.MULTILINE):
        raise InputError("the cursor stands in text that belongs to no tune; put it into a tune, or below one")
    at = _snapped(part, tune, min(max(cursor - start, 0), len(part)))
    return Place(part, start, at, voice_at(tune, at), stop < len(text))


def voice_at(tune: Tune, at: int) -> Tune:
    """The voice of a tune to which a place of its text belongs: that of the last sign before it."""
    if not tune.others:
        return tune
    return max(tune.voices, key=lambda voice: max((event.start for event in voice.events if event.start < at),
                                                  default=-1))


def open_tokens(tune: Tune, style: str = "v2", *, chords: str = "top") -> tuple[str, ...]:
    """The tokens of a tune, without the bar line that ends it where none is written."""
    tokens = tokens_of(tune, style=style, chords=chords)
    music = [event for event in tune.events if not isinstance(event, Mark)]
    open_bar = bool(music) and not isinstance(music[-1], Bar | Ending)
    return tokens[:-1] if open_bar and tokens[-1] == "|" else tokens


def counted(tokens: Iterable[str]) -> Count:
    """Where a tune stands behind some tokens, whatever is at fault with them."""
    count = Count()
    for text in tokens:
        if (token := read_token(text)) is not None and token.kind != "end":
            count = step(count, token)[0]
    return count


def _bounds(text: str, cursor: int) -> tuple[int, int] | None:
    """From where to where the tune at a cursor goes: lines without an empty one, from X: on where it has one."""
    at = text.rfind("\n", 0, cursor) + 1
    while at and not _line(text, at).strip():
        at = text.rfind("\n", 0, at - 1) + 1
    if not _line(text, at).strip():
        return None
    start, stop = at, _behind(text, at)
    while start and not _OPENING.match(text, start):
        above = text.rfind("\n", 0, start - 1) + 1
        if not _line(text, above).strip():
            break
        start = above
    while stop < len(text) and _line(text, stop).strip() and not _OPENING.match(text, stop):
        stop = _behind(text, stop)
    return start, stop


def _line(text: str, start: int) -> str:
    end = text.find("\n", start)
    return text[start:] if end < 0 else text[start:end]


def _behind(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end + 1


def _snapped(text: str, tune: Tune, at: int) -> int:
    if tune.fields:
        at = max(at, tune.fields[-1].stop)
    at = next((event.stop for voice in tune.voices for event in voice.events if event.start < at < event.stop), at)
    start = text.rfind("\n", 0, at) + 1
    line = _line(text, start)
    if at > start and (FIELD.match(line) or "%" in line[:at - start]):
        return _behind(text, start)
    return at
