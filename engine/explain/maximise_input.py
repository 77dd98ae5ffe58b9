"""The plain input as a prior: every bin of the excerpt moves by itself, held back by regularisers.

What comes of it without them is noise that the network takes for anything; total variation, blurring now and then
(J. Yosinski et al. 2015) and jitter (A. Mordvintsev et al. 2015) are what was tried against that before there were
generators. Here they are to be compared with one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from engine.checks import within
from engine.explain.maximise import Prior

BEGINNING = 0.1     # standard deviation of the noise that a seed begins with


@dataclass(frozen=True)
class InputRegularisers:
    """How a plain input is held back, beside the length of the point (L2), which `Settings.reg` weighs.

    Parameters
    ----------
    tv
        Weight of the total variation: the mean of absolute differences of neighbours in time and in frequency.
    blur
        Standard deviation of a Gaussian in bins, by which the input is blurred every `blur_every` iterations; 0 never.
    blur_every
        Iterations.
    jitter
        Frames by which the excerpt is turned at most, to and fro, anew in each iteration.
    """

    tv: float = 1.0
    blur: float = 0.5
    blur_every: int = 10
    jitter: int = 4


def plain_input(bands: int, frames: int, *, regularisers: InputRegularisers | None = None,
                least: Tensor | None = None, most: Tensor | None = None) -> Prior:
    """The prior whose points are the standardised excerpts (bands, frames) themselves.

    Parameters
    ----------
    least, most
        (bands, frames): features are kept between these, for what no sound has explains nothing.

    Raises
    ------
    InputError
        When a regulariser is not possible.
    """
    r = regularisers or InputRegularisers()
    within(r.tv, 0, 1e6, "tv")
    within(r.blur, 0, 20, "blur")
    within(r.blur_every, 1, 1e6, "blur_every")
    within(r.jitter, 0, frames, "jitter")

    def begin(seed: int) -> Tensor:
        return BEGINNING * torch.randn(bands, frames, generator=torch.Generator().manual_seed(seed))

    def shaken(features: Tensor, seeds: Sequence[int], iteration: int) -> Tensor:
        return torch.stack([turned(S, seed, iteration) for S, seed in zip(features, seeds, strict=True)])

    def turned(S: Tensor, seed: int, iteration: int) -> Tensor:
        draw = torch.Generator().manual_seed(seed * 1_000_003 + iteration)
        return S.roll(int(torch.randint(-r.jitter, r.jitter + 1, (), generator=draw)), dims=-1)

    def tidied(points: Tensor, iteration: int) -> Tensor:
        if r.blur and iteration % r.blur_every == 0:
            points = blurred(points, r.blur)
        return points if least is None and most is None else points.clamp(least, most)

    return Prior("input", begin, lambda points: points, roughness=lambda points: r.tv * total_variation(points),
                 shaken=shaken if r.jitter else None, tidied=tidied)


def total_variation(S: Tensor) -> Tensor:
    """Mean absolute difference of neighbours in both directions, (batch,), of S (batch, bands, frames)."""
    return S.diff(dim=1).abs().mean(dim=(1, 2)) + S.diff(dim=2).abs().mean(dim=(1, 2))


def blurred(S: Tensor, sigma: float) -> Tensor:
    """S (batch, bands, frames) through a Gaussian of that standard deviation in bins; borders are held."""
    reach = max(1, round(3 * sigma))
    kernel = torch.exp(-0.5 * (torch.arange(-reach, reach + 1) / sigma) ** 2)
    kernel = kernel / kernel.sum()
    h = F.pad(S[:, None], (reach, reach, reach, reach), mode="replicate")
    h = F.conv2d(F.conv2d(h, kernel[None, None, None, :]), kernel[None, None, :, None])
    return h[:, 0]
