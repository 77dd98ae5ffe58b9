"""Folders of labelled music: audio/CLASS/ID.ogg with a tracks.csv, or CLASS/FILE.ogg and nothing more.

Conventions: an excerpt is one file; a track may have several, and no figure takes those of one track for independent.
A partition deals the excerpts into the parts train, valid and test: `artist` keeps every artist on one side, `track`
every track, and `random` nothing, which is the fault that it is there to show.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.checks import InputError, choice, shown
from engine.training.datasets import AUDIO_ENDINGS, is_plain, rows_of_table

PARTITIONS = {"artist": "split_artist", "track": "split", "random": "split_random"}   # to columns of tracks.csv
PARTS = ("train", "valid", "test")
HASHED_SHARES = {"train": 0.5, "valid": 0.7}  # of a class's files in the order of their hashes, up to which; rest test


@dataclass(frozen=True)
class Excerpt:
    """One labelled file: `parts` has its part in each partition."""

    id: str
    label: str
    track: str
    artist: str
    audio: Path
    licence: str
    parts: Mapping[str, str]


def style_excerpts(folder: str | Path) -> list[Excerpt]:
    """All excerpts of a folder, by id.

    Without a tracks.csv the class is the name of the folder a file lies in, each file is a track and an artist of its
    own, and all partitions are the same one, by the hashes of the files.

    Raises
    ------
    InputError
        When there are no two classes, tracks.csv is no such table, or a file that it names is missing.
    """
    folder = Path(folder)
    root = folder / "audio" if (folder / "audio").is_dir() else folder
    table = folder / "tracks.csv"
    found = _of_table(table, root) if table.exists() else _of_folders(root)
    if len({excerpt.label for excerpt in found}) < 2:
        raise InputError(f"{shown(folder)}: expected music of two or more classes in folders named like them, "
                         f"found {len({excerpt.label for excerpt in found})}")
    return sorted(found, key=lambda excerpt: excerpt.id)


def in_part(excerpts: list[Excerpt], partition: str, part: str) -> list[Excerpt]:
    """Excerpts of one part of a partition, or all of them.

    Raises
    ------
    InputError
        When there are none, or there is no such partition.
    """
    choice(partition, PARTITIONS, "partition")
    chosen = [excerpt for excerpt in excerpts if part in ("all", excerpt.parts.get(partition))]
    if not chosen:
        raise InputError(f"data: expected excerpts of the part {part!r} of the partition {partition!r} "
                         f"(column {PARTITIONS[partition]} of tracks.csv), found none")
    return chosen


def is_dealt_by_table(folder: str | Path) -> bool:
    """Whether the folder says itself which excerpt is in which part."""
    return (Path(folder) / "tracks.csv").exists()


def _of_table(table: Path, root: Path) -> list[Excerpt]:
    rows = rows_of_table(table, "the columns id, class and track")
    try:
        return [_of_row(row, root) for row in rows]
    except (KeyError, TypeError, AttributeError, OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{shown(table)}: expected a CSV table with the columns id, class and track "
                         f"({type(error).__name__}: {error!s:.80})") from None


def _of_row(row: dict[str, str], root: Path) -> Excerpt:
    for name in (row["id"], row["class"]):
        if not is_plain(name):
            raise InputError(f"tracks.csv: expected ids and classes that name files and folders, got {name!r:.80}, "
                             "which leads elsewhere")
    for ending in AUDIO_ENDINGS:
        audio = root / row["class"] / (row["id"] + ending)
        if audio.exists():
            parts = {name: row[column] for name, column in PARTITIONS.items() if row.get(column) in PARTS}
            game = f"{row['game']}: " if row.get("game") else ""
            return Excerpt(row["id"], row["class"], game + row["track"], row.get("artist") or row["track"], audio,
                           row.get("license") or "", parts)
    raise InputError(f"tracks.csv: expected the audio of {row['id']!r:.80} in the folder {shown(row['class'])}, found "
                     "none")


def _of_folders(root: Path) -> list[Excerpt]:
    excerpts = []
    for folder in sorted(path for path in root.glob("*") if path.is_dir() and not path.name.startswith(".")):
        files = [path for path in folder.iterdir() if path.is_file()
                 and path.suffix.lower() in AUDIO_ENDINGS and not path.name.startswith(".")]
        files.sort(key=lambda path: hashlib.sha256(path.read_bytes()).digest())
        for i, path in enumerate(files):
            name = f"{folder.name}/{path.stem}"
            part = next((part for part, share in HASHED_SHARES.items() if i + 0.5 < share * len(files)), PARTS[-1])
            excerpts.append(Excerpt(name, folder.name, name, name, path, "", dict.fromkeys(PARTITIONS, part)))
    return excerpts
