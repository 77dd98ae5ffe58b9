"""The spectrum down to 1 Hz has tones at their level and parts what is near."""

from __future__ import annotations

import numpy as np
import pytest

from engine.audio.fine_spectrum import FLOOR, centres, levels
from engine.audio.waveform import Waveform


def sine(hz, level_db, sr=44100, seconds=20.0):
    t = np.arange(round(seconds * sr)) / sr
    return Waveform((10 ** (level_db / 20) * np.sin(2 * np.pi * hz * t)).astype(np.float32), sr)


@pytest.mark.parametrize(("hz", "level_db"), [(1.5, -30.0), (9.0, -50.0), (19.0, -80.0), (100.0, -6.0)])
@pytest.mark.parametrize("sr", [8000, 44100])
def test_a_tone_has_its_level(hz, level_db, sr):
    found, at = levels(sine(hz, level_db, sr)), centres()
    loudest = int(found.argmax())
    assert at[loudest] == pytest.approx(hz, abs=0.25 + 0.03 * hz)
    assert found[loudest] == pytest.approx(level_db, abs=0.3)
    assert found[(at > 2 * hz) & (at < 0.4 * sr)].max() < level_db - 40


def test_tones_far_below_hearing_are_parted():
    found, at = levels(Waveform(sine(8.0, -40).y + sine(11.0, -40).y, 44100)), centres()
    between = float(found[np.abs(at - 9.4).argmin()])
    assert between < min(float(found[np.abs(at - hz).argmin()]) for hz in (8.0, 11.0)) - 10


@pytest.mark.parametrize("samples", [0, 1, 5, 300])
def test_short_and_silent_sounds_pass(samples):
    assert (levels(Waveform(np.zeros((2, samples), np.float32), 400)) <= 10 * np.log10(FLOOR) + 1e-9).all()
