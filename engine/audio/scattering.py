"""Time scattering: what is left of a sound after wavelets, modulus and averaging, twice.

J. Andén, S. Mallat: Deep scattering spectrum. IEEE Trans. Signal Processing 62(16), 2014; the filter bank is that of
M. Andreux et al.: Kymatio: scattering transforms in Python. JMLR 21(60), 2020, with whose values these agree.

The modulus of a band does not change when the band is moved to frequency 0, so each band is transformed at a rate
that fits its width, not its place: an eighth of the samples and less where the filters are narrow. Bands of one rate
are transformed together; averages are matrix products, as of each only a value a column is wanted.
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

    Attributes
    ----------
    paths
        Index of the first-order and, for the second order, the second-order wavelet of each row of the result.
    """

    paths: list[tuple[int, ...]]

    def __init__(self, *, length: int = 2**14, q: tuple[int, int] = (8, 1)) -> None:
        within(math.log2(length) % 1, 0, 0, "length: octaves beyond a power of 2")
        within(length, 2**4, 2**20, "length")
        self.length = length
        self.first, self.second = wavelets(q[0], length), wavelets(q[1], length)
        self._norms = {wave: _l1_norm(wave) for wave in {*self.first, *self.second}}
        self._slower = {i: [k for k, two in enumerate(self.second) if two.octave > one.octave]
                        for i, one in enumerate(self.first)}
        self.paths = [*((i,) for i in range(len(self.first))),
                      *((i, k) for i, slower in self._slower.items() for k in slower)]
        self._filters: dict[tuple[Wavelet, int], tuple[Tensor, Tensor]] = {}
        self._averages: dict[tuple[int, int], Tensor] = {}

    def __call__(self, y: Tensor, report: Report = silent) -> Tensor:
        """Coefficients (paths, columns) of y (samples,), a column each `length` samples, the first centred on sample 0.

        The sound is mirrored at its ends.

        Parameters
        ----------
        y
            float32 (samples,), more than 1.
        """
        padded, lead = _mirrored(y, self.length)
        n, spectrum = len(padded), torch.fft.fft(padded)
        columns = slice(lead // self.length, lead // self.length - (-len(y) // self.length))
        found: dict[tuple[int, ...], Tensor] = {}
        groups = self._of_one_rate(n)
        for size, members in groups.items():
            report(Progress(len(found), len(self.paths), "scattering"))
            bands = torch.stack([self._band(spectrum, self.first[i], n, size) for i in members])
            envelopes = torch.fft.ifft(bands).abs() * (size / n)
            found |= zip(((i,) for i in members), self._averaged(envelopes, n // self.length, columns), strict=True)
            envelopes = torch.fft.fft(envelopes)
            for k, two in enumerate(self.second):
                slower = [j for j, i in enumerate(members) if k in self._slower[i]]
                if slower:
                    report(Progress(len(found), len(self.paths), "scattering"))
                    inner = self._envelopes(envelopes[slower], two, n)
                    averages = self._averaged(inner, n // self.length, columns)
                    found |= zip(((members[j], k) for j in slower), averages, strict=True)
        return torch.stack([found[path] for path in self.paths])

    def _of_one_rate(self, n: int) -> dict[int, list[int]]:
        """First-order bands by the number of samples that n become in them."""
        groups: dict[int, list[int]] = {}
        for i, one in enumerate(self.first):
            groups.setdefault(self._size(len(self._filter(one, n)[0]), n, n), []).append(i)
        return groups

    def _size(self, band: int, n: int, size: int) -> int:
        """Samples that a band so many bins wide needs, of the n of the sound; at most `size`."""
        while size // 2 >= max(OVERSAMPLING * band, n // self.length):
            size //= 2
        return size

    def _band(self, spectrum: Tensor, wave: Wavelet, n: int, size: int) -> Tensor:
        """The bins (size,) of a band of a sound of n samples, moved to where its rate is least."""
        index, values = self._filter(wave, n)
        return torch.nn.functional.pad(spectrum[index % n] * values, (0, size - len(index)))

    def _envelopes(self, spectra: Tensor, wave: Wavelet, n: int) -> Tensor:
        """Modulus of one band each of signals with these spectra (signals, bins), at the rate that the band needs."""
        index, values = self._filter(wave, n)
        whole = spectra.shape[-1]
        inside = index.abs() < whole // 2  # an envelope holds nothing beyond its own rate
        index, values = index[inside], values[inside]
        size = self._size(len(index), n, whole)
        bands = torch.nn.functional.pad(spectra[:, index % whole] * values, (0, size - len(index)))
        moved: Tensor = torch.fft.ifft(bands)
        return moved.abs() * (size / whole)

    def _filter(self, wave: Wavelet, n: int) -> tuple[Tensor, Tensor]:
        """Bins of n samples that a wavelet passes, and what it does to them."""
        if (wave, n) not in self._filters:
            low, high = _reach(wave)
            index = torch.arange(math.ceil(low * n), math.floor(high * n) + 1)
            self._filters[wave, n] = index, (_morlet(wave, index.double() / n) / self._norms[wave]).float()
        return self._filters[wave, n]

    def _averaged(self, signals: Tensor, all_columns: int, columns: slice) -> Tensor:
        """Averages (signals, columns) of signals (signals, samples) around the first sample of each column.

        What each column adds to those around it is one matrix product; they then only need to be summed.
        """
        each = signals.shape[-1] // all_columns
        parts = (signals.reshape(-1, each) @ self._averaging(all_columns, each)).view(len(signals), all_columns, -1)
        shifts = range(-MIRRORED, MIRRORED)
        total = sum(parts[:, columns.start + d : columns.stop + d, d + MIRRORED] for d in shifts)
        return torch.as_tensor(total)

    def _averaging(self, columns: int, each: int) -> Tensor:
        """Weights (each, 2 MIRRORED) of a column's samples in the averages of the columns around it."""
        if (columns, each) not in self._averages:
            n = columns * each
            f = torch.arange(n // 2 + 1, dtype=torch.float64) / (columns * PHI_SIGMA)
            low = torch.fft.irfft(torch.exp(-(f**2) / 2), n)
            shift = torch.arange(-MIRRORED, MIRRORED) * each
            self._averages[columns, each] = low[-(shift + torch.arange(each)[:, None]) % n].float()
        return self._averages[columns, each]


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
