"""The front end gives librosa's numbers, the same ones piece by piece, at the right times."""

from __future__ import annotations

import librosa
import numpy as np
import pytest
import soundfile as sf
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.audio.features import FRAMES_AT_ONCE, MelFrontEnd, mel_bank, mel_frequencies
from engine.audio.waveform import AudioFile, Waveform

SR = 22050
FRONT_END = MelFrontEnd()


def noise(samples: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (0.3 * rng.standard_normal(samples) * np.linspace(0.01, 1, samples)).astype(np.float32)


def librosa_spectrogram(y: np.ndarray, **options: float) -> np.ndarray:
    S = librosa.feature.melspectrogram(y=y, power=1, htk=True, norm=1, center=True, pad_mode="constant", **options)
    return np.log(np.maximum(S, 1e-7))


@pytest.mark.parametrize("samples", [100, 1024, 315 * FRAMES_AT_ONCE - 1, 315 * (FRAMES_AT_ONCE + 3)])
def test_numbers_are_those_of_librosa(samples):
    y = noise(samples)
    peer = librosa_spectrogram(y, sr=SR, n_fft=1024, hop_length=315, n_mels=80, fmin=27.5, fmax=8000)
    np.testing.assert_allclose(FRONT_END(torch.from_numpy(y)).numpy(), peer, atol=1e-4)


def test_numbers_are_those_of_librosa_with_other_settings():
    y = noise(16000)
    front_end = MelFrontEnd(sr=16000, n_fft=512, hop_length=160, n_mels=40, fmin=100, fmax=7000)
    peer = librosa_spectrogram(y, sr=16000, n_fft=512, hop_length=160, n_mels=40, fmin=100, fmax=7000)
    np.testing.assert_allclose(front_end(torch.from_numpy(y)).numpy(), peer, atol=1e-4)


@settings(max_examples=25, deadline=None)
@given(samples=st.one_of(st.integers(1, 3000), st.integers(100_000, 240_000)), channels=st.integers(1, 3))
def test_a_file_in_blocks_is_the_whole(tmp_path_factory, samples, channels):
    y = np.stack([noise(samples, seed) for seed in range(channels)])
    path = tmp_path_factory.mktemp("sound") / "x.wav"
    sf.write(path, y.T, SR, subtype="FLOAT")
    pieces = FRONT_END.spectrogram_of_file(AudioFile(path))
    whole = FRONT_END.spectrogram(Waveform(y, SR))
    assert pieces.S.shape == whole.S.shape == (80, 1 + samples // 315)
    torch.testing.assert_close(pieces.S, whole.S, atol=1e-4, rtol=0)


@pytest.mark.parametrize("sr", [8000, 44100, 48000])
@pytest.mark.parametrize("seconds", [0.01, 1.0, 11.3])
def test_a_file_of_another_rate_in_blocks_is_the_whole(tmp_path, sr, seconds):
    y = noise(round(seconds * sr))
    sf.write(tmp_path / "x.wav", y, sr, subtype="FLOAT")
    pieces, whole = FRONT_END.spectrogram_of_file(AudioFile(tmp_path / "x.wav")), FRONT_END.spectrogram(Waveform(y, sr))
    assert pieces.S.shape == whole.S.shape
    # the resampler's rounding: far below what is audible, so compare magnitudes
    torch.testing.assert_close(pieces.S.exp(), whole.S.exp(), atol=1e-4, rtol=1e-3)


@pytest.mark.parametrize("sr", [22050, 48000])
@pytest.mark.parametrize("seconds", [0.1, 1.0, 2.5, 6.3])
def test_a_click_is_heard_when_it_sounds(tmp_path, sr, seconds):
    y = np.zeros(7 * sr, np.float32)
    y[round(seconds * sr)] = 1
    sf.write(tmp_path / "x.wav", y, sr, subtype="FLOAT")
    spectrogram = FRONT_END.spectrogram_of_file(AudioFile(tmp_path / "x.wav"))
    assert spectrogram.frames_per_second == 70
    assert int(spectrogram.S.exp().sum(0).argmax()) == round(seconds * 70)


def test_progress_ends_with_the_file_and_every_block_is_reported(tmp_path):
    sf.write(tmp_path / "x.wav", noise(12 * SR), SR)
    seen = []
    FRONT_END.spectrogram_of_file(AudioFile(tmp_path / "x.wav"), seen.append)
    shares = [progress.fraction for progress in seen]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert len(shares) >= 3


def test_silence_is_the_floor():
    S = FRONT_END(torch.zeros(5000))
    assert S.numpy() == pytest.approx(np.log(1e-7))


def test_the_gradient_reaches_the_waveform_and_is_right():
    front_end = MelFrontEnd(sr=2000, n_fft=64, hop_length=20, n_mels=6, fmin=50, fmax=900).double()
    y = torch.from_numpy(noise(150, 3)).double().requires_grad_()
    assert torch.autograd.gradcheck(front_end, (y,), eps=1e-6, atol=1e-4)


def test_the_gradient_of_silence_is_finite():
    y = torch.zeros(2000, requires_grad=True)
    FRONT_END(y).sum().backward()
    assert torch.isfinite(y.grad).all()


def test_bands_are_those_of_librosa_and_cover_what_they_say():
    peer = librosa.filters.mel(sr=SR, n_fft=1024, n_mels=80, fmin=27.5, fmax=8000, htk=True, norm=1)
    bank = mel_bank(sr=SR, n_fft=1024, n_mels=80, fmin=27.5, fmax=8000)
    np.testing.assert_allclose(bank, peer, atol=1e-6)
    edges = mel_frequencies(80, 27.5, 8000)
    assert edges[[0, -1]] == pytest.approx([27.5, 8000])
    centre_of_mass = (bank * np.arange(513) * SR / 1024).sum(1)
    assert ((edges[:-2] < centre_of_mass) & (centre_of_mass < edges[2:])).all()


@pytest.mark.parametrize("pitch", [0.7, 0.9, 1.1, 1.3])
def test_a_bank_at_another_pitch_reads_a_tone_where_the_shifted_tone_lies(pitch):
    options = {"sr": SR, "n_fft": 1024, "n_mels": 80, "fmin": 27.5, "fmax": 8000.0}
    tone = np.zeros(513, np.float32)
    tone[60] = 1   # 1,292 Hz
    shifted = np.interp(np.arange(513) / pitch, np.arange(513), tone)
    read, expected = mel_bank(**options, pitch=pitch) @ tone, mel_bank(**options) @ shifted
    assert abs(int(read.argmax()) - int(expected.argmax())) <= 1
    assert mel_bank(**options, pitch=pitch).sum(1) == pytest.approx(1, abs=1e-5)
