"""What came back so far, in a file that only grows: an interrupted run goes on where it was."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from engine.checks import InputError, shown

Row = dict[str, Any]


@dataclass(frozen=True)
class Answered:
    """What became of one item.

    Parameters
    ----------
    item
        Its name.
    rows
        Of the table; empty where there was an error.
    error
        One sentence, or "".
    host
        The machine it was done on.
    seconds
        How long it took there.
    """

    item: str
    rows: list[Row]
    error: str
    host: str
    seconds: float


FIELDS = {field.name for field in fields(Answered)}


class Journal:
    """A line for each answer; of all of them only their places are kept in memory.

    Parameters
    ----------
    path
        Where it lies; its folder is made if need be.
    facts
        Task, options, model and versions: the first line. What was done with other facts is another table.

    Raises
    ------
    InputError
        When a journal is there that was written with other facts, or is none, or nothing can be written.
    """

    def __init__(self, path: Path, facts: Mapping[str, Any]) -> None:
        self.path, self.facts = path, dict(facts)
        self.places: dict[str, int] = {}    # byte at which the newest answer of an item begins
        self.failed: set[str] = set()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if self.path.exists():
                self._read()
            else:
                self._append([self.facts])
        except OSError as error:
            raise InputError(f"{shown(path)}: could not be written ({error.strerror or error}); choose another folder "
                             "with --out") from None

    def _read(self) -> None:
        with self.path.open("rb") as file:
            place = self._checked(file.readline())
            for line in file:
                if not line.endswith(b"\n"):    # it was being written when the power went
                    break
                self._note(line, place)
                place += len(line)
        os.truncate(self.path, place)

    def _checked(self, line: bytes) -> int:
        first = _entry(line)
        if first is None or not line.endswith(b"\n"):
            raise InputError(f"{shown(self.path)}: expected the journal of a batch, found something else; choose "
                             "another name with --out")
        name = next((name for name in {**self.facts, **first} if first.get(name) != self.facts.get(name)), None)
        if name is not None:
            raise InputError(f"{shown(self.path)}: what is in it was made with {name} {first.get(name)!s:.80}, now "
                             f"it is {self.facts.get(name)!s:.80}; choose another name with --out")
        return len(line)

    def _note(self, line: bytes, place: int) -> None:
        entry = _entry(line)
        if entry is None or entry.keys() != FIELDS:
            return
        item = str(entry["item"])
        self.places[item] = place
        if entry["error"]:
            self.failed.add(item)
        else:
            self.failed.discard(item)

    def is_done(self, item: str) -> bool:
        """Whether it has an answer; an error is none."""
        return item in self.places and item not in self.failed

    def keep(self, answers: Sequence[Answered]) -> None:
        """Write down what came of some items; it is on the disk when this returns."""
        for place, line in self._append([asdict(answer) for answer in answers]):
            self._note(line, place)

    def answers(self, items: Sequence[str]) -> Iterator[Answered]:
        """The newest answers of these items, in their order; those that have none are left out."""
        with self.path.open("rb") as file:
            for item in items:
                if item in self.places:
                    file.seek(self.places[item])
                    yield Answered(**json.loads(file.readline()))

    def _append(self, entries: Sequence[Mapping[str, Any]]) -> list[tuple[int, bytes]]:
        lines = [json.dumps(entry, ensure_ascii=False).encode(errors="backslashreplace") + b"\n" for entry in entries]
        with self.path.open("ab") as file:
            place, places = file.tell(), []
            for line in lines:
                places.append((place, line))
                place += len(line)
            file.write(b"".join(lines))
            file.flush()
            os.fsync(file.fileno())
        return places


def _entry(line: bytes) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) else None
