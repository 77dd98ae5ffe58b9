"""What can be played: files and waveforms, read anywhere as they are."""

import numpy as np
import pytest
import soundfile as sf

from engine.audio.waveform import AudioFile, Waveform
from engine.checks import InputError
from gui.player import FileSource, WaveformSource
from tests.gui.hearing import SR, tone


def test_a_waveform_sits_on_the_time_line_of_the_song():
    source = WaveformSource(Waveform(np.ones(10, np.float32), 10), 2.0, seconds=5.0)
    assert source.seconds == 5.0
    assert source.read(-5, 60)[:, 0].tolist() == [0] * 25 + [1] * 10 + [0] * 25
    assert WaveformSource(Waveform(np.ones((2, 10), np.float32), 10), 2.0).seconds == 3.0


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mp3"])
def test_a_file_is_read_anywhere_as_it_is(tmp_path, suffix):
    path = tmp_path / f"sound.{suffix}"
    sf.write(path, 0.2 * np.random.default_rng(0).standard_normal((SR, 2)), SR)
    whole = AudioFile(path).read().y.T
    source = FileSource(AudioFile(path))
    for first, n in [(0, 500), (500, 500), (20000, 300), (100, 50), (SR - 100, 300), (-50, 100), (2 * SR, 5)]:
        padded = np.pad(whole, [(100, 2 * SR), (0, 0)])
        np.testing.assert_allclose(source.read(first, n), padded[first + 100 : first + 100 + n], atol=2e-3)


def test_a_quiet_mp3_is_whole_although_it_is_read_in_small_pieces(tmp_path):
    path = tmp_path / "tone.mp3"
    y = tone(980.0, 10.0).read(0, 10 * SR)     # so little to encode that each frame leans on those before it
    sf.write(path, y, SR)
    source = FileSource(AudioFile(path))
    heard = np.concatenate([source.read(first, 882) for first in range(5 * SR, 9 * SR, 882)])
    np.testing.assert_allclose(heard, y[5 * SR : 5 * SR + len(heard)], atol=0.02)


def test_a_vanished_file_is_one_sentence(tmp_path):
    path = tmp_path / "sound.wav"
    sf.write(path, np.zeros(100), SR)
    file = AudioFile(path)
    path.unlink()
    with pytest.raises(InputError, match=r"sound\.wav: could not be opened for playing"):
        FileSource(file)
