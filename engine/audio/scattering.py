"""Time scattering: what is left of a sound after wavelets, modulus and averaging, twice.

J. Andén, S. Mallat: Deep scattering spectrum. IEEE Trans. Signal Processing 62(16), 2014; the values agree
with those of M. Andreux et al.: Kymatio: scattering transforms in Python. JMLR 21(60), 2020.

The modulus of a band does not change when the band is moved to frequency 0, so each band is transformed at a rate
that fits its width, not its place: an eighth of the samples and less where the filters are narrow. Bands of one rate
are transformed together; averages are matrix products, as of each only a value a column is wanted. A sound that
differs from one already scattered in some bands only, as after a filter, is transformed in these bands only.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engine.audio.wavelets import PHI_SIGMA, Wavelet, l1_norm, passed, wavelets
from engine.checks import within
from engine.job import Progress, Report, silent

MIRRORED = 8          # columns before and after a sound that are its mirror image: the longest wavelets reach so far
OVERSAMPLING = 2.0    # of a band, as its modulus is wider than the band itself
SAME = 1e-3           # of a band's faintest average: what changes it less leaves its coefficients as they are
FAINTEST = 1e-7       # average below which all is silence
LEAST_TAKEN = 0.05    # share of the bands that makes it worth while to take over any
PROBED = (10, 25, 45, 65, 85)   # bands that are compared first: sounds that share none of them are not alike
LENGTHS_KEPT = 3      # of sounds whose filters are kept: several MB each


@dataclass(frozen=True)
class Scattered:
    """A sound that was scattered.

    Parameters
    ----------
    samples
        Of the sound.
    spectrum
        complex64 (bins,), of the sound with its mirror images, faded at their far ends, from 0 to the Nyquist
        frequency.
    S
        Coefficients (paths, columns).
    taken_from
        Place of the like sound that it has bands from, among those that were given; -1 where all were transformed.
    """

    samples: int
    spectrum: Tensor
    S: Tensor
    taken_from: int


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
        self._norms = {wave: l1_norm(wave) for wave in {*self.first, *self.second}}
        self._slower = {i: [k for k, two in enumerate(self.second) if two.octave > one.octave]
                        for i, one in enumerate(self.first)}
        self.paths = [*((i,) for i in range(len(self.first))),
                      *((i, k) for i, slower in self._slower.items() for k in slower)]
        self._rows = {path: row for row, path in enumerate(self.paths)}
        self._filters: dict[int, dict[Wavelet, tuple[int, Tensor]]] = {}
        self._averages: dict[tuple[int, int], Tensor] = {}

    def __call__(self, y: Tensor, report: Report = silent) -> Tensor:
        """Coefficients (paths, columns) of y (samples,), a column each `length` samples, the first centred on sample 0.

        The sound is mirrored at its ends.

        Parameters
        ----------
        y
            float32 (samples,), more than 1.
        """
        return self.scattered(y, report=report).S

    def means(self, y: Tensor) -> Tensor:
        """Order 0 (columns,): the sound itself, averaged as the others are."""
        padded, lead = _mirrored(y, self.length)
        columns = slice(lead // self.length, lead // self.length - (-len(y) // self.length))
        return self._averaged(padded[None], len(padded) // self.length, columns)[0]

    def scattered(self, y: Tensor, *, likes: Sequence[Scattered] = (), report: Report = silent) -> Scattered:
        """The same with what it takes to scatter another sound that is like this one.

        Parameters
        ----------
        y
            float32 (samples,), more than 1.
        likes
            Of these the first that is like this one lends it all bands that differ by nothing but a factor; they are
            at most 0.1 % off. Sounds of another length are not alike.
        """
        padded, lead = _mirrored(y, self.length)
        n = len(padded)
        faded = torch.fft.rfft(padded * self._fade(n))
        taken_from, found = self._alike(faded, likes, len(y), n)
        spectrum = torch.fft.rfft(padded)
        columns = slice(lead // self.length, lead // self.length - (-len(y) // self.length))
        old = {path[0] for path in found}
        for size, members in self._of_one_rate(n, [i for i in range(len(self.first)) if i not in old]).items():
            report(Progress(len(found), len(self.paths), "scattering"))
            bands = torch.stack([self._band(spectrum, self.first[i], n, size) for i in members])
            envelopes = _modulus(torch.fft.ifft(bands)) * (size / n)
            found |= zip(((i,) for i in members), self._averaged(envelopes, n // self.length, columns), strict=True)
            envelopes = torch.fft.rfft(envelopes)
            for k, two in enumerate(self.second):
                slower = [j for j, i in enumerate(members) if k in self._slower[i]]
                if slower:
                    report(Progress(len(found), len(self.paths), "scattering"))
                    inner = self._envelopes(envelopes[slower], size, two, n)
                    averages = self._averaged(inner, n // self.length, columns)
                    found |= zip(((members[j], k) for j in slower), averages, strict=True)
        S = torch.stack([found[path] for path in self.paths])
        return Scattered(len(y), faded, S, taken_from)

    def _alike(self, faded: Tensor, likes: Sequence[Scattered], samples: int,
               n: int) -> tuple[int, dict[tuple[int, ...], Tensor]]:
        """Place of the first sound that shares enough, and the coefficients that it shares."""
        bands = len(self.first)
        for place, like in enumerate(likes):
            if like.samples != samples or not self._taken_over(faded, like, n, [i for i in PROBED if i < bands]):
                continue
            found = self._taken_over(faded, like, n, range(bands))
            if len(found) >= LEAST_TAKEN * len(self.paths):
                return place, found
        return -1, {}

    def _fade(self, n: int) -> Tensor:
        """Gains (n,) that let the far ends meet: the jump there, which no column hears, is in all bands."""
        rise = torch.sin(torch.linspace(0, math.pi / 2, MIRRORED // 4 * self.length)).square()
        return torch.cat([rise, torch.ones(n - 2 * len(rise)), rise.flip(0)])

    def _taken_over(self, spectrum: Tensor, like: Scattered, n: int,
                    bands: Sequence[int]) -> dict[tuple[int, ...], Tensor]:
        """Coefficients of those bands that are a like sound's but for a factor.

        What is left of a band once the factor is undone changes an average by at most its root of energy times that
        of the averaging filter (Cauchy-Schwarz), a Gaussian whose energy is sqrt(pi) PHI_SIGMA over its length.
        """
        reach = math.sqrt(math.sqrt(math.pi) * PHI_SIGMA / self.length / n)
        found: dict[tuple[int, ...], Tensor] = {}
        for i in bands:
            first, values = self._filter(self.first[i], n)
            old, new = (_bins(one, first, len(values), n) * values for one in (like.spectrum, spectrum))
            energy = float(torch.vdot(old, old).real)
            factor = torch.vdot(old, new) / energy if energy > 0 else torch.ones((), dtype=old.dtype)
            scale = float(factor.abs())
            scale = 1.0 if abs(scale - 1) < SAME / 100 else scale
            rest = new - factor * old
            off = math.sqrt(float(torch.vdot(rest, rest).real)) * reach
            if off <= SAME * max(scale * float(like.S[self._rows[i,]].min()), FAINTEST):
                found |= {path: like.S[self._rows[path]] * scale
                          for path in ((i,), *((i, k) for k in self._slower[i]))}
        return found

    def _of_one_rate(self, n: int, bands: list[int]) -> dict[int, list[int]]:
        """First-order bands by the number of samples that n become in them."""
        groups: dict[int, list[int]] = {}
        for i in bands:
            groups.setdefault(self._size(len(self._filter(self.first[i], n)[1]), n, n), []).append(i)
        return groups

    def _size(self, band: int, n: int, size: int) -> int:
        """Samples that a band so many bins wide needs, of the n of the sound; at most `size`."""
        while size // 2 >= max(OVERSAMPLING * band, n // self.length):
            size //= 2
        return size

    def _band(self, spectrum: Tensor, wave: Wavelet, n: int, size: int) -> Tensor:
        """The bins (size,) of a band of a sound of n samples, moved to where its rate is least."""
        first, values = self._filter(wave, n)
        return torch.nn.functional.pad(_bins(spectrum, first, len(values), n) * values, (0, size - len(values)))

    def _envelopes(self, spectra: Tensor, whole: int, wave: Wavelet, n: int) -> Tensor:
        """Modulus of one band each of `whole` samples with these spectra (signals, bins), at the rate it needs."""
        first, values = self._filter(wave, n)
        limit = -(-whole // 2) - 1  # an envelope holds nothing beyond its own rate
        skipped = max(0, -limit - first)
        first, values = first + skipped, values[skipped : limit - first + 1]
        size = self._size(len(values), n, whole)
        bands = torch.nn.functional.pad(_bins(spectra, first, len(values), whole) * values, (0, size - len(values)))
        return _modulus(torch.fft.ifft(bands)) * (size / whole)

    def _filter(self, wave: Wavelet, n: int) -> tuple[int, Tensor]:
        """The first bin of n samples that a wavelet passes, and what it does to that and the following."""
        if n not in self._filters:
            while len(self._filters) >= LENGTHS_KEPT:
                self._filters.pop(next(iter(self._filters)), None)
            self._filters[n] = {}
        filters = self._filters[n]
        if wave not in filters:
            first, values = passed(wave, n)
            filters[wave] = first, (values / self._norms[wave]).float()
        return filters[wave]

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


def _modulus(z: Tensor) -> Tensor:
    """Absolute values; numpy's, which are ten times as fast, where no gradient is wanted."""
    return z.abs() if z.requires_grad else torch.from_numpy(np.abs(z.numpy()))


def _bins(spectrum: Tensor, first: int, count: int, n: int) -> Tensor:
    """So many bins of a real signal of n samples, from `first` on, which may be negative or beyond half the rate."""
    parts = [spectrum[..., :0]]
    while count > 0:
        at = first % n
        if at <= n // 2:
            taken = min(count, n // 2 + 1 - at)
            parts.append(spectrum[..., at : at + taken])
        else:  # the mirror image of a positive frequency
            taken = min(count, n - at)
            parts.append(spectrum[..., n - at - taken + 1 : n - at + 1].flip(-1).conj())
        first, count = first + taken, count - taken
    return parts[-1] if len(parts) <= 2 else torch.cat(parts, dim=-1)


def _mirrored(y: Tensor, length: int) -> tuple[Tensor, int]:
    """The signal with its mirror image before and after it, and how many samples before it."""
    columns = -(-len(y) // length) + 2 * MIRRORED
    columns += columns % 2
    while max(_prime_factors(columns)) > 7:
        columns += 2
    lead = MIRRORED * length
    behind = columns * length - len(y) - lead
    if max(lead, behind) < len(y):
        return torch.nn.functional.pad(y[None], (lead, behind), mode="reflect")[0], lead
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
