"""What a command leaves behind: one JSON object on stdout; everything else goes to stderr."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import math
import os
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

from engine.checks import shown
from engine.job import Pace, Progress

FIRST_LINE_AFTER = 15.0     # seconds; then twice, four times, ... as long: a few lines however long it takes
REDRAW_EVERY = 0.1          # seconds


def to_json(result: Any) -> str:
    """One line of JSON; dataclasses, arrays, tensors and paths become what they hold.

    Raises
    ------
    ValueError
        A number is not finite; the message says where.
    """
    return json.dumps(plain(result), ensure_ascii=False, allow_nan=False)


def plain(value: Any, where: str = "result") -> Any:
    """`value` built of dicts, lists, strings, numbers and None only; `where` names it in errors."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [f.name for f in dataclasses.fields(value)]
        return {name: plain(getattr(value, name), f"{where}.{name}") for name in names}
    if isinstance(value, Mapping):
        return {str(key): plain(item, f"{where}.{key}") for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item, f"{where}[{i}]") for i, item in enumerate(value)]
    if isinstance(value, Path):
        return str(value)
    if hasattr(value, "tolist"):  # arrays, NumPy's scalars and tensors, without importing either
        return plain(value.tolist(), where)
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{where} is {value}, which JSON cannot say")
    return value


def output_folder(name: str) -> Path:
    """The folder that an option names, if it is there or could be made: refused before the work and not after it."""
    folder = Path(name)
    nearest = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not nearest.is_dir():
        raise argparse.ArgumentTypeError(f"expected a folder, {shown(nearest)} is a file; choose another name")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise argparse.ArgumentTypeError(f"nothing can be written to {shown(nearest.absolute())}; "
                                         "choose another folder")
    return folder


@contextlib.contextmanager
def only_results_on_stdout() -> Iterator[TextIO]:
    """Send to stderr what libraries print, from Python or from C; yield the true stdout for the result."""
    out = sys.stdout
    out.flush()
    true_stdout = os.dup(1)
    os.dup2(2, 1)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield out
    finally:
        os.dup2(true_stdout, 1)
        os.close(true_stdout)


class ProgressLine:
    """A `Report` to a terminal: one line with the share done and the time left, redrawn in place.

    Written to a file or a pipe it is a plain line now and then instead, ever more seldom.
    """

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.in_place = stream.isatty()
        self.started = time.monotonic()
        self.next_at = self.started + (0 if self.in_place else FIRST_LINE_AFTER)
        self.pace = Pace()
        self.width = 0

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        self.pace.hear(progress)
        if now < self.next_at:
            return
        self.next_at = now + (REDRAW_EVERY if self.in_place else now - self.started)
        line = self.line(progress)
        if self.in_place:
            self.stream.write(f"\r{line:<{self.width}}")
            self.width = len(line)
        else:
            self.stream.write(f"{line}\n")
        self.stream.flush()

    def line(self, progress: Progress) -> str:
        """What is being done, how far it is, and how long it will still take."""
        text = progress.message or "working"
        if progress.total:
            text += f", {progress.fraction:.0%}"
        if (left := self.pace.seconds_left()) is not None:
            text += f", {left:.0f} s left"
        return text

    def close(self) -> None:
        """Wipe the line, so that what follows starts on a clean one."""
        if self.width:
            self.stream.write(f"\r{'':<{self.width}}\r")
            self.stream.flush()
            self.width = 0


def say(text: str) -> None:
    """A line for people: stdout belongs to results."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
