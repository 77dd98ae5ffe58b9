"""Reading a session file: as far as it goes."""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from engine.checks import InputError, shown
from engine.job import Report, silent
from engine.sessions import fields as of
from engine.sessions.archive import LARGEST, LARGEST_ENTRY, MOST_ENTRIES, SESSION, Archive, Entry, Refused, opened
from engine.sessions.fields import Complaints, Odd, Saved
from engine.sessions.parsing import NotJson, parsed
from engine.sessions.references import found, kept, without_relative
from engine.sessions.values import SUFFIX, VERSION, AudioRef, Session
from engine.sessions.writing import ENDING, FORMAT

ROOMS = ("tunes", "audio", "assets")


@dataclass(frozen=True)
class Opened:
    """A session as far as it could be read.

    Parameters
    ----------
    session
        What was found.
    missing
        A sentence on each thing that was not, has changed or was refused.
    whole
        Whether all that the file itself holds was read. Where not, writing to the same path would lose the rest.
    """

    session: Session
    missing: tuple[str, ...] = ()
    whole: bool = True


def read(path: str | Path, *, hashed: bool = True, report: Report = silent) -> Opened:
    """Read a session file, and find the files that it refers to.

    Nothing in it is trusted. Copies of files that are found nowhere else are put into the user's cache under their
    hashes; nothing else is written.

    Parameters
    ----------
    path
        Of the session file.
    hashed
        Whether files are known by their content; else by their size, which is quick and enough to add a result.

    Raises
    ------
    InputError
        When nothing of it can be read.
    """
    path = Path(os.path.abspath(path))
    try:
        if path.is_dir():
            raise InputError(f"{shown(path)}: expected a session ({SUFFIX}), found a folder")
        if path.exists() and not path.is_file():
            raise InputError(f"{shown(path)}: expected a session ({SUFFIX}), found a device or a pipe")
        with open(path, "rb") as file:
            return _read(file, path, hashed, report)
    except FileNotFoundError:
        raise InputError(f"{shown(path)}: there is no such session; was it moved or renamed?") from None
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{shown(path)}: could not be read ({reason})") from None


def _read(file: BinaryIO, path: Path, hashed: bool, report: Report) -> Opened:
    archive, complaints = opened(file, report), Complaints()
    if not archive.entries:
        raise InputError(f"{shown(path)}: expected a session ({SUFFIX}), found none in it; is it damaged or renamed?")
    if not archive.whole:
        complaints.say("The file is damaged or was cut off; what is before the damage was read.")
    entries = _entries(archive, complaints)
    values = _values(archive, entries, complaints)
    if values is None and not any(name.partition("/")[0] in ROOMS for name in entries):
        raise InputError(f"{shown(path)}: expected a session ({SUFFIX}), found a zip of something else or one too "
                         "damaged to read")
    reading = _Reading(archive, entries, values or {}, path.parent, complaints, hashed, report)
    session = reading.session()
    if session == Session() and (values is None or values.get("format") != FORMAT):
        raise InputError(f"{shown(path)}: expected a session ({SUFFIX}), found one in which nothing can be read")
    return Opened(session, complaints.all(), not complaints.harmed)


def _entries(archive: Archive, complaints: Complaints) -> dict[str, Entry]:
    """Name -> entry of those that a session may have; the first of two with one name."""
    known: dict[str, Entry] = {}
    if len(archive.entries) > MOST_ENTRIES:
        complaints.say(f"The session has more than {MOST_ENTRIES:,} parts; the others were left out.")
    for entry in archive.entries[:MOST_ENTRIES]:
        if entry.name.endswith("/"):
            continue
        if entry.leads_out:
            complaints.say(f"A part named {of.quoted(entry.name)} leads out of the session; it was left out.")
        elif entry.link:
            complaints.say(f"{of.quoted(entry.name)} is a link and not a part of the session; it was left out.")
        elif entry.name in known:
            complaints.say(f"{of.quoted(entry.name)} is in the session twice; the first was taken.")
        else:
            known[entry.name] = entry
    return known


def _values(archive: Archive, entries: dict[str, Entry], complaints: Complaints) -> dict[str, Any] | None:
    """The fields of session.json; None where nothing of it can be used."""
    if SESSION not in entries:
        complaints.say(f"{SESSION} is missing, so the session's results and their files are.")
        return None
    try:
        content, intact = archive.content(entries[SESSION], LARGEST[SESSION])
        values, whole = parsed(content.decode("utf-8", "replace"))
    except Refused as refused:
        complaints.say(f"{SESSION} {refused}, so the session's results and their files are missing.")
        return None
    except NotJson as error:
        complaints.say(f"{SESSION} cannot be used ({error}), so the session's results and their files are missing.")
        return None
    version = values.get("version")
    if isinstance(version, int) and version > VERSION:
        complaints.say(f"It was saved by a newer Otoscope (format {shown(str(version))}, this one knows {VERSION}); "
                       "what is new in it was left out.")
    if not whole:
        complaints.say(f"{SESSION} is damaged; what comes after the damage is missing.")
    elif not intact:
        complaints.say(f"{SESSION} is damaged; look its values through.")
    return values


