"""A touch of the brush changes what it touches, and the prediction only where that is heard."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.audio.features import Spectrogram, mel_frequencies
from engine.explain.fills import fill
from engine.explain.segments import segmentation
from engine.listening.editing import Brush, Patch, dab, hidden_patch, patched, prediction_around
from engine.listening.predict import predict_spectrogram

FREQUENCIES = mel_frequencies(80, 27.5, 8000)
LOW, HIGH = -9.0, 1.0


def song(frames=500, seed=0):
    return torch.randn(80, frames, generator=torch.Generator().manual_seed(seed)) * 2 - 4


def touch(S, brush, seconds, band):
    return dab(S, brush, seconds=seconds, band=band, frames_per_second=70.0, low=LOW, high=HIGH)


BRUSHES = st.builds(Brush, st.booleans(), st.floats(0.02, 0.5), st.floats(0.5, 20))


@settings(max_examples=60, deadline=None)
@given(BRUSHES, st.floats(-1, 9), st.floats(-5, 85))
def test_a_dab_goes_one_way_within_its_levels_and_reach(brush, seconds, band):
    S = song(500)
    before = S.clone()
    patch = touch(S, brush, seconds, band)
    assert torch.equal(S, before)
    assert 0 <= patch.first <= patch.last <= 500
    after = patched(S, patch, 0, 500)
    change = after - S
    if brush.adds:
        assert float(change.min()) >= 0
        assert float((after - torch.maximum(S, torch.tensor(HIGH))).max()) <= 0
    else:
        assert float(change.max()) <= 0
        assert float((after - torch.minimum(S, torch.tensor(LOW))).min()) >= 0
    bands, frames = torch.meshgrid(torch.arange(80) + 0.5 - band, torch.arange(500) / 70 - seconds, indexing="ij")
    far = (bands / brush.radius_bands) ** 2 + (frames / brush.radius_seconds) ** 2 > 1.6**2
    assert not bool(change[far].any())


def test_a_dab_is_strongest_in_the_middle_and_a_seventh_at_its_radius():
    S = torch.full((80, 300), -4.0)
    change = touch(S, Brush(adds=True, radius_seconds=0.2, radius_bands=5), 2.0, 40.5).S + 4
    middle = 140 - touch(S, Brush(adds=True, radius_seconds=0.2, radius_bands=5), 2.0, 40.5).first
    assert float(change.max()) == float(change[40, middle]) == pytest.approx(1.2)
    assert float(change[40, middle + 14]) == float(change[45, middle]) == pytest.approx(1.2 * np.exp(-2), rel=1e-3)


def test_many_dabs_end_at_the_level():
    for adds, end in ((True, HIGH), (False, LOW)):
        S = song(200)
        for _ in range(40):
            patch = touch(S, Brush(adds=adds), 1.5, 30.5)
            S[:, patch.first : patch.last] = patch.S
        assert float(S[30, 105]) == pytest.approx(end)


def test_erasing_then_erasing_what_is_gone_changes_nothing():
    S = torch.full((80, 200), LOW)
    patch = touch(S, Brush(adds=False), 1.0, 30)
    assert torch.equal(patched(S, patch, 0, 200), S)


@pytest.mark.parametrize(("first", "last"), [(0, 20), (8, 12), (0, 5), (15, 20), (10, 10)])
def test_a_patch_is_laid_over_the_part_that_is_asked_for(first, last):
    S, patch = song(20), Patch(7, torch.full((80, 5), 9.0))
    whole = S.clone()
    whole[:, 7:12] = 9
    assert torch.equal(patched(S, patch, first, last), whole[:, first:last])
    assert not bool((S == 9).any())


@pytest.mark.parametrize(("first", "frames"), [(0, 10), (250, 30), (120, 1), (485, 15), (60, 400), (0, 500)])
def test_prediction_around_a_patch_is_that_of_the_whole_patched_song(listener, first, frames):
    S = song(500)
    spectrogram = Spectrogram(S, 22050, 315, FREQUENCIES)
    patch = Patch(first, song(frames, seed=1) + 2)
    times, probability = prediction_around(spectrogram, listener, patch)
    whole = predict_spectrogram(Spectrogram(patched(S, patch, 0, 500), 22050, 315, FREQUENCIES), listener, file="",
                                seconds=0)
    untouched = predict_spectrogram(spectrogram, listener, file="", seconds=0)
    where = np.round(times * 70).astype(int)
    assert probability.shape == (len(times), 2)
    assert probability == pytest.approx(whole.probability[where], abs=1e-4)
    elsewhere = np.setdiff1d(np.arange(500), where)     # and beyond that range nothing changes
    assert whole.probability[elsewhere] == pytest.approx(untouched.probability[elsewhere], abs=1e-4)
    assert np.abs(whole.probability - untouched.probability).max() > 1e-3


@pytest.mark.parametrize("seconds", [-30.0, 30.0])
def test_a_touch_beside_the_song_changes_no_prediction(listener, seconds):
    spectrogram = Spectrogram(song(500), 22050, 315, FREQUENCIES)
    patch = touch(spectrogram.S, Brush(adds=True), seconds, 40)
    assert patch.S.shape[1] == 0
    times, probability = prediction_around(spectrogram, listener, patch)
    untouched = predict_spectrogram(spectrogram, listener, file="", seconds=0)
    assert probability == pytest.approx(untouched.probability[np.round(times * 70).astype(int)], abs=1e-4)


def test_hidden_segments_become_the_fill_and_the_rest_stays(listener):
    spectrogram = Spectrogram(song(500), 22050, 315, FREQUENCIES)
    features = listener.excerpt(spectrogram, 100)
    cut = segmentation("temporal", 5, bands=80, frames=115, frames_per_second=70.0, frequencies=FREQUENCIES)
    patch = hidden_patch(features, listener, cut, fill("zero", features), {1, 4}, 100)
    hidden = torch.isin(cut.segment_map, torch.tensor([1, 4]))
    torch.testing.assert_close(patch.S[~hidden], spectrogram.S[:, 100:215][~hidden], atol=1e-4, rtol=0)
    assert patch.S[hidden].numpy() == pytest.approx(-3, abs=1e-5)      # zero is the mean of the data
    assert (patch.first, patch.last) == (100, 215)
