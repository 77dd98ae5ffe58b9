"""Whether an answer is the same again."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from engine.sessions.values import Json

RELATIVE = 1e-5
ABSOLUTE = 1e-6
"""Answers are float32 numbers near 1 (probabilities, shares, logits) and differences of such numbers. Adding in
another order, as another number of threads does, moves these by some units of 6e-8, however little is left when they
are subtracted."""
WIDER = {"survival": 1e-3, "curve": 1.5e-5}
"""By names in answers. What is said after a lossy encoder: it rounds, so that a last digit of a sample that turns a
step of it moves a probability by some 1e-4. And curves: they are printed to five digits."""
LARGEST = 1e300     # a whole number in a file may be larger than any other can be
IGNORED = ("seconds", "files_per_second")          # how long something took
NAMES_ONLY = ("file", "files", "written", "path")   # their folders may differ
LONGEST_SHOWN = 200                                 # characters


@dataclass(frozen=True)
class Difference:
    """One place in which two answers differ, such as "answer.segments[3].weight"; `was` and `now` are plain values."""

    where: str
    was: Json
    now: Json


def differences(was: Json, now: Json, where: str = "answer", absolute: float = ABSOLUTE) -> Iterator[Difference]:
    """All places in which an answer is another than it was.

    Numbers may differ by `RELATIVE` of the larger or by `absolute`; whole ones not at all. Times that something took
    are not compared, of paths only the last part is.
    """
    if isinstance(was, dict) and isinstance(now, dict):
        for name in [*was, *(name for name in now if name not in was)]:
            if name in IGNORED:
                continue
            if name not in was or name not in now:
                yield Difference(f"{where}.{name}", *(_short(one[name]) if name in one else "nothing"
                                                      for one in (was, now)))
            elif name in NAMES_ONLY:
                yield from differences(_last_parts(was[name]), _last_parts(now[name]), f"{where}.{name}")
            else:
                yield from differences(was[name], now[name], f"{where}.{name}", WIDER.get(name, absolute))
    elif isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        for i, (one, other) in enumerate(zip(was, now, strict=True)):
            yield from differences(one, other, f"{where}[{i}]", absolute)
    elif not _same(was, now, absolute):
        yield Difference(where, _short(was), _short(now))


def _same(was: Any, now: Any, absolute: float) -> bool:
    numbers = all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in (was, now))
    if numbers and not all(isinstance(one, int) for one in (was, now)) and max(abs(was), abs(now)) < LARGEST:
        return math.isclose(was, now, rel_tol=RELATIVE, abs_tol=absolute)
    return bool(was == now) and (numbers or type(was) is type(now))


def _last_parts(value: Json) -> Json:
    if isinstance(value, list):
        return [_last_parts(one) for one in value]
    return PurePath(value).name if isinstance(value, str) else value


def _short(value: Json) -> Json:
    if isinstance(value, (list, dict)):
        return f"{'a list' if isinstance(value, list) else 'values by name'} of {len(value)}"
    if isinstance(value, str) and len(value) > LONGEST_SHOWN:
        return f"{value[:LONGEST_SHOWN]}…"
    return value
