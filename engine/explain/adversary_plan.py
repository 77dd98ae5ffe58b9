"""What the adversary is asked, whom it is to fool, and what it tells on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from engine.audio.features import FrontEnd
from engine.checks import InputError, choice, within
from engine.job import Progress, Report, silent

METHODS = ("magnitude", "waveform")
PROJECTIONS = ("end", "each")


class Judge(Protocol):
    """What the adversary must know of a listener; `threshold` is of the last of two labels, else 0.5."""

    front_end: FrontEnd
    threshold: float

    def vote_spans(self, frames: int) -> Iterable[slice]:
        """Parts of a recording of so many frames, whose votes are those of the recording."""

    def votes(self, S: Tensor) -> Tensor:
        """Logits (votes, labels) of a part of a log spectrogram (bands, frames)."""

    def verdict(self, votes: Tensor) -> Tensor:
        """Probabilities (labels,) of votes."""

    def decision(self, probabilities: Tensor) -> int:
        """Index of the label decided on."""


@dataclass(frozen=True)
class Plan:
    """How to go about it.

    Parameters
    ----------
    target
        Index of the label wanted; None wants any but the present one.
    method
        "magnitude" (the paper's) or "waveform" (ours).
    projection
        Onto spectra of sounds: only at the "end", or in "each" iteration, which costs more and lets phases follow.
    snr_db
        Least signal-to-noise ratio in dB, as 20 log10 of the ratio of norms.
    iterations
        At most so many.
    confidence
        Probability of the wanted label at which to stop, 0 to 1.
    smallest
        Do not stop there, but use all iterations to make the change as small as can be; the label need then only
        be decided on. 20 to 40 iterations do for most of it.
    seed
        Of the small noise that the search begins with.
    """

    target: int | None = None
    method: str = "magnitude"
    projection: str = "end"
    snr_db: float = 15.0
    iterations: int = 100
    confidence: float = 0.9
    smallest: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        choice(self.method, METHODS, "method")
        choice(self.projection, PROJECTIONS, "projection")
        within(self.snr_db, -20, 120, "snr")
        within(self.iterations, 1, 100_000, "iterations")
        within(self.confidence, 0, 1, "confidence")


@dataclass(frozen=True)
class Step:
    """An iterate: the label it strives for, the probability of that, and the signal-to-noise ratio in dB.

    That ratio is one of magnitudes where steps are taken on them; the sound is judged apart.
    """

    label: int
    confidence: float
    snr_db: float


Watch = Callable[[Step], None]


def heard(judge: Judge, y: Tensor, report: Report = silent) -> Tensor:
    """Probabilities (labels,) of a sound y (samples,)."""
    return judge.verdict(votes_of(judge, y, report))


def votes_of(judge: Judge, y: Tensor, report: Report = silent) -> Tensor:
    """Logits (votes, labels) of a sound y (samples,).

    Raises
    ------
    InputError
        When it is too short for a vote.
    """
    with torch.no_grad():
        S = judge.front_end(y)
    votes = votes_of_spectrogram(judge, S, report)
    if not len(votes):
        raise InputError(f"audio: {len(y) / judge.front_end.sr:.2f} s are too short for this model; take a longer part")
    return votes


def votes_of_spectrogram(judge: Judge, S: Tensor, report: Report = silent) -> Tensor:
    """Logits (votes, labels) of a log spectrogram S (bands, frames)."""
    votes: list[Tensor] = []
    with torch.no_grad():
        for part in judge.vote_spans(S.shape[-1]):
            report(Progress(part.start, S.shape[-1], "listening"))
            votes.append(judge.votes(S[:, part]))
    return torch.cat(votes) if votes else S.new_zeros(0, 0)
