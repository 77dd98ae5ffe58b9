"""Tunes of strangers: ABC, MusicXML and MIDI that would take years, gigabytes or other people's files."""
# ruff: noqa: F811

import contextlib
import struct
import time
from xml.etree import ElementTree

import pytest

from engine.checks import InputError
from engine.composing.tunebook import read_book
from engine.folk.abc_text import MOST_SIGNS, parse, parse_book
from engine.folk.engrave import Engraver
from engine.folk.musicxml import musicxml_bytes
from engine.folk.performance import perform
from tests.engine.fuzzing import most_memory
from tests.engine.hostile import JIG, refusal
from tests.engine.imported import importer  # noqa: F401  (fixtures)
from tests.engine.test_fuzz import played_and_written

HEAD = "X:1\nT:Test\nM:4/4\nL:1/8\nK:G\n"
SECRET = "root:x:0:0"


# ABC

def abc(tmp_path, text):
    path = tmp_path / "tune.abc"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize("text", [
    HEAD + "A" * 10_000_000, HEAD + "|:" * 500_000, HEAD + "(" * 300_000 + "A" + ")" * 300_000,
    HEAD + "[" * 300_000 + "A", HEAD + "{" * 300_000, HEAD + "(3" * 200_000 + "A", HEAD + '"' * 300_001,
    HEAD + "!" * 300_001, "X:1\n" * 9_000, "%%" + "x" * 1_000_000 + "\n" + JIG, "K:" * 500_000,
    HEAD + "A/" * 300_000, HEAD + "-".join("A" * 100_000), HEAD + "\\\n" * 300_000 + "A"], ids=lambda text: text[-12:])
def test_long_lines_and_deep_nesting_are_read_in_linear_time(tmp_path, text):
    began, before = time.process_time(), most_memory()
    book = read_book(abc(tmp_path, text))
    for tune in book.tunes[:2]:
        assert len(parse(tune).events) <= MOST_SIGNS
    assert time.process_time() - began < 10
    assert most_memory() - before < 500


def test_what_is_too_long_is_said():
    (problem,) = parse(HEAD + "A" * (MOST_SIGNS + 5) + "\n" + "B" * 10).problems
    assert problem.message == "expected a tune of at most 100,000 signs, found more; the rest is not read"
    assert not parse(HEAD + "A" * MOST_SIGNS).problems


def test_more_than_a_book_holds_is_refused(tmp_path):
    assert "at most 10,000 tunes" in refusal(read_book, abc(tmp_path, "X:1\nK:C\n" * 20_000))
    assert "at most 20 MB" in refusal(read_book, abc(tmp_path, "A" * 21_000_000))
    assert "found no text" in refusal(read_book, abc(tmp_path, b"X:1\0"))


@pytest.mark.parametrize("music", [
    "P:((((((((A9)9)9)9)9)9)9)9)9\n" + "P:A\n" + "AB|" * 200, "P:" + "(A" * 50 + ")9" * 50 + "\nP:A\nA|",
    "|:A|" * 3000, "|:A[1-9B:|" * 500, "|:A[1,2,3,4,5,6,7,8,9B:|" * 500, "[1-99999999A:|", "::" * 3000 + "A",
    "!segno!A!D.S.!" * 500, "!D.C.!A" * 500, "|:!segno!A!coda!B:|!D.S.alcoda!!coda!" * 200])
def test_repeats_do_not_unroll_for_ever(music):
    played = perform(parse(HEAD + music), metronome=True)
    assert len(played.notes) <= 20_000
    assert len(played.clicks) <= 10_000


def test_what_would_sound_for_years_is_kept_short():
    played = perform(parse(HEAD + "[M:64/1]" + "Z999" * 50 + "!trill!A999" * 50 + "\n"), metronome=True)
    assert len(played.clicks) <= 10_000
    assert len(played.notes) < 10_000


@pytest.mark.parametrize("line", [
    "%%abc-include /etc/passwd", "I:abc-include /etc/passwd", "%%include /etc/passwd", "%%beginps\n(/etc/passwd) run\n"
    "%%endps", "%%beginsvg\n<image href='file:///etc/passwd'/>\n%%endsvg", "%%format /etc/passwd",
    "%%begintext\n&xxe;\n%%endtext", "N:<!ENTITY x SYSTEM 'file:///etc/passwd'>&x;", "%%titleformat &x;"])
