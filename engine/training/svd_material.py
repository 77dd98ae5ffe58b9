"""The songs that the singing-voice detector is trained and validated on, as the training loop wants them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.audio.features import MelFrontEnd
from engine.audio.waveform import AudioFile
from engine.checks import InputError, shown
from engine.job import Progress, Report
from engine.models.svd_cnn import BANDS, EXCERPT
from engine.training.augment import Augmentation, Augmenter
from engine.training.datasets import Song, voice_songs

LEAST_STD = 1e-3  # a band that never changes says nothing, and must not divide by zero
Truth = NDArray[np.bool_]


@dataclass(frozen=True)
class Heard:
    """A song as the trainer keeps it."""

    song: Song
    magnitude: Tensor             # float16 (bins, frames)
    truth: Truth                  # bool (frames,)


def hear(songs: list[Song], front_end: MelFrontEnd, report: Report) -> list[Heard]:
    """Magnitude spectrograms and frame-wise truth of songs."""
    heard = []
    for i, song in enumerate(songs):
        report(Progress(i, len(songs), f"reading {song.id}"))
        magnitude = front_end.magnitude(torch.from_numpy(AudioFile(song.audio).mono(front_end.sr).y)).half()
        if magnitude.shape[1] < EXCERPT:
            raise InputError(f"{shown(song.audio)}: expected a song to learn from, found less than one excerpt "
                             f"({EXCERPT / front_end.frames_per_second:.1f} s); take it out of the data")
        times = np.arange(magnitude.shape[1]) / front_end.frames_per_second
        heard.append(Heard(song, magnitude, song.truth(times)))
    return heard


def spectrogram(heard: Heard, front_end: MelFrontEnd) -> Tensor:
    """Log-mel (80, frames) of a song."""
    return torch.log((front_end.bank @ heard.magnitude.float()).clamp_min(front_end.floor))


def sampling_weights(heard: list[Heard]) -> NDArray[np.float64]:
    """Minutes of each song over the root of its artist's minutes: one artist must not fill half of what is seen."""
    minutes = np.array([len(h.truth) for h in heard], dtype=np.float64)
    per_artist = {h.song.artist: 0.0 for h in heard}
    for h, m in zip(heard, minutes, strict=True):
        per_artist[h.song.artist] += m
    return np.array([m / np.sqrt(per_artist[h.song.artist]) for h, m in zip(heard, minutes, strict=True)])


@dataclass(frozen=True)
class Material:
    """What a training looks at, and what the shipped model needs of it.

    Parameters
    ----------
    augmenter
        Draws crops of the training songs.
    mean, std
        (80,): of the training songs, per band.
    data_minimum
        Smallest standardised value of the training songs.
    valid_mels, valid_truths
        Per validation song: standardised (80, frames), and bool (frames,).
    silence
        (80, 1): digital silence, standardised.
    """

    augmenter: Augmenter
    mean: Tensor
    std: Tensor
    data_minimum: float
    valid_mels: list[Tensor]
    valid_truths: list[Truth]
    silence: Tensor


def gather(data: str, *, crop: int, augmentation: Augmentation, rng: np.random.Generator,
           report: Report) -> Material:
    """Read all songs of a folder, and standardise by those of its train split.

    Parameters
    ----------
    data
        Folder as `voice_songs` reads it.
    crop
        Frames of the crops that are drawn.

    Raises
    ------
    InputError
        When a split is empty or a song cannot be used.
    """
    front_end = MelFrontEnd(n_mels=BANDS)
    train_set = hear(voice_songs(data, "train"), front_end, report)
    valid_set = hear(voice_songs(data, "valid"), front_end, report)
    everything = torch.cat([spectrogram(h, front_end) for h in train_set], dim=1)
    mean, std = everything.mean(1), everything.std(1).clamp_min(LEAST_STD)
    data_minimum = float(((everything - mean[:, None]) / std[:, None]).min())
    augmenter = Augmenter([h.magnitude for h in train_set], [h.truth for h in train_set], sampling_weights(train_set),
                          frames=crop, floor=front_end.floor, rng=rng, settings=augmentation,
                          sr=front_end.sr, n_fft=front_end.n_fft, n_mels=BANDS, fmin=front_end.fmin,
                          fmax=front_end.fmax)
    return Material(augmenter, mean, std, data_minimum,
                    [(spectrogram(h, front_end) - mean[:, None]) / std[:, None] for h in valid_set],
                    [h.truth for h in valid_set], ((math.log(front_end.floor) - mean) / std)[:, None])
