"""The bundled clips: small, named with their licences, labelled, and the same voice from the same seed."""

from pathlib import Path

import numpy as np
import pytest

from engine.audio.labels import read_intervals
from engine.audio.waveform import AudioFile
from engine.explain import fill_experiment as experiment
from engine.listening import fills
from engine.listening.opening import labels_beside
from engine.training.synth_voice import SR, Note, sing, tune

DEMO = Path(__file__).resolve().parents[2] / "resources" / "demo"
SONGS = ("fantasma", "on-the-run")


def test_all_is_small_and_every_sound_is_attributed():
    assert sum(path.stat().st_size for path in DEMO.iterdir()) < 1_500_000
    text = (DEMO / "ATTRIBUTION.md").read_text(encoding="utf-8")
    for path in DEMO.glob("*.ogg"):
        (line,) = [line for line in text.splitlines() if line.startswith(f"| `{path.name}`")]
        assert "https://creativecommons.org/licenses/" in line
        assert "CC BY" in line


@pytest.mark.parametrize("name", SONGS)
def test_a_demo_song_has_singing_and_music_alone(name):
    file = AudioFile(DEMO / f"{name}.ogg")
    assert 25 <= file.seconds <= 30
    intervals = read_intervals(DEMO / f"{name}.csv")
    assert labels_beside(file.path) == (intervals, "")
    assert all(0 <= i.start < i.end <= file.seconds + 1e-3 for i in intervals)
    sung = sum(i.end - i.start for i in intervals)
    assert 0.3 < sung / file.seconds < 0.7
    y = file.read().mono().y
    assert np.abs(y[[0, -1]]).max() < 0.01
    assert np.std(y) > 0.03


def test_the_bundled_stems_are_a_pair_in_which_somebody_sings_for_long():
    ((vocal, instrumental),) = fills.pairs_in(fills.EXAMPLE)
    stems = fills.read_stems(vocal, instrumental, sr=SR)
    assert stems.song == "tailwind"
    ruler = experiment.Ruler(np.arange(11) * 3465, 630, SR)
    assert len(experiment.sung_excerpts(stems.vocal, ruler, step=round(fills.STEP_SECONDS * SR))) >= 20
    assert np.abs(stems.vocal + stems.instrumental).max() < 1


def test_the_voice_sings_the_pitches_it_is_given():
    notes = [Note(0.0, 1.0, 57, "s", "a"), Note(1.0, 2.0, 62, "m", "i")]
    voice = sing(notes, 2.0, np.random.default_rng(0))
    assert voice.y.shape == (2 * SR,)
    for note in notes:
        part = voice.y[round((note.start + 0.3) * SR) : round((note.end - 0.1) * SR)]
        power = np.fft.irfft(np.abs(np.fft.rfft(part, 1 << 16)) ** 2)
        low, high = SR // 400, SR // 130
        period = low + np.argmax(power[low:high])
        assert 69 + 12 * np.log2(SR / period / 440) == pytest.approx(note.pitch, abs=0.7)


def test_the_same_seed_gives_the_same_voice_and_another_another():
    notes = [Note(0.1, 0.5, 60, "t", "o")]
    first, same, other = (sing(notes, 0.6, np.random.default_rng(seed)).y for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, same)
    assert np.abs(first - other).max() > 1e-3


def test_a_tune_stays_in_the_key_of_what_it_hears():
    t = np.arange(12 * SR) / SR
    chord = sum(np.sin(2 * np.pi * 440 * 2 ** ((p - 69) / 12) * t) for p in (48, 52, 55, 60, 64, 67))  # C major
    notes = tune((0.1 * chord).astype(np.float32), np.random.default_rng(0))
    assert len(notes) > 8
    assert all(note.pitch % 12 in {0, 2, 4, 5, 7, 9, 11} for note in notes)
    assert all(0 <= note.start < note.end <= 12 for note in notes)
