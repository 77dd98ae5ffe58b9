"""Segments tile the excerpt, in bins, in seconds and in Hz."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.audio.features import mel_frequencies
from engine.checks import InputError
from engine.explain.explanation import Segmentation
from engine.explain.segments import SEGMENTATIONS, grid, grid_of, segmentation, spectral, temporal

FREQUENCIES = mel_frequencies(80, 27.5, 8000.0)
AXES = {"bands": 80, "frames": 115, "frames_per_second": 70.0, "frequencies": FREQUENCIES}


def bins(cut: Segmentation) -> list[int]:
    return torch.bincount(cut.segment_map.flatten(), minlength=len(cut)).tolist()


def test_ten_segments_of_the_published_excerpt() -> None:
    cut = temporal(10, **AXES)
    assert bins(cut) == [80 * 11] * 9 + [80 * 16]
    assert (cut.segments[9].start, cut.segments[9].end) == pytest.approx((99 / 70, 115 / 70))
    assert (cut.segments[3].fmin, cut.segments[3].fmax) == pytest.approx((27.5, 8000.0))
    assert cut.segment_map[:, 10].unique().tolist() == [0]
    assert cut.segment_map[:, 11].unique().tolist() == [1]


def test_bands_from_low_to_high_meet_half_way_between_centres() -> None:
    cut = spectral(3, **AXES)
    assert bins(cut) == [115 * 26, 115 * 26, 115 * 28]
    assert cut.segment_map[0].unique().tolist() == [0]
    centres = FREQUENCIES[1:-1]
    assert cut.segments[0].fmin == pytest.approx(27.5)
    assert cut.segments[0].fmax == pytest.approx((centres[25] + centres[26]) / 2)
    assert cut.segments[2].fmax == pytest.approx(8000.0)


def test_grid_counts_upwards_then_onwards() -> None:
    cut = grid(4, 3, **AXES)
    assert cut.segment_map[[0, 26, 79, 0], [0, 0, 0, 28]].tolist() == [0, 1, 2, 3]
    assert cut.segments[1].fmin == pytest.approx(cut.segments[0].fmax)
    assert cut.segments[3].start == pytest.approx(cut.segments[0].end)


@pytest.mark.parametrize(("n", "shape"), [(12, (4, 3)), (10, (5, 2)), (9, (3, 3)), (7, (7, 1)), (1, (1, 1))])
def test_grid_of(n: int, shape: tuple[int, int]) -> None:
    assert grid_of(n) == shape


@given(kind=st.sampled_from(SEGMENTATIONS), n=st.integers(1, 30), bands=st.integers(30, 60),
       frames=st.integers(30, 90))
def test_every_bin_has_one_segment_and_areas_add_up(kind: str, n: int, bands: int, frames: int) -> None:
    cut = segmentation(kind, n, bands=bands, frames=frames, frames_per_second=50.0,
                       frequencies=mel_frequencies(bands, 50.0, 4000.0))
    assert len(cut) == n
    assert [segment.index for segment in cut.segments] == list(range(n))
    assert min(bins(cut)) > 0
    area = sum((s.end - s.start) * (s.fmax - s.fmin) for s in cut.segments)
    assert area == pytest.approx(frames / 50.0 * (4000.0 - 50.0))
    assert all(s.start < s.end and s.fmin < s.fmax for s in cut.segments)


def test_default_numbers_allow_exact_methods() -> None:
    assert [len(segmentation(kind, **AXES)) for kind in SEGMENTATIONS] == [10, 8, 12]


@pytest.mark.parametrize(("kind", "n", "message"), [
    ("temporal", 0, "at least 1, got 0"), ("temporal", -3, "at least 1"), ("temporal", 116, "1 to 115 in frames"),
    ("spectral", 81, "1 to 80 in bands"), ("grid", 233, "1 to 115 in frames"), ("temporl", 4, "did you mean temporal"),
])
def test_impossible_cuts_are_refused(kind: str, n: int, message: str) -> None:
    with pytest.raises(InputError, match=message):
        segmentation(kind, n, **AXES)


def test_one_band_high() -> None:
    cut = temporal(3, bands=1, frames=6, frames_per_second=1.0, frequencies=np.array([100.0, 200.0, 300.0]))
    assert (cut.segments[0].fmin, cut.segments[0].fmax) == (100.0, 300.0)
