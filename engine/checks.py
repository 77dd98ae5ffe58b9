"""The checks at the door: what came from outside is examined once, and refused in one clear sentence."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable
from pathlib import Path


class InputError(ValueError):
    """What the user gave cannot be used. The message is one sentence: what was expected, what came, what to do."""


def shown(name: str | Path, longest: int = 80) -> str:
    """Name of a file as an error message shows it: printable, and shortened in the middle when very long."""
    text = "".join(c if c.isprintable() else "?" for c in Path(name).name or str(name))  # "." and "/" have no name
    return text if len(text) <= longest else f"{text[: longest // 2]}…{text[-longest // 2 + 1 :]}"


def choice(value: str, choices: Iterable[str], what: str) -> str:
    """`value` if it is one of `choices`; else an `InputError` that names the choices and the nearest one."""
    known = list(choices)
    if value in known:
        return value
    near = difflib.get_close_matches(value, known, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise InputError(f"{what}: expected one of {', '.join(known)}, got {value!r:.80}{hint}")


def within(value: float, low: float, high: float, what: str) -> float:
    """`value` if low <= value <= high; else an `InputError`."""
    if not math.isfinite(value) or not low <= value <= high:
        raise InputError(f"{what}: expected {low:,.10g} to {high:,.10g}, got {value:,.10g}")
    return value
