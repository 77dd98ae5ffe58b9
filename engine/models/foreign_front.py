"""Front ends of users' models: log-mel and magnitudes as their cards say, and the STFT of those that hear samples."""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.audio.features import FRAMES_AT_ONCE, FrontEnd, MagnitudeFrontEnd, mel_bank, mel_frequencies
from engine.checks import InputError
from engine.models.foreign_card import Card

SECONDS_OF_A_HOP = 0.0116   # of the STFT that stands for samples, about
HOPS_IN_A_WINDOW = 3        # of which the squares of Hann windows sum to a constant


class PowerMelFrontEnd(FrontEnd):
    """Mel bands on either scale, over magnitudes or powers; its spectrogram is the log of magnitude all the same.

    Parameters
    ----------
    card
        Of a model that hears log-mel.
    """

    weights: Tensor

    def __init__(self, card: Card) -> None:
        bank, frequencies = _bank(card)
        self.power = card.power
        # what sound is made of: a flat spectrum has the level in its bands that it has in `weights`
        level = bank.sum(axis=1, keepdims=True) ** (1 / card.power - 1)
        super().__init__(sr=card.sample_rate, n_fft=int(card.n_fft or 0), hop_length=int(card.hop_length or 0),
                         floor=card.floor, bank=bank * level, frequencies=frequencies)
        self.register_buffer("weights", torch.from_numpy(bank), persistent=False)

    @cached_property
    def key(self) -> tuple[object, ...]:
        """Two with equal bands may sum them over magnitudes or over powers."""
        return *super().key, self.power

    def of_magnitude(self, magnitude: Tensor) -> Tensor:
        """Log spectrogram (..., bands, frames) of magnitudes (..., n_fft // 2 + 1, frames)."""
        return self._log(self.weights @ magnitude**self.power)

    def _banded(self, frames: Tensor) -> Tensor:
        return frames**self.power @ self.weights.T

    def _log(self, magnitude: Tensor) -> Tensor:
        return torch.log(magnitude.clamp_min(self.floor**self.power)) / self.power


def magnitude_front_end(card: Card) -> MagnitudeFrontEnd:
    """The bins of the STFT, for a model that hears magnitudes."""
    return MagnitudeFrontEnd(sr=card.sample_rate, n_fft=int(card.n_fft or 0), hop_length=int(card.hop_length or 0),
                             floor=card.floor)


class SampleFrontEnd(FrontEnd):
    """The complex STFT, real and imaginary parts in turn, for a model that hears samples.

    It says all of a sound, so the samples come back exactly, and time and frequency can be hidden, filled and pointed
    at as with any other model. Row 2k is the real and row 2k + 1 the imaginary part of bin k.

    Parameters
    ----------
    sr
        Hz.
    """

    rows_together = 2

    def __init__(self, *, sr: int) -> None:
        hop = 2 ** max(4, round(math.log2(sr * SECONDS_OF_A_HOP)))
        n_fft = HOPS_IN_A_WINDOW * hop
        bins = np.arange(n_fft // 2 + 1)
        frequencies = np.concatenate([[0.0], np.repeat(bins * sr / n_fft, 2), [sr / 2]])
        pairs = np.repeat(np.eye(len(bins), dtype=np.float32), 2, axis=0)
        super().__init__(sr=sr, n_fft=n_fft, hop_length=hop, floor=1e-7, bank=pairs, frequencies=frequencies)

    @property
    def rows(self) -> str:
        """What a person reads of its rows."""
        return f"{self.bands // 2} frequencies"

    def forward(self, y: Tensor) -> Tensor:
        """Parts (bands, 1 + samples // hop_length) of y (samples,)."""
        padded = torch.nn.functional.pad(y, (self.n_fft // 2, self.n_fft // 2))
        return self._parts(padded).T

    def _unpadded(self, samples: NDArray[np.float32]) -> Tensor:
        return self._parts(torch.from_numpy(samples))

    def _parts(self, samples: Tensor) -> Tensor:
        frames = samples.unfold(0, self.n_fft, self.hop_length)
        return torch.cat([torch.view_as_real(torch.fft.rfft(some * self.window)).flatten(1)
                          for some in torch.split(frames, FRAMES_AT_ONCE)])

    def samples(self, parts: Tensor) -> Tensor:
        """Sound (batch, (frames - 1) * hop_length) of parts (batch, bands, frames), from the centre of the first."""
        batch, rows, frames = parts.shape
        D = torch.view_as_complex(parts.view(batch, rows // 2, 2, frames).transpose(2, 3).contiguous())
        return torch.istft(D, self.n_fft, self.hop_length, window=self.window,
                           length=(frames - 1) * self.hop_length)

    def drawn(self, parts: Tensor) -> Tensor:
        """Natural log of magnitude (..., bands, frames), that of a bin in both of its rows."""
        magnitude = torch.hypot(parts[..., 0::2, :], parts[..., 1::2, :]).clamp_min(self.floor)
        return magnitude.log().repeat_interleave(2, dim=-2)

    def relevelled(self, S: Tensor, levels: Tensor) -> Tensor:
        """Phases stay; where there was nothing they are 0, so that a brush can paint upon silence."""
        before = self.drawn(S)
        silent = before <= math.log(self.floor)
        fresh = torch.where(levels > before, levels.exp(), torch.zeros_like(levels))
        fresh[..., 1::2, :] = 0.0
        return torch.where(silent, fresh, S * (levels - before).exp())

    def of_magnitude(self, magnitude: Tensor) -> Tensor:
        """There is none.

        Raises
        ------
        InputError
            Always: magnitudes do not say where in its swing a sound is.
        """
        raise InputError("method: expected waveform for a model that hears samples, got magnitude; choose waveform")


def _bank(card: Card) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Weights (n_mels, bins), and edges and centres of the bands in Hz."""
    sr, n_fft, n_mels = card.sample_rate, int(card.n_fft or 0), int(card.n_mels or 0)
    low, high = card.fmin, float(card.fmax or sr / 2)
    if card.mel_scale == "htk" and card.mel_norm == "sum":
        return mel_bank(sr=sr, n_fft=n_fft, n_mels=n_mels, fmin=low, fmax=high), mel_frequencies(n_mels, low, high)
    edges = mel_frequencies(n_mels, low, high) if card.mel_scale == "htk" else _slaney(n_mels, low, high)
    bins = np.arange(n_fft // 2 + 1) * sr / n_fft
    lower, centre, upper = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    bank = np.maximum(0.0, np.minimum((bins - lower) / (centre - lower), (upper - bins) / (upper - centre)))
    if card.mel_norm == "slaney":
        bank *= 2 / (upper - lower)
    elif card.mel_norm == "sum":
        bank /= np.maximum(bank.sum(axis=1, keepdims=True), 1e-12)
    if not bank.any(axis=1).all():
        raise InputError(f"n_mels: expected bands that each hold a bin of n_fft {n_fft:,}, got {n_mels}, of which some "
                         "hold none; are n_fft, n_mels and fmin right?")
    return bank.astype(np.float32), edges


def _slaney(n_mels: int, low: float, high: float) -> NDArray[np.float64]:
    """Edges and centres equally spaced on Slaney's scale: linear to 1000 Hz, 27 steps for a factor of 6.4 above."""
    def mel(hz: float) -> float:
        return hz * 3 / 200 if hz < 1000 else 15 + 27 * math.log(hz / 1000) / math.log(6.4)

    mels = np.linspace(mel(low), mel(high), n_mels + 2)
    return np.asarray(np.where(mels < 15, mels * 200 / 3, 1000 * np.exp((mels - 15) * math.log(6.4) / 27)))
