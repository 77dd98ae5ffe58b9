"""Performances: repeats, accidentals, tempo, ornaments, clicks; MIDI files; and music21's reading beside ours."""

import io
import re
from fractions import Fraction

import mido
import pytest

from engine.checks import InputError
from engine.folk.abc_text import parse
from engine.folk.keys import Key
from engine.folk.midi import CHORDS, CLICKS, MELODY, TICKS, midi_bytes
from engine.folk.musicxml import stream_of
from engine.folk.ornaments import chord_of
from engine.folk.performance import LOUD, MIDDLE, SOFT, perform
from engine.folk.tempo import read_tempo, usual
from engine.folk.tune import Meter, Note
from engine.folk.unfold import performed
from engine.training.folk_collections import music21_corpus

HEAD = "X:1\nT:Test\nM:4/4\nL:1/8\nQ:1/4=60\nK:D\n"   # an eighth lasts half a second


def tune(music, head=HEAD):
    return parse(head + music + "\n")


def pitches(music, **options):
    return [note.midi for note in perform(tune(music), **options).notes]


def onsets(music, head=HEAD, **options):
    return [note.start_s for note in perform(tune(music, head), **options).notes]


@pytest.mark.parametrize(("music", "order"), [
    ("A:|B:|", "AABB"), ("A|:B:|C", "ABBC"), ("|:A::B::C:|", "AABBCC"), ("|:A", "A"),
    ("A||B:|", "ABB"), ("|:A||B:|C", "ABABC"),
    ("|:A|1B:|2C:|D", "ABACD"), ("|:A|B|1C:|2D||E|]", "ABCABDE"), ("|:A|[1B:|[2C::D:|", "ABACDD"),
    ("A|[1B:|[2C|]|:D:|", "ABACDD"), ("|:A|1,3B:|2,4C:|D", "ABACABACD"), ("|:A|1-3B:|4C|]", "ABABABAC"),
    ("A|1B|2C|]D", "ABD"), ("|:A:|2B|C", "AABC"), ("[1A:|[2B", "AB")])
def test_repeats_are_unfolded(music, order):
    text = f"X:1\nL:1/8\nK:C\n{music}\n"
    assert "".join(text[e.start:e.stop] for e in performed(parse(text)) if isinstance(e, Note)) == order


@pytest.mark.parametrize(("music", "order"), [
    ("A|B!fine!|C|D!D.C.!|", "ABCDAB"), ("A|B!D.C.!|", "ABAB"), ('A|"Fine"B|C "^D.C. al Fine"D|]', "ABCDAB"),
    ("|:A:|B!fine!|C|D!D.C.alfine!|]", "AABCDAB"), ("|:A|1B:|2C!fine!||D!D.C.!|]", "ABACDAC"),
    ("A|S B|C!fine!|D!D.S.!|", "ABCDBC"), ("A|!segno!B|O C|D!D.S.alcoda!|O E|F|]", "ABCDBEF"),
    ("A|B!coda!|C!D.C.!|!coda!D|]", "ABCABD"), ("A|!D.C.!B|C|]", "ABABC"), ("A!segno!|B|]", "AB"),
    ("A!fine!|B|]", "AB"), ("|:A|1B:|2C|]|:D|1E:|2F!D.C.!|]", "ABACDEDFACDF")])
def test_da_capo_dal_segno_and_coda_are_followed(music, order):
    text = f"X:1\nL:1/8\nK:C\n{music}\n"
    assert "".join(text[e.start:e.stop] for e in performed(parse(text)) if isinstance(e, Note)) == order


@pytest.mark.parametrize(("order", "played"), [
    ("AABB", "ABABCC"), ("A(BA)2", "ABCABCAB"), ("B.A3", "CABABAB"), ("((AB)2)2", "ABCABCABCABC"), ("AC", "ABC"),
    ("", "ABC"), ("A99(", "ABC")])
def test_parts_are_played_in_the_order_of_their_field(order, played):
    text = f"X:1\nP:{order}\nL:1/8\nK:C\nP:A\nA|B|\nP:B\nC|]\n"
    assert "".join(text[e.start:e.stop] for e in performed(parse(text)) if isinstance(e, Note)) == played


@pytest.mark.parametrize("music", ["[1:|" * 3000, "[2A" * 9000, ":|" * 20000, "|:[9A" * 3000, "||A" * 9000,
                                   "!D.C.!|" + "[2A" * 9000, "!D.S.!A|S" * 9000, "!D.C.!|" + "|:[9A||" * 3000,
                                   "OA|" * 9000])
def test_odd_repeats_come_to_an_end(music):
    text = f"X:1\nK:C\n{music}\n"
    assert len(performed(parse(text))) < 200_000


def test_key_signature_and_accidentals_through_the_bar():
    assert pitches("FCc|=F f F|F _B, =B, B,|B") == [66, 61, 73, 65, 77, 65, 66, 58, 59, 59, 71]


