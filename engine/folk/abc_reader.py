"""Reads one voice of ABC notation: never fails, but names what it could not understand.

Everything keeps its place in the text, so that an editor can mark errors and find notes. What is read: header and
inline fields, notes, chords, rests, ties, tuplets, broken rhythm, bar lines, repeats and endings. Grace notes, chord
symbols, slurs and decorations are kept as marks.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import partial

from engine.folk.abc_words import INSIDE, read_length, read_meter, read_unit, tuplet_time
from engine.folk.keys import ACCIDENTALS, STEPS, Key, is_clef, read_key
from engine.folk.tune import Bar, Broken, Ending, Event, Field, Mark, Meter, Note, Pitch, Problem, Tune, Tuplet

MOST_PROBLEMS = 100  # of one tune: a file that is no ABC at all should not be slow as well


class Reader:
    """Takes over the signs of one voice, one after another.

    Attributes
    ----------
    turn
        Told of each field V:.
    """

    def __init__(self, text: str, line_starts: list[int], start: int) -> None:
        self.text, self.line_starts, self.start = text, line_starts, start
        self.fields: list[Field] = []
        self.events: list[Event] = []
        self.problems: list[Problem] = []
        self.in_header = True
        self.meter, self.unit, self.key = Meter("none", Fraction(0), False), Fraction(0), Key()
        self.at_start: tuple[Meter, Fraction, Key] | None = None
        self.in_bar: dict[int, int] = {}                # alterations by name of the note, until the bar line
        self.over_bar: dict[int, int] = {}              # by step, of notes tied over the bar line
        self.last = -1                                  # index of the last note among the events; -1 before any
        self.broken: tuple[Fraction, int] | None = None # factor of the next note, start of the sign
        self.tuplet = (Fraction(1), 0)                  # factor, notes to come
        self.times: dict[str, tuple[Fraction, Fraction]] = {}  # length and duration by how they are written
        self.voice = ""                                 # what V: says of it
        self.turn: Callable[[Field], None] = lambda field: None
        self.readers: dict[str, Callable[[re.Match[str]], None]] = {
            "note": self.note, "bar": self.bar, "rest": self.rest, "broken": self.broken_rhythm,
            "tuplet": self.tuplet_start, "slur": self.mark,
            "words": partial(self.closed, end='"', least=2), "grace": partial(self.closed, end="}", least=1),
            "field": self.inline, "ending": self.ending, "chord": self.chord, "decoration": self.mark,
            "late_tie": self.tie, "voices": self.voices, "unknown": self.unknown}

    def finished(self, stop: int) -> Tune:
        """What was read, once the last line is."""
        if self.at_start is None:
            if self.fields:
                self.problem("expected a field K: and music after it, found the end of the tune", self.start, stop)
            self.begin()
        if self.broken is not None:
            self.problem("expected a note behind > or <", self.broken[1], self.broken[1] + 1)
        assert self.at_start is not None  # begin() has set it
        return Tune(tuple(self.fields), tuple(self.events), tuple(self.problems), *self.at_start, self.start, stop,
                    voice=self.voice)

    def problem(self, message: str, start: int, stop: int) -> None:
        """Note down what could not be understood."""
        if len(self.problems) < MOST_PROBLEMS:
            line = bisect.bisect_right(self.line_starts, start)
            self.problems.append(Problem(message, line, start - self.line_starts[line - 1] + 1, start, stop))

    def follow(self, lead: Reader) -> None:
        """Be another voice of the tune whose header this one has read."""
        assert lead.at_start is not None
        self.fields, self.problems, self.turn, self.in_header = lead.fields, lead.problems, lead.turn, False
        self.at_start = (self.meter, self.unit, self.key) = lead.at_start

    def begin(self) -> None:
        """The header is over."""
        self.in_header = False
        if not self.unit:
            self.unit = Fraction(1, 16) if 0 < self.meter.bar < Fraction(3, 4) else Fraction(1, 8)
        self.at_start = (self.meter, self.unit, self.key)

    def field(self, letter: str, text: str, start: int, stop: int) -> None:
        """Take over what a field says."""
        field = Field(letter, text, start, stop)
        if letter == "V":
            self.turn(field)
        if letter != "V" or self.in_header:
            (self.fields if self.in_header else self.events).append(field)
        if letter == "M":
            if (meter := read_meter(text)) is None:
                self.problem(f"expected a meter such as 6/8 after M:, found {_short(text)}", start, stop)
            else:
                self.meter = meter
        elif letter == "L":
            if (unit := read_unit(text)) is None:
                self.problem(f"expected a note length such as 1/8 after L:, found {_short(text)}", start, stop)
            else:
                self.unit, self.times = unit, {}
        elif letter == "K":
            if (key := read_key(text)) is None and not is_clef(text):
                self.problem(f"expected a key such as G, Am or Ddor after K:, found {_short(text)}", start, stop)
            self.key = key or self.key
            if self.in_header:
                self.begin()

    def note(self, match: re.Match[str]) -> None:
        """A single note."""
        start, stop = match.span()
        sign, letter, octave, length, tie = match.group("sign", "letter", "octave", "length", "tie")
        self.add((self.pitch(sign, letter, octave),), length, bool(tie), start, stop)

    def chord(self, match: re.Match[str]) -> None:
        """Several notes at once; they last as long as the first."""
        inside = list(INSIDE.finditer(match["inside"]))
        start, stop = match.span()
        rubbish = INSIDE.sub("", match["inside"])
        if not inside or re.search(r'[^\s()\-.~"!+A-Za-z0-9]', rubbish):
            self.problem(f"expected notes in brackets, found {_short(match[0])}", start, stop)
        if inside:
            pitches = tuple(self.pitch(*note.group("sign", "letter", "octave")) for note in inside)
            first = inside[0]["length"]
            tie = bool(match["chord_tie"]) or match["inside"].endswith("-")
            self.add(pitches, match["chord_length"], tie, start, stop, read_length(first) or Fraction(1))

    def rest(self, match: re.Match[str]) -> None:
        """A rest; Z and X count bars."""
        bars = self.meter.bar / self.unit if match[0][0] in "ZX" and self.meter.bar else Fraction(1)
        self.add((), match["rest_length"], False, *match.span(), bars)

    def pitch(self, sign: str | None, letter: str, octave: str) -> Pitch:
        """The pitch of a note, under the key and what was altered earlier in the bar."""
        step = STEPS[letter]
        if octave:
            step += 7 * (octave.count("'") - octave.count(","))
        name = step % 7
        accidental = ACCIDENTALS[sign or ""]
        if accidental is not None:
            alter = self.in_bar[name] = accidental
        elif step in self.over_bar:
            alter = self.over_bar[step]
        else:
            alter = self.in_bar.get(name, self.key.signature[name])
        return Pitch(step, alter, accidental)

    def add(self, pitches: tuple[Pitch, ...], length_text: str, tied: bool, start: int, stop: int,
            times: Fraction | None = None) -> None:
        """Append a note, and give it its time."""
        if length_text in self.times:
            length, duration = self.times[length_text]
        else:
            length = read_length(length_text) or Fraction(0)
            if not length:
                self.problem(f"expected a note length above zero, found {length_text}", start, stop)
                length = Fraction(1)
            duration = length * self.unit
            self.times[length_text] = (length, duration)
        if times is not None:
            length, duration = length * times, duration * times
        if self.tuplet[1]:
            factor, left = self.tuplet
            duration = duration * factor
            self.tuplet = (factor, left - 1)
        if self.broken is not None:
            duration, self.broken = duration * self.broken[0], None
        self.over_bar = {}
        self.last = len(self.events)
        self.events.append(Note(pitches, length, duration, tied, start, stop))

    @property
    def last_note(self) -> Note | None:
        """The last note, chord or rest; None before any."""
        event = self.events[self.last] if self.last >= 0 else None
        assert event is None or isinstance(event, Note)
        return event

    def tie(self, match: re.Match[str]) -> None:
        """A tie that stands apart from its note."""
        if (note := self.last_note) is not None:
            self.events[self.last] = replace(note, tied=True)

    def bar(self, match: re.Match[str]) -> None:
        """A bar line, perhaps with the number of an ending."""
        start, stop = match.span()
        number = match["number"]
        if number:
            stop -= len(number)
        signs = self.text[start:stop].lstrip(".")
        back, forth = signs[0] == ":", signs[-1] == ":"
        sign = ("::" if back and forth else ":|" if back else "|:" if forth else "|" if signs == "|" else "||")
        self.events.append(Bar(sign, start, stop))
        if number:
            self.events.append(Ending(number, stop, match.end()))
        last = self.last_note
        self.over_bar = {p.step: p.alter for p in last.pitches} if last is not None and last.tied else {}
        self.in_bar = {}

    def ending(self, match: re.Match[str]) -> None:
        """`[1`."""
        self.events.append(Ending(match["numbers"], *match.span()))

    def broken_rhythm(self, match: re.Match[str]) -> None:
        """`>`: the note before gets a half more, the note behind the half less; `<` the other way."""
        start, stop = match.span()
        note = self.last_note
        if note is None or isinstance(self.events[-1], Bar | Broken) or self.broken is not None:
            self.problem(f"expected a note before {match[0]}", start, stop)
            return
        short = Fraction(1, 2 ** (stop - start))
        ahead = match[0][0] == ">"
        self.events[self.last] = replace(note, duration=note.duration * (2 - short if ahead else short))
        self.broken = (short if ahead else 2 - short, start)
        self.events.append(Broken(match[0], start, stop))

    def tuplet_start(self, match: re.Match[str]) -> None:
        """`(3`, `(3:2:4`."""
        notes = int(match["p"])
        if notes < 2:
            self.problem(f"expected a tuplet of 2 to 9 notes, found {match[0]}", *match.span())
            return
        time = int(match["q"] or 0) or tuplet_time(notes, self.meter.compound)
        span = int(match["r"] or 0) or notes
        self.tuplet = (Fraction(time, notes), span)
        self.events.append(Tuplet(notes, time, span, *match.span()))

    def inline(self, match: re.Match[str]) -> None:
        """`[K:G]`."""
        if not match[0].endswith("]"):
            self.problem(f"expected ] at the end of {_short(match[0])}", *match.span())
        self.field(match["name"], match["value"].strip(), *match.span())

    def closed(self, match: re.Match[str], *, end: str, least: int) -> None:
        """A chord symbol, an annotation or grace notes: a mark that has an end."""
        if not match[0].endswith(end) or len(match[0]) < least:
            self.problem(f"expected {end} at the end of {_short(match[0])}", *match.span())
        self.mark(match)

    def mark(self, match: re.Match[str]) -> None:
        """What changes neither pitch nor time."""
        self.events.append(Mark(match[0], *match.span()))

    def voices(self, match: re.Match[str]) -> None:
        """Two voices in one bar."""
        self.problem("expected one voice, found & (two voices in one bar); give the second a line V: of its own",
                     *match.span())

    def unknown(self, match: re.Match[str]) -> None:
        """Something else."""
        self.problem(f"expected a note, a rest or a bar line, found {_short(match[0])}", *match.span())


def _short(text: str) -> str:
    shown = "".join(c if c.isprintable() else "?" for c in text[:20])
    return repr(shown) if text else "nothing"
