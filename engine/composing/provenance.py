"""Who wrote which notes, kept in the tune itself: comments in its header that other programs pass over.

`% otoscope: notes 9-24 by folk, seed 3, stream 0, temperature 1, top_p 0.95` says that these notes, counted from 1 with
rests and chords as one each, were suggested. All other notes were written by hand.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from engine.composing.suggest import Suggestion
from engine.folk.tokens import read_token

_MARK = "% otoscope: "
_LINE = re.compile(r"% otoscope: notes (\d+)-(\d+) by (.+?), seed (\d+), stream (\d+), temperature ([\d.e+-]+), "
                   r"top_p ([\d.e+-]+)[ \t\r]*")


@dataclass(frozen=True)
class Origin:
    """Notes that a model suggested; the first is note 1."""

    first: int
    last: int
    model: str
    seed: int
    stream: int
    temperature: float
    top_p: float

    @property
    def comment(self) -> str:
        """The line, without the sign of the comment."""
        model = " ".join(self.model.split()) or "?"
        return (f"otoscope: notes {self.first}-{self.last} by {model}, seed {self.seed}, stream {self.stream}, "
                f"temperature {self.temperature:g}, top_p {self.top_p:g}")


def origins_of(suggestion: Suggestion) -> list[Origin]:
    """Which notes of the whole tune the suggestion wrote: runs of notes whose pitch was drawn."""
    drawn = set(suggestion.places)
    runs: list[list[int]] = []
    note, inside = 0, False
    for place, text in enumerate(suggestion.whole):
        token = read_token(text)
        kind = token.kind if token is not None else ""
        if kind == "open":
            inside, note = True, note + 1
        elif kind == "close":
            inside = False
        elif kind in ("pitch", "rest") and not inside:
            note += 1
        if place in drawn and (kind == "rest" or kind == "pitch"):
            if runs and runs[-1][1] >= note - 1:
                runs[-1][1] = note
            else:
                runs.append([note, note])
    return [Origin(first, last, suggestion.model, suggestion.seed, suggestion.stream, suggestion.temperature,
                   suggestion.top_p) for first, last in runs]


def read_origins(text: str) -> list[Origin]:
    """The origins that a tune's text names, in the order of its lines."""
    found = []
    for line in text.splitlines():
        if match := _LINE.fullmatch(line):
            first, last, model, seed, stream, temperature, top_p = match.groups()
            try:
                found.append(Origin(int(first), int(last), model, int(seed), int(stream), float(temperature),
                                    float(top_p)))
            except ValueError:  # somebody changed a number
                continue
    return found


def with_origins(text: str, origins: Sequence[Origin]) -> str:
    """The text of one tune with these origins before its key, and no others."""
    lines = [line for line in text.splitlines(keepends=True) if not line.startswith(_MARK)]
    at = next((place for place, line in enumerate(lines) if re.match(r"K[ \t]?:", line)), len(lines))
    return "".join([*lines[:at], *(f"% {origin.comment}\n" for origin in origins), *lines[at:]])