def test_directives_include_nothing(tmp_path, line):
    path = abc(tmp_path, JIG.replace("K:D\n", f"{line}\nK:D\n"))
    played_and_written(path)
    text = path.read_text()
    engraver = Engraver()
    try:
        with contextlib.suppress(InputError):
            assert not any(SECRET in page.svg for page in engraver.engrave(parse(text), text).pages)
    finally:
        engraver.close()
    assert SECRET not in musicxml_bytes(parse(text)).decode()


@pytest.mark.parametrize("digits", ["A{}", "A/{}", "z{}", "(3:{}:2A", "[M:{}/4]A", "[Q:1/4={}]A", "[L:1/{}]A", "[1-{}A",
                                    "|1,{}A", "[CE]{}", "y{}A", "[K:C]{}", "P:{}\n", "X:{}\n", "Z{}", "(9:9:{}A"])
def test_numbers_of_a_hundred_thousand_digits(tmp_path, digits):
    played_and_written(abc(tmp_path, HEAD + digits.format("9" * 100_000) + "\n"), exports=())


@pytest.mark.parametrize("music", ["[M:64/1]Z999", "[K:C]A999/256/256/256/256", "[M:none]" + "Z999(3" * 25,
                                   "[M:none]" + "[CEG]8" * 2000])
def test_what_musicxml_cannot_say_is_said(music):
    with pytest.raises(InputError, match="the tune cannot be written as MusicXML"):
        musicxml_bytes(parse(f"{HEAD}{music}\n"))


@pytest.mark.parametrize("music", ['"Em\x16x"A', '"^le\x0bft"A', "!tr\x01!A", "P:A\x02\nA", "A|1,\x032A"])
def test_signs_that_xml_cannot_hold_are_left_out(music):
    tune = parse(f"X:1\nT:Te\x04st\nC:Me\x05\nQ:\"Slow\x06\" 1/4=90\nK:G\n{music}|\n")
    ElementTree.fromstring(musicxml_bytes(tune))


# MusicXML

def score(inside="", doctype=""):
    note = "<note><pitch><step>C</step><octave>5</octave></pitch><duration>4</duration></note>"
    return (f'<?xml version="1.0" encoding="UTF-8"?>{doctype}<score-partwise version="4.0"><part-list>'
            '<score-part id="P1"><part-name>x</part-name></score-part></part-list><part id="P1"><measure number="1">'
            f"<attributes><divisions>4</divisions></attributes>{note}{inside}</measure></part></score-partwise>").encode()


LAUGHS = "<!DOCTYPE x [<!ENTITY a0 'ha'>" + "".join(
    f"<!ENTITY a{i} '{f'&a{i - 1};' * 10}'>" for i in range(1, 12)) + "]>"
XML = {
    "a billion laughs": score("<x>&a11;</x>", LAUGHS),
    "quadratic": score("<x>" + "&q;" * 50_000 + "</x>", f"<!DOCTYPE x [<!ENTITY q '{'q' * 50_000}'>]>"),
    "a file": score("<x>&f;</x>", "<!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/passwd'>]>"),
    "an address": score("<x>&f;</x>", "<!DOCTYPE x [<!ENTITY f SYSTEM 'http://127.0.0.1:9/x'>]>"),
    "a parameter": score("", "<!DOCTYPE x [<!ENTITY % p SYSTEM 'http://127.0.0.1:9/x.dtd'> %p;]>"),
    "two document types": score("", "<!DOCTYPE a><!DOCTYPE b [<!ENTITY f SYSTEM 'file:///etc/passwd'>]>"),
    "UTF-16 entities": score("<x>&f;</x>", "<!DOCTYPE x [<!ENTITY f 'x'>]>").decode().replace("UTF-8", "UTF-16").encode(
        "utf-16"),
    "UTF-7": b"<?xml version='1.0' encoding='UTF-7'?>+ADwAIQ-DOCTYPE x +AFs-",
    "nested": score("<a>" * 200_000 + "</a>" * 200_000),
    "attributes": score("<a " + " ".join(f"b{i}='x'" for i in range(200_000)) + "/>"),
    "a name": score(f"<{'n' * 1_000_000}/>"),
    "no end": score()[:-30],
    "a bar of 10^12 whole notes": score("<note><rest/><duration>9999999999999</duration></note>"),
    "only rests": score().replace(b"<pitch><step>C</step><octave>5</octave></pitch>", b"<rest/>"),
}


