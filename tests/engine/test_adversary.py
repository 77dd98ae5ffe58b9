"""Adversaries of networks: the constraints they keep, and what happens where there is none."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.audio.audibility import masking_threshold, noise_to_mask
from engine.audio.features import MagnitudeFrontEnd
from engine.audio.waveform import AudioFile
from engine.bench.ground import DEMO
from engine.checks import InputError
from engine.explain.adversary import Plan, attack, heard
from engine.explain.perturbing import Magnitudes, Samples, Spectra, snr_db
from engine.job import Cancelled
from engine.models import catalogue
from engine.models.frame_mlp import BINS, FrameMlp
from engine.models.style_listener import FrameMlpListener
from tests.engine.judging import WAYS, Plane, direction, signal

SR = 22050


@pytest.fixture(scope="module")
def style():
    """Frames that vote with random weights on what is above the mean of music."""
    torch.manual_seed(3)
    net = FrameMlp(16, 4)
    with torch.no_grad():
        for layer in net.dense:
            torch.nn.init.kaiming_normal_(layer.weight)
    tensors = {**net.state_dict(), "mean": torch.linspace(2, 0.1, BINS), "std": torch.linspace(1.2, 0.3, BINS),
               "data_minimum": torch.tensor(-2.0)}
    return FrameMlpListener("random", tensors, {"labels": ["a", "b", "c", "d"]})


@pytest.fixture(scope="module")
def music():
    return torch.from_numpy(AudioFile(sorted(DEMO.glob("*.ogg"))[0]).mono(SR).y[SR : 2 * SR + SR // 2])


@pytest.mark.parametrize("way", WAYS)
@given(snr=st.floats(0, 70), seed=st.integers(0, 2**31))
@settings(max_examples=6, deadline=None)
def test_the_signal_to_noise_ratio_is_kept_always(style, music, way, snr, seed):
    for smallest in (False, True):
        found = attack(music, judge=style, plan=Plan(snr_db=snr, seed=seed, iterations=8, smallest=smallest,
                                                     confidence=1.0, **way))
        assert found.snr_db >= snr - 1e-3
        assert found.snr_db == pytest.approx(snr_db(music, found.y - music), abs=1e-4)
        assert all(step.snr_db >= snr - 1e-3 for step in found.steps)
        assert len(found.steps) == 8


@pytest.mark.parametrize("way", WAYS)
def test_the_same_seed_gives_the_same_sound_bit_for_bit(style, music, way):
    sounds = [attack(music, judge=style, plan=Plan(snr_db=40, iterations=6, seed=seed, confidence=1.0, **way)).y
              for seed in (5, 5, 6)]
    assert torch.equal(sounds[0], sounds[1])
    assert not torch.equal(sounds[0], sounds[2])


@pytest.mark.parametrize("way", WAYS)
def test_what_comes_back_is_what_the_judge_says_of_the_sound(style, music, way):
    told = []
    found = attack(music, judge=style, plan=Plan(snr_db=20, **way), watch=told.append)
    torch.testing.assert_close(found.after, heard(style, found.y), atol=1e-4, rtol=0)
    torch.testing.assert_close(found.before, heard(style, music))
    assert found.fooled
    assert found.label == style.decision(found.after) != found.source == style.decision(found.before)
    assert tuple(told) == found.steps
    assert found.steps[-1].confidence >= 0.9 > max((step.confidence for step in found.steps[:-1]), default=0)


def test_every_label_can_be_asked_for(style, music):
    source = style.decision(heard(style, music))
    for target in set(range(4)) - {source}:
        found = attack(music, judge=style, plan=Plan(target=target, snr_db=5, iterations=60, method="waveform"))
        assert (found.fooled, found.label, found.target) == (True, target, target)
        assert len(found.steps) == 60 or float(found.after[target]) >= 0.9 - 1e-4
        assert {step.label for step in found.steps} == {target}


def test_a_larger_budget_never_fails_where_a_smaller_one_fooled(style, music):
    fooled = []
    for target in set(range(4)) - {style.decision(heard(style, music))}:
        for way in WAYS:
            fooled.append([attack(music, judge=style, plan=Plan(target=target, snr_db=38, iterations=n, confidence=1.0,
                                                                **way)).fooled for n in (1, 3, 6, 12)])
    assert all(row == sorted(row) for row in fooled)
    assert len({tuple(row) for row in fooled}) > 1


def test_the_smallest_change_gets_smaller_with_iterations_and_is_smaller_than_the_first(style, music):
    first = attack(music, judge=style, plan=Plan(snr_db=20, method="waveform"))
    smaller = [attack(music, judge=style, plan=Plan(snr_db=20, method="waveform", smallest=True, iterations=n))
               for n in (8, 60)]
    assert all(found.fooled for found in smaller)
    assert first.snr_db + 2 < smaller[0].snr_db <= smaller[1].snr_db + 0.2
    assert smaller[1].snr_db > first.snr_db + 6


def ended(y):
    """A sound and the silence after it."""
    return torch.nn.functional.pad(y, (0, 1024))


def test_spectra_stay_those_of_sounds(style, music):
    """In each iteration: the STFT of the resynthesis is the iterate itself; of magnitudes alone it is not."""
    front_end = MagnitudeFrontEnd()
    generator = torch.Generator().manual_seed(0)
    spectra, magnitudes = Spectra(music, front_end, None), Magnitudes(music, front_end, None)
    step = torch.randn(spectra.start.shape, dtype=torch.complex64, generator=generator)
    x = spectra.within(spectra.start + spectra.shaped(step), 0.1 * spectra.norm)
    off = (front_end.stft(ended(spectra.sound(x))) - x).norm() / spectra.change(x)
    assert float(off) < 1e-4
    X = magnitudes.within(magnitudes.start + step.real, 0.1 * magnitudes.norm)
    off = (front_end.stft(ended(magnitudes.sound(X))).abs() - X).norm() / magnitudes.change(X)
    assert float(off) > 0.1


@pytest.mark.parametrize("way", WAYS)
def test_sound_above_the_weights_stays_as_it_was(style, music, way):
    weight = torch.ones(BINS, 1 + len(music) // 512)
    weight[200:] = 0
    found = attack(music, judge=style, plan=Plan(snr_db=10, iterations=15, confidence=1.0, **way), weight=weight)
    power = torch.fft.rfft(found.y - music).abs().square()
    above = int(205 / 1024 * len(music))
    assert float(power[above:].sum() / power.sum()) < 1e-3


@pytest.mark.parametrize("way", WAYS)
def test_an_attack_without_any_weight_changes_nothing_and_says_so(style, music, way):
    found = attack(music, judge=style, plan=Plan(iterations=3, **way),
                   weight=torch.zeros(BINS, 1 + len(music) // 512))
    assert not found.fooled
    assert float((found.y - music).norm()) < 1e-5 * float(music.norm())
    assert len(found.steps) == 3


@pytest.fixture(scope="module")
def svd():
    if "svd" not in catalogue.names():
        pytest.skip("needs the shipped detector")
    return catalogue.load("svd")


@pytest.fixture(scope="module")
def song():
    path = DEMO / "fantasma.ogg"
    if not path.exists():
        pytest.skip("needs the demo clip")
    return torch.from_numpy(AudioFile(path).mono(SR).y[4 * SR : 8 * SR])


def test_a_masked_change_is_less_audible_and_fools_as_well(svd, song):
    magnitude = svd.front_end.stft(song).abs()
    threshold = masking_threshold(magnitude, sr=SR, n_fft=1024)
    found = [attack(song, judge=svd, plan=Plan(method="waveform", snr_db=15, iterations=60), weight=weight)
             for weight in (None, threshold / threshold.max())]
    plain, masked = (noise_to_mask(song.numpy(), (f.y - song).numpy(), SR).mean_db for f in found)
    assert all(f.fooled for f in found)
    assert masked < plain - 1


def test_the_detector_is_fooled_both_ways_round_and_stops_when_sure(svd, song):
    found = attack(song, judge=svd, plan=Plan(method="waveform"))
    assert found.fooled
    assert len(found.steps) < 60
    assert found.steps[-1].confidence >= 0.9
    back = attack(found.y, judge=svd, plan=Plan(target=found.source, method="waveform"))
    assert back.label == found.source


def test_half_silent_music_is_fooled_without_nan(svd, style, song, music):
    """Silent bins have no gradient or, next to the logarithm's floor, an enormous one."""
    for judge, y in ((svd, song.clone()), (style, music.clone())):
        y[: len(y) // 2] = 0
        for way in WAYS:
            found = attack(y, judge=judge, plan=Plan(snr_db=10, iterations=10, confidence=1.0, **way))
            assert bool(found.y.isfinite().all())
            assert all(math.isfinite(step.confidence) for step in found.steps)
    assert found.fooled


def test_cancelling_is_asked_for_several_times_an_iteration(svd, song):
    calls = []

    def report(progress):
        calls.append(progress)
        if len(calls) == 40:
            raise Cancelled

    steps = []
    with pytest.raises(Cancelled):
        attack(song, judge=svd, plan=Plan(confidence=1.0), report=report, watch=steps.append)
    assert len(calls) == 40
    assert 2 <= len(steps) <= 20
    assert [p.done for p in calls[3:]] == sorted(p.done for p in calls[3:])


def refused(y, judge, plan=None):
    with pytest.raises(InputError) as told:
        attack(y, judge=judge, plan=plan or Plan())
    return str(told.value)


def test_what_cannot_be_attacked_is_refused_in_a_sentence(style, music, svd):
    broken = music.clone()
    broken[100] = math.nan
    assert "NaN" in refused(broken, style)
    assert "silence" in refused(torch.zeros(SR), style)
    assert "silence" in refused(torch.full((SR,), 1e-9), style)
    assert "already" in refused(music, style, Plan(target=style.decision(heard(style, music))))
    assert "0.50 s are too short" in refused(music[: SR // 2], svd)
    nonsense = Plane(direction(), 0.0)
    nonsense.b = math.nan
    assert "model answers with NaN" in refused(signal(), nonsense)


def test_the_gradient_of_samples_is_that_of_differences(style, music):
    domain = Samples(music, style.front_end, None)
    x = music.clone().requires_grad_()

    def loss(x):
        return -torch.log_softmax(style.votes(domain.spectrogram(x)).double(), -1)[:, 1].sum()

    loss(x).backward()
    along = x.grad / x.grad.norm()
    with torch.no_grad():
        e = 2e-5    # small, as ReLUs have kinks
        difference = float(loss(music + e * along) - loss(music - e * along)) / (2 * e)
    assert difference == pytest.approx(float(x.grad.norm()), rel=0.02)
