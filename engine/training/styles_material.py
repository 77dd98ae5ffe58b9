"""The excerpts that style classifiers are trained and validated on, as the training loop wants them."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from engine.audio.features import MagnitudeFrontEnd
from engine.audio.waveform import AudioFile
from engine.checks import InputError, shown
from engine.job import Progress, Report, silent
from engine.models.patch_cnn import PATCH
from engine.models.style_listener import COMPRESSION
from engine.training.style_data import PARTS, Excerpt, in_part, style_excerpts

LEAST_STD = 1e-3    # a bin that never changes says nothing, and must not divide by zero


@dataclass(frozen=True)
class Heard:
    """An excerpt as the trainer keeps it."""

    excerpt: Excerpt
    magnitude: Tensor   # float16 (frames, 513)


def read_library(data: str, report: Report = silent) -> list[Heard]:
    """Magnitudes of all excerpts of a folder, about 1.3 MB for 30 s; the partitions share them.

    Raises
    ------
    InputError
        When the folder is not one of `style_excerpts`, or an excerpt cannot be read or is shorter than a patch.
    """
    front_end, library = MagnitudeFrontEnd(), []
    excerpts = style_excerpts(data)
    for i, excerpt in enumerate(excerpts):
        report(Progress(i, len(excerpts), f"reading {excerpt.id}"))
        y = torch.from_numpy(AudioFile(excerpt.audio).mono(front_end.sr).y)
        magnitude = front_end.magnitude(y).T.half().contiguous()
        if len(magnitude) < PATCH:
            raise InputError(f"{shown(excerpt.audio)}: expected music to learn from, found less than one patch "
                             f"({PATCH / front_end.frames_per_second:.1f} s); take it out of the data")
        library.append(Heard(excerpt, magnitude))
    return library


def compressed(magnitude: Tensor) -> Tensor:
    """What the networks see of magnitudes (..., 513), before it is standardised."""
    return torch.log1p(COMPRESSION * magnitude)


@dataclass(frozen=True)
class Material:
    """What a training looks at, and what the shipped model needs of it.

    Parameters
    ----------
    labels
        Classes, sorted.
    train, valid
        Excerpts of these parts; `truths` of the first, `valid_truths` of the second are indices of labels.
    drawn
        (excerpts,): how often each training excerpt is drawn, summing to 1.
    mean, std
        (513,): of the compressed training frames, each weighted as it is drawn.
    data_minimum
        Smallest standardised value of the training excerpts.
    """

    labels: tuple[str, ...]
    train: list[Heard]
    truths: Tensor
    valid: list[Heard]
    valid_truths: Tensor
    drawn: Tensor
    mean: Tensor
    std: Tensor
    data_minimum: float

    def standardised(self, magnitude: Tensor) -> Tensor:
        """Network input (..., 513) of magnitudes (..., 513)."""
        return (compressed(magnitude) - self.mean) / self.std

    def draw(self, pieces: int, frames: int) -> tuple[Tensor, Tensor]:
        """Random pieces of training excerpts: magnitudes (pieces, frames, 513) and indices of labels (pieces,)."""
        which = torch.multinomial(self.drawn, pieces, replacement=True)
        places = torch.rand(pieces)
        cut = []
        for i, place in zip(which.tolist(), places.tolist(), strict=True):
            magnitude = self.train[i].magnitude
            first = int(place * (len(magnitude) - frames + 1))
            cut.append(magnitude[first : first + frames])
        return torch.stack(cut).float(), self.truths[which]


def gather(library: list[Heard], partition: str) -> Material:
    """The parts of one partition, standardised by its train part.

    Raises
    ------
    InputError
        When a class is missing in train or valid.
    """
    train, valid = (_part(library, partition, part) for part in PARTS[:2])
    labels = tuple(sorted({heard.excerpt.label for heard in library}))
    for part, there in zip(PARTS[:2], (train, valid), strict=True):
        if missing := set(labels) - {heard.excerpt.label for heard in there}:
            raise InputError(f"data: expected every class in the {part} part of the partition {partition!r}, found "
                             f"nothing of {', '.join(sorted(missing))}")
    drawn = drawing_weights([heard.excerpt for heard in train])
    mean, std = _moments(train, drawn)
    data_minimum = min(float(((compressed(heard.magnitude.float()) - mean) / std).min()) for heard in train)
    truths, valid_truths = (torch.tensor([labels.index(heard.excerpt.label) for heard in there])
                            for there in (train, valid))
    return Material(labels, train, truths, valid, valid_truths, drawn, mean, std, data_minimum)


def drawing_weights(excerpts: list[Excerpt]) -> Tensor:
    """Every class is drawn equally often; within it an artist by the root of the number of excerpts."""
    per_artist: dict[tuple[str, str], int] = {}
    for excerpt in excerpts:
        key = excerpt.label, excerpt.artist
        per_artist[key] = per_artist.get(key, 0) + 1
    weights = torch.tensor([per_artist[excerpt.label, excerpt.artist] ** -0.5 for excerpt in excerpts])
    for label in {excerpt.label for excerpt in excerpts}:
        same = torch.tensor([excerpt.label == label for excerpt in excerpts])
        weights[same] /= weights[same].sum()
    return weights / weights.sum()


def _part(library: list[Heard], partition: str, part: str) -> list[Heard]:
    chosen = {excerpt.id for excerpt in in_part([heard.excerpt for heard in library], partition, part)}
    return [heard for heard in library if heard.excerpt.id in chosen]


def _moments(train: list[Heard], drawn: Tensor) -> tuple[Tensor, Tensor]:
    mean = torch.zeros(train[0].magnitude.shape[1])
    square = torch.zeros_like(mean)
    for heard, weight in zip(train, drawn.tolist(), strict=True):
        values = compressed(heard.magnitude.float())
        mean += weight * values.mean(0)
        square += weight * values.square().mean(0)
    return mean, (square - mean**2).clamp_min(0).sqrt().clamp_min(LEAST_STD)
