"""Front ends: from samples to log spectrograms, as torch modules, so that gradients reach the waveform."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.audio.waveform import AudioFile, Waveform
from engine.job import Progress, Report, silent

FRAMES_AT_ONCE = 512  # fits the second-level cache: more than twice as fast as one torch.stft of a whole song


@dataclass(frozen=True)
class Spectrogram:
    """A log spectrogram with its axes.

    Parameters
    ----------
    S
        (..., bands, frames), natural log of magnitude; frame t is centred at t * hop_length samples.
    sr, hop_length
        Hz and samples of the analysed signal.
    frequencies
        (bands + 2,) in Hz: lower edge, centres, upper edge; band i reaches from entry i to i + 2.
    """

    S: Tensor
    sr: int
    hop_length: int
    frequencies: NDArray[np.float64]

    @property
    def frames_per_second(self) -> float:
        """Frames per second."""
        return self.sr / self.hop_length


class FrontEnd(nn.Module):
    """Magnitude STFT with a Hann window, perhaps summed into bands, and its logarithm.

    Parameters
    ----------
    sr, n_fft, hop_length
        Hz, samples (even), samples.
    floor
        Smallest magnitude before the logarithm.
    bank
        float32 (bands, n_fft // 2 + 1): weights of the bins in each band; None where each bin is a band.
    frequencies
        (bands + 2,) in Hz: lower edge, centres, upper edge.

    Attributes
    ----------
    bands
        Number of rows of its spectrograms.
    fmax
        Upper edge of the top band in Hz.
    """

    window: Tensor
    bank: Tensor | None
    rows_together = 1   # rows that mean nothing alone, from the first on

    def __init__(self, *, sr: int, n_fft: int, hop_length: int, floor: float, bank: NDArray[np.float32] | None,
                 frequencies: NDArray[np.float64]) -> None:
        super().__init__()
        self.sr, self.n_fft, self.hop_length, self.floor = sr, n_fft, hop_length, floor
        self.frequencies, self.bands, self.fmax = frequencies, len(frequencies) - 2, float(frequencies[-1])
        self.register_buffer("window", torch.hann_window(n_fft), persistent=False)
        self.register_buffer("bank", None if bank is None else torch.from_numpy(bank), persistent=False)

    @property
    def frames_per_second(self) -> float:
        """Frames per second."""
        return self.sr / self.hop_length

    @property
    def rows(self) -> str:
        """What a person reads of its rows, such as "80 mel bands"."""
        return f"{self.bands} {'frequencies' if self.bank is None else 'mel bands'}"

    @cached_property
    def key(self) -> tuple[object, ...]:
        """Equal for front ends that make the same of a sound."""
        bank = getattr(self, "bank", None)
        weights = b"" if bank is None else hashlib.sha256(bank.numpy().tobytes()).digest()
        return type(self), self.sr, self.n_fft, self.hop_length, self.floor, self.frequencies.tobytes(), weights

    def drawn(self, S: Tensor) -> Tensor:
        """Natural log of magnitude (..., bands, frames) of what this front end makes: what pictures show."""
        return S

    def relevelled(self, S: Tensor, levels: Tensor) -> Tensor:
        """S (..., bands, frames) changed so that `drawn` of it is `levels`."""
        return levels

    def magnitude(self, y: Tensor) -> Tensor:
        """Magnitudes (n_fft // 2 + 1, frames) of y (samples,); frame t is centred at t * hop_length."""
        return torch.cat([frames.T for frames in self._magnitudes(y)], dim=1)

    def stft(self, y: Tensor) -> Tensor:
        """Complex STFT (..., n_fft // 2 + 1, frames) of y (..., samples), whose modulus is `magnitude`."""
        return torch.stft(y, self.n_fft, self.hop_length, window=self.window, pad_mode="constant",
                          return_complex=True)

    def istft(self, D: Tensor, samples: int) -> Tensor:
        """The signal (..., samples) whose STFT is nearest to D (..., n_fft // 2 + 1, frames) in least squares."""
        return torch.istft(D, self.n_fft, self.hop_length, window=self.window, length=samples)

    def of_magnitude(self, magnitude: Tensor) -> Tensor:
        """Log spectrogram (..., bands, frames) of magnitudes (..., n_fft // 2 + 1, frames)."""
        return self._log(magnitude if self.bank is None else self.bank @ magnitude)

    def forward(self, y: Tensor) -> Tensor:
        """Log spectrogram (bands, 1 + samples // hop_length) of y (samples,)."""
        return self._log(torch.cat([self._banded(frames) for frames in self._magnitudes(y)])).T

    def _banded(self, frames: Tensor) -> Tensor:
        return frames if self.bank is None else frames @ self.bank.T

    def _log(self, magnitude: Tensor) -> Tensor:
        return torch.log(magnitude.clamp_min(self.floor))

    def _magnitudes(self, y: Tensor) -> Iterator[Tensor]:
        padded = nn.functional.pad(y, (self.n_fft // 2, self.n_fft // 2))
        for part in torch.split(padded.unfold(0, self.n_fft, self.hop_length), FRAMES_AT_ONCE):
            yield torch.fft.rfft(part * self.window).abs()

    def spectrogram(self, waveform: Waveform) -> Spectrogram:
        """The log spectrogram of a waveform at any rate and any number of channels."""
        y = torch.from_numpy(waveform.mono().resampled(self.sr).y)
        with torch.no_grad():
            return Spectrogram(self(y), self.sr, self.hop_length, self.frequencies)

    def spectrogram_of_file(self, file: AudioFile, report: Report = silent) -> Spectrogram:
        """The log spectrogram of a whole file, read in blocks: memory grows with the result only."""
        half, hop = self.n_fft // 2, self.hop_length
        waiting = np.zeros(half, np.float32)
        parts: list[Tensor] = []
        seen = 0
        with torch.no_grad():
            for block in self._with_tail(file.mono_blocks(self.sr), half):
                waiting = np.concatenate([waiting, block])
                seen += len(block)
                ready = 1 + (len(waiting) - self.n_fft) // hop if len(waiting) >= self.n_fft else 0
                if ready:
                    parts.append(self._unpadded(waiting[: self.n_fft + (ready - 1) * hop]))
                    waiting = waiting[ready * hop :]
                report(Progress(min(seen, round(file.seconds * self.sr)), round(file.seconds * self.sr),
                                "analysing"))
        return Spectrogram(torch.cat([part.T for part in parts], dim=1), self.sr, hop, self.frequencies)

    @staticmethod
    def _with_tail(blocks: Iterator[NDArray[np.float32]], silence: int) -> Iterator[NDArray[np.float32]]:
        yield from blocks
        yield np.zeros(silence, np.float32)

    def _unpadded(self, samples: NDArray[np.float32]) -> Tensor:
        frames = torch.from_numpy(samples).unfold(0, self.n_fft, self.hop_length)
        return self._log(torch.cat([self._banded(torch.fft.rfft(part * self.window).abs())
                                    for part in torch.split(frames, FRAMES_AT_ONCE)]))


class MelFrontEnd(FrontEnd):
    """Triangular mel bands (Schlüter & Grill, ISMIR 2015, section 4.1).

    Parameters
    ----------
    sr, n_fft, hop_length, n_mels, fmin, fmax
        Hz, samples (even), samples, bands, Hz, Hz.
    floor
        Smallest magnitude before the logarithm.
    """

    bank: Tensor

    def __init__(self, *, sr: int = 22050, n_fft: int = 1024, hop_length: int = 315, n_mels: int = 80,
                 fmin: float = 27.5, fmax: float = 8000.0, floor: float = 1e-7) -> None:
        super().__init__(sr=sr, n_fft=n_fft, hop_length=hop_length, floor=floor,
                         bank=mel_bank(sr=sr, n_fft=n_fft, n_mels=n_mels, fmin=fmin, fmax=fmax),
                         frequencies=mel_frequencies(n_mels, fmin, fmax))
        self.n_mels, self.fmin = n_mels, fmin


class MagnitudeFrontEnd(FrontEnd):
    """The bins of the STFT themselves (Kereliuk, Sturm, Larsen, IEEE Trans. Multimedia 2015, section III).

    Parameters
    ----------
    sr, n_fft, hop_length
        Hz, samples (even), samples.
    floor
        Smallest magnitude before the logarithm.
    """

    def __init__(self, *, sr: int = 22050, n_fft: int = 1024, hop_length: int = 512, floor: float = 1e-7) -> None:
        bins = np.arange(-1, n_fft // 2 + 2) * sr / n_fft
        super().__init__(sr=sr, n_fft=n_fft, hop_length=hop_length, floor=floor, bank=None,
                         frequencies=np.clip(bins, 0.0, sr / 2))


def mel_frequencies(n_mels: int, fmin: float, fmax: float) -> NDArray[np.float64]:
    """Edges and centres of `n_mels` bands, (n_mels + 2,) in Hz, equally spaced on the HTK mel scale."""
    low, high = (2595.0 * np.log10(1.0 + f / 700.0) for f in (fmin, fmax))
    return np.asarray(700.0 * (10.0 ** (np.linspace(low, high, n_mels + 2) / 2595.0) - 1.0), dtype=np.float64)


def mel_bank(*, sr: int, n_fft: int, n_mels: int, fmin: float, fmax: float, pitch: float = 1.0) -> NDArray[np.float32]:
    """Triangular bands on the HTK mel scale, each summing to 1: float32 (n_mels, n_fft // 2 + 1).

    Equal to `librosa.filters.mel(..., htk=True, norm=1)`, without the two seconds that its first call compiles.
    With `pitch` other than 1 it reads a magnitude spectrum as if it had been shifted in pitch by that factor.
    """
    edges = mel_frequencies(n_mels, fmin, fmax) / pitch
    bins = np.arange(n_fft // 2 + 1) * sr / n_fft
    lower, centre, upper = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    bank = np.maximum(0.0, np.minimum((bins - lower) / (centre - lower), (upper - bins) / (upper - centre)))
    return np.asarray(bank / np.maximum(bank.sum(axis=1, keepdims=True), 1e-12), dtype=np.float32)
