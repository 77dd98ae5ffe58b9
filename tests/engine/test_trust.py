"""Trust figures computed by hand on small games."""

from __future__ import annotations

from dataclasses import asdict, replace

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.explain.explanation import Array, Explanation, Score
from engine.explain.fills import Fill
from engine.explain.masking import all_masks
from engine.explain.methods import METHODS, explain
from engine.explain.occlusion import occlusion
from engine.explain.segments import temporal
from engine.explain.shapley import shapley
from engine.explain.slime import slime
from engine.explain.trust import agreement, flips, infidelity, judged, max_sensitivity, removal_curves

N = 4
S = torch.ones(1, N)
FILL = Fill("zero", torch.zeros(1, N))
CUT = temporal(N, bands=1, frames=N, frames_per_second=1.0, frequencies=np.array([0.0, 1.0, 2.0]))
SLOPES = torch.tensor([0.1, 0.4, -0.2, 0.3])


def linear(x: Tensor) -> Tensor:
    return x[:, 0] @ SLOPES


def constant(x: Tensor) -> Tensor:
    return x.sum((1, 2)) * 0 + 0.7


def weighing(weights: list[float]) -> Explanation:
    return Explanation(CUT, np.array(weights), 0.6, 0.0, "shapley", "zero")


def explained(score: Score) -> Explanation:
    return shapley(score, S, segmentation=CUT, fill=FILL)


def test_agreement_counts_names_in_common() -> None:
    reference = weighing([4, 3, 2, 1])                                  # names 0, 1, 2
    assert agreement(reference, [reference]) == 1.0
    assert agreement(reference, [weighing([1, 2, 3, 4])]) == pytest.approx(2 / 3)
    assert agreement(reference, [reference, weighing([1, 2, 3, 4])]) == pytest.approx(5 / 6)
    assert agreement(reference, [weighing([1, 2, 3, 4])], k=2) == 0.0
    assert agreement(reference, [weighing([1, 2, 3, 4])], k=9) == 1.0


def test_curves_of_a_linear_score() -> None:
    curves = removal_curves(explained(linear), score=linear, S=S, fill=FILL)
    np.testing.assert_allclose(curves.deletion, [0.6, 0.2, -0.1, -0.2, 0.0], atol=1e-6)
    np.testing.assert_allclose(curves.insertion, [0.0, 0.4, 0.7, 0.8, 0.6], atol=1e-6)
    assert curves.deletion_auc == pytest.approx((0.3 + 0.2 - 0.1 - 0.2) / 4, abs=1e-6)
    assert curves.insertion_auc == pytest.approx((0.4 + 0.7 + 0.8 + 0.3) / 4, abs=1e-6)


def test_right_order_has_the_smallest_deletion_area() -> None:
    right, wrong = explained(linear), replace(explained(linear), weights=-SLOPES.double().numpy())
    areas = [removal_curves(e, score=linear, S=S, fill=FILL).deletion_auc for e in (right, wrong)]
    assert areas[0] < areas[1]


@pytest.mark.parametrize(("threshold", "k", "expected"), [
    (0.5, 1, True), (0.1, 1, False), (0.1, 2, True), (0.7, 2, False), (0.6, 1, True)])
def test_flips_when_the_score_crosses_the_threshold(threshold: float, k: int, expected: bool) -> None:
    # the game in double precision, so that 0.6 is met exactly
    curves = removal_curves(explained(linear), score=linear, S=S, fill=FILL)
    exact = replace(curves, deletion=np.round(curves.deletion, 6))
    assert flips(exact, threshold=threshold, k=k) is expected


def test_flips_with_fewer_segments_than_asked_for() -> None:
    curves = removal_curves(explained(linear), score=linear, S=S, fill=FILL)
    assert flips(curves, threshold=0.3, k=99)


def test_infidelity_is_zero_for_the_true_weights_and_known_for_others() -> None:
    right = explained(linear)
    assert right.masks is not None
    assert right.mask_scores is not None
    assert infidelity(right.weights, right.masks, right.mask_scores, right.score_full) == pytest.approx(0, abs=1e-12)
    # one weight wrong by 0.5 errs by 0.5 in the half of the masks that hide its segment
    off = right.weights + np.array([0.5, 0, 0, 0])
    assert infidelity(off, right.masks, right.mask_scores, right.score_full) == pytest.approx(0.125, abs=1e-6)


