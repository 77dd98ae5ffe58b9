"""Long work says how far it is, and stops when asked."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """How far a job is: `done` of `total` steps, and a word on what it is doing."""

    done: int
    total: int
    message: str = ""

    @property
    def fraction(self) -> float:
        """Share done, 0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0


class Cancelled(Exception):
    """Raised out of a report when nobody waits for the answer any more."""


Report = Callable[[Progress], None]
"""Called at least every 50 ms of work; it may raise `Cancelled`, which the work lets pass."""


def silent(progress: Progress) -> None:
    """Report to nobody."""


_work = threading.local()


@contextlib.contextmanager
def wanted_while(check: Callable[[], bool]) -> Iterator[None]:
    """Say of what this thread does meanwhile how to ask, from any thread, whether somebody waits for it."""
    before = wanted()
    _work.check = check
    try:
        yield
    finally:
        _work.check = before


def wanted() -> Callable[[], bool] | None:
    """Asks whether somebody waits for what this thread does; None where nobody said how to ask.

    It is for waiting on another process, in the middle of which there is nothing to report.
    """
    return getattr(_work, "check", None)
