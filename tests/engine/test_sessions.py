"""Session files: what goes in comes out, and a failed save leaves the old one."""
# ruff: noqa: F811

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.checks import InputError
from engine.job import Cancelled
from engine.sessions import Result, Session, archive, fingerprint, read, write
from engine.sessions.differences import differences
from tests.engine.packed import cache, mappings, names, path_of, results, session, song  # noqa: F401  (fixtures)


def test_everything_comes_back(session, tmp_path):
    opened = read(path_of(session, tmp_path))
    assert opened.session == session
    assert opened.missing == ()
    assert opened.whole


sessions = st.builds(
    Session, tunes=st.dictionaries(names, st.text(st.characters(exclude_categories=["Cs"])), max_size=3),
    results=st.lists(results, max_size=3).map(tuple), trials=st.lists(mappings, max_size=2).map(tuple),
    view=st.dictionaries(names, mappings, max_size=2), made_with=st.dictionaries(names, names, max_size=2),
    assets=st.dictionaries(names, st.binary(max_size=300), max_size=3))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sessions)
def test_any_session_comes_back(tmp_path, session):
    write(session, tmp_path / "any.oto")
    opened = read(tmp_path / "any.oto")
    assert opened.session == session
    assert opened.missing == ()


def test_equal_sessions_are_equal_bytes(session, tmp_path):
    turned = Session(**{**vars(session), "tunes": dict(reversed(session.tunes.items())),
                        "assets": dict(reversed(session.assets.items()))})
    assert turned == session
    first = path_of(session, tmp_path, copy_audio=True).read_bytes()
    assert path_of(turned, tmp_path, copy_audio=True).read_bytes() == first


def test_a_long_silent_curve_is_no_bomb(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "ALWAYS", 1 << 20)
    session = Session(results=(Result("predict", {}, {"curve": [0.0] * 400_000}),))
    write(session, tmp_path / "s.oto")
    assert read(tmp_path / "s.oto").session == session


def test_a_name_that_is_no_text_comes_back(tmp_path):
    session = Session(view={"Explain": {"file": "caf\udce9.wav"}})
    write(session, tmp_path / "s.oto")
    assert read(tmp_path / "s.oto").session == session


def test_what_json_cannot_say_is_refused_and_the_old_file_stays(session, tmp_path):
    path = path_of(session, tmp_path)
    before = path.read_bytes()
    with pytest.raises(ValueError, match="JSON"):
        write(Session(view={"a": {"b": float("nan")}}), path)
    assert path.read_bytes() == before
    assert list(path.parent.glob(".*")) == []


def test_a_cancelled_save_leaves_the_old_file(session, tmp_path):
    path = path_of(session, tmp_path)
    before = path.read_bytes()

    def cancel(progress):
        raise Cancelled
    with pytest.raises(Cancelled):
        write(session, path, copy_audio=True, report=cancel)
    assert path.read_bytes() == before
    assert sorted(one.name for one in path.parent.iterdir()) == ["s.oto", "song.wav"]


@pytest.mark.skipif(os.geteuid() == 0 if hasattr(os, "geteuid") else True, reason="root writes anywhere")
def test_a_folder_that_cannot_be_written_is_refused(session, tmp_path):
    (tmp_path / "closed").mkdir(mode=0o500)
    with pytest.raises(InputError, match="could not be written"):
        write(session, tmp_path / "closed" / "s.oto")


def test_a_folder_that_is_not_there_is_refused(session, tmp_path):
    with pytest.raises(InputError, match="could not be written"):
        write(session, tmp_path / "nowhere" / "s.oto")


# comparing answers

@pytest.mark.parametrize(("was", "now", "where"), [
    ({"a": 1.0}, {"a": 1.0 + 9e-6}, []), ({"a": 1.0}, {"a": 1.0 + 2e-5}, ["answer.a"]),
    ({"a": 0.0}, {"a": 9e-7}, []), ({"a": 0.0}, {"a": 2e-6}, ["answer.a"]), ({"a": 1}, {"a": 1.0}, []),
    ({"a": 10**6}, {"a": 10**6 + 1}, ["answer.a"]), ({"a": True}, {"a": 1}, ["answer.a"]),
    ({"a": None}, {"a": 0}, ["answer.a"]), ({"a": [1, 2]}, {"a": [1]}, ["answer.a"]),
    ({"a": [{"b": "x"}]}, {"a": [{"b": "y"}]}, ["answer.a[0].b"]), ({"a": 1}, {}, ["answer.a"]),
    ({}, {"a": 1}, ["answer.a"]), ({"seconds": 1}, {"seconds": 2}, []),
    ({"meter": "6/8"}, {"meter": "9/8"}, ["answer.meter"]), ({"files": ["/a/x.mid"]}, {"files": ["/b/x.mid"]}, []),
    ({"files": ["/a/x.mid"]}, {"files": ["/a/y.mid"]}, ["answer.files[0]"]),
    ({"survival": [{"confidence": 0.5}]}, {"survival": [{"confidence": 0.5003}]}, []),
    ({"confidence": 0.5}, {"confidence": 0.5003}, ["answer.confidence"])])
def test_answers_are_compared(was, now, where):
    assert [one.where for one in differences(was, now)] == where


def test_fingerprints_notice_a_change(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"one")
    first = fingerprint(path)
    path.write_bytes(b"other")
    assert fingerprint(path) != first
