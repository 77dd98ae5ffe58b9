"""Reads ABC notation (abcnotation.com, standard 2.1): tunes, their lines, and their voices."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from engine.folk.abc_reader import Reader
from engine.folk.abc_words import FIELD, MUSIC
from engine.folk.tune import Field, Tune

MOST_SIGNS = 100_000  # of one tune: no music has as many
MOST_VOICES = 16


def parse(text: str) -> Tune:
    """The first tune of an ABC text; of an empty text an empty tune."""
    return next(parse_book(text), None) or Lines(text, _line_starts(text), 0).finished(0)


def parse_book(text: str) -> Iterator[Tune]:
    """All tunes of an ABC text, one after another.

    A tune starts at its X: field, or at any field where the text has no X: at all; it ends at an empty line.
    """
    starts = _line_starts(text)
    opening = "X" if re.search(r"^X[ \t]?:", text, re.MULTILINE) else ""
    lines: Lines | None = None
    for start, after in zip(starts, [*starts[1:], len(text) + 1], strict=True):
        line = text[start:after - 1].rstrip("\r")
        field = FIELD.match(line)
        begins = field is not None and (field[1] == "X" or (lines is None and not opening))
        if lines is not None and (begins or not line.strip()):
            yield lines.finished(start)
            lines = None
        if begins or (lines is None and not opening and line.strip() and not line.startswith("%")):
            lines = Lines(text, starts, start)
        if lines is not None:
            lines.line(line, start, field)
    if lines is not None:
        yield lines.finished(len(text))


def _line_starts(text: str) -> list[int]:
    return [0, *(match.end() for match in re.finditer("\n", text))]


class Lines:
    """Reads one tune, line by line; each voice has a reader of its own, the one that is named first leads."""

    def __init__(self, text: str, line_starts: list[int], start: int) -> None:
        self.text, self.line_starts, self.start = text, line_starts, start
        self.lead = self.now = Reader(text, line_starts, start)
        self.lead.turn = self.turn
        self.voices: dict[str, Reader] = {}     # by name
        self.said: dict[str, str] = {}          # what V: says of each
        self.too_long = False

    def line(self, line: str, start: int, field: re.Match[str] | None) -> None:
        """Read one line; `field` is its match if it looks like a field."""
        if line.startswith("%"):
            return
        if field is not None:
            self.now.field(field[1], field[2].partition("%")[0].rstrip(), start, start + len(line))
            return
        stop = start + (line.find("%") if "%" in line else len(line))
        if self.lead.in_header:
            self.lead.problem("expected a field K: before the music, found none", start, max(stop, start + 1))
            self.lead.begin()
        signs = MUSIC.finditer(self.text, start, stop)
        read = sum(len(voice.events) for voice in {self.lead, *self.voices.values()})
        for match in islice(signs, max(0, MOST_SIGNS - read)):
            if (reader := self.now.readers.get(match.lastgroup or "")) is not None:
                reader(match)
        if not self.too_long and (beyond := next(signs, None)) is not None:
            self.too_long = True
            self.lead.problem(f"expected a tune of at most {MOST_SIGNS:,} signs, found more; the rest is not read",
                              beyond.start(), stop)

    def turn(self, field: Field) -> None:
        """A field V: names a voice; what follows belongs to it."""
        name, _, said = field.text.partition(" ")
        if not name or name == "*":     # it is said of all voices
            return
        if not self.voices:
            self.voices[name] = self.lead
        if not self.lead.in_header:
            self.now = self.voices.get(name) or self._another(name, field)
            self.now.events.append(field)
        self.said[name] = f"{self.said.get(name, '')} {said.strip()}".strip()

    def _another(self, name: str, field: Field) -> Reader:
        if len(self.voices) >= MOST_VOICES:
            self.lead.problem(f"expected at most {MOST_VOICES} voices, found another", field.start, field.stop)
            return self.now
        voice = self.voices[name] = Reader(self.text, self.line_starts, self.start)
        voice.follow(self.lead)
        return voice

    def finished(self, stop: int) -> Tune:
        """The tune, once its last line is read; a voice without notes is none."""
        for name, voice in self.voices.items():
            voice.voice = self.said[name]
        voices = [voice for voice in self.voices.values() if voice.last >= 0] or [self.lead]
        first, *others = [voice.finished(stop) for voice in voices]
        return replace(first, problems=tuple(self.lead.problems),
                       others=tuple(replace(other, problems=()) for other in others)) if others else first
