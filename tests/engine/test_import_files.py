"""Files that are imported: of all kinds, of strangers with bad intentions, and of none."""
# ruff: noqa: F811

import io
import os
import struct
import zipfile

import pytest

from engine.checks import InputError
from engine.folk import import_xml
from engine.folk.abc_text import parse
from engine.folk.importing import Imported, imported, opened
from engine.folk.melody import Unusable
from engine.folk.midi import midi_bytes
from engine.folk.musicxml import musicxml_bytes
from engine.folk.performance import perform
from tests.engine.hostile import JIG
from tests.engine.imported import importer, midi, note, score  # noqa: F401  (fixtures)


@pytest.fixture
def refused(importer, tmp_path):
    """The sentence with which a file is refused."""
    def refuse(data, name="bad.musicxml", **options):
        path = tmp_path / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        with pytest.raises(InputError) as caught:
            importer.read(path, **options)
        message = str(caught.value)
        assert message.startswith(f"{name}: ")
        assert "\n" not in message
        assert [found.name for found in tmp_path.iterdir()] == [name]
        return message
    return refuse


def test_files_of_all_kinds(importer, tmp_path):
    tune = parse(JIG)
    xml, sound = musicxml_bytes(tune), midi_bytes(perform(tune))
    utf16 = xml.decode().replace('encoding="utf-8"', 'encoding="utf-16"').encode("utf-16")
    packed = archive({"META-INF/container.xml": container("a/b.xml"), "other.xml": b"<no/>", "a/b.xml": xml})
    texts = set()
    for name, data in (("a.musicxml", xml), ("b.xml", b"\xef\xbb\xbf" + xml), ("c.xml", utf16), ("d.mxl", packed),
                       ("e.mid", sound)):
        (tmp_path / name).write_bytes(data)
        found = importer.read(tmp_path / name)
        assert isinstance(found, Imported)
        assert parse(found.text).problems == ()
        if name != "e.mid":
            texts.add(found.text)
    assert len(texts) == 1
    assert imported(tmp_path / "a.musicxml").text in texts


def test_the_name_of_the_file_is_the_title_where_there_is_none(importer, tmp_path):
    (tmp_path / "My tune.mid").write_bytes(SHORT)
    assert "\nT:My tune\n" in importer.read(tmp_path / "My tune.mid").text
    (tmp_path / "Other.xml").write_text(score(note()))
    assert "\nT:Other\n" in importer.read(tmp_path / "Other.xml").text


def archive(members, **options):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED, **options) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return data.getvalue()


def container(name):
    return f'<container><rootfiles><rootfile full-path="{name}"/></rootfiles></container>'.encode()


LAUGHS = '<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE a SYSTEM "file:///etc/passwd" [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
BOMB = b" " * 30_000_000
SHORT = midi([(0, 1, 60), (480, 0, 60)])
TICKS = struct.pack(">H", 480)


