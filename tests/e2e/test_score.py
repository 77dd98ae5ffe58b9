"""`score`: a tune in a file becomes a score, MIDI, MusicXML and sound that other programs open."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import mido
import pytest
import soundfile as sf

from engine import commands

JIG = """X:7
T:The Ó Súilleabháin Test – Łódź
C:Trad.
M:6/8
L:1/8
K:Edor
B|:"Em"BEE BEE|"F#m"~A3 {gf}AGF|[1BEE B2c|dBA FED:|[2(3ABc d2 ^c3|]
"""
BOOK = f"{JIG}\nX:8\nT:Second\nK:G\nGABc d4|]\n\nX:9\nT:Empty\nK:C\n"


@pytest.fixture
def abc(tmp_path):
    path = tmp_path / "jig.abc"
    path.write_text(JIG, encoding="utf-8")
    return path


@pytest.fixture
def score(capfd):
    """Runs the command: exit code, result, stderr."""
    def command(*argv):
        code = commands.run(["score", *map(str, argv), "--json"])
        out, err = capfd.readouterr()
        return code, json.loads(out) if out else None, err
    return command


def written(score, abc, ending, *options):
    out = abc.with_name(f"out.{ending}")
    code, result, err = score(abc, "--out", out, *options)
    assert (code, err) == (0, "")
    assert result == {"tunes": [{"number": "7", "title": "The Ó Súilleabháin Test – Łódź", "files": [str(out)],
                                 "problems": []}]}
    assert sorted(path.name for path in out.parent.iterdir()) == ["jig.abc", out.name]
    return out


def test_svg(score, abc):
    root = ElementTree.fromstring(written(score, abc, "svg").read_text(encoding="utf-8"))
    names = {element.get("class", "").partition(" ")[0] for element in root.iter()}
    assert {"note", "beam", "harm", "ending", "keySig", "tuplet"} <= names


def test_pdf(score, abc):
    abc.write_text(JIG.replace("|]\n", "|\n" + "BEE BEE|A3 AGF|BEE B2c|dBA FED|\n" * 30 + "|]\n"), encoding="utf-8")
    data = written(score, abc, "pdf").read_bytes()
    assert data.startswith(b"%PDF-")
    assert data.rstrip().endswith(b"%%EOF")
    assert data.count(b"/MediaBox") >= 2  # pages
    assert b"STIXGeneral" in data


def test_midi(score, abc):
    file = mido.MidiFile(written(score, abc, "mid", "--instrument", "violin", "--tempo", "60", "--metronome"))
    notes = [message for message in file.tracks[1] if message.type == "note_on"]
    assert notes[0].note == 71
    assert next(m.program for m in file.tracks[1] if m.type == "program_change") == 40
    assert file.length == pytest.approx(.5 * 2 / 3 + 2 * (4 + 3) - 2 - .5 * 2 / 3 + 1 / 3, abs=3)
    assert len(file.tracks) == 3


def test_musicxml_says_what_was_written(score, abc):
    from music21 import converter, key, note, spanner

    part = converter.parse(written(score, abc, "musicxml"), format="musicxml").parts[0]
    notes = [n for n in part.recurse().getElementsByClass(note.Note) if not n.duration.isGrace]
    assert [n.nameWithOctave for n in notes[:4]] == ["B4", "B4", "E4", "E4"]
    assert notes[-1].nameWithOctave == "C#5"
    assert part.recurse().getElementsByClass(key.KeySignature)[0].sharps == 2
    assert len(part.recurse().getElementsByClass(spanner.RepeatBracket)) == 2
    assert part.getElementsByClass("Measure")[0].number == 0


def test_wav(score, abc):
    info = sf.info(str(written(score, abc, "wav", "--tempo", "120", "--chords")))
    assert (info.samplerate, info.channels, info.subtype) == (48000, 2, "PCM_16")
    assert info.duration == pytest.approx((1 + 4 * 6 + 6 * 2 + 7) / 6, abs=2.5)


def test_a_book_becomes_numbered_files_or_one_is_chosen(score, abc):
    abc.write_text(BOOK, encoding="utf-8")
    code, result, _ = score(abc, "--out", abc.with_name("all.mid"))
    assert code == 0
    assert [Path(tune["files"][0]).name for tune in result["tunes"]] == ["all-7.mid", "all-8.mid"]
    _, result, _ = score(abc, "--out", abc.with_name("one.mid"), "--number", "8")
    assert [(tune["title"], Path(tune["files"][0]).name) for tune in result["tunes"]] == [("Second", "one.mid")]


def test_what_could_not_be_read_is_told_with_its_place(score, abc):
    abc.write_text(JIG.replace("BEE B2c", "BEE B2c #"), encoding="utf-8")
    _, result, _ = score(abc, "--out", abc.with_name("out.mid"))
    problem, = result["tunes"][0]["problems"]
    assert (problem["file"], problem["line"]) == ("jig.abc", 7)
    assert JIG.replace("BEE B2c", "BEE B2c #").splitlines()[6][problem["column"] - 1] == "#"


@pytest.mark.parametrize(("text", "options", "sentence"), [
    ("", [], "jig.abc, line 1, column 1: expected a tune in ABC notation"),
    ("X:1\nT:none\n", [], "jig.abc, line 1, column 1: expected a field K:"),
    (JIG, ["--number", "3"], "--number: jig.abc has no tune X:3; its numbers are 7"),
    (JIG, ["--tempo", "5000"], "--tempo: expected 10 to 1,000, got 5,000"),
    (JIG, ["--out", "tune.doc"], "ending of --out: expected one of svg, pdf, mid, musicxml, wav, got 'doc'"),
    (JIG, ["--instrument", "kazoo"], "argument --instrument: invalid choice"),
    ("\0\1\2", [], "jig.abc: expected ABC notation, found no text"),
    ("X:1\nK:C\n" + "A8|" * 3000, ["--out", "long.wav"], "jig.abc, line 1: the tune would play for")])
def test_what_cannot_be_used_is_said_in_a_sentence(score, abc, tmp_path, monkeypatch, text, options, sentence):
    monkeypatch.chdir(tmp_path)
    abc.write_text(text, encoding="utf-8")
    code, result, err = score(abc, "--out", "out.mid", *options)
    assert (code, result) == (2, None)
    assert sentence in err
    assert err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["jig.abc"]


def test_a_missing_file(score, tmp_path):
    code, _, err = score(tmp_path / "none.abc", "--out", tmp_path / "out.svg")
    assert (code, err) == (2, "otoscope: none.abc: there is no such file; was it moved or renamed?\n")


def test_musicxml_and_midi_go_in_as_well_as_out(score, abc):
    xml, sound = written(score, abc, "musicxml"), abc.with_name("again.mid")
    code, result, _ = score(xml, "--out", sound, "--tempo", "60")
    assert (code, result["left_out"]) == (0, [])
    assert result["tunes"][0]["title"] == "The Ó Súilleabháin Test – Łódź"
    direct = abc.with_name("direct.mid")
    score(abc, "--out", direct, "--tempo", "60")
    heard = [[(m.note, m.time) for m in mido.MidiFile(path).tracks[1] if m.type == "note_on"]
             for path in (sound, direct)]
    assert heard[0] == heard[1]
    code, result, err = score(sound, "--out", abc.with_name("score.svg"))
    assert (code, err, result["tunes"][0]["problems"]) == (0, "", [])
    abc.with_name("fake.mid").write_bytes(b"no MIDI")
    code, _, err = score(abc.with_name("fake.mid"), "--out", sound)
    sentence = "fake.mid: expected MusicXML or MIDI, found other text; is it a renamed file?"
    assert (code, err) == (2, f"otoscope: {sentence}\n")
