"""Time scattering: what is left of a sound after wavelets, modulus and averaging, twice.

J. Andén, S. Mallat: Deep scattering spectrum. IEEE Trans. Signal Processing 62(16), 2014; the filter bank is that of
M. Andreux et al.: Kymatio: scattering transforms in Python. JMLR 21(60), 2020, with whose values these agree.

The modulus of a band does not change when the band is moved to frequency 0, so each band is transformed at a rate
that fits its width, not its place: an eighth of the samples and less where the filters are narrow.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.checks import within
from engine.job import Progress, Report, silent

PHI_SIGMA = 0.1       # bandwidth of the averaging filter, in cycles over its length
SUPPORT = 5.0         # standard deviations of a Gaussian beyond which it is taken for 0 (4e-6)
MIRRORED = 8          # columns before and after a sound that are its mirror image: the longest wavelets reach so far
CROSSING = math.sqrt(0.5)   # value at which neighbouring filters meet
OVERSAMPLING = 2.0    # of a band, as its modulus is wider than the band itself


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


class Scattering:
    """Scattering coefficients of orders 1 and 2.

    Parameters
    ----------
    length
        Samples averaged over, a power of 2: from one column of the result to the next.
    q
        Wavelets per octave of the first and of the second order.
    """

    def __init__(self, *, length: int = 2**14, q: tuple[int, int] = (8, 1)) -> None:
        within(math.log2(length) % 1, 0, 0, "length: octaves beyond a power of 2")
        within(length, 2**4, 2**20, "length")
        self.length = length
        self.first, self.second = wavelets(q[0], length), wavelets(q[1], length)
        self._norms = {wave: _l1_norm(wave) for wave in {*self.first, *self.second}}
        self._filters: dict[tuple[Wavelet, int], tuple[Tensor, Tensor]] = {}

    @property
    def paths(self) -> list[tuple[int, ...]]:
        """Index of the first-order and, for the second order, the second-order wavelet of each row of the result."""
        pairs = [(i, k) for i, one in enumerate(self.first) for k, two in enumerate(self.second)
                 if two.octave > one.octave]
        return [*((i,) for i in range(len(self.first))), *pairs]

    def __call__(self, y: Tensor, report: Report = silent) -> Tensor:
        """Coefficients (paths, columns) of y (samples,), a column each `length` samples.

        The sound is mirrored at its ends.

        Parameters
        ----------
        y
            float32 (samples,), more than 1.
        """
        padded, lead = _mirrored(y, self.length)
        spectrum = torch.fft.fft(padded)
        columns = slice(lead // self.length, lead // self.length - (-len(y) // self.length))
        low = self._averaging(len(padded))
        ones: list[Tensor] = []
        twos: list[Tensor] = []
        for i, one in enumerate(self.first):
            report(Progress(i, len(self.first), "scattering"))
            envelope = torch.fft.fft(self._band(spectrum, len(padded), one).abs())
            ones.append(self._averaged(envelope, low)[columns])
            for two in self.second:
                if two.octave > one.octave:
                    inner = torch.fft.fft(self._band(envelope, len(padded), two).abs())
                    twos.append(self._averaged(inner, low)[columns])
        return torch.stack(ones + twos)

    def _band(self, spectrum: Tensor, n: int, wave: Wavelet) -> Tensor:
        """The band of a signal of n samples, from its lowest bins, moved to where its rate is least."""
        index, values = self._filter(wave, n)
        if len(spectrum) < n:  # an envelope holds nothing beyond its own rate
            inside = index.abs() < len(spectrum) // 2
            index, values = index[inside], values[inside]
        band, size = len(values), len(spectrum)
        while size // 2 >= max(OVERSAMPLING * band, n // self.length):
            size //= 2
        buffer = spectrum.new_zeros(size)
        buffer[:band] = spectrum[index % len(spectrum)] * values
        moved: Tensor = torch.fft.ifft(buffer) * (size / len(spectrum))
        return moved

    def _filter(self, wave: Wavelet, n: int) -> tuple[Tensor, Tensor]:
        """Bins of n samples that a wavelet passes, and what it does to them."""
        if (wave, n) not in self._filters:
            low, high = _reach(wave)
            index = torch.arange(math.ceil(low * n), math.floor(high * n) + 1)
            self._filters[wave, n] = index, (_morlet(wave, index.double() / n) / self._norms[wave]).float()
        return self._filters[wave, n]

    def _averaging(self, n: int) -> Tensor:
        out = n // self.length
        f = torch.fft.rfftfreq(out, dtype=torch.float64) * (1 / PHI_SIGMA)
        return torch.exp(-(f**2) / 2).float()

    def _averaged(self, spectrum: Tensor, low: Tensor) -> Tensor:
        """A signal's average, a value each `length` samples, from its spectrum."""
        out = 2 * (len(low) - 1)
        average: Tensor = torch.fft.irfft(spectrum[: len(low)] * low, out) * (out / len(spectrum))
        return average


def _mirrored(y: Tensor, length: int) -> tuple[Tensor, int]:
    """The signal with its mirror image before and after it, and how many samples before it."""
    columns = -(-len(y) // length) + 2 * MIRRORED
    columns += columns % 2
    while max(_prime_factors(columns)) > 7:
        columns += 2
    lead = MIRRORED * length
    behind = columns * length - len(y) - lead
    position = torch.arange(-lead, len(y) + behind)
    period = 2 * (len(y) - 1)
    folded = position.remainder(period)
    return y[torch.minimum(folded, period - folded)], lead


def _prime_factors(n: int) -> Iterator[int]:
    factor = 2
    while n > 1:
        if n % factor:
            factor += 1
        else:
            n //= factor
            yield factor


def _reach(wave: Wavelet) -> tuple[float, float]:
    """Lowest and highest frequency that a wavelet passes; the correction of a wide one reaches below 0."""
    low = wave.centre if wave.centre > 2 * SUPPORT * wave.width else 0.0
    return low - SUPPORT * wave.width, wave.centre + SUPPORT * wave.width


def _morlet(wave: Wavelet, f: Tensor) -> Tensor:
    """A Morlet wavelet at frequencies f: a Gaussian, less a Gaussian at 0 that leaves it without a mean."""
    at_zero = math.exp(-(wave.centre**2) / (2 * wave.width**2))
    gabor = torch.exp(-((f - wave.centre) ** 2) / (2 * wave.width**2))
    return gabor - at_zero * torch.exp(-(f**2) / (2 * wave.width**2))


def _l1_norm(wave: Wavelet) -> float:
    """Sum of the magnitudes of the wavelet in time; the same an octave lower, so looked at where it is short."""
    up = 2.0 ** max(0, wave.octave)
    short = Wavelet(wave.centre * up, wave.width * up)
    n = 2 ** math.ceil(math.log2(16 / short.width))
    low, high = _reach(short)
    index = torch.arange(math.ceil(low * n), math.floor(high * n) + 1)
    spectrum = torch.zeros(n, dtype=torch.float64)
    spectrum.index_add_(0, index % n, _morlet(short, index.double() / n))
    return float(torch.fft.ifft(spectrum).abs().sum())
