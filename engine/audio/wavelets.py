"""Morlet wavelets, told by what they pass in frequency, and the bank of them that a scattering listens through.

The bank is that of M. Andreux et al.: Kymatio: scattering transforms in Python. JMLR 21(60), 2020.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

PHI_SIGMA = 0.1       # bandwidth of the averaging filter, in cycles over its length
SUPPORT = 5.0         # standard deviations of a Gaussian beyond which it is taken for 0 (4e-6)
CROSSING = math.sqrt(0.5)   # value at which neighbouring filters meet


@dataclass(frozen=True)
class Wavelet:
    """A Morlet wavelet in frequency: centre and standard deviation, in cycles per sample."""

    centre: float
    width: float

    @property
    def octave(self) -> int:
        """By how many octaves the highest frequency it passes lies below the Nyquist frequency."""
        highest = min(self.centre + SUPPORT * self.width, 0.5)
        return math.floor(-math.log2(highest)) - 1


def wavelets(q: int, length: int) -> list[Wavelet]:
    """Filters of `q` to the octave, high to low, then equally spaced ones of the width of the averaging filter.

    Parameters
    ----------
    q
        Wavelets per octave.
    length
        Samples averaged over.
    """
    step = 2 ** (1 / q)
    narrowest = PHI_SIGMA / length
    centre = max(1 / (1 + 2 ** (3 / q)), 0.35)
    shrink = 2 ** (-1 / q)
    width = centre * (1 - shrink) / (1 + shrink) / math.sqrt(2 * math.log(1 / CROSSING))
    if width <= narrowest:
        return [Wavelet(width - i * width / q, narrowest) for i in range(q)]
    found = [Wavelet(centre, width)]
    while width > narrowest * step:
        centre, width = centre / step, width / step
        found.append(Wavelet(centre, width))
    return found + [Wavelet(centre * (1 - i / q), narrowest) for i in range(1, q)]


def passed(wave: Wavelet, n: int) -> tuple[int, Tensor]:
    """The first bin of n samples that a wavelet passes, and its value (float64) at that and the following.

    Bins may be negative: the correction of a wide wavelet reaches below 0.
    """
    low = wave.centre if wave.centre > 2 * SUPPORT * wave.width else 0.0
    first = math.ceil((low - SUPPORT * wave.width) * n)
    index = torch.arange(first, math.floor((wave.centre + SUPPORT * wave.width) * n) + 1)
    return first, _morlet(wave, index.double() / n)


def l1_norm(wave: Wavelet) -> float:
    """Sum of the magnitudes of the wavelet in time; the same an octave lower, so looked at where it is short."""
    up = 2.0 ** max(0, wave.octave)
    short = Wavelet(wave.centre * up, wave.width * up)
    n = 2 ** math.ceil(math.log2(16 / short.width))
    first, values = passed(short, n)
    spectrum = torch.zeros(n, dtype=torch.float64)
    spectrum.index_add_(0, torch.arange(first, first + len(values)) % n, values)
    return float(torch.fft.ifft(spectrum).abs().sum())


def _morlet(wave: Wavelet, f: Tensor) -> Tensor:
    """A Morlet wavelet at frequencies f: a Gaussian, less a Gaussian at 0 that leaves it without a mean."""
    at_zero = math.exp(-(wave.centre**2) / (2 * wave.width**2))
    gabor = torch.exp(-((f - wave.centre) ** 2) / (2 * wave.width**2))
    return gabor - at_zero * torch.exp(-(f**2) / (2 * wave.width**2))
