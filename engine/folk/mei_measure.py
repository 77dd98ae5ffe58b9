"""A measure in MEI, and its inside: notes of plain values, under beams and tuplets that nest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from html import escape
from itertools import pairwise

from engine.folk.keys import LETTERS, Key
from engine.folk.lyrics import Syllable
from engine.folk.tune import Meter, Pitch

ACCIDENTALS = {-2: "ff", -1: "f", 0: "n", 1: "s", 2: "x"}
_SHARPS, _FLATS = (3, 0, 4, 1, 5, 2, 6), (6, 2, 5, 1, 4, 0, 3)  # steps, in the order in which signatures add them
_NAMES = {Fraction(2): "breve", **{Fraction(1, n): str(n) for n in (1, 2, 4, 8, 16, 32, 64, 128)}}
_DOTS = ((2, Fraction(7, 4)), (1, Fraction(3, 2)), (0, Fraction(1)))
_VALUES = sorted(((length * factor, name, dots) for length, name in _NAMES.items() for dots, factor in _DOTS),
                 reverse=True)
_EXACT = {length: (name, dots, length) for length, name, dots in _VALUES}
_WORD = {"begin": "i", "middle": "m", "end": "t", "single": "s"}
MOST_PIECES = 64


@dataclass(frozen=True)
class Leaf:
    """One note, chord or rest as MEI."""

    xml: str
    beamed: bool = False    # short enough for a beam
    joined: bool = False    # no space parts it from the one before
    graces: tuple[str, ...] = ()


@dataclass
class Span:
    """Leaves `first` to before `last` of a measure that make a tuplet: `num` in the time of `base`."""

    first: int
    last: int
    num: int
    base: int


@dataclass
class Measure:
    """What a measure holds, while it is being filled."""

    start: int                                      # offset of its first note
    left: str = ""
    right: str = "single"
    number: int = 1
    whole: bool = False
    time: Fraction = Fraction(0)                    # whole notes
    leaves: list[Leaf] = field(default_factory=list)
    tuplets: list[Span] = field(default_factory=list)
    controls: list[str] = field(default_factory=list)

    def xml(self, others: Sequence[Measure | None] = ()) -> str:
        """As MEI; `others` are what the other voices have there, each on a staff of its own."""
        left = f' left="{self.left}"' if self.left else ""
        partial = "" if self.whole else ' metcon="false"'
        return (f'<measure xml:id="m{self.start}" n="{self.number}" right="{self.right}"{left}{partial}>'
                + "".join(_staff(n, one) for n, one in enumerate((self, *others), 1))
                + "".join(control for one in (self, *others) if one is not None for control in one.controls)
                + "</measure>")


def _staff(n: int, measure: Measure | None) -> str:
    empty = measure is None or not measure.leaves
    inside = "<mSpace/>" if measure is None or empty else layer(measure.leaves, measure.tuplets)
    return f'<staff n="{n}"><layer n="1">{inside}</layer></staff>'


def values(length: Fraction) -> list[tuple[str, int, Fraction]]:
    """A length in whole notes as note values (name, dots, whole notes) to be tied, the longest first."""
    if length in _EXACT:
        return [_EXACT[length]]
    found: list[tuple[str, int, Fraction]] = []
    for value, name, dots in _VALUES:
        while length >= value and len(found) < MOST_PIECES:
            found.append((name, dots, value))
            length -= value
    return found or [("128", 0, Fraction(1, 128))]


def note(pitch: Pitch, attributes: str, inside: str = "") -> str:
    """One note; its accidental is drawn where it is written, and said in any case."""
    octave, name = divmod(pitch.step + 28, 7)
    sounding = ACCIDENTALS.get(pitch.alter, "n")
    accidental = f'accid="{ACCIDENTALS[pitch.accidental]}"' if pitch.accidental is not None else (
        f'accid.ges="{sounding}"' if pitch.alter else "")
    return f'<note pname="{LETTERS[name].lower()}" oct="{octave}" {attributes} {accidental}>{inside}</note>'


def verse(one: Syllable) -> str:
    """A syllable under its note."""
    line = ' con="d"' if one.goes_on else ' con="u"' if one.held else ""
    return f'<verse n="{one.verse}"><syl wordpos="{_WORD[one.place]}"{line}>{escape(one.text)}</syl></verse>'


def layer(leaves: Sequence[Leaf], tuplets: Sequence[Span]) -> str:
    """The leaves of a measure with their beams and tuplets around them."""
    spans = [(s.first, s.last, f'<tuplet num="{s.num}" numbase="{s.base}">', "</tuplet>") for s in tuplets]
    spans += [(first, last, "<beam>", "</beam>") for first, last in beams(leaves, tuplets)]
    opened: dict[int, list[tuple[int, int, str]]] = {}
    closed: dict[int, list[tuple[int, int, str]]] = {}
    for order, (first, last, start, end) in enumerate(spans):  # of equal spans the tuplet is outside
        opened.setdefault(first, []).append((first - last, order, start))
        closed.setdefault(last, []).append((last - first, -order, end))
    parts = []
    inside = 0
    for index, leaf in enumerate(leaves):
        ending = [tag for *_, tag in sorted(closed.get(index, ()))]
        inside -= ending.count("</beam>")
        parts += [*ending, grace_group(leaf.graces, beamed=not inside)]
        beginning = [tag for *_, tag in sorted(opened.get(index, ()))]
        inside += beginning.count("<beam>")
        parts += [*beginning, leaf.xml]
    return "".join([*parts, *(tag for *_, tag in sorted(closed.get(len(leaves), ())))])


def grace_group(notes: Sequence[str], *, beamed: bool) -> str:
    """Grace notes under a beam of their own, which Verovio cannot draw inside another."""
    if not notes:
        return ""
    inner = "".join(notes)
    return f"<graceGrp>{f'<beam>{inner}</beam>' if beamed and len(notes) > 1 else inner}</graceGrp>"


def beams(leaves: Sequence[Leaf], tuplets: Sequence[Span]) -> Iterator[tuple[int, int]]:
    """First and behind the last of each run of leaves under one beam; none crosses the edge of a tuplet."""
    runs: list[list[int]] = []
    for index, leaf in enumerate(leaves):
        if leaf.beamed and leaf.joined and runs and runs[-1][1] == index and leaves[index - 1].beamed:
            runs[-1][1] = index + 1
        elif leaf.beamed:
            runs.append([index, index + 1])
    for first, last in runs:
        cuts = {edge for s in tuplets for edge in (s.first, s.last)
                if not (first <= s.first and s.last <= last) and first < edge < last}
        edges = [first, *sorted(cuts), last]
        yield from ((a, b) for a, b in pairwise(edges) if b - a > 1)


def meter_signature(meter: Meter, written: str) -> str:
    """A time signature; nothing in free time."""
    if not meter.bar:
        return ""
    if written.strip() in ("C", "C|"):
        return f'<meterSig count="4" unit="4" sym="{"common" if written.strip() == "C" else "cut"}"/>'
    count, unit = meter.text.split("/")
    return f'<meterSig count="{count}" unit="{unit}"/>'


def key_signature(key: Key) -> str:
    """A key signature, also one that no key of the circle of fifths has."""
    alters = key.signature
    for sign, order in (("s", _SHARPS), ("f", _FLATS)):
        alter = 1 if sign == "s" else -1
        count = sum(a == alter for a in alters)
        if all(alters[step] == (alter if i < count else 0) for i, step in enumerate(order)):
            return f'<keySig sig="{count}{sign if count else ""}"/>'
    inside = "".join(f'<keyAccid pname="{LETTERS[step].lower()}" accid="{ACCIDENTALS[alters[step]]}"/>'
                     for step in dict.fromkeys(_SHARPS + _FLATS) if alters[step])
    return f"<keySig>{inside}</keySig>"
