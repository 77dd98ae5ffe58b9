"""Pitches, intervals and keys, spelled: F sharp is not G flat."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

NATURALS = (0, 2, 4, 5, 7, 9, 11)  # semitones of C D E F G A B
LETTERS = "CDEFGAB"
STEPS = {letter: step for step, letter in enumerate(LETTERS + LETTERS.lower())}
FIFTHS = (0, 2, 4, -1, 1, 3, 5)    # of the same, counted from C on the circle of fifths
MODES = {"maj": 0, "min": -3, "dor": -2, "mix": -1, "lyd": 1, "phr": -4, "loc": -5}  # sharps against major
ALIASES = {"ion": "maj", "aeo": "min", "m": "min"}
ACCIDENTALS = {"": None, "=": 0, "^": 1, "^^": 2, "_": -1, "__": -2}
SIGNS = {alter: sign for sign, alter in ACCIDENTALS.items() if alter is not None}

_KEY = re.compile(r"\s*([A-Ga-g])([#b]?)\s*([A-Za-z]*)(.*)", re.DOTALL)
_EXTRA = re.compile(r"(?<!\S)(\^{1,2}|_{1,2}|=)([A-Ga-g])(?!\S)")
_CLEF = re.compile(r"\s*(?:treble|bass|alto|tenor|perc|clef|none|middle|octave|transpose|stafflines)(?![a-z])",
                   re.IGNORECASE)
_NATURAL = tuple((step, 0) for step in range(7))


def semitones(step: int, alter: int) -> int:
    """Semitones above middle C of a pitch `step` diatonic steps above it, altered by `alter` semitones."""
    return 12 * (step // 7) + NATURALS[step % 7] + alter


@dataclass(frozen=True)
class Interval:
    """How far to transpose: in diatonic steps and in semitones."""

    steps: int
    semitones: int

    def apply(self, step: int, alter: int) -> tuple[int, int]:
        """The transposed pitch; one that would need a triple accidental is spelled the plainest way."""
        goal = semitones(step, alter) + self.semitones
        moved = step + self.steps
        altered = goal - semitones(moved, 0)
        return (moved, altered) if abs(altered) <= 2 else plainest(goal)

    @property
    def inverse(self) -> Interval:
        """The way back."""
        return Interval(-self.steps, -self.semitones)


def plainest(height: int) -> tuple[int, int]:
    """(step, alter) of a pitch in semitones above middle C: a natural or a sharp."""
    octave, chroma = divmod(height, 12)
    step = max(i for i, natural in enumerate(NATURALS) if natural <= chroma)
    return 7 * octave + step, chroma - NATURALS[step]


@dataclass(frozen=True)
class Key:
    """A tonic, a mode, and accidentals that were written out beside them."""

    step: int = 0                                # of the tonic: 0 is C, 6 is B
    alter: int = 0
    mode: str = "maj"                            # one of `MODES`
    extra: tuple[tuple[int, int], ...] = ()      # (step 0 to 6, alter)

    @cached_property
    def signature(self) -> tuple[int, ...]:
        """Alterations of C D E F G A B."""
        sharps = FIFTHS[self.step] + 7 * self.alter + MODES[self.mode]
        alters = [(sharps - (fifth + 1) + 6) // 7 for fifth in FIFTHS]
        for step, alter in self.extra:
            alters[step] = alter
        return tuple(alters)

    @property
    def to_c(self) -> Interval:
        """The shortest way to C: at most six semitones down, five up."""
        height = NATURALS[self.step] + self.alter
        up = (-height + 6) % 12 - 6
        octaves = (up + height) // 12  # C itself may lie an octave up
        return Interval(7 * octaves - self.step, up)

    @property
    def folk_mode(self) -> str:
        """The nearest of the four modes that folk-rnn knows: maj, min, dor or mix."""
        return {"lyd": "maj", "phr": "min", "loc": "min"}.get(self.mode, self.mode)

    def __str__(self) -> str:
        """As ABC writes it: `Gmin`, `F#dor`."""
        return LETTERS[self.step] + {-1: "b", 0: "", 1: "#"}[self.alter] + self.mode


def is_clef(text: str) -> bool:
    """Whether a field `K:` says nothing of the key, but of the clef or such: the key stays."""
    return _CLEF.match(text) is not None


@lru_cache(maxsize=1024)
def read_key(text: str) -> Key | None:
    """The key that an ABC field `K:` names, None where it cannot be understood or names none.

    Parameters
    ----------
    text : str
        What follows `K:`, such as `G`, `F# minor`, `Ador`, `Dmix =c`, `D exp _b ^f`, `HP`, `none`.
    """
    bare = text.strip()
    if not bare or bare.lower().startswith("none"):
        return Key()
    if bare[:2].lower() == "hp":  # bagpipes: A mixolydian whatever is written
        return Key(5, 0, "mix")
    match = _KEY.fullmatch(bare)
    if match is None or is_clef(bare):
        return None
    letter, accidental, word, rest = match.groups()
    explicit = word.lower() == "exp" or rest.split()[:1] == ["exp"]
    mode = "maj" if word.lower() == "exp" or is_clef(word) else _mode(word)
    if mode is None:
        return None
    extra = tuple(((ord(name.lower()) - ord("c")) % 7, ACCIDENTALS[sign] or 0) for sign, name in _EXTRA.findall(rest))
    return Key(LETTERS.index(letter.upper()), {"": 0, "#": 1, "b": -1}[accidental], mode,
               _NATURAL + extra if explicit else extra)


def _mode(word: str) -> str | None:
    if word in ("", "M"):
        return "maj"
    short = word.lower()[:3]
    short = ALIASES.get(short, short)
    return short if short in MODES else None
