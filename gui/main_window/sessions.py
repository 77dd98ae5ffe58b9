"""The session of a window: opened, saved, recovered; what pages hold goes into it and comes back from it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs
from PySide6.QtCore import QEventLoop, QObject, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox

from engine.job import Progress
from gui.engine_thread import EngineThread, sentence_of
from gui.main_window.autosave import Autosave, Left
from gui.main_window.pages import SESSION_ENDING, Page
from gui.main_window.session_work import Read, Saved, read, written

if TYPE_CHECKING:
    from gui.main_window.gathering import Snapshot
    from gui.main_window.window import MainWindow

OPEN, SAVE = "session-open", "session-save"
JOBS = {OPEN: "Opening the session", SAVE: "Saving the session"}
FILTER = f"Sessions (*{SESSION_ENDING})"
MOST_RECENT = 10
SETTLE_MS, SETTLE_LOOKS = 100, 300    # pages get back what they had within half a minute
Button = QMessageBox.StandardButton


class Sessions(QObject):
    """Opens and saves on a thread of its own, so that no search is waited for."""

    said = Signal(str)
    failed = Signal(str)
    missed = Signal(str, object)        # name of a session, sentences on what of it could not be opened
    left_out = Signal(str, object)      # the same of what could not be saved
    working = Signal(str, object)       # lane, Progress or None when done
    renamed = Signal()                  # another session file
    unopened = Signal()                 # what was to be opened could not be
    found = Signal(object)              # list of Left, which the next start offers again unless they are seen to
    _over = Signal()

    def __init__(self, window: MainWindow, folder: Path | None = None) -> None:
        super().__init__(window)
        self._window = window
        self.path: Path | None = None
        self._with_sounds = False
        self._last: Snapshot | None = None      # what was seen last
        self._saved: Snapshot | None = None     # what is in the file
        self._waiting: set[str] = set()         # titles of pages that have not got what is theirs
        self._settle, self._patience = QTimer(self, singleShot=True, interval=SETTLE_MS), 0
        self._settle.timeout.connect(self._look_at_pages)
        self._thread = EngineThread(self)
        self._thread.answered.connect(self._answered)
        self._thread.failed.connect(self._failed)
        self._thread.progressed.connect(lambda lane, ticket, progress: self._work(lane, progress))
        self._thread.cancelled.connect(lambda lane, ticket: self._work(lane, None))
        self._thread.start()
        self.autosave = Autosave(self._thread, self.take, folder or data_folder(), self)
        self.autosave.found.connect(self.found)
        self.autosave.failed.connect(self.failed)
        self.autosave.said.connect(self.said)

    # what is open

    def take(self) -> Snapshot:
        """What is open now."""
        from gui.main_window.gathering import Snapshot, gathered
        from gui.session import Held

        stack, page, before = self._window.stack, self._window.page, self._last or Snapshot()
        self._last = gathered((one for one in stack.pages if one.title not in self._waiting), before,
                              sight=page.title if page is not None else "", path=str(self.path or ""))
        for (title, error), sentence in zip(self._last.unkept.items(), self._last.complaints, strict=True):
            if title not in before.unkept:      # once, until the page is well again
                self._window.faults.note(error)
                self._window.complain(sentence, title)
        if self._saved is not None:     # a page that has got back what the file has of it says that in its own words
            own = {title: self._last.pages[title] for title, one in self._saved.pages.items() if isinstance(one, Held)}
            self._saved = replace(self._saved, pages={**self._saved.pages, **own})
        return self._last

    def _look_at_pages(self) -> None:
        """Pages that have just got back what they had; before anybody changes it."""
        if self._saved is not None and self._patience > 0:
            self._patience -= 1
            self.take()
            self._settle.start()

    def hand_over(self, page: Page) -> bool:
        """Give a page what the session has of it; whether that is something to look at."""
        from gui.session import Held

        if page.title not in self._waiting or self._last is None:
            return False
        self._waiting.discard(page.title)
        self._patience = SETTLE_LOOKS
        self._settle.start()
        held = self._last.pages.get(page.title)
        if not isinstance(held, Held):
            return False
        page.restore(held)
        return bool(held.files or held.lost or held.tunes)

    # opening

    def open(self, path: Path) -> None:
        """Open a session instead of what is open; that stays until it has worked."""
        if self.may_lose():
            self._read(path)

    def recover(self, left: Left) -> None:
        """Go on where another window ended."""
        self._read(left.path, left)

    def _read(self, path: Path, left: Left | None = None) -> None:
        titles = tuple(self._window.stack.entries)
        self._work(OPEN, Progress(0, 0, path.name if left is None else ""))
        self._thread.ask(OPEN, lambda report: read(path, titles, left, report))

    def _opened(self, found: Read) -> None:
        self._last, self.path, self._with_sounds = found.snapshot, found.path, False
        self._waiting = set(found.snapshot.pages)
        for page in self._window.stack.pages:
            self.hand_over(page)
        if found.snapshot.sight:
            self._window.stack.show_page(found.snapshot.sight)
        else:
            self.unopened.emit()
        self._saved = None
        if found.left is not None:
            self.autosave.supersede(found.left)
            self.said.emit("Recovered; save the session to keep it")
        elif found.path is not None:
            self._saved = found.snapshot
            self._remember(found.path)
            self.said.emit(f"Opened: {found.path.name}")
        if found.missing:
            self.missed.emit(found.path.name if found.path else found.file.name if not found.left else "The session",
                             found.missing)
        self.renamed.emit()

    # saving

    def save(self) -> None:
        """Write the session where it came from."""
        if self.path is None:
            self.save_as()
        else:
            self._write(self.path, with_sounds=self._with_sounds)

    def save_as(self, *, with_sounds: bool = False) -> bool:
        """Write it elsewhere, with copies of all sounds if wanted; False if no place was chosen."""
        name = self.path or Path(str(self._window.settings.value("session folder", ""))) / f"session{SESSION_ENDING}"
        words = "Save session with its sounds" if with_sounds else "Save session"
        chosen, _ = QFileDialog.getSaveFileName(self._window, words, str(name), FILTER)
        if not chosen:
            return False
        path = Path(chosen)
        self._write(path if path.suffix.lower() == SESSION_ENDING else path.with_name(path.name + SESSION_ENDING),
                    with_sounds=with_sounds)
        return True

    def _write(self, path: Path, *, with_sounds: bool) -> None:
        snapshot = replace(self.take(), path=str(path))
        self._work(SAVE, Progress(0, 0, path.name))
        self._thread.ask(SAVE, lambda report: written(snapshot, path, with_sounds, report))

    def _written(self, done: Saved) -> None:
        self.path, self._saved, self._with_sounds = done.path, done.snapshot, done.with_sounds
        self._remember(done.path)
        self._window.settings.setValue("session folder", str(done.path.parent))
        self.said.emit(f"Saved: {done.path}")
        if done.complaints:
            self.left_out.emit(done.path.name, done.complaints)
        self.renamed.emit()

    def _remember(self, path: Path) -> None:
        here = str(path.resolve())
        known = [here, *(one for one in self.recent() if one != here)]
        self._window.settings.setValue("recent sessions", known[:MOST_RECENT])

    def recent(self) -> list[str]:
        """Sessions that were opened or saved, the last first."""
        stored: Any = self._window.settings.value("recent sessions", [])
        return [stored] if isinstance(stored, str) else [str(path) for path in stored or []]

    # before anything is lost

    @property
    def is_saved(self) -> bool:
        """Whether the session file says all that is open; where nothing but the view has changed, it does."""
        if self.path is None or self._saved is None:
            return False
        now = self.take()
        return not now.unkept and now.core == self._saved.core

    def may_lose(self) -> bool:
        """Whether what is open may go: it is in the session file, or in files of the pages' own, or nobody wants it."""
        if self.is_saved:
            return True
        if self.path is not None:
            answer = QMessageBox.question(
                self._window, "Otoscope", f"Save the changes of {self.path.name} first?",
                Button.Save | Button.Discard | Button.Cancel, Button.Save)
            if answer == Button.Save:
                return self._save_now()
            if answer != Button.Discard:
                return False
        return all(page.may_close() for page in self._window.stack.pages)

    def _save_now(self) -> bool:
        """Save, and wait for it; whether it worked."""
        loop, before = QEventLoop(), self._saved
        self._over.connect(loop.quit)
        self.save()
        loop.exec()
        return self._saved is not before

    # from the thread

    def _work(self, lane: str, progress: object) -> None:
        if lane in JOBS:
            self.working.emit(lane, progress)

    def _answered(self, lane: str, ticket: int, result: object) -> None:
        self._work(lane, None)
        if isinstance(result, Read):
            self._opened(result)
        elif isinstance(result, Saved):
            self._written(result)
        self._over.emit()

    def _failed(self, lane: str, ticket: int, error: Exception) -> None:
        self._work(lane, None)
        if lane in JOBS:
            self.failed.emit(sentence_of(error, JOBS[lane]))
        if lane == OPEN:
            self.unopened.emit()
        self._over.emit()

    def cancel(self, lane: str) -> None:
        """Let go of work."""
        self._thread.cancel(lane)

    def close_down(self) -> None:
        """The window closes in order."""
        self._settle.stop()
        self.autosave.close()
        self._thread.close()
        self.autosave.clear()


def data_folder() -> Path:
    """Where work is kept while it goes on."""
    return Path(platformdirs.user_data_dir("otoscope")) / "autosave"