@dataclass
class _Reading:
    archive: Archive
    entries: Mapping[str, Entry]
    values: dict[str, Any]
    folder: Path
    complaints: Complaints
    hashed: bool
    report: Report

    def session(self) -> Session:
        results = of.listed(self.values, "results", of.result, self.complaints)
        return Session(
            results=tuple(replace(one, arguments=without_relative(one.arguments, self.folder)) for one in results),
            audio=dict(self._each("audio", self._audio)), tunes=self._room("tunes", self._tune),
            trials=tuple(of.listed(self.values, "trials", of.mapping, self.complaints)),
            view=dict(self._each("view", of.mapping)), assets=self._room("assets", self._asset),
            made_with=dict(self._each("made_with", of.text)))

    def _each(self, name: str, make: Callable[[Any], Any]) -> list[tuple[str, Any]]:
        made = []
        for key, value in of.items(self.values, name, self.complaints):
            try:
                made.append((key, make(value)))
            except Odd as odd:
                self.complaints.say(f"{of.quoted(key)} of the session's {name} was left out: {odd}.")
        return made

    def _room(self, room: str, content: Callable[[str, str], Any]) -> dict[str, Any]:
        """Name -> content of what lies in one of the zip's folders, by the JSON, else by the names of the entries."""
        named = dict(self._each(room, of.text))
        if room not in self.values:
            for entry in self.entries:
                if entry.startswith(f"{room}/"):
                    stem = PurePosixPath(entry).stem if room == "tunes" else PurePosixPath(entry).name
                    named[re.sub(r"^\d{4}-", "", stem) or stem] = entry
        made, used = {}, set[str]()
        for name, entry in named.items():
            if entry in used:   # a session that names one part a million times would be as large as it likes
                self.complaints.say(f"{of.quoted(name)} of the session's {room} is a part that has a name already; "
                                    "it was left out.")
                continue
            used.add(entry)
            if not entry.startswith(f"{room}/") or entry not in self.entries:
                self.complaints.say(f"{of.quoted(name)} of the session's {room} is missing from the file.")
            elif (value := content(name, entry)) is not None:
                made[name] = value
        return made

    def _tune(self, name: str, entry: str) -> str | None:
        """The text; of a damaged one what there is of it."""
        content, intact = self._content(name, entry, LARGEST["tunes"])
        try:
            text = content.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            text, intact = content.decode("utf-8", "replace"), False
        if not intact:
            self.complaints.say(f"The tune {of.quoted(name)} is damaged; look it through.")
        return text if text or intact else None

    def _asset(self, name: str, entry: str) -> bytes | None:
        content, intact = self._content(name, entry, LARGEST["assets"])
        if not intact:
            self.complaints.say(f"The asset {of.quoted(name)} is damaged; it was left out.")
        return content if intact else None

    def _content(self, name: str, entry: str, largest: int) -> tuple[bytes, bool]:
        try:
            return self.archive.content(self.entries[entry], largest)
        except Refused as refused:
            self.complaints.say(f"{of.quoted(name)} {refused}.")
            return b"", False

    def _audio(self, value: Any) -> AudioRef:
        """The reference to where the file lies now."""
        saved = of.audio(value)
        path, wrong = found(saved.ref, saved.relative, self.folder, hashed=self.hashed, report=self.report)
        if path is None and saved.copy:
            path = self._copy(saved)
            wrong = wrong if path is None else ""
        if wrong:
            self.complaints.say(wrong, harm=False)
        return saved.ref if path is None else replace(saved.ref, path=path)

    def _copy(self, saved: Saved) -> Path | None:
        name = shown(saved.ref.name)
        entry = self.entries.get(saved.copy)
        if entry is None or not saved.copy.startswith("audio/"):
            self.complaints.say(f"The copy of {name} is missing from the file.")
            return None
        ending = PurePosixPath(saved.copy).suffix
        try:
            place = kept(saved.ref, ending if ENDING.fullmatch(ending) else "",
                         self.archive.blocks(entry, min(LARGEST_ENTRY, saved.ref.bytes)))
        except (Refused, zlib.error, EOFError):
            place = None
        except OSError as error:
            self.complaints.say(f"The copy of {name} could not be put into the cache ({error.strerror or error}).")
            return None
        if place is None:
            self.complaints.say(f"The copy of {name} is damaged; it was left out.")
        return place
