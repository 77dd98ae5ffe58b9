"""Which files of a folder are tried, and which part of each is heard."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from engine.audio.waveform import AudioFile, Waveform
from engine.explain.dissect import Recording
from engine.listening.dissect import part_of
from engine.training import dissect_files
from engine.training.dissect_files import Listed, in_turn

MOST_FILES = 24         # of a folder, unless told
MOST_SECONDS = 30.0     # of a file that are worked on, unless all is wanted: a new setting is to be heard at once


def recording(one: Listed, *, whole: bool = False) -> Recording:
    """For an experiment; looked at now, read when its sound is wanted."""
    file = AudioFile(one.path)
    return Recording(file.name, one.label, one.track, lambda: part(file, whole=whole)[1])


def part(file: AudioFile, *, whole: bool = False) -> tuple[float, Waveform]:
    """Where the part begins that is worked on, in seconds, and its sound: the middle of what is long."""
    return part_of(file, middle(whole=whole))


def middle(*, whole: bool) -> float | None:
    """How many seconds in the middle of a file are worked on; None: all of it."""
    return None if whole else MOST_SECONDS


def listed(path: Path, most: int, partitions: Collection[str] = ()) -> tuple[Listed, ...]:
    """A file, or at most so many files of a folder, classes in turn, those first that no system has learnt from.

    Raises
    ------
    InputError
        When a folder has no sound in it, or its tracks.csv is damaged.
    """
    return tuple(in_turn(dissect_files.listed(path), most, lambda one: one.label,
                         lambda one: len(one.learnt_in(partitions))))
