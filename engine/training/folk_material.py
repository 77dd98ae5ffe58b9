"""Folk tunes to learn from: ABC collections as tokens, without duplicates, split so that variants stay together."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from engine.checks import InputError, shown
from engine.folk.bars import check
from engine.folk.keys import semitones
from engine.folk.tokens import pitches_of, tokens_of
from engine.folk.tune import Field, Tune
from engine.job import Progress, Report, silent
from engine.training.folk_collections import files, read_tunes

GRAM = 8                 # intervals of a passage that two tunes may share
NEAR = 0.15              # share of its passages that makes a tune a variant of another
LEAST_BARS = 8
BARS_VALID = 0.9
LONGEST = 640            # tokens; longer ones are sets of variations
FATES = ("read", "unusable", "duplicates", "kept")
RARE = 4                 # a token that fewer tunes have is not learnt, nor are they


@dataclass(frozen=True)
class FolkTune:
    """A tune to learn from."""

    title: str
    collection: str
    tokens: tuple[str, ...]       # without start and end


@dataclass(frozen=True)
class Material:
    """Tunes in three parts, and what became of those that were read."""

    train: tuple[FolkTune, ...]
    valid: tuple[FolkTune, ...]
    test: tuple[FolkTune, ...]
    vocabulary: tuple[str, ...]           # of the training tunes, with start and end
    counts: dict[str, dict[str, int]]     # by collection: read, unusable, duplicates, kept


def gather(places: Sequence[str], *, style: str = "v2", seed: int = 0, held_out: float = 0.06,
           report: Report = silent) -> Material:
    """Read, clean and split collections.

    Parameters
    ----------
    places : sequence of str
        Folders, or `music21` for the collections of music21 that may be learnt from.
    style : "v2" or "v3"
        Token style.
    seed : int
        Of the split.
    held_out : float
        Share of the tunes for validation, and again for the test.
    report : Report
        Called for every file.

    Raises
    ------
    InputError
        When a folder is missing or has too few tunes for three parts.
    """
    counts: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(FATES, 0))
    tunes, seen = list[FolkTune](), set[tuple[object, ...]]()
    for collection, path in files(places):
        report(Progress(len(tunes), 0, f"reading {shown(path)}"))
        for tune in read_tunes(path):
            count = counts[collection]
            count["read"] += 1
            tokens = usable_tokens(tune, style)
            melody = tuple(tokens and (*intervals(tokens), *rhythm(tokens)))
            if not tokens or melody in seen:
                count["duplicates" if tokens else "unusable"] += 1
                continue
            seen.add(melody)
            tunes.append(FolkTune(tune.title, collection, tokens))
    tunes = _without_rare(tunes, counts)
    for tune_kept in tunes:
        counts[tune_kept.collection]["kept"] += 1
    if len(tunes) < 10:
        raise InputError(f"{', '.join(places)}: expected at least 10 usable folk tunes, found {len(tunes)}")
    train, valid, test = split(tunes, seed=seed, held_out=held_out)
    vocabulary = ("<s>", "</s>", *sorted({token for tune in tunes for token in tune.tokens}))
    return Material(train, valid, test, vocabulary, dict(counts))


def from_elsewhere(places: Sequence[str], material: Material, *, style: str = "v2") -> tuple[FolkTune, ...]:
    """Usable tunes of other collections that the model can read, without variants of the training tunes.

    Raises
    ------
    InputError
        When a folder is missing or nothing remains.
    """
    known, found = set(material.vocabulary), dict[tuple[str, ...], FolkTune]()
    for collection, path in files(places):
        for tune in read_tunes(path):
            tokens = usable_tokens(tune, style)
            if tokens and known.issuperset(tokens):
                found[tokens] = FolkTune(tune.title, collection, tokens)
    tunes = [*material.train, *found.values()]
    n = len(material.train)
    new = [tunes[group[0]] for group in families([intervals(tune.tokens) for tune in tunes]) if min(group) >= n]
    if not new:
        raise InputError(f"{', '.join(places)}: expected folk tunes that are not among those learnt from, found none")
    return tuple(new)


def usable_tokens(tune: Tune, style: str) -> tuple[str, ...]:
    """The tokens of a tune that is worth learning from; empty if it is not.

    It has no problems, one voice, one meter throughout, eight bars or more of which nine in ten are full.
    """
    fields = {event.letter for event in tune.events if isinstance(event, Field)}
    if tune.problems or tune.others or not tune.meter.bar or "M" in fields or "K" in fields:
        return ()
    try:
        tokens = tokens_of(tune, style=style)
    except InputError:
        return ()
    validity = check(tokens)
    sound = validity.bars >= LEAST_BARS and validity.bars_valid >= BARS_VALID * validity.bars
    return tokens if sound and len(tokens) <= LONGEST else ()


def intervals(tokens: Sequence[str]) -> list[int]:
    """Semitones from each note to the next; the same whatever the key."""
    heights = [semitones(*pitch) for pitch in pitches_of(tokens) if pitch is not None]
    return [b - a for a, b in pairwise(heights)]


def rhythm(tokens: Sequence[str]) -> list[str]:
    """What gives the notes their time."""
    return [token for token in tokens if token[0] in "0123456789/(<>z" or token.startswith("M:")]


def _without_rare(tunes: list[FolkTune], counts: dict[str, dict[str, int]]) -> list[FolkTune]:
    uses = Counter(token for tune in tunes for token in set(tune.tokens))
    rare = {token for token, n in uses.items() if n < min(RARE, len(tunes) // 50 + 1)}
    kept = []
    for tune in tunes:
        if rare.isdisjoint(tune.tokens):
            kept.append(tune)
        else:
            counts[tune.collection]["unusable"] += 1
    return kept


def split(tunes: Sequence[FolkTune], *, seed: int, held_out: float) -> tuple[tuple[FolkTune, ...], ...]:
    """Train, valid and test; variants of one tune lie on one side.

    A family is drawn at a time; families of more than ten go to the training part.
    """
    rng = np.random.default_rng(seed)
    groups = families([intervals(tune.tokens) for tune in tunes])
    rng.shuffle(groups)
    wanted = max(1, round(held_out * len(tunes)))
    parts: tuple[list[int], list[int], list[int]] = ([], [], [])
    for group in groups:
        side = next((i for i in (1, 2) if len(parts[i]) < wanted and len(group) <= 10), 0)
        parts[side].extend(group)
    train, valid, test = (tuple(tunes[i] for i in sorted(part)) for part in parts)
    return train, valid, test


def families(melodies: Sequence[Sequence[int]], gram: int = GRAM, near: float = NEAR) -> list[list[int]]:
    """Indices of melodies, grouped: two are of one family when they share many passages.

    Parameters
    ----------
    melodies : sequence of sequences of int
        Intervals in semitones.
    gram : int
        Intervals of a passage.
    near : float
        Share of the passages of the one that has fewer.
    """
    passages = [{tuple(m[i:i + gram]) for i in range(max(1, len(m) - gram + 1))} for m in melodies]
    where: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for index, grams in enumerate(passages):
        for passage in grams:
            where[passage].append(index)
    root = list(range(len(melodies)))
    for index, grams in enumerate(passages):
        shared = Counter(other for passage in grams for other in where[passage] if other < index)
        for other, n in shared.items():
            if n >= max(2, near * min(len(grams), len(passages[other]))):
                root[_root(root, other)] = _root(root, index)
    groups: dict[int, list[int]] = defaultdict(list)
    for index in range(len(melodies)):
        groups[_root(root, index)].append(index)
    return list(groups.values())


def _root(root: list[int], index: int) -> int:
    while root[index] != index:
        root[index] = root[root[index]]
        index = root[index]
    return index
