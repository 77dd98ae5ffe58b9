"""How much of a tune stands in the tunes that were learnt from: nearest tunes, and passages that are copied.

Nearest tunes are found by the edit distance (Levenshtein 1966) of their intervals in semitones, so that neither key
nor rhythm counts, among those that share most passages of `SHARED` notes. A passage counts as copied when `PASSAGE`
notes or more have both intervals and rhythm in common: intervals alone recur everywhere (of tunes that were held out
nine notes in ten lie in such passages).
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.checks import InputError, shown
from engine.folk.keys import semitones
from engine.folk.tokens import pitches_of
from engine.models.folk_lstm import FOLDER
from engine.models.stored_arrays import read_arrays

PASSAGE = 8          # notes in a row that make a copy
SHARED = 5           # notes of the passages by which candidates are chosen
CANDIDATES = 48      # tunes whose edit distance is computed
LARGEST_INDEX = 200_000_000   # bytes, unpacked
Ints = NDArray[np.int64]
MULTIPLIERS = np.random.default_rng(0).integers(1, 2**62, PASSAGE, dtype=np.int64) * 2 + 1


@dataclass(frozen=True)
class KnownTune:
    """A tune that was learnt from."""

    title: str
    source: str                   # name of its collection
    tokens: tuple[str, ...]


@dataclass(frozen=True)
class Near:
    """A known tune and how near it is."""

    tune: KnownTune
    similarity: float             # 1 minus edit distance by the number of intervals of the longer one: 0 to 1
    shared: float                 # share of the passages of `SHARED` notes that it has, too: 0 to 1


@dataclass(frozen=True)
class Passage:
    """Notes in a row that a known tune has, too, perhaps in another key; where bar lines stand does not count."""

    tune: KnownTune
    notes: int
    start: int                    # places of first and last note among the tokens asked for
    stop: int
    start_there: int              # and among the tokens of the known tune
    stop_there: int


@dataclass(frozen=True)
class Novelty:
    """What of a tune is known."""

    nearest: tuple[Near, ...]     # most similar first
    passages: tuple[Passage, ...] # longest first, none inside another
    copied: float                 # share of the notes that lie in such passages: 0 to 1


class TuneIndex:
    """Tunes, prepared for being asked."""

    def __init__(self, tunes: Sequence[KnownTune]) -> None:
        self.tunes = tuple(tunes)
        melodies = [melody(tune.tokens) for tune in tunes]
        self.intervals = [one.intervals for one in melodies]
        self.places = [one.places for one in melodies]
        self.long = _Table([one.codes(PASSAGE, rhythm=True) for one in melodies])
        self.short = _Table([one.codes(SHARED) for one in melodies])

    def novelty(self, tokens: Sequence[str], *, nearest: int = 3, passages: int = 8) -> Novelty:
        """What of a tune is known.

        Parameters
        ----------
        tokens : sequence of str
            Of the tune.
        nearest, passages : int
            How many are named at most.
        """
        asked = melody(tokens)
        found = self._passages(asked)
        covered = np.zeros(len(asked.places), dtype=bool)
        for passage in found:
            covered |= (asked.places >= passage.start) & (asked.places <= passage.stop)
        return Novelty(self._nearest(asked, nearest), tuple(found[:passages]),
                       float(covered.mean()) if len(covered) else 0.0)

    def _nearest(self, asked: Melody, wanted: int) -> tuple[Near, ...]:
        intervals = asked.intervals
        if not len(intervals) or not self.tunes:
            return ()
        codes = np.unique(asked.codes(SHARED))
        owners, _, which = self.short.find(codes)
        pairs = np.unique(np.stack([owners, which]), axis=1)
        votes = np.bincount(pairs[0], minlength=len(self.tunes)) / max(1, len(codes))
        chosen = np.argsort(-votes, kind="stable")[:CANDIDATES]
        distances = edit_distances(intervals, [self.intervals[i] for i in chosen])
        longer = np.maximum(len(intervals), [len(self.intervals[i]) for i in chosen])
        similar = 1 - distances / np.maximum(1, longer)
        best = np.argsort(-similar, kind="stable")[:wanted]
        return tuple(Near(self.tunes[chosen[i]], float(similar[i]), float(votes[chosen[i]])) for i in best)

    def _passages(self, asked: Melody) -> list[Passage]:
        """The longest copy at each place: neighbouring finds on one diagonal are one passage."""
        places = asked.places
        owners, theirs, mine = self.long.find(asked.codes(PASSAGE, rhythm=True))
        if not len(owners):
            return []
        order = np.lexsort((mine, theirs - mine, owners))
        owners, theirs, mine = owners[order], theirs[order], mine[order]
        breaks = (np.diff(owners) != 0) | (np.diff(theirs) != 1) | (np.diff(mine) != 1)
        firsts, lasts = np.flatnonzero(np.r_[True, breaks]), np.flatnonzero(np.r_[breaks, True])
        kept: list[Passage] = []
        taken = np.zeros(len(places), dtype=bool)
        for run in np.argsort(firsts - lasts, kind="stable"):  # the longest first
            first, last = firsts[run], lasts[run]
            start, stop = int(mine[first]), int(mine[last]) + PASSAGE - 1
            if taken[start:stop + 1].all():
                continue
            taken[start:stop + 1] = True
            there, owner = self.places[owners[first]], int(owners[first])
            kept.append(Passage(self.tunes[owner], stop - start + 1, int(places[start]), int(places[stop]),
                                int(there[theirs[first]]), int(there[theirs[last] + PASSAGE - 1])))
        return kept


class _Table:
    """Where passages stand in some melodies: their codes, sorted."""

    def __init__(self, codes: Sequence[Ints]) -> None:
        owners = np.repeat(np.arange(len(codes)), [len(part) for part in codes])
        offsets = np.concatenate([np.arange(len(part)) for part in codes] or [np.zeros(0, dtype=np.int64)])
        flat = np.concatenate(codes or [np.zeros(0, dtype=np.int64)])
        order = np.argsort(flat, kind="stable")
        self.codes, self.owners, self.offsets = flat[order], owners[order], offsets[order]

    def find(self, codes: Ints) -> tuple[Ints, Ints, Ints]:
        """(melody, offset in it, index among `codes`) of every place where one of them stands."""
        low, high = np.searchsorted(self.codes, codes), np.searchsorted(self.codes, codes, side="right")
        counts = high - low
        which = np.repeat(np.arange(len(codes)), counts)
        at = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(low, counts)
        return self.owners[at], self.offsets[at], which


@dataclass(frozen=True)
class Melody:
    """The notes of a tune, rests left out."""

    places: Ints                  # (notes,) among the tokens
    intervals: Ints               # (notes - 1,) in semitones
    rhythm: Ints                  # (notes - 1,) a number for what stands from one note to the next but bar lines

    def codes(self, notes: int, *, rhythm: bool = False) -> Ints:
        """One number for each passage of so many notes, of intervals or of intervals and rhythm."""
        digits = self.intervals + 128 + 256 * self.rhythm if rhythm else self.intervals + 128
        if len(digits) < notes - 1:
            return np.zeros(0, dtype=np.int64)
        windows = np.lib.stride_tricks.sliding_window_view(digits, notes - 1)
        return np.asarray(windows @ MULTIPLIERS[:notes - 1])  # modulo 2**64: equal passages have equal codes


def melody(tokens: Sequence[str]) -> Melody:
    """The melody of a tune's tokens."""
    heights, places, between = list[int](), list[int](), list[str]()
    for place, (text, pitch) in enumerate(zip(tokens, pitches_of(tokens), strict=True)):
        if pitch is not None:
            heights.append(semitones(*pitch))
            places.append(place)
            between.append("")
        elif between and text[0] not in "|:":
            between[-1] += text
    height = np.array(heights, dtype=np.int64)
    return Melody(np.array(places, dtype=np.int64), height[1:] - height[:-1],
                  np.array([zlib.crc32(text.encode()) for text in between[:-1]], dtype=np.int64))


