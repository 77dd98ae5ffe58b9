"""Integrated gradients and saliency on scores whose gradients are known."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.audio.features import mel_frequencies
from engine.checks import InputError
from engine.explain.fills import fill
from engine.explain.gradients import integrated_gradients, saliency
from engine.explain.segments import segmentation
from engine.job import Cancelled, Progress
from engine.models.svd_cnn import SvdCnn

S = torch.randn(4, 12, generator=torch.Generator().manual_seed(0))
SLOPES = torch.randn(4, 12, generator=torch.Generator().manual_seed(1))
CUT = segmentation("grid", 6, bands=4, frames=12, frames_per_second=1.0, frequencies=mel_frequencies(4, 30, 300))


def linear(x: Tensor) -> Tensor:
    return (x * SLOPES).sum((1, 2))


def test_linear_score_is_shared_out_bin_by_bin() -> None:
    explained = integrated_gradients(linear, S, segmentation=CUT, fill=fill("mean", S))
    expected = (S - S.mean()) * SLOPES
    assert explained.attribution is not None
    np.testing.assert_allclose(explained.attribution, expected.numpy(), atol=1e-5)
    sums = [float(expected[CUT.segment_map == i].sum()) for i in range(6)]
    np.testing.assert_allclose(explained.weights, sums, atol=1e-5)
    assert explained.map() is explained.attribution
    assert explained.method == "ig"


@pytest.mark.parametrize("name", ["neighbour", "noise"])
def test_completeness_on_the_network(name: str) -> None:
    torch.manual_seed(0)
    net = SvdCnn().eval()
    with torch.no_grad():  # louder than the usual start, so that the change is more than rounding
        for layer in (*net.conv, *net.dense):
            layer.weight *= 2
    excerpt = torch.randn(80, 115)
    cut = segmentation("temporal", 10, bands=80, frames=115, frames_per_second=70.0,
                       frequencies=mel_frequencies(80, 27.5, 8000))
    explained = integrated_gradients(net, excerpt, segmentation=cut, fill=fill(name, excerpt), n_steps=32)
    change = explained.score_full - explained.score_empty
    assert abs(change) > 0.05
    assert explained.weights.sum() == pytest.approx(change, rel=0.1)  # max pooling has kinks
    assert explained.settings["completeness_gap"] == pytest.approx(explained.weights.sum() - change)


def test_more_steps_close_the_gap() -> None:
    curved = lambda x: torch.sigmoid(3 * linear(x))  # noqa: E731
    gaps = [abs(float(integrated_gradients(curved, S, segmentation=CUT, fill=fill("zero", S), n_steps=n)
                      .settings["completeness_gap"])) for n in (2, 64)]
    assert gaps[1] < gaps[0] / 10


def test_saliency_is_the_size_of_the_gradient() -> None:
    explained = saliency(lambda x: linear(x) ** 2, S, segmentation=CUT, fill=fill("zero", S))
    expected = (2 * (S * SLOPES).sum() * SLOPES).abs()
    assert explained.attribution is not None
    np.testing.assert_allclose(explained.attribution, expected.numpy(), rtol=1e-4)
    assert explained.weights.sum() == pytest.approx(float(expected.sum()), rel=1e-4)
    assert explained.score_empty == 0.0


def test_it_works_where_gradients_are_switched_off_outside() -> None:
    with torch.no_grad():
        integrated_gradients(linear, S, segmentation=CUT, fill=fill("zero", S), n_steps=2)
        saliency(linear, S, segmentation=CUT, fill=fill("zero", S))


def test_it_stops_when_cancelled() -> None:
    asked: list[int] = []

    def counting(x: Tensor) -> Tensor:
        asked.append(len(x))
        return linear(x)

    def cancel(progress: Progress) -> None:
        if progress.done >= 8:
            raise Cancelled

    with pytest.raises(Cancelled):
        integrated_gradients(counting, S, segmentation=CUT, fill=fill("zero", S), report=cancel)
    assert sum(asked) == 8


def test_a_score_without_gradients_is_refused() -> None:
    for explainer in (integrated_gradients, saliency):
        with pytest.raises(InputError, match="differentiable"):
            explainer(lambda x: linear(x.detach()), S, segmentation=CUT, fill=fill("zero", S))
    with pytest.raises(InputError, match="steps"):
        integrated_gradients(linear, S, segmentation=CUT, fill=fill("zero", S), n_steps=0)
