"""Values of the page: what is open, what systems say of it, and what experiments found."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.audio.pyramid import PeakPyramid
from engine.audio.waveform import AudioFile, Waveform
from engine.explain.dissect import Outcome
from engine.explain.dissect_search import Finding, Search
from engine.explain.dissect_sweep import Sweep
from engine.explain.dissect_tree import Node
from engine.training.dissect_files import Listed
from gui.dissect_page.bench import Bench
from gui.player import Source

Levels = NDArray[np.float64]


@dataclass(frozen=True)
class Opened:
    """A file, the part of it that is worked on, and the files that it is one of.

    Parameters
    ----------
    sound, start
        The part, and where it begins in the file, in seconds.
    place
        Of the file among `files`.
    folder
        What was opened, if it was a folder.
    whole
        Whether all of each file is heard.
    """

    file: AudioFile
    sound: Waveform = field(repr=False)
    start: float
    peaks: PeakPyramid = field(repr=False)
    spectrum: Levels = field(repr=False)
    source: Source = field(repr=False)
    files: tuple[Listed, ...]
    place: int
    folder: Path | None
    whole: bool = False

    @property
    def tried(self) -> tuple[bool, tuple[tuple[Path, str | None], ...]]:
        """What experiments on all files are about."""
        return self.whole, tuple((one.path, one.label) for one in self.files)


@dataclass(frozen=True)
class Verdict:
    """What a system says of a sound: probabilities of its labels, and which it decides on."""

    labels: tuple[str, ...]
    probabilities: tuple[float, ...]
    decided: int


@dataclass(frozen=True)
class Made:
    """The sound through the bench, and its spectrum."""

    bench: Bench
    sound: Waveform = field(repr=False)
    source: Source = field(repr=False)
    spectrum: Levels = field(repr=False)


@dataclass(frozen=True)
class Swept:
    """A sweep of one system, with the mean recall at each of its values (None where no class is known).

    `learnt` is how many of the files are not in the test part of the data that the system was trained on; `whole` says
    whether all of each was heard, `causal` whether filters were such as a device has. Once it is done, the worst of
    its outcomes knows what could be heard.
    """

    sweep: Sweep = field(repr=False)
    recalls: tuple[float | None, ...]
    learnt: int = 0
    files: tuple[Listed, ...] = field(default=(), repr=False)
    whole: bool = False
    causal: bool = False


@dataclass(frozen=True)
class Tried:
    """What one system says of all files, with its figures before and after, and the interval of the change of recall.

    The figures are None where no file has a class that the system knows, the interval also where a class has few
    tracks; `learnt` is how many of the files are not in the test part of the data that the system was trained on.
    """

    outcome: Outcome = field(repr=False)
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    change: tuple[float, float] | None
    learnt: int = 0


@dataclass(frozen=True)
class Found:
    """A change that nobody hears, and in words what it does to what a system says."""

    system: str
    finding: Finding = field(repr=False)
    does: str


@dataclass(frozen=True)
class Searched:
    """A search with its answer in a sentence, and all that was tried, the answer first."""

    search: Search = field(repr=False)
    sentence: str
    found: tuple[Found, ...]


@dataclass(frozen=True)
class Tree:
    """A system that decides by a tree, read aloud."""

    system: str
    labels: tuple[str, ...]
    nodes: tuple[Node, ...] = field(repr=False)


@dataclass(frozen=True)
class Experiments:
    """What was found of the same files."""

    sweeps: dict[str, list[Swept]]
    outcomes: list[Tried]
    tried: tuple[Listed, ...]
    tried_bench: Bench
    searches: list[Searched]
