"""Occlusion by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.explain.fills import Fill
from engine.explain.occlusion import occlusion
from engine.explain.segments import temporal
from engine.explain.shapley import shapley

S = torch.ones(1, 3)
GAME = {"segmentation": temporal(3, bands=1, frames=3, frames_per_second=1.0, frequencies=np.array([0.0, 1.0, 2.0])),
        "fill": Fill("zero", torch.zeros(1, 3))}


def test_weight_is_what_hiding_costs() -> None:
    explained = occlusion(lambda x: x[:, 0, 0] * x[:, 0, 1] + 2 * x[:, 0, 2], S, **GAME)
    np.testing.assert_allclose(explained.weights, [1.0, 1.0, 2.0])
    assert (explained.score_full, explained.score_empty) == (3.0, 0.0)
    assert explained.map().tolist() == [[1.0, 1.0, 2.0]]


def test_segments_that_stand_in_for_each_other_hide_from_it() -> None:
    either = lambda x: x[:, 0, :2].amax(1)  # noqa: E731
    assert occlusion(either, S, **GAME).weights.tolist() == [0.0, 0.0, 0.0]
    np.testing.assert_allclose(shapley(either, S, **GAME).weights, [0.5, 0.5, 0.0])


def test_known_masks_are_not_scored_again() -> None:
    def refuse(x: Tensor) -> Tensor:
        raise AssertionError("asked again")

    score = lambda x: x[:, 0].sum(1)  # noqa: E731
    explained = occlusion(refuse, S, known=shapley(score, S, **GAME), **GAME)
    assert explained.weights == pytest.approx([1.0, 1.0, 1.0])
