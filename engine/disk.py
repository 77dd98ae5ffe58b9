"""Files that are written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from engine.checks import InputError, shown


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
