"""Files of the page: books are opened and saved, other formats come in and go out, checkpoints are loaded."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import platformdirs
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from engine.checks import InputError, shown
from engine.composing.tunebook import book_of, write_book
from engine.composing.writing import Sounding, Workshop
from engine.disk import write_chosen
from engine.folk.abc_text import parse
from engine.job import Progress, Report
from engine.models import catalogue
from gui.compose_page.keeper import Keeper
from gui.compose_page.playing import Playing
from gui.compose_page.suggesting import Suggesting
from gui.compose_page.tunes import Tunes
from gui.compose_page.work import Opened, opened
from gui.engine_thread import EngineThread
from gui.views.actions import Export
from gui.views.plain_text import counted

OPEN_LANE, EXPORT_LANE, LISTEN_LANE = "compose-open", "compose-export", "compose-listen"
LANES = (OPEN_LANE, EXPORT_LANE, LISTEN_LANE)
CHECKPOINTS = (".pkl", ".json")
BOOKS = (".abc", ".txt")            # that can be written again
OURS = catalogue.FOLDER.parent      # what comes with the program stays as it came
Button = QMessageBox.StandardButton


class Filing(Keeper):
    """Asks where files are, and has them read and written; what is in hand stays until that has worked."""

    said = Signal(str)
    opened = Signal(object)             # Path
    listen_asked = Signal(object, str)  # Path of a sound, title of a page

    def __init__(self, page: QWidget, tunes: Tunes, suggesting: Suggesting, playing: Playing,
                 live: EngineThread, batch: EngineThread) -> None:
        super().__init__(page, live, batch, lanes=LANES)
        self._page, self._tunes, self._suggesting, self._playing = page, tunes, suggesting, playing
        self._live, self._batch, self._heard_by = live, batch, ""

    # books

    def open(self, path: str | Path) -> None:
        """Open a book, tunes in another format, or a checkpoint."""
        path = Path(path)
        if path.suffix.lower() in CHECKPOINTS:
            self._suggesting.load(path)
        elif self.may_lose():
            self._live.ask(OPEN_LANE, partial(opened, path))

    def paste(self, text: str, *, instead: bool) -> None:
        """Take tunes into the book, behind the one in hand or instead of it."""
        try:
            texts = book_of(text).tunes
        except InputError as error:
            self.failed.emit(str(error))
            return
        self._tunes.add(texts, "paste", instead=instead)
        self.said.emit(f"{counted(len(texts), 'tune')} pasted into the book")

    def may_lose(self) -> bool:
        """Whether what is in hand may go: it is saved, or whoever wrote it says so."""
        if self._tunes.is_saved:
            return True
        name = self._tunes.path.name if self._tunes.path else "the tune book"
        answer = QMessageBox.question(
            self._page, "Otoscope", f"Save the changes of {name} first?",
            Button.Save | Button.Discard | Button.Cancel, Button.Save)
        return answer == Button.Discard or (answer == Button.Save and self.save())

    def save(self) -> bool:
        """Write the book where it came from; False if that was not done."""
        path = self._tunes.path
        if path is None or path.suffix.lower() not in BOOKS or path.resolve().is_relative_to(OURS):
            return self.save_as()
        return self._write(path)

    def save_as(self) -> bool:
        """Write the book elsewhere."""
        known = self._tunes.path
        if known is not None and known.resolve().is_relative_to(OURS):
            known = Path(known.name)
        name = str(known.with_suffix(".abc")) if known is not None else "tunes.abc"
        chosen, _ = QFileDialog.getSaveFileName(self._page, "Save tunes", name, "ABC (*.abc)")
        if not chosen:
            return False
        path = Path(chosen)
        return self._write(path if path.suffix else path.with_suffix(".abc"))

    def _write(self, path: Path) -> bool:
        try:
            write_book(path, self._tunes.book)
        except InputError as error:
            self.failed.emit(str(error))
            return False
        self._tunes.saved(path)
        self.opened.emit(path)
        self.said.emit(f"Saved: {path}")
        return True

    def ask_checkpoint(self) -> None:
        """Choose a network of folk-rnn."""
        chosen, _ = QFileDialog.getOpenFileName(self._page, "Open a network of folk-rnn", "",
                                                "Networks (*.pkl *.json);;All files (*)")
        if chosen:
            self._suggesting.load(Path(chosen))

    # other formats

    def exports(self) -> list[Export]:
        """What can be written of the tune in hand."""
        name = re.sub(r"[^\w -]+", "", parse(self._tunes.tune.text).title).strip() or "tune"
        return [
            ("Tune (ABC) …", f"{name}.abc", "ABC (*.abc)",
             lambda path: write_chosen(path, self._tunes.tune.written.encode())),
            ("Score (SVG) …", f"{name}.svg", "SVG (*.svg)", self.export),
            ("Score (PDF) …", f"{name}.pdf", "PDF (*.pdf)", self.export),
            ("MIDI …", f"{name}.mid", "MIDI (*.mid)", self.export),
            ("MusicXML …", f"{name}.musicxml", "MusicXML (*.musicxml)", self.export),
            ("Sound (WAV) …", f"{name}.wav", "WAV (*.wav)", self.export),
        ]

    def export(self, path: Path) -> None:
        """Write the tune in hand, in the format that the name says."""
        self._batch.ask(EXPORT_LANE, partial(written, self._tunes.tune.text, path, self._sounding()))

    def listen(self, title: str) -> None:
        """Give the sound of the tune to another page."""
        folder = Path(platformdirs.user_cache_dir("otoscope")) / "tunes"
        name = re.sub(r"[^\w -]+", "", parse(self._tunes.tune.text).title).strip() or "tune"
        self._heard_by = title
        self._batch.ask(LISTEN_LANE, partial(written, self._tunes.tune.text, folder / f"{name}.wav",
                                             self._sounding()))

    def cancel_opening(self) -> None:
        """No other book is wanted any more."""
        self._live.cancel(OPEN_LANE)

    def cancel(self, lane: str) -> None:
        """Let go of work."""
        for thread in (self._live, self._batch):
            thread.cancel(lane)
        self.working.emit(lane, None)

    def _sounding(self) -> Sounding:
        wishes = self._playing.wishes
        return Sounding(wishes.instrument, wishes.tempo, wishes.chords, wishes.metronome)

    # how it comes

    def heard(self, lane: str, result: object) -> None:
        """A book that was read, or files that were written."""
        if lane == OPEN_LANE and isinstance(result, Opened):
            self._tunes.open(result.book, result.path, saved=result.saved)
            self.opened.emit(result.path)
            if result.notes:
                self.said.emit(" ".join(result.notes))
        elif lane == EXPORT_LANE and isinstance(result, list):
            self.said.emit(f"Written: {', '.join(map(str, result))}")
        elif lane == LISTEN_LANE and isinstance(result, list):
            self.listen_asked.emit(result[0], self._heard_by)


def written(text: str, path: Path, sounding: Sounding, report: Report) -> list[Path]:
    """Write a tune in the format that the name says."""
    report(Progress(0, 1, f"writing {shown(path)}"))
    workshop = Workshop(sounding)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return workshop.write(parse(text), text, path)
    except OSError as error:
        raise InputError(f"{shown(path)}: could not be written ({error.strerror or error}); choose another folder"
                         ) from None
    finally:
        workshop.close()