@pytest.mark.parametrize("name", XML)
def test_musicxml(importer, tmp_path, name):
    path = tmp_path / "score.musicxml"
    path.write_bytes(XML[name])
    try:
        found = importer.read(path)
    except InputError:
        assert refusal(importer.read, path, seconds=40).startswith("score.musicxml: expected")
    else:       # what music21 does not know, it passes over
        assert name in ("nested", "attributes", "a name", "two document types")
        assert SECRET not in found.text
    assert [one.name for one in tmp_path.iterdir()] == ["score.musicxml"]


def test_external_entities_are_never_followed(importer, tmp_path):
    for name in ("a file", "an address", "a parameter", "two document types"):
        path = tmp_path / "score.musicxml"
        path.write_bytes(XML[name])
        with contextlib.suppress(InputError):
            assert SECRET not in importer.read(path).text


# MIDI

def midi(body, *, tracks=1, length=None, division=480, kind=0):
    size = len(body) if length is None else length
    return b"MThd" + struct.pack(">IHHH", 6, kind, tracks, division) + b"MTrk" + struct.pack(">I", size) + body


NOTE, END = b"\0\x90\x40\x40\x60\x80\x40\0", b"\0\xff\x2f\0"
FAR = b"\xff\xff\xff\x7f"
MIDI = {
    "a track of 4 GB": midi(NOTE + END, length=2**32 - 1), "65,535 tracks": midi(NOTE + END, tracks=65_535, kind=1),
    "running status without one": midi(b"\0\x40\x40" * 1000), "garbage": midi(bytes(range(256)) * 300),
    "2^28 ticks": midi(b"\0\x90\x40\x40" + FAR + b"\x80\x40\0" + END),
    "2^28 ticks, again and again": midi((FAR + b"\x90\x40\x40") * 10_000 + END),
    "numbers without end": midi(b"\xff" * 100_000), "a message of 2^28 bytes": midi(b"\0\xf0" + FAR + b"x" * 100),
    "a text of 2^28 bytes": midi(b"\0\xff\x01" + FAR + b"x" * 100), "no division": midi(NOTE + END, division=0),
    "no end": midi(NOTE)[:-3], "tempo 0": midi(b"\0\xff\x51\x03\0\0\0" + END),
    "a meter of 2^255": midi(b"\0\xff\x58\x04\x04\xff\x18\x08" + END),
    "only note offs": midi(b"\0\x80\x40\0" * 50_000 + END), "nothing but heads": b"MThd" + bytes(10) + b"MTrk" * 50_000,
    "300,000 notes": midi(b"\0\x90\x40\x40\1\x40\0" * 140_000 + END),
}


@pytest.mark.parametrize("name", MIDI)
def test_midi(importer, tmp_path, name):
    path = tmp_path / "tune.mid"
    path.write_bytes(MIDI[name])
    try:
        found = importer.read(path, seconds=4)
    except InputError as error:
        sentence = str(error)
        assert sentence.startswith("tune.mid: expected")
        assert "\n" not in sentence
    else:
        assert len(found.text) < 2_000_000


@pytest.mark.slow
@pytest.mark.parametrize("piece", ["(", "[", "{", '"', "(3", ">", "9", "[K:", "A-", "[1", "\\\n", "%", "X:1\n", "!["])
def test_a_megabyte_of_nothing_sensible_is_read_in_linear_time(piece):
    """Four times the text may take six times as long, on a machine that others use too."""
    short, long = (HEAD + piece * (size // len(piece)) for size in (250_000, 1_000_000))
    seconds = [min(timed(text) for _ in range(2)) for text in (short, long)]
    assert seconds[1] < max(6 * seconds[0], 3.0)


def timed(text):
    started = time.process_time()
    for tune in parse_book(text):
        assert tune is not None
        break
    return time.process_time() - started
