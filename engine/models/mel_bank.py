"""What real music looks like to compare made excerpts with: small pictures without sound, and a detector's statistics.

The pictures are means over five bands and five frames of the excerpts that a generator learnt from. They are enough to
see whether an example is a copy, and from which second of which recording; little can be heard from them. Beside them
lies a table of the recordings: title, artist and licence.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from engine.checks import InputError, shown
from engine.disk import write_whole
from engine.models.mel_gan import BANDS, FOLDER, FRAMES
from engine.models.stored_arrays import read_arrays

CELL = 5                                        # bands and frames that one number of a picture is the mean of
ROWS, COLUMNS = BANDS // CELL, FRAMES // CELL
RANGE = (-8.0, 4.0)                             # standardised values that a byte can say
LARGEST = 1_000_000_000   # bytes, unpacked
AT_ONCE = 64


@dataclass(frozen=True)
class MelBank:
    """Real excerpts.

    Parameters
    ----------
    pictures
        uint8 (excerpts, 16, 23), over `RANGE`.
    files, starts
        Recording and second that each is from.
    detector
        sha256 of the weights of the detector that the statistics are of.
    means, factors
        Per layer of that detector, (neurons,) and (neurons, neurons): of held-out excerpts, the covariance being
        factor' factor.
    n
        How many excerpts the statistics are of.
    """

    pictures: NDArray[np.uint8]
    files: tuple[str, ...]
    starts: NDArray[np.float32]
    detector: str
    means: dict[str, NDArray[np.float64]]
    factors: dict[str, NDArray[np.float64]]
    n: int

    def nearest(self, S: Tensor) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Which excerpt is nearest to each of standardised log-mels (batch, 80, 115), and how far it is.

        Returns
        -------
        numpy.ndarray, numpy.ndarray
            int64 (batch,), and float32 (batch,): root mean square difference of the pictures in standard deviations.
        """
        bank = self.standardised().flatten(1)
        asked = pooled(S).flatten(1)
        parts = [torch.cdist(some, bank).min(dim=1) for some in torch.split(asked, AT_ONCE)]
        distance = torch.cat([part.values for part in parts]) / (ROWS * COLUMNS) ** 0.5
        return torch.cat([part.indices for part in parts]).numpy(), distance.numpy()

    def standardised(self) -> Tensor:
        """The pictures as standardised values (excerpts, 16, 23)."""
        low, high = RANGE
        return torch.from_numpy(self.pictures).float() * ((high - low) / 255) + low


@dataclass(frozen=True)
class Source:
    """A recording that was learnt from: its name in the data, and as far as they are known title, artist, licence."""

    id: str
    title: str = ""
    artist: str = ""
    licence: str = ""

    @property
    def words(self) -> str:
        """Who made it, and what it is called; its name in the data where that is not known."""
        return " · ".join(filter(None, (self.artist, self.title))) if self.title else self.id


def pooled(S: Tensor) -> Tensor:
    """Small pictures (batch, 16, 23) of standardised log-mels (batch, 80, 115), before rounding."""
    return F.avg_pool2d(S[:, None], CELL)[:, 0].clamp(*RANGE)


def rounded(pictures: Tensor) -> NDArray[np.uint8]:
    """Pictures as bytes."""
    low, high = RANGE
    return ((pictures - low) * (255 / (high - low))).round().to(torch.uint8).numpy()


def write(path: Path, bank: MelBank) -> None:
    """Write a bank, atomically."""
    buffer = io.BytesIO()
    names = sorted(set(bank.files))
    places = {name: i for i, name in enumerate(names)}
    arrays: dict[str, Any] = {
        "pictures": bank.pictures, "starts": bank.starts.astype(np.float32), "names": np.array(names),
        "files": np.array([places[name] for name in bank.files], np.uint16), "detector": np.array(bank.detector),
        "n": np.array(bank.n), **{f"mean {k}": v.astype(np.float32) for k, v in bank.means.items()},
        **{f"factor {k}": v.astype(np.float32) for k, v in bank.factors.items()}}
    np.savez_compressed(buffer, **arrays)
    write_whole(path, buffer.getvalue())


@cache
def load() -> MelBank:
    """The bank that is shipped with the prior.

    Raises
    ------
    InputError
        When it is missing or damaged.
    """
    return read(FOLDER / "real.npz")


def read(path: Path) -> MelBank:
    """A bank.

    Raises
    ------
    InputError
        When it is missing or damaged.
    """
    try:
        file = read_arrays(path, most=LARGEST)
        names = [str(name) for name in file["names"]]
        of = {kind: {key.partition(" ")[2]: array.astype(np.float64) for key, array in file.items()
                     if key.startswith(f"{kind} ")} for kind in ("mean", "factor")}
        bank = MelBank(file["pictures"], tuple(names[i] for i in file["files"]), file["starts"],
                       str(file["detector"]), of["mean"], of["factor"], int(file["n"]))
        if bank.pictures.shape[1:] != (ROWS, COLUMNS) or not len(bank.pictures) == len(bank.files) == len(bank.starts):
            raise ValueError(f"pictures of {bank.pictures.shape}")
        return bank
    except OSError as error:
        raise InputError(f"{shown(path)}: could not be read ({error.strerror or error})") from None
    except (LookupError, TypeError, ValueError) as error:
        raise InputError(f"{shown(path)}: expected pictures of real excerpts, found it damaged "
                         f"({type(error).__name__}); install Otoscope again") from None


def write_sources(path: Path, sources: Iterable[Source]) -> None:
    """Write a table of recordings, atomically."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([field.name for field in fields(Source)])
    writer.writerows(astuple(source) for source in sorted(set(sources), key=lambda source: source.id))
    write_whole(path, out.getvalue().encode())


@cache
def sources() -> dict[str, Source]:
    """The recordings of the bank that is shipped, by name; none of them where the table is missing or damaged."""
    try:
        with (FOLDER / "real.csv").open(newline="", encoding="utf-8") as file:
            return {row["id"]: Source(**row) for row in csv.DictReader(file)}
    except (OSError, KeyError, TypeError, ValueError, csv.Error):
        return {}


def source_of(name: str) -> Source:
    """What is known of a recording of the bank."""
    return sources().get(name, Source(name))
