"""Tunes of several voices: each is read by itself, and they are engraved, played, moved and written together."""

import io
import re

import mido
import pytest

from engine.composing.places import place_at
from engine.composing.provenance import Span, with_spans, without_origins
from engine.composing.suggest import Origin
from engine.folk.abc_text import MOST_VOICES, parse
from engine.folk.clefs import Clef, clef_in, clef_of, name_of
from engine.folk.edits import applied
from engine.folk.import_xml import melody_of
from engine.folk.mei import id_of, mei_of
from engine.folk.melody import abc_of
from engine.folk.midi import TICKS, midi_bytes
from engine.folk.musicxml import musicxml_bytes
from engine.folk.performance import perform
from engine.folk.rewriting import octave, transposed
from engine.folk.tune import Note
from engine.training.folk_material import usable_tokens

HEAD = "X:1\nT:Duo\nM:3/4\nL:1/4\nQ:1/4=60\n"
NAMED = 'V:1 name="Fiddle"\nV:2 name="Cello" clef=bass\nK:G\n'
LINES = HEAD + NAMED + "V:1\nGAB|c2d|\nV:2\nG,2D,|C,3|\nV:1\ne3|\nV:2\nF,3|\n"
INLINE = HEAD + "K:G\n[V:1] GAB|[V:2 clef=bass] G,2D,|\n[V:1] ^f2 g|[V:2] F,2z|\n"


def names(tune, text):
    return [text[note.start:note.stop] for note in tune.notes]


@pytest.mark.parametrize(("text", "voices"), [
    (LINES, [["G", "A", "B", "c2", "d", "e3"], ["G,2", "D,", "C,3", "F,3"]]),
    (INLINE, [["G", "A", "B", "^f2", "g"], ["G,2", "D,", "F,2", "z"]]),
    (HEAD + "K:C\nA\nV:1\nB\nV:2\nC\nV:1\nD\n", [["A", "B", "D"], ["C"]]),
    (HEAD + "V:1\nV:2\nK:C\nV:2\nC\n", [["C"]]),            # a voice without notes is none
    (HEAD + "V:1\nK:C\nV:*\nCD\n", [["C", "D"]]),
    (HEAD + "K:C\nCD\n", [["C", "D"]]),
])
def test_each_voice_has_its_notes_and_nothing_is_amiss(text, voices):
    tune = parse(text)
    assert [names(voice, text) for voice in tune.voices] == voices
    assert tune.problems == ()
    assert [note.start for note in tune.all_notes] == sorted(note.start for note in tune.all_notes)
    assert len(tune.all_notes) == sum(map(len, voices))


def test_keys_accidentals_and_lengths_of_one_voice_are_not_those_of_another():
    tune = parse(INLINE)
    assert [note.pitches[0].alter for note in tune.others[0].notes if note.pitches] == [0, 0, 1]    # F, under K:G
    assert tune.notes[3].pitches[0].accidental == 1
    other = parse(HEAD + "K:C\nV:1\n[K:D][L:1/8]F\nV:2\nF\n").others[0].notes[0]
    assert (other.pitches[0].alter, other.duration) == (0, parse(LINES).notes[0].duration)


def test_problems_of_all_voices_are_told_once():
    tune = parse(HEAD + "K:C\nV:1\nA9?%\nV:2\nB {\n")
    assert len(tune.problems) == len(set(tune.problems)) == 1
    many = parse(HEAD + "K:C\n" + "".join(f"V:{n}\nC\n" for n in range(MOST_VOICES + 1)))
    assert len(many.voices) == MOST_VOICES
    assert f"at most {MOST_VOICES} voices" in many.problems[0].message


def test_voices_sound_together_and_the_tempo_of_the_first_leads():
    text = LINES.replace("c2d|", "[Q:1/4=120]c2d|")
    performance = perform(parse(text), ornaments=False, metronome=True)
    cello = [note for note in performance.notes if note.midi < 60]
    assert [(note.start_s, note.midi) for note in cello] == [(0, 55), (2, 50), (3, 48), (4.5, 54)]
    assert [note.start_s for note in performance.notes] == sorted(note.start_s for note in performance.notes)
    assert len(performance.clicks) == 9
    assert performance.seconds == 6


