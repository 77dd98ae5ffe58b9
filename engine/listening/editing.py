"""Changing what a model hears, bin by bin, and asking it again."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.audio.features import FrontEnd, Spectrogram
from engine.explain.explanation import Segmentation
from engine.explain.fills import Fill
from engine.job import Report, silent
from engine.listening.predict import Prediction, predict_spectrogram
from engine.models.listener import Listener

NEPERS_PER_DAB = 1.2  # about 10 dB in the middle of the brush


@dataclass(frozen=True)
class Brush:
    """A soft round brush.

    Parameters
    ----------
    adds
        Whether it adds energy or takes it away.
    radius_seconds, radius_bands
        Where its weight has fallen to a seventh.
    """

    adds: bool
    radius_seconds: float = 0.1
    radius_bands: float = 4.0


@dataclass(frozen=True)
class Patch:
    """A part of a spectrogram from frame `first` on: S (bands, frames), as the front end makes it."""

    first: int
    S: Tensor

    @property
    def last(self) -> int:
        """Frame after its end."""
        return self.first + self.S.shape[1]


def dab(S: Tensor, brush: Brush, *, seconds: float, band: float, frames_per_second: float, low: float,
        high: float, front_end: FrontEnd | None = None) -> Patch:
    """What a touch of the brush makes of the frames around it.

    Parameters
    ----------
    S
        (bands, frames) of the whole song, as the front end makes it; it is not changed.
    seconds, band
        Middle of the touch.
    low, high
        Level that erasing and adding end at.
    front_end
        What S was made by; None where S is all natural logs of magnitude.
    """
    reach = 2 * brush.radius_seconds * frames_per_second
    centre = seconds * frames_per_second
    frames = S.shape[1]
    first = min(frames, max(0, math.floor(centre - reach)))
    part = S[:, first:max(first, min(frames, math.ceil(centre + reach) + 1))]  # empty for a touch beside the song
    along = (torch.arange(first, first + part.shape[1]) - centre) / (brush.radius_seconds * frames_per_second)
    across = (torch.arange(S.shape[0]) + 0.5 - band) / brush.radius_bands
    weight = torch.exp(-2 * (along[None] ** 2 + across[:, None] ** 2))
    change = NEPERS_PER_DAB * weight * (weight > 0.01)
    level = part if front_end is None else front_end.drawn(part)
    touched = torch.maximum(level, (level + change).clamp_max(high)) if brush.adds else \
        torch.minimum(level, (level - 2 * change).clamp_min(low))
    return Patch(first, touched if front_end is None else front_end.relevelled(part, touched))


def patched(S: Tensor, patch: Patch, first: int, last: int) -> Tensor:
    """Frames `first` to `last` of a song with a patch laid over, without touching the song."""
    part = S[:, first:last].clone()
    a, b = max(first, patch.first), min(last, patch.last)
    if a < b:
        part[:, a - first : b - first] = patch.S[:, a - patch.first : b - patch.first]
    return part


def hidden_patch(features: Tensor, listener: Listener, segmentation: Segmentation, fill: Fill, hidden: set[int],
                 first: int) -> Patch:
    """The excerpt from frame `first` on with segments hidden behind the fill, as the front end would make it."""
    mask = torch.tensor([[index not in hidden for index in range(len(segmentation))]])
    return Patch(first, listener.analysed(fill.apply(features, segmentation.segment_map, mask)[0]))


def prediction_around(spectrogram: Spectrogram, listener: Listener, patch: Patch, *, report: Report = silent
                      ) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """The curve where a patch changes it: times (frames,) in seconds and probability (frames, labels)."""
    reach = listener.window
    first, last = max(0, patch.first - reach), min(spectrogram.S.shape[1], patch.last + reach)
    part = replace(spectrogram, S=patched(spectrogram.S, patch, first, last))
    found: Prediction = predict_spectrogram(part, listener, file="", seconds=0.0, report=report)
    half = reach // 2  # beyond that from the patch's ends nothing changes, and the cut ends of `part` are felt
    keep = slice(max(0, patch.first - half - first), patch.last + half - first)
    times = np.arange(first, last)[keep] / spectrogram.frames_per_second
    return times, found.probability[keep]
