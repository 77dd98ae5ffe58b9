"""Sounds, labels and tables of strangers: headers that lie, names that lead elsewhere, lines without end."""

import io
import os
import struct

import numpy as np
import pytest
import soundfile as sf

from engine.audio.features import MelFrontEnd
from engine.audio.labels import read_intervals
from engine.audio.waveform import AudioFile
from engine.checks import InputError
from engine.listening.opening import open_song
from engine.training.datasets import is_plain, voice_songs
from engine.training.style_data import style_excerpts
from tests.engine.fuzzing import most_memory
from tests.engine.hostile import refusal

SR = 22050
FRONT_END = MelFrontEnd()


def opened(path):
    """All that a page reads of a file."""
    return open_song(path, FRONT_END), AudioFile(path).read()


def encoded(ending, seconds=0.3, subtype=None):
    out = io.BytesIO()
    y = 0.3 * np.random.default_rng(0).standard_normal((round(seconds * SR), 2))
    sf.write(out, y, SR, format=ending, subtype=subtype)
    return bytearray(out.getvalue())


def wav(*, sr=SR, channels=1, bits=16, claimed=None, samples=b"\0\0" * 4000, kind=1):
    """A WAV whose header says what it is told to."""
    block = max(1, channels * bits // 8) & 0xffff
    head = struct.pack("<HHIIHH", kind, channels & 0xffff, sr & 0xffffffff, sr * block & 0xffffffff, block, bits)
    size = len(samples) if claimed is None else claimed
    return (b"RIFF" + struct.pack("<I", (36 + size) & 0xffffffff) + b"WAVEfmt " + struct.pack("<I", 16) + head + b"data"
            + struct.pack("<I", size & 0xffffffff) + samples)


def flac(*, total=None, sr=None, channels=None):
    """A FLAC whose STREAMINFO lies: 20 bits of rate, 3 of channels, 5 of depth, 36 of samples."""
    data = encoded("FLAC")
    word = int.from_bytes(data[18:26], "big")
    if total is not None:
        word = word >> 36 << 36 | total
    if sr is not None:
        word = word & (1 << 44) - 1 | sr << 44
    if channels is not None:
        word = word & ~(7 << 41) | (channels - 1) << 41
    data[18:26] = word.to_bytes(8, "big")
    return bytes(data)


def ogg(**changes):
    """An OGG whose identification header or last page lies; the check sums are left as they were."""
    data = encoded("OGG")
    if "channels" in changes:
        data[39] = changes["channels"]
    if "sr" in changes:
        data[40:44] = struct.pack("<I", changes["sr"])
    if "position" in changes:
        last = data.rfind(b"OggS")
        data[last + 6:last + 14] = struct.pack("<q", changes["position"])
    return bytes(data)


LIES = {
    "rate 0": wav(sr=0), "rate 1": wav(sr=1), "rate 1e9": wav(sr=10**9), "rate 2^32-1": wav(sr=2**32 - 1),
    "10,000 channels": wav(channels=10_000), "no channels": wav(channels=0), "1000 channels": wav(channels=1000),
    "0 bits": wav(bits=0), "65,535 bits": wav(bits=65_535), "an unknown codec": wav(kind=0x7777),
    "no samples": wav(samples=b""), "OGG at rate 0": ogg(sr=0), "OGG at 2^31": ogg(sr=2**31),
    "OGG of 255 channels": ogg(channels=255), "OGG of none": ogg(channels=0), "FLAC at rate 0": flac(sr=0),
    "a cut header": wav()[:30], "a header alone": wav()[:44], "a cut FLAC": bytes(encoded("FLAC")[:60]),
    "a cut OGG": bytes(encoded("OGG")[:200]), "tags for ever": b"ID3\x03\0\0\x7f\x7f\x7f\x7f" + bytes(2000),
    "a chunk of 4 GB": b"RIFF\xff\xff\xff\xffWAVELIST\xff\xff\xff\xff" + bytes(100),
    "chunks in chunks": b"RIFF\xff\xff\xff\xffWAVE" + b"LIST\x04\0\0\0abcd" * 20_000,
}


@pytest.mark.parametrize("name", LIES)
def test_headers_that_lie(tmp_path, name):
    path = tmp_path / "song.wav"
    path.write_bytes(LIES[name])
    assert refusal(opened, path).startswith("song.wav: expected")


@pytest.mark.parametrize("data", [
    wav(claimed=2**31), wav(claimed=2**32 - 1), flac(total=2**31), flac(total=2**36 - 1), flac(total=0),
    ogg(position=2**31), ogg(position=2**62), ogg(position=-1), flac(channels=8), flac(sr=48_000)])
def test_lengths_that_lie(tmp_path, data):
    """What is there is read, or it is refused; no memory is taken for what is not there."""
    path = tmp_path / "song.wav"
    path.write_bytes(data)
    before = most_memory()
    try:
        song, sound = opened(path)
    except InputError as error:
        assert str(error).startswith("song.wav: ")  # noqa: PT017
    else:
        assert sound.y.shape[1] <= 20_000
        assert song.spectrogram.S.shape[1] < 1000
        assert np.isfinite(sound.y).all()
    assert most_memory() - before < 300


def ogg_check_sum(page):
    """CRC-32 of an OGG page: its polynomial without reflection, beginning with 0."""
    value = 0
    for byte in page:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ (0x04C11DB7 if value & 0x80000000 else 0)) & 0xFFFFFFFF
    return value


