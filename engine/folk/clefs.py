"""Clefs that a field K: or V: names, and the names of voices."""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.folk.decorations import printable
from engine.folk.tune import Tune

_CLEF = re.compile(r"(?<![a-z])(treble|bass|alto|tenor|perc)\d?([+-]8)?(?![a-z])")
_NAME = re.compile(r'(?<![a-z])(?:name|nm)=(?:"([^"]*)"?|(\S+))')
_PLACES = {"treble": ("G", 2), "bass": ("F", 4), "alto": ("C", 3), "tenor": ("C", 4), "perc": ("perc", 3)}


@dataclass(frozen=True)
class Clef:
    """A clef; with an 8 at its foot or head everything sounds an octave lower or higher than written."""

    shape: str = "G"        # G, F, C or perc
    line: int = 2           # of the staff, from below
    octave: int = 0         # -1, 0 or 1


TREBLE = Clef()


def clef_in(text: str) -> Clef | None:
    """The clef that a field names, None where it names none."""
    match = _CLEF.search(text)
    return Clef(*_PLACES[match[1]], {"-8": -1, "+8": 1}.get(match[2] or "", 0)) if match else None


def clef_of(voice: Tune) -> Clef:
    """The clef that a voice begins with."""
    return clef_in(voice.voice) or clef_in(voice.field("K")) or TREBLE


def name_of(voice: Tune) -> str:
    """What stands before the staff of a voice; empty where it has no name."""
    match = _NAME.search(voice.voice)
    return printable(match[1] or match[2] or "") if match else ""
