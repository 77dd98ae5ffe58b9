"""Work that is kept while it goes on, in the user's data folder, and found again after a crash.

Each window that runs has a file and a lock of its own there, under the number of its process and the time it began.
A file whose lock is held by no process that runs was left behind by one that came to no good end.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QLockFile, QObject, QTimer, Signal

from engine.checks import InputError
from engine.job import Report
from gui.engine_thread import EngineThread

if TYPE_CHECKING:
    from gui.main_window.gathering import Snapshot

EVERY_MS = 20_000       # nothing older than 30 s is lost, though writing takes its time
SOON_MS = 1_000         # after an answer, for answers often come in pairs
PAUSE_SECONDS = 5.0     # between two files, while answers follow the mouse
BEGIN, WRITE = "autosave-begin", "autosave"
SUFFIX, LOCK = ".oto", ".lock"


@dataclass(frozen=True)
class Left:
    """Work that a window left behind when it ended without being closed.

    Parameters
    ----------
    path
        Where it lies.
    when
        It was written last, seconds since the epoch.
    name
        Of the session file that it belongs to; empty where it was never saved.
    files, tunes, results
        Names of files, and how many tunes and results.
    damaged
        Why it cannot be read; empty otherwise.
    lock
        Held, so that no other window offers the same.
    """

    path: Path
    when: float
    name: str
    files: tuple[str, ...]
    tunes: int
    results: int
    damaged: str
    lock: QLockFile

    def remove(self) -> None:
        """It is not needed any more."""
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)
        self.lock.unlock()

    def leave(self) -> None:
        """Another time."""
        self.lock.unlock()


class Autosave(QObject):
    """Writes what is open every now and then, and after each answer.

    Parameters
    ----------
    thread
        Writes.
    take
        Says what is open now.
    folder
        For the files of all windows.
    """

    found = Signal(object)      # list of Left, from before
    failed = Signal(str)        # one sentence, once until it works again
    said = Signal(str)

    def __init__(self, thread: EngineThread, take: Callable[[], Snapshot], folder: Path,
                 parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread, self._take, self._folder = thread, take, folder
        self.path = folder / f"{os.getpid()}-{time.time_ns() // 1_000_000:x}{SUFFIX}"
        self._lock: QLockFile | None = None
        self._written: Snapshot | None = None
        self._writing: Snapshot | None = None
        self._when, self._complained, self._closed = 0.0, False, False
        self._superseded: list[Left] = []
        self._often = QTimer(self, interval=EVERY_MS)
        self._often.timeout.connect(self.look)
        self._soon = QTimer(self, singleShot=True, interval=SOON_MS)
        self._soon.timeout.connect(self._look_for_results)
        thread.answered.connect(self._answered)
        thread.failed.connect(self._failed)

    def start(self) -> None:
        """Look what is left from before, and begin."""
        self._thread.ask(BEGIN, lambda report: begun(self._folder, self.path))
        self._often.start()

    def watch(self, threads: Sequence[EngineThread]) -> None:
        """Answers of these are worth a look."""
        for thread in threads:
            thread.answered.connect(lambda lane, ticket, result: self._soon.isActive() or self._soon.start())

    def supersede(self, left: Left) -> None:
        """What was left behind is open here now: it may go once it is written again."""
        self._superseded.append(left)
        self._written = None
        self.look()

    def look(self) -> None:
        """Write what is open, if it is not what was written last."""
        now = self._take()
        if self._lock is not None and self._writing is None and now != self._written and not self._closed:
            self._writing, self._when = now, time.monotonic()
            self._thread.ask(WRITE, lambda report: written(now, self.path, report))

    def _look_for_results(self) -> None:
        if self._writing is not None or time.monotonic() - self._when < PAUSE_SECONDS:
            self._soon.start()
            return
        if self._written is None or self._take().found != self._written.found:
            self.look()

    def _answered(self, lane: str, ticket: int, result: object) -> None:
        if lane == BEGIN and isinstance(result, tuple):
            self._lock, left = result
            self.found.emit(left)
        elif lane == WRITE:
            self._written, self._writing = self._writing, None
            if self._complained:
                self._complained = False
                self.said.emit("Autosave works again")
            while self._superseded:
                self._superseded.pop().remove()

    def _failed(self, lane: str, ticket: int, error: Exception) -> None:
        if lane not in (BEGIN, WRITE):
            return
        self._writing = None
        if not self._complained:
            self._complained = True
            self.failed.emit(f"Autosave does not work: {str(error).rstrip('.')}. Everything else does; save the "
                             "session to keep it.")
        if lane == BEGIN:       # the disk may have room by the next time
            self._lock = QLockFile(str(self.path.with_suffix(LOCK)))

    def close(self) -> None:
        """The window is closed in order: there is nothing to recover."""
        self._closed = True
        self._often.stop()
        self._soon.stop()

    def clear(self) -> None:
        """Nothing is written any more: the file goes."""
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)
        if self._lock is not None:
            self._lock.unlock()
        for left in self._superseded:
            left.leave()


# on the engine's thread


def written(snapshot: Snapshot, path: Path, report: Report) -> None:
    """Write what was open; sounds lie where they lay, and are not copied each time."""
    from engine.sessions import write
    from gui.main_window.gathering import session_of

    path.parent.mkdir(parents=True, exist_ok=True)
    write(session_of(snapshot, report), path, leave_audio=True, report=report)


def begun(folder: Path, own: Path) -> tuple[QLockFile, list[Left]]:
    """The window's own lock, and what others left behind.

    Raises
    ------
    InputError
        When the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: could not be made ({error.strerror})") from None
    lock = _lock_of(own)
    if not lock.tryLock(0):
        raise InputError(f"{folder}: could not be written to")
    _sweep(folder, own)
    others = sorted((path for path in folder.glob(f"*{SUFFIX}") if path != own), key=lambda path: path.name)
    left = [one for path in others if (one := _left(path)) is not None]
    return lock, sorted(left, key=lambda one: -one.when)


def _sweep(folder: Path, own: Path) -> None:
    """What was being written when its process was killed, and locks of those that had written nothing yet."""
    remains = [*folder.glob(f".*{SUFFIX}.*.part"), *folder.glob(f"*{LOCK}")]
    for path in remains:
        kept = folder / f"{path.name.removeprefix('.').split('.')[0]}{SUFFIX}"
        lock = _lock_of(kept)
        if kept != own and lock.tryLock(0):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
            lock.unlock()


def _lock_of(path: Path) -> QLockFile:
    lock = QLockFile(str(path.with_suffix(LOCK)))
    lock.setStaleLockTime(0)    # one that is held by a process that runs is never stale, however long it has run
    return lock


def _left(path: Path) -> Left | None:
    """What a file holds; None where its window still runs."""
    from engine.sessions import read
    from gui.main_window.gathering import session_name

    lock = _lock_of(path)
    try:
        if not lock.tryLock(0):
            return None
        when = path.stat().st_mtime
        session = read(path).session
    except FileNotFoundError:   # another window has just seen to it
        lock.unlock()
        return None
    except (InputError, OSError) as error:
        return Left(path, path.stat().st_mtime, "", (), 0, 0, str(error), lock)
    return Left(path, when, session_name(session), tuple(ref.name for ref in session.audio.values()),
                len(session.tunes), len(session.results), "", lock)
