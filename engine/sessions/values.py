"""What a session holds. Nothing here touches a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

SUFFIX = ".oto"
VERSION = 1
"""Of the format: raised when the meaning of a field changes, not when one is added."""
KEY_LENGTH = 16
PAINTED = "painted"
"""Among a result's arguments: strokes of the window's brush, in words. They change what the model heard, and no command
knows them."""

Json: TypeAlias = Any
"""What JSON can say: None, truth values, finite numbers, text, lists, mappings from text."""


@dataclass(frozen=True)
class AudioRef:
    """A file that results were made of, known by its content.

    Parameters
    ----------
    name
        As it is shown: the last part of the path.
    path
        Where it lies, absolute.
    sha256
        Of its bytes, 64 hexadecimal digits.
    bytes
        Its size.
    seconds
        Its length; None for what is no sound (a tune).
    copied
        Whether the session file holds a copy of it.
    """

    name: str
    path: Path
    sha256: str
    bytes: int
    seconds: float | None = None
    copied: bool = False

    @property
    def key(self) -> str:
        """What a session calls it: the beginning of its hash, so that the same sound has the same key everywhere."""
        return self.sha256[:KEY_LENGTH]


@dataclass(frozen=True)
class ModelRef:
    """A model by its name and the SHA-256 of its weights (64 hexadecimal digits; empty where that is not known)."""

    name: str
    sha256: str


@dataclass(frozen=True)
class Result:
    """What a command answered, and all that is needed to ask it again.

    Parameters
    ----------
    command
        Name of the command, such as "explain".
    arguments
        Its options by their names in the parser ("start", "every_label"). A file is `{"audio": key}`, a key into
        `Session.audio`; a folder or a model's card is `{"path": text}`; all else is as the parser gives it.
    answer
        What the command prints with --json.
    models
        Those that took part.
    made
        When it was asked: ISO 8601 with the time zone.
    seconds
        How long it took.
    """

    command: str
    arguments: Mapping[str, Json]
    answer: Mapping[str, Json]
    models: tuple[ModelRef, ...] = ()
    made: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Session:
    """All of one's work: what an .oto file holds.

    Parameters
    ----------
    results
        In the order in which they were asked for.
    audio
        Key -> file. Keys are `AudioRef.key`.
    tunes
        Name -> text in ABC.
    trials
        Listening tests (ABX), each as names and values.
    view
        Title of a page -> what is chosen and shown there, names and values.
    assets
        Name -> bytes of whatever else belongs to it.
    made_with
        Name of a package -> its version.
    """

    results: tuple[Result, ...] = ()
    audio: Mapping[str, AudioRef] = field(default_factory=dict)
    tunes: Mapping[str, str] = field(default_factory=dict)
    trials: tuple[Mapping[str, Json], ...] = ()
    view: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    assets: Mapping[str, bytes] = field(default_factory=dict)
    made_with: Mapping[str, str] = field(default_factory=dict)

    def adding(self, result: Result, *files: AudioRef) -> Session:
        """The session with one result more, and the files that it was made of."""
        return replace(self, results=(*self.results, result),
                       audio={**self.audio, **{ref.key: self._known(ref) for ref in files}})

    def _known(self, ref: AudioRef) -> AudioRef:
        """The same file where it lies now; a copy of it stays one."""
        before = self.audio.get(ref.key)
        return replace(ref, copied=ref.copied or (before is not None and before.copied))
