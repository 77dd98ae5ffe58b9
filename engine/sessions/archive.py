"""Entries of a zip that nobody vouches for: what is in it, and as much of each as can be had.

Nothing is unpacked onto the disk by its name, links are not followed, and all entries together may not unpack to
more than `RATIO` times what the file has in bytes.
"""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import BinaryIO

from engine.job import Progress, Report, silent

SESSION = "session.json"
MOST_ENTRIES = 10_000
RATIO = 100             # of bytes unpacked and packed; text has 3 to 20, a bomb 1,000
ALWAYS = 16 << 20       # bytes that may be unpacked however small the file is
LARGEST = {SESSION: 128 << 20, "tunes": 20 << 20, "assets": 1 << 30}
LARGEST_ENTRY = 8 << 30
MOST_HELD = 2 << 30     # bytes of texts and assets, which are in memory all at once
BLOCK = 1 << 16         # bytes
SEARCHED = 1 << 24      # bytes that are searched between two reports
STEP = 1 << 10          # bytes of what is packed: as much before a damage is lost with it
LOCAL = struct.Struct("<4s5H3L2H")
LOCAL_SIGNATURE, NEXT_SIGNATURES = b"PK\x03\x04", (b"PK\x03\x04", b"PK\x01\x02", b"PK\x07\x08", b"PK\x05\x06")
DIRECTORY_PER_ENTRY = 400   # bytes of the directory at the end, at most
ENCRYPTED, SIZES_FOLLOW, NOT_KNOWN = 0x1, 0x8, 0xFFFFFFFF


class Refused(Exception):
    """An entry that is not read; the message says why, without its name."""


@dataclass(frozen=True)
class Entry:
    """A part of a zip.

    Parameters
    ----------
    name
        As it is written there.
    offset
        Of its local header, in bytes.
    packed
        Bytes; None where only its end tells.
    method, flags, crc
        As in the format; crc None where it is not known.
    link
        Whether it is a symbolic link.
    """

    name: str
    offset: int
    packed: int | None
    method: int
    flags: int
    crc: int | None
    link: bool = False

    @property
    def leads_out(self) -> bool:
        """Whether it would be unpacked elsewhere than below the folder one unpacks it in."""
        path = PurePosixPath(self.name.replace("\\", "/"))
        return path.is_absolute() or ".." in path.parts or ":" in self.name or "\0" in self.name


@dataclass
class Archive:
    """A zip, and how much of it may still be unpacked, and be held in memory."""

    file: BinaryIO
    size: int
    entries: list[Entry]
    whole: bool = True
    left: int = field(init=False)
    room: int = field(init=False)

    def __post_init__(self) -> None:
        self.left, self.room = ALWAYS + RATIO * self.size, MOST_HELD

    def content(self, entry: Entry, largest: int) -> tuple[bytes, bool]:
        """What of an entry can be had, and whether that is all of it and unharmed.

        Raises
        ------
        Refused
            When it is packed in a way that is not read, or larger than `largest` bytes or than a session may be.
        """
        out, crc, broken = io.BytesIO(), 0, False
        try:
            for block in self.blocks(entry, largest):
                out.write(block)
                crc = zlib.crc32(block, crc)
                self.room -= len(block)
                if self.room < 0:
                    raise Refused("is one part too many for the memory that a session may take")
        except (zlib.error, EOFError):
            broken = True
        return out.getvalue(), not broken and entry.crc in (None, crc)

    def blocks(self, entry: Entry, largest: int) -> Iterator[bytes]:
        """The same piece by piece; zlib.error or EOFError where it is damaged or cut off."""
        if entry.flags & ENCRYPTED:
            raise Refused("is encrypted")
        if entry.method not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Refused("is packed by a method that is not read here")
        unpack = zlib.decompressobj(-zlib.MAX_WBITS) if entry.method == zipfile.ZIP_DEFLATED else None
        done = 0
        for packed in self._packed(entry):
            rest = packed
            while rest:
                out = unpack.decompress(rest, BLOCK) if unpack else rest
                rest = unpack.unconsumed_tail if unpack else b""
                done += len(out)
                self.left -= len(out)
                if done > largest or self.left < 0:
                    raise Refused("is larger than a session may be once it is unpacked")
                yield out
            if unpack and unpack.eof:
                return
        if unpack and not unpack.eof:
            raise EOFError

    def _packed(self, entry: Entry) -> Iterator[bytes]:
        self.file.seek(entry.offset)
        header = self.file.read(LOCAL.size)
        if len(header) < LOCAL.size or not header.startswith(LOCAL_SIGNATURE):
            raise EOFError
        *_, name, extra = LOCAL.unpack(header)
        at, left = entry.offset + LOCAL.size + name + extra, self.size if entry.packed is None else entry.packed
        while left > 0:
            self.file.seek(at)      # others may read between two blocks
            block = self.file.read(min(STEP if entry.method else BLOCK, left))
            if not block:
                raise EOFError
            at, left = at + len(block), left - len(block)
            yield block


