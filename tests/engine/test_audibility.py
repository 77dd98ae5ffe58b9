"""What can be heard: thresholds with known answers, and changes whose audibility nobody doubts."""

import time

import numpy as np
import pytest
import torch

from engine.audio.audibility import (
    masking_threshold,
    noise_to_mask,
    quiet_magnitude,
    spreading,
    threshold_in_quiet,
)
from engine.audio.change import Before, level_of_change
from engine.audio.features import MagnitudeFrontEnd
from engine.audio.waveform import Waveform
from engine.checks import InputError

SR = 22050
FRONT_END = MagnitudeFrontEnd(hop_length=256)


def tone(hz, amplitude, seconds=1.0, sr=SR):
    return (amplitude * np.sin(2 * np.pi * hz * np.arange(round(seconds * sr)) / sr)).astype(np.float32)


def noise(amplitude, seconds=1.0, sr=SR, seed=0):
    return (amplitude * np.random.default_rng(seed).standard_normal(round(seconds * sr))).astype(np.float32)


def threshold(y, **options):
    return masking_threshold(FRONT_END.magnitude(torch.from_numpy(y)), sr=SR, n_fft=1024, **options)


def bin_of(hz):
    return round(hz * 1024 / SR)


def db(ratio):
    return 20 * torch.log10(ratio)


def test_threshold_in_quiet_is_terhardts():
    # 3.64 f^-0.8 - 6.5 exp(-0.6 (f - 3.3)^2) + 1e-3 f^4, worked out by hand
    np.testing.assert_allclose(threshold_in_quiet([100.0, 1000.0, 3300.0, 16000.0]),
                               [22.95, 3.37, -4.98, 65.93], atol=0.02)
    assert np.isfinite(threshold_in_quiet([0.0, 96000.0])).all()


def test_spreading_reaches_upwards_further_than_downwards():
    share = spreading(25)
    np.testing.assert_allclose(share.sum(dim=1), 1.0, atol=1e-6)
    per_band = 10 * torch.log10(share / share.diag()[:, None])  # row: masked band, column: masker
    assert per_band[15, 10] == pytest.approx(-40.5, abs=0.1)  # five bands above the masker, by hand
    assert per_band[10, 15] == pytest.approx(-99.2, abs=0.1)  # five below


def test_silence_leaves_the_threshold_in_quiet():
    silent = threshold(np.zeros(SR, np.float32))
    assert torch.equal(silent, quiet_magnitude(sr=SR, n_fft=1024)[:, None].expand_as(silent))
    assert (silent > 0).all()
    higher = quiet_magnitude(sr=SR, n_fft=1024, level_db=80.0)
    audible = slice(bin_of(100), None)
    np.testing.assert_allclose(db(higher[audible] / quiet_magnitude(sr=SR, n_fft=1024)[audible]), 10.0, atol=0.01)


def test_noise_at_the_threshold_in_quiet_has_the_power_of_the_faintest_tone_in_each_band():
    limit = quiet_magnitude(sr=SR, n_fft=1024)
    band = slice(bin_of(3150) + 1, bin_of(3700) + 1)
    faintest = 10 ** ((threshold_in_quiet(3400.0) - 90) / 20)
    sine = FRONT_END.magnitude(torch.from_numpy(tone(3400.0, faintest)))[:, 20]
    assert 10 * torch.log10(limit[band].square().sum() / sine.square().sum()) == pytest.approx(0.0, abs=0.5)


def test_nothing_louder_than_full_scale_passes_as_inaudible():
    full_scale = 1024 / 4
    assert quiet_magnitude(sr=48000, n_fft=1024).max() <= full_scale
    assert quiet_magnitude(sr=SR, n_fft=1024, level_db=0.0).max() <= full_scale


@pytest.mark.parametrize("gain", [0.1, 0.5, 3.0])
def test_masking_grows_with_the_music(gain):
    y = noise(0.1) + tone(440, 0.1)
    quiet, before, after = threshold(0 * y), threshold(y), threshold(gain * y)
    above = (before > 1.01 * quiet) & (after > 1.01 * quiet)
    assert above.float().mean() > 0.9
    np.testing.assert_allclose(after[above], gain * before[above], rtol=1e-3)


