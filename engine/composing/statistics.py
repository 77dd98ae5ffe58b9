"""Statistics of many tunes, beside each other (Sturm, Santos, Ben-Tal and Korshunova, CSMC 2016, first part).

Each property of a tune is a table of counts; of many tunes the counts are added. Two populations are compared by the
Jensen-Shannon divergence in bits (0: alike, 1: nothing in common; Lin 1991). How far apart two samples of one
population lie is the floor: random parts of the corpus against each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.checks import InputError
from engine.folk.bars import Count, step
from engine.folk.keys import semitones
from engine.folk.tokens import UNIT, mode_of, pitches_of, read_token
from engine.job import Progress, Report, silent

LENGTH_BIN = 20          # tokens
OTHER = "other"
NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
Counts = Counter[str]
Tokens = Sequence[str]


@dataclass(frozen=True)
class Comparison:
    """One property of two populations.

    Attributes
    ----------
    corpus, generated : dict
        Category -> share, 0 to 1.
    distance : float
        Jensen-Shannon divergence of the two, bits.
    floor : float
        Mean of that between random parts of the corpus, the smaller as large as what was generated.
    floor_high : float
        Its 95th percentile: a distance above it is not chance.
    """

    corpus: dict[str, float]
    generated: dict[str, float]
    distance: float
    floor: float
    floor_high: float

    @property
    def categories(self) -> list[str]:
        """Of both populations, numbers by their size."""
        return sorted({*self.corpus, *self.generated}, key=_order)


class Facts:
    """What is counted of one tune."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.heights = tuple(semitones(*pitch) for pitch in pitches_of(tokens) if pitch is not None)
        self.durations, self.bars = _times(tokens)


def _times(tokens: Tokens) -> tuple[list[Fraction], int]:
    """How long each note, chord and rest sounds, in whole notes, and the number of bars."""
    count, found, bars = Count(), list[Fraction](), 0
    for token in map(read_token, tokens):
        if token is None:
            continue
        line = token.kind in ("bar", "ending")
        if count.note and (line or (token.kind in ("pitch", "rest") and not count.chord)):
            found.append(count.note)
            bars += line
        count, _ = step(count, token)
    if count.note:
        found.append(count.note)
    return found, bars


def meter(tune: Facts) -> Counts:
    """Its meter."""
    return Counter([next((token[2:] for token in tune.tokens if token.startswith("M:")), "none")])


def mode(tune: Facts) -> Counts:
    """Its mode."""
    return Counter([mode_of(tune.tokens)])


def length(tune: Facts) -> Counts:
    """Its tokens, in steps of `LENGTH_BIN`."""
    start = len(tune.tokens) // LENGTH_BIN * LENGTH_BIN
    return Counter([f"{start}-{start + LENGTH_BIN - 1}"])


def pitch_classes(tune: Facts) -> Counts:
    """Its notes by their names, C being the tonic."""
    return Counter(NAMES[height % 12] for height in tune.heights)


def intervals(tune: Facts) -> Counts:
    """Semitones from each note to the next, beyond an octave as one."""
    steps = (b - a for a, b in pairwise(tune.heights))
    return Counter(f"{interval:+d}" if abs(interval) <= 12 else OTHER for interval in steps)


def note_lengths(tune: Facts) -> Counts:
    """Its notes and rests by how long they sound, in eighths."""
    return Counter(str(duration / UNIT) for duration in tune.durations)


def bars(tune: Facts) -> Counts:
    """Its number of bars, pickups and split bars as one each."""
    return Counter([str(tune.bars)])


def final_tone(tune: Facts) -> Counts:
    """The name of its last note, C being the tonic."""
    return Counter(NAMES[height % 12] for height in tune.heights[-1:])


def repeat_structure(tune: Facts) -> Counts:
    """Its repeat signs and endings, in order."""
    signs = [token for token in tune.tokens if token in ("|:", ":|") or (token[0] == "|" and token[1:2].isdigit())]
    return Counter([" ".join(signs) or "none"])