def opened(file: BinaryIO, report: Report = silent) -> Archive:
    """The archive in a file, by its directory, or by what lies before it where that is damaged or cut off."""
    size = file.seek(0, io.SEEK_END)
    listed = _listed(file, size)
    if any(entry.name == SESSION for entry in listed) and all(_is_at_its_place(file, entry) for entry in listed):
        return Archive(file, size, listed)
    return Archive(file, size, list(_scanned(file, size, report)), whole=False)


def _is_at_its_place(file: BinaryIO, entry: Entry) -> bool:
    if entry.offset < 0:
        return False
    file.seek(entry.offset)
    return file.read(len(LOCAL_SIGNATURE)) == LOCAL_SIGNATURE


def _listed(file: BinaryIO, size: int) -> list[Entry]:
    """What the directory names; nothing where it cannot be read, or is longer than one that is read into memory."""
    file.seek(max(0, size - 22 - 0xFFFF))
    tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) < end + 22:
        return []
    if struct.unpack_from("<L", tail, end + 12)[0] > MOST_ENTRIES * DIRECTORY_PER_ENTRY:
        return []
    try:
        with zipfile.ZipFile(file) as archive:
            return [Entry(info.filename, info.header_offset, info.compress_size, info.compress_type, info.flag_bits,
                          info.CRC, stat.S_ISLNK(info.external_attr >> 16)) for info in archive.infolist()]
    except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError, ValueError, struct.error, OverflowError):
        return []


def _scanned(file: BinaryIO, size: int, report: Report) -> Iterator[Entry]:
    """What the headers before the entries name, as far as there are any."""
    def following(start: int, *signatures: bytes) -> int | None:
        return _next(file, start, signatures, lambda at: report(Progress(at, size, "looking for what is left of it")))

    at = following(0, LOCAL_SIGNATURE)
    found = 0
    while at is not None and found < MOST_ENTRIES:
        file.seek(at)
        header = file.read(LOCAL.size)
        if len(header) < LOCAL.size:
            return
        _, _, flags, method, _, _, crc, packed, _, name, extra = LOCAL.unpack(header)
        text = file.read(name).decode("utf-8", "replace")
        known = not flags & SIZES_FOLLOW and packed != NOT_KNOWN
        data = at + LOCAL.size + name + extra
        if not known and method == zipfile.ZIP_STORED:
            packed, known = (following(data, *NEXT_SIGNATURES) or size) - data, True
        yield Entry(text, at, packed if known else None, method, flags, None if flags & SIZES_FOLLOW else crc)
        found += 1
        at = following(data + packed if known and data + packed <= size else data, LOCAL_SIGNATURE)


def _next(file: BinaryIO, start: int, signatures: Iterable[bytes], told: Callable[[int], None]) -> int | None:
    """Where one of the signatures lies next, from `start` on; now and then how far the search is."""
    before = b""
    file.seek(start)
    while block := file.read(BLOCK):
        if start % SEARCHED < BLOCK:
            told(start)
        text = before + block
        places = [place for signature in signatures if (place := text.find(signature)) >= 0]
        if places:
            return start - len(before) + min(places)
        start += len(block)
        before = text[-3:]
    return None
