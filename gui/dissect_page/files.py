"""Files that are tried together: one alone, or those of a folder with their classes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.audio.waveform import AudioFile, Waveform
from engine.checks import InputError, shown
from engine.explain.dissect import Recording
from engine.training.datasets import AUDIO_ENDINGS
from engine.training.style_data import is_dealt_by_table, style_excerpts

MOST_FILES = 24         # of a folder, unless told
MOST_SECONDS = 30.0     # of a file that are worked on: a new setting is to be heard at once


@dataclass(frozen=True)
class Listed:
    """A file, its class (or none) and what it was cut from."""

    path: Path
    label: str | None
    track: str

    def recording(self) -> Recording:
        """For an experiment; looked at now, read when its sound is wanted."""
        file = AudioFile(self.path)
        return Recording(file.name, self.label, self.track, lambda: part(file)[1])


def part(file: AudioFile) -> tuple[float, Waveform]:
    """Where the part begins that is worked on, in seconds, and its sound: the middle of what is long."""
    start = max(0.0, (file.seconds - MOST_SECONDS) / 2)
    return start, file.read(start, start + MOST_SECONDS)


def listed(path: Path, most: int) -> tuple[Listed, ...]:
    """A file, or at most so many files of a folder, its classes in turn; classes by tracks.csv, else by folder.

    Raises
    ------
    InputError
        When a folder has no sound in it, or its tracks.csv is damaged.
    """
    if not path.is_dir():
        return (Listed(path, path.resolve().parent.name, str(path)),)
    if is_dealt_by_table(path):
        found = [Listed(one.audio, one.label, one.track) for one in style_excerpts(path)]
    else:
        found = [Listed(one, one.parent.resolve().name, str(one)) for one in sorted(path.rglob("*"))
                 if one.suffix.lower() in AUDIO_ENDINGS and not one.name.startswith(".")]
    if not found:
        raise InputError(f"{shown(path)}: expected audio files in it or in folders in it, found none")
    return _in_turn(found, most)


def _in_turn(found: list[Listed], most: int) -> tuple[Listed, ...]:
    """At most so many: classes in turn, each from its first file on."""
    places: dict[str | None, int] = {}
    turns = []
    for one in found:
        places[one.label] = places.get(one.label, -1) + 1
        turns.append(places[one.label])
    chosen = sorted(range(len(found)), key=lambda i: (turns[i], i))[:most]
    return tuple(found[i] for i in sorted(chosen))
