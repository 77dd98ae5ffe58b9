"""The adversary's way through its domain: down the gradient, and then towards the smallest change that still fools.

The smallest change is looked for in a ball that shrinks where the sound fools and grows where it does not, by as
much as the margin and its slope tell (J. Rony et al.: Decoupling direction and norm, CVPR 2019; M. Pintor et al.:
Fast minimum-norm adversarial attacks, NeurIPS 2021). Momentum begins anew when it points uphill (B. O'Donoghue,
E. Candès: Adaptive restart for accelerated gradient schemes, Found. Comput. Math. 15, 2015).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.explain.adversary_plan import Judge, Plan, Step, Watch, heard, votes_of_spectrogram
from engine.explain.perturbing import Domain, inner, ratio_db
from engine.job import Progress, Report

STEP = 0.04          # of the radius that the least SNR leaves; normalised steps need no Lipschitz constant
NOISE = 1e-4         # of that radius: enough for silent bins, which have no gradient, to get a magnitude
STRIDE = 0.3         # of the radius, while the smallest change is looked for
SHRINK = 0.05        # of the radius at least, then
FINEST = 0.05        # of stride and shrinking, at the end
INSIDE = 0.999       # of the smallest change so far: no larger one is of use
TINY = 1e-30


@dataclass(frozen=True)
class Sound:
    """A sound, what the judge says of it, and the norm of its change."""

    y: Tensor
    probabilities: Tensor
    change: float


@dataclass(frozen=True)
class Look:
    """What is seen from an iterate.

    Parameters
    ----------
    up
        Which way the loss rises most steeply, of norm 1.
    margin, slope
        Log-odds by which the label is decided on (below 0: is not), and what they lose per step upwards; that is
        inf where the loss is another.
    change
        Norm of the change.
    """

    up: Tensor
    margin: float
    slope: float
    change: float


class Search:
    """Projected gradient steps with momentum; each iterate lies within the least SNR.

    Attributes
    ----------
    x
        The iterate.
    radius, limit
        Of the ball that it is held in now, and of the largest allowed.
    best
        What fooled so far.
    steps
        What was told.
    """

    def __init__(self, judge: Judge, domain: Domain, plan: Plan, before: Tensor, report: Report, watch: Watch) -> None:
        self.judge, self.domain, self.plan, self.watch = judge, domain, plan, watch
        self.source, self.probabilities = judge.decision(before), before
        self.radius = self.limit = domain.norm * 10 ** (-plan.snr_db / 20)
        # laid out in memory as the start is, for mixed layouts halve the speed of all that follows
        noise = torch.empty_like(domain.start).normal_(generator=torch.Generator().manual_seed(plan.seed))
        self.x = domain.within(domain.start + _unit(domain.shaped(noise)) * (NOISE * self.limit), self.limit)
        self.best: Sound | None = None
        self.began, self.reach = 0, self.limit
        self.surest, self.confidence = self.x, -1.0
        self.steps: list[Step] = []
        self.report: Report = lambda progress: report(
            Progress(len(self.steps), plan.iterations, "looking for an adversary"))

    def wanted(self, label: int) -> bool:
        """Whether this decision is what was asked for."""
        return label != self.source if self.plan.target is None else label == self.plan.target

    def run(self) -> Sound:
        """What fools: the first sure enough, or the one of least change; else the try nearest to the label."""
        last, t = self.x, 1.0
        look = self._look()
        for _ in range(self.plan.iterations):
            new = self.domain.within(self.x - look.up * (self._stride() * self.radius), self.radius)
            if inner(look.up, new - last) > 0:
                t = 1.0
            following = (1 + math.sqrt(1 + 4 * t * t)) / 2
            self.x = self.domain.within(new + ((t - 1) / following) * (new - last), self.radius)
            last, t = new, following
            look = self._look()
            self._tell(look)
            sound = self._judged(look)
            if sound is not None:
                return sound
        return self._outcome()

    def _outcome(self) -> Sound:
        """The best; where none was sure enough the surest is better than the first, if it fools as a sound."""
        if self.best is not None and self.plan.smallest:
            return self.best
        surest = self._sound(self.surest)
        return surest if self.best is None or self._fools(surest) else self.best

    def _judged(self, look: Look) -> Sound | None:
        """Keep the iterate if it fools as a sound and is of use, and return it if it is enough."""
        sure, fools = self.steps[-1].confidence >= self.plan.confidence, False
        if self.wanted(self.judge.decision(self.probabilities)) and (sure or self.plan.smallest or self.best is None):
            sound = self._sound(self.x)
            fools = self._fools(sound)
            if fools and (self.best is None or not self.plan.smallest or sound.change < self.best.change):
                self.began = len(self.steps) if self.best is None else self.began
                self.best, self.reach = sound, look.change
        if self.plan.smallest and self.best is not None:
            self.radius = self._resized(look, fools)
        return self.best if fools and sure and not self.plan.smallest else None

    def _resized(self, look: Look, fools: bool) -> float:
        """Radius of the ball that ends where the decision is expected to change, if that is not too far."""
        shrink, expected = max(SHRINK * self._heat(), 1e-3), look.change - look.margin / max(look.slope, TINY)
        if fools:
            return min(look.change * (1 - shrink), max(expected, look.change / 2))
        wider = self.radius * (1 + shrink)
        if look.margin < 0:
            wider = max(look.change * (1 + shrink), min(expected, look.change * 1.5))
        return min(wider, self.reach * INSIDE)

    def _stride(self) -> float:
        """Length of a step, of the radius."""
        return STEP if not self.plan.smallest or self.best is None else STRIDE * max(self._heat(), FINEST)

    def _heat(self) -> float:
        """From 1, when something fooled for the first time, to 0 at the last iteration."""
        return 0.5 + 0.5 * math.cos(math.pi * (len(self.steps) - self.began) / (self.plan.iterations - self.began + 1))

    def _sound(self, x: Tensor) -> Sound:
        """The sound of a point, within the least SNR, and what the judge says of it."""
        y, domain = self.domain.sound(x), self.domain
        change = float((y - domain.y).norm())
        limit = float(domain.y.norm()) * 10 ** (-self.plan.snr_db / 20)
        if change > limit:
            y, change = domain.y + (y - domain.y) * (limit / change), limit
        elif domain.sounds and x is self.x:
            return Sound(y, self.probabilities, change)
        return Sound(y, heard(self.judge, y, self.report), change)

    def _fools(self, sound: Sound) -> bool:
        return self.wanted(self.judge.decision(sound.probabilities))

    def _label(self) -> int:
        """The label wanted, or the likeliest but the one decided on before."""
        if self.plan.target is not None:
            return self.plan.target
        return _likeliest_but(self.source, self.probabilities)

    def _look(self) -> Look:
        """What is seen from the iterate, and what the judge says there.

        The loss is the votes' cross-entropy, as published; while the smallest change is looked for, it is the
        verdict's margin, since a few votes may be enough.
        """
        label = self._label()
        x = self.x.detach().requires_grad_(True)
        S = self.domain.spectrogram(x)
        ears = S.detach()
        pull = self._pull_of_margin(ears, label) if self.plan.smallest and self.best is not None else None
        votes: list[Tensor] = []
        back = torch.zeros_like(ears)
        for part in self.judge.vote_spans(S.shape[-1]):
            self.report(Progress(0, 1))
            heard_part = ears[:, part].requires_grad_(True)
            logits = self.judge.votes(heard_part)
            first, of = sum(map(len, votes)), logits.detach()
            up = _pull_of_votes(of, label) if pull is None else pull[first : first + len(of)]
            back[:, part] += torch.autograd.grad(logits, heard_part, up)[0]
            votes.append(of)
        (gradient,) = torch.autograd.grad(S, x, back)
        self.report(Progress(0, 1))
        self.probabilities = self.judge.verdict(torch.cat(votes))
        gradient = torch.nan_to_num(gradient, 0.0, 0.0, 0.0)
        up = _unit(self.domain.shaped(gradient))
        return Look(up, float(self._margin(self.probabilities, label)),
                    math.inf if pull is None else inner(gradient, up), self.domain.change(self.x))

    def _pull_of_margin(self, S: Tensor, label: int) -> Tensor:
        """Gradient (votes, labels) of the lost margin with respect to all votes of a recording."""
        votes = votes_of_spectrogram(self.judge, S, self.report).double().requires_grad_(True)
        (pull,) = torch.autograd.grad(-self._margin(self.judge.verdict(votes), label), votes)
        return pull.float()

    def _margin(self, probabilities: Tensor, label: int) -> Tensor:
        """Log-odds of a label against its rival, less those that the judge asks for."""
        rival = self.source if self.plan.target is None else _likeliest_but(label, probabilities.detach())
        asked = math.log(self.judge.threshold / (1 - self.judge.threshold))
        log = probabilities.double().clamp_min(1e-300).log()
        return log[label] - log[rival] - (asked if label == len(log) - 1 else -asked)

    def _tell(self, look: Look) -> None:
        label = self._label()
        confidence = float(self.probabilities[label])
        if confidence > self.confidence:
            self.surest, self.confidence = self.x, confidence
        self.steps.append(Step(label, confidence, ratio_db(self.domain.norm, look.change)))
        self.watch(self.steps[-1])


def _unit(x: Tensor) -> Tensor:
    return x / max(float(x.norm()), TINY)


def _likeliest_but(label: int, probabilities: Tensor) -> int:
    others = probabilities.clone()
    others[label] = -1
    return int(others.argmax())


def _pull_of_votes(logits: Tensor, label: int) -> Tensor:
    """Gradient of the sum of the votes' cross-entropies with respect to their logits."""
    pull = torch.softmax(logits, dim=-1)
    pull[:, label] -= 1
    return pull
