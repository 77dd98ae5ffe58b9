"""Fills replace what is hidden, by the content their name says, and nothing else."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from engine.audio.features import mel_frequencies
from engine.checks import InputError
from engine.explain.fills import FILLS, OTHER_FILE, Fill, fill, interpolated
from engine.explain.segments import segmentation


def excerpt() -> Tensor:
    return torch.randn(6, 20, generator=torch.Generator().manual_seed(1)) * 2 + 3


def made(name: str, S: Tensor) -> Fill:
    return fill(name, S, data_minimum=-9.0, seed=4, other=torch.full_like(S, 5.0))


@given(name=st.sampled_from((*FILLS, OTHER_FILE)), kind=st.sampled_from(["temporal", "spectral", "grid"]),
       code=st.integers(0, 15))
@settings(deadline=None)
def test_what_is_shown_stays_and_all_is_finite(name: str, kind: str, code: int) -> None:
    S = excerpt()
    cut = segmentation(kind, 4, bands=6, frames=20, frames_per_second=1.0, frequencies=mel_frequencies(6, 30, 300))
    mask = torch.tensor([[bool(code >> i & 1) for i in range(4)]])
    result = made(name, S).apply(S, cut.segment_map, mask)[0]
    shown = mask[0, cut.segment_map]
    assert result.dtype == torch.float32
    assert torch.isfinite(result).all()
    assert torch.equal(result[shown], S[shown])
    if code == 0:
        torch.testing.assert_close(result, made(name, S).everything_hidden(S))


@pytest.mark.parametrize(("name", "expected"), [
    ("zero", 0.0), ("mean", 3.0), ("min-input", 1.0), ("min-data", -9.0), (OTHER_FILE, 5.0)])
def test_constant_contents(name: str, expected: float) -> None:
    S = torch.tensor([[1.0, 2.0], [4.0, 5.0]])
    content = made(name, S).constant
    assert content is not None
    assert torch.equal(content, torch.full((2, 2), expected))


def test_minimum_of_each_band_and_mean_of_each_band() -> None:
    S = torch.tensor([[1.0, 3.0], [4.0, 8.0]])
    per_band = fill("min-data", S, data_minimum=torch.tensor([-1.0, -2.0])).constant
    assert per_band is not None
    assert per_band.tolist() == [[-1.0, -1.0], [-2.0, -2.0]]
    means = fill("band-mean", S).constant
    assert means is not None
    assert means.tolist() == [[2.0, 2.0], [6.0, 6.0]]


def test_noise_has_the_moments_of_the_input_and_a_seed() -> None:
    S = torch.randn(80, 500) * 3 - 2
    noise, again, other = (fill("noise", S, seed=seed).constant for seed in (1, 1, 2))
    assert noise is not None
    assert again is not None
    assert other is not None
    assert float(noise.mean()) == pytest.approx(float(S.mean()), abs=0.1)
    assert float(noise.std()) == pytest.approx(float(S.std()), rel=0.03)
    assert torch.equal(noise, again)
    assert not torch.equal(noise, other)


def test_neighbour_recovers_a_ramp_in_time_from_its_ends() -> None:
    S = torch.linspace(0, 9, 10).expand(3, 10).contiguous()
    shown = torch.zeros(1, 3, 10, dtype=torch.bool)
    shown[..., [0, 9]] = True
    torch.testing.assert_close(interpolated(S, shown)[0], S)


def test_neighbour_holds_the_nearest_frame_at_the_border() -> None:
    S = torch.arange(5.0)[None]
    shown = torch.tensor([[[False, False, True, True, False]]])
    assert interpolated(S, shown)[0, 0].tolist() == [2.0, 2.0, 2.0, 3.0, 3.0]


def test_neighbour_bridges_a_hidden_band_in_frequency() -> None:
    S = torch.tensor([[0.0, 0.0], [99.0, 99.0], [4.0, 8.0]])
    shown = torch.tensor([[[True, True], [False, False], [True, True]]])
    assert interpolated(S, shown)[0, 1].tolist() == [2.0, 4.0]


def test_neighbour_puts_the_mean_where_nothing_is_shown() -> None:
    S = torch.tensor([[1.0, 3.0]])
    assert interpolated(S, torch.zeros(1, 1, 2, dtype=torch.bool)).tolist() == [[[2.0, 2.0]]]


def test_neighbour_never_looks_at_what_is_hidden() -> None:
    S, shown = excerpt(), torch.rand(5, 6, 20, generator=torch.Generator().manual_seed(2)) < 0.6
    changed = torch.where(shown[0], S, 1e6)
    assert torch.equal(interpolated(S, shown[:1]), interpolated(changed, shown[:1]))


@pytest.mark.parametrize(("name", "message"), [
    ("min-data", "smallest value of a data set, got none"), ("other-file", "another file, got none"),
    ("nois", "did you mean noise")])
def test_what_is_missing_is_named(name: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        fill(name, excerpt())


def test_other_file_of_another_length_is_refused() -> None:
    with pytest.raises(InputError, match=r"\(6, 20\).*got \(6, 19\)"):
        fill(OTHER_FILE, excerpt(), other=torch.zeros(6, 19))
