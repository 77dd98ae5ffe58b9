"""Users' models in their own process answer as they would in this one, and harm nothing when they misbehave."""
# ruff: noqa: F811

import os
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.audio.waveform import AudioFile, Waveform, write_wav
from engine.checks import InputError
from engine.explain.adversary import Plan, attack
from engine.explain.fills import fill
from engine.explain.gradients import integrated_gradients
from engine.explain.masking import mask_scores
from engine.explain.segments import segmentation
from engine.listening.attack import AttackQuestion
from engine.listening.attack import attack as attack_file
from engine.listening.dissect import panel_of
from engine.listening.predict import predict_spectrogram
from engine.models import foreign_inputs
from engine.models.foreign_card import card_of
from engine.models.foreign_front import SampleFrontEnd
from tests.engine.foreign_listeners import config, loud, models, opened, waves  # noqa: F401  (fixtures)
from tests.engine.foreign_models import MELS, ODD, REMEMBERS, SR, WAVES, Mels, Waves


@pytest.fixture(scope="module")
def mels(opened):
    return opened(MELS)


@pytest.fixture(scope="module")
def noise():
    return torch.randn(4 * SR, generator=torch.Generator().manual_seed(3)) * 0.1


def test_samples_come_back_from_their_spectrum(noise):
    front_end = SampleFrontEnd(sr=SR)
    S = front_end(noise)
    assert S.shape == (front_end.bands, 1 + len(noise) // front_end.hop_length)
    torch.testing.assert_close(front_end.samples(S[None])[0], noise[: (S.shape[1] - 1) * front_end.hop_length],
                               atol=1e-6, rtol=0)
    whole = front_end.spectrogram(Waveform(noise.numpy(), SR)).S
    torch.testing.assert_close(whole, S, atol=1e-5, rtol=0)
    torch.testing.assert_close(front_end.drawn(S)[::2].exp(), front_end.magnitude(noise).clamp_min(1e-7), atol=1e-4,
                               rtol=1e-3)


def test_a_part_of_the_spectrum_is_a_part_of_the_samples(noise):
    front_end = SampleFrontEnd(sr=SR)
    hop = front_end.hop_length
    part = front_end.samples(front_end(noise)[None, :, 7:30])[0]
    torch.testing.assert_close(part, noise[7 * hop : 29 * hop], atol=1e-6, rtol=0)


def test_votes_are_those_of_the_model_itself(waves, noise):
    S = waves.front_end(noise)
    step = waves.vote_stride * waves.front_end.hop_length
    windows = noise[: (S.shape[1] - 1) * waves.front_end.hop_length].unfold(0, 2000, step)
    votes = waves.votes(S)
    torch.testing.assert_close(votes, Waves()(windows), atol=1e-6, rtol=1e-4)
    assert len(votes) == len(waves.vote_frames(S.shape[1]))
    parts = torch.cat([waves.votes(S[:, part]) for part in waves.vote_spans(S.shape[1])])
    torch.testing.assert_close(parts, votes, atol=1e-6, rtol=1e-4)


def test_gradients_cross_the_process(waves, noise):
    here, there = (noise[:6000].clone().requires_grad_(True) for _ in range(2))
    pull = torch.tensor([1.0, -2.0, 0.5])
    step = waves.vote_stride * waves.front_end.hop_length
    frames = waves.front_end(there)
    (waves.votes(frames) @ pull).sum().backward()
    kept = here[: (frames.shape[1] - 1) * waves.front_end.hop_length]
    (Waves()(kept.unfold(0, 2000, step)) @ pull).sum().backward()
    torch.testing.assert_close(there.grad, here.grad, atol=1e-7, rtol=1e-3)


def test_gradients_of_two_batches_do_not_mix(waves, noise):
    x = [noise[i * 2000 : (i + 1) * 2000][None].clone().requires_grad_(True) for i in range(2)]
    first, second = (waves.worker.outputs(one) for one in x)
    first.sum().backward()      # its graph was dropped for that of the second, and is made again
    second.sum().backward()
    for one in x:
        wanted = one.detach().clone().requires_grad_(True)
        Waves()(wanted).sum().backward()
        torch.testing.assert_close(one.grad, wanted.grad)


def test_the_curve_passes_through_the_scores(waves, noise):
    S = waves.front_end(noise)
    curve = torch.cat(list(waves.curve(S)))
    assert curve.shape == (S.shape[1], 3)
    for frame in (0, waves.vote_stride, 20 * waves.vote_stride):
        excerpt = waves.stretch(S, frame - waves.window // 2, frame - waves.window // 2 + waves.window)
        torch.testing.assert_close(curve[frame], waves.scores(excerpt[None])[0], atol=1e-6, rtol=1e-4)


def test_one_logit_is_a_detector_of_the_second_label(mels, noise):
    S = mels.front_end(noise)
    x = mels.standardised(S[:, :12])[None]
    logit = float(Mels()(x[:, None]).detach())
    assert mels.positive == "yes"
    probabilities = mels.probabilities(mels.scores(x))[0]
    assert probabilities.tolist() == pytest.approx([1 - 1 / (1 + np.exp(-logit)), 1 / (1 + np.exp(-logit))], abs=1e-6)
    assert mels.log_odds(mels.scores(x))[0].tolist() == pytest.approx([-logit, logit], abs=1e-5)


@pytest.mark.parametrize("scale", ["natural", "log10", "decibel", "log1p", "linear"])
@pytest.mark.parametrize("power", [1, 2])
def test_scales_are_what_librosa_makes(mels, noise, scale, power):
    import librosa

    card = card_of({**MELS, "scale": scale, "power": power, "mel_scale": "slaney", "mel_norm": "slaney"}, "card")
    one = object.__new__(foreign_inputs.SpectralListener)
    one.own = card
    one.front_end = one._front_end()
    S = one.front_end(noise)
    mel = librosa.feature.melspectrogram(y=noise.numpy(), sr=SR, n_fft=256, hop_length=128, n_mels=20, fmax=4000,
                                         power=power, pad_mode="constant")
    wanted = {"natural": np.log, "log10": np.log10, "log1p": np.log1p, "linear": lambda x: x,
              "decibel": lambda x: (20 / power) * np.log10(x)}[scale](mel)
    np.testing.assert_allclose(one.standardised(S).numpy(), (wanted + 3) / 2, rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(one.spectrogram(one.standardised(S)), S, atol=2e-2, rtol=1e-2)


def test_methods_work_on_it(waves, noise):
    S = waves.front_end(noise)
    features = waves.excerpt(waves.front_end.spectrogram(Waveform(noise.numpy(), SR)), 5)
    cut = segmentation("temporal", 4, bands=features.shape[0], frames=features.shape[1],
                       frames_per_second=waves.front_end.frames_per_second, frequencies=waves.front_end.frequencies)
    zero, score = fill("zero", features), waves.score("high", "logit")
    found = integrated_gradients(score, features, segmentation=cut, fill=zero, units="logit", n_steps=16)
    assert abs(found.settings["completeness_gap"]) < 1e-3 * max(1e-3, abs(found.score_full - found.score_empty))
    masks = np.array([[True] * 4, [False] * 4])
    full, empty = mask_scores(score, features, segmentation=cut, fill=zero, masks=masks)
    silence = Waves()(torch.zeros(1, 2000))
    assert empty == pytest.approx(float(waves.log_odds(silence)[0, 2]), abs=1e-5)
    assert full != empty
    label = waves.labels[waves.decision(waves.verdict(waves.votes(S)))]
    assert predict_spectrogram(waves.front_end.spectrogram(Waveform(noise.numpy(), SR)), waves, file="n",
                               seconds=4).label == label
    assert panel_of([waves]).hear(Waveform(noise.numpy(), SR))[0].argmax() == waves.labels.index(label)


def test_an_adversary_is_found_through_the_process(waves, noise):
    y = noise[:8000]
    before = waves.decision(waves.verdict(waves.votes(waves.front_end(y))))
    target = next(i for i in range(3) if i != before)
    found = attack(y, judge=waves, plan=Plan(target=target, method="waveform", snr_db=3, iterations=30, confidence=0.3))
    own = torch.softmax(Waves()(found.y.unfold(0, 2000, waves.vote_stride * waves.front_end.hop_length)), 1).mean(0)
    assert float(own[target]) == pytest.approx(float(found.after[target]), abs=1e-3)
    assert float(own[target]) > float(found.before[target])


def test_torch_export_answers_alike(opened, waves, noise):
    exported = opened({**WAVES, "file": "exported.pt2"})
    S = waves.front_end(noise[:8000]).requires_grad_(True)
    torch.testing.assert_close(exported.votes(S), waves.votes(S), atol=1e-6, rtol=1e-4)
    grads = [torch.autograd.grad(one.votes(S)[:, 1].sum(), S)[0] for one in (exported, waves)]
    torch.testing.assert_close(*grads, atol=1e-7, rtol=1e-3)


def test_onnx_answers_and_says_that_it_gives_no_gradients(opened, noise, tmp_path):
    pytest.importorskip("onnxruntime")
    listener = opened({**WAVES, "file": "plane.onnx"})
    assert not listener.differentiable
    S = listener.front_end(noise[:6000])
    step = listener.vote_stride * listener.front_end.hop_length
    windows = noise[: (S.shape[1] - 1) * listener.front_end.hop_length].unfold(0, 2000, step)
    wanted = windows @ torch.linspace(-1, 1, 6000).view(2000, 3)
    torch.testing.assert_close(listener.votes(S), wanted, atol=1e-4, rtol=0)
    with pytest.raises(InputError, match="one in ONNX, which only answers; choose a method without gradients"):
        listener.votes(S.requires_grad_(True))
    write_wav(tmp_path / "noise.wav", Waveform(noise.numpy(), SR))
    with pytest.raises(InputError, match="expected a model that gives gradients"):
        attack_file(AudioFile(tmp_path / "noise.wav"), listener, AttackQuestion(method="waveform"))


def test_chunks_are_given_in_turn_and_forgotten_before_each_excerpt(opened):
    listener = opened(REMEMBERS)
    features = listener.silence(listener.window)[None]
    for _ in range(2):      # 4 calls of 0.1 to 0.4 for each excerpt
        assert float(listener.probabilities(listener.scores(features))[0, 1]) == pytest.approx(0.25, abs=1e-4)


@pytest.mark.skipif(sys.platform != "linux", reason="limits of memory are Linux's")
def test_a_model_that_misbehaves_harms_nothing(opened):
    listener = opened(ODD)
    with pytest.raises(InputError, match="I want no such sound"):
        loud(listener, 0.9)
    with pytest.raises(InputError, match=r"wants more memory than its card allows \(memory_mb: 400\)"):
        loud(listener, 0.3)
    pid = listener.worker.pid
    with pytest.raises(InputError, match="took longer than 2 s and was ended"):
        loud(listener, 0.6)
    assert loud(listener, 0.1).shape == (1, 2)      # another process
    assert listener.worker.pid != pid


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_the_process_gets_no_secrets_and_ends_with_the_listener(opened, monkeypatch):
    monkeypatch.setenv("OTOSCOPE_TEST_SECRET", "s3cret")
    listener = opened({**WAVES, "title": "in an environment of its own"})
    pid = listener.worker.pid
    assert b"s3cret" not in Path(f"/proc/{pid}/environ").read_bytes()
    assert os.path.realpath(f"/proc/{pid}/cwd") != os.getcwd()
    listener.worker.close()
    assert not os.path.exists(f"/proc/{pid}")
