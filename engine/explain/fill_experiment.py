"""Which fill finds the truth? Segments of a voice are put into an instrumental, so the true explanation is known.

S. Mishra, E. Benetos, B. L. Sturm, S. Dixon: Reliable local explanations for machine listening. IJCNN 2020,
section 5: 3 of the 10 segments of a singing voice are added to the instrumental at the same time, the excerpts that
the model calls vocal are kept, and for each fill it is counted how many of the 3 are among the 3 largest weights.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from engine.audio.waveform import Samples
from engine.explain.explanation import Score, Segmentation
from engine.explain.fills import fill
from engine.explain.slime import slime_exact
from engine.job import Progress, Report, silent

PLANTED = 3
SEGMENTS = 10
CROSS_FADE_SECONDS = 0.01
SUNG_DB = -30.0       # a segment is sung when its level is this near to the song's loud segments, in dB
LOUD_QUANTILE = 0.95
SILENCE = 1e-4        # root mean square of a stem in which there is nothing
PUBLISHED_MEAN_HITS = {"mean": 2.16, "zero": 2.04, "noise": 1.96, "min-input": 1.67}
PUBLISHED_ALL_THREE = {"mean": 0.334, "zero": 0.239, "noise": 0.184, "min-input": 0.072}
CHANCE_MEAN_HITS = PLANTED**2 / SEGMENTS
CHANCE_ALL_THREE = 1 / 120  # one of the ways to choose 3 of 10

Features = Callable[[Samples], Tensor]
Hits = NDArray[np.int64]


@dataclass(frozen=True)
class Stems:
    """Voice and accompaniment of one song, mono, of the same length, at the front end's rate."""

    song: str
    vocal: Samples
    instrumental: Samples


@dataclass(frozen=True)
class Trial:
    """An excerpt of which it is known where the voice is.

    Parameters
    ----------
    song, first
        Name, and first sample of the excerpt.
    truth
        Indices of the planted segments, ascending.
    features
        (bands, frames): the mixture's standardised excerpt.
    """

    song: str
    first: int
    truth: tuple[int, ...]
    features: Tensor