def test_ties_make_one_note_also_over_the_bar_and_keep_the_accidental():
    notes = perform(tune("A-A ^G-|G G")).notes
    assert [(n.midi, n.start_s, n.seconds) for n in notes] == [(69, 0, 1), (68, 1, 1), (67, 2, .5)]
    chords = perform(tune("[DF]-[DA]")).notes
    assert sorted((n.midi, n.seconds) for n in chords) == [(62, 1.0), (66, .5), (69, .5)]


def test_onsets_of_broken_rhythm_and_tuplets():
    assert onsets("A>B c<d (3efg a") == pytest.approx([0, .75, 1, 1.25, 2, 2 + 1 / 3, 2 + 2 / 3, 3])


def test_rests_are_silent_but_take_their_time_and_their_turn():
    played = perform(tune("A z B"))
    assert [n.start_s for n in played.notes] == [0, 1]
    assert [step.id for step in played.steps] == [f"n{len(HEAD) + i}" for i in (0, 2, 4)]
    assert played.at(.7) == f"n{len(HEAD) + 2}"
    assert (played.at(-.1), played.at(1.5)) == (None, None)


def test_the_cursor_returns_in_a_repeat_and_a_selection_has_its_span():
    played = perform(tune("|:A B:|c"))
    first, second = f"n{len(HEAD) + 2}", f"n{len(HEAD) + 4}"
    assert [played.at(s) for s in (0, .5, 1, 1.5)] == [first, second, first, second]
    assert played.span([second]) == (.5, 1.0)
    assert played.span([first, second]) == (0.0, 2.0)
    assert played.span(["n1"]) is None


@pytest.mark.parametrize(("text", "rate"), [("1/4=120", 120), ("3/8=100", 150), ('"Allegro" 1/2=60', 120), ("120", 60),
                                            ("1/4 1/8=60", 90), ("C=120", 60), ('"Lively"', None), ("0/0=3", None),
                                            ("1/4=0", None), ("1/1=9999", 1000)])
def test_tempo_fields(text, rate):
    assert read_tempo(text, Fraction(1, 8)) == rate


def test_tempo_without_a_field_follows_the_meter():
    assert usual(Meter("6/8", Fraction(3, 4), True)) == 112 * 1.5
    assert usual(Meter("4/4", Fraction(1), False)) == 160
    assert onsets("A2B2", "X:1\nM:4/4\nL:1/8\nK:C\n") == [0, 60 / 160]


def test_tempo_can_be_set_in_beats():
    assert onsets("A3B3", "X:1\nM:6/8\nL:1/8\nK:C\n", tempo=60) == [0, 1]
    assert onsets("A2B2", tempo=30) == [0, 2]
    with pytest.raises(InputError, match="tempo in beats a minute: expected 10 to 1,000, got 5"):
        perform(tune("A"), tempo=5)


def test_tempo_may_change_on_the_way():
    assert onsets("A2B2[Q:1/4=120]c2d2") == [0, 1, 2, 2.5]


def test_grace_notes_take_their_time_from_the_note():
    notes = perform(tune("{gf}A2B2")).notes
    assert [(n.midi, n.start_s, n.seconds) for n in notes] == [
        (79, 0, .125), (78, .125, .125), (69, .25, .75), (71, 1, 1)]
    assert {n.id for n in notes[:3]} == {notes[2].id}


def test_ornaments_fill_the_note_and_can_be_left_out():
    for sign in ("~", "T", "M", "P", "!trill!"):
        notes = perform(tune(f"{sign}A3 B")).notes
        assert len(notes) > 2
        assert {n.midi for n in notes[:-1]} <= {67, 69, 71}
        assert sum(n.seconds for n in notes[:-1]) == pytest.approx(1.5)
        assert notes[-1].start_s == 1.5
    assert pitches("~A3{g}TB", ornaments=False) == [69, 71]
    assert perform(tune(".A2")).notes[0].seconds == .5


def test_velocities_follow_the_meter():
    assert [n.velocity for n in perform(tune("ABcd efga|b")).notes] == [
        LOUD, SOFT, MIDDLE, SOFT, MIDDLE, SOFT, MIDDLE, SOFT, LOUD]


def test_clicks_on_the_beats_also_with_a_pickup_and_a_split_bar():
    clicks = perform(tune("A2|:B8|B6:|A2 A8|]"), metronome=True).clicks
    assert [c.start_s for c in clicks] == list(range(1 + 4 + 3 + 4 + 3 + 1 + 4))
    first = [c.start_s for c in clicks if c.midi == 76]
    assert first[:3] == [1, 5, 9]
    assert perform(tune("A2")).clicks == ()


def test_chord_symbols():
    assert chord_of("Am7/G") == (43, 48, 52, 55, 57)
    assert chord_of("Bb") == (46, 50, 53, 58)
    assert chord_of("nonsense") == ()
    assert perform(tune('"D.C. al Fine"A4|"Fine"A4|'), chords=True).chords == ()
    played = perform(tune('"D"A4 "G"B4|c8|]'), chords=True)
    assert sorted({(n.start_s, n.seconds) for n in played.chords}) == [(0, 2), (2, 2), (4, 4)]
    assert perform(tune('"D"A4')).chords == ()


