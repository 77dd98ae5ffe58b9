"""Ornaments and chords as notes, kept simple."""

from __future__ import annotations

import re
from fractions import Fraction

from engine.folk.keys import ACCIDENTALS, LETTERS, Key, semitones
from engine.folk.tune import Pitch

GRACE = Fraction(1, 8)          # of a quarter note: what a grace note lasts at most
LONGEST_TRILL = 64              # notes; then the main one is held
Piece = tuple[int, Fraction]    # MIDI number, quarter notes
_CHORD = re.compile(r"([A-G])([#b]?)(maj7|maj|min|dim|aug|sus4|sus2|sus|m|-|\+|°|o)?(6|7|9)?[^/]*(?:/([A-G])([#b]?))?")
_THIRDS = {"m": (0, 3, 7), "min": (0, 3, 7), "-": (0, 3, 7), "dim": (0, 3, 6), "°": (0, 3, 6), "o": (0, 3, 6),
           "aug": (0, 4, 8), "+": (0, 4, 8), "sus": (0, 5, 7), "sus4": (0, 5, 7), "sus2": (0, 2, 7),
           "maj7": (0, 4, 7, 11)}
_SEVENTHS = {"6": (9,), "7": (10,), "9": (10, 14)}


def ornamented(pitch: Pitch, length: Fraction, names: set[str], key: Key) -> list[Piece]:
    """What is played for a note with decorations.

    Parameters
    ----------
    pitch, length : Pitch, Fraction
        The note; its length in quarter notes.
    names : set of str
        Of its decorations.
    key : Key
        Neighbours are notes of its scale.
    """
    main, upper, lower = pitch.midi, neighbour(pitch, 1, key), neighbour(pitch, -1, key)
    if length >= 4 * GRACE:
        if "trill" in names:
            count = min(int(length / GRACE), LONGEST_TRILL)
            return [((main, upper)[i % 2], GRACE) for i in range(count - 1)] + [(main, length - (count - 1) * GRACE)]
        for name, other in (("lowermordent", lower), ("uppermordent", upper)):
            if name in names:
                return [(main, GRACE), (other, GRACE), (main, length - 2 * GRACE)]
        if "roll" in names and length < 12 * GRACE:
            return [(upper, GRACE), (main, length - GRACE)]
        if "roll" in names:
            third = length / 3
            return [(main, third), (upper, GRACE), (main, third - GRACE), (lower, GRACE), (main, third - GRACE)]
    return [(main, length)]


def neighbour(pitch: Pitch, steps: int, key: Key) -> int:
    """MIDI number of the note of the scale `steps` above."""
    step = pitch.step + steps
    return 60 + semitones(step, key.signature[step % 7])


def graced(graces: list[int], pieces: list[Piece]) -> list[Piece]:
    """The pieces with grace notes before them, which take their time from the first."""
    if not graces or not pieces:
        return pieces
    (main, length), *rest = pieces
    each = min(GRACE, length / (2 * len(graces)))
    return [*((grace, each) for grace in graces), (main, length - each * len(graces)), *rest]


def chord_of(symbol: str) -> tuple[int, ...]:
    """MIDI numbers of the chord that a symbol such as `Am7/G` names, its bass below; none where it names none."""
    match = _CHORD.match(symbol)
    if match is None:
        return ()
    letter, sign, quality, seventh, bass, bass_sign = match.groups()
    root = semitones(LETTERS.index(letter), _alter(sign)) % 12
    tones = _THIRDS.get(quality or "", (0, 4, 7)) + _SEVENTHS.get(seventh or "", ())
    low = semitones(LETTERS.index(bass), _alter(bass_sign)) % 12 if bass else root
    return (36 + low, *sorted(48 + (root + tone) % 12 for tone in tones))


def _alter(sign: str | None) -> int:
    return ACCIDENTALS[{"#": "^", "b": "_"}.get(sign or "", "=")] or 0
