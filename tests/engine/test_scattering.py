"""Time scattering against what is known of it, and against another library's values."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.audio.filters import high_pass
from engine.audio.scattering import Scattering
from engine.audio.waveform import Waveform
from engine.audio.wavelets import wavelets
from engine.checks import InputError

LENGTH = 2**8


def tone(frequency: float, samples: int = 2**13) -> torch.Tensor:
    return torch.sin(2 * math.pi * frequency * torch.arange(samples))


def test_a_tone_is_heard_in_its_band_and_with_its_amplitude():
    scattering = Scattering(length=LENGTH)
    band = 10
    S = scattering(tone(scattering.first[band].centre))
    first = S[: len(scattering.first)]
    assert int(first.mean(1).argmax()) == band
    # an analytic filter of norm 1 whose spectrum is about 1 at its centre halves a real tone
    torch.testing.assert_close(first[band, 1:-1], torch.full_like(first[band, 1:-1], 0.5), atol=0.03, rtol=0)


def test_a_beating_tone_is_heard_in_the_second_order():
    scattering = Scattering(length=2**10)
    carrier = scattering.first[6]
    at = next(k for k, w in enumerate(scattering.second) if w.centre < carrier.width / 2 and w.octave > carrier.octave)
    t = torch.arange(2**14)
    y = tone(carrier.centre, 2**14) * (1 + 0.9 * torch.cos(2 * math.pi * scattering.second[at].centre * t))
    S = scattering(y)
    of_carrier = {path[1]: S[i].mean() for i, path in enumerate(scattering.paths) if path[0] == 6 and len(path) == 2}
    assert max(of_carrier, key=lambda k: of_carrier[k]) == at


def test_silence_and_a_constant_leave_nothing():
    scattering = Scattering(length=LENGTH)
    assert not scattering(torch.zeros(5000)).any()
    assert float(scattering(torch.ones(5000)).abs().max()) < 1e-4


def test_it_grows_with_the_sound_and_has_a_column_each_length():
    scattering = Scattering(length=LENGTH)
    y = torch.randn(3001, generator=torch.Generator().manual_seed(0))
    S = scattering(y)
    assert S.shape == (len(scattering.paths), math.ceil(3001 / LENGTH))
    torch.testing.assert_close(scattering(3 * y), 3 * S, rtol=1e-4, atol=1e-6)
    assert bool((S[:, 1:-1] > -1e-4).all())


def test_a_length_must_be_a_power_of_two():
    with pytest.raises(InputError, match="length"):
        Scattering(length=1000)


def test_values_are_those_of_kymatio():
    """Its version 0.3.0 divides by the subsampling where it subsamples, so it is asked not to."""
    frontend = pytest.importorskip("kymatio.scattering1d.frontend.torch_frontend")
    y = torch.randn(2**12, generator=torch.Generator().manual_seed(1))
    peer = frontend.ScatteringTorch1D(J=7, shape=len(y), Q=(8, 1), oversampling=99)
    theirs, meta = peer(y)[:, :: 2**7], peer.meta()
    scattering = Scattering(length=2**7)
    ours = scattering(y)
    row = {path: i for i, path in enumerate(scattering.paths)}
    assert [w.centre for w in wavelets(8, 2**7)] == pytest.approx([filters["xi"] for filters in peer.psi1_f])
    for order in (1, 2):
        which = np.flatnonzero(meta["order"] == order)
        mine = ours[[row[tuple(int(n) for n in meta["n"][i] if not np.isnan(n))] for i in which]]
        assert float((mine - theirs[which]).norm() / theirs[which].norm()) < 2e-3


@settings(max_examples=12, deadline=None)
@given(cutoff_hz=st.sampled_from([3.0, 20.0, 400.0]), gain=st.sampled_from([1.0, -1.0, 0.01]),
       seed=st.integers(0, 3))
def test_what_a_like_sound_lends_is_what_it_would_be(cutoff_hz, gain, seed):
    rng = np.random.default_rng(seed)
    y = (0.1 * rng.standard_normal(30_001) + 0.1).astype(np.float32)
    z = gain * high_pass(Waveform(y, 22050), cutoff_hz=cutoff_hz).y
    scattering = Scattering(length=2**10)
    other = scattering.scattered(torch.from_numpy(rng.standard_normal(30_001).astype(np.float32)))
    likes = [other, scattering.scattered(torch.from_numpy(y))]
    found = scattering.scattered(torch.from_numpy(z), likes=likes)
    assert found.taken_from == 1
    torch.testing.assert_close(found.S, scattering(torch.from_numpy(z)), rtol=2e-3, atol=1e-7)


def test_nothing_is_lent_by_a_sound_of_another_length():
    scattering = Scattering(length=LENGTH)
    y = tone(0.1)
    assert scattering.scattered(y[:-1], likes=[scattering.scattered(y)]).taken_from == -1
    assert scattering.scattered(y, likes=[scattering.scattered(y)]).taken_from == 0
