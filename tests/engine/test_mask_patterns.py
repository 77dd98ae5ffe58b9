"""The network's quick ways give what its plain forward pass gives."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from engine.audio.features import mel_frequencies
from engine.explain.explanation import FastMasks
from engine.explain.fills import fill
from engine.explain.masking import all_masks, mask_scores, random_masks
from engine.explain.segments import segmentation
from engine.explain.slime import slime_exact
from engine.job import Report, silent
from engine.models.mask_patterns import behind_masks, group_positions
from engine.models.svd_cnn import EXCERPT, LAYOUT, SvdCnn

AXES = {"bands": 80, "frames": 115, "frames_per_second": 70.0, "frequencies": mel_frequencies(80, 27.5, 8000)}


class Quick:
    """The score of a network that has a quicker way under masks."""

    def __init__(self, net: SvdCnn) -> None:
        self.net = net

    def __call__(self, S: Tensor) -> Tensor:
        return self.net.forward(S)

    def of_masks(self, S: Tensor, filled: Tensor, segment_map: Tensor, masks: Tensor,
                 report: Report = silent) -> Tensor | None:
        z = behind_masks(self.net.cells, self.net.dense[0], LAYOUT, S=S, filled=filled, segment_map=segment_map,
                         masks=masks, at_once=16, report=report)
        return None if z is None else self.net.rest(z)


@pytest.fixture(scope="module")
def net() -> SvdCnn:
    torch.manual_seed(3)
    made = SvdCnn().eval()
    with torch.no_grad():  # louder than the usual start, so that scores differ by more than rounding
        for layer in (*made.conv, *made.dense):
            layer.weight *= 2
    return made


def excerpt(frames: int = EXCERPT) -> Tensor:
    return torch.randn(80, frames, generator=torch.Generator().manual_seed(5))


@pytest.mark.parametrize(("kind", "n"), [
    ("temporal", 10), ("temporal", 3), ("temporal", 12), ("spectral", 8), ("spectral", 12), ("grid", 12), ("grid", 4)])
def test_masks_from_few_patterns_equal_brute_force(net: SvdCnn, kind: str, n: int) -> None:
    S, cut = excerpt(), segmentation(kind, n, **AXES)
    content = fill("noise", S, seed=1)
    assert content.constant is not None
    masks = torch.from_numpy(all_masks(n))
    with torch.no_grad():
        quick = Quick(net).of_masks(S, content.constant, cut.segment_map, masks)
        assert quick is not None
        few = torch.randperm(len(masks), generator=torch.Generator().manual_seed(0))[:24]
        plain = net(content.apply(S, cut.segment_map, masks[few]))
    assert float(plain.std()) > 1e-2
    torch.testing.assert_close(quick[few], plain, atol=1e-4, rtol=0)


def test_too_many_patterns_are_declined_and_brute_force_answers(net: SvdCnn) -> None:
    S, cut = excerpt(), segmentation("grid", 24, **AXES)
    masks = random_masks(24, 10, seed=0)
    content = fill("mean", S)
    assert content.constant is not None
    assert Quick(net).of_masks(S, content.constant, cut.segment_map, torch.from_numpy(masks)) is None
    with torch.no_grad():
        plain = net(content.apply(S, cut.segment_map, torch.from_numpy(masks))).numpy()
    scores = mask_scores(Quick(net), S, segmentation=cut, fill=content, masks=masks)
    assert scores == pytest.approx(plain, abs=1e-4)


def test_explanation_by_the_quick_way_equals_brute_force(net: SvdCnn) -> None:
    S, cut = excerpt(), segmentation("temporal", 5, **AXES)
    assert isinstance(Quick(net), FastMasks)
    quick = slime_exact(Quick(net), S, segmentation=cut, fill=fill("mean", S))
    plain = slime_exact(net, S, segmentation=cut, fill=fill("mean", S))  # has no `of_masks`
    assert quick.weights == pytest.approx(plain.weights, abs=1e-4)
    assert quick.top() == plain.top()


@pytest.mark.parametrize("frames", [EXCERPT, EXCERPT + 1, 160, 830])
def test_curve_equals_excerpt_by_excerpt(net: SvdCnn, frames: int) -> None:
    S = excerpt(frames)
    with torch.no_grad():
        curve = torch.cat(list(net.curve(S)))
        assert curve.shape == (frames - EXCERPT + 1,)
        around_the_border_of_blocks = range(695, min(705, len(curve)))
        some = sorted({0, len(curve) - 1, *range(0, len(curve), 97), *around_the_border_of_blocks})
        plain = net(torch.stack([S[:, i : i + EXCERPT] for i in some]))
    torch.testing.assert_close(curve[some], plain, atol=1e-4, rtol=0)


@pytest.mark.parametrize(("kind", "n"), [("temporal", 10), ("spectral", 12), ("grid", 12)])
def test_no_cell_sees_two_segments_of_one_colour(kind: str, n: int) -> None:
    cut = segmentation(kind, n, **AXES)
    groups, colour = group_positions(cut.segment_map, LAYOUT)
    cells = [(int(i), int(j)) for group in groups for i, j in zip(group.rows, group.columns, strict=True)]
    assert sorted(cells) == [(i, j) for i in range(7) for j in range(11)]
    for group in groups:
        assert len(set(colour[group.segments].tolist())) == len(group.segments)
        i, j = int(group.rows[0]), int(group.columns[0])
        seen = cut.segment_map[i * 9 : i * 9 + 25, j * 9 : j * 9 + 25].unique()
        assert torch.equal(seen, group.segments)
