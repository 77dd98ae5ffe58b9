"""How keys and chord symbols move when a tune is transposed, and by what name each key is called then."""

from __future__ import annotations

import re

from engine.folk.edits import Edit, applied
from engine.folk.keys import ACCIDENTALS, FIFTHS, LETTERS, MODES, NATURALS, SIGNS, Interval, Key, plainest, read_key
from engine.folk.keys import semitones as height_of
from engine.folk.tune import Field, Mark

_NAMES = {-1: "b", 0: "", 1: "#"}
_ALTERS = {"b": -1, "": 0, "#": 1}
_EXTRA = re.compile(r"(?<!\S)(\^{1,2}|_{1,2}|=)([A-Ga-g])(?!\S)")
_CHORD = re.compile(r'"\s*([A-G])([#b]?)(?:maj|min|dim|aug|sus|add|m|M|\+|-|°|o|ø|[#b]?\d{1,2}|[(),])*'
                    r'(?:/([A-G])([#b]?))?\s*"?')


class Course:
    """A way to transpose: always as many semitones, in steps that may differ from key to key.

    Attributes
    ----------
    interval : Interval
        Under the key that counts at the moment.
    target : Key
        What that key becomes.
    """

    def __init__(self, source: Key, tonic: tuple[int, int], semitones: int) -> None:
        self.semitones = semitones
        self.interval = self.first = _between(source, tonic, semitones)
        self.target = source

    @classmethod
    def to(cls, source: Key, key: Key) -> Course:
        """To the tonic of another key, the nearest way."""
        way = height_of(key.step, key.alter) - height_of(source.step, source.alter)
        return cls(source, (key.step, key.alter), (way + 6) % 12 - 6)

    @classmethod
    def by(cls, source: Key, semitones: int) -> Course:
        """By so many semitones, to the key with the fewest accidentals."""
        tonic = (source.step, source.alter) if semitones % 12 == 0 else _plain_tonic(source, semitones)
        return cls(source, tonic, semitones)

    def apply(self, step: int, alter: int) -> tuple[int, int]:
        """Where a pitch goes."""
        return self.interval.apply(step, alter)

    def enter(self, key: Key) -> tuple[int, int]:
        """(step, alter) of the tonic that a key of the tune gets; from here on it counts."""
        step, alter = self.first.apply(key.step, key.alter)
        tonic = (step % 7, alter)
        if abs(alter) > 1 or abs(_sharps(*tonic, key.mode)) > max(7, abs(_sharps(key.step, key.alter, key.mode))):
            tonic = _plain_tonic(key, self.semitones)
        self.interval = _between(key, tonic, self.semitones)
        return tonic


def _between(key: Key, tonic: tuple[int, int], semitones: int) -> Interval:
    """The way from a key's tonic to one of that name."""
    goal = height_of(key.step, key.alter) + semitones
    octaves = (goal - height_of(*tonic)) // 12
    return Interval(tonic[0] + 7 * octaves - key.step, semitones)


def _sharps(step: int, alter: int, mode: str) -> int:
    return FIFTHS[step] + 7 * alter + MODES[mode]


def _plain_tonic(key: Key, semitones: int) -> tuple[int, int]:
    """The name of a tonic so far away whose signature is the shortest; of two the one on the side of the way."""
    chroma = (height_of(key.step, key.alter) + semitones) % 12
    names = [(step, alter) for step in range(7) for alter in (-1, 0, 1) if (NATURALS[step] + alter) % 12 == chroma]
    sharps = {name: _sharps(*name, key.mode) for name in names}
    return min(names, key=lambda name: (abs(sharps[name]), (sharps[name] < 0) == (semitones > 0)))


def moved_field(field: Field, text: str, course: Course) -> list[Edit]:
    """The edits of a field K:, which counts from here on; none where it cannot be understood.

    Its mode, its clef and whatever else it says stay; accidentals written out beside it move along.
    """
    key = read_key(field.text)
    if key is None:
        return []
    step, alter = course.enter(key)
    tonic, said = LETTERS[step] + _NAMES[alter], field.text
    if said[:1] in set(LETTERS + LETTERS.lower()):
        edits = [Edit(0, 2 if said[1:2] in ("#", "b") else 1, tonic)]
    elif said[:2].lower() == "hp":  # bagpipes
        edits = [Edit(0, 2, f"{tonic}mix")]
    else:
        edits = [Edit(0, 4, tonic) if said.lower().startswith("none") else Edit(0, 0, f"{tonic} " if said else tonic)]
    for match in _EXTRA.finditer(said, edits[0].stop):
        edits.append(Edit(match.start(), match.end(), _moved_extra(match, course)))
    course.target = read_key(applied(said, edits)) or course.target
    start = text.find(said, text.index(":", field.start) + 1)
    return [Edit(start + edit.start, start + edit.stop, edit.text) for edit in edits]


def _moved_extra(match: re.Match[str], course: Course) -> str:
    """`^f` in another key."""
    name = LETTERS.index(match[2].upper())
    step, alter = course.apply(name, ACCIDENTALS[match[1]] or 0)
    letter = LETTERS[step % 7]
    return SIGNS[alter] + (letter.lower() if match[2].islower() else letter)


def moved_chord(mark: Mark, course: Course) -> list[Edit]:
    """The edits of a chord symbol: its root and its bass; none where the quotes hold other words."""
    match = _CHORD.fullmatch(mark.text)
    if match is None:
        return []
    edits = []
    for letter, sign in ((1, 2), (3, 4)):
        if match[letter]:
            step, alter = course.apply(LETTERS.index(match[letter]), _ALTERS[match[sign]])
            if abs(alter) > 1:
                step, alter = plainest(height_of(step, alter))
            edits.append(Edit(mark.start + match.start(letter), mark.start + match.end(sign),
                              LETTERS[step % 7] + _NAMES[alter]))
    return edits