def test_a_tone_hides_less_than_noise():
    """14.5 dB and more below a tone, 5.5 dB below noise (Johnston's offsets), before spreading and flatness."""
    y, hiss = tone(1000, 0.2), noise(0.2)
    band = slice(bin_of(920) + 1, bin_of(1080) + 1)

    def below(sound):
        magnitude = FRONT_END.magnitude(torch.from_numpy(sound))[band, 5:-5].square().sum()
        return 10 * torch.log10(magnitude / threshold(sound)[band, 5:-5].square().sum())

    assert below(y) == pytest.approx(14.5 + 9 + 2, abs=2)  # ninth band; renormalisation takes about 2 dB
    assert below(hiss) == pytest.approx(5.5, abs=2.5)


def test_a_tone_masks_a_near_tone_and_not_a_far_one():
    loud = tone(1000, 0.3)
    for hz, heard in [(1000, False), (1100, False), (1200, False), (300, True), (2500, True), (5000, True)]:
        assert (noise_to_mask(loud, tone(hz, 0.3 * 10 ** (-45 / 20)), SR).loudest_db > 0) == heard, hz
        assert noise_to_mask(0 * loud, tone(hz, 0.3 * 10 ** (-45 / 20)), SR).loudest_db > 0
    above, below = (noise_to_mask(loud, tone(hz, 0.003), SR).loudest_db for hz in (1400, 650))
    assert above < below - 10  # three bands on either side: masking reaches upwards


@pytest.mark.parametrize("hz", [30.0, 60.0, 440.0, 3400.0, 9000.0])
@pytest.mark.parametrize("sr", [22050, 44100])
def test_in_silence_a_tone_is_heard_from_its_threshold_in_quiet(hz, sr):
    amplitude = 10 ** ((threshold_in_quiet(hz) + 10 - 90) / 20)
    found = noise_to_mask(np.zeros(2 * sr, np.float32), tone(hz, amplitude, 2.0, sr), sr)
    assert found.loudest_db == pytest.approx(10.0, abs=1.0)
    assert abs(found.hz - hz) < max(100.0, 0.2 * hz)


@pytest.mark.parametrize("hz", [5.0, 10.0, 15.0])
def test_infrasound_and_offset_are_inaudible_however_the_sound_ends(hz):
    for seconds in (2.0, 2.033, 2.07):
        assert noise_to_mask(np.zeros(round(seconds * SR), np.float32), tone(hz, 0.3, seconds), SR).loudest_db < -15
    assert noise_to_mask(noise(0.01), np.full(SR, 0.5, np.float32), SR).loudest_db < -50


@pytest.mark.parametrize("level", [-20.0, -3.0, 6.0])
def test_noise_shaped_by_the_threshold_has_the_ratio_it_was_given(level):
    y = tone(220, 0.2, 4) + tone(660, 0.1, 4) + tone(1980, 0.05, 4) + tone(5000, 0.02, 4)
    white = FRONT_END.stft(torch.from_numpy(noise(1.0, 4, seed=1))) / np.sqrt(1024 * 3 / 8)
    shaped = FRONT_END.istft(white * threshold(y) * 10 ** (level / 20), len(y)).numpy()
    found = noise_to_mask(y, shaped, SR)
    assert found.mean_db == pytest.approx(level, abs=1.0)
    assert found.audible_share == pytest.approx({-20.0: 0.0, -3.0: 0.1, 6.0: 0.95}[level], abs=0.1)


def test_the_worst_channel_and_the_worst_place_are_named():
    y = np.zeros((2, 2 * SR), np.float32)
    residual = y.copy()
    residual[1, SR : SR + 4410] = tone(2000, 0.1, 0.2)
    found = noise_to_mask(y, residual, SR)
    alone = noise_to_mask(y[1], residual[1], SR)
    assert found == alone
    assert 1.0 <= found.seconds <= 1.2
    assert found.hz == pytest.approx(2000, rel=0.2)


