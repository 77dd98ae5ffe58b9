"""The process in which music21 reads files of strangers: `python -m engine.folk.import_child`, started by `importing`.

It may use so much memory and no more, writes no file, opens no connection and starts no program.
"""

from __future__ import annotations

import contextlib
import os
import sys
from functools import cache
from typing import Any

from engine.folk import import_midi, import_xml
from engine.folk.child import serve
from engine.folk.importing import Imported, Source
from engine.folk.melody import abc_of

MEMORY = 3_000_000_000                  # bytes of address space
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC
_REFUSED = ("socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.remove",
            "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod", "shutil.",
            "urllib.", "ftplib.", "http.client.", "smtplib.", "ctypes.dlopen")


def refuse(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook: what a reader of text has no need for.

    Raises
    ------
    PermissionError
        On everything that writes or leaves this process.
    """
    writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING
    if writes or event.startswith(_REFUSED):
        raise PermissionError(f"{event} is not allowed here")


@cache
def enclose() -> None:
    """Set the limits, once."""
    sys.dont_write_bytecode = True
    import music21.midi.translate  # before the limits: they are for what is read, not for what reads
    import music21.musicxml.xmlToM21  # noqa: F401

    with contextlib.suppress(ImportError, OSError, ValueError):     # not on Windows; a lower limit may be in force
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.addaudithook(refuse)


def read(source: Source) -> Imported:
    """A file's music as ABC.

    Raises
    ------
    Unusable
        When there is none.
    """
    enclose()
    melody, notes = (import_midi.melody_of(source.content) if isinstance(source.content, bytes)
                     else import_xml.melody_of(source.content))
    melody.title = melody.title or source.title
    return Imported(abc_of(melody), tuple(notes))


if __name__ == "__main__":
    serve(read)
