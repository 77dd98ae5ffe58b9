"""Time stretch: pitch and length as promised, no clicks, the same whatever the pieces."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.audio.stretch import Stretcher
from engine.checks import InputError

SR = 44100


def tone(frequency, seconds, sr=SR, channels=1):
    y = 0.5 * np.sin(2 * np.pi * frequency * np.arange(round(seconds * sr)) / sr)
    return np.repeat(y[:, None], channels, axis=1).astype(np.float32)


def stretched(y, speed, sizes=(1000,), sr=SR):
    stretcher = Stretcher(sr=sr, channels=y.shape[1], speed=speed)
    out, done, turn = [], 0, 0
    while done < len(y):
        n = sizes[turn % len(sizes)]
        stretcher.push(y[done : done + n])
        out.append(stretcher.pull())
        done, turn = done + n, turn + 1
    return np.concatenate(out)


def pitch(y, sr=SR):
    spectrum = np.abs(np.fft.rfft(y * np.hanning(len(y)), 1 << 19))
    return np.argmax(spectrum) * sr / (1 << 19)


@pytest.mark.parametrize("speed", [0.5, 0.75, 0.9, 1.3, 2.0])
@pytest.mark.parametrize("frequency", [110.0, 440.0, 1234.5])
def test_pitch_stays_and_length_follows_the_speed(speed, frequency):
    y = tone(frequency, 8)
    out = stretched(y, speed)
    assert pitch(out[:, 0]) == pytest.approx(frequency, rel=0.01)
    assert len(out) == pytest.approx(len(y) / speed, rel=0.01)


@pytest.mark.parametrize("speed", [0.5, 0.75, 1.5])
def test_a_tone_comes_out_without_clicks_and_at_its_level(speed):
    y = tone(440.0, 3)
    out = stretched(y, speed)[:, 0]
    assert np.abs(np.diff(out)).max() < 1.1 * np.abs(np.diff(y[:, 0])).max()
    frames = out[: len(out) // 441 * 441].reshape(-1, 441)
    assert np.sqrt((frames**2).mean(axis=1)).min() > 0.9 * 0.5 / np.sqrt(2)


def test_speed_one_is_transparent_to_the_bit():
    y = np.random.default_rng(0).standard_normal((5000, 2)).astype(np.float32)
    assert np.array_equal(stretched(y, 1.0, (7, 1300)), y)


@settings(max_examples=15, deadline=None)
@given(sizes=st.lists(st.integers(1, 5000), min_size=1, max_size=6), speed=st.sampled_from([0.5, 0.77, 1.6]))
def test_the_pieces_change_nothing(sizes, speed):
    y = np.random.default_rng(1).standard_normal((12000, 2)).astype(np.float32)
    small = [max(40, n) for n in sizes]
    out, whole = stretched(y, speed, small), stretched(y, speed, (len(y),))
    assert np.array_equal(out, whole)


def test_channels_are_cut_at_the_same_places():
    y = np.random.default_rng(2).standard_normal((SR, 1)).astype(np.float32)
    out = stretched(np.hstack([y, -0.5 * y]), 0.6)
    np.testing.assert_allclose(out[:, 1], -0.5 * out[:, 0], atol=1e-6)


@pytest.mark.parametrize("speed", [0.5, 0.75, 1.5])
def test_a_beat_is_heard_when_the_speed_says(speed):
    y = np.zeros((4 * SR, 1), np.float32)
    beats = np.arange(SR // 2, 4 * SR, SR // 2)
    y[beats] = 1.0
    envelope = stretched(y, speed)[:, 0] ** 2
    for beat in beats[:-1]:
        expected = round(beat / speed)
        near = slice(max(0, expected - SR // 10), expected + SR // 10)
        heard = near.start + np.average(np.arange(len(envelope[near])), weights=envelope[near])
        assert abs(heard - expected) < 0.025 * SR


def test_silence_and_low_rates_pass():
    assert np.array_equal(np.unique(stretched(np.zeros((9000, 1), np.float32), 0.7)), [0.0])
    assert np.isfinite(stretched(tone(20, 2, sr=200), 0.7, sr=200)).all()


def test_wrong_speed_and_wrong_channels_are_refused():
    with pytest.raises(InputError, match=r"speed: expected 0\.5 to 2"):
        Stretcher(sr=SR, channels=1, speed=0.2)
    with pytest.raises(InputError, match=r"expected samples of shape \(n, 2\)"):
        Stretcher(sr=SR, channels=2, speed=0.5).push(np.zeros((10, 1), np.float32))


def test_it_is_thirty_times_faster_than_the_sound():
    y = np.random.default_rng(3).standard_normal((10 * SR, 2)).astype(np.float32)
    started = time.thread_time()
    stretched(y, 0.75)
    assert (10 / 0.75) / (time.thread_time() - started) > 30
