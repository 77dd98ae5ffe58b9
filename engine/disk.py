"""Files that are written whole or not at all, and read up to a limit."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from engine.checks import InputError, shown

BLOCK = 1 << 22     # bytes


def write_whole(path: Path, content: bytes) -> None:
    """Write a file atomically: under another name beside it first, then a rename.

    Raises
    ------
    OSError
        When it cannot be written; what was there is left as it was.
    """
    temporary = path.with_name(f".{path.name[:80]}.{os.getpid()}.part")
    try:
        temporary.write_bytes(content)
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def bytes_up_to(path: Path, most: int) -> bytes | None:
    """What a file holds; None where that is more than `most` bytes. A device says of itself that it has none.

    Raises
    ------
    OSError
        When it cannot be read.
    """
    with open(path, "rb") as file:
        parts, left = list[bytes](), most + 1
        while left > 0 and (part := file.read(min(BLOCK, left))):   # memory is taken for what is there
            parts.append(part)
            left -= len(part)
    return b"".join(parts) if left > 0 else None


@contextlib.contextmanager
def growing(path: Path) -> Iterator[BinaryIO]:
    """The same for what is too large to hold at once: a file that is at `path` once all is written and on the disk.

    Raises
    ------
    OSError
        As `write_whole`; whatever else is raised while it is written leaves what was there as it was, too.
    """
    temporary = path.with_name(f".{path.name[:80]}.{os.getpid()}-{threading.get_native_id()}.part")
    try:
        with open(temporary, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())     # else a power cut could leave the new name on an empty file
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_chosen(path: Path, content: bytes) -> None:
    """The same where a person chose the name.

    Raises
    ------
    InputError
        When it cannot be written.
    """
    try:
        write_whole(path, content)
    except OSError as error:
        raise InputError(f"{shown(path)}: could not be written ({error.strerror or error}); choose another folder"
                         ) from None
