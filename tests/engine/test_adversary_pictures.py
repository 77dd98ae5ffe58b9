"""Pictures of an adversary: the front end's own spectrograms, brightness that can be compared."""

import numpy as np
import pytest

from engine.audio.features import MagnitudeFrontEnd, MelFrontEnd
from engine.audio.waveform import Waveform
from engine.job import Cancelled
from engine.listening.adversary_pictures import DECIBELS, pictures, spectrogram


def noise(seconds, seed=0, gain=0.1, sr=22050):
    return Waveform((gain * np.random.default_rng(seed).standard_normal(round(seconds * sr))).astype(np.float32), sr)


@pytest.mark.parametrize("front_end", [MagnitudeFrontEnd(), MelFrontEnd()])
@pytest.mark.parametrize("seconds", [0.05, 11.8, 30.01])
def test_it_is_the_front_ends_spectrogram(front_end, seconds):
    sound = noise(seconds)
    np.testing.assert_allclose(spectrogram(sound, front_end), front_end.spectrogram(sound).S, atol=1e-5)


def test_a_residual_is_drawn_as_much_brighter_as_it_is_fainter():
    music, added = noise(5), noise(5, seed=1, gain=0.001)
    made = pictures(music, Waveform(music.y + added.y, 22050), added, MagnitudeFrontEnd())
    assert made.residual_lift_db == pytest.approx(40, abs=1)
    assert (made.adversarial.low, made.adversarial.high) == (made.original.low, made.original.high)
    assert DECIBELS * (made.original.high - made.residual.high) == made.residual_lift_db


def test_it_stops_when_nobody_waits():
    def stop(progress):
        raise Cancelled

    with pytest.raises(Cancelled):
        spectrogram(noise(1), MagnitudeFrontEnd(), report=stop)


def test_a_colour_is_one_level_before_and_after():
    pauses = np.repeat([1.0, 0.0, 1.0, 0.0], 4 * 22050 // 4).astype(np.float32)     # silence, which a hiss fills
    music, added = noise(4), noise(4, seed=1, gain=0.01)
    music = Waveform(music.y * pauses, 22050)
    made = pictures(music, Waveform(music.y + added.y, 22050), added, MagnitudeFrontEnd())
    assert made.adversarial.contrast == made.original.contrast
