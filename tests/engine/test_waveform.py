"""Sound files as they come: formats, rates, lengths, and everything that can be wrong with one."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from engine.audio.waveform import AudioFile, Waveform, write_wav
from engine.checks import InputError, shown


def noise(seconds: float, sr: int, channels: int = 1, seed: int = 0) -> np.ndarray:
    y = np.random.default_rng(seed).standard_normal((round(seconds * sr), channels)).astype(np.float32)
    return 0.1 * np.cumsum(y, axis=0) / np.abs(np.cumsum(y, axis=0)).max()


@pytest.mark.parametrize(("ending", "sr", "channels"), [
    ("wav", 8000, 1), ("wav", 192000, 8), ("flac", 44100, 2), ("ogg", 48000, 2), ("mp3", 44100, 2), ("mp3", 22050, 1),
    ("aiff", 11025, 3)])
def test_pieces_are_the_whole(tmp_path: Path, ending: str, sr: int, channels: int) -> None:
    path = tmp_path / f"Lied – ünï {ending}.{ending}"
    sf.write(path, noise(3.0, sr, channels), sr)
    file = AudioFile(path)
    whole, _ = sf.read(path, dtype="float32", always_2d=True)
    pieces = np.concatenate(list(file.blocks(seconds=0.31)))
    np.testing.assert_allclose(pieces, whole, atol=2e-4)
    part = file.read(1.0, 1.5)
    np.testing.assert_allclose(part.y.T, whole[sr : round(1.5 * sr)], atol=2e-4)
    assert (file.channels, part.sr) == (channels, sr)


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "FLOAT", "DOUBLE"])
def test_sample_formats(tmp_path: Path, subtype: str) -> None:
    y = noise(0.1, 22050)
    sf.write(tmp_path / "x.wav", y, 22050, subtype=subtype)
    np.testing.assert_allclose(AudioFile(tmp_path / "x.wav").read().y[0], y[:, 0], atol=1 / 100)


@pytest.mark.parametrize("sr", [8000, 44100, 48000, 96000])
def test_resampled_in_pieces_as_in_one(tmp_path: Path, sr: int) -> None:
    y = noise(12.0, sr, 2)
    sf.write(tmp_path / "x.wav", y, sr, subtype="FLOAT")
    at_once = Waveform(np.ascontiguousarray(y.T), sr).mono().resampled(22050)
    piecewise = AudioFile(tmp_path / "x.wav").mono(22050)
    assert abs(len(piecewise.y) - len(at_once.y)) <= 1
    n = min(len(piecewise.y), len(at_once.y))
    np.testing.assert_allclose(piecewise.y[:n], at_once.y[:n], atol=1e-5)


def test_float_beyond_full_scale_and_silence_stay_as_they_are(tmp_path: Path) -> None:
    write_wav(tmp_path / "loud.wav", Waveform(np.full(1000, 3.0, np.float32), 8000))
    write_wav(tmp_path / "quiet.wav", Waveform(np.zeros(1000, np.float32), 8000))
    assert AudioFile(tmp_path / "loud.wav").read().y.max() == 3.0
    assert AudioFile(tmp_path / "quiet.wav").read().y.max() == 0.0


def test_written_files_can_be_read_by_others(tmp_path: Path) -> None:
    write_wav(tmp_path / "x.wav", Waveform(np.zeros(10, np.float32), 8000))
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE((tmp_path / "x.wav").stat().st_mode) == 0o666 & ~mask
    assert [p.name for p in tmp_path.iterdir()] == ["x.wav"]


def bad_files(folder: Path) -> dict[str, Path]:
    made = {name: folder / f"{name}.wav" for name in ("missing", "empty", "text", "nan", "no_samples", "folder")}
    made["empty"].write_bytes(b"")
    made["text"].write_text("these are words " * 100)
    y = np.zeros(2000, np.float32)
    y[1500] = np.nan
    sf.write(made["nan"], y, 8000, subtype="FLOAT")
    sf.write(made["no_samples"], np.zeros(0), 8000)
    made["folder"].mkdir()
    return made


@pytest.mark.parametrize("name", ["missing", "empty", "text", "nan", "no_samples", "folder"])
def test_bad_files_get_one_sentence_that_names_them(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=name) as told:
        AudioFile(bad_files(tmp_path)[name]).read()
    assert "\n" not in str(told.value)


def test_a_cut_off_file_is_read_as_far_as_it_goes_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "cut.flac"
    sf.write(path, noise(5.0, 44100), 44100)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    try:
        got = sum(len(block) for block in AudioFile(path).blocks())
    except InputError as error:
        assert "cut.flac" in str(error)  # noqa: PT017
    else:
        assert 0 < got < 5 * 44100


def test_names_in_messages_are_printable_and_short() -> None:
    assert "\n" not in shown("a\nb.wav")
    assert len(shown("x" * 500 + ".wav")) <= 80
