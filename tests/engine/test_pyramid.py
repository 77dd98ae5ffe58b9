"""The pyramids show every part truthfully, whatever the resolution, and cost little."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.audio.pyramid import ImagePyramid, PeakPyramid
from engine.checks import InputError
from engine.job import Cancelled, Progress


def spectrogram(frames: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-12, 3, (8, frames)).astype(np.float32)


def test_finest_level_keeps_values_within_half_a_step():
    S = spectrogram(700)
    pyramid = ImagePyramid.of(S, low=-12.0, high=3.0)
    got = np.array([[pyramid.value(band, frame) for frame in (0, 5, 699)] for band in range(8)])
    assert np.abs(got - S[:, [0, 5, 699]]).max() <= 15 / 255 / 2 + 1e-5


@settings(max_examples=60, deadline=None)
@given(frames=st.integers(1, 5000), a=st.integers(-50, 5000), length=st.integers(1, 5000),
       most=st.integers(600, 3000))
def test_a_slice_covers_what_was_asked_with_the_loudest(frames: int, a: int, length: int, most: int):
    S = spectrogram(frames)
    pyramid = ImagePyramid.of(S, low=-12.0, high=3.0)
    image, first, level = pyramid.slice(a, a + length, most)
    step = 2**level
    start, stop = max(0, a), min(frames, a + length)
    if stop <= start:
        assert image.shape[1] == 0
        return
    assert image.shape[1] <= most
    assert first <= start
    assert first + image.shape[1] * step >= stop
    base = pyramid.levels[0]
    for column in (0, image.shape[1] // 2, image.shape[1] - 1):
        there = base[:, first + column * step : first + (column + 1) * step]
        assert np.array_equal(image[:, column], there.max(axis=1))


def test_a_single_loud_frame_in_two_hours_is_still_seen():
    S = np.full((4, 504_000), -12.0, np.float32)
    S[2, 123_457] = 3.0
    pyramid = ImagePyramid.of(S, low=-12.0, high=3.0)
    image, first, level = pyramid.slice(0, 504_000, 1200)
    assert image.shape[1] <= 1200
    assert image[2, (123_457 - first) // 2**level] == 255
    assert int((image > 0).sum()) == 1
    assert sum(level.nbytes for level in pyramid.levels) < 2.1 * S.size


def test_silence_and_constant_input_have_a_range():
    pyramid = ImagePyramid.of(np.full((3, 10), -16.0, np.float32))
    assert pyramid.high > pyramid.low
    assert np.isfinite(pyramid.value(0, 0))
    black, white = pyramid.contrast[0]
    assert white - black >= 64


def test_contrast_follows_the_louder_coarse_levels():
    pyramid = ImagePyramid.of(spectrogram(20_000), low=-12.0, high=3.0)
    blacks = [black for black, _ in pyramid.contrast]
    assert len(pyramid.contrast) == len(pyramid.levels)
    assert blacks == sorted(blacks)
    assert blacks[-1] > blacks[0]


def test_empty_is_refused_and_cancel_passes_through():
    with pytest.raises(InputError, match="bands x frames"):
        ImagePyramid.of(np.zeros((80, 0), np.float32))

    def cancel(progress: Progress) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        ImagePyramid.of(spectrogram(100), report=cancel)


@settings(max_examples=40, deadline=None)
@given(lengths=st.lists(st.integers(0, 3000), max_size=8), per_bin=st.sampled_from([1, 7, 64]))
def test_peaks_do_not_depend_on_how_the_signal_was_cut(lengths: list[int], per_bin: int):
    y = np.random.default_rng(1).standard_normal(sum(lengths)).astype(np.float32)
    pieces = np.split(y, np.cumsum(lengths)[:-1]) if lengths else []
    got = PeakPyramid.of(pieces, sr=1000, samples_per_bin=per_bin)
    assert got.samples == len(y)
    bins = np.split(y, range(per_bin, len(y), per_bin)) if len(y) else []
    expected = [[part.min(), part.max()] for part in bins]
    assert np.array_equal(got.levels[0], np.array(expected, np.float32).reshape(-1, 2).T)
    if len(y):
        assert got.levels[-1][0].min() == y.min()
        assert got.levels[-1][1].max() == y.max()


def test_peaks_mix_channels_and_report():
    seen: list[Progress] = []
    block = np.stack([np.ones(512), -np.ones(512)], axis=1).astype(np.float32)
    pyramid = PeakPyramid.of([block, block], sr=44100, samples=1024, report=seen.append)
    assert not pyramid.levels[0].any()
    assert seen[-1].fraction == 1.0
    assert pyramid.seconds == pytest.approx(1024 / 44100)


def test_peak_slice_has_its_times():
    y = np.zeros(100_000, np.float32)
    y[60_000] = 1.0
    pyramid = PeakPyramid.of([y], sr=1000, samples_per_bin=10)
    peaks, first, step = pyramid.slice(50.0, 70.0, 300)
    assert peaks.shape[1] <= 301
    assert first <= 50.0
    assert first + int(np.argmax(peaks[1])) * step == pytest.approx(60.0, abs=step)
