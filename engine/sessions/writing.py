"""Writing a session file."""

from __future__ import annotations

import json
import os
import re
import zipfile
import zlib
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from engine.checks import InputError, shown
from engine.disk import growing
from engine.job import Progress, Report, silent
from engine.sessions.archive import (
    LARGEST,
    LARGEST_ENTRY,
    MOST_ENTRIES,
    MOST_HELD,
    RATIO,
    SESSION,
)
from engine.sessions.references import BLOCK, fingerprint, relative_to, with_relative
from engine.sessions.values import VERSION, AudioRef, Result, Session

FORMAT = "otoscope-session"
TIME = (1980, 1, 1, 0, 0, 0)    # of all entries, so that equal sessions are equal bytes
LEVEL = 1       # of packing: the usual 6 takes four times as long, for a tenth less
PACKAGES = ("otoscope", "torch", "numpy", "scipy", "librosa", "soundfile")
ENDING = re.compile(r"\.[a-z0-9]{1,8}")


def versions() -> dict[str, str]:
    """Packages that results depend on, for `Session.made_with`."""
    known = {}
    for name in PACKAGES:
        try:
            known[name] = metadata.version(name)
        except metadata.PackageNotFoundError:   # Otoscope itself, run from its source
            continue
    return known


def write(session: Session, path: str | Path, *, copy_audio: bool = False, leave_audio: bool = False,
          report: Report = silent) -> tuple[str, ...]:
    """Write a session file: whole, or not at all.

    Equal sessions give equal bytes, as long as the files that they copy are the same.

    Parameters
    ----------
    session
        What to write.
    path
        Where to; what lies there is replaced.
    copy_audio
        Put a copy of every file of `session.audio` into it. Those that are `copied` get one in any case.
    leave_audio
        Put none into it; those that are `copied` stay so. For a file that is written again and again, and read on this
        computer, where the sounds lie.

    Returns
    -------
    tuple of str
        For each file that should have been copied and could not be, a sentence that says why; it stays a reference.

    Raises
    ------
    InputError
        When the file cannot be written, or the session is larger than `read` would take.
    ValueError
        A value in it is nothing that JSON can say: no finite number; TypeError: of another type.
    """
    path = Path(os.path.abspath(path))
    copies, complaints = _asked_for(session) if leave_audio else _copies(session, copy_audio, report)
    tunes = {name: f"tunes/{i:04d}-{_plain(name)}.abc" for i, name in enumerate(sorted(session.tunes), 1)}
    assets = {name: f"assets/{i:04d}-{_plain(name)}" for i, name in enumerate(sorted(session.assets), 1)}
    contents = {SESSION: _text(_fields(session, path.parent, copies, tunes, assets))}
    contents |= {entry: session.tunes[name].encode("utf-8", "surrogatepass") for name, entry in tunes.items()}
    contents |= {entry: session.assets[name] for name, entry in assets.items()}
    _within_limits(contents, copies)
    try:
        with growing(path) as file, zipfile.ZipFile(file, "w") as archive:
            for name, content in contents.items():
                archive.writestr(_entry(name, _method(content)), content, compresslevel=LEVEL)
            for key, name in [] if leave_audio else sorted(copies.items()):
                _copy(archive, name, session.audio[key], report)
    except OSError as error:
        raise InputError(f"{shown(path)}: could not be written ({error.strerror or error}); choose another folder"
                         ) from None
    return complaints


def _fields(session: Session, folder: Path, copies: Mapping[str, str], tunes: Mapping[str, str],
            assets: Mapping[str, str]) -> dict[str, Any]:
    return {"format": FORMAT, "version": VERSION, "made_with": dict(session.made_with),
            "audio": {key: _audio(ref, folder, copies.get(key)) for key, ref in session.audio.items()},
            "results": [_result(result, folder) for result in session.results],
            "tunes": tunes, "assets": assets, "trials": [dict(trial) for trial in session.trials],
            "view": {title: dict(values) for title, values in session.view.items()}}


def _audio(ref: AudioRef, folder: Path, copy: str | None) -> dict[str, Any]:
    return {"name": ref.name, "path": str(ref.path), "relative": relative_to(folder, ref.path), "sha256": ref.sha256,
            "bytes": ref.bytes, "seconds": ref.seconds, "copy": copy}


