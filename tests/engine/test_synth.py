"""Sound of tunes: the right pitch on every instrument, the same samples each time, never clipped."""

import os
import signal
import time

import numpy as np
import pytest

from engine.checks import InputError
from engine.folk.abc_text import parse
from engine.folk.performance import perform
from engine.folk.synth import INSTRUMENTS, PEAK, SOUNDFONT, TAIL_S, Synth
from engine.training.cut_soundfont import PRESETS, chunks

JIG = "X:1\nM:6/8\nL:1/8\nK:Edor\n" + '|:"Em"BEE BEE|"D"A3 AGF|"Em"BEE B2c|"A"dBA FED:|\n' * 4


@pytest.fixture(scope="module")
def synth():
    made = Synth()
    yield made
    made.close()


def long_note(note):
    return perform(parse(f"X:1\nM:4/4\nL:1/4\nQ:1/4=120\nK:C\n{note}4\n"))


def cents_off(wave, midi):
    """How far the strongest partial near a pitch is from it."""
    y = wave.mono().cut(0.3, 1.6).y
    spectrum = np.abs(np.fft.rfft(y * np.hanning(len(y)), 1 << 18))
    frequencies = np.fft.rfftfreq(1 << 18, 1 / wave.sr)
    wanted = 440 * 2 ** ((midi - 69) / 12)
    near = np.abs(12 * np.log2(np.maximum(frequencies, 1) / wanted)) < 1
    below = np.abs(12 * np.log2(np.maximum(frequencies, 1) / (wanted / 2))) < 1
    assert spectrum[below].max() < 0.05 * spectrum.max(), "sounds an octave low"
    assert spectrum[near].max() > 0.3 * spectrum.max(), "the fundamental is missing"
    return 1200 * np.log2(frequencies[near][spectrum[near].argmax()] / wanted)


@pytest.mark.parametrize("instrument", INSTRUMENTS)
def test_every_instrument_is_in_tune(synth, instrument):
    for note, midi in (("A", 69), ("d'", 86)):
        assert abs(cents_off(synth.render(long_note(note), instrument), midi)) < 35


@pytest.mark.parametrize("instrument", INSTRUMENTS)
def test_every_key_of_a_tune_sounds(synth, instrument):
    for note in ("G,,", "d'''"):
        assert np.abs(synth.render(long_note(note), instrument).y).max() > 0.01


def test_instruments_are_equally_loud(synth):
    played = perform(parse(JIG))
    levels = {name: float(np.sqrt(np.mean(synth.render(played, name).y ** 2))) for name in INSTRUMENTS}
    assert max(levels.values()) < 2 * min(levels.values())


def test_length_rate_and_determinism(synth):
    played = perform(parse(JIG))
    one, two = synth.render(played, "violin"), synth.render(played, "violin")
    assert one.sr == 48000
    assert one.y.dtype == np.float32
    assert one.y.shape == (2, round((played.seconds + TAIL_S) * 48000))
    assert np.array_equal(one.y, two.y)


def test_notes_begin_where_the_performance_says(synth):
    text = "X:1\nM:4/4\nL:1/4\nQ:1/4=60\nK:C\nzzAz|"
    y = np.abs(synth.render(perform(parse(text)), "piano").mono().y)
    begins = np.argmax(y > 0.2 * y.max()) / 48000
    assert begins == pytest.approx(2.0, abs=0.02)
    assert y[:int(1.99 * 48000)].max() < 1e-3


def test_nothing_clips_however_much_sounds_at_once(synth):
    text = 'X:1\nK:C\n' + '"C7"[CEGceg]"G7"[DFBdfb]' * 16
    wave = synth.render(perform(parse(text), chords=True, metronome=True), "whistle")
    assert np.abs(wave.y).max() == pytest.approx(PEAK, abs=1e-3)
    assert np.mean(np.abs(wave.y) > PEAK - 1e-4) < 1e-3  # one peak, no flat tops


def test_chords_and_clicks_are_heard(synth):
    text = 'X:1\nM:4/4\nL:1/4\nQ:1/4=60\nK:C\n"C"zzzz|'
    silent = synth.render(perform(parse(text)))
    assert np.abs(silent.y).max() < 1e-3
    clicks = np.abs(synth.render(perform(parse(text), metronome=True)).mono().y)
    assert all(clicks[int((s - .02) * 48000):int((s + .1) * 48000)].max() > 0.02 for s in (1, 2, 3))
    assert np.abs(synth.render(perform(parse(text), chords=True)).y).max() > 0.02


def test_it_is_faster_than_real_time(synth):
    played = perform(parse(JIG))
    synth.render(played)
    began = time.perf_counter()
    synth.render(played)
    assert time.perf_counter() - began < played.seconds / 8  # 1/150 on an idle machine


def test_what_cannot_be_played_is_said(synth):
    with pytest.raises(InputError, match="the tune has no notes"):
        synth.render(perform(parse("X:1\nK:C\n")))
    with pytest.raises(InputError, match=r"instrument: expected one of flute.*did you mean violin"):
        synth.render(perform(parse(JIG)), "violine")
    with pytest.raises(InputError, match=r"would play for \d+ min, more than the 20 min"):
        synth.render(perform(parse("X:1\nK:C\n" + "A8|" * 2000)))


def test_the_child_may_be_killed(synth):
    played = perform(parse(JIG))
    before = synth.render(played)
    os.kill(synth.child.pid, signal.SIGKILL)
    assert np.array_equal(synth.render(played).y, before.y)


def test_the_soundfont_is_small_and_carries_its_licence():
    data = SOUNDFONT.read_bytes()
    assert len(data) < 6_000_000
    lists = {data[start:start + 4]: (start + 4, stop) for name, start, stop in chunks(data, 12, len(data))}
    info = {name: data[start:stop] for name, start, stop in chunks(data, *lists[b"INFO"])}
    assert b"Permission is hereby granted" in info[b"ICMT"]
    tables = {name: data[start:stop] for name, start, stop in chunks(data, *lists[b"pdta"])}
    heads = [tables[b"phdr"][at:at + 38] for at in range(0, len(tables[b"phdr"]) - 38, 38)]
    numbers = {(int.from_bytes(h[22:24], "little"), int.from_bytes(h[20:22], "little")) for h in heads}
    assert numbers == set(PRESETS)
    assert {instrument.program for instrument in INSTRUMENTS.values()} == {p for bank, p in PRESETS if not bank}
    assert "MIT" in (SOUNDFONT.parent / "LICENCE.md").read_text(encoding="utf-8")
