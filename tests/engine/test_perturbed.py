"""Sounds that were changed on purpose are opened with what was changed."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from engine.audio.features import MagnitudeFrontEnd
from engine.audio.waveform import Waveform
from engine.listening.perturbed import MOST_DB, change_image, open_perturbed


def test_a_change_is_the_same_up_and_down_and_silence_hides_it():
    before = np.zeros((3, 4), np.float32)
    after = before.copy()
    after[0], after[1] = np.log(2.0), -np.log(2.0)
    before[2], after[2] = -20.0, -12.0
    image = change_image(before, after, low=-9.0)
    steps = image.levels[0].astype(float) / 255 * MOST_DB
    np.testing.assert_allclose(steps[:2], 20 * np.log10(2.0), atol=MOST_DB / 255)
    assert (steps[2] == 0).all()
    assert (image.low, image.high) == (0.0, MOST_DB)
    assert set(image.contrast) == {(0, 255)}


def test_it_lies_where_the_sound_was_changed_and_the_file_is_the_sound(tmp_path):
    sr = 22050
    t = np.arange(4 * sr) / sr
    original = Waveform((0.5 * np.sin(2 * np.pi * 440 * t))[None].astype(np.float32), sr)
    y = original.y.copy()
    y[:, 2 * sr : 3 * sr] += 0.1 * np.sin(2 * np.pi * 2000 * t[:sr])
    front_end = MagnitudeFrontEnd()
    path = tmp_path / "new" / "changed.wav"
    song = open_perturbed(path, Waveform(y, sr), original, front_end)
    np.testing.assert_array_equal(soundfile.read(path, dtype="float32", always_2d=True)[0].T, y)
    assert song.change is not None
    assert song.change.levels[0].shape == song.image.levels[0].shape
    fps, band = front_end.frames_per_second, round(2000 / sr * 1024)
    assert song.change.value(band, round(2.5 * fps)) == pytest.approx(MOST_DB)
    assert song.change.levels[0][:, : round(1.9 * fps)].max() == 0
