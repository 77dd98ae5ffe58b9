"""Codecs bring a sound back in its place, without clipping."""

import numpy as np
import pytest

from engine.audio.waveform import Waveform
from tests.engine.intervening import SR, apply, music, tone


def delay(before, after):
    size = 2 * before.y.shape[-1]
    correlation = np.fft.irfft(np.fft.rfft(np.atleast_2d(after.y), size)
                               * np.fft.rfft(np.atleast_2d(before.y), size).conj(), size).sum(axis=0)
    at = int(np.argmax(correlation))
    return at - size if at > size // 2 else at


@pytest.mark.parametrize(("name", "values"), [
    ("wav-16", {}), ("ogg", {}), ("ogg", {"quality": 0}), ("ogg", {"quality": 1}), ("mp3", {}), ("mp3", {"kbps": 320}),
    ("mp3", {"kbps": 40}), ("mp3", {"kbps": 8}), ("resample", {})])
@pytest.mark.parametrize(("sr", "channels"), [(22050, 0), (44100, 2), (48000, 1), (16000, 2), (96000, 0), (8000, 0)])
def test_codecs_bring_the_sound_back_in_its_place(name, values, sr, channels):
    before = music(1.0, sr, channels)
    after = apply(name, before, **values)
    assert abs(delay(before, after)) <= (1 if sr <= 48000 else 2)
    lost = np.square(after.y - before.y).sum() / np.square(before.y).sum()
    assert lost < (0.3 if values.get("kbps") == 8 else 0.06)


def test_16_bits_round_and_clip():
    y = np.linspace(-1.5, 1.5, 9999, dtype=np.float32)
    after = apply("wav-16", Waveform(y, SR)).y
    inside = np.abs(y) < 1
    assert np.abs(after - y)[inside].max() < 1 / 32000
    assert after.max() == pytest.approx(1, abs=1e-4)
    assert after.min() == pytest.approx(-1, abs=1e-4)
    assert np.array_equal(np.round(after * 32768), after * 32768)


def test_lossy_codecs_do_not_clip():
    loud = tone(440, 2.0)
    for name in ("ogg", "mp3"):
        assert np.abs(apply(name, loud).y).max() > 1.8


def test_ogg_takes_a_long_sound_and_a_high_rate():
    """In one piece, or above 200 kHz, libvorbis takes the whole program down."""
    y = np.zeros(5_000_000, np.float32)
    assert apply("ogg", Waveform(y, 44100)).y.shape == y.shape
    assert apply("ogg", music(0.02, 384_000)).sr == 384_000
