"""Session files: what goes in comes out, and of what is damaged, moved or hostile comes out what can be had."""

import io
import json
import os
import stat
import struct
import zipfile

import numpy as np
import pytest
import soundfile as sf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.checks import InputError
from engine.job import Cancelled
from engine.sessions import (
    VERSION,
    AudioRef,
    ModelRef,
    Result,
    Session,
    archive,
    fingerprint,
    read,
    reference,
    references,
    versions,
    write,
)
from engine.sessions.differences import differences
from engine.sessions.parsing import DEEPEST, NotJson, parsed
from tests.engine.fuzzing import Reader, hammer

TUNE = "X:1\nT:Ré \"mi\" <b>\r\nK:C\nCDEF|\n"


@pytest.fixture(autouse=True)
def cache(tmp_path_factory, monkeypatch):
    """Copies of sounds go here and not into the user's cache."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setattr(references.platformdirs, "user_cache_dir", lambda *_: str(folder))
    return folder


@pytest.fixture
def song(tmp_path):
    """Half a second of noise."""
    path = tmp_path / "work" / "song.wav"
    path.parent.mkdir()
    sf.write(path, np.random.default_rng(0).normal(size=4000) / 10, 8000)
    return path


@pytest.fixture
def session(song):
    """One of everything."""
    ref = reference(song)
    arguments = {"audio": {"audio": ref.key}, "start": 0.25, "model": {"path": str(song.parent / "m.yaml")}}
    result = Result("explain", arguments, {"weights": [0.1, -2.5e-9, None, True], "file": "song.wav"},
                    (ModelRef("svd", "ab" * 32),), "2026-03-01T12:00:00+01:00", 1.25)
    return Session(audio={ref.key: ref}, results=(result, Result("compose", {"n": 2}, {"tunes": []})),
                   tunes={"Ré/../<b>": TUNE, "empty": ""}, trials=({"right": 7, "of": 10},),
                   view={"Explain": {"zoom": 1.5, "chosen": None}}, made_with=versions(),
                   assets={"a b/c.png": bytes(range(256)), "none": b""})


def path_of(session, tmp_path, **options):
    path = tmp_path / "work" / "s.oto"
    assert write(session, path, **options) == ()
    return path


def repacked(path, change):
    """The file again, its entries {name: content} changed by `change`."""
    with zipfile.ZipFile(path) as old:
        contents = {info.filename: old.read(info) for info in old.infolist()}
    change(contents)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in contents.items():
            new.writestr(name, content)
    return path


def with_json(path, **fields):
    def change(contents):
        contents["session.json"] = json.dumps({**json.loads(contents["session.json"]), **fields}).encode()
    return repacked(path, change)


# what goes in comes out

def test_everything_comes_back(session, tmp_path):
    opened = read(path_of(session, tmp_path))
    assert opened.session == session
    assert opened.missing == ()
    assert opened.whole


names = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
numbers = st.integers(-2**60, 2**60) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | names,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3), max_leaves=8)
mappings = st.dictionaries(names, values, max_size=3)
results = st.builds(Result, names, mappings, mappings,
                    st.lists(st.builds(ModelRef, names, names), max_size=2).map(tuple),
                    st.datetimes().map(lambda time: time.isoformat()), st.floats(0, 1e6))
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


# files that results were made of

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


# damage

def test_a_file_cut_off_anywhere_gives_what_is_before(session, tmp_path):
    path = path_of(session, tmp_path)
    data = path.read_bytes()
    with zipfile.ZipFile(path) as archive_:
        ends = {info.filename: info.header_offset + 30 + len(info.filename) + info.compress_size
                for info in archive_.infolist()}
    path.write_bytes(data[: ends["session.json"]])
    opened = read(path)
    assert opened.session.results == session.results
    assert not opened.whole
    assert any("cut off" in sentence for sentence in opened.missing)
    assert any("tunes is missing" in sentence for sentence in opened.missing)
    path.write_bytes(data[: max(ends.values())])
    opened = read(path)
    assert opened.session == session
    assert not opened.whole


def test_a_byte_that_got_lost_moves_nothing_out_of_reach(session, tmp_path):
    path = path_of(session, tmp_path)
    data = path.read_bytes()
    at = data.index(b"tunes/")
    path.write_bytes(data[: at + 3] + data[at + 4 :])    # of the name of a tune
    opened = read(path)
    assert opened.session.results == session.results
    assert opened.session.assets == session.assets
    assert not opened.whole


def test_results_before_the_damage_are_read(tmp_path):
    results = tuple(Result("predict", {"start": i}, {"curve": list(np.random.default_rng(i).random(500))})
                    for i in range(40))
    write(Session(results=results), tmp_path / "s.oto")
    data = (tmp_path / "s.oto").read_bytes()
    (tmp_path / "s.oto").write_bytes(data[: len(data) // 2])
    found = read(tmp_path / "s.oto").session.results
    assert 10 <= len(found) < 30
    assert found == results[: len(found)]


def test_tunes_are_found_without_the_json(session, tmp_path):
    path = repacked(path_of(session, tmp_path), lambda contents: contents.pop("session.json"))
    opened = read(path)
    assert TUNE in opened.session.tunes.values()
    assert bytes(range(256)) in opened.session.assets.values()
    assert not opened.whole


@pytest.mark.parametrize("text", [b"", b"{", b"[1]", b"\xff\xfe", b'"text"', b"[" * 100_000, b'{"a":' * 100_000,
                                  b"{}", b"1e999", b'{"results": ' + b"[" * 5000 + b"]" * 5000 + b"}"])
def test_broken_json_is_one_sentence(session, tmp_path, text):
    path = repacked(path_of(session, tmp_path), lambda contents: contents.update({"session.json": text}))
    opened = read(path)
    assert opened.missing
    assert TUNE in opened.session.tunes.values()


@pytest.mark.parametrize(("field", "value"), [
    ("results", {"a": 1}), ("results", [1, None, {"command": 5}]), ("audio", [1]), ("audio", {"k": {"path": 3}}),
    ("audio", {"k": {"name": "a", "path": "relative", "sha256": "0" * 64, "bytes": 1}}),
    ("audio", {"k": {"name": "a", "path": "/a", "sha256": "../../x", "bytes": 1}}),
    ("audio", {"k": {"name": "a", "path": "/a\0b", "sha256": "0" * 64, "bytes": 1}}),
    ("audio", {"k": {"name": "a", "path": "/a", "sha256": "0" * 64, "bytes": 10**30}}),
    ("tunes", {"a": 5}), ("tunes", {"a": "session.json"}), ("assets", {"a": "../../etc/passwd"}), ("trials", [[]]),
    ("view", {"Explain": 1}), ("view", "x"), ("made_with", {"torch": [1]}), ("version", VERSION + 1)])
def test_wrong_types_are_left_out_and_said(session, tmp_path, field, value):
    opened = read(with_json(path_of(session, tmp_path), **{field: value}))
    assert opened.missing
    others = {name for name in vars(session) if name != field}
    if field != "audio":
        assert {name: getattr(opened.session, name) for name in others} == {
            name: getattr(session, name) for name in others}


def test_what_a_newer_version_added_does_no_harm(session, tmp_path):
    opened = read(with_json(path_of(session, tmp_path), added={"x": 1}))
    assert opened.session == session
    assert opened.missing == ()


@pytest.mark.parametrize("content", [b"", b"no zip at all", b"PK\x03\x04", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_session_is_refused(tmp_path, content):
    (tmp_path / "s.oto").write_bytes(content)
    with pytest.raises(InputError, match=r"s\.oto: expected a session"):
        read(tmp_path / "s.oto")


def test_another_zip_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "s.oto", "w") as other:
        other.writestr("word/document.xml", "<a/>")
    with pytest.raises(InputError, match="zip of something else"):
        read(tmp_path / "s.oto")


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(InputError, match="no such session"):
        read(tmp_path / "s.oto")
    with pytest.raises(InputError, match="found a folder"):
        read(tmp_path)


def odd_files(session, tmp_path):
    """A session as it is written, and stored without packing, so that changes reach the JSON."""
    packed = path_of(session, tmp_path, copy_audio=True).read_bytes()
    stored = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as old, zipfile.ZipFile(stored, "w") as new:
        for info in old.infolist():
            new.writestr(info.filename, old.read(info))
    pieces = [b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06", b"PK\x07\x08", b"session.json", b"tunes/",
              b"../", b"audio/", b"{", b"}", b"[", b"]", b",", b":", b"null", b"true", b'"results":', b'"version":2',
              b'"path":"/dev/zero"', b'"copy":"audio/x"', b"\\ud800", b"[" * 2000]
    return Reader(read, [packed, stored.getvalue(), stored.getvalue()[:2500]], ".oto", pieces)


def test_any_bytes_give_a_session_or_a_sentence(session, tmp_path):
    hammer(odd_files(session, tmp_path), tmp_path, count=250)


@pytest.mark.slow
@pytest.mark.timeout(0)
def test_any_bytes_give_a_session_or_a_sentence_10000_times(session, tmp_path):
    hammer(odd_files(session, tmp_path), tmp_path, count=10_000, thorough=True)


# hostile zips

def zip_of(tmp_path, entries):
    path = tmp_path / "s.oto"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in entries:
            made.writestr(name, content)
    return path


def fields(**others):
    return json.dumps({"format": "otoscope-session", "version": 1, **others})


@pytest.mark.parametrize("name", ["../../evil", "/etc/evil", "tunes/../../evil", "..\\evil", "C:\\evil"])
def test_names_that_lead_out_are_said_and_nothing_is_written(tmp_path, name, cache):
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    path = zip_of(folder, [("session.json", fields(assets={"x": name})), (name, "evil")])
    opened = read(path)
    assert any("leads out" in sentence for sentence in opened.missing)
    assert opened.session.assets == {}
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == [path]
    assert not list(cache.iterdir())


def test_links_are_not_followed(tmp_path):
    link = zipfile.ZipInfo("tunes/a.abc")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    opened = read(zip_of(tmp_path, [("session.json", fields(tunes={"a": "tunes/a.abc"})), (link, "/etc/passwd")]))
    assert opened.session.tunes == {}
    assert any("link" in sentence for sentence in opened.missing)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_of_two_with_one_name_the_first_is_taken(tmp_path):
    opened = read(zip_of(tmp_path, [("session.json", fields(tunes={"a": "tunes/a.abc"})), ("tunes/a.abc", "first"),
                                    ("tunes/a.abc", "second")]))
    assert opened.session.tunes == {"a": "first"}
    assert any("twice" in sentence for sentence in opened.missing)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "ALWAYS", 1 << 20)
    bomb = b"\0" * (100 << 20)
    path = zip_of(tmp_path, [("session.json", fields(assets={"a": "assets/a", "b": "assets/b"}, view={"v": {}})),
                             ("assets/a", bomb), ("assets/b", b"fine")])
    out, unpacked = archive.zlib.decompressobj, []

    class Counting:
        def __init__(self, bits):
            self.inner = out(bits)

        def decompress(self, data, most):
            content = self.inner.decompress(data, most)
            unpacked.append(len(content))
            return content

        def __getattr__(self, name):
            return getattr(self.inner, name)
    monkeypatch.setattr(archive.zlib, "decompressobj", Counting)
    opened = read(path)
    assert any("larger than a session may be" in sentence for sentence in opened.missing)
    assert opened.session.assets == {}, "what comes after it could be a part of it"
    assert opened.session.view == {"v": {}}
    assert sum(unpacked) < 101 * path.stat().st_size + (2 << 20)


def test_a_huge_tune_is_refused(tmp_path, monkeypatch):
    monkeypatch.setitem(archive.LARGEST, "tunes", 1000)
    opened = read(zip_of(tmp_path, [("session.json", fields(tunes={"a": "tunes/a.abc"})), ("tunes/a.abc", "x" * 1001)]))
    assert opened.session.tunes == {}
    with pytest.raises(InputError, match="at most"):
        write(Session(tunes={"a": "x" * 1001}), tmp_path / "t.oto")


def test_more_parts_than_there_may_be_are_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr("engine.sessions.reading.MOST_ENTRIES", 3)
    opened = read(zip_of(tmp_path, [("session.json", fields(tunes={str(i): f"tunes/{i}.abc" for i in range(9)})),
                                    *((f"tunes/{i}.abc", "x") for i in range(9))]))
    assert len(opened.session.tunes) == 2
    assert any("more than 3 parts" in sentence for sentence in opened.missing)


def test_a_directory_that_claims_to_be_huge_is_not_read(tmp_path):
    path = zip_of(tmp_path, [("session.json", fields(view={"v": {}}))])
    data = bytearray(path.read_bytes())
    struct.pack_into("<L", data, data.rindex(b"PK\x05\x06") + 12, 0xFFFFFFF0)
    path.write_bytes(data)
    assert read(path).session.view == {"v": {}}


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_ways_of_packing_are_said(tmp_path, method):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        made.writestr("session.json", fields(tunes={"a": "tunes/a.abc"}))
        made.writestr("tunes/a.abc", "x", compress_type=method)
    (tmp_path / "s.oto").write_bytes(buffer.getvalue())
    assert any("method" in sentence for sentence in read(tmp_path / "s.oto").missing)


def test_thousands_of_faults_are_told_in_a_hundred_sentences(session, tmp_path):
    opened = read(with_json(path_of(session, tmp_path), results=[None] * 5000))
    assert len(opened.missing) == 101
    assert opened.missing[-1] == "And 4,900 more of the kind."


# JSON that breaks off

@settings(max_examples=100, deadline=None)
@given(st.dictionaries(names, values, min_size=1, max_size=4), st.data())
def test_of_json_that_breaks_off_whole_items_are_had(value, data):
    text = json.dumps(value, ensure_ascii=False)
    cut = data.draw(st.integers(0, len(text) - 1))
    try:
        found, whole = parsed(text[:cut])
    except NotJson:
        return
    assert not whole
    for key, item in found.items():
        if item != value[key]:      # only the last may be a part, of a list its first items
            assert key == list(found)[-1]
            assert isinstance(item, (dict, list))
            if isinstance(item, list):
                assert item == value[key][: len(item)]


def test_numbers_that_are_none_become_none():
    assert parsed('{"a": [1e999, NaN, -Infinity, 1.5]}') == ({"a": [None, None, None, 1.5]}, True)
    for number in ("1E400", "-1e+309", "9" * 400 + ".5"):
        assert parsed(f'{{"a": {number}}}') == ({"a": None}, True)


def test_what_lies_too_deep_is_left_out():
    deep = {"a": 1, "b": []}
    at = deep["b"]
    for _ in range(DEEPEST):
        at.append([])
        at = at[0]
    assert parsed(json.dumps(deep)) == ({"a": 1}, False)


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
