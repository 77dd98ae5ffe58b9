"""Label files: intervals in seconds, as CSV (start,end[,name]) or Audacity label tracks (tab separated)."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.checks import InputError, shown
from engine.disk import bytes_up_to

LARGEST_BYTES = 20_000_000
MOST_INTERVALS = 200_000


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
        data = bytes_up_to(path, LARGEST_BYTES)
        text = "" if data is None else data.decode("utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"{shown(path)}: there is no such label file") from None
    except UnicodeDecodeError:
        raise InputError(f"{shown(path)}: expected text with start and end in seconds, found binary data") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{shown(path)}: could not be opened ({reason})") from None
    if data is None:
        raise InputError(f"{shown(path)}: expected a label file, found more than {LARGEST_BYTES / 1e6:.0f} MB; "
                         "is it another kind of file?")
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if _counts(line)]
    if lines and _is_header(lines[0][1]):
        del lines[0]
    if len(lines) > MOST_INTERVALS:
        raise InputError(f"{shown(path)}: expected at most {MOST_INTERVALS:,} labels, found {len(lines):,}; is it "
                         "another kind of file?")
    found = [_interval(line, number, path) for number, line in lines]
    return tuple(sorted(found, key=lambda interval: (interval.start, interval.end)))


def _counts(line: str) -> bool:
    return bool(line.strip()) and not line.startswith(("\\", "#"))  # "\\": Audacity's spectral ranges


def _is_header(line: str) -> bool:
    return line.lower().lstrip(' "').startswith(("start", "onset"))


def _fields(line: str) -> list[str]:
    # a tab that comes before any comma: only then is it an Audacity track, names may hold either
    if "\t" in line.split(",")[0]:
        start, _, rest = line.partition("\t")
        end, _, name = rest.partition("\t")
        return [start, end, name]
    return next(csv.reader([line], skipinitialspace=True), [])


def _interval(line: str, number: int, path: Path) -> Interval:
    try:
        fields = _fields(line)
        start, end = float(fields[0]), float(fields[1])
        if not (math.isfinite(start) and math.isfinite(end) and 0 <= start <= end):
            raise ValueError
    except (ValueError, IndexError, csv.Error):
        raise InputError(f"{shown(path)}, line {number}: expected start and end in seconds with start <= end, "
                         f"got {line.strip()[:60]!r}") from None
    return Interval(start, end, ",".join(fields[2:]).strip())


def audacity_text(intervals: Sequence[Interval]) -> str:
    """An Audacity label track: start, end and name, tab separated, one line each."""
    return "".join(f"{i.start:.6f}\t{i.end:.6f}\t{' '.join(i.name.splitlines())}\n" for i in intervals)
