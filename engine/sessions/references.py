"""Files outside a session file: known by their hashes, found again when folders move, kept once when copied."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import platformdirs

from engine.audio.waveform import AudioFile
from engine.checks import InputError, shown
from engine.disk import growing
from engine.job import Progress, Report, silent
from engine.sessions.values import AudioRef, Json

BLOCK = 1 << 20     # bytes
_hashes: dict[tuple[str, int, int, int], str] = {}


def reference(path: str | Path, *, report: Report = silent) -> AudioRef:
    """A file as a session names it; it is hashed once, however often it is asked for.

    Raises
    ------
    InputError
        When it cannot be read.
    """
    path = Path(os.path.abspath(path))
    try:
        sha256, size = fingerprint(path, report=report)
    except OSError as error:
        raise InputError(f"{shown(path)}: could not be read ({error.strerror or error})") from None
    try:
        seconds = AudioFile(path).seconds
    except InputError:
        seconds = None
    return AudioRef(path.name, path, sha256, size, seconds)


def fingerprint(path: Path, *, report: Report = silent) -> tuple[str, int]:
    """SHA-256 and size in bytes of a file.

    Raises
    ------
    OSError
        When it cannot be read, or is no plain file: a pipe or a device would never end.
    """
    state = os.stat(path)
    if not stat.S_ISREG(state.st_mode):
        raise OSError(f"{shown(path)} is no plain file")
    known = (os.path.abspath(path), state.st_size, state.st_mtime_ns, state.st_ino)
    if known not in _hashes:
        _hashes[known] = _hash(path, state.st_size, report)
    return _hashes[known], state.st_size


def _hash(path: Path, size: int, report: Report) -> str:
    digest, left = hashlib.sha256(), size
    with open(path, "rb") as file:
        while left > 0 and (block := file.read(min(BLOCK, left))):
            digest.update(block)
            left -= len(block)
            report(Progress(size - left, size, f"reading {shown(path)}"))
    return digest.hexdigest()


def found(ref: AudioRef, relative: str, folder: Path, *, hashed: bool = True, report: Report = silent
          ) -> tuple[Path | None, str]:
    """Where a file lies now, and in a sentence what is wrong with it where nothing lies there that has its hash.

    Parameters
    ----------
    ref
        As it was saved.
    relative
        Its path as seen from the session file when that was saved, with `/`; may be empty.
    folder
        That the session file lies in now.
    hashed
        Whether to look at the content; else a file of the same size is taken for the same.
    """
    there = False
    for path in dict.fromkeys([*([folder / relative] if relative else []), ref.path, folder / Path(ref.name).name]):
        try:
            if not stat.S_ISREG(os.stat(path).st_mode):
                continue
            there = True
            if os.stat(path).st_size == ref.bytes and (
                    not hashed or fingerprint(path, report=report)[0] == ref.sha256):
                return Path(os.path.abspath(path)), ""
        except (OSError, ValueError):   # ValueError: a zero byte in the name
            continue
    if there:
        return None, f"{shown(ref.name)} has changed since the session was saved; what was made of it may not fit it."
    return None, (f"{shown(ref.name)} was not found, neither where it was nor beside the session; put it back to hear "
                  "it.")


def relative_to(folder: Path, path: str | Path) -> str:
    """A path as seen from a folder, with `/`; empty where there is none, such as to another drive."""
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:
        return ""


def kept(ref: AudioRef, ending: str, blocks: Iterable[bytes]) -> Path | None:
    """The copy that a session file holds, in the user's cache under its hash; None where it has another hash.

    Raises
    ------
    OSError
        When the cache cannot be written.
    """
    place = Path(platformdirs.user_cache_dir("otoscope")) / "session-audio" / f"{ref.sha256}{ending}"
    if place.exists() and fingerprint(place)[0] == ref.sha256:
        return place
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        with growing(place) as file:
            file.writelines(_checked(blocks, ref.sha256))
    except _AnotherHash:
        return None
    return place


class _AnotherHash(Exception):
    pass


def _checked(blocks: Iterable[bytes], sha256: str) -> Iterator[bytes]:
    digest = hashlib.sha256()
    for block in blocks:
        digest.update(block)
        yield block
    if digest.hexdigest() != sha256:
        raise _AnotherHash


def with_relative(arguments: Mapping[str, Json], folder: Path) -> dict[str, Any]:
    """Arguments of a result in which each absolute path says, too, where it lies as seen from a folder."""
    def said(value: Json) -> Json:
        if isinstance(value, (list, tuple)):
            return [said(one) for one in value]
        if isinstance(value, Mapping) and value.keys() == {"path"} and os.path.isabs(str(value["path"])):
            return {**value, "relative": relative_to(folder, str(value["path"]))}
        return value

    return {name: said(value) for name, value in arguments.items()}


def without_relative(arguments: Mapping[str, Json], folder: Path) -> dict[str, Any]:
    """The same undone: each path is where it lies now."""
    def said(value: Json) -> Json:
        if isinstance(value, list):
            return [said(one) for one in value]
        if isinstance(value, dict) and value.keys() == {"path", "relative"}:
            moved = os.path.abspath(folder / str(value["relative"])) if value["relative"] else ""
            return {"path": moved if moved and _exists(moved) else value["path"]}
        return value

    return {name: said(value) for name, value in arguments.items()}


def _exists(path: str) -> bool:
    try:
        return os.path.exists(path)
    except ValueError:
        return False
