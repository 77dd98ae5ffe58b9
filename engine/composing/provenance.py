"""Who wrote which notes: spans of the text on screen, comments in the header of the tune in a file.

`% otoscope: notes 9-24 by folk, seed 3, stream 0, temperature 1, top_p 0.95` says that these notes, counted from 1 with
rests and chords as one each, were suggested. All other notes were written by hand. Other programs pass over it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from engine.composing.suggest import Origin as Origin
from engine.composing.suggest import Suggestion
from engine.folk.abc_text import parse
from engine.folk.edits import Edit
from engine.folk.tokens import read_token

_MARK = "% otoscope: notes "
_LINE = re.compile(r"% otoscope: notes (\d{1,9})-(\d{1,9}) by (.+?), seed (\d{1,20}), stream (\d{1,9}), "
                   r"temperature ([\d.e+-]{1,24}), top_p ([\d.e+-]{1,24})[ \t\r]*")


@dataclass(frozen=True)
class Passage:
    """Notes that a model suggested; the first of a tune is note 1."""

    first: int
    last: int
    origin: Origin

    @property
    def comment(self) -> str:
        """The line, without the sign of the comment."""
        model, by = " ".join(self.origin.model.split()) or "?", self.origin
        return (f"otoscope: notes {self.first}-{self.last} by {model}, seed {by.seed}, stream {by.stream}, "
                f"temperature {_number(by.temperature)}, top_p {_number(by.top_p)}")


def _number(value: float) -> str:
    """Exactly, and without a fraction that is zero."""
    return repr(float(value)).removesuffix(".0")


@dataclass(frozen=True)
class Span:
    """A part of a text that a model suggested."""

    start: int          # offsets in characters
    stop: int
    origin: Origin


def origins_of(suggestion: Suggestion) -> list[Passage]:
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
    return [Passage(first, last, suggestion.origin) for first, last in runs]


def moved(spans: Iterable[Span], edit: Edit) -> tuple[Span, ...]:
    """The spans behind an edit of the text: what was typed is by hand, white space and what is deleted change nothing.

    Parameters
    ----------
    spans : iterable of Span
        Of the text before the edit.
    edit : Edit
        What was typed, pasted or deleted.
    """
    grown, typed, found = len(edit.text) - (edit.stop - edit.start), bool(edit.text.strip()), list[Span]()
    for span in spans:
        if edit.stop <= span.start:
            parts = [(span.start + grown, span.stop + grown)]
        elif edit.start >= span.stop:
            parts = [(span.start, span.stop)]
        elif typed:
            parts = [(span.start, edit.start), (edit.stop + grown, span.stop + grown)]
        else:
            begin = span.start if span.start <= edit.start else edit.stop + grown
            parts = [(begin, span.stop + grown if span.stop > edit.stop else edit.start)]
        found += [replace(span, start=start, stop=stop) for start, stop in parts if start < stop]
    return tuple(found)


def read_origins(text: str) -> list[Passage]:
    """The origins that a tune's text names, in the order of its lines."""
    found = []
    for line in text.split("\n"):
        if match := _LINE.fullmatch(line):
            first, last, model, seed, stream, temperature, top_p = match.groups()
            try:
                origin = Origin(model, int(seed), int(stream), float(temperature), float(top_p))
            except ValueError:  # somebody changed a number
                continue
            found.append(Passage(int(first), int(last), origin))
    return found


def with_origins(text: str, passages: Sequence[Passage]) -> str:
    """The text of one tune with these origins before its key, and no others."""
    lines = re.split(r"(?<=\n)", _without(text))
    at = next((place for place, line in enumerate(lines) if re.match(r"K[ \t]?:", line)), 0)
    return "".join([*lines[:at], *(f"% {passage.comment}\n" for passage in passages), *lines[at:]])


def _without(text: str) -> str:
    return "".join(line for line in re.split(r"(?<=\n)", text) if not line.startswith(_MARK))


def without_origins(text: str) -> tuple[str, tuple[Span, ...]]:
    """A tune's text as it is on screen, and what of it was suggested."""
    clean, spans = _without(text), list[Span]()
    notes = parse(clean).all_notes
    for passage in read_origins(text):
        if 0 < passage.first <= min(passage.last, len(notes)):
            last = notes[min(passage.last, len(notes)) - 1]
            spans.append(Span(notes[passage.first - 1].start, last.stop, passage.origin))
    return clean, tuple(sorted(spans, key=lambda span: span.start))


def with_spans(text: str, spans: Iterable[Span]) -> str:
    """A tune's text as it is in a file; a note that lies but partly in a span counts as written by hand."""
    owners: dict[int, Origin] = {}
    spans = tuple(spans)
    for number, note in enumerate(parse(text).all_notes, 1) if spans else ():
        for span in spans:
            if span.start <= note.start and note.stop <= span.stop:
                owners[number] = span.origin
    passages: list[Passage] = []
    for number, origin in owners.items():
        if passages and passages[-1].last == number - 1 and passages[-1].origin == origin:
            passages[-1] = replace(passages[-1], last=number)
        else:
            passages.append(Passage(number, number, origin))
    return with_origins(text, passages)
