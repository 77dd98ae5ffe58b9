"""Long work says how far it is, and stops when asked."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

ASLEEP_SECONDS = 60.0   # work reports every 50 ms
LEAST_SECONDS = 1.0     # a pace is not known earlier


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


class Pace:
    """How long work will still take, if it goes on as it went.

    What was done before the first report was not done now: work that goes on where it was interrupted begins in the
    middle. Another total, or less done than before, is another stretch of work, with a pace of its own. While nothing
    was heard for long the computer slept, and that time does not count.
    """

    def __init__(self) -> None:
        self._total = self._first = self._done = 0
        self._began = self._heard = time.monotonic()

    def hear(self, progress: Progress) -> None:
        """How far it is now."""
        now = time.monotonic()
        if progress.total != self._total or progress.done < self._done:
            self._total, self._first, self._began = progress.total, progress.done, now
        elif now - self._heard > ASLEEP_SECONDS:
            self._began += now - self._heard
        self._done, self._heard = progress.done, now

    def seconds_left(self) -> float | None:
        """About; None as long as nobody can know."""
        elapsed, done = time.monotonic() - self._began, self._done - self._first
        if elapsed < LEAST_SECONDS or done <= 0 or self._done >= self._total:
            return None
        return elapsed / done * (self._total - self._done)


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