def test_an_ogg_is_as_long_as_what_can_be_heard_of_it(tmp_path):
    data = encoded("OGG", seconds=20)
    last = data.rfind(b"OggS")
    data[last + 6:last + 14] = struct.pack("<q", SR * 3600)
    data[last + 22:last + 26] = bytes(4)
    data[last + 22:last + 26] = struct.pack("<I", ogg_check_sum(data[last:]))
    path = tmp_path / "song.ogg"
    path.write_bytes(data)
    assert AudioFile(path).seconds > 3000
    song = open_song(path, MelFrontEnd())
    assert song.seconds == pytest.approx(20, abs=1)
    assert song.file.read().seconds == pytest.approx(20, abs=1)


@pytest.mark.parametrize(("value", "words"), [(3e38, "values around 3e\\+38"), (-2e6, "values around 2e\\+06"),
                                              (np.nan, "NaN or infinity"), (-np.inf, "NaN or infinity")])
def test_samples_that_no_sound_has(tmp_path, value, words):
    y = np.zeros(4000, np.float32)
    y[2205] = value
    sf.write(tmp_path / "song.wav", y, SR, subtype="FLOAT")
    with pytest.raises(InputError, match=rf"^song\.wav: holds {words} at 0\.100 s, where samples are about -1 to 1"):
        opened(tmp_path / "song.wav")


@pytest.mark.parametrize("end", [0.2, 0.5, 0.9])
@pytest.mark.parametrize("ending", ["WAV", "FLAC", "OGG", "MP3", "AIFF"])
def test_cut_files(tmp_path, ending, end):
    path, data = tmp_path / "song.wav", encoded(ending, seconds=2)
    path.write_bytes(data[:int(len(data) * end)])
    try:
        song, sound = opened(path)
    except InputError as error:
        assert str(error).startswith("song.wav: ")  # noqa: PT017
    else:
        assert 0 < sound.seconds <= 2.1
        assert bool(song.spectrogram.S.isfinite().all())


@pytest.mark.parametrize("name", ["/dev/zero", "/dev/full", "/proc/self/mem", "\0.wav", "x" * 5000 + ".wav"])
def test_what_is_no_file(name):
    refusal(AudioFile, name, seconds=3)


@pytest.mark.parametrize("text", [
    "0,1," + "x" * 19_000_000, "0," + "1" * 5_000_000, "0,1\n" * 300_000, "0,1,\"" + "\"\"" * 9_000_000,
    "0\x001,2", "\t" * 1_000_000, "," * 1_000_000, "1e400,1e400", "-1,2", "nan,1", "0,inf", "=cmd|' /C calc'!A0,1",
    "١,٢,x" * 2, "0x1,0x2"])
def test_labels(tmp_path, text):
    path = tmp_path / "labels.csv"
    path.write_text(text)
    try:
        found = read_intervals(path)
    except InputError:
        assert refusal(read_intervals, path).startswith("labels.csv")
    else:
        assert len(found) <= 1
        assert all(0 <= one.start <= one.end < 1e9 for one in found)


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "data"
    for place in ("audio/a", "audio/b"):
        (root / place).mkdir(parents=True)
    for name in ("audio/a/1.wav", "audio/b/2.wav"):
        (root / name).write_bytes(wav())
    (tmp_path / "secret.wav").write_bytes(wav())
    return root


@pytest.mark.parametrize("row", [
    "../../../secret,a,t", "1,../audio/a,t", "{outside}/secret,a,t", "1,{outside},t", "..,a,t", ".,a,t", ",a,t", "1,,t",
    "1,..,t", "1\0,a,t", "C:\\x,a,t", "..\\..\\secret,a,t", "1", "1,a", "1,a\n", "x" * 100_000 + ",a,t",
    "1,a,\"" + "x" * 200_000 + '"', "\udcff,a,t", '"1', "1,a,t\r\r\r2", "9,a,t"])
def test_tables_that_lead_elsewhere(folder, row):
    text = "id,class,track\n" + row.format(outside=folder.parent) + "\n2,b,u\n"
    (folder / "tracks.csv").write_text(text, errors="surrogateescape")
    assert refusal(style_excerpts, folder, seconds=3).startswith("tracks.csv: ")


@pytest.mark.parametrize("text", [
    ",".join(f"c{i}" for i in range(1_000_000)) + "\n1\n", "id,class,track\n" + "1,a,t\n" * 400_000,
    "id" * 60_000 + "\n", "\0" * 1000, "", "id,class,track", "id\n" + '"' + "\n" * 1_000_000, ","])
@pytest.mark.parametrize("name", ["tracks.csv", "songs.csv"])
def test_tables_without_end(folder, name, text):
    (folder / name).write_text(text)
    if name == "songs.csv":
        (folder / "labels").mkdir()
        (folder / "audio" / "1.wav").write_bytes(wav())
        (folder / "labels" / "1.csv").write_text("0,1\n")
        try:
            voice_songs(folder)
        except InputError:
            assert refusal(voice_songs, folder, megabytes=900).startswith("songs.csv")
        return
    refusal(style_excerpts, folder, megabytes=900)


def test_what_is_plain():
    assert all(map(is_plain, ("a", "Lied ü", "a.b", "...", "a..b", "-x", "ab:c", "CON")))
    assert not any(map(is_plain, ("", ".", "..", "a/b", "a\\b", "a\0", "c:x", "/a")))


def test_folders_named_like_sounds_and_pipes_are_passed_over(tmp_path):
    for place in ("a/x.wav", "b"):
        (tmp_path / place).mkdir(parents=True)
    for name in ("a/1.wav", "b/2.wav"):
        (tmp_path / name).write_bytes(wav())
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "a" / "pipe.wav")
    assert [excerpt.id for excerpt in style_excerpts(tmp_path)] == ["a/1", "b/2"]
