"""Training excerpts that never were: pitch, tempo, equaliser, loudness, and singing over another instrumental.

All happens on magnitude spectrograms, where a pitch shift is a mel bank read at other frequencies and a time
stretch is an interpolation (Schlüter & Grill, ISMIR 2015, section 5).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.audio.features import mel_bank

PITCHES = 31


@dataclass(frozen=True)
class Augmentation:
    """How far to go.

    Parameters
    ----------
    pitch, stretch
        Largest relative change, 0.3 = 30 %.
    filter_db, gain_db
        Largest gain of a random Gaussian filter, and of the whole excerpt, in dB.
    mixing
        Share of excerpts that get another, voiceless excerpt mixed in; the label stays.
    mix_db
        Level of what is mixed in against the excerpt, lowest and highest, in dB.
    """

    pitch: float = 0.3
    stretch: float = 0.3
    filter_db: float = 10.0
    gain_db: float = 10.0
    mixing: float = 0.4
    mix_db: tuple[float, float] = (-15.0, 3.0)


class Augmenter:
    """Draws augmented log-mel crops from magnitude spectrograms.

    Parameters
    ----------
    magnitudes
        Per song, (bins, frames).
    truths
        Per song, bool (frames,): somebody sings.
    weights
        Per song, how often it is drawn.
    frames
        Length of a crop.
    """

    def __init__(self, magnitudes: list[Tensor], truths: list[NDArray[np.bool_]], weights: NDArray[np.float64], *,
                 frames: int, floor: float, rng: np.random.Generator, settings: Augmentation,
                 sr: int, n_fft: int, n_mels: int, fmin: float, fmax: float) -> None:
        self.magnitudes, self.truths, self.frames, self.floor = magnitudes, truths, frames, floor
        self.rng, self.settings = rng, settings
        self.weights = weights / weights.sum()
        factors = np.linspace(1 - settings.pitch, 1 + settings.pitch, PITCHES)
        self.banks = [torch.from_numpy(mel_bank(sr=sr, n_fft=n_fft, n_mels=n_mels, fmin=fmin, fmax=fmax,
                                                pitch=f)) for f in factors]
        silent = np.array([(~truth).mean() for truth in truths]) * self.weights
        self.voiceless = silent / silent.sum() if silent.any() else None

    def batch(self, size: int) -> tuple[Tensor, Tensor]:
        """`size` crops: log-mel (size, n_mels, frames), and truth at each frame, bool (size, frames)."""
        mels, truths = zip(*(self._example() for _ in range(size)), strict=True)
        return torch.log(torch.stack(mels).clamp_min(self.floor)), torch.from_numpy(np.stack(truths))

    def _example(self) -> tuple[Tensor, NDArray[np.bool_]]:
        mel, truth = self._crop(int(self.rng.choice(len(self.magnitudes), p=self.weights)))
        if self.rng.random() < self.settings.mixing and self.voiceless is not None:
            other, sung = self._crop(int(self.rng.choice(len(self.magnitudes), p=self.voiceless)))
            if not sung.any():
                wanted = 10 ** (self.rng.uniform(*self.settings.mix_db) / 20)
                level = wanted * float(mel.square().mean().sqrt() / other.square().mean().sqrt().clamp_min(1e-6))
                mel = torch.sqrt(mel.square() + (level * other).square())
        return mel * self._filter(mel.shape[0])[:, None], truth

    def _crop(self, song: int) -> tuple[Tensor, NDArray[np.bool_]]:
        magnitude, truth = self.magnitudes[song], self.truths[song]
        speed = self.rng.uniform(1 - self.settings.stretch, 1 + self.settings.stretch)
        needed = int(np.ceil(self.frames * speed)) + 1
        first = int(self.rng.integers(0, max(1, magnitude.shape[1] - needed)))
        bank = self.banks[int(self.rng.integers(PITCHES))]
        mel = bank @ magnitude[:, first : first + needed].float()
        where = np.minimum(np.arange(self.frames) * speed, mel.shape[1] - 1.001)
        low = torch.from_numpy(where.astype(np.int64))
        part = torch.from_numpy((where % 1).astype(np.float32))
        nearest = np.minimum(first + np.round(where).astype(np.int64), len(truth) - 1)
        return torch.lerp(mel[:, low], mel[:, low + 1], part), truth[nearest]

    def _filter(self, n_mels: int) -> Tensor:
        s = self.settings
        centre, width = self.rng.uniform(0, n_mels), self.rng.uniform(0.1, 0.4) * n_mels
        bands = np.arange(n_mels)
        gain = self.rng.uniform(-s.filter_db, s.filter_db) * np.exp(-0.5 * ((bands - centre) / width) ** 2)
        gain = gain + self.rng.uniform(-s.gain_db, s.gain_db)
        return torch.from_numpy((10 ** (gain / 20)).astype(np.float32))
