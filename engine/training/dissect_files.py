"""Files of an experiment: one alone, or those of a folder with their classes and what systems learnt from."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from engine.checks import InputError, shown
from engine.training.datasets import AUDIO_ENDINGS
from engine.training.style_data import PARTS, is_dealt_by_table, style_excerpts

T = TypeVar("T")


@dataclass(frozen=True)
class Listed:
    """A file, its class (or none), what it was cut from, and the part it has in each partition of its data set."""

    path: Path
    label: str | None
    track: str
    parts: Mapping[str, str] = field(default_factory=dict)

    def learnt_in(self, partitions: Collection[str]) -> list[str]:
        """Of these partitions the ones whose systems learnt from it or were chosen by it."""
        return [one for one in partitions if self.parts.get(one, PARTS[-1]) != PARTS[-1]]


def listed(path: Path) -> list[Listed]:
    """A file, or all of a folder; classes by tracks.csv, else by the folder that a file lies in.

    Raises
    ------
    InputError
        When a folder has no sound in it, or its tracks.csv is damaged.
    """
    if not path.is_dir():
        return [Listed(path, path.resolve().parent.name, str(path))]
    if is_dealt_by_table(path):
        return [Listed(one.audio, one.label, one.track, one.parts) for one in style_excerpts(path)]
    found = [Listed(one, one.parent.resolve().name, str(one)) for one in sorted(path.rglob("*"))
             if one.suffix.lower() in AUDIO_ENDINGS and not one.name.startswith(".")]
    if not found:
        raise InputError(f"{shown(path)}: expected audio files in it or in folders in it, found none")
    return found


def in_turn(found: Sequence[T], most: int, label: Callable[[T], str | None],
            worse: Callable[[T], int] = lambda one: 0) -> list[T]:
    """At most so many, in their order: classes in turn, in each the least bad first, of equals the first."""
    places: dict[str | None, int] = {}
    turns = {}
    for i in sorted(range(len(found)), key=lambda i: (worse(found[i]), i)):
        places[label(found[i])] = places.get(label(found[i]), -1) + 1
        turns[i] = places[label(found[i])]
    chosen = sorted(range(len(found)), key=lambda i: (turns[i], worse(found[i]), i))[:most]
    return [found[i] for i in sorted(chosen)]
