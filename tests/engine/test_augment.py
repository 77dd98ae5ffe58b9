"""What augmentation does to sounds with a known answer."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.audio.features import MelFrontEnd
from engine.training.augment import Augmentation, Augmenter

FRONT_END = MelFrontEnd()
STILL = Augmentation(pitch=0.0, stretch=0.0, filter_db=0.0, gain_db=0.0, mixing=0.0)


def augmenter(magnitudes, truths, *, frames=100, seed=0, **changes):
    settings = Augmentation(**{**vars(STILL), **changes})
    return Augmenter([m.half() for m in magnitudes], truths, np.ones(len(truths)), frames=frames, floor=1e-7,
                     rng=np.random.default_rng(seed), settings=settings, sr=22050, n_fft=1024, n_mels=80, fmin=27.5,
                     fmax=8000.0)


def tone(hz, frames=400, level=0.1):
    y = level * torch.sin(2 * torch.pi * hz * torch.arange(frames * 315) / 22050)
    return FRONT_END.magnitude(y)[:, 2 : frames - 2]


def band(hz):
    return int(np.argmin(np.abs(FRONT_END.frequencies[1:-1] - hz)))


def test_without_augmentation_crops_are_the_song():
    magnitude = torch.rand(513, 300)
    truth = np.random.default_rng(1).random(300) < 0.5
    S, sung = augmenter([magnitude], [truth]).batch(5)
    assert (S.shape, sung.shape, S.dtype, sung.dtype) == ((5, 80, 100), (5, 100), torch.float32, torch.bool)
    song = torch.log(FRONT_END.bank @ magnitude.half().float())
    for crop, its_truth in zip(S, sung, strict=True):
        first = min(range(200), key=lambda i: float((song[:, i] - crop[:, 0]).abs().sum()))
        torch.testing.assert_close(crop, song[:, first : first + 100], atol=1e-4, rtol=0)
        assert its_truth.tolist() == truth[first : first + 100].tolist()


def test_a_shifted_tone_lies_within_the_reach_of_the_shift_and_fills_it():
    S, _ = augmenter([tone(1000)], [np.ones(396, bool)], pitch=0.3).batch(60)
    peaks = S.mean(2).argmax(1)
    assert band(700) - 1 <= int(peaks.min()) <= band(760)
    assert band(1240) <= int(peaks.max()) <= band(1300) + 1


@pytest.mark.parametrize("place", [0, 7, 15, 22, 30])
def test_each_shift_moves_a_tone_by_its_factor(place):
    made = augmenter([tone(1000)], [np.ones(396, bool)], pitch=0.3)
    factor = np.linspace(0.7, 1.3, 31)[place]
    peak = int((made.banks[place] @ tone(1000)).mean(1).argmax())
    assert abs(peak - band(1000 * factor)) <= 1


def test_a_stretch_keeps_labels_on_what_they_label():
    loud = np.random.default_rng(0).random(40) < 0.5
    truth = np.repeat(loud, 20)
    magnitude = torch.where(torch.from_numpy(truth), 1.0, 0.01)[None].expand(513, -1)
    S, sung = augmenter([magnitude], [truth], frames=200, stretch=0.3).batch(20)
    level = S.mean(1)
    half = float(np.log((1 + 0.01) / 2))
    agreement = ((level > half) == sung).float().mean(1)
    assert float(agreement.min()) > 0.99      # a frame in the middle of an edge may fall to either side
    lengths = {len(run) for row in sung for run in "".join(map(str, row.int().tolist())).split("0")[1:-1] if run}
    assert min(lengths) < 20 < max(lengths)


def test_a_song_shorter_than_a_crop_holds_its_last_frame():
    truth = np.arange(30) >= 20
    magnitude = torch.arange(1.0, 31.0)[None].expand(513, -1)
    S, sung = augmenter([magnitude], [truth], frames=50).batch(1)
    assert S[0, 5].exp().numpy() == pytest.approx(np.minimum(np.arange(50) + 1, 30), rel=1e-2)
    assert sung[0].tolist() == [i >= 20 for i in range(50)]


def test_mixing_adds_voiceless_pieces_only_and_keeps_the_label():
    voice, band_alone = tone(500), tone(3000)
    half = np.arange(396) < 198     # the second song sings in its first half: its voice must never be mixed in
    other = torch.where(torch.from_numpy(half), tone(6000), band_alone)
    made = augmenter([voice, other], [np.ones(396, bool), half], mixing=1.0, mix_db=(-10.0, -10.0))
    made.weights = np.array([1.0, 0.0])
    S, sung = made.batch(40)
    assert bool(sung.all())
    spectrum = S.exp()
    voiced, mixed, forbidden = (spectrum[:, band(hz)].mean(1) for hz in (500, 3000, 6000))
    has = mixed > 0.05 * voiced
    assert 0 < int(has.sum()) < 40      # crops in which the other song sings are left out
    assert float((forbidden / voiced).max()) < 0.01
    ratio = spectrum[has][:, band(3000) - 3 : band(3000) + 4].square().sum((1, 2)) / \
        spectrum[has][:, band(500) - 3 : band(500) + 4].square().sum((1, 2))
    assert 10 * torch.log10(ratio).numpy() == pytest.approx(-10, abs=0.5)


def test_where_everybody_always_sings_nothing_is_mixed():
    S, sung = augmenter([tone(500)], [np.ones(396, bool)], mixing=1.0).batch(3)
    assert torch.isfinite(S).all()
    assert bool(sung.all())


def test_filters_stay_within_their_gains():
    flat = torch.full((513, 300), 0.5)
    S, _ = augmenter([flat], [np.zeros(300, bool)], filter_db=10.0, gain_db=6.0).batch(50)
    decibels = 20 / np.log(10) * (S[:, :, 0] - np.log(0.5)).numpy()
    assert -16.1 < decibels.min() < -8
    assert 8 < decibels.max() < 16.1
    assert np.abs(np.diff(decibels, axis=1)).max() < 3       # smooth over the bands
    assert np.abs(S.numpy() - S[:, :, :1].numpy()).max() < 1e-3   # and the same at all times


def test_songs_are_drawn_by_weight():
    quiet, loud = torch.full((513, 200), 0.1), torch.full((513, 200), 1.0)
    made = augmenter([quiet, loud], [np.zeros(200, bool)] * 2)
    made.weights = np.array([0.25, 0.75])
    S, _ = made.batch(200)
    assert float((S.mean((1, 2)) > -1).float().mean()) == pytest.approx(0.75, abs=0.1)


def test_the_same_seed_draws_the_same():
    draws = [augmenter([tone(500)], [np.ones(396, bool)], seed=seed, pitch=0.3, stretch=0.3).batch(3)[0]
             for seed in (1, 1, 2)]
    assert torch.equal(draws[0], draws[1])
    assert not torch.equal(draws[0], draws[2])
