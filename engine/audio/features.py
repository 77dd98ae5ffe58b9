"""Front ends: from samples to log-mel spectrograms, as a torch module, so that gradients reach the waveform."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.audio.waveform import AudioFile, Waveform
from engine.job import Progress, Report, silent

FRAMES_AT_ONCE = 512  # fits the second-level cache: more than twice as fast as one torch.stft of a whole song


@dataclass(frozen=True)
class LogMel:
    """A log-mel spectrogram with its axes.

    Parameters
    ----------
    S
        (..., n_mels, frames), natural log of magnitude; frame t is centred at t * hop_length samples.
    sr, hop_length
        Hz and samples of the analysed signal.
    frequencies
        (n_mels + 2,) in Hz: lower edge, centres, upper edge; band i reaches from entry i to i + 2.
    """

    S: Tensor
    sr: int
    hop_length: int
    frequencies: NDArray[np.float64]

    @property
    def frames_per_second(self) -> float:
        """Frames per second."""
        return self.sr / self.hop_length


class MelFrontEnd(nn.Module):
    """Magnitude STFT, triangular mel bands, log (Schlüter & Grill, ISMIR 2015, section 4.1).

    Parameters
    ----------
    sr, n_fft, hop_length, n_mels, fmin, fmax
        Hz, samples (even), samples, bands, Hz, Hz.
    floor
        Smallest magnitude before the logarithm.
    """

    window: Tensor
    bank: Tensor

    def __init__(self, *, sr: int = 22050, n_fft: int = 1024, hop_length: int = 315, n_mels: int = 80,
                 fmin: float = 27.5, fmax: float = 8000.0, floor: float = 1e-7) -> None:
        super().__init__()
        self.sr, self.n_fft, self.hop_length, self.n_mels = sr, n_fft, hop_length, n_mels
        self.fmin, self.fmax, self.floor = fmin, fmax, floor
        self.register_buffer("window", torch.hann_window(n_fft), persistent=False)
        bank = mel_bank(sr=sr, n_fft=n_fft, n_mels=n_mels, fmin=fmin, fmax=fmax)
        self.register_buffer("bank", torch.from_numpy(bank), persistent=False)

    @property
    def frames_per_second(self) -> float:
        """Frames per second."""
        return self.sr / self.hop_length

    @property
    def frequencies(self) -> NDArray[np.float64]:
        """Edges and centres of the bands in Hz, (n_mels + 2,)."""
        return mel_frequencies(self.n_mels, self.fmin, self.fmax)

    def magnitude(self, y: Tensor) -> Tensor:
        """Magnitudes (n_fft // 2 + 1, frames) of y (samples,); frame t is centred at t * hop_length."""
        return torch.cat([frames.T for frames in self._magnitudes(y)], dim=1)

    def forward(self, y: Tensor) -> Tensor:
        """Log-mel (n_mels, 1 + samples // hop_length) of y (samples,)."""
        mels = [frames @ self.bank.T for frames in self._magnitudes(y)]
        return torch.log(torch.cat(mels).clamp_min(self.floor)).T

    def _magnitudes(self, y: Tensor) -> Iterator[Tensor]:
        padded = nn.functional.pad(y, (self.n_fft // 2, self.n_fft // 2))
        for part in torch.split(padded.unfold(0, self.n_fft, self.hop_length), FRAMES_AT_ONCE):
            yield torch.fft.rfft(part * self.window).abs()

    def log_mel(self, waveform: Waveform) -> LogMel:
        """The log-mel spectrogram of a waveform at any rate and any number of channels."""
        y = torch.from_numpy(waveform.mono().resampled(self.sr).y)
        with torch.no_grad():
            return LogMel(self(y), self.sr, self.hop_length, self.frequencies)

    def log_mel_of_file(self, file: AudioFile, report: Report = silent) -> LogMel:
        """The log-mel spectrogram of a whole file, read in blocks: memory grows with the result only."""
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
        return LogMel(torch.cat([part.T for part in parts], dim=1), self.sr, hop, self.frequencies)

    @staticmethod
    def _with_tail(blocks: Iterator[NDArray[np.float32]], silence: int) -> Iterator[NDArray[np.float32]]:
        yield from blocks
        yield np.zeros(silence, np.float32)

    def _unpadded(self, samples: NDArray[np.float32]) -> Tensor:
        frames = torch.from_numpy(samples).unfold(0, self.n_fft, self.hop_length)
        mels = [torch.fft.rfft(part * self.window).abs() @ self.bank.T for part in torch.split(frames, FRAMES_AT_ONCE)]
        return torch.log(torch.cat(mels).clamp_min(self.floor))


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
