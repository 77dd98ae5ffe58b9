"""Interventions: each does what its units say, and gives back the sound's rate, channels and length."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.audio.change import level_of_change
from engine.audio.interventions import INTERVENTIONS, SURVIVAL
from engine.audio.waveform import Waveform
from engine.checks import InputError
from tests.engine.intervening import SR, apply, music, tone

KEEPING_LENGTH = sorted(set(INTERVENTIONS) - {"tempo"})


def inner_db(after, before):
    """Level after over level before, each in its middle half."""
    power = [np.square(w.y[..., (n := w.y.shape[-1] // 4) : -n], dtype=float).mean() for w in (after, before)]
    return 10 * np.log10(power[0] / power[1])


@pytest.mark.parametrize("name", KEEPING_LENGTH)
@pytest.mark.parametrize(("sr", "channels"), [(44100, 2), (48000, 0), (22050, 1), (11025, 3), (37800, 0)])
def test_rate_channels_and_length_stay(name, sr, channels):
    before = music(0.5, sr, channels)
    values = {"cutoff_hz": 4000} if "low-pass" in name else {}
    after = apply(name, before, **values)
    assert (after.sr, after.y.shape, after.y.dtype) == (sr, before.y.shape, np.float32)
    assert np.isfinite(after.y).all()
    assert np.array_equal(after.y, apply(name, before, **values).y)


@settings(max_examples=60, deadline=None)
@given(samples=st.integers(0, 3000), channels=st.sampled_from([0, 1, 2]), name=st.sampled_from(sorted(INTERVENTIONS)),
       sr=st.sampled_from([22050, 44100]))
def test_any_length_passes(samples, channels, name, sr):
    y = np.random.default_rng(samples).uniform(-1, 1, (max(1, channels), samples)).astype(np.float32)
    before = Waveform(y if channels else y[0], sr)
    after = apply(name, before)
    if name == "tempo":
        assert after.y.shape[-1] == (max(1, round(samples / 1.1)) if samples else 0)
    else:
        assert after.y.shape == before.y.shape
    assert np.isfinite(after.y).all()


@pytest.mark.parametrize("name", sorted(set(INTERVENTIONS) - {"dc-added", "hum-added"}))
def test_silence_stays_silent(name):
    silence = Waveform(np.zeros((2, 5000), np.float32), SR)
    assert np.abs(apply(name, silence).y).max() < 1e-6


@pytest.mark.parametrize(("name", "values"), [
    ("gain", {"gain_db": 0}), ("dc-added", {"offset": 0}), ("tempo", {"tempo": 1}), ("pitch", {"semitones": 0}),
    ("shift", {"samples": 0}), ("resample", {"rate_hz": 22050})])
def test_neutral_parameters_change_nothing(name, values):
    before = music(0.3, channels=2)
    assert np.array_equal(apply(name, before, **values).y, before.y)


@pytest.mark.parametrize(("name", "values", "hz", "expected"), [
    # zero-phase 20 lg(1 + (cut-off / f)^8), causal 10 lg(1 + (cut-off / f)^16); bilinear warping adds .3 dB at 1 kHz
    ("high-pass", {"cutoff_hz": 200}, 200, -6.02), ("high-pass", {"cutoff_hz": 200}, 100, -48.2),
    ("high-pass", {"cutoff_hz": 200}, 400, -0.03), ("high-pass", {"cutoff_hz": 20}, 10, -48.2),
    ("low-pass", {"cutoff_hz": 500}, 500, -6.02), ("low-pass", {"cutoff_hz": 500}, 1000, -48.5),
    ("low-pass", {"cutoff_hz": 500}, 250, -0.03),
    ("high-pass-causal", {"cutoff_hz": 200}, 200, -3.01), ("high-pass-causal", {"cutoff_hz": 200}, 100, -48.2),
    ("low-pass-causal", {"cutoff_hz": 500}, 500, -3.01),
    ("band-stop", {"low_hz": 300, "high_hz": 600}, 300, -6.02),
    ("band-stop-causal", {"low_hz": 300, "high_hz": 600}, 600, -3.01),
    ("gain", {"gain_db": -6}, 440, -6.0), ("gain", {"gain_db": 12.5}, 440, 12.5)])
def test_tones_come_out_at_the_stated_level(name, values, hz, expected):
    before = tone(hz, seconds=4)
    assert inner_db(apply(name, before, **values), before) == pytest.approx(expected, abs=0.15)


def test_a_band_stop_takes_its_middle_and_leaves_the_rest():
    for suffix in ("", "-causal"):
        for hz, expected in [(424, None), (75, 0), (2400, 0)]:
            before = tone(hz, seconds=2)
            found = inner_db(apply(f"band-stop{suffix}", before, low_hz=300, high_hz=600), before)
            assert found < -60 if expected is None else found == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize("name", ["high-pass", "low-pass", "band-stop"])
def test_zero_phase_moves_nothing_and_causal_only_later(name):
    click = np.zeros(8001, np.float32)
    click[4000] = 1
    values = {"cutoff_hz": 500} if "pass" in name else {}
    both = apply(name, Waveform(click, SR), **values).y
    np.testing.assert_allclose(both, both[::-1], atol=1e-6)
    later = apply(f"{name}-causal", Waveform(click, SR), **values).y
    assert np.abs(later[:4000]).max() < 1e-9
    assert np.abs(later[4001:]).max() > 1e-3


def test_an_offset_is_added_and_removed():
    before = music(0.5, channels=2)
    after = apply("dc-added", before, offset=0.2)
    np.testing.assert_allclose(after.y - before.y, 0.2, atol=1e-6)
    assert np.abs(apply("dc-removed", after).y.mean(axis=1)).max() < 1e-7
    still = Waveform(np.full(3000, 0.3, np.float32), SR)
    for name in ("high-pass", "high-pass-causal"):
        assert np.abs(apply(name, still).y).max() < 1e-6


@pytest.mark.parametrize("hz", [3.0, 10.0, 18.5])
def test_a_hum_is_added_at_its_level_and_removed_without_trace(hz):
    before = tone(440, 0.2, seconds=3)
    after = apply("hum-added", before, hz=hz, level_db=-20)
    added = Waveform(after.y - before.y, SR)
    assert np.abs(added.y).max() == pytest.approx(0.1, rel=1e-3)
    spectrum = np.abs(np.fft.rfft(added.y * np.hanning(len(added.y)), 1 << 20))
    assert np.argmax(spectrum) * SR / (1 << 20) == pytest.approx(hz, abs=0.05)
    np.testing.assert_allclose(apply("hum-removed", after, hz=hz).y, before.y, atol=1e-3)
    assert inner_db(apply("high-pass", added, cutoff_hz=2 * hz), added) < -45


@pytest.mark.parametrize("snr_db", [-10.0, 0.0, 30.0, 60.0])
@pytest.mark.parametrize("channels", [0, 2])
def test_noise_has_the_stated_ratio_and_hangs_on_the_seed(snr_db, channels):
    before = music(1.0, 44100, channels)
    after = apply("noise", before, snr_db=snr_db, seed=3)
    added = after.y.astype(float) - before.y
    assert 10 * np.log10(np.square(before.y).mean() / np.square(added).mean()) == pytest.approx(snr_db, abs=0.1)
    assert not np.array_equal(after.y, apply("noise", before, snr_db=snr_db, seed=4).y)
    white = np.abs(np.fft.rfft(np.atleast_2d(added)[0])) ** 2
    half = len(white) // 2
    assert white[:half].mean() == pytest.approx(white[half:].mean(), rel=0.1)


def test_a_room_echoes_as_long_and_as_loud_as_it_says():
    click = np.zeros(2 * SR, np.float32)
    click[100] = 1
    answer = apply("room", Waveform(click, SR), decay_s=1.0, direct_db=6, snr_db=120).y[100:].astype(float)
    energy = answer**2
    assert 10 * np.log10(energy[0] / energy[1:SR].sum()) == pytest.approx(6, abs=0.1)
    tenths = 10 * np.log10(energy[1 : SR + 1 - SR % 10].reshape(-1, SR // 10).mean(axis=1))
    assert np.polyfit(np.arange(10) / 10, tenths, 1)[0] == pytest.approx(-60, abs=2)  # dB per second
    noise = np.random.default_rng(0).standard_normal(2 * SR).astype(np.float32)
    assert inner_db(apply("room", Waveform(noise, SR), snr_db=30), Waveform(noise, SR)) == pytest.approx(0, abs=0.3)


@pytest.mark.parametrize("samples", [1, 37, -5, 10**4])
def test_a_shift_moves_by_whole_samples(samples):
    before = music(0.2, channels=2)
    after = apply("shift", before, samples=samples)
    n = before.y.shape[1]
    expected = np.zeros_like(before.y)
    for i in range(max(0, samples), min(n, n + samples)):
        expected[:, i] = before.y[:, i - samples]
    assert np.array_equal(after.y, expected)


def test_polarity_turns_and_turns_back():
    before = music(0.1)
    assert np.array_equal(apply("polarity", before).y, -before.y)
    assert np.array_equal(apply("polarity", apply("polarity", before)).y, before.y)


def test_resampling_takes_what_the_lower_rate_cannot_hold():
    assert inner_db(apply("resample", tone(9000, sr=44100)), tone(9000, sr=44100)) < -80
    assert inner_db(apply("resample", tone(5000, sr=44100)), tone(5000, sr=44100)) == pytest.approx(0, abs=0.01)


def pitch_of(waveform):
    y = waveform.y[len(waveform.y) // 8 : -len(waveform.y) // 8]
    return np.argmax(np.abs(np.fft.rfft(y * np.hanning(len(y)), 1 << 19))) * waveform.sr / (1 << 19)


@pytest.mark.parametrize("tempo", [0.5, 0.8, 1.25, 2.0])
def test_a_time_stretch_keeps_the_pitch_and_changes_the_length(tempo):
    before = tone(440, seconds=3)
    after = apply("tempo", before, tempo=tempo)
    assert after.y.shape[-1] == round(len(before.y) / tempo)
    assert pitch_of(after) == pytest.approx(440, rel=0.005)
    assert inner_db(after, before) == pytest.approx(0, abs=0.5)


@pytest.mark.parametrize("semitones", [-12, -1, 0.5, 7, 12])
def test_a_pitch_shift_moves_a_tone_by_semitones(semitones):
    after = apply("pitch", tone(440, seconds=3), semitones=semitones)
    assert pitch_of(after) == pytest.approx(440 * 2 ** (semitones / 12), rel=0.005)


def test_a_pitch_shift_leaves_attacks_where_they_are():
    y = np.zeros(2 * SR, np.float32)
    y[SR : SR + 2000] = np.random.default_rng(0).standard_normal(2000)
    after = apply("pitch", Waveform(y, SR), semitones=4).y.astype(float) ** 2
    centre = np.average(np.arange(len(after)), weights=after)
    assert centre == pytest.approx(SR + 1000, abs=0.03 * SR)


@pytest.mark.parametrize(("name", "values", "message"), [
    ("gain", {"gain_db": 99}, r"gain: change in dB: expected -60 to 40, got 99"),
    ("gain", {"gain_db": float("nan")}, "expected -60 to 40"),
    ("high-pass", {"cutoff_hz": 0}, "cut-off in Hz: expected 1 to 20,000"),
    ("high-pass", {"cutoff_hz": 11025}, r"below half the sample rate \(11,025 Hz\), got 11,025 Hz"),
    ("low-pass-causal", {"cutoff_hz": 15000}, "half the sample rate"),
    ("band-stop", {"low_hz": 500, "high_hz": 400}, "expected the lower edge first, got 500 to 400 Hz"),
    ("hum-added", {"hz": 300}, "expected 0.5 to 200"),
    ("tempo", {"tempo": 3}, "expected 0.5 to 2"),
    ("pitch", {"semitones": 13}, "expected -12 to 12"),
    ("ogg", {"quality": 1.5}, "quality: expected 0 to 1"),
    ("mp3", {"kbps": 1000}, "bit rate in kbit/s: expected 8 to 320"),
    ("mp3", {"bitrate": 128}, "expected one of kbps, got 'bitrate'"),
    ("noise", {"snr": 30}, "did you mean snr_db"),
])
def test_bad_parameters_are_refused_with_their_range(name, values, message):
    with pytest.raises(InputError, match=message):
        apply(name, music(0.1), **values)


def test_every_slider_can_be_built_and_labelled():
    for name, intervention in INTERVENTIONS.items():
        assert name == intervention.name
        for parameter in intervention.parameters:
            assert parameter.low <= parameter.default <= parameter.high
            assert parameter.low > 0 or not parameter.logarithmic
    assert INTERVENTIONS["high-pass"].at(cutoff_hz=1500).words == "high-pass, zero-phase (cut-off 1,500 Hz)"
    assert INTERVENTIONS["polarity"].at().words == "polarity inverted"


def test_the_survival_treatments_pass_at_any_rate():
    assert list(SURVIVAL) == ["wav-16", "ogg", "mp3", "resample", "low-pass", "gain", "shift", "noise"]
    for sr in (8000, 16000, 22050, 44100):
        before = music(0.4, sr, channels=2)
        for treatment in SURVIVAL.values():
            after = treatment.apply(before)
            assert after.y.shape == before.y.shape
            assert np.isfinite(after.y).all()
            assert np.array_equal(after.y, treatment.apply(before).y)


@pytest.mark.parametrize(("name", "values", "audible"), [
    ("wav-16", {}, False), ("shift", {}, False), ("polarity", {}, False), ("dc-added", {}, False),
    ("hum-added", {}, False), ("high-pass", {"cutoff_hz": 15}, False), ("high-pass", {"cutoff_hz": 300}, True),
    ("low-pass", {"cutoff_hz": 2000}, True), ("noise", {"snr_db": 80}, False), ("noise", {"snr_db": 10}, True),
    ("gain", {"gain_db": -6}, True), ("room", {}, True), ("mp3", {"kbps": 8}, True), ("tempo", {}, None),
    ("pitch", {}, None)])
def test_what_a_listener_could_hear(name, values, audible):
    before = music(1.0, 44100)
    treatment = INTERVENTIONS[name].at(**values)
    change = level_of_change(before, treatment.apply(before), aligned=treatment.aligned)
    assert change.audible is audible