@pytest.mark.parametrize(("data", "name", "sentence"), [
    (score(note(), doctype=LAUGHS), "a.xml", "expected plain MusicXML, found entities declared inside it"),
    (score(note(), doctype=OUTSIDE), "a.xml", "found entities declared inside it"),
    (score(note() + "&lol;"), "a.xml", "could not read it (undefined entity"),
    (score(note())[:-40], "a.xml", "expected MusicXML with notes, could not read it"),
    (score("<note><rest/><duration>4</duration></note>"), "a.xml", "with notes, found none; export it"),
    ("<html><body/></html>", "a.xml", "which begins with <score-partwise>, found <html>; is it a renamed file?"),
    ("<?xml version='1.0'?><score-timewise/>", "a.xml", "found <score-timewise>; export it partwise"),
    ("<" * 200_000, "a.xml", "found no element"),
    ("X:1\nK:C\nABc\n", "a.xml", "expected MusicXML or MIDI, found other text"),
    (b"", "a.mid", "found an empty file"),
    (bytes(range(256)), "a.mid", "found something else"),
    ("<?xml version='1.0' encoding='utf-7'?><score-partwise/>", "a.xml", "expected MusicXML with notes"),
    (b"<" + BOMB, "a.xml", "expected a score of at most 20 MB, found more"),
    (archive({"META-INF/container.xml": container("s.xml"), "s.xml": BOMB}), "a.mxl", "at most 20 MB"),
    (archive({"META-INF/container.xml": BOMB}), "a.mxl", "found an archive without one"),
    (archive({"../../evil.txt": b"evil", "/etc/evil": b"evil"}), "a.mxl", "found an archive without one"),
    (archive({"../../evil.xml": b"<evil/>"}), "a.mxl", "found <evil>"),
    (archive({str(i): b"" for i in range(1500)}), "a.mxl", "found an archive of 1,500 files"),
    (archive({"s.xml": score(note()).encode()})[:-30], "a.mxl", "found a broken archive"),
    (archive({"s.xml": score(note()).encode()}).replace(b"\x08\x00", b"\x0c\x00"), "a.mxl", "found a broken archive"),
    (b"PK\x03\x04" + bytes(100), "a.mxl", "found a broken archive"),
    (b"MThd" + bytes(20), "a.mid", "expected a MIDI file with notes, could not read it"),
    (SHORT[:26], "a.mid", "expected a MIDI file with notes, "),
    (midi([(0, 1, 60), (0x0fffffff, 0, 60)], ticks=1), "a.mid", "it lasts more than 20,000 quarter notes"),
    (SHORT.replace(TICKS, b"\0\0"), "a.mid", "not counted in quarter notes"),
    (SHORT.replace(TICKS, b"\xe7\x28"), "a.mid", "could not read it"),
    (midi([]), "a.mid", "expected a MIDI file with notes, found none; export it again"),
    (b"MThd" + bytes(1_100_000), "a.mid", "expected a MIDI file of at most 1 MB, found 1.1 MB"),
    (score(note("C", 4 * 300)), "a.xml", "bar 1 lasts more than 64 whole notes"),
])
def test_what_cannot_be_imported_is_said_in_a_sentence(refused, data, name, sentence):
    assert sentence in refused(data, name)


def test_no_file(importer, tmp_path):
    with pytest.raises(InputError, match="there is no such file"):
        importer.read(tmp_path / "none.mid")
    with pytest.raises(InputError, match="found a folder"):
        importer.read(tmp_path)


def test_too_slow_is_said_and_the_next_file_is_read(importer, refused, tmp_path):
    deep = score("<a>" * 100_000 + "</a>" * 100_000 + note() * 30_000)
    assert "is read within 0.2 s, this takes longer" in refused(deep, seconds=0.2)
    (tmp_path / "bad.musicxml").write_text(score(note()))
    assert parse(importer.read(tmp_path / "bad.musicxml").text).notes


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_the_child_writes_nothing_leaves_nothing_and_runs_nothing(tmp_path):
    source = f"""
import os, socket, subprocess, urllib.request
from engine.folk import import_child
import_child.enclose()
tries = [lambda: open({str(tmp_path / "evil")!r}, "w"), lambda: os.mkdir({str(tmp_path / "evil")!r}),
         lambda: socket.create_connection(("127.0.0.1", 9)), lambda: os.system("true"),
         lambda: subprocess.run(["true"]), lambda: os.remove(import_child.__file__),
         lambda: urllib.request.urlopen("http://127.0.0.1:9/")]
for number, attempt in enumerate(tries):
    try:
        attempt()
    except PermissionError:
        continue
    raise SystemExit(number + 1)
bytearray(10)
try:
    bytearray(import_child.MEMORY)
except MemoryError:
    raise SystemExit(0)
raise SystemExit(99)
"""
    import subprocess
    import sys

    assert subprocess.run([sys.executable, "-c", source], check=False, timeout=60).returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_entities_never_reach_the_reader(tmp_path):
    path = tmp_path / "a.xml"
    path.write_text(score(note()))
    assert "DOCTYPE" not in opened(path).content
    with pytest.raises(Unusable):
        import_xml.melody_of('<score-partwise><part-list/></score-partwise>')
