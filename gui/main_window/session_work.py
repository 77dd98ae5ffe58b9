"""What is done on the thread of sessions: it touches no widget."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.job import Report
from gui.main_window.autosave import Left

if TYPE_CHECKING:
    from gui.main_window.gathering import Snapshot


@dataclass(frozen=True)
class Read:
    """A session that was read: where it is to be saved, what was in it, and sentences on what was not."""

    file: Path
    path: Path | None
    snapshot: Snapshot
    missing: tuple[str, ...]
    left: Left | None


@dataclass(frozen=True)
class Saved:
    """A session that was written: where, what, with which copies, and sentences on those that could not be made."""

    path: Path
    snapshot: Snapshot
    with_sounds: bool
    complaints: tuple[str, ...]


def read(path: Path, titles: tuple[str, ...], left: Left | None, report: Report) -> Read:
    """Read a session file, or what a window left behind."""
    from engine import sessions
    from gui.main_window.gathering import handed_out, session_path

    opened = sessions.read(path, report=report)
    whole = path if opened.whole else None      # over a damaged one nothing is written
    return Read(path, session_path(opened.session) if left is not None else whole,
                handed_out(opened.session, titles), opened.missing, left)


def written(snapshot: Snapshot, path: Path, with_sounds: bool, report: Report) -> Saved:
    """Write a session file."""
    from engine import sessions
    from gui.main_window.gathering import session_of

    complaints = sessions.write(session_of(snapshot, report), path, copy_audio=with_sounds, report=report)
    return Saved(path, snapshot, with_sounds, (*complaints, *snapshot.complaints))