@dataclass(frozen=True)
class Ruler:
    """Where an excerpt's segments lie in samples from its first frame's centre.

    Parameters
    ----------
    borders
        (segments + 1,): half a hop before the first frame of each segment, and the end.
    margin
        Samples before and after the excerpt that its first and last frames see.
    sr
        Hz.
    """

    borders: NDArray[np.int64]
    margin: int
    sr: int

    @classmethod
    def of(cls, segmentation: Segmentation, *, sr: int, hop_length: int, n_fft: int) -> Ruler:
        """The ruler of temporal segments."""
        frames_per_second = sr / hop_length
        ends = [0.0] + [s.end * frames_per_second for s in segmentation.segments]
        borders = np.round((np.array(ends) - 0.5) * hop_length).astype(np.int64)
        return cls(borders, -(-n_fft // 2 // hop_length) * hop_length, sr)

    @property
    def length(self) -> int:
        """Samples of an excerpt with its margins."""
        return int(self.borders[-1]) + 2 * self.margin


def sung_excerpts(vocal: Samples, ruler: Ruler, *, step: int) -> list[int]:
    """First samples of the excerpts, every `step` samples, in which the voice is there in every segment.

    Parameters
    ----------
    vocal
        (samples,): a vocal stem.
    """
    power = np.concatenate([[0.0], np.cumsum(np.square(vocal, dtype=np.float64))])
    starts = np.arange(ruler.margin, len(vocal) - ruler.length + ruler.margin + 1, step)
    if not len(starts):
        return []
    places = starts[:, None] + ruler.borders
    level = np.sqrt(np.diff(power[places], axis=1) / np.diff(ruler.borders))
    least = max(SILENCE, float(np.quantile(level, LOUD_QUANTILE)) * 10 ** (SUNG_DB / 20))
    return [int(start) for start in starts[level.min(axis=1) >= least]]


def planted(stems: Stems, first: int, truth: Sequence[int], ruler: Ruler) -> Samples:
    """The instrumental around an excerpt with the voice added in the segments `truth`, (ruler.length,).

    The voice is faded in and out over 10 ms centred on the segments' borders; nothing is faded between two
    neighbours.
    """
    part = slice(first - ruler.margin, first - ruler.margin + ruler.length)
    open_ = np.zeros(ruler.length)
    for segment in truth:
        low, high = ruler.borders[segment : segment + 2] + ruler.margin
        open_[low:high] = 1.0
    n = max(1, round(CROSS_FADE_SECONDS * ruler.sr))
    gate = np.convolve(open_, np.hanning(n + 2)[1:-1] / np.hanning(n + 2).sum(), mode="same")
    return np.asarray(stems.instrumental[part] + gate * stems.vocal[part], dtype=np.float32)


def trials(stems: Stems, features: Features, score: Score, *, ruler: Ruler, threshold: float, step: int,
           most: int, seed: int = 0, report: Report = silent) -> tuple[list[Trial], int]:
    """The excerpts of a song that the model calls vocal once three segments of voice are planted.

    Parameters
    ----------
    features
        From samples (ruler.length,) to the standardised excerpt (bands, frames).
    score
        Of "singing", in probability; from `threshold` an excerpt is called vocal.
    step
        Samples from one excerpt to the next.
    most
        Excerpts to try; where there are more, they are taken evenly from the song.
    seed
        Of the choice of segments.

    Returns
    -------
    list of Trial, int
        Those kept, and how many were tried.
    """
    rng = np.random.default_rng(seed)
    sung = sung_excerpts(stems.vocal, ruler, step=step)
    starts = [sung[i * len(sung) // most] for i in range(most)] if len(sung) > most else sung
    kept = []
    for i, first in enumerate(starts):
        report(Progress(i, len(starts), f"planting voices in {stems.song}"))
        truth = tuple(sorted(rng.choice(len(ruler.borders) - 1, PLANTED, replace=False).tolist()))
        S = features(planted(stems, first, truth, ruler))
        if float(score(S[None])[0]) >= threshold:
            kept.append(Trial(stems.song, first, truth, S))
    return kept, len(starts)


def hits(trial: Trial, score: Score, *, segmentation: Segmentation, fills: Sequence[str],
         data_minimum: float | None, seed: int = 0, report: Report = silent) -> list[int]:
    """How many of the planted segments exact SoundLIME names first, for each fill."""
    found = []
    for name in fills:
        content = fill(name, trial.features, data_minimum=data_minimum, seed=seed)
        explanation = slime_exact(score, trial.features, segmentation=segmentation, fill=content, report=report)
        found.append(len(set(explanation.top(PLANTED)) & set(trial.truth)))
    return found


@dataclass(frozen=True)
class Outcome:
    """How one fill did: mean number of hits with a 95 % interval, and the share in which all three were found."""

    fill: str
    mean_hits: float
    all_three: float
    n: int
    low: float
    high: float


def outcomes(fills: Sequence[str], found: Hits, songs: Sequence[str], *, n_resamples: int = 2000,
             seed: int = 0) -> tuple[list[Outcome], float]:
    """Summary over trials, with intervals by a bootstrap of songs and then of the excerpts within each.

    Parameters
    ----------
    found
        (trials, fills): hits.
    songs
        (trials,): the song of each.

    Returns
    -------
    list of Outcome, float
        One per fill; and the share of resamples in which the best fill beats the one that is second, draws
        counting half.
    """
    rng = np.random.default_rng(seed)
    groups = [found[[song == name for song in songs]] for name in sorted(set(songs))]
    resampled = np.empty((n_resamples, len(fills)))
    for i in range(n_resamples):
        chosen = [groups[g] for g in rng.integers(len(groups), size=len(groups))]
        resampled[i] = np.concatenate([g[rng.integers(len(g), size=len(g))] for g in chosen]).mean(axis=0)
    low, high = np.quantile(resampled, [0.025, 0.975], axis=0)
    means = found.mean(axis=0)
    order = np.argsort(-means, kind="stable")
    ahead = 1.0 if len(fills) < 2 else np.sign(resampled[:, order[0]] - resampled[:, order[1]]).mean()
    return [Outcome(name, float(means[i]), float(np.mean(found[:, i] == PLANTED)), len(found), float(low[i]),
                    float(high[i])) for i, name in enumerate(fills)], float(1 + ahead) / 2
