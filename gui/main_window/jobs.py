"""Work that goes on, of pages and of sessions, as the job bar shows it; each job is ended by whoever began it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from engine.job import Progress
from gui.main_window.pages import Entry
from gui.main_window.sessions import JOBS
from gui.views.job_bar import PATIENCE_MS, JobBar

if TYPE_CHECKING:
    from gui.main_window.window import MainWindow

SESSION = "Session"     # whose jobs are those of no page


class Jobs(QObject):
    """Keeps the bar, and sends a wish to cancel to whose work it is."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self.bar = window, JobBar()
        self.bar.cancel_asked.connect(self._cancel)

    def of_page(self, entry: Entry, lane: str, progress: Progress | None) -> None:
        """A page works in a lane; None when it is done."""
        self._show(f"{entry.title}/{lane}", entry.jobs.get(lane, entry.title), progress,
                   entry.patience.get(lane, PATIENCE_MS))

    def of_session(self, lane: str, progress: Progress | None) -> None:
        """A session is read or written."""
        self._show(f"{SESSION}/{lane}", JOBS[lane], progress, PATIENCE_MS)

    def _show(self, job: str, words: str, progress: Progress | None, patience_ms: int) -> None:
        if progress is None:
            self.bar.end(job)
            return
        if not self.bar.has(job):
            self.bar.begin(job, words, patience_ms=patience_ms)
        self.bar.progress(job, progress)

    def _cancel(self, job: str) -> None:
        title, _, lane = job.partition("/")
        if title == SESSION:
            self._window.sessions.cancel(lane)
        elif (page := self._window.stack.page(title)) is not None:
            page.cancel(lane)
