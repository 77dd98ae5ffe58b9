"""Examples that a neuron answers to most, or least: gradient steps through a prior, many seeds at once.

S. Mishra, D. Stoller, E. Benetos, B. L. Sturm, S. Dixon: GAN-based generation and automatic selection of explanations
for neural networks. SafeML Workshop, ICLR 2019: z* = argmax f(G(z)) - reg |z|, where f is the neuron and G a prior.

The examples of a batch know nothing of each other: each has its own start, its own settings, and its own end should
its numbers explode. They go through the network so many at a time, on this computer always as many, so that there an
example is the same to the last bit whatever else is made beside it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from engine.checks import InputError, choice, within
from engine.explain.explanation import at_once
from engine.explain.maximise_steps import OPTIMISERS, Optimiser
from engine.job import Progress, Report, silent

AT_ONCE = 3             # examples a pass: 60 ms of the detector on two cores, there and back
EXPLODED = 1e4          # of a point's numbers, beyond which nothing comes back
MOST_ITERATIONS = 100_000

Score = Callable[[Tensor], Tensor]
"""Features (batch, bands, frames) -> activations (batch,)."""


@dataclass(frozen=True)
class Prior:
    """What examples are made of: points that are moved, and features that points stand for.

    Parameters
    ----------
    name
        For people.
    begin
        Seed -> the point (shape) that it begins at.
    generate
        Points (batch, *shape) -> features (batch, bands, frames); differentiable.
    roughness
        Points (batch, *shape) -> what is taken off the objective beside the length of the point, (batch,).
    shaken
        Features, the seeds (batch,) behind them and the iteration -> features that are scored instead in that one step.
    tidied
        Points and the number of the iteration that is over -> points to go on from.
    """

    name: str
    begin: Callable[[int], Tensor]
    generate: Callable[[Tensor], Tensor]
    roughness: Callable[[Tensor], Tensor] | None = None
    shaken: Callable[[Tensor, Sequence[int], int], Tensor] | None = None
    tidied: Callable[[Tensor, int], Tensor] | None = None


@dataclass(frozen=True)
class Settings:
    """How an example is looked for.

    Parameters
    ----------
    lr
        Length of a step, of the optimiser.
    reg
        Weight of the length |z| of the point; 0 or more.
    iterations
        Steps.
    optimiser
        One of `OPTIMISERS`.
    minimise
        Whether the least activation is wanted instead.
    """

    lr: float = 0.01
    reg: float = 0.01
    iterations: int = 500
    optimiser: str = "adam"
    minimise: bool = False

    def checked(self) -> Settings:
        """Itself.

        Raises
        ------
        InputError
            When a number is not possible.
        """
        within(self.lr, 1e-8, 1e4, "lr")
        within(self.reg, 0.0, 1e6, "reg")
        within(self.iterations, 0, MOST_ITERATIONS, "iterations")
        choice(self.optimiser, OPTIMISERS, "optimiser")
        return self


@dataclass(frozen=True)
class Snapshot:
    """All examples after so many iterations.

    Parameters
    ----------
    iteration
        How many.
    points
        (examples, *shape).
    features
        (examples, bands, frames).
    activations
        (examples,); NaN where the example has failed.
    """

    iteration: int
    points: Tensor
    features: Tensor
    activations: Tensor


@dataclass(frozen=True)
class Trajectories:
    """How examples came about.

    Parameters
    ----------
    seeds
        Of each example.
    settings
        Of each example.
    activations
        (examples, iterations + 1): before the first step, and after each; NaN from where an example failed.
    failed
        Iteration at which each example exploded; None where it did not.
    snapshots
        At the iterations that were asked for, in order; always at the last.
    """

    seeds: tuple[int, ...]
    settings: tuple[Settings, ...]
    activations: Tensor
    failed: tuple[int | None, ...]
    snapshots: tuple[Snapshot, ...]


@dataclass(frozen=True)
class Growth:
    """Examples as they are while they grow: `iteration`, features (examples, bands, frames), curves so far."""

    iteration: int
    features: Tensor
    activations: Tensor


Watch = Callable[[Growth], None]


def maximise(score: Score, prior: Prior, *, seeds: Sequence[int], settings: Settings | Sequence[Settings],
             snapshots: Sequence[int] = (), report: Report = silent, watch: Watch | None = None) -> Trajectories:
    """Move the points that the seeds stand for, each to where the neuron's activation is highest (or lowest).

    Parameters
    ----------
    score
        The neuron.
    prior
        What examples are made of.
    seeds
        One for each example; it may come twice with different settings.
    settings
        For all examples, or one for each; the iterations and the direction must be those of all.
    snapshots
        Iterations at which all examples are kept, beside the last.
    watch
        Called with the examples as they are, after each iteration; it may be called very often, and should be quick.

    Raises
    ------
    InputError
        When settings are not possible.
    """
    each = [settings] * len(seeds) if isinstance(settings, Settings) else list(settings)
    if not seeds or len(each) != len(seeds):
        raise InputError(f"seeds: expected one or more, each with its settings, got {len(seeds)} and {len(each)}")
    first = each[0]
    if any((s.iterations, s.minimise, s.optimiser) != (first.iterations, first.minimise, first.optimiser)
           for s in map(Settings.checked, each)):
        raise InputError("settings: expected iterations, direction and optimiser to be those of all examples")
    run = _Run(score, prior, list(seeds), each, sorted({*snapshots, first.iterations}), report)
    for iteration in range(first.iterations + 1):
        run.advance(iteration)
        if watch is not None:
            watch(Growth(iteration, run.features.clone(), run.activations[:, : iteration + 1].clone()))
    return Trajectories(tuple(seeds), tuple(each), run.activations, tuple(run.failed), tuple(run.kept))


@dataclass
class _Run:
    """What changes on the way."""

    score: Score
    prior: Prior
    seeds: list[int]
    settings: list[Settings]
    stops: list[int]
    report: Report
    kept: list[Snapshot] = field(default_factory=list)

    def __post_init__(self) -> None:
        n, self.last = len(self.seeds), self.settings[0].iterations
        self.at_once = min(at_once(self.score, AT_ONCE), max(AT_ONCE, n))
        self.points = torch.stack([self.prior.begin(seed) for seed in self.seeds])
        self.activations = torch.full((n, self.last + 1), math.nan)
        self.failed: list[int | None] = [None] * n
        column = (n, *[1] * (self.points.dim() - 1))
        self.reg = torch.tensor([s.reg for s in self.settings])
        self.optimiser: Optimiser = OPTIMISERS[self.settings[0].optimiser](
            torch.tensor([s.lr for s in self.settings]).view(column))
        self.sign = -1.0 if self.settings[0].minimise else 1.0
        self.features = torch.empty(0)

    def advance(self, iteration: int) -> None:
        """Look at all examples after `iteration` steps, and take the next step unless that was the last."""
        alive = [i for i, failed in enumerate(self.failed) if failed is None]
        gradients = torch.zeros_like(self.points)
        for first in range(0, len(alive), self.at_once):
            some = alive[first : first + self.at_once]
            total = (self.last + 1) * len(self.seeds)
            self.report(Progress(iteration * len(self.seeds) + first, total, "growing examples"))
            features, activations, gradient = self._looked_at(some, iteration)
            if not len(self.features):
                self.features = features.new_zeros(len(self.seeds), *features.shape[1:])
            self._noted(some, iteration, features, activations, gradient)
            gradients[some] = gradient
        if iteration in self.stops:
            self.kept.append(Snapshot(iteration, self.points.clone(), self.features.clone(),
                                      self.activations[:, iteration].clone()))
        going_on = torch.tensor([failed is None for failed in self.failed])
        if iteration < self.last and bool(going_on.any()):
            moved = self.points - self.optimiser.step(torch.where(self._of(going_on), gradients, 0.0))
            if self.prior.tidied is not None:
                moved = self.prior.tidied(moved, iteration + 1)
            self.points = torch.where(self._of(going_on), moved, self.points)

    def _of(self, flags: Tensor) -> Tensor:
        return flags.view(-1, *[1] * (self.points.dim() - 1))

    def _looked_at(self, some: list[int], iteration: int) -> tuple[Tensor, Tensor, Tensor]:
        """Features, activations and gradients of the loss of some examples, filled up to as many as always."""
        chosen = some + [some[-1]] * (self.at_once - len(some))
        points = self.points[chosen].requires_grad_()
        with torch.enable_grad():
            features = self.prior.generate(points)
            if self.prior.shaken is None:
                activations = scored = self.score(features)
            else:
                scored = self.score(self.prior.shaken(features, [self.seeds[i] for i in chosen], iteration))
                activations = self.score(features.detach())
            # the length of a point at the origin has no gradient, and no direction to move in
            loss = self.reg[chosen] * points.flatten(1).square().sum(dim=1).clamp_min(1e-24).sqrt() - self.sign * scored
            if self.prior.roughness is not None:
                loss = loss + self.prior.roughness(points)
            gradient, = torch.autograd.grad(loss.sum(), points)
        n = len(some)
        return features.detach()[:n], activations.detach()[:n], gradient[:n]

    def _noted(self, some: list[int], iteration: int, features: Tensor, activations: Tensor,
               gradient: Tensor) -> None:
        """Keep what is finite; end what is not, with the features it had before."""
        sound = activations.isfinite() & gradient.flatten(1).isfinite().all(dim=1)
        sound &= features.flatten(1).isfinite().all(dim=1)
        sound &= self.points[some].abs().flatten(1).amax(dim=1) < EXPLODED
        for k, i in enumerate(some):
            if sound[k]:
                self.features[i], self.activations[i, iteration] = features[k], activations[k]
            else:
                self.failed[i] = iteration
