"""Adversaries of judges whose answers are known on paper."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.checks import InputError
from engine.explain.adversary import Plan, attack, heard
from engine.explain.perturbing import Magnitudes
from tests.engine.judging import BANDS, FRAMES, WAYS, Plane, Unitary, direction, signal


@pytest.mark.parametrize("settings", [{"method": "waveform"}, {}, {"projection": "each"}])
@pytest.mark.parametrize("threshold", [0.5, 0.3])
def test_the_smallest_change_is_the_distance_to_the_plane(settings, threshold):
    y, w = signal(), direction()
    at = float((w / w.norm() * Unitary()(y)).sum())
    judge = Plane(w, at + 0.9, threshold)
    found = attack(y, judge=judge, plan=Plan(smallest=True, iterations=60, snr_db=10, **settings))
    distance = 0.9 + math.log(threshold / (1 - threshold)) / 3
    assert found.fooled
    assert distance * (1 - 1e-4) <= float((found.y - y).norm()) <= distance * 1.01
    first = attack(y, judge=judge, plan=Plan(confidence=0.99, snr_db=10, **settings))
    assert float((first.y - y).norm()) > 1.3 * distance


def test_where_magnitudes_would_fall_below_0_the_smallest_change_is_that_of_the_rest():
    y = torch.cat([torch.full((160,), 0.02), signal()[:160] + 1])
    w = direction().abs() * torch.sign(direction(2))
    X = Unitary()(y)
    b = float((w / w.norm() * X).sum()) + 1.0
    found = attack(y, judge=Plane(w, b), plan=Plan(smallest=True, iterations=200, snr_db=0))
    low, high = 0.0, 100.0      # of the multiplier in change = max(multiplier w, -X), by bisection
    for _ in range(60):
        middle = (low + high) / 2
        change = torch.maximum(middle * w, -X)
        low, high = (middle, high) if float((w / w.norm() * (X + change)).sum()) < b else (low, middle)
    best = float(change.norm())
    assert int((change == -X).sum()) > 20
    assert found.fooled
    assert float(found.y.min()) >= -1e-6
    assert best * (1 - 1e-3) <= float((found.y - y).norm()) <= best * 1.03


@given(st.integers(0, 10_000), st.floats(0.01, 3))
@settings(max_examples=40, deadline=None)
def test_the_projection_of_magnitudes_is_the_nearest_allowed_point(seed, share):
    """Optimality: p is nearest to x among the allowed iff (x - p) and (z - p) form no acute angle for any z."""
    generator = torch.Generator().manual_seed(seed)
    y = torch.randn(BANDS * FRAMES, generator=generator)
    domain = Magnitudes(y, Unitary(), None)
    x = domain.start + torch.randn(domain.start.shape, generator=generator) * 2
    radius = share * domain.norm
    p = domain.within(x, radius)
    assert float(p.min()) >= 0
    assert domain.change(p) <= radius * (1 + 1e-5)
    for scale in (0.01, 0.1, 1):
        for _ in range(5):
            z = (p + scale * torch.randn(p.shape, generator=generator)).clamp_min(0)
            z = domain.start + (z - domain.start) * min(1, radius / domain.change(z))
            assert float(((x - p).double() * (z - p)).sum()) <= 1e-3 * float((x - p).norm() * (z - p).norm())


@pytest.mark.parametrize("way", WAYS)
def test_bins_without_weight_are_left_alone(way):
    y, w = signal(), direction()
    judge = Plane(w, float((w / w.norm() * Unitary()(y)).sum()) + 0.5)
    weight = torch.ones(BANDS, FRAMES)
    weight[:3] = 0
    weight[:, 10:12] = 0
    found = attack(y, judge=judge, plan=Plan(snr_db=5, **way), weight=weight)
    change = Unitary()(found.y - y)
    assert found.fooled
    assert float(change[weight == 0].abs().max()) < 1e-6
    assert float(change[weight == 1].abs().mean()) > 1e-3


def test_a_judge_beyond_doubt_still_shows_the_way():
    """Softmax of far-off logits has no gradient in float32; the loss has."""
    y, w = signal(), direction()
    judge = Plane(w * 1, float((w / w.norm() * Unitary()(y)).sum()) + 60)      # log-odds of 180
    assert float(heard(judge, y)[1]) < 1e-37
    for smallest in (False, True):
        found = attack(y, judge=judge, plan=Plan(snr_db=-15, method="waveform", smallest=smallest))
        assert found.fooled


def test_a_judge_that_hears_nothing_is_not_fooled():
    deaf = Plane(torch.ones(BANDS, FRAMES), 1.0)
    deaf.w = torch.zeros(BANDS, FRAMES)
    found = attack(signal(), judge=deaf, plan=Plan(iterations=5))
    assert not found.fooled
    assert (found.label, len(found.steps)) == (0, 5)


@pytest.mark.parametrize("bad", [{"method": "guess"}, {"projection": "never"}, {"snr_db": math.nan},
                                 {"snr_db": 200.0}, {"iterations": 0}, {"confidence": 1.5}])
def test_plans_that_make_no_sense_are_refused(bad):
    with pytest.raises(InputError, match=r"expected .*, got"):
        Plan(**bad)
