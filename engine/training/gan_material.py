"""The excerpts that the prior of music learns from and is judged by: log-mels without labels."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.audio.features import MelFrontEnd
from engine.audio.waveform import AudioFile
from engine.checks import InputError
from engine.job import Progress, Report, silent
from engine.models.mel_gan import BANDS, FRAMES
from engine.training.datasets import voice_songs
from engine.training.style_data import style_excerpts

QUIET = -5.0   # natural log of the mean mel magnitude below which an excerpt is next to silence and is not learnt


@dataclass(frozen=True)
class Piece:
    """A recording; `held_out` says that nothing is learnt from it."""

    id: str
    artist: str
    audio: Path
    held_out: bool
    licence: str
    title: str = ""


@dataclass(frozen=True)
class Heard:
    """A recording as the trainer keeps it: float16 log-mel (80, frames)."""

    piece: Piece
    S: Tensor


def pieces(folders: Sequence[str]) -> list[Piece]:
    """All recordings of folders of voice data or of style data; an artist is on one side only, over all folders.

    Held out are the valid and test songs of voice data, the test excerpts of the artist partition of style data, and
    whatever else is by their artists.
    """
    found = [piece for folder in folders for piece in _of_folder(Path(folder))]
    held_out = {_key(piece.artist) for piece in found if piece.held_out}
    return [replace(piece, held_out=_key(piece.artist) in held_out) for piece in found]


def _of_folder(folder: Path) -> list[Piece]:
    if (folder / "labels").is_dir():
        return [Piece(song.id, song.artist, song.audio, song.split in ("valid", "test"), song.licence, song.title)
                for song in voice_songs(folder, "all")]
    return [Piece(e.id, e.artist, e.audio, e.parts.get("artist") == "test", e.licence, e.track)
            for e in style_excerpts(folder)]


def _key(artist: str) -> str:
    """An artist as both tables name him: "Muldjord (El Senator)" is Muldjord."""
    return re.sub(r"\s*\(.*", "", artist).casefold()


@dataclass(frozen=True)
class Material:
    """What a training looks at.

    Parameters
    ----------
    train, held_out
        Recordings on either side.
    drawn
        (recordings,): how often each training recording is drawn, summing to 1.
    mean, std
        (80, 1): of the front end's bands as the detector standardises them.
    """

    train: list[Heard]
    held_out: list[Heard]
    drawn: Tensor
    mean: Tensor
    std: Tensor

    def draw(self, n: int) -> Tensor:
        """Random standardised excerpts (n, 80, 115) of training recordings; next to silent ones are drawn again."""
        cut: list[Tensor] = []
        while len(cut) < n:
            for i in torch.multinomial(self.drawn, n - len(cut), replacement=True).tolist():
                S = self.train[i].S
                first = int(torch.randint(S.shape[1] - FRAMES + 1, ()))
                excerpt = S[:, first : first + FRAMES].float()
                if float(excerpt.mean()) > QUIET:
                    cut.append(excerpt)
        return (torch.stack(cut) - self.mean) / self.std

    def excerpts(self, heard: Sequence[Heard], n: int, *, seed: int) -> Tensor:
        """At most n standardised excerpts (n, 80, 115) that do not overlap, in random order."""
        cut = [piece for h in heard for piece in torch.split(h.S, FRAMES, dim=1)
               if piece.shape[1] == FRAMES and float(piece.float().mean()) > QUIET]
        order = np.random.default_rng(seed).permutation(len(cut))[:n]
        return (torch.stack([cut[i].float() for i in order]) - self.mean) / self.std


def gather(folders: Sequence[str], mean: Tensor, std: Tensor, report: Report = silent) -> Material:
    """Read all recordings of the folders.

    Raises
    ------
    InputError
        When a folder is of neither kind, or one of both sides is empty.
    """
    front_end, heard = MelFrontEnd(n_mels=BANDS), []
    found = pieces(folders)
    for i, piece in enumerate(found):
        report(Progress(i, len(found), f"reading {piece.id}"))
        with torch.no_grad():
            S = front_end(torch.from_numpy(AudioFile(piece.audio).mono(front_end.sr).y))
        if S.shape[1] >= FRAMES:
            heard.append(Heard(piece, S.half()))
    train, held_out = ([h for h in heard if h.piece.held_out == side] for side in (False, True))
    if not train or not held_out:
        raise InputError("data: expected recordings to learn from and held-out ones to judge by, found "
                         f"{len(train)} and {len(held_out)}")
    return Material(train, held_out, _drawn(train), mean, std)


def _drawn(heard: Sequence[Heard]) -> Tensor:
    """Minutes over the root of the artist's minutes, summing to 1: one artist must not fill half of what is seen."""
    frames: dict[str, float] = defaultdict(float)
    for h in heard:
        frames[_key(h.piece.artist)] += h.S.shape[1]
    weights = torch.tensor([h.S.shape[1] / math.sqrt(frames[_key(h.piece.artist)]) for h in heard])
    return weights / weights.sum()
