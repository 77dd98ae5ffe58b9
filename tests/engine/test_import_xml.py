"""Import of MusicXML: round trips, and what a score says."""

from fractions import Fraction

import pytest

from engine.folk import import_xml
from engine.folk.abc_text import parse
from engine.folk.keys import Key
from engine.folk.melody import Measure, Melody, Sound, abc_of, key_of
from engine.folk.musicxml import musicxml_bytes
from engine.folk.tune import Bar, Ending, Field, Mark, Note
from engine.folk.unfold import performed
from tests.engine.hostile import JIG
from tests.engine.imported import PUBLIC, note, ryans, score


def read(document):
    melody, notes = import_xml.melody_of(opened_text(document))
    return abc_of(melody), notes


def opened_text(document):
    return document.partition("?>")[2].replace(PUBLIC, "")


def played(tune):
    """What sounds: (onset, duration, pitches) in whole notes with repeats unfolded and ties joined."""
    sounding, now = [], Fraction(0)
    tied = False
    for event in performed(tune):
        if isinstance(event, Note):
            pitches = tuple(sorted({pitch.midi for pitch in event.pitches}))
            if tied and pitches == sounding[-1][2]:
                sounding[-1] = (sounding[-1][0], sounding[-1][1] + event.duration, pitches)
            elif pitches:
                sounding.append((now, event.duration, pitches))
            tied, now = event.tied, now + event.duration
    return sounding


def test_thirty_tunes_come_back_from_musicxml():
    tunes = ryans(30)
    assert len(tunes) == 30
    for tune in tunes:
        text = abc_of(import_xml.melody_of(musicxml_bytes(tune).decode())[0])
        back = parse(text)
        assert back.problems == ()
        assert (back.title, back.meter) == (tune.title, tune.meter)
        assert back.key.signature == tune.key.signature
        assert played(back) == played(tune), text
        repeats = ["".join({"::": ":||:"}.get(e.sign, e.sign) for e in t.events if isinstance(e, Bar) and ":" in e.sign)
                   for t in (tune, back)]
        assert repeats[0] == repeats[1]


@pytest.mark.parametrize("key", ["C", "Am", "Edor", "Gmix", "Flyd", "Bphr", "F#loc", "Ebmix", "Dm", "G#min", "Cb"])
def test_keys_keep_their_mode_in_musicxml(key):
    tune = parse(f"X:1\nM:4/4\nL:1/4\nK:{key}\nCDEF|[K:{key}]GABc|]\n")
    assert parse(abc_of(import_xml.melody_of(musicxml_bytes(tune).decode())[0])).key == tune.key


@pytest.mark.parametrize("key", ["D exp ^f", "Amin ^g", "G#", "Fb"])
def test_odd_signatures_come_back_from_musicxml(key):
    tune = parse(f"X:1\nM:4/4\nL:1/4\nK:{key}\nCDEF|GABc|]\n")
    back = parse(abc_of(import_xml.melody_of(musicxml_bytes(tune).decode())[0]))
    assert [pitch.midi for note in back.notes for pitch in note.pitches] == [
        pitch.midi for note in tune.notes for pitch in note.pitches]


def test_all_that_a_score_says_is_kept():
    text = abc_of(import_xml.melody_of(musicxml_bytes(parse(JIG)).decode())[0])
    assert text == """X:1
T:The Test
C:Trad.
M:6/8
L:1/8
Q:3/8=100
K:Dmaj
A | "D"dAF DFA | "Em7"G2B {fg}A3- | [1 A2G (3FEDA :|
[2 A3 [DFA]2 ||
|: ~d3 Tc3 | B/2G3/2.E zc2 :|
[M:2/4] [K:Gmin] "Bb"B4 | =B4- | =B2 H^f2 |]
"""


@pytest.mark.parametrize(("mode", "fifths", "key"), [
    ("major", 2, "Dmaj"), ("minor", -3, "Cmin"), ("dorian", 2, "Edor"), ("mixolydian", 0, "Gmix"), ("none", 1, "Gmaj"),
    ("lydian", 7, "F#lyd"), ("phrygian", -7, "Ebphr"), ("locrian", 7, "B#loc")])
def test_keys_have_their_mode(mode, fifths, key):
    signature = f"<key><fifths>{fifths}</fifths><mode>{mode}</mode></key>"
    document = score(note(), attributes=f"<divisions>4</divisions>{signature}")
    assert f"\nK:{key}\n" in read(document)[0]


@pytest.mark.parametrize("sharps", range(-7, 8))
@pytest.mark.parametrize("mode", ["maj", "min", "dor", "mix", "lyd", "phr", "loc"])
def test_every_key_has_its_signature(sharps, mode):
    assert sum(key_of(sharps, mode).signature) == sharps


