"""Sessions with bad intentions lead nowhere and cost little."""
# ruff: noqa: F811

import io
import stat
import struct
import zipfile

import pytest

from engine.checks import InputError
from engine.sessions import Session, archive, read, write
from tests.engine.packed import cache, fields  # noqa: F401  (fixtures)


def zip_of(tmp_path, entries):
    path = tmp_path / "s.oto"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in entries:
            made.writestr(name, content)
    return path


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
