"""Import of MIDI: round trips, the grid, the voice on top, spelling and keys."""

import io

import mido
import pytest

from engine.folk import import_midi
from engine.folk.abc_text import parse
from engine.folk.keys import Key
from engine.folk.melody import abc_of
from engine.folk.midi import midi_bytes
from engine.folk.performance import perform
from tests.engine.imported import midi, ryans


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
