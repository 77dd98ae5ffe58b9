"""Shapley values of games whose values are known, and the axioms that define them."""

from __future__ import annotations

import itertools
import math
import time

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.explain.explanation import Array
from engine.explain.fills import Fill
from engine.explain.masking import all_masks
from engine.explain.segments import temporal
from engine.explain.shapley import shapley, shapley_values

worths = st.integers(1, 6).flatmap(lambda n: arrays(np.float64, 2**n, elements=st.floats(-10, 10)))


def by_orders(scores: Array) -> Array:
    """The definition: mean gain of a player over all orders of arrival."""
    n = int(np.log2(len(scores)))
    values = np.zeros(n)
    for order in itertools.permutations(range(n)):
        there = 0
        for player in order:
            values[player] += scores[there | 1 << player] - scores[there]
            there |= 1 << player
    return values / math.factorial(n)


def test_linear_game() -> None:
    slopes = np.array([1.0, -2.0, 0.5, 0.0])
    np.testing.assert_allclose(shapley_values(all_masks(4) @ slopes + 3), slopes, atol=1e-12)


def test_and_gate_or_gate_and_gloves() -> None:
    masks = all_masks(3)
    np.testing.assert_allclose(shapley_values((masks[:, 0] & masks[:, 1]).astype(float)), [0.5, 0.5, 0], atol=1e-12)
    np.testing.assert_allclose(shapley_values(masks.any(axis=1).astype(float)), [1 / 3] * 3, atol=1e-12)
    # two own a left glove each, one the right: a pair is worth 1
    gloves = ((masks[:, 0] | masks[:, 1]) & masks[:, 2]).astype(float)
    np.testing.assert_allclose(shapley_values(gloves), [1 / 6, 1 / 6, 4 / 6], atol=1e-12)


@given(worths)
def test_values_share_out_the_whole(scores: Array) -> None:
    assert shapley_values(scores).sum() == pytest.approx(scores[-1] - scores[0], abs=1e-9)


@given(st.integers(1, 4).flatmap(lambda n: arrays(np.float64, 2**n, elements=st.floats(-10, 10))))
def test_values_equal_the_mean_over_orders(scores: Array) -> None:
    np.testing.assert_allclose(shapley_values(scores), by_orders(scores), atol=1e-9)


@given(arrays(np.float64, 16, elements=st.floats(-10, 10)), st.integers(0, 3))
def test_who_adds_nothing_gets_nothing(scores: Array, idle: int) -> None:
    rows = np.arange(16)
    assert shapley_values(scores[rows & ~(1 << idle)])[idle] == pytest.approx(0.0, abs=1e-12)


@given(arrays(np.float64, 16, elements=st.floats(-10, 10)))
def test_who_are_alike_get_alike(scores: Array) -> None:
    rows = np.arange(16)
    swapped = (rows & ~3) | (rows & 1) << 1 | (rows & 2) >> 1
    values = shapley_values(scores + scores[swapped])
    assert values[0] == pytest.approx(values[1], abs=1e-9)


def test_explanation_of_a_score() -> None:
    cut = temporal(3, bands=1, frames=3, frames_per_second=1.0, frequencies=np.array([0.0, 1.0, 2.0]))
    explained = shapley(lambda S: S[:, 0, 0] * S[:, 0, 1] + 2 * S[:, 0, 2], torch.ones(1, 3), segmentation=cut,
                        fill=Fill("zero", torch.zeros(1, 3)))
    np.testing.assert_allclose(explained.weights, [0.5, 0.5, 2.0], atol=1e-6)
    assert (explained.score_full, explained.score_empty, explained.method) == (3.0, 0.0, "shapley")


def test_twelve_players_are_quick() -> None:
    scores = np.random.default_rng(0).random(4096)
    shapley_values(scores)
    start = time.process_time()
    shapley_values(scores)
    assert time.process_time() - start < 0.05
