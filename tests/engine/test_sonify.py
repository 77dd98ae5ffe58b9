"""The way back to sound: levels, identity, inversion, and changes that arrive in the spectrogram they were made in."""

import numpy as np
import pytest
import soundfile as sf
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.audio.features import MelFrontEnd
from engine.audio.sonify import faded, from_spectrogram, griffin_lim, magnitude_of_mel, with_mel_gain
from engine.audio.waveform import AudioFile, Waveform
from engine.checks import InputError
from engine.explain.segments import temporal
from engine.job import Cancelled
from engine.listening.explain import Question, excerpt_spectrogram, explain
from engine.listening.sounds import SOUNDS, edited, sounds

FRONT_END = MelFrontEnd()


def music(sr=22050, seconds=1.7, channels=1, seed=0):
    """Chords that change, with a little noise: something in every band."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(seconds * sr)) / sr
    y = 0.01 * rng.standard_normal((channels, len(t)))
    for k, f in enumerate([110.0, 220.5, 331.0, 701.0, 1403.0, 2801.0, 5003.0]):
        y += 0.1 / (k + 1) * np.sin(2 * np.pi * f * t + k) * (1 + 0.5 * np.sin(2 * np.pi * (k + 1) * t))
    return Waveform(np.squeeze(y.astype(np.float32), 0) if channels == 1 else y.astype(np.float32), sr)


def mel(waveform, frames=None):
    return FRONT_END.spectrogram(waveform).S.exp()[:, :frames]


def relative(a, b):
    return float(torch.linalg.norm(a - b) / torch.linalg.norm(b))


def test_inversion_fits_better_than_librosa_and_has_no_negative_magnitude():
    from librosa.util import nnls

    M = mel(music(), 40)
    X = magnitude_of_mel(M, FRONT_END.bank)
    theirs = torch.from_numpy(nnls(FRONT_END.bank.numpy(), M.numpy()))
    assert X.min() >= 0
    assert relative(FRONT_END.bank @ X, M) < min(1e-3, relative(FRONT_END.bank @ theirs, M))


def test_inversion_leaves_nothing_above_the_top_band_and_takes_batches():
    M = mel(music(), 30)
    both = magnitude_of_mel(torch.stack([M, 2 * M]), FRONT_END.bank)
    bins = np.arange(513) * 22050 / 1024
    assert both[:, bins >= 8000].max() == 0
    torch.testing.assert_close(both[1], 2 * both[0])


def test_griffin_lim_makes_a_spectrogram_that_is_nearly_its_own():
    y = torch.from_numpy(music().y)
    X = FRONT_END.magnitude(y)
    phase = griffin_lim(X, FRONT_END)
    sound = torch.istft(X * phase, 1024, 315, window=FRONT_END.window, length=len(y))
    assert relative(FRONT_END.magnitude(sound), X) < 0.15
    assert torch.equal(phase, griffin_lim(X, FRONT_END))  # the seed decides


def test_griffin_lim_can_be_cancelled():
    def stop(progress):
        raise Cancelled

    with pytest.raises(Cancelled):
        griffin_lim(torch.ones(513, 20), FRONT_END, report=stop)


@pytest.mark.parametrize("own_phase", [True, False])
def test_what_the_model_hears_is_heard_again_at_the_same_level(own_phase):
    waveform = music()
    S = FRONT_END.spectrogram(waveform).S[:, :115]
    heard = from_spectrogram(S, FRONT_END, phase=waveform if own_phase else None)
    assert heard.sr == 22050
    assert heard.y.shape == (115 * 315,)
    again = FRONT_END.spectrogram(heard).S[:, :115]
    loud = S.max() - 6 < S
    assert float((again - S)[loud].abs().mean()) < 0.25  # neper: 2 dB
    assert np.std(heard.y) == pytest.approx(np.std(waveform.y), rel=0.1)


@settings(max_examples=25, deadline=None)
@given(sr=st.sampled_from([8000, 11025, 22050, 32000, 44100, 48000, 96000]), channels=st.integers(1, 3),
       samples=st.integers(1, 30000), start=st.floats(-1, 1))
def test_gain_one_is_identity_at_any_rate_and_length(sr, channels, samples, start):
    waveform = Waveform(np.random.default_rng(samples).uniform(-1, 1, (channels, samples)).astype(np.float32), sr)
    ones = torch.ones(80, 40)
    out = with_mel_gain(waveform, ones, FRONT_END, before=ones, start=start)
    assert out.sr == sr
    np.testing.assert_allclose(out.y, waveform.y, atol=1e-5)


@pytest.mark.parametrize("sr", [22050, 44100, 48000])
def test_one_gain_for_all_is_a_gain(sr):
    waveform = music(sr)
    half = torch.full((80, 120), 0.5)
    out = with_mel_gain(waveform, half, FRONT_END, before=torch.ones(80, 120))
    np.testing.assert_allclose(out.y, 0.5 * waveform.y, atol=1e-5)


@pytest.mark.parametrize("sr", [22050, 44100])
def test_a_change_arrives_in_the_spectrogram_it_was_made_in(sr):
    waveform = music(sr)
    before = mel(waveform, 115)
    bands, frames = torch.meshgrid(torch.arange(80.0), torch.arange(115.0), indexing="ij")
    gain = torch.exp(-4 * torch.exp(-((bands - 40) / 12) ** 2 - ((frames - 60) / 15) ** 2))
    after = mel(with_mel_gain(waveform, gain, FRONT_END, before=before), 115)
    error = (after.log() - (gain * before).log()).abs()[:, 5:110]
    assert float(error.mean()) < 0.1
    assert float(error.quantile(0.99)) < 0.8


@pytest.mark.parametrize(("sr", "channels"), [(16000, 1), (22050, 1), (44100, 2), (48000, 1)])
def test_energy_that_a_brush_adds_to_silence_is_heard_at_its_level(sr, channels):
    silence = Waveform(np.zeros((channels, sr * 2), np.float32), sr)
    before = torch.full((80, 140), 1e-7)
    wanted = before.clone()
    wanted[30:50, 40:100] = 2.0
    out = with_mel_gain(silence, wanted / before, FRONT_END, before=before)
    got = mel(out, 140)
    inside = got[34:46, 50:90]
    assert float(inside.mean()) == pytest.approx(2.0, rel=0.12)
    assert float(got[:, :25].max()) < 0.05
    assert float(got[60:, 50:90].max()) < 0.2
    np.testing.assert_array_equal(out.y, with_mel_gain(silence, wanted / before, FRONT_END, before=before).y)


def test_what_the_model_does_not_hear_is_never_amplified():
    sr = 44100
    t = np.arange(sr) / sr
    waveform = Waveform((0.1 * np.sin(2 * np.pi * 12000 * t)).astype(np.float32), sr)
    louder = torch.full((80, 70), 3.0)
    same = with_mel_gain(waveform, louder, FRONT_END, before=torch.ones(80, 70))
    inside = slice(2048, -2048)  # where the tone begins and ends there is sound at all frequencies
    np.testing.assert_allclose(same.y[inside], waveform.y[inside], atol=1e-4)
    gone = with_mel_gain(waveform, torch.zeros(80, 70), FRONT_END, before=torch.ones(80, 70))
    assert np.abs(gone.y).max() < 1e-5


def test_a_gain_of_another_shape_is_refused():
    with pytest.raises(InputError, match="expected bands and frames"):
        with_mel_gain(music(), torch.ones(80, 3), FRONT_END, before=torch.ones(80, 4))


def test_fades_touch_the_ends_only():
    waveform = Waveform(np.ones((2, 1000), np.float32), 22050)
    out = faded(waveform)
    n = round(0.005 * 22050)
    assert np.abs(out.y[:, [0, -1]]).max() < 1e-3
    assert (out.y[:, n:-n] == 1).all()
    assert (waveform.y == 1).all()
    assert faded(Waveform(np.ones(1, np.float32), 22050)).y.shape == (1,)


@pytest.fixture
def song(tmp_path):
    path = tmp_path / "song.wav"
    sf.write(path, music(44100, 4.0, channels=2).y.T, 44100, subtype="FLOAT")
    return AudioFile(path)


def answer_of(file, listener, start, fill="mean"):
    features = listener.excerpt(excerpt_spectrogram(file, listener, start), 0)
    return explain(features, listener, Question(start=start, fill=fill))


@pytest.mark.parametrize("start", [0.0, 1.234, 3.5])
def test_every_sound_is_one_excerpt_long_at_its_own_rate(song, listener, start):
    made = sounds(song, listener, answer_of(song, listener, start))
    assert tuple(made) == SOUNDS
    for name, waveform in made.items():
        sr, shape = (22050, (36225,)) if name == "heard" else (44100, (2, 72450))
        assert (waveform.sr, waveform.y.shape) == (sr, shape)
        assert np.abs(waveform.y[..., [0, -1]]).max() < 0.01
    n = round(0.005 * 44100)
    first = round(round(start * 70) / 70 * 44100)
    inside = song.read().y[:, first + n : first + 72450 - n]
    np.testing.assert_array_equal(made["original"].y[:, n : n + inside.shape[1]], inside)


def test_kept_and_removed_show_the_model_what_its_masks_showed(song, listener):
    answer = answer_of(song, listener, 1.0, fill="min-input")
    made = sounds(song, listener, answer)
    top = answer.explanation.top(3)
    borders = [(round(s.start * 44100), round(s.end * 44100)) for s in answer.explanation.segmentation.segments]
    for i, (low, high) in enumerate(borders):
        middle = slice(low + 1500, high - 1500)  # away from what the window smears over
        quiet, loud = ("removed", "kept") if i in top else ("kept", "removed")
        if (i - 1 in top) == (i in top) == (i + 1 in top):
            assert np.std(made[quiet].y[:, middle]) < 0.2 * np.std(made["original"].y[:, middle])
        assert np.std(made[loud].y[:, middle]) > 0.6 * np.std(made["original"].y[:, middle])


def test_hidden_segments_are_gone_from_kept_and_none_hidden_is_the_original(song, listener):
    answer = answer_of(song, listener, 1.0)
    nothing_hidden = sounds(song, listener, answer, hidden=set())
    np.testing.assert_allclose(nothing_hidden["kept"].y, nothing_hidden["original"].y, atol=1e-5)
    everything = sounds(song, listener, answer, hidden=set(range(10)))
    assert np.abs(everything["kept"].y - everything["original"].y).max() > 0.01


def test_an_edit_that_changes_nothing_sounds_like_the_original(song, listener):
    answer = answer_of(song, listener, 0.7)
    out = edited(song, listener, 0.7, answer.features, answer.features)
    np.testing.assert_allclose(out.y, sounds(song, listener, answer)["original"].y, atol=1e-5)


def test_segments_are_where_the_sounds_change():
    cut = temporal(10, bands=80, frames=115, frames_per_second=70.0, frequencies=FRONT_END.frequencies)
    waveform = music()
    before = mel(waveform, 115)
    gain = torch.where(cut.segment_map == 4, 1e-6, 1.0)
    out = with_mel_gain(waveform, gain, FRONT_END, before=before)
    segment = cut.segments[4]
    level = [np.std(out.y[round(t * 22050) : round((t + 0.02) * 22050)]) for t in
             (segment.start - 0.06, (segment.start + segment.end) / 2 - 0.01, segment.end + 0.04)]
    assert level[1] < 0.1 * min(level[0], level[2])
