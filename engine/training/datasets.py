"""Data folders as they lie on disk: audio/ and labels/ with a songs.csv that splits them by artist."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.audio.labels import Interval, read_intervals
from engine.checks import InputError, shown

AUDIO_ENDINGS = (".wav", ".flac", ".ogg", ".mp3", ".aiff", ".aif", ".oga", ".opus")
LARGEST_TABLE = 50_000_000      # bytes
MOST_CELLS, MOST_ROWS = 5_000_000, 300_000


@dataclass(frozen=True)
class Song:
    """One labelled recording: `intervals` are the seconds in which somebody sings."""

    id: str
    artist: str
    split: str
    audio: Path
    intervals: tuple[Interval, ...]
    licence: str = ""
    title: str = ""

    def truth(self, times: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether somebody sings at each of `times` (seconds)."""
        singing = np.zeros(len(times), dtype=np.bool_)
        for interval in self.intervals:
            singing |= (times >= interval.start) & (times < interval.end)
        return singing


def voice_songs(folder: str | Path, split: str | None = None) -> list[Song]:
    """Songs of a folder that holds audio/NAME.ogg (or WAV, FLAC, MP3 ...), labels/NAME.csv and perhaps songs.csv.

    Parameters
    ----------
    folder
        The folder.
    split
        "train", "valid" or "test" of the split column of songs.csv, "all", or None: the test part where there is
        one, else all.

    Raises
    ------
    InputError
        When a part is missing or the split is empty.
    """
    folder = Path(folder)
    if not (folder / "audio").is_dir() or not (folder / "labels").is_dir():
        raise InputError(f"{shown(folder)}: expected a folder with audio/ and labels/ in it, as voice data has")
    rows = _rows(folder / "songs.csv")
    songs = [_song(path, folder / "labels", rows.get(path.stem, {})) for path in sorted((folder / "audio").iterdir())
             if path.suffix.lower() in AUDIO_ENDINGS and not path.name.startswith(".")]
    if split is None:
        split = "test" if any(song.split == "test" for song in songs) else "all"
    chosen = [song for song in songs if split in ("all", song.split)]
    if not chosen:
        raise InputError(f"{shown(folder)}: expected labelled songs of the split {split!r}, found none")
    return chosen


def _rows(table: Path) -> dict[str, dict[str, str]]:
    if not table.exists():
        return {}
    rows = rows_of_table(table, "an id column")
    if any("id" not in row for row in rows):
        raise InputError(f"{shown(table)}: expected a CSV table with an id column, found none")
    return {row["id"]: row for row in rows}


def rows_of_table(table: Path, needed: str) -> list[dict[str, str]]:
    """Rows of a CSV table by the names of its columns; what is missing in a short row is None.

    Raises
    ------
    InputError
        When it is no such table, or larger than any that people make; `needed` says what was expected.
    """
    try:
        if table.stat().st_size > LARGEST_TABLE:
            raise InputError(f"{shown(table)}: expected a table of at most {LARGEST_TABLE / 1e6:.0f} MB, found "
                             f"{table.stat().st_size / 1e6:.0f} MB; is it another kind of file?")
        with table.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            columns = len(reader.fieldnames or ())
            rows = list(islice(reader, min(MOST_ROWS, MOST_CELLS // max(1, columns))))  # short ones get all columns
            if next(reader, None) is not None:
                raise InputError(f"{shown(table)}: expected a table of at most {MOST_ROWS:,} rows and {MOST_CELLS:,} "
                                 f"cells, found more than {len(rows):,} rows of {columns:,}; is it another kind of "
                                 "file?")
            return rows
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{shown(table)}: expected a CSV table with {needed} "
                         f"({type(error).__name__}: {error!s:.80})") from None


def is_plain(name: str) -> bool:
    """Whether a name out of a table stays in the folder that it is looked for in."""
    return name not in ("", ".", "..") and not any(sign in name for sign in "/\\\0") and name[1:2] != ":"


def _song(audio: Path, labels: Path, row: dict[str, str]) -> Song:
    path = labels / f"{audio.stem}.csv"
    if not path.exists():
        raise InputError(f"{shown(audio)}: expected its labels in labels/{shown(path)}, found no such file")
    return Song(audio.stem, row.get("artist") or audio.stem, row.get("split") or "", audio,  # None: a short row
                read_intervals(path), row.get("license") or "", row.get("title") or "")
