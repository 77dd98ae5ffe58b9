"""Import of MusicXML and MIDI: round trips, what a score says, and files of strangers with bad intentions."""

import io
import os
import struct
import zipfile
from fractions import Fraction

import mido
import pytest

from engine.checks import InputError
from engine.folk import import_midi, import_xml
from engine.folk.abc_text import parse
from engine.folk.importing import Imported, Importer, imported, opened
from engine.folk.keys import Key
from engine.folk.melody import Measure, Melody, Sound, Unusable, abc_of, key_of
from engine.folk.midi import midi_bytes
from engine.folk.musicxml import musicxml_bytes
from engine.folk.performance import perform
from engine.folk.tune import Bar, Ending, Field, Mark, Note
from engine.folk.unfold import performed
from engine.training.folk_collections import music21_corpus
from tests.engine.hostile import JIG

PARTWISE = '<?xml version="1.0" encoding="UTF-8"?>\n{doctype}<score-partwise version="4.0">{parts}</score-partwise>'
PUBLIC = ('<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" '
          '"http://www.musicxml.org/dtds/partwise.dtd">\n')
LIST = "<part-list>{}</part-list>"


def note(step="C", duration=4, extra="", voice=1):
    return (f"<note><pitch><step>{step}</step><octave>5</octave></pitch><duration>{duration}</duration>"
            f"<voice>{voice}</voice>{extra}</note>")


def score(*parts, doctype=PUBLIC, attributes="<divisions>4</divisions>"):
    """A MusicXML document; each part is the inside of its only measure."""
    names = "".join(f'<score-part id="P{i}"><part-name>P{i}</part-name></score-part>' for i in range(len(parts)))
    music = "".join(f'<part id="P{i}"><measure number="1"><attributes>{attributes}</attributes>{part}</measure></part>'
                    for i, part in enumerate(parts))
    return PARTWISE.format(doctype=doctype, parts=LIST.format(names) + music)


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


def overfull(tune):
    """Whether a bar is longer than the meter, which music21 does not write."""
    time = Fraction(0)
    for event in tune.events:
        time = Fraction(0) if isinstance(event, Bar) else time + getattr(event, "duration", 0)
        if time > tune.meter.bar:
            return True
    return False