def edit_distances(one: Ints, others: Sequence[Ints]) -> NDArray[np.int64]:
    """Levenshtein distances of one sequence to several, row by row for all of them at once."""
    longest = max(map(len, others), default=0)
    table = np.full((len(others), longest), 10**6, dtype=np.int64)
    for row, other in enumerate(others):
        table[row, :len(other)] = other
    columns = np.arange(longest + 1)
    distances = np.tile(columns, (len(others), 1))
    for done, value in enumerate(one, 1):
        best = np.empty_like(distances)
        best[:, 0] = done
        np.minimum(distances[:, 1:] + 1, distances[:, :-1] + (table != value), out=best[:, 1:])
        distances = np.minimum.accumulate(best - columns, axis=1) + columns  # insertions, all at once
    return np.asarray(distances[np.arange(len(others)), [len(other) for other in others]])


def write_index(path: Path, tunes: Sequence[KnownTune]) -> None:
    """Write tunes to a compact file."""
    vocabulary = sorted({token for tune in tunes for token in tune.tokens})
    code = {token: index for index, token in enumerate(vocabulary)}
    facts = json.dumps({"vocabulary": vocabulary, "titles": [tune.title for tune in tunes],
                        "sources": [tune.source for tune in tunes]}, ensure_ascii=False)
    with path.open("wb") as file:
        np.savez_compressed(
            file, facts=np.frombuffer(facts.encode(), dtype=np.uint8),
            tokens=np.array([code[token] for tune in tunes for token in tune.tokens], dtype=np.uint16),
            lengths=np.array([len(tune.tokens) for tune in tunes], dtype=np.int32))


def read_index(path: Path) -> TuneIndex:
    """Read tunes.

    Raises
    ------
    InputError
        When the file is missing or damaged.
    """
    try:
        arrays = read_arrays(path, most=LARGEST_INDEX)
        facts = json.loads(arrays["facts"].tobytes())
        ends = np.cumsum(arrays["lengths"])
        tokens = np.array(facts["vocabulary"], dtype=object)[arrays["tokens"]].tolist()
        return TuneIndex([KnownTune(title, source, tuple(tokens[start:stop])) for title, source, start, stop in
                          zip(facts["titles"], facts["sources"], [0, *ends[:-1]], ends, strict=True)])
    except OSError as error:
        raise InputError(f"{shown(path)}: could not be read ({error.strerror or 'damaged'})") from None
    except (AttributeError, LookupError, TypeError, ValueError, RecursionError) as error:
        raise InputError(f"{shown(path)}: expected an index of folk tunes, found it damaged "
                         f"({type(error).__name__})") from None


@cache
def known_tunes() -> TuneIndex | None:
    """The tunes that the shipped model has learnt from; None where no folk model is installed."""
    path = FOLDER / "tunes.npz"
    return read_index(path) if path.exists() else None