def test_a_tune_without_notes_is_silence():
    played = perform(parse("X:1\nK:C\n"), chords=True, metronome=True)
    assert (played.notes, played.chords, played.clicks, played.seconds) == ((), (), (), 0)
    assert mido.MidiFile(file=io.BytesIO(midi_bytes(played))).length == 0


def test_a_midi_file_says_the_same():
    played = perform(tune('A2|:"D"F>G A2:|[Q:1/4=90]d4'), chords=True, metronome=True)
    file = mido.MidiFile(file=io.BytesIO(midi_bytes(played, program=40, tail_s=1.0)))
    assert file.ticks_per_beat == TICKS
    meta = {m.type: m for m in reversed(file.tracks[0]) if m.is_meta}
    assert meta["track_name"].name == "Test"
    assert (meta["time_signature"].numerator, meta["key_signature"].key) == (4, "D")
    assert [round(60e6 / m.tempo) for m in file.tracks[0] if m.type == "set_tempo"] == [60, 90]
    sounding, now, channels, programs = [], 0.0, set(), {}
    for message in file:
        now += message.time
        if message.type == "note_on":
            channels.add(message.channel)
            if message.channel == MELODY:
                sounding.append((round(now, 4), message.note, message.velocity))
        elif message.type == "program_change":
            programs[message.channel] = message.program
    assert sounding == [(round(n.start_s, 4), n.midi, n.velocity) for n in played.notes]
    assert channels == {MELODY, CHORDS, CLICKS}
    assert programs == {MELODY: 40, CHORDS: 24}
    assert file.length == pytest.approx(played.seconds + 1.0, abs=0.01)


def test_all_notes_of_a_midi_file_end():
    file = mido.MidiFile(file=io.BytesIO(midi_bytes(perform(tune("AAAA [AF][AF]|A/64A/64")))))
    open_notes: dict[int, int] = {}
    for message in file.tracks[1]:
        if message.type in ("note_on", "note_off"):
            open_notes[message.note] = open_notes.get(message.note, 0) + (1 if message.type == "note_on" else -1)
            assert open_notes[message.note] in (0, 1)
    assert set(open_notes.values()) == {0}


def test_keys_of_midi_files_have_the_accidentals_of_the_mode():
    for key, name in ((Key(1, 0, "dor"), "C"), (Key(4, 0, "mix"), "C"), (Key(0, 0, "min"), "Eb")):
        text = f"X:1\nK:{key}\nA\n"
        file = mido.MidiFile(file=io.BytesIO(midi_bytes(perform(parse(text)))))
        assert next(m.key for m in file.tracks[0] if m.type == "key_signature") == name


def heard(stream):
    """(onset in quarters, MIDI numbers) of the notes and chords of a stream of music21."""
    return [(Fraction(note.offset).limit_denominator(960), tuple(sorted(pitch.midi for pitch in note.pitches)))
            for note in stream.flatten().notes if not note.duration.isGrace and "ChordSymbol" not in note.classes]


def read_by_us(tune):
    found, now = [], Fraction(0)
    for note in tune.notes:
        if note.pitches:
            found.append((now.limit_denominator(960), tuple(sorted(pitch.midi for pitch in note.pitches))))
        now += 4 * note.duration
    return found


def unadorned(path):
    """The text of a tune without annotations, decorations, graces and slurs, behind which music21 loses its way."""
    header, _, body = re.split(r"(?m)^(K:.*\n)", path.read_text(encoding="latin-1"), maxsplit=1)
    key = re.search(r"(?m)^K:.*\n", path.read_text(encoding="latin-1"))[0]
    return header + key + re.sub(r'"[^"]*"|\{[^}]*\}|[.~uvkTPMHSLO\\\\)]|\((?!\d)', "", body)


MISREAD = {"StPierreHornpipe.abc", "PusheesHornpipe.abc", "RakesOfWestmeathJig.abc",  # an accidental is forgotten
           "AndrewCareysSlipjig.abc"}                                                  # the note before :: is lost
"""Tunes that music21 10.5 reads against the standard (abcnotation.com, 4.2 and 4.8)."""


@pytest.mark.slow
def test_music21_reads_the_same_in_fifty_tunes():
    from music21 import converter

    paths = sorted((music21_corpus() / "ryansMammoth").glob("*.abc"), key=lambda path: path.stat().st_size)[40:94]
    paths = [path for path in paths if path.name not in MISREAD]
    assert len(paths) == 50
    different = []
    for path in paths:
        text = unadorned(path)
        tune = parse(text)
        ours = read_by_us(tune)
        if ours != heard(converter.parseData(text, format="abc")):
            different.append(path.name)
        assert heard(stream_of(tune)) == ours, path.name
    assert different == []


@pytest.mark.parametrize("music", ["A2B2|:c2d2:|e8|]", "|:A2B2|1c2d2:|2e2f2|]", "|:(3ABc A>B|A2-A2::B4:|"])
def test_music21_unfolds_repeats_to_the_same(music):
    written = tune(music)
    expanded = heard(stream_of(written).parts[0].expandRepeats().stripTies())
    played = perform(written, ornaments=False)
    assert [(pytest.approx(n.start_s), (n.midi,)) for n in played.notes] == [(float(at), ps) for at, ps in expanded]
