"""Reports on disk: each file whole or not at all, and one sentence where a folder cannot be written."""

from __future__ import annotations

import contextlib
import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import soundfile as sf

from engine.checks import InputError, shown
from engine.disk import write_whole
from engine.job import Progress, Report


class Writing:
    """Writes the files of a report one after the other into a folder, and says so.

    Parameters
    ----------
    folder
        It is made if need be, and files of the same names in it are replaced.
    steps
        How many there will be, with what is drawn and not written yet.
    report
        Is told before each.
    """

    def __init__(self, folder: Path, steps: int, report: Report) -> None:
        self.folder, self.steps, self.report = folder, steps, report
        self.written: list[Path] = []

    def tell(self, doing: str) -> None:
        """Say what is being done."""
        self.report(Progress(len(self.written), self.steps, doing))

    def step(self, name: str, write: Callable[[Path], None]) -> None:
        """Write one file."""
        self.tell(f"writing {name}")
        write(self.folder / name)
        self.written.append(self.folder / name)

    def content(self, name: str, content: bytes) -> None:
        """Write one file that is there already."""
        self.step(name, lambda path: write_whole(path, content))


@contextlib.contextmanager
def folder_made(folder: Path) -> Iterator[None]:
    """Make a folder to write into.

    Raises
    ------
    InputError
        When it, or a file in it, cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except (OSError, sf.LibsndfileError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{shown(folder)}: expected a folder that can be written, got “{reason}”; "
                         "choose another one") from None


def encoded(text: str) -> bytes:
    """UTF-8; a byte of a file name that never was UTF-8 becomes an escape that JSON knows."""
    return text.encode("utf-8", "backslashreplace")


def csv_bytes(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> bytes:
    """A table with its head."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([columns, *rows])
    return encoded(text.getvalue())


def json_bytes(value: dict[str, Any]) -> bytes:
    """An answer as plain numbers and names, for people and programs."""
    return encoded(json.dumps(value, allow_nan=False, ensure_ascii=False, indent=1) + "\n")
