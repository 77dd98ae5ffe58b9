"""Whether a tune's tokens make a whole: bars fill the meter, repeats and brackets close.

Bars are counted as they are played. A plain bar line must find its bar full. At a repeat sign, an ending or a double
bar line a bar may be split: what is missing must follow. The part of a bar that has passed is the *phase*; a repeat
must go back at the phase at which it began, an ending must begin where the first one did, and the tune must end at a
full bar or where its own pickup takes over.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from engine.folk.abc_words import read_meter, tuplet_time
from engine.folk.tokens import UNIT, Token, read_token

ZERO, ONE = Fraction(0), Fraction(1)
Stepped = tuple["Count", tuple[str, ...]]


@dataclass(frozen=True)
class Fault:
    """A token at which something does not fit."""

    index: int
    message: str


@dataclass(frozen=True)
class Validity:
    """What a tune's bars and signs add up to."""

    bars: int                     # that ended at a bar line, a repeat or an ending
    bars_valid: int
    faults: tuple[Fault, ...]

    @property
    def valid(self) -> bool:
        """Whether nothing was at fault."""
        return not self.faults


@dataclass(frozen=True)
class Count:
    """Where a tune stands after some of its tokens; times are in whole notes."""

    meter: Fraction = ZERO              # duration of a bar, 0 in free time
    compound: bool = False
    phase: Fraction = ZERO              # of the bar that has begun: notes that are surely over
    note: Fraction = ZERO               # the last note, which a length or `>` may still change
    start: Fraction | None = None       # phase at which the tune began; None until its first bar line
    short: Fraction = ZERO              # the bar that just ended at `|` was so short: right only if the tune ends
    repeat: Fraction | None = None      # phase at the last `|:` or wherever `:|` goes back to
    open_repeat: bool = False           # a `|:` waits for its `:|`
    played_since: bool = False          # there was a note since the last repeat sign
    ending: Fraction = ZERO             # phase at the first ending
    number: int = 0                     # of the ending that has begun; 0: none
    tuplet: tuple[Fraction, int] = (ONE, 0)   # factor, notes to come
    broken: Fraction = ONE              # factor of the next note
    awaits_note: bool = False           # behind `>`
    chord: int | None = None            # notes of the chord that is open; None: none is
    before: str = ""                    # kind of the last token
    written: Fraction = ONE             # length of the last note as written, in eighths
    twin: Fraction | None = None        # the same of the note before `>`, where the last note stands behind one

    @property
    def played(self) -> Fraction:
        """The part of the bar that has passed, with the last note."""
        return self.phase + self.note


def replace(count: Count, **changes: Any) -> Count:
    """`dataclasses.replace`, six times as fast: samplers try every token of a vocabulary."""
    new = object.__new__(Count)
    new.__dict__.update(count.__dict__, **changes)
    return new


def check(tokens: Iterable[str]) -> Validity:
    """Count the bars of a tune, and find what does not fit.

    Parameters
    ----------
    tokens : iterable of str
        With or without start and end; the end of the tune is checked in both cases.
    """
    count, faults, bars, wrong, index = Count(), list[Fault](), 0, 0, -1
    for index, text in enumerate(tokens):
        token = read_token(text)
        if token is None:
            faults.append(Fault(index, f"{text[:40]!r} is no token"))
            continue
        if token.kind == "end":
            break
        if token.kind in ("bar", "ending"):
            bars += bool(count.note)
        count, found = step(count, token)
        wrong += any(message.startswith("bar") for message in found)
        faults.extend(Fault(index, message) for message in found)
    faults.extend(Fault(max(index, 0), message) for message in at_end(count))
    return Validity(bars, bars - min(wrong, bars), tuple(faults))


def step(count: Count, token: Token) -> Stepped:
    """The count after one more token, and what is at fault with it."""
    faults: tuple[str, ...] = ()
    if count.short:  # the tune goes on, so that bar is too short
        faults = (f"bar of {count.short} instead of {count.meter}",)
        count = replace(count, short=ZERO, phase=ZERO)
    if token.kind in READERS:
        count, more = READERS[token.kind](count, token)
        faults += more
    return replace(count, before=token.kind), faults


def at_end(count: Count) -> tuple[str, ...]:
    """What a tune that ends here leaves at fault."""
    faults = _unfinished(count)
    if count.open_repeat:
        faults += ("|: is never closed",)
    if count.number == 1:
        faults += ("|1 has no |2 behind it",)
    if count.meter and count.played % count.meter not in (ZERO, count.start or ZERO):
        faults += (f"bar of {count.played} at the end",)
    return faults


