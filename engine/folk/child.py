"""A child process for work of our own on files of strangers: questions and answers are pickles behind their length."""

from __future__ import annotations

import contextlib
import pickle
import struct
from collections.abc import Callable
from typing import Any, BinaryIO

from engine.child import ChildDied, ChildProcess, ChildRefused, ChildStopped, ChildTooSlow, own_pipes

__all__ = ["Child", "ChildDied", "ChildRefused", "ChildStopped", "ChildTooSlow", "serve"]

_LENGTH = struct.Struct("<Q")


class Child(ChildProcess):
    """A child process whose module calls `serve` when run."""

    def ask(self, question: Any, *, seconds: float) -> Any:
        """The child's answer; a child that dies is started again and asked once more.

        Raises
        ------
        ChildTooSlow
            After `seconds`; the child is ended.
        ChildStopped
            `close` was called meanwhile.
        ChildDied
            Both times.
        ChildRefused
            The work raised an error.
        """
        with self._lock:
            try:
                return self._asked(question, seconds)
            except (ChildTooSlow, ChildStopped):
                raise
            except ChildDied:
                return self._asked(question, seconds)

    def _asked(self, question: Any, seconds: float) -> Any:
        def talk(to_child: BinaryIO, from_child: BinaryIO) -> Any:
            write(to_child, question)
            try:
                return read(from_child)
            except pickle.UnpicklingError as error:
                raise EOFError(str(error)) from None

        fine, answer = self.exchange(talk, seconds=seconds)
        if not fine:
            raise ChildRefused(answer)
        return answer


def write(stream: BinaryIO | Any, value: Any) -> None:
    """Send a value."""
    data = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(_LENGTH.pack(len(data)) + data)
    stream.flush()


def read(stream: BinaryIO | Any) -> Any:
    """Receive a value.

    Raises
    ------
    EOFError
        When the other side is gone.
    """
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    size = _LENGTH.unpack(head)[0]
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return pickle.loads(data)


def serve(work: Callable[[Any], Any]) -> None:
    """Answer questions from standard input until it ends; what the work prints goes nowhere."""
    questions, answers = own_pipes()
    with contextlib.suppress(EOFError, BrokenPipeError, KeyboardInterrupt):
        while True:
            question = read(questions)
            try:
                answer = (True, work(question))
            except Exception as error:
                answer = (False, f"{type(error).__name__}: {error}")
            write(answers, answer)
