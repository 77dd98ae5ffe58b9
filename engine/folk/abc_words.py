"""The words of ABC notation: what a line of music is made of, and how lengths, meters and tuplets are read."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache

from engine.folk.tune import Meter

TURNS = r"[1-9](?:-\d)?(?:,\d(?:-\d)?)*"     # in which an ending is played
_LENGTH = r"\d{0,3}(?:/\d{0,3}){0,4}"
_NOTE = rf"(?P<sign>\^{{1,2}}|_{{1,2}}|=)?(?P<letter>[A-Ga-g])(?P<octave>[,']{{0,5}})(?P<length>{_LENGTH})"
MUSIC = re.compile(
    rf"(?P<note>{_NOTE}(?P<tie>-?))"
    r"|(?P<space>[ \t\r`\\$*;?@]+)"
    rf"|(?P<bar>\.?(?::*\|+[|:\]]*|::+|\[\|+[|:\]]*)(?P<number>{TURNS}(?![\d/]))?)"
    rf"|(?P<rest>[zxZX](?P<rest_length>{_LENGTH}))"
    r"|(?P<broken>>{1,3}|<{1,3})"
    r"|(?P<tuplet>\((?P<p>\d)(?::(?P<q>\d?))?(?::(?P<r>\d?))?)"
    r"|(?P<slur>[()])"
    r'|(?P<words>"[^"]*"?)'
    r"|(?P<grace>\{[^}]*\}?)"
    r"|(?P<field>\[(?P<name>[A-Za-z]):(?P<value>[^\]]*)\]?)"
    rf"|(?P<ending>\[(?P<numbers>{TURNS}))"
    rf"|(?P<chord>\[(?P<inside>[^\[\]|]+)\](?P<chord_length>{_LENGTH})(?P<chord_tie>-?))"
    r"|(?P<decoration>![^!|]{1,40}!|\+[^+|\s]{1,40}\+|[.~H-WYh-w]|y\d{0,3})"
    r"|(?P<late_tie>-)"
    r"|(?P<line_break>!)"
    r"|(?P<voices>&)"
    r"|(?P<unknown>.)", re.DOTALL | re.ASCII)
INSIDE = re.compile(_NOTE, re.ASCII)
FIELD = re.compile(r"([A-Za-z])[ \t]?:(?![|:])[ \t]*(.*)", re.DOTALL)
_UNIT = re.compile(r"\s*1(?:\s*/\s*(1|2|4|8|16|32|64))?\s*")
_METER = re.compile(r"\(?(\d{1,2}(?:\+\d{1,2})*)\)?\s*/\s*(\d{1,3})", re.ASCII)
_TUPLET_TIMES = {2: 3, 3: 2, 4: 3, 6: 2, 8: 3}  # 5, 7 and 9 depend on the meter


@lru_cache(maxsize=4096)
def read_length(text: str) -> Fraction | None:
    """What a number behind a note says: `3/2`, `/`, `//`, `4`; None where it divides by or is zero."""
    over, *under = text.split("/")
    length = Fraction(int(over or 1))
    for part in under:
        if int(part or 2) == 0:
            return None
        length /= int(part or 2)
    return length or None


@lru_cache(maxsize=256)
def read_unit(text: str) -> Fraction | None:
    """The note length that a field L: names, of a whole note; None where it cannot be understood."""
    match = _UNIT.fullmatch(text)
    return Fraction(1, int(match[1] or 1)) if match else None


@lru_cache(maxsize=256)
def read_meter(text: str) -> Meter | None:
    """The meter that a field M: names; None where it cannot be understood."""
    text = {"C": "4/4", "C|": "4/4", "": "none"}.get(text.strip(), text.strip())
    if text.lower() == "none":
        return Meter("none", Fraction(0), False)
    match = _METER.fullmatch(text)
    if match is None:
        return None
    beats, unit = sum(map(int, match[1].split("+"))), int(match[2])
    if not 0 < beats <= 64 or unit not in (1, 2, 4, 8, 16, 32, 64):
        return None
    return Meter(f"{beats}/{unit}", Fraction(beats, unit), beats % 3 == 0 and beats > 3)


def tuplet_time(notes: int, compound: bool) -> int:
    """In the time of how many notes an unmarked tuplet of `notes` is played."""
    return _TUPLET_TIMES.get(notes, 3 if compound else 2)
