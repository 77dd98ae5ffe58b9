"""Work in a child process that may die: libraries in C++ that crash on what people type take nothing else along.

The child is a plain `python -m MODULE` that starts in a fraction of a second, for it imports only what its module
does. Questions and answers are pickles behind their length, over its standard input and output.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

_LENGTH = struct.Struct("<Q")
_ROOT = Path(__file__).resolve().parents[2]
_HIDDEN = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # Windows would open a console


class ChildDied(Exception):
    """The child ended before it answered; the message says why if that is known."""


class ChildTooSlow(ChildDied):
    """The child was ended because it took longer than it may."""


class ChildStopped(ChildDied):
    """Somebody closed the child while it worked."""


class ChildRefused(Exception):
    """The child's work raised; the message is that of the error."""


class Child:
    """A child process that is started when it is first asked, and again whenever it is gone.

    Parameters
    ----------
    module : str
        Calls `serve` when run.
    """

    def __init__(self, module: str) -> None:
        self._module = module
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    @property
    def pid(self) -> int | None:
        """Process id of the child, None while there is none."""
        return self._process.pid if self._process is not None else None

    def start(self) -> None:
        """Start the child if it does not run, so that the first question need not wait for it."""
        with self._lock:
            self._running()

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

    def close(self) -> None:
        """End the child, also in the middle of its work."""
        process, self._process = self._process, None
        if process is not None:
            _end(process)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            path = os.pathsep.join([str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
            self._process = subprocess.Popen(
                [sys.executable, "-m", self._module], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": path}, creationflags=_HIDDEN)
        return self._process

    def _asked(self, question: Any, seconds: float) -> Any:
        process = self._running()
        assert process.stdin is not None  # they are pipes
        assert process.stdout is not None
        late = threading.Event()

        def end() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(seconds, end)
        timer.daemon = True
        timer.start()
        try:
            write(process.stdin, question)
            fine, answer = read(process.stdout)
        except (OSError, EOFError, pickle.UnpicklingError, ValueError):  # ValueError: the pipe was closed meanwhile
            if self._process is not process:
                raise ChildStopped("was stopped") from None
            self.close()
            if late.is_set():
                raise ChildTooSlow(f"took longer than {seconds:g} s") from None
            raise ChildDied(f"ended with code {process.returncode}") from None
        finally:
            timer.cancel()
        if not fine:
            raise ChildRefused(answer)
        return answer


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(OSError):
        process.kill()
    for pipe in (process.stdin, process.stdout):
        with contextlib.suppress(OSError):
            if pipe is not None:
                pipe.close()
    process.wait()


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
    questions, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    with contextlib.suppress(EOFError, BrokenPipeError, KeyboardInterrupt):
        while True:
            question = read(questions)
            try:
                answer = (True, work(question))
            except Exception as error:
                answer = (False, f"{type(error).__name__}: {error}")
            write(answers, answer)
