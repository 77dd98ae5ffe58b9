"""What the page asks of the engine, and when: one long work at a time, what is soon done beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from engine.audio.waveform import Waveform
from engine.checks import InputError
from engine.explain.maximise_grid import Ranked
from engine.job import Progress, Report
from engine.report.maximise import write_maximise
from gui.engine_thread import EngineThread, Lanes, sentence_of
from gui.maximise_page import work
from gui.maximise_page.study import Study
from gui.maximise_page.values import Growing, Here, Opened, SoFar
from gui.maximise_page.words import ranks_of_settings
from gui.views.latent_walk import WalkPlace

PREFIX = "maximise-"
FIRST_MODEL = "svd"
QUIET_MS = 250         # after the last change of the wishes
LONG = {"grow": "maximise", "grid": "grid"}    # lanes of what can be cancelled on the page -> what runs then
ABOUT_NEURON = ("grow", "grid", "real", "kept", "samples", "directions", "walk", "sound", "nearest")


class Inquiry(QObject):
    """Asks on two threads: `live` for what is soon done, `batch` for examples, searches and reports."""

    failed = Signal(str)                  # one sentence
    said = Signal(str)
    working = Signal(str, object)         # lane, Progress or None when done
    kept = Signal()                       # something could not be opened: what was open stays
    sounded = Signal(object)              # Waveform of where a walk stands
    nearest_sounded = Signal(object)      # Waveform of a real excerpt, and the recording it is from or None
    _grown = Signal(int, object)          # run, Growing or SoFar; from the engine's thread

    def __init__(self, study: Study, live: EngineThread, batch: EngineThread) -> None:
        super().__init__(study)
        self._study, self._live, self._batch, self._run = study, live, batch, 0
        self._answers: dict[str, Callable[[Any], None]] = {
            "open": self._opened, "grow": study.set_answer, "grid": self._searched, "real": study.set_real,
            "kept": study.set_kept, "samples": study.set_samples, "directions": study.set_directions,
            "walk": self._stood, "sound": self.sounded.emit, "nearest": self.nearest_sounded.emit,
            "report": self._written, "write": self._written}
        self._lanes = Lanes(self, PREFIX, live, batch)
        self._lanes.working.connect(self.working)
        self._lanes.working.connect(self._progressed)
        self._lanes.over.connect(self._over)
        self._lanes.answered.connect(lambda lane, result: self._answers[lane](result))
        self._lanes.failed.connect(self._failed)
        self._lanes.cancelled.connect(lambda lane: study.stay() if lane == "open" else None)
        self._grown.connect(self._told)
        self._quiet = QTimer(self, singleShot=True, interval=QUIET_MS)
        self._quiet.timeout.connect(self._look)
        study.asked.connect(self._moved)
        study.model_wanted.connect(self.open)
        study.real_changed.connect(lambda: self._moved() if study.real is None else None)
        study.ends_changed.connect(self._ends_changed)

    # asking

    def open(self, model: str = FIRST_MODEL) -> None:
        """Load a model; the present one stays until that has worked."""
        self._lanes.ask(self._live, "open", partial(work.opened, model))

    def cancel(self, lane: str) -> None:
        """Let go of work in a lane, with or without the prefix: at once, even if it takes a while to hear of that."""
        self._lanes.cancel(lane)

    def cancel_running(self) -> None:
        """Let go of what runs; of a search, what is done is kept."""
        for lane, what in LONG.items():
            if what == self._study.running:
                self.cancel(lane)

    def _listening(self) -> Opened:
        if self._study.now is None:
            raise InputError("maximise: expected a model, there is none yet; choose one first")
        return self._study.now

    def maximise(self) -> None:
        """Make examples as the wishes stand."""
        listener, question = self._listening().listener, self._study.question
        for lane in ("grow", "grid", "samples", "walk", "sound"):
            self.cancel(lane)
        self._run += 1
        run = self._run
        self._study.set_running("maximise")
        self._study.begin()
        self._lanes.ask(self._batch, "grow", lambda report: work.maximised(
            listener, question, lambda growing: self._grown.emit(run, growing), report))

    def search(self) -> None:
        """Search the grid for the neuron, or go on with it."""
        listener, question = self._listening().listener, self._study.question
        for lane in ("grow", "grid", "samples"):
            self.cancel(lane)
        self._run += 1
        run = self._run
        self._study.set_running("grid")
        self._lanes.ask(self._batch, "grid", lambda report: work.searched(
            listener, question, lambda so_far: self._grown.emit(run, so_far), report))

    def show_setting(self, place: int | None) -> None:
        """Show examples of a setting of the ranking; None: of the best, the median and the worst."""
        searched = self._study.searched
        if searched is None:
            self.said.emit("Take a setting over (Enter) and maximise, or search the grid, to see and hear its examples")
            return
        ranking = searched.found.ranking
        ranks = ranks_of_settings(ranking)
        wanted: list[tuple[Ranked, str]] = [(ranking[place], ranks[place])] if place is not None else sorted(
            ((one, rank) for one, rank in zip(ranking, ranks, strict=True) if rank),
            key=lambda pair: ("best", "median", "worst").index(pair[1]))
        if not wanted:                      # too few settings to have a middle
            wanted = [(ranking[0], "")]
        self._lanes.ask(self._live, "samples", partial(work.samples, searched, wanted))

    # what follows the wishes

    def _moved(self) -> None:
        self._quiet.start()

    def _look(self) -> None:
        """What real music excites the neuron, and how far its search has come."""
        now, question = self._study.now, self._study.question
        if now is None:
            return
        listener = now.listener
        if self._study.real is None:
            self._lanes.ask(self._live, "real", partial(work.real_top, listener, question))
        self._lanes.ask(self._live, "kept", partial(work.kept, listener, question))

    # walking

    def _ends_changed(self) -> None:
        """A walk that has just got its first end knows no directions yet."""
        study = self._study
        points = [one.example.point for one in study.shown if one.latent and one.example.failed is None]
        if study.ends["a"] is None or study.directions is not None:
            return
        if len(points) > 1:
            self._lanes.ask(self._live, "directions", partial(work.directions, points))
        self.walk(WalkPlace())

    def walk(self, place: WalkPlace) -> None:
        """Go there."""
        now, study = self._study.now, self._study
        a, b = study.ends["a"], study.ends["b"]
        if now is None or a is None:
            return
        z = work.point_at(place, a.example.point, None if b is None else b.example.point, study.directions)
        self._lanes.ask(self._live, "walk", partial(work.stood, now.listener, study.question, place, z))

    def sound_of_walk(self) -> None:
        """Make the sound of where the walk stands."""
        now, here = self._study.now, self._study.here
        if now is not None and here is not None:
            self._lanes.ask(self._live, "sound", partial(work.sounded, now.listener, self._study.question, here.point))

    def _stood(self, here: Here) -> None:
        if self._study.ends["a"] is not None:
            self._study.stand(here)

    def sound_of_nearest(self) -> None:
        """Make the sound of the real excerpt that the example looked at is most like."""
        one = self._study.looked_at
        if one is not None:
            nearest = partial(work.nearest_heard, one.example.nearest, self._study.real_folder)
            self._lanes.ask(self._live, "nearest", nearest)

    # files

    def report_to(self, folder: Path) -> None:
        """Write gallery, sounds, table, JSON and a report that can be listened to."""
        listener, study = self._listening().listener, self._study
        answer, searched, setting = study.answer, study.searched, study.setting
        if answer is None and searched is None:
            raise InputError("report: expected examples, there are none yet; maximise first")

        def write(report: Report) -> Path:
            known = answer
            if known is None:
                assert searched is not None
                known = searched.search.answer(searched.found, setting, report=report)
            write_maximise(folder, known, listener, report=report)
            return folder

        self._lanes.ask(self._batch, "report", write)

    def wavs_to(self, folder: Path, sounds: Sequence[tuple[str, Waveform]]) -> None:
        """Write sounds into a folder."""
        self._lanes.ask(self._live, "write", partial(work.wavs_written, folder, sounds))

    def file_to(self, path: Path, content: bytes) -> None:
        """Write a file."""
        self._lanes.ask(self._live, "write", partial(work.file_written, path, content))

    # answers

    def _opened(self, found: Opened) -> None:
        for lane in ABOUT_NEURON:  # nothing of the last model may come late
            self.cancel(lane)
        self._study.set_running("")
        self._study.open(found)

    def _searched(self, found: Any) -> None:
        self._study.set_searched(found)
        self._look()
        self.show_setting(None)

    def _written(self, path: Path) -> None:
        self.said.emit(f"Written: {path}")

    @Slot(int, object)
    def _told(self, run: int, news: object) -> None:
        if run == self._run and self._study.running == "maximise" and isinstance(news, Growing):
            self._study.grow(news)
        elif run == self._run and self._study.running == "grid" and isinstance(news, SoFar):
            self._study.rank(news)

    def _progressed(self, lane: str, progress: object) -> None:
        if LONG.get(lane.removeprefix(PREFIX)) == self._study.running and isinstance(progress, Progress):
            self._study.tell(progress)

    def _over(self, lane: str) -> None:
        if lane in LONG and LONG[lane] == self._study.running:
            self._study.set_running("")
            self._moved()                   # a search that was stopped has come further

    def _failed(self, lane: str, error: Exception) -> None:
        if lane == "open":
            self._study.stay()
            self.kept.emit()
        self.failed.emit(sentence_of(error, lane))

    def close_down(self) -> None:
        """No timers any more."""
        self._quiet.stop()
