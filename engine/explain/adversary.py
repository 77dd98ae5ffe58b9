"""Music adversaries: the smallest of changes that make a listener say something else.

C. Kereliuk, B. L. Sturm, J. Larsen: Deep learning and music adversaries. IEEE Trans. Multimedia 17(11), 2015,
section IV: projected gradient steps with FISTA's momentum on magnitude frames X, held at X >= 0 and at a least
signal-to-noise ratio, until the wanted label has enough confidence; then resynthesis with the original phases, and
the decision is taken again on the analysis of that sound, for magnitudes need not be those of any sound.

Ours beside it: the same objective on the samples, through the differentiable STFT, so that each iterate is a sound.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from engine.audio.features import FrontEnd
from engine.checks import InputError, choice, within
from engine.explain.perturbing import Domain, Magnitudes, Samples, snr_db
from engine.job import Progress, Report, silent

METHODS = ("magnitude", "waveform")
PROJECTIONS = ("end", "each")
STEP = 0.04           # of the radius that the least SNR leaves; normalised steps need no Lipschitz constant
SHRINK = 0.05         # relative change of the radius while the smallest change is looked for (Rony et al. 2019)


class Judge(Protocol):
    """What the adversary must know of a listener."""

    front_end: FrontEnd

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
        Of magnitudes onto those of sounds: only at the "end", or in "each" iteration, which costs more.
    snr_db
        Least signal-to-noise ratio in dB, as 20 log10 of the ratio of norms.
    iterations
        At most so many.
    confidence
        Probability of the wanted label at which to stop, 0 to 1.
    smallest
        Do not stop there, but use all iterations to make the change as small as can be; the label need then only
        be decided on.
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
    """An iterate: the label it strives for, the probability of that, and the signal-to-noise ratio in dB."""

    label: int
    confidence: float
    snr_db: float


@dataclass(frozen=True)
class Adversary:
    """What came out.

    Parameters
    ----------
    y
        (samples,): the sound that fools, or the last try.
    before, after
        (labels,): probabilities of the original and of `y`, each analysed as a sound.
    source, label, target
        Index of the label decided on before and after, and of the one wanted (None: any other).
    fooled
        Whether the decision on `y` is what was wanted.
    snr_db
        Of `y` against the original.
    steps
        One for each iteration.
    """

    y: Tensor
    before: Tensor
    after: Tensor
    source: int
    label: int
    target: int | None
    fooled: bool
    snr_db: float
    steps: tuple[Step, ...]


Watch = Callable[[Step], None]


def attack(y: Tensor, *, judge: Judge, plan: Plan, weight: Tensor | None = None, report: Report = silent,
           watch: Watch = lambda step: None) -> Adversary:
    """Look for a change of a sound that makes the judge say what is wanted.

    Parameters
    ----------
    y
        float32 (samples,) at the rate of the judge's front end.
    judge
        Whom to fool; a `Listener` is one.
    plan
        What is wanted, and how.
    weight
        (bins, frames), not negative: how freely each bin may be changed, for instance its masking threshold. Steps
        are steepest descent in the metric |change / weight|; where it is 0 nothing is changed. None: 1 everywhere.
    watch
        Is told of each iterate.

    Raises
    ------
    InputError
        When the sound is silent, holds NaN, or has the wanted label already.
    """
    front_end = judge.front_end
    if not bool(y.isfinite().all()):
        raise InputError("audio: expected numbers, found NaN or infinity; export it again")
    if float(y.norm()) < 1e-6 * math.sqrt(len(y)):
        raise InputError("audio: expected sound, found silence; a signal-to-noise ratio needs a signal")
    before = heard(judge, y, report)
    source = judge.decision(before)
    if plan.target == source:
        raise InputError("target: expected another label than the one decided on already; choose another")
    domain: Domain = (Samples(y, front_end, weight) if plan.method == "waveform"
                      else Magnitudes(y, front_end, weight, valid=plan.projection == "each"))
    search = _Search(judge, domain, plan, before, report, watch)
    best = search.run()
    sound = best if best is not None else domain.sound(search.x)
    after = heard(judge, sound, report)
    label = judge.decision(after)
    return Adversary(sound, before, after, source, label, plan.target, search.wanted(label), snr_db(y, sound - y),
                     tuple(search.steps))


class _Search:
    """Projected gradient steps with momentum; each iterate lies within the least SNR."""

    def __init__(self, judge: Judge, domain: Domain, plan: Plan, before: Tensor, report: Report, watch: Watch) -> None:
        self.judge, self.domain, self.plan, self.watch = judge, domain, plan, watch
        self.source, self.probabilities = judge.decision(before), before
        self.limit = domain.norm * 10 ** (-plan.snr_db / 20)
        self.radius = self.limit
        noise = torch.randn(domain.start.shape, generator=torch.Generator().manual_seed(plan.seed))
        self.x = domain.within(domain.start + noise * (1e-4 * self.limit / float(noise.norm())), self.limit)
        self.steps: list[Step] = []
        self.report: Report = lambda progress: report(
            Progress(len(self.steps), plan.iterations, "looking for an adversary"))

    def wanted(self, label: int) -> bool:
        """Whether this decision is what was asked for."""
        return label != self.source if self.plan.target is None else label == self.plan.target

    def run(self) -> Tensor | None:
        """The sound that fools: the first one sure enough, or of all the one of least change; None if none does."""
        last, t, best = self.x, 1.0, None
        for _ in range(self.plan.iterations):
            gradient = self._look(self.x)
            if self._candidate():
                sound = self._fooling(self.x)
                if sound is not None and not self.plan.smallest:
                    return sound
                if sound is not None and (best is None or self._change(sound) < self._change(best)):
                    best = sound
                self.radius *= (1 - SHRINK) if sound is not None else (1 + SHRINK)
            elif self.plan.smallest:
                self.radius = min(self.limit, self.radius * (1 + SHRINK))
            new = self.domain.within(self.x - gradient * (STEP * self.radius), min(self.radius, self.limit))
            following = (1 + math.sqrt(1 + 4 * t * t)) / 2
            ahead = new + ((t - 1) / following) * (new - last)
            self.x, last, t = self.domain.within(ahead, min(self.radius, self.limit)), new, following
        return best if best is not None else self._fooling(self.x)

    def _look(self, x: Tensor) -> Tensor:
        """Direction of steepest ascent of the loss, of norm 1; the votes' losses add up, so part after part."""
        label = self._label()
        x = x.detach().requires_grad_(True)
        S = self.domain.spectrogram(x)
        ears = S.detach().requires_grad_(True)
        votes = []
        for part in self.judge.vote_spans(S.shape[-1]):
            self.report(Progress(0, 1))
            logits = self.judge.votes(ears[:, part])
            (-torch.log_softmax(logits, dim=-1)[:, label].sum()).backward()  # type: ignore[no-untyped-call]
            votes.append(logits.detach())
        (gradient,) = torch.autograd.grad(S, x, ears.grad)
        self.probabilities = self.judge.verdict(torch.cat(votes))
        label = self._label()
        self.steps.append(Step(label, float(self.probabilities[label]), self.domain.snr_db(x.detach())))
        self.watch(self.steps[-1])
        gradient = self.domain.shaped(torch.nan_to_num(gradient, 0.0, 0.0, 0.0))
        return gradient / gradient.norm().clamp_min(1e-30)

    def _label(self) -> int:
        """The label wanted, or the likeliest but the one decided on before."""
        if self.plan.target is not None:
            return self.plan.target
        others = self.probabilities.clone()
        others[self.source] = -1
        return int(others.argmax())

    def _candidate(self) -> bool:
        if not self.wanted(self.judge.decision(self.probabilities)):
            return False
        return self.plan.smallest or float(self.probabilities[self._label()]) >= self.plan.confidence

    def _fooling(self, x: Tensor) -> Tensor | None:
        """The sound of an iterate if it fools as a sound, within the least SNR."""
        sound = self.domain.sound(x)
        change = sound - self.domain.y
        limit = float(self.domain.y.norm()) * 10 ** (-self.plan.snr_db / 20)
        sound = self.domain.y + change * min(1.0, limit / max(float(change.norm()), 1e-30))
        return sound if self.wanted(self.judge.decision(heard(self.judge, sound, self.report))) else None

    def _change(self, sound: Tensor) -> float:
        return float((sound - self.domain.y).norm())


def heard(judge: Judge, y: Tensor, report: Report = silent) -> Tensor:
    """Probabilities (labels,) of a sound y (samples,)."""
    return judge.verdict(votes_of(judge, y, report))


def votes_of(judge: Judge, y: Tensor, report: Report = silent) -> Tensor:
    """Logits (votes, labels) of a sound y (samples,)."""
    votes = []
    with torch.no_grad():
        S = judge.front_end(y)
        for part in judge.vote_spans(S.shape[-1]):
            report(Progress(part.start, S.shape[-1], "listening"))
            votes.append(judge.votes(S[:, part]))
    return torch.cat(votes)
