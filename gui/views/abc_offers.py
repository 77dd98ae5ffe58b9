"""What can stand where one types ABC: fields, keys, metres, lengths, rhythms, tempi, decorations, the next line."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from engine.folk.abc_words import FIELD
from engine.folk.decorations import ARTICULATIONS, CONTROLS
from engine.folk.edits import Edit
from engine.folk.keys import FIFTHS, LETTERS, MODES

USUAL = "TMLK"  # the fields that a tune has behind its X:, in this order
_CONTINUED = re.compile(r"(\s*[+wW]:\s*)")
_LETTER = re.compile(r"[A-Za-z]?")
_KEY = re.compile(r"^K[ \t]?:", re.MULTILINE)
_FIELDS = re.compile(r"^([A-Za-z])[ \t]?:(?![|:])", re.MULTILINE)
_MODE_WORDS = {"maj": ("", "major"), "min": ("m", "minor"), "dor": ("dor", "dorian"), "mix": ("mix", "mixolydian"),
               "lyd": ("lyd", "lydian"), "phr": ("phr", "phrygian"), "loc": ("loc", "locrian")}


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that can be written, and what it means."""

    text: str
    meaning: str


FIELDS = tuple(Offer(f"{letter}:", meaning) for letter, meaning in (
    ("X", "number of the tune"), ("T", "title"), ("M", "metre"), ("L", "unit note length"), ("K", "key"),
    ("R", "rhythm"), ("Q", "tempo"), ("C", "composer"), ("O", "origin"), ("S", "source"), ("Z", "transcription"),
    ("P", "parts"), ("N", "notes"), ("H", "history"), ("A", "area"), ("B", "book"), ("D", "discography"),
    ("G", "group"), ("W", "words behind the tune"), ("w", "words under the notes"), ("V", "voice")))
METRES = tuple(Offer(*pair) for pair in (
    ("4/4", "reel, hornpipe"), ("6/8", "jig"), ("2/4", "polka"), ("3/4", "waltz"), ("9/8", "slip jig"),
    ("12/8", "slide"), ("2/2", "cut time"), ("3/2", "triple hornpipe"), ("5/4", "five"), ("7/8", "seven"),
    ("C", "common time"), ("C|", "cut time"), ("none", "free")))
LENGTHS = tuple(Offer(*pair) for pair in (
    ("1/8", "quaver"), ("1/4", "crotchet"), ("1/16", "semiquaver"), ("1/2", "minim"), ("1/32", "demisemiquaver")))
RHYTHMS = tuple(Offer(*pair) for pair in (
    ("reel", "4/4"), ("jig", "6/8"), ("hornpipe", "4/4, dotted"), ("polka", "2/4"), ("slip jig", "9/8"),
    ("waltz", "3/4"), ("slide", "12/8"), ("march", "2/4, 4/4 or 6/8"), ("strathspey", "4/4, snapped"),
    ("barndance", "4/4"), ("mazurka", "3/4"), ("air", "slow"), ("three-two", "3/2")))
TEMPI = tuple(Offer(*pair) for pair in (
    ("1/4=60", "slow air"), ("1/4=100", "moderate"), ("1/4=160", "waltz"), ("1/2=110", "reel"), ("3/8=115", "jig"),
    ("1/2=80", "hornpipe"), ("3/8=100", "slip jig"), ("1/4=130", "polka")))


@cache
def keys() -> tuple[Offer, ...]:
    """All keys of up to five sharps or flats, the modes of folk music and the plainest signatures first."""
    found = []
    for order, mode in enumerate(MODES):
        short, word = _MODE_WORDS[mode]
        for step, letter in enumerate(LETTERS):
            for sign, alter in (("", 0), ("#", 1), ("b", -1)):
                sharps = FIFTHS[step] + 7 * alter + MODES[mode]
                if abs(sharps) <= 5:
                    offer = Offer(f"{letter}{sign}{short}", f"{letter}{sign} {word}".replace("b ", "♭ ").replace(
                        "#", "♯"))
                    found.append(((order, abs(sharps - 1), sharps), offer))  # around G, where most tunes are
    return tuple(offer for _, offer in sorted(found, key=lambda pair: pair[0]))


