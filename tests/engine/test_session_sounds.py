"""Sounds of a session: found again, copied, changed, gone."""
# ruff: noqa: F811

import os
import zipfile

import pytest

from engine.checks import InputError
from engine.sessions import AudioRef, Session, read, reference, references, write
from tests.engine.packed import cache, path_of, session, song  # noqa: F401  (fixtures)


def test_a_file_is_hashed_once(song, tmp_path, monkeypatch):
    hashed = []
    monkeypatch.setattr(references, "_hash", lambda path, size, report: hashed.append(path) or "0" * 64)
    session = Session(audio={"k": AudioRef("song.wav", song, "0" * 64, song.stat().st_size)})
    for _ in range(3):
        reference(song)
        path = path_of(session, tmp_path, copy_audio=True)
    read(path)
    assert hashed == [song]


def test_a_reference_knows_a_sound(song):
    ref = reference(song)
    assert (ref.name, ref.bytes, ref.seconds, ref.copied) == ("song.wav", song.stat().st_size, 0.5, False)
    assert len(ref.sha256) == 64
    assert ref.key == ref.sha256[:16]


def test_a_moved_folder_opens(session, song, tmp_path):
    path_of(session, tmp_path)
    (song.parent / "m.yaml").write_text("a card")
    os.rename(tmp_path / "work", tmp_path / "moved")
    opened = read(tmp_path / "moved" / "s.oto")
    assert opened.missing == ()
    (ref,) = opened.session.audio.values()
    assert ref.path == tmp_path / "moved" / "song.wav"
    assert opened.session.results[0].arguments["model"] == {"path": str(tmp_path / "moved" / "m.yaml")}


def test_a_session_that_was_moved_alone_opens(session, song, tmp_path):
    path = path_of(session, tmp_path)
    (tmp_path / "elsewhere").mkdir()
    os.rename(path, tmp_path / "elsewhere" / "s.oto")
    opened = read(tmp_path / "elsewhere" / "s.oto")
    assert opened.session == session
    assert opened.missing == ()


def test_a_missing_file_is_said(session, song, tmp_path):
    path = path_of(session, tmp_path)
    song.unlink()
    opened = read(path)
    assert opened.session == session
    (sentence,) = opened.missing
    assert "song.wav was not found" in sentence
    assert opened.whole, "nothing of the session file itself is lost"


def test_a_changed_file_is_said_even_if_it_is_as_long(session, song, tmp_path):
    path = path_of(session, tmp_path)
    data = bytearray(song.read_bytes())
    data[-1] ^= 1
    song.write_bytes(data)
    (sentence,) = read(path).missing
    assert "song.wav has changed" in sentence
    assert read(path, hashed=False).missing == ()


def test_a_copy_replaces_a_file_that_is_gone(session, song, tmp_path, cache):
    path = path_of(session, tmp_path, copy_audio=True)
    content = song.read_bytes()
    song.unlink()
    opened = read(path)
    assert opened.missing == ()
    (ref,) = opened.session.audio.values()
    assert ref.copied
    assert ref.path.is_relative_to(cache)
    assert ref.path.read_bytes() == content
    assert ref.path.suffix == ".wav"
    write(opened.session, path)     # a copy stays one
    assert read(path).session == opened.session
    assert any(name.startswith("audio/") for name in zipfile.ZipFile(path).namelist())


def test_a_copy_can_wait_and_is_made_in_the_next_file(session, song, tmp_path, cache):
    kept = read(path_of(session, tmp_path, copy_audio=True)).session
    write(kept, tmp_path / "autosave.oto", leave_audio=True)
    assert (tmp_path / "autosave.oto").stat().st_size < song.stat().st_size
    opened = read(tmp_path / "autosave.oto")
    assert (opened.missing, opened.whole) == ((), True)
    ref, = opened.session.audio.values()
    assert ref.copied
    write(opened.session, tmp_path / "again.oto")
    song.unlink()
    ref, = read(tmp_path / "again.oto").session.audio.values()
    assert ref.path.exists()
    assert "song.wav was not found" in " ".join(read(tmp_path / "autosave.oto").missing)


def test_a_file_that_changed_is_not_copied_in_place_of_what_was_used(session, song, tmp_path):
    song.write_bytes(song.read_bytes() + b"more")
    (sentence,) = write(session, tmp_path / "s.oto", copy_audio=True)
    assert "has changed" in sentence
    assert not any(name.startswith("audio/") for name in zipfile.ZipFile(tmp_path / "s.oto").namelist())


def test_a_damaged_copy_is_said_and_not_used(session, song, tmp_path, cache):
    path = path_of(session, tmp_path, copy_audio=True)
    data = bytearray(path.read_bytes())
    at = data.index(song.read_bytes()[:100])
    data[at + 60] ^= 1
    path.write_bytes(data)
    song.unlink()
    opened = read(path)
    assert any("damaged" in sentence for sentence in opened.missing)
    assert not opened.whole
    assert not list(cache.rglob("*.wav"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes")
def test_a_pipe_or_a_device_is_never_waited_for(session, song, tmp_path):
    path = path_of(session, tmp_path)
    song.unlink()
    os.mkfifo(song)
    assert "not found" in read(path).missing[0]
    with pytest.raises(InputError, match="no plain file"):
        reference("/dev/zero")
