"""Fills: what hidden segments are replaced by, in the standardised input, where zero is the mean of a band.

The choice matters more than the method (Mishra et al., IJCNN 2020): a hidden segment must look to the model
like "nothing there", not like something else.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from engine.checks import InputError, choice

FILLS = ("mean", "zero", "min-data", "min-input", "noise", "band-mean", "neighbour")
OTHER_FILE = "other-file"
DEFAULT_FILL = "mean"  # found the true segments most often (Mishra et al., IJCNN 2020, section 5)


@dataclass(frozen=True)
class Fill:
    """What replaces the hidden bins of one excerpt.

    Parameters
    ----------
    name
        One of FILLS, or OTHER_FILE.
    constant
        float32 (bands, frames): the replacement of each bin. None for "neighbour", whose replacement depends
        on what else is hidden.
    """

    name: str
    constant: Tensor | None

    def apply(self, S: Tensor, segment_map: Tensor, masks: Tensor) -> Tensor:
        """The excerpt under each mask, (m, bands, frames).

        Parameters
        ----------
        S
            (bands, frames), standardised.
        segment_map
            int64 (bands, frames): segment of each bin.
        masks
            bool (m, segments): True keeps.
        """
        shown = masks[:, segment_map]
        return interpolated(S, shown) if self.constant is None else torch.where(shown, S, self.constant)

    def everything_hidden(self, S: Tensor) -> Tensor:
        """The empty excerpt, (bands, frames): the baseline of gradient methods."""
        return torch.full_like(S, float(S.mean())) if self.constant is None else self.constant


def fill(name: str, S: Tensor, *, data_minimum: Tensor | float | None = None, seed: int = 0,
         other: Tensor | None = None, signed: bool = False) -> Fill:
    """The fill called `name` for one excerpt.

    Parameters
    ----------
    name
        "mean" of the input, "zero", "min-data" and "min-input" (smallest value of the data set, of the
        input), "noise" (Gaussian with mean and standard deviation of the input; one draw, the same under
        every mask), "band-mean" (mean of each band of the input), "neighbour" (see `interpolated`), or
        "other-file".
    S
        float32 (bands, frames), standardised.
    data_minimum
        For "min-data": one number, or (bands,) one per band; standardised.
    seed
        For "noise".
    other
        For "other-file": standardised content of the same shape as S.
    signed
        Whether S holds real and imaginary parts, of which the smallest is that of least size: the most negative one
        is as loud as can be.

    Raises
    ------
    InputError
        When the name is unknown, or what the fill needs is missing or has another shape than S.
    """
    choice(name, (*FILLS, OTHER_FILE), "fill")
    if name == "neighbour":
        return Fill(name, None)
    if name == "min-data":
        content = torch.as_tensor(_needed(data_minimum, name, "smallest value of a data set"), dtype=S.dtype)
        content = content[:, None] if content.ndim == 1 else content
    elif name == OTHER_FILE:
        content = torch.as_tensor(_needed(other, name, "excerpt of another file"), dtype=S.dtype)
        if content.shape != S.shape:
            raise InputError(f"fill {name}: expected content of {tuple(S.shape)} bands and frames, "
                             f"got {tuple(content.shape)}; is the other file shorter?")
    elif name == "noise":
        draw = torch.randn(S.shape, generator=torch.Generator().manual_seed(seed), dtype=S.dtype)
        content = S.mean() + S.std(correction=0) * draw
    else:
        content = {"mean": S.mean(), "zero": torch.zeros(()), "min-input": S.abs().min() if signed else S.min(),
                   "band-mean": S.mean(1, keepdim=True)}[name]
    return Fill(name, content.to(S.dtype).expand(S.shape).contiguous())


def interpolated(S: Tensor, shown: Tensor) -> Tensor:
    """The excerpt with each hidden stretch bridged by a straight line between its shown neighbours.

    Along time within each band; at the borders the nearest shown frame is held. A band that is hidden
    altogether is bridged in the same way along frequency; where everything is hidden, the mean of the input
    is put.

    Parameters
    ----------
    S
        (bands, frames).
    shown
        bool (m, bands, frames).

    Returns
    -------
    Tensor
        (m, bands, frames), equal to S where shown.
    """
    in_time = _bridged(S.expand(shown.shape), shown)
    bands = shown.any(2, keepdim=True).expand(shown.shape)
    whole = _bridged(in_time.transpose(1, 2), bands.transpose(1, 2)).transpose(1, 2)
    return torch.where(shown.any((1, 2), keepdim=True), whole, S.mean())


def _bridged(values: Tensor, known: Tensor) -> Tensor:
    """Linear interpolation over what is not known, along the last axis; lines without known values stay."""
    size = values.shape[-1]
    here = torch.arange(size, device=values.device).expand(values.shape)
    before = torch.where(known, here, -1).cummax(-1).values
    after = torch.where(known, here, size).flip(-1).cummin(-1).values.flip(-1)
    left = torch.where(before < 0, after, before).clamp_max(size - 1)
    right = torch.where(after >= size, before, after).clamp_min(0)
    share = (here - left) / (right - left).clamp_min(1)
    bridge = torch.lerp(values.gather(-1, left), values.gather(-1, right), share.to(values.dtype))
    return torch.where(known | ~known.any(-1, keepdim=True), values, bridge)


def _needed(value: Tensor | float | None, name: str, what: str) -> Tensor | float:
    if value is None:
        raise InputError(f"fill {name}: expected the {what}, got none; choose another fill or name one")
    return value