def test_the_cursor_follows_the_first_voice_and_each_can_be_looped():
    tune = parse(LINES)
    performance = perform(tune)
    assert performance.at(2.5) == id_of(tune.notes[2])
    low = [id_of(note) for note in tune.others[0].notes[:2]]
    assert performance.span(low) == (0, 3)
    assert performance.span([low[1], id_of(tune.notes[0])]) == (0, 3)
    assert performance.span(["n0"]) is None


def test_staves_are_below_one_another_with_names_and_clefs():
    mei = mei_of(parse(LINES), LINES)
    assert mei.count("<measure") == 3
    assert mei.count('<staff n="2">') == 3
    assert "<label>Fiddle</label><clef shape=\"G\" line=\"2\"/>" in mei
    assert "<label>Cello</label><clef shape=\"F\" line=\"4\"/>" in mei
    measure = re.findall(r"<measure.*?</measure>", mei)[1]
    assert re.findall(r'pname="(.)" oct="(.)"', measure) == [("c", "5"), ("d", "5"), ("c", "3")]


def test_a_voice_that_is_shorter_is_silent_and_one_that_is_longer_goes_on():
    for text, measures in ((HEAD + "K:C\nV:1\nC3|D3|\nV:2\nE3|\n", 2), (HEAD + "K:C\nV:1\nC3|\nV:2\nE3|F3|G3|\n", 3)):
        mei = mei_of(parse(text), text)
        assert mei.count("<measure") == measures
        assert mei.count('<staff n="1">') == mei.count('<staff n="2">') == measures
        assert mei.count("<mSpace/>") == measures - 1


def test_bars_stay_side_by_side_where_a_field_divides_one():
    text = HEAD + "K:C\nV:1\nC[K:D]DE|F3|\nV:2\nE3|G3|\n"
    measures = re.findall(r"<measure.*?</measure>", mei_of(parse(text), text))
    assert [re.findall(r'pname="(.)"', measure) for measure in measures] == [["c", "e"], ["d", "e"], ["f", "g"]]


@pytest.mark.parametrize(("text", "clef"), [
    ("C clef=alto", Clef("C", 3)), ("tenor", Clef("C", 4)), ("G bass", Clef("F", 4)), ("", None), ("Am", None),
    ("clef=treble-8", Clef("G", 2, -1)), ("treble+8", Clef("G", 2, 1)), ('T name="basset"', None)])
def test_clefs(text, clef):
    assert clef_in(text) == clef


def test_a_clef_alone_leaves_the_key_and_is_drawn_before_its_note():
    text = "X:1\nL:1/4\nK:D\nFC|[K:bass]F,C,|[K:clef=treble]F|\n"
    tune = parse(text)
    assert tune.problems == ()
    assert {note.pitches[0].alter for note in tune.notes} == {1}
    assert re.findall(r'<clef shape="(.)"', mei_of(tune, text)) == ["G", "F", "G"]


def test_under_an_eight_notes_sound_an_octave_away():
    text = "X:1\nL:1/4\nK:C clef=treble-8\nC[K:clef=treble]C|\n"
    assert [note.midi for note in perform(parse(text)).notes] == [48, 60]
    assert re.findall(r'oct="(\d)"', mei_of(parse(text), text)) == ["3", "4"]


def test_all_voices_are_transposed_and_raised():
    moved = applied(LINES, transposed(parse(LINES), LINES, semitones=2))
    before, after = perform(parse(LINES)), perform(parse(moved))
    assert [note.midi + 2 for note in before.notes] == [note.midi for note in after.notes]
    assert moved.count("K:A") == 1
    raised = applied(LINES, octave(parse(LINES), LINES, True, 0, len(LINES)))
    assert [note.midi for note in perform(parse(raised)).notes] == [note.midi + 12 for note in before.notes]


