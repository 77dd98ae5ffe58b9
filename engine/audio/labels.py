"""Label files: intervals in seconds, as CSV (start,end[,name]) or Audacity label tracks (tab separated)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.checks import InputError, shown

LARGEST_BYTES = 20_000_000


@dataclass(frozen=True)
class Interval:
    """From `start` to `end` in seconds, with a name."""

    start: float
    end: float
    name: str = ""


def read_intervals(path: str | Path) -> tuple[Interval, ...]:
    """Intervals of a label file, sorted by start.

    Raises
    ------
    InputError
        Names the file and the line.
    """
    path = Path(path)
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise InputError(f"{shown(path)}: expected a label file, found {path.stat().st_size / 1e6:.0f} MB; "
                             "is it another kind of file?")
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"{shown(path)}: there is no such label file") from None
    except UnicodeDecodeError:
        raise InputError(f"{shown(path)}: expected text with start and end in seconds, found binary data") from None
    except OSError as error:
        raise InputError(f"{shown(path)}: could not be opened ({error.strerror})") from None
    found = [_interval(line, number, path) for number, line in enumerate(text.splitlines(), 1) if _counts(line, number)]
    return tuple(sorted(found, key=lambda interval: (interval.start, interval.end)))


def _counts(line: str, number: int) -> bool:
    header = number == 1 and line.lower().replace(" ", "").startswith("start")
    return bool(line.strip()) and not header and not line.startswith(("\\", "#"))  # "\\": Audacity's spectral ranges


def _interval(line: str, number: int, path: Path) -> Interval:
    fields = line.split("\t") if "\t" in line else line.split(",")
    try:
        start, end = float(fields[0]), float(fields[1])
        if not (math.isfinite(start) and math.isfinite(end) and 0 <= start <= end):
            raise ValueError
    except (ValueError, IndexError):
        raise InputError(f"{shown(path)}, line {number}: expected start and end in seconds with start <= end, "
                         f"got {line.strip()[:60]!r}") from None
    return Interval(start, end, ",".join(fields[2:]).strip())


def audacity_text(intervals: Sequence[Interval]) -> str:
    """An Audacity label track: start, end and name, tab separated."""
    return "".join(f"{i.start:.6f}\t{i.end:.6f}\t{i.name}\n" for i in intervals)
