"""Fréchet distance between Gaussians fitted to activations: how far synthesised examples are from real ones.

M. Heusel, H. Ramsauer, T. Unterthiner, B. Nessler, S. Hochreiter: GANs trained by a two time-scale update rule
converge to a local Nash equilibrium. NIPS 2017, section 2; as S. Mishra, D. Stoller, E. Benetos, B. L. Sturm,
S. Dixon: GAN-based generation and automatic selection of explanations for neural networks. 2019, use it to choose.

A covariance is kept as a factor R with R'R the covariance. The trace of the square root of a product of covariances
is then the sum of the singular values of R_a R_b', with no root of a rounded eigenvalue in it: as exact for the few
examples whose covariance has no full rank as for many.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.checks import InputError

SIZES = 15              # sample sizes of an extrapolation
LEAST_SHARE = 0.4       # of the sample, the smallest of them
REPEATS = 4             # draws of each size

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Gaussian:
    """A normal distribution of activations.

    Parameters
    ----------
    mean
        (neurons,).
    factor
        (rank, neurons): the covariance is factor' factor.
    n
        How many examples it was fitted to; 0 where the covariance was given.
    """

    mean: Matrix
    factor: Matrix
    n: int = 0

    @property
    def covariance(self) -> Matrix:
        """(neurons, neurons)."""
        return np.asarray(self.factor.T @ self.factor)


@dataclass(frozen=True)
class Extrapolated:
    """The distance that infinitely many examples would have, and its standard error from the fit."""

    value: float
    error: float


def fitted(activations: NDArray[np.floating]) -> Gaussian:
    """The Gaussian of activations (examples, neurons), with the unbiased covariance.

    Raises
    ------
    InputError
        When there are fewer than two examples, or one is not finite.
    """
    X = np.asarray(activations, dtype=np.float64)
    if X.ndim != 2 or len(X) < 2:
        raise InputError(f"activations: expected two or more examples of some neurons, got the shape {X.shape}")
    if not np.isfinite(X).all():
        raise InputError("activations: expected finite numbers, found NaN or infinity; leave out what failed")
    mean = X.mean(axis=0)
    factor: Matrix = np.linalg.qr((X - mean) / np.sqrt(len(X) - 1)).R
    return Gaussian(mean, factor, len(X))


def frechet(a: Gaussian, b: Gaussian) -> float:
    """|mean_a - mean_b|^2 + tr(C_a + C_b - 2 (C_a C_b)^(1/2)); 0 for equal Gaussians.

    Raises
    ------
    InputError
        When they are of different numbers of neurons.
    """
    if a.mean.shape != b.mean.shape:
        raise InputError(f"expected Gaussians of one layer, got {len(a.mean)} and {len(b.mean)} neurons")
    overlap = np.linalg.svd(a.factor @ b.factor.T, compute_uv=False).sum()
    spread = (a.factor**2).sum() + (b.factor**2).sum() - 2 * overlap
    return max(0.0, float(((a.mean - b.mean) ** 2).sum() + spread))


def distance(synthetic: NDArray[np.floating], real: Gaussian) -> float:
    """Fréchet distance of synthesised examples' activations (examples, neurons) from real ones."""
    return frechet(fitted(synthetic), real)


def extrapolated(synthetic: NDArray[np.floating], real: Gaussian, *, seed: int = 0) -> Extrapolated:
    """The distance without the bias of small samples, from the straight line in 1/n through several sizes n.

    M. J. Chong, D. Forsyth: Effectively unbiased FID and Inception Score and where to find them. CVPR 2020,
    section 4. Here too the bias of the real examples' Gaussian stays, the same for all that is compared with it.

    Parameters
    ----------
    synthetic
        (examples, neurons), at least 20.
    real
        The Gaussian of real examples.
    seed
        Of the order in which examples are drawn, without putting back.

    Raises
    ------
    InputError
        When there are too few examples.
    """
    X = np.asarray(synthetic, dtype=np.float64)
    if len(X) < 20:
        raise InputError(f"extrapolation: expected 20 or more examples, got {len(X)}")
    rng = np.random.default_rng(seed)
    # evenly spaced in 1/n, since the line is one in 1/n
    sizes = np.unique(np.round(1 / np.linspace(1 / len(X), 1 / (LEAST_SHARE * len(X)), SIZES)).astype(int))
    means = [np.mean([distance(X[rng.permutation(len(X))[:n]], real) for _ in range(REPEATS if n < len(X) else 1)])
             for n in sizes]
    A = np.stack([1 / sizes, np.ones(len(sizes))], axis=1)
    line, *_ = np.linalg.lstsq(A, np.array(means), rcond=None)
    residual = np.array(means) - A @ line
    variance = float(residual @ residual) / max(1, len(sizes) - 2)
    return Extrapolated(float(line[1]), float(np.sqrt(variance * np.linalg.inv(A.T @ A)[1, 1])))