def test_who_wrote_a_note_of_any_voice_survives_a_file():
    start = LINES.index("C,3")
    spans = (Span(start, start + 3, Origin("folk", 1, 0, 1.0, 1.0)),)
    text, found = without_origins(with_spans(LINES, spans))
    assert (text, found) == (LINES, spans)


def test_offsets_are_those_of_the_whole_text():
    for voice in parse(LINES).voices:
        assert all(isinstance(note, Note) and not LINES[note.start:note.stop].isspace() for note in voice.notes)


def test_musicxml_has_a_part_for_each_voice_with_clef_name_and_words():
    from music21 import converter

    text = LINES.replace("c2d|\n", "c2d|\nw:sing-ing a round~song\n").replace("clef=bass", "clef=treble-8")
    fiddle, cello = converter.parseData(musicxml_bytes(parse(text)), format="musicxml").parts
    assert (fiddle.partName, cello.partName) == ("Fiddle", "Cello")
    assert [note.pitch.midi for note in cello.recurse().notes] == [55 - 12, 50 - 12, 48 - 12, 54 - 12]
    assert next(iter(cello.recurse().getElementsByClass("Clef"))).octaveChange == -1
    assert [(one.text, one.syllabic) for note in fiddle.recurse().notes for one in note.lyrics] == [
        ("sing", "begin"), ("ing", "end"), ("a", "single"), ("round song", "single")]


@pytest.mark.parametrize(("behind", "alone"), [
    ("c2d|\n", "GAB|c2d|"), ("C,3|\n", "G,2D,|C,3|"), ("F,3|\n", "G,2D,|C,3|F,3|")])
def test_a_suggestion_goes_on_with_the_voice_at_the_cursor(behind, alone):
    place = place_at(LINES, LINES.index(behind) + len(behind))
    only = HEAD + "K:G\n" + alone + "\n"
    assert place.tokens() == place_at(only, len(only)).tokens()


@pytest.mark.parametrize("clef", ["bass", "treble-8", "alto", "tenor"])
def test_voices_come_back_from_musicxml(clef):
    text = LINES.replace("clef=bass", f"clef={clef}")
    back = abc_of(melody_of(musicxml_bytes(parse(text)).decode())[0])
    tune = parse(back)
    assert tune.problems == ()
    assert [name_of(voice) for voice in tune.voices] == ["Fiddle", "Cello"]
    assert clef_of(tune.others[0]) == clef_in(clef)
    assert [note.midi for note in perform(tune).notes] == [note.midi for note in perform(parse(text)).notes]
    assert back.count("K:") == 1


def test_one_voice_in_another_clef_comes_back_from_musicxml():
    text = "X:1\nT:Low\nM:4/4\nL:1/8\nK:G clef=bass\nG,,2D,2 G,4|\n"
    back = abc_of(melody_of(musicxml_bytes(parse(text)).decode())[0])
    assert "V:" not in back
    assert clef_of(parse(back)) == clef_in("bass")
    assert [note.midi for note in perform(parse(back)).notes] == [note.midi for note in perform(parse(text)).notes]


def test_a_pitch_that_voices_share_sounds_until_the_last_of_them_ends():
    text = "X:1\nM:4/4\nL:1/4\nQ:1/4=60\nK:C\nV:1\nC D C2|\nV:2\nC4|\n"
    (track,) = mido.MidiFile(file=io.BytesIO(midi_bytes(perform(parse(text))))).tracks[1:]
    now, told = 0, list[tuple[float, str]]()
    for message in track:
        now += message.time
        if message.type.startswith("note") and message.note == 60:
            told.append((now / TICKS, message.type))
    assert told == [(0, "note_on"), (2, "note_off"), (2, "note_on"), (4, "note_off")]


def test_nothing_is_learnt_from_tunes_of_several_voices():
    one = "X:1\nM:4/4\nL:1/4\nK:C\nV:1\n" + "CDEF|" * 8 + "\n"
    assert usable_tokens(parse(one), "v2")
    assert not usable_tokens(parse(one + "V:2\n" + "C4|" * 8 + "\n"), "v2")
