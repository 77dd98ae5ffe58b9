"""Files of tunes: read as they come."""

from __future__ import annotations

from pathlib import Path

from engine.checks import InputError, shown
from engine.disk import bytes_up_to

LONGEST_TEXT = 20_000_000       # bytes


def read_text(path: Path) -> str:
    """The text of an ABC file: UTF-8, or Latin-1 as old ones are; lines end in `\\n`.

    Raises
    ------
    InputError
        When there is no such file, it is no text, or longer than 20 MB.
    """
    if path.is_dir():
        raise InputError(f"{shown(path)}: expected an ABC file, found a folder")
    if not path.exists():
        raise InputError(f"{shown(path)}: there is no such file; was it moved or renamed?")
    try:
        data = bytes_up_to(path, LONGEST_TEXT)
    except OSError as error:
        raise InputError(f"{shown(path)}: could not be read ({error.strerror or error})") from None
    if data is None:
        raise InputError(f"{shown(path)}: expected an ABC file of at most {LONGEST_TEXT // 1_000_000} MB; split it")
    if b"\0" in data:
        raise InputError(f"{shown(path)}: expected ABC notation, found no text; is it a renamed file?")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n")
