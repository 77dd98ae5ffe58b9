"""Ways to cut an excerpt into segments: in time, in frequency, or both."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray

from engine.checks import InputError, choice
from engine.explain.explanation import Segment, Segmentation

SEGMENTATIONS = ("temporal", "spectral", "grid")
DEFAULT_SEGMENTS = {"temporal": 10, "spectral": 8, "grid": 12}  # at most 12: all masks can be tried


def temporal(n: int, *, bands: int, frames: int, frames_per_second: float,
             frequencies: NDArray[np.float64]) -> Segmentation:
    """`n` segments of frames // n frames over all bands; the last takes the remainder (SoundLIME, section 3).

    See `segmentation` for the parameters.
    """
    return _tiled("temporal", n, 1, bands=bands, frames=frames, frames_per_second=frames_per_second,
                  frequencies=frequencies)


def spectral(n: int, *, bands: int, frames: int, frames_per_second: float,
             frequencies: NDArray[np.float64]) -> Segmentation:
    """`n` segments of bands // n bands over all frames, low to high; the last takes the remainder.

    See `segmentation` for the parameters.
    """
    return _tiled("spectral", 1, n, bands=bands, frames=frames, frames_per_second=frames_per_second,
                  frequencies=frequencies)


def grid(n_time: int, n_freq: int, *, bands: int, frames: int, frames_per_second: float,
         frequencies: NDArray[np.float64]) -> Segmentation:
    """`n_time` by `n_freq` segments; number t * n_freq + f is the f-th from below in stretch t.

    See `segmentation` for the other parameters.
    """
    return _tiled("grid", n_time, n_freq, bands=bands, frames=frames, frames_per_second=frames_per_second,
                  frequencies=frequencies)


def grid_of(n: int) -> tuple[int, int]:
    """The most square (n_time, n_freq) whose product is `n`, with at least as many in time: 12 is 4 by 3."""
    n_freq = next(f for f in range(int(n**0.5), 0, -1) if n % f == 0)
    return n // n_freq, n_freq


def default_segments(kind: str, *, bands: int, frames: int) -> int:
    """DEFAULT_SEGMENTS, or as many as the excerpt has room for."""
    size = {"temporal": lambda n: (n, 1), "spectral": lambda n: (1, n), "grid": grid_of}[kind]
    return next((n for n in range(DEFAULT_SEGMENTS[kind], 1, -1) if size(n)[0] <= frames and size(n)[1] <= bands), 1)


def segmentation(kind: str, n: int | None = None, *, bands: int, frames: int, frames_per_second: float,
                 frequencies: NDArray[np.float64], together: int = 1) -> Segmentation:
    """Cut an excerpt into `n` segments.

    Parameters
    ----------
    kind
        One of SEGMENTATIONS. A grid of n is split as `grid_of` says.
    n
        Number of segments; None takes `default_segments`.
    bands, frames
        Size of the excerpt.
    frames_per_second
        Frames per second of the front end.
    frequencies
        (bands + 2,) in Hz: lower edge, centres, upper edge of the bands, as in `Spectrogram`.
    together
        Rows that are never parted, such as real and imaginary parts.

    Raises
    ------
    InputError
        When the kind is unknown, or the excerpt has too few frames or bands for n segments.
    """
    choice(kind, SEGMENTATIONS, "segmentation")
    n = default_segments(kind, bands=bands // together, frames=frames) if n is None else n
    if n < 1:
        raise InputError(f"segments: expected at least 1, got {n}")
    n_time, n_freq = {"temporal": (n, 1), "spectral": (1, n), "grid": grid_of(n)}[kind]
    return _tiled(kind, n_time, n_freq, bands=bands, frames=frames, frames_per_second=frames_per_second,
                  frequencies=frequencies, together=together)


def _cuts(what: str, n: int, size: int) -> list[int]:
    """Borders of n equal parts of `size`, n + 1 of them; the last part takes the remainder."""
    if not 1 <= n <= size:
        raise InputError(f"segments: expected 1 to {size} in {what}, as the excerpt has {size}, got {n}")
    return [i * (size // n) for i in range(n)] + [size]


def _tiled(kind: str, n_time: int, n_freq: int, *, bands: int, frames: int, frames_per_second: float,
           frequencies: NDArray[np.float64], together: int = 1) -> Segmentation:
    columns = _cuts("frames", n_time, frames)
    rows = [together * cut for cut in _cuts("bands", n_freq, bands // together)]
    # neighbouring bands overlap: half-way between two centres is where one hands over to the next
    borders = np.concatenate([frequencies[:1], (frequencies[1:-2] + frequencies[2:-1]) / 2, frequencies[-1:]])
    segment_map = torch.empty(bands, frames, dtype=torch.int64)
    segments: list[Segment] = []
    for first, end in pairwise(columns):
        for low, high in pairwise(rows):
            segment_map[low:high, first:end] = len(segments)
            segments.append(Segment(len(segments), first / frames_per_second, end / frames_per_second,
                                    float(borders[low]), float(borders[high])))
    return Segmentation(kind, tuple(segments), segment_map)
