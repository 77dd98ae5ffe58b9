"""Fields of a session's JSON as values: what has another type than it should is left out, with a sentence."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from engine.checks import shown
from engine.sessions.values import AudioRef, ModelRef, Result

MOST_SENTENCES = 100
LONGEST_NAME = 80       # characters
SHA256 = re.compile(r"[0-9a-f]{64}")
KINDS = {str: "text", dict: "values by name", list: "a list", int: "a whole number", float: "a number"}


class Odd(Exception):
    """A value of another type than expected; the message names it."""


@dataclass
class Complaints:
    """Sentences on what is missing, none twice, and how many more there would be."""

    sentences: list[str] = field(default_factory=list)
    more: int = 0
    harmed: bool = False

    def say(self, sentence: str, *, harm: bool = True) -> None:
        """One more; `harm`: what it speaks of would be lost if the session was written again."""
        self.harmed = self.harmed or harm
        if sentence in self.sentences:
            return
        if len(self.sentences) < MOST_SENTENCES:
            self.sentences.append(sentence)
        else:
            self.more += 1

    def all(self) -> tuple[str, ...]:
        """As `Opened.missing` has them."""
        return (*self.sentences, *([f"And {self.more:,} more of the kind."] if self.more else []))


def quoted(name: str) -> str:
    """A name of a stranger's between quotes, all of it but what cannot be printed or is too much."""
    text = "".join(c if c.isprintable() else "?" for c in name)
    return f"'{text}'" if len(text) <= LONGEST_NAME else f"'{text[:LONGEST_NAME // 2]}…{text[-LONGEST_NAME // 2:]}'"


@dataclass(frozen=True)
class Saved:
    """A file as the JSON has it: the reference, its path from the session file, and the entry that is its copy."""

    ref: AudioRef
    relative: str
    copy: str


def items(fields: dict[str, Any], name: str, complaints: Complaints) -> Iterator[tuple[str, Any]]:
    """Entries of a mapping among the fields; none where it is missing."""
    value = fields.get(name, {})
    if isinstance(value, dict):
        yield from value.items()
    else:
        complaints.say(f"The session's {name} could not be read: expected values by name.")


def listed(fields: dict[str, Any], name: str, make: Callable[[Any], Any], complaints: Complaints) -> Iterator[Any]:
    """Items of a list among the fields, made into values; those that cannot are left out."""
    value = fields.get(name, [])
    if not isinstance(value, list):
        complaints.say(f"The session's {name} could not be read: expected a list.")
        return
    for place, item in enumerate(value, 1):
        try:
            yield make(item)
        except Odd as odd:
            complaints.say(f"Number {place} of the session's {name} was left out: {odd}.")


def audio(value: Any) -> Saved:
    """A reference."""
    fields = _of(dict, value, "a file")
    sha256, size = _get(fields, "sha256", str), _get(fields, "bytes", int)
    if not SHA256.fullmatch(sha256) or not 0 <= size < 1 << 60:
        raise Odd("expected its size and a SHA-256 of 64 digits")
    path = _get(fields, "path", str)
    if not os.path.isabs(path):
        raise Odd("expected an absolute path")
    seconds = fields.get("seconds")
    seconds = None if seconds is None else number(seconds, "seconds")
    copy = fields.get("copy") or ""
    ref = AudioRef(_get(fields, "name", str), Path(path), sha256, size, seconds, bool(copy))
    relative = fields.get("relative", "")
    return Saved(ref, relative if isinstance(relative, str) and not os.path.isabs(relative) else "",
                 copy if isinstance(copy, str) else "")


def result(value: Any) -> Result:
    """A result; its arguments are examined where they are used."""
    fields = _of(dict, value, "a result")
    made, models = fields.get("made", ""), fields.get("models", [])
    return Result(_get(fields, "command", str), _get(fields, "arguments", dict), _get(fields, "answer", dict),
                  tuple(_model(one) for one in _of(list, models, "models")), time(made),
                  number(fields.get("seconds", 0.0), "seconds"))


def _model(value: Any) -> ModelRef:
    fields = _of(dict, value, "a model")
    return ModelRef(_get(fields, "name", str), _get(fields, "sha256", str))


def mapping(value: Any) -> dict[str, Any]:
    """Values by name."""
    found: dict[str, Any] = _of(dict, value, "values by name")
    return found


def text(value: Any) -> str:
    """Text."""
    found: str = _of(str, value, "text")
    return found


def time(value: Any) -> str:
    """A time as ISO 8601 has it; none where it is another text, for nothing hangs on it."""
    try:
        datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return ""
    return str(value)


def number(value: Any, what: str) -> float:
    """A finite number that is not below 0."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 1e15 or not (
            math.isfinite(value)):
        raise Odd(f"expected a number of 0 or more for {what}")
    return value


def _get(fields: dict[str, Any], name: str, kind: type) -> Any:
    return _of(kind, fields.get(name), name)


def _of(kind: type, value: Any, what: str) -> Any:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise Odd(f"expected {KINDS[kind]} for {what}, got {shown(type(value).__name__)}")
    return value
