"""Data folders as they lie on disk: audio/ and labels/ with a songs.csv that splits them by artist."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.audio.labels import Interval, read_intervals
from engine.checks import InputError, shown

AUDIO_ENDINGS = (".wav", ".flac", ".ogg", ".mp3", ".aiff", ".aif", ".oga", ".opus")


@dataclass(frozen=True)
class Song:
    """One labelled recording: `intervals` are the seconds in which somebody sings."""

    id: str
    artist: str
    split: str
    audio: Path
    intervals: tuple[Interval, ...]
    licence: str = ""

    def truth(self, times: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether somebody sings at each of `times` (seconds)."""
    title: str = ""
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
    try:
        with table.open(newline="", encoding="utf-8-sig") as file:
            return {row["id"]: row for row in csv.DictReader(file)}
    except (OSError, UnicodeDecodeError, KeyError, csv.Error) as error:
        raise InputError(f"{shown(table)}: expected a CSV table with an id column ({error})") from None


def _song(audio: Path, labels: Path, row: dict[str, str]) -> Song:
    path = labels / f"{audio.stem}.csv"
    if not path.exists():
        raise InputError(f"{shown(audio)}: expected its labels in labels/{shown(path)}, found no such file")
    return Song(audio.stem, row.get("artist") or audio.stem, row.get("split") or "", audio,  # None: a short row
                read_intervals(path), row.get("license") or "", row.get("title") or "")
