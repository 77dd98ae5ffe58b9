"""SoundLIME against scikit-learn, the lime package, linear games, and its own sampling error."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge
from sklearn.metrics import pairwise_distances
from torch import Tensor

from engine.checks import InputError
from engine.explain.explanation import Array, Explanation
from engine.explain.fills import Fill
from engine.explain.masking import all_masks, mask_scores
from engine.explain.segments import temporal
from engine.explain.slime import proximity, ridge, slime, slime_exact
from engine.job import Cancelled, Progress

N = 6
S = torch.ones(1, N)
GAME = {"segmentation": temporal(N, bands=1, frames=N, frames_per_second=1.0, frequencies=np.array([0.0, 1.0, 2.0])),
        "fill": Fill("zero", torch.zeros(1, N))}


def bent(shown: Tensor) -> Tensor:
    """A smooth score that is not linear in the mask."""
    return torch.sigmoid(shown[:, 0] @ torch.tensor([2.0, -1.0, 0.5, 0.0, 1.0, -3.0]) - shown[:, 0, 0] * shown[:, 0, 4])


def scores_of_all() -> Array:
    return mask_scores(bent, S, masks=all_masks(N), **GAME)


def test_masks_come_in_binary_order() -> None:
    masks = all_masks(3)
    assert masks[[0, 1, 2, 4, 7]].tolist() == [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]]


def test_exact_weights_equal_weighted_ridge_of_sklearn() -> None:
    masks = all_masks(N)
    distance = pairwise_distances(masks.astype(float), np.ones((1, N)), metric="cosine").ravel()
    kernel = np.sqrt(np.exp(-(distance**2) / 0.25**2))
    peer = Ridge(alpha=1.0).fit(masks, scores_of_all(), sample_weight=kernel * 1000 / len(masks))
    ours = slime_exact(bent, S, n_equivalent=1000, **GAME)
    np.testing.assert_allclose(ours.weights, peer.coef_, atol=1e-12)
    assert ours.settings["intercept"] == pytest.approx(peer.intercept_, abs=1e-12)
    assert ours.score_full == pytest.approx(float(bent(S[None])))
    assert ours.score_empty == pytest.approx(0.5)


def test_sampled_weights_equal_those_of_lime_on_the_same_masks() -> None:
    lime_base = pytest.importorskip("lime.lime_base")
    ours = slime(bent, S, n_samples=300, seed=3, **GAME)
    assert ours.masks is not None
    assert ours.mask_scores is not None
    data = ours.masks.astype(float)
    distances = pairwise_distances(data, data[:1], metric="cosine").ravel()
    kernel = lambda d: np.sqrt(np.exp(-(d**2) / 0.25**2))  # noqa: E731  as lime_image writes it
    intercept, weights, _, _ = lime_base.LimeBase(kernel, random_state=0).explain_instance_with_data(
        data, ours.mask_scores[:, None], distances, 0, N, feature_selection="none")
    np.testing.assert_allclose(ours.weights, [weight for _, weight in sorted(weights)], atol=1e-10)
    assert ours.settings["intercept"] == pytest.approx(intercept, abs=1e-10)
    assert ours.masks[0].all()


def test_linear_score_gives_back_its_coefficients() -> None:
    slopes = torch.tensor([0.3, -0.2, 0.0, 0.1, 0.05, -0.4])
    linear = lambda shown: shown[:, 0] @ slopes + 0.25  # noqa: E731
    exact = slime_exact(linear, S, n_equivalent=1e9, **GAME)
    np.testing.assert_allclose(exact.weights, slopes.numpy(), atol=1e-6)
    sampled = slime(linear, S, n_samples=4000, **GAME)
    np.testing.assert_allclose(sampled.weights, slopes.numpy(), atol=0.01)
    assert exact.top(2) == [0, 3]


def test_sampling_converges_to_the_exact_weights() -> None:
    exact = slime_exact(bent, S, n_equivalent=200_000, **GAME).weights
    few, many = (slime(bent, S, n_samples=m, seed=2, known=slime_exact(bent, S, **GAME), **GAME)
                 for m in (200, 200_000))
    assert many.stderr is not None
    assert np.abs((many.weights - exact) / many.stderr).max() < 4
    assert np.abs(many.weights - exact).max() < np.abs(few.weights - exact).max()


def test_standard_errors_are_the_spread_over_seeds() -> None:
    known = slime_exact(bent, S, **GAME)
    runs = [slime(bent, S, n_samples=400, seed=seed, known=known, **GAME) for seed in range(200)]
    spread = np.std([run.weights for run in runs], axis=0, ddof=1)
    said = np.mean([run.stderr for run in runs if run.stderr is not None], axis=0)
    np.testing.assert_allclose(said, spread, rtol=0.2)


def test_the_same_seed_gives_the_same_weights() -> None:
    first, again, other = (slime(bent, S, n_samples=50, seed=seed, **GAME).weights for seed in (5, 5, 6))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_constant_score_explains_nothing() -> None:
    constant = lambda shown: torch.full((len(shown),), 0.7)  # noqa: E731
    for explained in (slime_exact(constant, S, **GAME), slime(constant, S, n_samples=40, **GAME)):
        np.testing.assert_allclose(explained.weights, 0.0, atol=1e-9)
        assert explained.stderr is None or np.isfinite(explained.stderr).all()


def test_proximity_of_the_empty_and_the_full_mask() -> None:
    weights = proximity(all_masks(4))
    assert weights[-1] == 1.0
    assert weights[0] == pytest.approx(np.sqrt(np.exp(-16)))


def test_intercept_is_not_penalised() -> None:
    masks = all_masks(3)
    beta, _ = ridge(masks, np.full(8, 5.0), np.ones(8), alpha=1e6)
    np.testing.assert_allclose(beta, [5.0, 0.0, 0.0, 0.0], atol=1e-9)


@pytest.mark.parametrize("explainer", [slime_exact, partial(slime, n_samples=100)])
def test_it_stops_when_cancelled(explainer: partial[Explanation]) -> None:
    asked = 0

    def counting(shown: Tensor) -> Tensor:
        nonlocal asked
        asked += 1
        return bent(shown)

    def cancel(progress: Progress) -> None:
        if progress.done:
            raise Cancelled

    with pytest.raises(Cancelled):
        explainer(counting, S, report=cancel, **GAME)
    assert asked == 1


def test_reports_reach_the_total() -> None:
    seen: list[Progress] = []
    slime_exact(bent, S, report=seen.append, **GAME)
    assert [progress.done for progress in seen] == [*range(0, 65, 8)]
    assert seen[-1].fraction == 1.0


def test_each_different_mask_is_scored_once_and_known_ones_never() -> None:
    asked: list[int] = []

    def counting(shown: Tensor) -> Tensor:
        asked.append(len(shown))
        return bent(shown)

    exact = slime_exact(counting, S, **GAME)
    assert sum(asked) == 64
    slime(counting, S, n_samples=500, known=exact, **GAME)
    assert sum(asked) == 64
    other_fill = GAME | {"fill": Fill("mean", torch.full((1, N), 0.5))}
    slime(counting, S, n_samples=500, known=exact, **other_fill)
    assert sum(asked) > 64


def test_refusals() -> None:
    many = temporal(13, bands=1, frames=13, frames_per_second=1.0, frequencies=np.array([0.0, 1.0, 2.0]))
    with pytest.raises(InputError, match="at most 12 for an exact method, got 13"):
        slime_exact(bent, torch.ones(1, 13), segmentation=many, fill=Fill("zero", torch.zeros(1, 13)))
    with pytest.raises(InputError, match="at least 8 for 6 segments"):
        slime(bent, S, n_samples=7, **GAME)
    with pytest.raises(InputError, match="NaN"):
        slime_exact(lambda shown: bent(shown) / 0 * 0, S, **GAME)