def ryans(count):
    """Tunes from all over the alphabet whose bars fit."""
    paths = sorted((music21_corpus() / "ryansMammoth").glob("*.abc"))
    tunes = [parse(path.read_text(encoding="latin-1")) for path in paths[::len(paths) // count // 2]]
    return [tune for tune in tunes if not overfull(tune)][:count]


@pytest.fixture(scope="module")
def importer():
    made = Importer()
    yield made
    made.close()


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


def test_thirty_tunes_come_back_from_midi():
    for tune in ryans(30):
        performance = perform(tune, ornaments=False)
        back = parse(abc_of(import_midi.melody_of(midi_bytes(performance))[0]))
        assert back.problems == ()
        sounding = [sorted((round(n.start_s, 3), n.midi) for n in p.notes)
                    for p in (performance, perform(back, ornaments=False))]
        assert sounding[0] == sounding[1], tune.title
        assert (back.title, back.meter, back.key.signature) == (tune.title, tune.meter, tune.key.signature)


def test_pickups_are_found_by_the_accents_of_a_midi_file():
    tune = parse("X:1\nM:6/8\nL:1/8\nK:G\nD|GAB dBG|c2A B2G|ABA AGE|D3 z2:|\n")
    text = abc_of(import_midi.melody_of(midi_bytes(perform(tune)))[0])
    assert next(line for line in text.splitlines() if "|" in line).startswith("D | GAB dBG | c2A B2G |")
    flat = mido.MidiFile(file=io.BytesIO(midi_bytes(perform(tune))))
    for message in flat.tracks[1]:
        if message.type == "note_on":
            message.velocity = 64
    data = io.BytesIO()
    flat.save(file=data)
    assert "DGA BdB |" in abc_of(import_midi.melody_of(data.getvalue())[0])


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


def test_the_top_voice_of_the_first_part_with_notes():
    silent = "<note><rest/><duration>16</duration></note>"
    two = note("E", 16) + "<backup><duration>16</duration></backup>" + note("C", 16, voice=2)
    text, left_out = read(score(silent, two, note("G", 16), note("A", 16)))
    assert text.splitlines()[-1] == "e8 |]"
    assert left_out == ["2 more parts were left out", "lower voices were left out in 1 bar"]
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


def midi(events, ticks=480, tracks=1):
    """A file whose tracks all have these (delta, on, pitch)."""
    file = mido.MidiFile(type=1, ticks_per_beat=ticks)
    for channel in range(tracks):
        track = mido.MidiTrack()
        for delta, on, pitch in events:
            track.append(mido.Message("note_on" if on else "note_off", note=pitch, time=delta, channel=channel))
        file.tracks.append(track)
    data = io.BytesIO()
    file.save(file=data)
    return data.getvalue()


def line_of(data):
    melody, notes = import_midi.melody_of(data)
    return abc_of(melody).splitlines()[-1], notes


def test_played_notes_are_put_on_the_grid_and_tied_over_bars():
    unsteady = [(7, 1, 60), (470, 0, 60), (11, 1, 62), (150, 0, 62), (5, 1, 64), (150, 0, 64), (9, 1, 65), (155, 0, 65),
                (0, 1, 67), (1900, 0, 67)]
    assert line_of(midi(unsteady))[0] == "C2 (3DEF G4- | G4 |]"
    assert line_of(midi([(0, 1, 72), (420, 0, 72), (60, 1, 71), (480, 0, 71)]))[0] == "c2 B2 |]"
    assert line_of(midi([(0, 1, 72), (300, 0, 72), (660, 1, 71), (480, 0, 71)]))[0] == "cz3 B2 |]"
    assert line_of(midi([(480, 1, 72), (480, 0, 72), (480, 1, 71), (480, 0, 71)]))[0] == "z2 c2 z2 B2 |]"


def test_the_skyline_of_a_piano():
    chord = [(0, 1, 72), (0, 1, 64), (0, 1, 67), (480, 0, 72), (0, 0, 64), (0, 0, 67)]
    assert line_of(midi(chord))[0] == "[EGc]2 |]"
    under = [(0, 1, 72), (240, 1, 48), (240, 0, 48), (480, 0, 72)]
    assert line_of(midi(under)) == ("c4 |]", ["1 note below the melody was left out"])
    legato = [(0, 1, 72), (480, 1, 71), (30, 0, 72), (450, 0, 71)]
    assert line_of(midi(legato, tracks=3)) == ("c2 B2 |]", ["2 more parts were left out"])


@pytest.mark.parametrize(("key", "names"), [(Key(), "C^CD_EEF^FG^GA_BB"), (Key(1), "=C^CD^DEF^FG^GA^AB"),
                                            (Key(2, -1), "C_DD_EE=F_GG_AA_BB")])
def test_midi_pitches_are_spelled_in_their_key(key, names):
    heights = range(60, 72)
    spelled = [import_midi.spelled(midi, key) for midi in heights]
    signs = {-1: "_", 0: "", 1: "^"}
    letters = "".join(signs[alter] + "CDEFGAB"[step % 7] for step, alter in spelled)
    assert letters == names.replace("=", "")


@pytest.mark.parametrize(("text", "key"), [("GABc d2ef|g2fe d2c2|B2A2 G4|]", "Gmaj"), ("A2c2 e2a2|^g2e2 A4|]", "Amin"),
                                           ("B,CDE _B4|F8|]", "Fmaj")])
def test_a_midi_file_without_a_key_gets_the_likely_one(text, key):
    tune = parse(f"X:1\nL:1/8\nK:{'G' if key == 'Gmaj' else 'C'}\n{text}\n")
    file = mido.MidiFile(file=io.BytesIO(midi_bytes(perform(tune))))
    file.tracks[0] = mido.MidiTrack(m for m in file.tracks[0] if m.type != "key_signature")
    data = io.BytesIO()
    file.save(file=data)
    assert f"\nK:{key}\n" in abc_of(import_midi.melody_of(data.getvalue())[0])


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


def test_marks_and_fields_keep_their_kind():
    back = parse(abc_of(import_xml.melody_of(musicxml_bytes(parse(JIG)).decode())[0]))
    kinds = [type(e) for e in back.events if isinstance(e, Mark | Ending | Field)]
    assert kinds.count(Ending) == 2
    assert kinds.count(Field) == 2
    assert kinds.count(Mark) == 8