def test_sampled_infidelity_comes_near_the_exact_one() -> None:
    curved = lambda x: torch.sigmoid(4 * x[:, 0] @ SLOPES)  # noqa: E731
    exact = judged(explained(curved), score=curved, S=S, fill=FILL, threshold=0.5)
    sampled = slime(curved, S, segmentation=CUT, fill=FILL, n_samples=4000)
    assert sampled.masks is not None
    assert sampled.mask_scores is not None
    figure = infidelity(exact.weights, sampled.masks, sampled.mask_scores, sampled.score_full)
    assert figure == pytest.approx(exact.trust.infidelity, rel=0.1)


def test_max_sensitivity_of_weights_that_follow_the_input() -> None:
    follow = lambda x: x.double().numpy().ravel()  # noqa: E731
    figure = max_sensitivity(follow, S, radius=0.1, n_perturbations=50)
    assert 0.05 < figure <= 0.1  # |noise| <= 0.1 sqrt(4), |weights| = sqrt(4)
    assert figure > max_sensitivity(follow, S, radius=0.01, n_perturbations=50)
    assert figure == max_sensitivity(follow, S, radius=0.1, n_perturbations=50)
    assert max_sensitivity(lambda x: np.zeros(4), S) == 0.0
    assert max_sensitivity(lambda x: np.ones(4), S) == 0.0


def test_judged_fills_in_every_figure_and_asks_nothing_twice() -> None:
    asked: list[int] = []

    def counting(x: Tensor) -> Tensor:
        asked.append(len(x))
        return linear(x)

    def weights(x: Tensor) -> Array:
        return shapley(linear, x, segmentation=CUT, fill=FILL).weights

    plain = explained(counting)
    before = sum(asked)
    result = judged(plain, score=counting, S=S, fill=FILL, threshold=0.5, k=2, others=[weighing([0, 2, 0, 1])],
                    explain_function=weights)
    assert sum(asked) == before == 16
    figures = asdict(result.trust)
    assert None not in figures.values()
    assert result.trust.agreement == 1.0
    assert result.trust.flips is True
    assert result.trust.infidelity == pytest.approx(0.0, abs=1e-12)
    assert replace(result, trust=plain.trust) == plain


@pytest.mark.parametrize("method", METHODS)
def test_constant_score_gives_finite_figures(method: str) -> None:
    def weights(x: Tensor) -> Array:
        return explain(method, constant, x, segmentation=CUT, fill=FILL, n_samples=50).weights

    result = judged(explain(method, constant, S, segmentation=CUT, fill=FILL, n_samples=50), score=constant, S=S,
                    fill=FILL, threshold=0.5, others=[weighing([1, 2, 3, 4])], explain_function=weights)
    np.testing.assert_allclose(result.weights, 0.0, atol=1e-8)
    assert all(np.isfinite(float(value)) for value in asdict(result.trust).values())
    assert result.trust.flips is False
    assert result.trust.deletion_auc == pytest.approx(0.7)


def test_infidelity_of_occlusion_with_many_segments_is_sampled() -> None:
    many = temporal(20, bands=1, frames=20, frames_per_second=1.0, frequencies=np.array([0.0, 1.0, 2.0]))
    fill, ones = Fill("zero", torch.zeros(1, 20)), torch.ones(1, 20)
    score = lambda x: x[:, 0].sum(1)  # noqa: E731
    result = judged(occlusion(score, ones, segmentation=many, fill=fill), score=score, S=ones, fill=fill,
                    threshold=10.0)
    assert result.trust.infidelity == pytest.approx(0.0, abs=1e-9)
    assert result.trust.max_sensitivity is None
    assert result.trust.agreement is None


def test_masks_of_an_exact_explanation_serve_another_method() -> None:
    exact = explained(linear)
    gradient = explain("ig", linear, S, segmentation=CUT, fill=FILL)

    def refuse(x: Tensor) -> Tensor:
        raise AssertionError("asked again")

    result = judged(gradient, score=refuse, S=S, fill=FILL, threshold=0.5, known=exact)
    assert result.trust.infidelity == pytest.approx(0.0, abs=1e-10)
    assert len(all_masks(N)) == 16
