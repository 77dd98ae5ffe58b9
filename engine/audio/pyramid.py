"""Long pictures in little memory: spectrograms and waveforms at several resolutions, ready to draw."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.checks import InputError
from engine.job import Progress, Report, silent

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]
FACTOR = 2  # each level has half the columns of the one before: all levels together cost twice the first
COLUMNS_AT_ONCE = 16384
COARSEST_COLUMNS = 512
LEAST_CONTRAST = 64
RANGE_NEPER = 9.2  # 80 dB of magnitude below the loudest part


@dataclass(frozen=True)
class ImagePyramid:
    """A log-magnitude spectrogram as bytes, at full and ever halved time resolution.

    A column of a coarser level holds the loudest of those it stands for: short sounds stay visible.

    Parameters
    ----------
    levels
        uint8 (bands, ceil(frames / 2 ** i)) for level i; 0 is `low`, 255 is `high`.
    low, high
        Natural log of magnitude.
    contrast
        For each level the bytes to draw as black and as white. Coarser levels are louder, for they hold maxima:
        with contrasts of their own, zooming does not change the brightness.
    """

    levels: tuple[Bytes, ...]
    low: float
    high: float
    contrast: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, S: Floats, *, low: float | None = None, high: float | None = None,
           report: Report = silent) -> ImagePyramid:
        """Build from S (bands, frames), natural log of magnitude.

        Parameters
        ----------
        low, high
            What becomes 0 and 255; by default 80 dB below the loudest 0.05 % of S, and that loudness.

        Raises
        ------
        InputError
            When S holds no frame.
        """
        if S.ndim != 2 or not S.size:
            raise InputError(f"spectrogram: expected bands x frames, got an array of shape {S.shape}")
        if high is None:
            every = max(1, S.shape[1] // 20000)
            high = float(np.quantile(S[:, ::every], 0.9995))
        if low is None:
            low = max(high - RANGE_NEPER, float(S.min())) if S.min() < high else high - RANGE_NEPER
        base: Bytes = np.empty(S.shape, np.uint8)
        for first in range(0, S.shape[1], COLUMNS_AT_ONCE):
            part = slice(first, first + COLUMNS_AT_ONCE)
            base[:, part] = to_bytes(S[:, part], low, high)
            report(Progress(first, S.shape[1], "drawing the spectrogram"))
        levels: list[Bytes] = [base]
        while levels[-1].shape[1] > COARSEST_COLUMNS:
            levels.append(_halved(levels[-1]))
            report(Progress(S.shape[1] - levels[-1].shape[1], S.shape[1], "drawing the spectrogram"))
        report(Progress(S.shape[1], S.shape[1], "drawing the spectrogram"))
        return cls(tuple(levels), low, high, tuple(_contrast(level) for level in levels))

    @property
    def bands(self) -> int:
        """Rows."""
        return int(self.levels[0].shape[0])

    @property
    def frames(self) -> int:
        """Columns of the finest level."""
        return int(self.levels[0].shape[1])

    def slice(self, start: int, stop: int, max_columns: int) -> tuple[Bytes, int, int]:
        """The finest view of frames `start` to `stop` (exclusive) that has at most `max_columns` columns.

        Returns
        -------
        array, first, level
            uint8 (bands, columns), a view without copy; column i stands for frames first + i * step to
            first + (i + 1) * step, where step = 2 ** level. The part asked for lies within. Where even the
            coarsest level has too many columns, that level is returned.
        """
        start, stop = max(0, start), min(self.frames, stop)
        if stop <= start:
            return self.levels[0][:, :0], start, 0
        level = 0
        while level + 1 < len(self.levels) and _columns(start, stop, FACTOR**level) > max_columns:
            level += 1
        step = FACTOR**level
        first = start // step
        return self.levels[level][:, first : -(-stop // step)], first * step, level

    def value(self, band: int, frame: int) -> float:
        """Natural log of magnitude of one bin, as exact as bytes are."""
        return self.low + float(self.levels[0][band, frame]) / 255 * (self.high - self.low)


def to_bytes(S: Floats, low: float, high: float) -> Bytes:
    """S mapped from low..high to 0..255, and clipped."""
    scaled = (S - np.float32(low)) * np.float32(255 / max(high - low, 1e-6))
    made: Bytes = np.clip(np.rint(scaled), 0, 255).astype(np.uint8)
    return made


def _contrast(level: Bytes) -> tuple[int, int]:
    """The bytes below and above which little lies, at least a quarter of the range apart."""
    every = max(1, level.shape[1] // 2000)
    quiet, loud = np.quantile(level[:, ::every], [0.12, 0.998])
    white = max(int(loud), LEAST_CONTRAST)
    return min(int(quiet), white - LEAST_CONTRAST), white


def _columns(start: int, stop: int, step: int) -> int:
    return -(-stop // step) - start // step


def _halved(level: Bytes) -> Bytes:
    even = level.shape[1] // FACTOR * FACTOR
    halved: Bytes = np.maximum(level[:, 0:even:FACTOR], level[:, 1:even:FACTOR])
    return np.concatenate([halved, level[:, even:]], axis=1) if even < level.shape[1] else halved


@dataclass(frozen=True)
class PeakPyramid:
    """Lowest and highest sample of a mono signal, at ever coarser time resolution.

    Parameters
    ----------
    levels
        float32 (2, bins): lowest and highest sample of each bin; a bin of level i stands for
        `samples_per_bin` * 4 ** i samples.
    samples_per_bin
        Samples in a bin of the finest level.
    sr, samples
        Hz, and length of the signal.
    """

    levels: tuple[Floats, ...]
    samples_per_bin: int
    sr: int
    samples: int

    @classmethod
    def of(cls, blocks: Iterable[Floats], *, sr: int, samples: int = 0, samples_per_bin: int = 256,
           report: Report = silent) -> PeakPyramid:
        """Build from mono (n,) or (n, channels) blocks as they are read: memory grows with the bins only.

        Parameters
        ----------
        blocks
            Of any lengths; channels are averaged.
        samples
            Expected length, for the progress only.
        """
        parts: list[Floats] = []
        rest = np.zeros(0, np.float32)
        seen = 0
        for block in blocks:
            mono = block if block.ndim == 1 else block.mean(axis=1, dtype=np.float32)
            seen += len(mono)
            rest = np.concatenate([rest, mono])
            whole = len(rest) // samples_per_bin * samples_per_bin
            parts.append(_peaks(rest[:whole], samples_per_bin))
            rest = rest[whole:]
            report(Progress(min(seen, samples) if samples else seen, samples or seen, "drawing the waveform"))
        if len(rest):
            parts.append(np.array([[rest.min()], [rest.max()]], np.float32))
        levels = [np.concatenate(parts, axis=1) if parts else np.zeros((2, 0), np.float32)]
        while levels[-1].shape[1] > COARSEST_COLUMNS:
            levels.append(_quartered(levels[-1]))
        return cls(tuple(levels), samples_per_bin, sr, seen)

    @property
    def seconds(self) -> float:
        """Length of the signal in seconds."""
        return self.samples / self.sr

    def slice(self, start: float, stop: float, max_bins: int) -> tuple[Floats, float, float]:
        """Peaks between `start` and `stop` in seconds, in at most `max_bins` bins where that is possible.

        Returns
        -------
        peaks, first, step
            float32 (2, bins), lowest and highest; bin i begins at first + i * step seconds.
        """
        level = 0
        while level + 1 < len(self.levels) and (stop - start) / self._bin_seconds(level) > max_bins:
            level += 1
        step = self._bin_seconds(level)
        first = max(0, int(start / step))
        return self.levels[level][:, first : int(np.ceil(stop / step))], first * step, step

    def _bin_seconds(self, level: int) -> float:
        return float(self.samples_per_bin * 4**level / self.sr)


def _peaks(y: Floats, samples_per_bin: int) -> Floats:
    bins = y.reshape(-1, samples_per_bin)
    return np.stack([bins.min(axis=1, initial=np.inf), bins.max(axis=1, initial=-np.inf)]).astype(np.float32)


def _quartered(level: Floats) -> Floats:
    padded = np.pad(level, ((0, 0), (0, -level.shape[1] % 4)), mode="edge").reshape(2, -1, 4)
    return np.stack([padded[0].min(axis=1), padded[1].max(axis=1)])