@cache
def decorations() -> tuple[Offer, ...]:
    """The decorations that are engraved, by name."""
    names = sorted({*ARTICULATIONS, *CONTROLS})
    written = (name[:4].upper() + name[4:] if name.startswith("d.") else name for name in names)
    return tuple(Offer(f"!{name}!", "") for name in written)


_VALUES: dict[str, Callable[[], tuple[Offer, ...]]] = {
    "M": lambda: METRES, "L": lambda: LENGTHS, "R": lambda: RHYTHMS, "Q": lambda: TEMPI,
    "K": keys}


def offers(line: str, column: int, *, header: bool, asked: bool) -> tuple[int, tuple[Offer, ...]]:
    """What fits at a column of a line.

    Parameters
    ----------
    line : str
    column : int
        Where the cursor is, in characters.
    header : bool
        Whether the line stands before the music of its tune.
    asked : bool
        Whether it was asked for; unasked, nothing is offered at an empty place, nor where a letter may be a note.

    Returns
    -------
    (int, tuple of Offer)
        Column where what is typed so far begins, and what it can become; none where nothing fits.
    """
    before, behind = line[:column], line[column:]
    if _LETTER.fullmatch(before) and not behind.strip() and (asked or (header and before)):
        return 0, _fitting(before, FIELDS, alike=str.upper if header else str)
    field = FIELD.match(before)
    if field is not None and field[1] in _VALUES and not behind.strip():
        return field.start(2), _fitting(field[2], _VALUES[field[1]](), alike=str.lower)
    at = -1 if field or before.startswith("+:") else _open_decoration(before)
    return (at, _fitting(before[at:], decorations(), alike=str.lower)) if at >= 0 else (column, ())


def _open_decoration(before: str) -> int:
    """Where the `!` stands that opens a decoration and is not closed; -1 where there is none."""
    quoted, opened = False, -1
    for at, letter in enumerate(before):
        if letter == '"' and opened < 0:
            quoted = not quoted
        elif letter == "%" and not quoted:
            return -1
        elif letter == "!" and not quoted:
            opened = at if opened < 0 else -1
        elif letter in " |" and opened >= 0:
            opened = -1     # an old sign for the end of a line
    return opened


def _fitting(typed: str, choice: tuple[Offer, ...], *, alike: Callable[[str], str]) -> tuple[Offer, ...]:
    plain = alike(typed)
    found = [offer for offer in choice if alike(offer.text).startswith(plain) or (
        len(plain) > 1 and alike(offer.meaning).startswith(plain))]
    return tuple(sorted(found, key=lambda offer: offer.text != typed))


def header_of(text: str, offset: int) -> tuple[bool, str]:
    """Whether the line at an offset stands in the header of its tune, and the letters of that header's fields."""
    start = text.rfind("\n\n", 0, offset)
    start = start + 2 if start >= 0 else 0
    line = text.rfind("\n", 0, offset) + 1
    key = _KEY.search(text, start)
    end = text.find("\n\n", start)
    end = min(end if end >= 0 else len(text), key.end() if key else len(text))
    return key is None or key.start() >= line, "".join(_FIELDS.findall(text, start, end))


def next_line(text: str, offset: int) -> Edit | None:
    """What Enter writes at an offset where it does more than break the line; its last line is an offered field.

    Behind a field of the header that is the next field a tune has; in lines of words their letter again.
    """
    start = text.rfind("\n", 0, offset) + 1
    end = text.find("\n", offset)
    line = text[start:end if end >= 0 else len(text)]
    continued = _CONTINUED.match(line)
    if continued is not None and offset - start >= continued.end() and continued.end() < len(line):
        return Edit(offset, offset, "\n" + continued[1])
    field = FIELD.match(line)
    in_header, letters = header_of(text, offset)
    if field is None or not in_header or field[1] == "K" or line[offset - start:].strip():
        return None
    behind = USUAL[USUAL.index(field[1]) + 1:] if field[1] in USUAL else USUAL
    missing = next((letter for letter in behind if letter not in letters), None)
    return Edit(offset, start + len(line), f"\n{missing}:") if missing else None
