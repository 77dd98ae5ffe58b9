"""How fast a tune goes: its Q: field, or what is usual for its meter."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from engine.folk.tune import Meter

_EQUATION = re.compile(r"((?:\d{1,3}/\d{1,3}\s*)+|C\d?)?\s*=?\s*(\d{1,4}(?:\.\d{1,3})?)\s*$")
_SIGNS = {Fraction(1, 4): "♩", Fraction(3, 8): "♩.", Fraction(1, 8): "♪", Fraction(3, 16): "♪."}
SLOWEST, FASTEST = 10.0, 1000.0     # quarter notes per minute


@dataclass(frozen=True)
class Tempo:
    """A tempo from some place on."""

    quarter: Fraction       # quarter notes from the beginning of the performance
    start_s: float          # the same place in seconds
    rate: float             # quarter notes per minute


def beat_of(meter: Meter) -> Fraction:
    """What is counted in a meter, in whole notes: a quarter, in 6/8 a dotted one, in 3/2 a half."""
    if not meter.bar:
        return Fraction(1, 4)
    unit = Fraction(1, int(meter.text.partition("/")[2]))
    return 3 * unit if meter.compound or meter.text == "3/8" else unit


def usual(meter: Meter) -> float:
    """Quarter notes per minute of a tune that names no tempo."""
    beat = beat_of(meter)
    beats = {Fraction(3, 8): 112, Fraction(1, 2): 90, Fraction(1, 8): 220}.get(beat)
    if beats is None:
        beats = {"4/4": 160, "3/4": 132, "2/4": 108}.get(meter.text, 120)
    return float(beats * beat * 4)


def read_tempo(text: str, unit: Fraction) -> float | None:
    """Quarter notes per minute that a field Q: says; None where it says no number.

    Parameters
    ----------
    text : str
        `1/4=120`, `"Allegro" 3/8=110`, `1/4 1/8=60`, or the old `120`, which counts unit lengths.
    unit : Fraction
        L:, in whole notes.
    """
    match = _EQUATION.match(re.sub(r'"[^"]*"?', "", text).strip())
    if match is None or not float(match[2]):
        return None
    beat = unit
    if match[1] and "/" in match[1]:
        pairs = [tuple(map(int, pair.split("/"))) for pair in match[1].split()]
        if any(not over or not under for over, under in pairs):
            return None
        beat = sum((Fraction(over, under) for over, under in pairs), Fraction(0))
    return min(max(float(4 * beat) * float(match[2]), SLOWEST), FASTEST)


def tempo_words(text: str, unit: Fraction) -> str:
    """A field Q: as musicians read it: `Allegro ♩. = 110`; a beat that no letter has as a fraction."""
    words = " ".join(filter(None, (one.strip() for one in re.findall(r'"([^"]*)"?', text))))
    match = _EQUATION.match(re.sub(r'"[^"]*"?', "", text).strip())
    rate = read_tempo(text, unit)
    if match is None or rate is None:
        return words
    beat = Fraction(rate / float(match[2]) / 4).limit_denominator(64)
    sign = _SIGNS.get(beat)
    return f"{words} {sign or beat} = {float(match[2]):g}".strip()


def seconds_at(quarter: Fraction, tempi: Sequence[Tempo]) -> float:
    """When a place of the performance comes, in seconds."""
    tempo = tempi[max(0, bisect_right(tempi, quarter, key=lambda t: t.quarter) - 1)]
    return tempo.start_s + float(quarter - tempo.quarter) * 60 / tempo.rate


def quarter_at(seconds: float, tempi: Sequence[Tempo]) -> float:
    """What place of the performance is reached at a time, in quarter notes."""
    tempo = tempi[max(0, bisect_right(tempi, seconds + 1e-9, key=lambda t: t.start_s) - 1)]
    return float(tempo.quarter) + (seconds - tempo.start_s) * tempo.rate / 60