def _note(count: Count, token: Token) -> Stepped:
    if count.chord:  # further notes of a chord add no time
        return replace(count, chord=count.chord + 1), ()
    factor, left = count.tuplet
    duration = UNIT * count.broken * (factor if left else 1)
    return replace(count, phase=count.played, note=duration, broken=ONE, awaits_note=False, played_since=True,
                   tuplet=(factor, left - 1) if left > 1 else (ONE, 0),
                   chord=None if count.chord is None else 1, written=ONE,
                   twin=count.written if count.awaits_note else None), ()


def _length(count: Count, token: Token) -> Stepped:
    if count.before not in ("pitch", "rest", "close"):
        return count, ("length without a note",)
    if (count.chord or 0) > 1:
        return count, ()
    return replace(count, note=count.note * token.length, written=count.written * token.length), ()


def _broken(count: Count, token: Token) -> Stepped:
    if count.before not in ("pitch", "rest", "length", "close") or count.chord is not None:
        return count, (f"{token.text} without a note before it",)
    short = Fraction(1, 2 ** len(token.text))
    first, second = (2 - short, short) if token.text[0] == ">" else (short, 2 - short)
    return replace(count, note=count.note * first, broken=second, awaits_note=True), ()


def _tuplet(count: Count, token: Token) -> Stepped:
    time = Fraction(tuplet_time(token.number, count.compound), token.number)
    return replace(count, tuplet=(time, token.number)), ("tuplet inside another",) if count.tuplet[1] else ()


def _open(count: Count, token: Token) -> Stepped:
    return replace(count, chord=0), ("chord inside a chord",) if count.chord is not None else ()


def _close(count: Count, token: Token) -> Stepped:
    return replace(count, chord=None), () if count.chord else ("] without notes before it",)


def _meter(count: Count, token: Token) -> Stepped:
    meter = read_meter(token.text[2:])
    inside = count.start is not None and count.played
    return (replace(count, meter=token.length, compound=bool(meter and meter.compound)),
            ("meter changes inside a bar",) if inside else ())


def _unfinished(count: Count) -> tuple[str, ...]:
    return (*(["tuplet is not finished"] if count.tuplet[1] else []),
            *(["> or < without a note behind it"] if count.awaits_note else []),
            *(["[ is never closed"] if count.chord is not None else []))


def _line(count: Count, may_split: bool) -> Stepped:
    """A bar line of any kind: the last note is over, and so is the bar if it is full."""
    faults, phase, start, short = _unfinished(count), count.played, count.start, ZERO
    if start is None and phase:  # the first bar of the tune: if short, a pickup
        start = (count.meter - phase) if phase < count.meter else ZERO
        phase = max(phase, count.meter)
    if not count.meter or phase == count.meter:
        phase = ZERO
    elif phase > count.meter:
        faults, phase = (*faults, f"bar of {phase} instead of {count.meter}"), ZERO
    elif not may_split:
        short = phase
    return replace(count, phase=phase, note=ZERO, short=short, start=start, tuplet=(ONE, 0), broken=ONE,
                   awaits_note=False, chord=None, repeat=start if count.repeat is None else count.repeat), faults


def _bar(count: Count, token: Token) -> Stepped:
    after, faults = _line(count, may_split=token.text != "|")
    if token.text == "|:":
        faults += ("|: inside another repeat",) if count.open_repeat else ()
        faults += ("|1 has no |2 behind it",) if count.number == 1 else ()
        repeat = after.phase if after.start is not None else None  # the tune may begin with a pickup behind it
        return replace(after, open_repeat=True, repeat=repeat, number=0, played_since=False), faults
    if token.text == ":|":
        faults += () if count.played_since else (":| without notes before it",)
        if after.repeat is not None and after.phase != after.repeat:
            faults += (f"bar of {after.phase} at :| does not fit the beginning of the repeat",)
        after = replace(after, open_repeat=False, played_since=False)
        return (after if count.number == 1 else replace(after, repeat=after.phase, number=0)), faults
    return after, faults


def _ending(count: Count, token: Token) -> Stepped:
    number = int(token.text[1])
    after, faults = _line(count, may_split=True)
    if number == 1:
        faults += ("|1 inside another first ending",) if count.number == 1 else ()
        return replace(after, ending=after.phase, number=1), faults
    if count.number != number - 1 or count.open_repeat:
        faults += (f"{token.text} without the ending before it",)
    return replace(after, phase=after.ending if count.number else after.phase, number=number), faults


READERS = {"pitch": _note, "rest": _note, "length": _length, "broken": _broken, "tuplet": _tuplet, "open": _open,
           "close": _close, "bar": _bar, "ending": _ending, "meter": _meter}
