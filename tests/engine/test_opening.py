"""Opening a song: all that is drawn of it, the labels beside it, and a way out while it is read."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
import soundfile as sf
import torch

from engine.audio.features import MelFrontEnd
from engine.audio.labels import Interval
from engine.audio.waveform import AudioFile
from engine.checks import InputError
from engine.job import Cancelled
from engine.listening.opening import labels_beside, open_song

FRONT_END = MelFrontEnd()


@pytest.fixture
def audio(tmp_path):
    path = tmp_path / "music" / "Lied ü.wav"
    path.parent.mkdir()
    y = 0.2 * np.random.default_rng(0).standard_normal((12 * 22050, 2))
    sf.write(path, y, 22050, subtype="FLOAT")
    return path


def test_a_song_is_read_for_all_that_is_drawn(audio):
    song = open_song(audio, FRONT_END)
    assert song.seconds == 12
    assert (song.labels, song.complaint) == ((), "")
    torch.testing.assert_close(song.spectrogram.S, FRONT_END.spectrogram(song.file.read()).S, atol=1e-4, rtol=0)
    mono = song.file.read().mono().y
    assert song.peaks.samples == len(mono)
    assert song.peaks.levels[0].min() == pytest.approx(mono.min())
    assert song.peaks.levels[0].max() == pytest.approx(mono.max())
    assert song.image.levels[0].shape == song.spectrogram.S.shape


@pytest.mark.parametrize("place", ["music/Lied ü.csv", "music/Lied ü.txt", "labels/Lied ü.csv"])
def test_labels_beside_it_are_found(audio, place):
    path = audio.parent.parent / place
    path.parent.mkdir(exist_ok=True)
    path.write_text("1\t2\tla\n", encoding="utf-8")
    assert open_song(audio, FRONT_END).labels == (Interval(1, 2, "la"),)


def test_the_nearest_labels_win(audio):
    audio.with_suffix(".txt").write_text("1\t2\n")
    audio.with_suffix(".csv").write_text("3,4\n")
    assert labels_beside(audio) == ((Interval(3, 4),), "")


@pytest.mark.parametrize("content", [b"lyrics of the song\n", b"\xff\xfe\x00", b"0,1\n5,4\n"])
def test_a_broken_label_file_is_a_complaint_and_no_error(audio, content):
    audio.with_suffix(".txt").write_bytes(content)
    song = open_song(audio, FRONT_END)
    assert song.labels == ()
    assert song.complaint.startswith("Lied ü.txt")
    assert song.seconds == 12


def test_a_folder_of_that_name_is_no_label_file(audio):
    audio.with_suffix(".csv").mkdir()
    assert labels_beside(audio) == ((), "")


@pytest.mark.parametrize("patience", [0, 2])
def test_opening_is_cancelled_at_once_and_leaves_no_thread(tmp_path, monkeypatch, patience):
    read = AudioFile.blocks

    def slowly(self):
        for block in read(self):
            time.sleep(0.05)      # 80 blocks: a disk that needs four seconds
            yield block

    monkeypatch.setattr(AudioFile, "blocks", slowly)
    sf.write(tmp_path / "long.wav", np.zeros(22050 * 400, np.float32), 22050)
    threads, asked = threading.active_count(), []

    def cancel(progress):
        asked.append(time.perf_counter())
        if len(asked) > patience:
            raise Cancelled

    with pytest.raises(Cancelled):
        open_song(tmp_path / "long.wav", FRONT_END, cancel)
    assert time.perf_counter() - asked[-1] < 1
    assert len(asked) == patience + 1
    assert threading.active_count() == threads


def test_a_file_that_turns_bad_is_one_sentence(audio):
    y, sr = sf.read(audio, dtype="float32")
    y[-5] = np.nan
    sf.write(audio, y, sr, subtype="FLOAT")
    with pytest.raises(InputError, match=r"NaN or infinity at 12\.000 s"):
        open_song(audio, FRONT_END)
    with pytest.raises(InputError, match="no such file"):
        open_song(audio.with_name("gone.wav"), FRONT_END)