def test_an_uncommon_signature_is_spelled_out():
    document = score(note("B", extra="<accidental>flat</accidental>"), attributes=(
        "<divisions>4</divisions><key><key-step>B</key-step><key-alter>-1</key-alter>"
        "<key-step>F</key-step><key-alter>1</key-alter></key>"))
    assert parse(read(document)[0]).key.signature == (0, 0, 0, 1, 0, 0, -1)


def test_the_top_voice_of_each_part_with_notes():
    silent = "<note><rest/><duration>16</duration></note>"
    two = note("E", 16) + "<backup><duration>16</duration></backup>" + note("C", 16, voice=2)
    text, left_out = read(score(silent, two, note("G", 16), note("A", 16)))
    assert [line for line in text.splitlines() if line.endswith("|]")] == ["e8 |]", "g8 |]", "a8 |]"]
    assert len(parse(text).voices) == 3
    assert left_out == ["lower voices were left out in 1 bar"]
    assert read(score(note("D", 16, "<lyric><text>la</text></lyric>"), silent))[1] == ["lyrics were left out"]


def test_tuplets_gaps_and_odd_lengths():
    def times(actual, normal):
        return (f"<time-modification><actual-notes>{actual}</actual-notes><normal-notes>{normal}</normal-notes>"
                "</time-modification>")
    five = "".join(note("C", 12, times(5, 4)) for _ in range(5))
    eleven = "".join(note("D", 4, times(11, 8)) for _ in range(2))
    gap = "<forward><duration>15</duration></forward>"
    text, _ = read(score(five + eleven + gap + note("E", 75), attributes="<divisions>30</divisions>"))
    tune = parse(text)
    assert tune.problems == ()
    assert [n.duration for n in tune.notes] == [*[Fraction(1, 10)] * 5, *[Fraction(1, 30)] * 2, Fraction(1, 8),
                                                Fraction(5, 8)]
    assert "(5:4:5" in text


def test_slurs_jumps_and_chord_symbols():
    slur = '<notations><slur type="{}" number="1"/></notations>'
    direction = '<direction><direction-type><words>Fine</words></direction-type><sound fine="yes"/></direction>'
    harmony = "<harmony><root><root-step>B</root-step><root-alter>-1</root-alter></root><kind>minor</kind></harmony>"
    text, _ = read(score(harmony + note("C", 8, slur.format("start")) + note("D", 8, slur.format("stop")) + direction))
    assert text.splitlines()[-1] == '"Bbm"(c4 d4) !fine! |]'
    words = "<direction><direction-type><words>slowly</words></direction-type></direction>"
    assert read(score(words + note("C", 8)))[0].splitlines()[-1] == '"^slowly"c4 |]'


@pytest.mark.parametrize("music", ["A4|B4 !fine!|c4|d4 !D.C.alfine!|]",
                                   "A4|!segno!B4|c4 !coda!|d4 !D.S.alcoda!|!coda!e4|]",
                                   'A4|B4 "Fine"|c4|d4 "D.C."|]'])
def test_jumps_come_back(music):
    tune = parse(f"X:1\nM:2/4\nL:1/8\nK:C\n{music}\n")
    back = parse(abc_of(import_xml.melody_of(musicxml_bytes(tune).decode())[0]))
    assert len(played(back)) > 4
    assert played(back) == played(tune)


def test_percent_and_line_ends_do_not_leave_the_title():
    text = abc_of(Melody("10 %\nK:X", [Measure([Sound(Fraction(1), ((0, 0),))])]))
    tune = parse(text)
    assert (tune.title, len(tune.notes), tune.problems) == ("10 ％ K:X", 1, ())


def test_accidentals_are_read_as_they_were_meant():
    sounds = [Sound(Fraction(1, 4), ((3, 1),), tied=True), Sound(Fraction(1, 4), ((3, 1),)),
              Sound(Fraction(1, 4), ((3, 0),)), Sound(Fraction(1, 4), ((10, 1), (3, 0))),
              Sound(Fraction(1, 4), ((3, 3),))]
    text = abc_of(Melody("", [Measure(sounds[:1]), Measure(sounds[1:]), Measure(sounds[2:], key=Key(4))]))
    heights = [[p.midi for p in n.pitches] for n in parse(text).notes]
    assert heights == [[66], [66], [65], [78, 65], [68], [65], [78, 65], [68]]


def test_marks_and_fields_keep_their_kind():
    back = parse(abc_of(import_xml.melody_of(musicxml_bytes(parse(JIG)).decode())[0]))
    kinds = [type(e) for e in back.events if isinstance(e, Mark | Ending | Field)]
    assert kinds.count(Ending) == 2
    assert kinds.count(Field) == 2
    assert kinds.count(Mark) == 8
