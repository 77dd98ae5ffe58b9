"""Which settings of activation maximisation give the most natural examples: a grid, ranked by Fréchet distance.

Mishra et al. (2019), section 3: lr and reg of .1, .01, .001 and 100, 500, 1000 iterations, 50 seeds each; the setting
whose examples are nearest to real music on a hidden layer is best. All nine pairs of lr and reg grow side by side from
one seed, and the numbers of iterations are looked at on the way, so that 27 settings cost nine trajectories.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.checks import InputError, within
from engine.explain import fid
from engine.explain.maximise import Prior, Score, Settings, maximise
from engine.job import Progress, Report, silent

LRS = REGS = (0.1, 0.01, 0.001)
ITERATIONS = (100, 500, 1000)
SEEDS = 50

Arrays = Mapping[str, NDArray[np.float32]]
Hidden = Callable[[Tensor], Tensor]
"""Features (batch, bands, frames) -> activations (batch, neurons) of the layer that distances are measured on."""


class Store(Protocol):
    """Where the examples of a seed are kept, so that an interrupted search goes on where it was."""

    def load(self, seed: int) -> Arrays | None:
        """What was kept of a seed, or None."""

    def save(self, seed: int, arrays: Arrays) -> None:
        """Keep what came of a seed."""


class Forgetful:
    """Keeps nothing."""

    def load(self, seed: int) -> Arrays | None:
        return None

    def save(self, seed: int, arrays: Arrays) -> None:
        return


@dataclass(frozen=True)
class Grid:
    """What is tried: every lr with every reg, looked at after so many iterations each, from so many seeds."""

    lrs: tuple[float, ...] = LRS
    regs: tuple[float, ...] = REGS
    iterations: tuple[int, ...] = ITERATIONS
    seeds: int = SEEDS
    optimiser: str = "adam"
    minimise: bool = False

    def checked(self) -> Grid:
        """Itself, with the iterations in order.

        Raises
        ------
        InputError
            When nothing would be tried.
        """
        within(self.seeds, 1, 10_000, "seeds")
        if not (self.lrs and self.regs and self.iterations):
            raise InputError("grid: expected one or more of lr, reg and iterations")
        return replace(self, iterations=tuple(sorted(set(self.iterations))))

    def only(self, name: str, value: float) -> Grid:
        """The part of it with one value of "lr", "reg" or "iterations"."""
        if name == "iterations":
            return replace(self, iterations=(int(value),))
        return replace(self, lrs=(value,)) if name == "lr" else replace(self, regs=(value,))

    @property
    def pairs(self) -> list[tuple[float, float]]:
        """Each lr with each reg."""
        return list(product(self.lrs, self.regs))


@dataclass(frozen=True)
class Ranked:
    """One setting and what became of its examples.

    Parameters
    ----------
    lr, reg, iterations
        The setting.
    fid
        Fréchet distance from real music; None where fewer than two examples are left.
    activation
        Mean of the examples; None where none is left.
    n, failed
        Examples that are left, and that exploded.
    """

    lr: float
    reg: float
    iterations: int
    fid: float | None
    activation: float | None
    n: int
    failed: int


def beyond(ranking: Sequence[Ranked], real: float, *, minimise: bool) -> Ranked | None:
    """The most natural setting whose examples excite the neuron more, in the mean, than the real music that does most.

    The most natural of all tends to be the one that changes a sample of the prior least.

    Parameters
    ----------
    real
        Activation that real music reaches.
    minimise
        Whether less is more.
    """
    sign = -1 if minimise else 1
    return next((one for one in ranking if one.fid is not None and one.activation is not None
                 and sign * one.activation > sign * real), None)


WatchRanking = Callable[[tuple[Ranked, ...]], None]


def search(score: Score, prior: Prior, hidden: Hidden, real: fid.Gaussian, *, grid: Grid, store: Store | None = None,
           report: Report = silent, watch: WatchRanking | None = None) -> tuple[Ranked, ...]:
    """All settings of the grid, the most natural first.

    Parameters
    ----------
    score
        The neuron.
    hidden, real
        The layer that naturalness is measured on, and real music there.
    store
        Where each seed's examples are kept.
    watch
        Called with the ranking so far before a seed is grown, once there are two.

    Raises
    ------
    InputError
        When the grid is not possible.
    """
    grid = grid.checked()
    keep: Store = Forgetful() if store is None else store
    found: list[Arrays] = []
    for seed in range(grid.seeds):
        arrays = keep.load(seed)
        if arrays is None:
            if watch is not None and len(found) > 1:
                watch(ranked(grid, found, real))
            arrays = examples_of(score, prior, hidden, grid=grid, seed=seed, report=report)
            keep.save(seed, arrays)
        found.append(arrays)
    return ranked(grid, found, real)


def examples_of(score: Score, prior: Prior, hidden: Hidden, *, grid: Grid, seed: int,
                report: Report = silent) -> dict[str, NDArray[np.float32]]:
    """What a seed becomes under all settings.

    Returns
    -------
    dict
        points (iterations, pairs, *shape); activations (iterations, pairs), NaN where one has failed; hidden
        (iterations, pairs, neurons).
    """
    pairs, last = grid.pairs, grid.iterations[-1]
    settings = [Settings(lr, reg, last, grid.optimiser, grid.minimise) for lr, reg in pairs]

    def of_all(progress: Progress) -> None:
        report(Progress(seed * progress.total + progress.done, grid.seeds * progress.total,
                        f"{len(pairs) * len(grid.iterations)} settings, seed {seed + 1} of {grid.seeds}"))

    run = maximise(score, prior, seeds=[seed] * len(pairs), settings=settings, snapshots=grid.iterations, report=of_all)
    kept = [snapshot for snapshot in run.snapshots if snapshot.iteration in grid.iterations]
    with torch.no_grad():
        layers = [hidden(snapshot.features) for snapshot in kept]
    return {"points": torch.stack([s.points for s in kept]).numpy(), "hidden": torch.stack(layers).numpy(),
            "activations": torch.stack([s.activations for s in kept]).numpy()}


def ranked(grid: Grid, found: list[Arrays], real: fid.Gaussian) -> tuple[Ranked, ...]:
    """The settings in order of what their examples, seed by seed, are worth; also of part of a search."""
    grid = grid.checked()
    activations = np.stack([arrays["activations"] for arrays in found])     # (seeds, iterations, pairs)
    hidden = np.stack([arrays["hidden"] for arrays in found])
    settings = []
    for (i, iterations), (k, (lr, reg)) in product(enumerate(grid.iterations), enumerate(grid.pairs)):
        left = np.isfinite(activations[:, i, k]) & np.isfinite(hidden[:, i, k]).all(axis=1)
        n = int(left.sum())
        settings.append(Ranked(
            lr, reg, iterations, fid.distance(hidden[left, i, k], real) if n > 1 else None,
            float(activations[left, i, k].mean()) if n else None, n, len(left) - n))
    return tuple(sorted(settings, key=lambda s: math.inf if s.fid is None else s.fid))