def _result(result: Result, folder: Path) -> dict[str, Any]:
    return {"command": result.command, "arguments": with_relative(result.arguments, folder),
            "answer": dict(result.answer), "made": result.made, "seconds": result.seconds,
            "models": [{"name": model.name, "sha256": model.sha256} for model in result.models]}


def _text(fields: dict[str, Any]) -> bytes:
    """Keys sorted, for equal mappings may have another order; a stray byte of a name is JSON's \\udc.. escape.

    Result by result, so that other threads have their turn in between.
    """
    parts = {name: _json(value) for name, value in fields.items() if name != "results"}
    parts["results"] = f"[{', '.join(map(_json, fields['results']))}]"
    text = ", ".join(f'"{name}": {parts[name]}' for name in sorted(parts))
    return f"{{{text}}}".encode("utf-8", "backslashreplace")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True)


def _copies(session: Session, everything: bool, report: Report) -> tuple[dict[str, str], tuple[str, ...]]:
    """Key -> name of the entry of each file to copy, and why others cannot be."""
    copies, complaints = {}, []
    for key, ref in session.audio.items():
        if not everything and not ref.copied:
            continue
        try:
            if fingerprint(ref.path, report=report) == (ref.sha256, ref.bytes):
                copies[key] = _name(key, ref)
            else:
                complaints.append(f"{shown(ref.name)} was not copied, as it has changed since it was used.")
        except OSError as error:
            complaints.append(f"{shown(ref.name)} was not copied, as it cannot be read ({error.strerror or error}).")
    return copies, tuple(complaints)


def _asked_for(session: Session) -> tuple[dict[str, str], tuple[str, ...]]:
    """As `_copies`, of entries that are not there."""
    return {key: _name(key, ref) for key, ref in session.audio.items() if ref.copied}, ()


def _name(key: str, ref: AudioRef) -> str:
    ending = ref.path.suffix.lower()
    return f"audio/{_plain(key)}{ending if ENDING.fullmatch(ending) else ''}"


def _copy(archive: zipfile.ZipFile, name: str, ref: AudioRef, report: Report) -> None:
    """Audio is packed already: it is stored as it is."""
    entry = _entry(name, zipfile.ZIP_STORED)
    entry.file_size = ref.bytes     # zipfile chooses its 64-bit form by it
    with open(ref.path, "rb") as source, archive.open(entry, "w") as copy:
        done = 0
        while block := source.read(min(BLOCK, ref.bytes - done)):
            copy.write(block)
            done += len(block)
            report(Progress(done, ref.bytes, f"copying {shown(ref.name)}"))


def _entry(name: str, method: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, TIME)
    entry.compress_type, entry.create_system, entry.external_attr = method, 3, 0o644 << 16
    return entry


def _method(content: bytes) -> int:
    """What shrinks as only a bomb does (a long curve that stays at 0) is stored as it is, so that `read` takes it."""
    bomb = len(content) > BLOCK and len(content) > RATIO / 2 * len(zlib.compress(content, LEVEL))
    return zipfile.ZIP_STORED if bomb else zipfile.ZIP_DEFLATED


def _plain(name: str) -> str:
    """A name of letters, digits and few signs: those of tunes and assets are in the JSON as they are."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", name).strip("-.")[:40]


def _within_limits(contents: Mapping[str, bytes], copies: Mapping[str, str]) -> None:
    if len(contents) + len(copies) > MOST_ENTRIES:
        raise InputError(f"session: expected at most {MOST_ENTRIES:,} tunes, assets and sounds, got "
                         f"{len(contents) + len(copies):,}; save some of them elsewhere")
    for name, content in contents.items():
        largest = LARGEST.get(name.partition("/")[0], LARGEST_ENTRY)
        if len(content) > largest:
            raise InputError(f"session: {shown(name)} would have {len(content) / 1e6:,.0f} MB, and at most "
                             f"{largest / 1e6:,.0f} MB can be opened again; save a part of it")
    if (held := sum(map(len, contents.values()))) > MOST_HELD:
        raise InputError(f"session: tunes and what was painted would have {held / 1e6:,.0f} MB together, and at most "
                         f"{MOST_HELD / 1e6:,.0f} MB can be opened again; save a part of it")
