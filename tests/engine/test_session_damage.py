"""What can be had of a damaged session."""
# ruff: noqa: F811

import io
import json
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.checks import InputError
from engine.sessions import VERSION, Result, Session, read, write
from engine.sessions.parsing import DEEPEST, NotJson, parsed
from tests.engine.fuzzing import Reader, hammer
from tests.engine.packed import (  # noqa: F401  (fixtures)
    TUNE,
    cache,
    fields,
    names,
    path_of,
    results,
    session,
    song,
    values,
)


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
