"""The spectrum below hearing has tones and offsets at their level."""

from __future__ import annotations

import numpy as np
import pytest

from engine.audio.low_spectrum import LOWEST_DB, low_spectrum
from engine.audio.waveform import Waveform
from engine.checks import InputError


def sine(hz, level_db, sr=44100, seconds=20.0, offset=0.0):
    t = np.arange(round(seconds * sr)) / sr
    return Waveform((10 ** (level_db / 20) * np.sin(2 * np.pi * hz * t) + offset).astype(np.float32), sr)


@pytest.mark.parametrize(("hz", "level_db"), [(0.5, -30.0), (9.0, -50.0), (19.0, -80.0), (100.0, -6.0)])
@pytest.mark.parametrize("sr", [8000, 44100])
def test_a_tone_has_its_level(hz, level_db, sr):
    found = low_spectrum(sine(hz, level_db, sr))
    loudest = int(found.level_db[1:].argmax()) + 1
    assert found.hz[loudest] == pytest.approx(hz, abs=0.13)
    assert found.level_db[loudest] == pytest.approx(level_db, abs=0.2)
    assert found.level_db[(found.hz > hz + 1) & (found.hz < 140)].max() < level_db - 40


def test_two_tones_a_hertz_apart_are_two():
    y = sine(8.0, -40).y + sine(9.0, -40).y
    found = low_spectrum(Waveform(y, 44100))
    level = {float(hz): db for hz, db in zip(found.hz, found.level_db, strict=True)}
    assert level[8.5] < min(level[8.0], level[9.0]) - 20


def test_an_offset_is_at_zero_and_silence_is_the_floor():
    found = low_spectrum(sine(30.0, -60.0, offset=0.01))
    assert found.level_db[0] == pytest.approx(-40.0, abs=0.1)
    assert (low_spectrum(Waveform(np.zeros((2, 9000), np.float32), 44100)).level_db == LOWEST_DB).all()


@pytest.mark.parametrize("samples", [1, 5, 300])
def test_short_sounds_pass(samples):
    found = low_spectrum(Waveform(np.ones(samples, np.float32), 400))
    assert len(found.hz) == len(found.level_db) >= 1


def test_no_sound_is_refused():
    with pytest.raises(InputError, match="expected sound"):
        low_spectrum(Waveform(np.zeros(0, np.float32), 44100))
