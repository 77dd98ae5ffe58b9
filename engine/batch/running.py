"""A question for every item of a list, in chunks, a few for each worker at a time.

Chunks take a few seconds, so that messages cost nothing beside the work, and only a few are with the scheduler at any
time, so that a million items cost it no more than ten.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.batch.journal import Answered, Journal, Row
from engine.checks import InputError
from engine.job import Progress, Report, silent

if TYPE_CHECKING:
    from distributed import Client, Future

CHUNK_SECONDS = 4.0     # of one worker: long beside what a message costs, short beside what a lost worker costs
MOST_IN_CHUNK = 512
CHUNKS_AHEAD = 2        # for each thread of the workers, so that none waits for the next
LOOK_EVERY = 0.05       # seconds between two looks at whether somebody still waits

Ask = Callable[[str], list[Row]]
"""Runs on a worker: the name of an item -> rows of the table."""


@dataclass(frozen=True)
class Outcome:
    """What a run did.

    Parameters
    ----------
    asked, failed
        Items that were asked now, and those of them that have an error.
    known
        Items that had their answers before.
    seconds, worker_seconds
        How long it took, and the time that workers spent on items in all.
    workers
        Threads of them.
    """

    asked: int = 0
    failed: int = 0
    known: int = 0
    seconds: float = 0.0
    worker_seconds: float = 0.0
    workers: int = 0


def run(items: Sequence[str], ask: Ask, journal: Journal, client: Client, *, report: Report = silent) -> Outcome:
    """Ask for every item that has no answer yet; those that failed before are asked again.

    Raises
    ------
    Cancelled
        Out of `report`; what came back until then is kept.
    """
    began = time.perf_counter()
    todo = [item for item in items if not journal.is_done(item)]
    going, known, failed = _Going(client, ask, todo), len(items) - len(todo), 0
    try:
        while going.waits():
            report(Progress(known + going.done, len(items), "asking"))
            answers = going.finished()
            journal.keep(answers)
            failed += sum(bool(answer.error) for answer in answers)
    finally:
        going.stop()
    return Outcome(len(todo), failed, known, time.perf_counter() - began, going.spent, going.threads)


class _Going:
    """What is with the workers, and what is still to be sent."""

    def __init__(self, client: Client, ask: Ask, items: Sequence[str]) -> None:
        self.client, self.ask, self.left, self.total = client, ask, deque(items), len(items)
        self.threads: int = max(1, sum(client.nthreads().values()))     # they may be about to come again
        self.suspects: deque[list[str]] = deque()   # chunks over which workers died: one of the items is to blame
        self.sent: dict[Future[list[Answered]], list[str]] = {}
        self.alone = False                          # whether a suspect is with the workers, and nothing else
        self.done, self.spent = 0, 0.0

    def waits(self) -> bool:
        """Send until all workers have enough to do; whether any answer is still to come."""
        if self.suspects:
            if not self.sent:   # alone: else it is not known who killed the worker
                self._send(self.suspects.popleft())
                self.alone = True
            return True
        while self.left and len(self.sent) < CHUNKS_AHEAD * self.threads:
            self.alone = False
            self._send([self.left.popleft() for _ in range(min(self._size(), len(self.left)))])
        return bool(self.sent)

    def _send(self, chunk: list[str]) -> None:
        self.sent[self.client.submit(answers_of, self.ask, chunk, pure=False)] = chunk

    def _size(self) -> int:
        """Items of a chunk: a few seconds of work, and fewer near the end, so that no worker is the last by far."""
        pace = self.spent / self.done if self.done else CHUNK_SECONDS
        fair = (self.total - self.done) // (CHUNKS_AHEAD * self.threads)
        return max(1, min(round(CHUNK_SECONDS / max(pace, 1e-6)), MOST_IN_CHUNK, fair))

    def finished(self) -> list[Answered]:
        """Answers that have come since, after waiting for a moment."""
        from distributed import KilledWorker, wait

        with contextlib.suppress(TimeoutError):
            wait(list(self.sent), timeout=LOOK_EVERY, return_when="FIRST_COMPLETED")
        answers: list[Answered] = []
        for future in [future for future in self.sent if future.done()]:
            chunk = self.sent.pop(future)
            error = future.exception() if future.status == "error" else None
            if future.status == "finished":
                answers += future.result()
            elif error is None or isinstance(error, KilledWorker):
                answers += self._lost(chunk)
            else:   # on the way there or back: the items are not to blame
                why = f"the cluster could not ask ({type(error).__name__}: {error!s:.120})"
                answers += [Answered(item, [], why, "", 0.0) for item in chunk]
        self.done += len(answers)
        self.spent += sum(answer.seconds for answer in answers)
        return answers

    def _lost(self, chunk: list[str]) -> list[Answered]:
        """Chunks over which workers died are asked again alone, then their halves; an item alone is to blame."""
        if not self.alone:
            self.suspects.append(chunk)
            return []
        if len(chunk) > 1:
            half = len(chunk) // 2
            self.suspects.extendleft([chunk[half:], chunk[:half]])
            return []
        return [Answered(chunk[0], [], "the worker died over it, again and again: too little memory, or a damaged file "
                                       "that brings a library down", "", 0.0)]

    def stop(self) -> None:
        """Take back what nobody has begun."""
        if self.sent:
            self.client.cancel(list(self.sent), force=True)


def answers_of(ask: Ask, items: Sequence[str]) -> list[Answered]:
    """What becomes of some items, on a worker: an item that fails does so alone."""
    import torch

    torch.set_num_threads(1)    # there are as many workers as cores: more threads would only be in each other's way
    answers = []
    for item in items:
        began, error = time.perf_counter(), ""
        rows: list[Row] = []
        try:
            rows = ask(item)
        except InputError as refused:
            error = str(refused)
        except Exception as failed:
            error = f"this should not happen ({type(failed).__name__}: {failed!s:.200})"
        answers.append(Answered(item, rows, error, socket.gethostname(), round(time.perf_counter() - began, 4)))
    return answers