def test_no_residual_is_far_below_everything():
    found = noise_to_mask(noise(0.1), np.zeros(SR, np.float32), SR)
    assert (found.mean_db, found.loudest_db) == pytest.approx((-150, -150))
    assert found.audible_share == 0


@pytest.mark.parametrize("samples", [1, 2, 100, 1023, 1025, 7000])
def test_any_length_is_judged(samples):
    found = noise_to_mask(np.zeros(samples, np.float32), noise(0.5)[:samples], SR)
    assert np.isfinite([found.mean_db, found.loudest_db, found.seconds]).all()
    assert 0 <= found.seconds <= samples / SR


def test_what_does_not_fit_is_refused():
    with pytest.raises(InputError, match="of one shape"):
        noise_to_mask(np.zeros(10, np.float32), np.zeros(11, np.float32), SR)
    with pytest.raises(InputError, match=r"expected magnitudes of shape \(513, frames\), got \(80, 9\)"):
        masking_threshold(torch.zeros(80, 9), sr=SR, n_fft=1024)
    with pytest.raises(InputError, match="playback level in dB SPL: expected 0 to 130"):
        threshold(np.zeros(SR, np.float32), level_db=200.0)


def test_thirty_seconds_take_a_tenth_of_a_second():
    magnitude = torch.rand(513, 2100)
    masking_threshold(magnitude, sr=SR, n_fft=1024)
    took = []
    for _ in range(5):
        started = time.perf_counter()
        masking_threshold(magnitude, sr=SR, n_fft=1024)
        took.append(time.perf_counter() - started)
    assert min(took) < 0.1


def wave(y, sr=SR):
    return Waveform(y, sr)


def test_delay_and_polarity_alone_are_not_heard():
    y = noise(0.1)
    for delay, sign in [(1, 1), (-37, 1), (0, -1), (500, -1)]:
        change = level_of_change(wave(y), wave((sign * np.roll(y, delay)).astype(np.float32)))
        assert (change.delay, change.inverted) == (delay, sign < 0)
        assert change.audible is False
    assert level_of_change(wave(y), wave(y)).words == "inaudible: there is no difference"


@pytest.mark.parametrize(("gain_db", "heard"), [(0.1, False), (-0.1, False), (3.0, True), (-6.0, True)])
def test_a_step_in_level_is_heard_from_about_one_decibel(gain_db, heard):
    y = noise(0.1) + tone(440, 0.1)
    change = level_of_change(wave(y), wave((y * 10 ** (gain_db / 20)).astype(np.float32)))
    assert change.audible is heard
    assert (change.margin_db > 0) is heard
    assert change.words.startswith("audible" if heard else "inaudible")


def test_what_cannot_be_compared_has_a_reason():
    y = wave(noise(0.1))
    for other, options in [(wave(y.y[:-1]), {}), (wave(y.y, 44100), {}), (wave(np.stack([y.y, y.y])), {}),
                           (y, {"aligned": False})]:
        change = level_of_change(y, other, **options)
        assert change.audible is None
        assert change.margin_db is None
        assert change.words.startswith("not comparable")


@pytest.mark.parametrize(("level", "words"), [
    (0.0, "silent and stays so"), (1e-6, "below the threshold of hearing in silence"),
    (0.1, "above the threshold of hearing in silence")])
def test_what_is_added_to_silence_is_said_of_silence(level, words):
    silence = Waveform(np.zeros(SR, np.float32), SR)
    assert words in level_of_change(silence, Waveform(tone(1000, level, 1.0), SR)).words


def test_many_changes_of_one_sound_are_judged_as_each_alone():
    before = Before(Waveform(noise(0.1), SR))
    for after in (0.9 * before.sound.y, -before.sound.y, np.roll(before.sound.y, 7), before.sound.y + tone(3000, 0.01)):
        changed = Waveform(after.astype(np.float32), SR)
        assert before.change(changed) == level_of_change(before.sound, changed)
