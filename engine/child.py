"""Work in a child process that may die: what crashes on what people bring takes nothing else along.

The child is a plain `python -m MODULE` that starts in a fraction of a second, for it imports only what its module
does. It answers over its standard output what it is asked over its standard input; in which words is up to who asks.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

_ROOT = Path(__file__).resolve().parents[1]
_HIDDEN = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # Windows would open a console
_T = TypeVar("_T")


class ChildDied(Exception):
    """The child ended before it answered; the message says why if that is known."""


class ChildTooSlow(ChildDied):
    """The child was ended because it took longer than it may."""


class ChildStopped(ChildDied):
    """Somebody closed the child while it worked."""


class ChildRefused(Exception):
    """The child's work raised; the message is that of the error."""


class ChildProcess:
    """A child process that is started when it is first talked to, and again whenever it is gone.

    Parameters
    ----------
    module : str
        What is run.
    environment : Mapping[str, str], optional
        Its environment but for PYTHONPATH; None passes on this process's.
    folder : Path, optional
        Its working directory; None leaves it where this process is.
    """

    def __init__(self, module: str, *, environment: Mapping[str, str] | None = None,
                 folder: Path | None = None) -> None:
        self._module, self._environment, self._folder = module, environment, folder
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.RLock()

    @property
    def pid(self) -> int | None:
        """Process id of the child, None while there is none."""
        return self._process.pid if self._process is not None else None

    def start(self) -> None:
        """Start the child if it does not run, so that the first question need not wait for it."""
        with self._lock:
            self._running()

    def exchange(self, talk: Callable[[Any, Any], _T], *, seconds: float) -> _T:
        """What comes of `talk(to the child, from the child)`.

        Raises
        ------
        ChildTooSlow
            After `seconds`; the child is ended.
        ChildStopped
            `close` was called meanwhile.
        ChildDied
            It ended, or what it said was no answer (a ValueError of `talk`), after which it is ended.
        """
        with self._lock:
            process = self._running()
            late = threading.Event()

            def end() -> None:
                late.set()
                process.kill()

            timer = threading.Timer(seconds, end)
            timer.daemon = True
            timer.start()
            try:
                return talk(process.stdin, process.stdout)
            except (OSError, EOFError, ValueError) as error:  # ValueError also: the pipe was closed meanwhile
                if self._process is not process:
                    raise ChildStopped("was stopped") from None
                self.close()
                if late.is_set():
                    raise ChildTooSlow(f"took longer than {seconds:g} s") from None
                said = f"said what is no answer ({error})" if isinstance(error, ValueError) else ""
                raise ChildDied(said or f"ended with code {process.returncode}") from None
            except BaseException:  # half an answer may be under way
                self.close()
                raise
            finally:
                timer.cancel()

    def close(self) -> None:
        """End the child, also in the middle of its work."""
        process, self._process = self._process, None
        if process is not None:
            _end(process)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            path = os.pathsep.join([str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
            given = os.environ if self._environment is None else self._environment
            # -P: no module is taken from the folder that the program happens to be in
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", self._module], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, env={**given, "PYTHONPATH": path}, cwd=self._folder,
                creationflags=_HIDDEN)
        return self._process


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(OSError):
        process.kill()
    for pipe in (process.stdin, process.stdout):
        with contextlib.suppress(OSError):
            if pipe is not None:
                pipe.close()
    process.wait()


def own_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Of a child: questions and answers; what its work prints from now on goes nowhere."""
    questions, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    return questions, answers
