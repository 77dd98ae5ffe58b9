"""Data folders as they lie on disk."""

from __future__ import annotations

import numpy as np
import pytest

from engine.audio.labels import Interval
from engine.checks import InputError
from engine.training.datasets import Song, voice_songs


@pytest.fixture
def folder(tmp_path):
    for part in ("audio", "labels"):
        (tmp_path / part).mkdir()
    for name, ending in (("b", "ogg"), ("a", "WAV"), ("ü c", "flac"), ("d.1", "mp3")):
        (tmp_path / "audio" / f"{name}.{ending}").write_bytes(b"")
        (tmp_path / "labels" / f"{name}.csv").write_text("1,2\n")
    (tmp_path / "audio" / "cover.jpg").write_bytes(b"")
    (tmp_path / "audio" / "._a.WAV").write_bytes(b"")     # what macOS leaves on foreign disks
    return tmp_path


def ids(songs):
    return [song.id for song in songs]


def test_without_a_table_all_songs_are_taken_each_its_own_artist(folder):
    songs = voice_songs(folder)
    assert ids(songs) == ["a", "b", "d.1", "ü c"]
    assert [song.artist for song in songs] == ids(songs)
    assert songs[0].intervals == (Interval(1, 2),)
    assert ids(voice_songs(folder, "all")) == ids(songs)


def test_a_table_splits_and_test_is_the_default(folder):
    (folder / "songs.csv").write_text("\ufeffid,artist,split,license\na,Ann,train,CC BY\nb,Bob,test,\nd.1\n",
                                      encoding="utf-8")
    assert ids(voice_songs(folder)) == ["b"]
    (train,) = voice_songs(folder, "train")
    assert (train.artist, train.licence) == ("Ann", "CC BY")
    everything = {song.id: song for song in voice_songs(folder, "all")}
    assert len(everything) == 4
    assert (everything["d.1"].artist, everything["d.1"].split, everything["d.1"].licence) == ("d.1", "", "")


def test_without_a_test_part_all_is_the_default(folder):
    (folder / "songs.csv").write_text("id,split\na,train\nb,valid\n")
    assert len(voice_songs(folder)) == 4


@pytest.mark.parametrize("split", ["valid", "nonsense", "test"])
def test_an_empty_split_is_refused(folder, split):
    with pytest.raises(InputError, match=f"labelled songs of the split '{split}', found none"):
        voice_songs(folder, split)


def test_what_is_missing_is_named(folder, tmp_path_factory):
    with pytest.raises(InputError, match=r"expected a folder with audio/ and labels/"):
        voice_songs(tmp_path_factory.mktemp("empty"))
    with pytest.raises(InputError, match=r"expected a folder with audio/ and labels/"):
        voice_songs(folder / "nowhere")
    (folder / "labels" / "b.csv").unlink()
    with pytest.raises(InputError, match=r"^b\.ogg: expected its labels in labels/b\.csv, found no such file$"):
        voice_songs(folder)
    for path in (folder / "audio").iterdir():
        path.unlink()
    with pytest.raises(InputError, match="found none"):
        voice_songs(folder)


@pytest.mark.parametrize("content", [b"name,split\na,test\n", b"\xff\xfe\x00i\x00d", b"id\n" + b"x" * 200_000])
def test_a_broken_table_is_named(folder, content):
    (folder / "songs.csv").write_bytes(content)
    with pytest.raises(InputError, match=r"^songs\.csv: expected a CSV table with an id column"):
        voice_songs(folder)


def test_truth_holds_from_start_to_just_before_the_end(tmp_path):
    song = Song("a", "a", "", tmp_path, (Interval(1, 2), Interval(1.5, 3), Interval(5, 5)))
    times = np.array([0.0, 0.999, 1.0, 1.7, 2.5, 2.999, 3.0, 5.0])
    assert song.truth(times).tolist() == [False, False, True, True, True, True, False, False]
