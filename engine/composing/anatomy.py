"""One tune under the glass: phrases, cadences, range, motifs, and where it breaks what its corpus does.

After the second part of Sturm, Santos, Ben-Tal and Korshunova (CSMC 2016), where single tunes are looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from engine.composing.statistics import PROPERTIES, Facts, Population
from engine.folk.bars import ZERO, Count, check, step
from engine.folk.keys import semitones
from engine.folk.tokens import pitches_of, read_token

PHRASE = 4           # bars
ALIKE = 0.6          # share of bars in common that makes a phrase a variant of another
RARE = 0.02          # share of the corpus below which something breaks a convention
CONVENTIONS = {"meter": "the metre {}", "mode": "the mode {}", "bars": "a length of {} bars",
               "length": "a length of {} tokens", "final_tone": "an end on {}"}
DEGREES = ("tonic", "flat second", "second", "minor third", "third", "fourth", "raised fourth", "fifth", "minor sixth",
           "sixth", "seventh below the octave", "leading note")


@dataclass(frozen=True)
class Bar:
    """A bar as it is written: between two lines of any kind."""

    number: int                       # from 1, as musicians count: a pickup has that of the bar behind it
    start: int                        # places among the tokens: tokens[start:stop]
    stop: int
    heights: tuple[int, ...]          # semitones above middle C
    music: tuple[str, ...]            # its tokens
    sign: str                         # the line or ending behind it
    pickup: bool                      # half a bar or less: it belongs to the bar behind it


@dataclass(frozen=True)
class Phrase:
    """Some bars up to a repeat sign, an ending or a double bar line, four at most."""

    letter: str                       # A, B, ...: equal letters are equal phrases; A' is a variant of A
    first: int                        # bars, from 1
    last: int
    cadence: str                      # degree of its last note


@dataclass(frozen=True)
class Anatomy:
    """What one tune is made of.

    Attributes
    ----------
    bars : int
        Those that are no pickups.
    lowest, highest : int
        Semitones above middle C.
    motifs : float
        Share of the bars whose intervals and rhythm another bar has, too: 0 to 1.
    breaks : tuple of str
        Sentences on what is at fault, or rare in the corpus.
    """

    bars: int
    phrases: tuple[Phrase, ...]
    form: str
    lowest: int
    highest: int
    motifs: float
    breaks: tuple[str, ...]


def anatomy(tokens: Sequence[str], corpus: Population | None = None) -> Anatomy:
    """What a tune is made of, and where it breaks the conventions of a corpus."""
    cut = cut_into_bars(tokens)
    phrases = phrases_of(cut)
    heights = [height for bar in cut for height in bar.heights]
    shapes = Counter(_shape(bar) for bar in cut)
    recurring = sum(n for shape, n in shapes.items() if n > 1 and len(shape[0]) > 0)
    bars = sum(not bar.pickup for bar in cut)
    return Anatomy(bars, phrases, " ".join(phrase.letter for phrase in phrases), min(heights, default=0),
                   max(heights, default=0), recurring / max(1, bars), tuple(broken(tokens, corpus)))


def cut_into_bars(tokens: Sequence[str]) -> list[Bar]:
    """The bars of a tune that have notes or rests."""
    found, start, heights, count, begun = list[Bar](), 0, list[int](), Count(), ZERO
    pitches = list(pitches_of(tokens))
    for place, text in enumerate((*tokens, "|")):
        token = read_token(text)
        kind = token.kind if token is not None else ""
        if place < len(tokens) and (pitch := pitches[place]) is not None:
            heights.append(semitones(*pitch))
        if kind in ("bar", "ending"):
            music = tuple(tokens[start:place])
            if heights or "z" in music:
                short = count.played - begun <= count.meter / 2
                full = sum(not bar.pickup for bar in found)
                found.append(Bar(full + 1, start, place, tuple(heights), music, text, short))
            start, heights = place + 1, []
        elif kind in ("meter", "mode", "start"):
            start = place + 1
        if token is not None:
            count, _ = step(count, token)
            begun = count.phase if kind in ("bar", "ending") else begun
    return found


def phrases_of(cut: Sequence[Bar]) -> tuple[Phrase, ...]:
    """Bars in phrases, with letters for what is alike."""
    groups, group = list[list[Bar]](), list[Bar]()
    for bar in cut:
        group.append(bar)
        full = sum(not one.pickup for one in group)
        if full == PHRASE or (full and bar.sign != "|"):
            groups.append(group)
            group = []
    groups += [group] if group else []
    kinds: list[list[Bar]] = []
    found = []
    for group in groups:
        scores = [_alike(group, kind) for kind in kinds]
        best = max(range(len(kinds)), key=scores.__getitem__, default=-1)
        if best < 0 or scores[best] < ALIKE:
            kinds.append(group)
            best, scores = len(kinds) - 1, [*scores, 1.0]
        last = next((bar.heights[-1] for bar in reversed(group) if bar.heights), None)
        found.append(Phrase(_letter(best) + ("" if scores[best] == 1 else "'"), group[0].number, group[-1].number,
                            "silence" if last is None else DEGREES[last % 12]))
    return tuple(found)


def _letter(index: int) -> str:
    return chr(ord("A") + index) if index < 26 else f"P{index + 1}"


def _alike(a: Sequence[Bar], b: Sequence[Bar]) -> float:
    same = sum(x.music == y.music for x, y in zip(a, b, strict=False))
    return same / max(len(a), len(b))


def _shape(bar: Bar) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """What stays when a bar is transposed."""
    steps = tuple(height - bar.heights[0] for height in bar.heights[1:])
    return steps, tuple(text for text in bar.music if text[0] in "0123456789/(<>z")


def broken(tokens: Sequence[str], corpus: Population | None) -> list[str]:
    """Sentences on what is at fault in itself, and on what fewer than one tune in fifty of the corpus does."""
    said = [f"token {fault.index + 1}: {fault.message}" for fault in check(tokens).faults]
    if corpus is None:
        return said
    tune = Facts(tokens)
    for name, words in CONVENTIONS.items():
        for category in PROPERTIES[name](tune):
            share = _share(corpus, name, category)
            if share < RARE and not (name in ("bars", "length") and _usual(corpus, name, category)):
                said.append(f"{words.format(category)} is rare: {100 * share:.1f} % of {corpus.size:,} tunes")
    rare = [step for step in PROPERTIES["intervals"](tune) if _share(corpus, "intervals", step) < RARE / 40]
    if rare:
        said.append(f"steps of {', '.join(sorted(rare))} semitones are rare")
    return said


def _share(corpus: Population, name: str, category: str) -> float:
    return corpus.shares(name).get(category, 0.0)


def _usual(corpus: Population, name: str, category: str) -> bool:
    """Whether a number lies between the 2nd and the 98th percentile, rare or not by itself."""
    total, below = 0.0, float(category.split("-")[0])
    for known, share in corpus.shares(name).items():
        total += share if float(known.split("-")[0]) < below else 0.0
    return RARE < total < 1 - RARE
