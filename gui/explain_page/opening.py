"""How a song is opened: which file or adversary, through which model."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QStandardPaths

from engine.audio.features import FrontEnd
from engine.job import Report
from engine.listening.opening import Song
from engine.listening.perturbed import open_perturbed
from engine.models import catalogue
from engine.models.listener import Listener

if TYPE_CHECKING:
    from engine.listening.attack import AttackAnswer

Way = Callable[[FrontEnd, Report], Song]


@dataclass(frozen=True)
class Opening:
    """What is to be opened.

    Parameters
    ----------
    model
        Name in the catalogue.
    way
        Opens the song with a front end.
    name
        What is said while it is opened.
    start
        Where the excerpt begins, in seconds; at 0 a better place is looked for.
    """

    model: str
    way: Way
    name: str
    start: float = 0.0

    def work(self, report: Report) -> Opened:
        """Open it; the models are read from disk when they are first wanted."""
        listener = catalogue.opened(self.model)
        return Opened(self, listener, self.way(listener.front_end, report))


@dataclass(frozen=True)
class Opened:
    """What became of it."""

    opening: Opening
    listener: Listener
    song: Song


class Shelf:
    """Adversaries as files, in a folder of this program's cache that goes when they are no longer wanted."""

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._count = 0

    def way_to(self, answer: AttackAnswer) -> Way:
        """How to open an adversary; each has a place of its own, for the last one may still be heard."""
        if self._folder is None:
            cache = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.CacheLocation))
            cache.mkdir(parents=True, exist_ok=True)
            self._folder = tempfile.TemporaryDirectory(prefix="adversaries-", dir=cache, ignore_cleanup_errors=True)
        self._count += 1
        path = Path(self._folder.name) / str(self._count) / f"{Path(answer.file).stem} adversarial.wav"
        return partial(_open, path, answer)

    def clear(self) -> None:
        """Delete the files."""
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None


def _open(path: Path, answer: AttackAnswer, front_end: FrontEnd, report: Report) -> Song:
    return open_perturbed(path, answer.adversarial, answer.original, front_end, report)