PROPERTIES: dict[str, Callable[[Facts], Counts]] = {
    function.__name__: function for function in
    (meter, mode, length, pitch_classes, intervals, note_lengths, bars, final_tone, repeat_structure)}
"""Name -> counts of one tune."""


class Population:
    """The counts of many tunes, each tune by itself so that they can be drawn again.

    Attributes
    ----------
    categories : dict
        Property -> its categories.
    counts : dict
        Property -> (tunes, categories) counts.
    """

    def __init__(self, tunes: Sequence[Tokens], report: Report = silent) -> None:
        self.size = len(tunes)
        found: dict[str, list[Counts]] = {name: [] for name in PROPERTIES}
        for done, tokens in enumerate(tunes):
            report(Progress(done, len(tunes), "counting"))
            tune = Facts(tokens)
            for name, count in PROPERTIES.items():
                found[name].append(count(tune))
        self.categories: dict[str, list[str]] = {}
        self.counts: dict[str, NDArray[np.int32]] = {}
        for name, tables in found.items():
            known = self.categories[name] = sorted({category for table in tables for category in table}, key=_order)
            index = {category: column for column, category in enumerate(known)}
            self.counts[name] = np.zeros((len(tables), len(known)), dtype=np.int32)
            for row, table in enumerate(tables):
                for category, n in table.items():
                    self.counts[name][row, index[category]] = n

    def shares(self, name: str) -> dict[str, float]:
        """Category -> share, 0 to 1."""
        total = self.counts[name].sum(0)
        return dict(zip(self.categories[name], (total / max(1, total.sum())).tolist(), strict=True))


def compared(corpus: Population, generated: Population, *, draws: int = 40, seed: int = 0,
             report: Report = silent) -> dict[str, Comparison]:
    """Every property of two populations.

    Parameters
    ----------
    corpus, generated : Population
        At least two tunes, and one.
    draws : int
        Pairs of random parts of the corpus that make the floor.

    Raises
    ------
    InputError
        When there are too few tunes.
    """
    if corpus.size < 2 or not generated.size:
        raise InputError(f"statistics: expected 2 tunes of the corpus and 1 generated at least, got {corpus.size} and "
                         f"{generated.size}")
    rng = np.random.default_rng(seed)
    part = min(corpus.size // 2, generated.size)
    parts = [(order[:part], order[part:]) for order in (rng.permutation(corpus.size) for _ in range(draws))]
    found = {}
    for done, name in enumerate(PROPERTIES):
        report(Progress(done, len(PROPERTIES), "comparing"))
        counts = corpus.counts[name]
        floor = [divergence(counts[a].sum(0), counts[b].sum(0)) for a, b in parts]
        ours, theirs = corpus.shares(name), generated.shares(name)
        names = list(dict.fromkeys([*ours, *theirs]))
        distance = divergence(*(np.array([shares.get(category, 0.0) for category in names])
                                for shares in (ours, theirs)))
        found[name] = Comparison(ours, theirs, distance, float(np.mean(floor)), float(np.quantile(floor, 0.95)))
    return found


def divergence(p: NDArray[np.generic], q: NDArray[np.generic]) -> float:
    """Jensen-Shannon divergence in bits of two tables of counts or shares over the same categories."""
    a, b = (np.asarray(x, dtype=np.float64) / max(float(np.sum(x)), 1e-300) for x in (p, q))
    if not a.sum() or not b.sum():
        return 0.0 if a.sum() == b.sum() else 1.0
    middle = (a + b) / 2
    parts = (np.where(x > 0, x * np.log2(np.where(x > 0, x / np.where(middle > 0, middle, 1), 1)), 0).sum()
             for x in (a, b))
    return float(max(0.0, sum(parts) / 2))


def _order(category: str) -> tuple[float, str]:
    """Numbers by their size, then the rest by the alphabet."""
    try:
        return float(Fraction(category.split("-")[0] if category[0].isdigit() else category)), ""
    except (ValueError, ZeroDivisionError):
        return float(NAMES.index(category)) if category in NAMES else 1e9, category
