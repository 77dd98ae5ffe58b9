"""The Fréchet distance has known answers, equals the reference computation, and stays exact without full rank."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.linalg
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.checks import InputError
from engine.explain import fid
from tests.engine.gaussians import gaussian


def spd(d, seed, rank=None):
    A = np.random.default_rng(seed).normal(size=(rank or 2 * d, d))
    return A.T @ A / len(A)


def reference(mean_a, C_a, mean_b, C_b):
    """As the released scripts compute it."""
    root = scipy.linalg.sqrtm(C_a @ C_b)
    return float(((mean_a - mean_b) ** 2).sum() + np.trace(C_a + C_b - 2 * np.real(root)))


def test_gaussians_of_one_neuron_have_the_textbook_distance():
    a, b = gaussian(np.array([1.0]), np.array([[4.0]])), gaussian(np.array([4.0]), np.array([[25.0]]))
    assert fid.frechet(a, b) == pytest.approx((1 - 4) ** 2 + (2 - 5) ** 2, rel=1e-12)


def test_commuting_covariances_have_the_distance_of_their_spreads():
    rng = np.random.default_rng(0)
    Q = np.linalg.qr(rng.normal(size=(9, 9)))[0]
    s, t, mean = rng.uniform(0.1, 3, 9), rng.uniform(0.1, 3, 9), rng.normal(size=9)
    a, b = gaussian(np.zeros(9), Q * s**2 @ Q.T), gaussian(mean, Q * t**2 @ Q.T)
    assert fid.frechet(a, b) == pytest.approx(mean @ mean + ((s - t) ** 2).sum(), rel=1e-9)


@pytest.mark.parametrize("d", [2, 16, 64, 128])
def test_it_equals_the_reference_computation(d):
    rng = np.random.default_rng(d)
    X, Y = rng.normal(size=(4 * d, d)) @ spd(d, 1), rng.normal(0.3, 1.5, size=(5 * d, d)) @ spd(d, 2)
    expected = reference(X.mean(0), np.cov(X.T), Y.mean(0), np.cov(Y.T))
    assert fid.frechet(fid.fitted(X), fid.fitted(Y)) == pytest.approx(expected, rel=1e-6)


def test_the_fit_has_the_mean_and_the_unbiased_covariance():
    X = np.random.default_rng(0).normal(size=(30, 5))
    fit = fid.fitted(X)
    np.testing.assert_allclose(fit.covariance, np.cov(X.T), atol=1e-12)
    np.testing.assert_allclose(fit.mean, X.mean(0))
    assert fit.n == 30


def test_fewer_examples_than_neurons_are_no_trouble():
    rng = np.random.default_rng(3)
    X, Y = rng.normal(size=(10, 64)), rng.normal(size=(300, 64))
    # along the directions of X's span alone nothing is lost: a trace of a root in exact arithmetic
    C_x, C_y = np.cov(X.T), np.cov(Y.T)
    values, vectors = np.linalg.eigh(C_x)
    root = vectors[:, -9:] * np.sqrt(values[-9:]) @ vectors[:, -9:].T
    inner = np.linalg.eigvalsh(vectors[:, -9:].T @ (root @ C_y @ root) @ vectors[:, -9:])
    expected = ((X.mean(0) - Y.mean(0)) ** 2).sum() + np.trace(C_x) + np.trace(C_y) - 2 * np.sqrt(inner).sum()
    assert fid.frechet(fid.fitted(X), fid.fitted(Y)) == pytest.approx(expected, rel=1e-10)


def test_the_same_examples_are_at_no_distance_even_without_full_rank():
    X = np.random.default_rng(0).normal(size=(6, 200)) * 1e3
    assert fid.frechet(fid.fitted(X), fid.fitted(X[::-1])) < 1e-5 * (X**2).sum() / 6
    assert fid.frechet(fid.fitted(X), fid.fitted(X)) < 1e-8


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 8), st.integers(2, 12), st.floats(0.1, 10.0))
def test_it_is_symmetric_and_scales_with_the_square(seed, d, n, scale):
    rng = np.random.default_rng(seed)
    X, Y = rng.normal(size=(n, d)), rng.normal(1.0, 2.0, size=(n + 3, d))
    one = fid.frechet(fid.fitted(X), fid.fitted(Y))
    assert one >= 0
    assert fid.frechet(fid.fitted(Y), fid.fitted(X)) == pytest.approx(one, rel=1e-9, abs=1e-9)
    scaled = fid.frechet(fid.fitted(scale * X), fid.fitted(scale * Y))
    assert scaled == pytest.approx(scale**2 * one, rel=1e-9, abs=1e-8)


def test_extrapolating_takes_most_of_the_bias_of_a_small_sample():
    d = 24
    real = gaussian(np.zeros(d), np.eye(d))
    X = np.random.default_rng(0).normal(size=(300, d))        # of the real distribution itself: the truth is 0
    biased, free = fid.distance(X, real), fid.extrapolated(X, real)
    assert biased > 0.5
    assert abs(free.value) < biased / 5
    assert 0 < free.error < biased


def test_what_cannot_be_fitted_is_refused():
    with pytest.raises(InputError, match="two or more examples"):
        fid.fitted(np.zeros((1, 3)))
    with pytest.raises(InputError, match="found NaN or infinity"):
        fid.fitted(np.array([[1.0], [np.nan]]))
    with pytest.raises(InputError, match="3 and 2 neurons"):
        fid.frechet(fid.fitted(np.eye(3)), fid.fitted(np.eye(2)))
    with pytest.raises(InputError, match="20 or more"):
        fid.extrapolated(np.zeros((5, 2)), fid.fitted(np.eye(2)))
