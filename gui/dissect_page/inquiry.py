"""What the page asks of the engine, and when: the sound first, then what is said of it, experiments beside."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from engine.checks import InputError
from engine.disk import write_chosen
from engine.explain.dissect_tree import Node
from engine.job import Progress, Report
from engine.report.horse import write_horse
from engine.training.horse import horse
from gui.dissect_page import work
from gui.dissect_page.exports import everything, report_to
from gui.dissect_page.files import recording
from gui.dissect_page.study import Study
from gui.dissect_page.values import Made, Swept
from gui.engine_thread import EngineThread, Lanes, sentence_of

PREFIX = "dissect-"
FIRST_SYSTEMS = ("scattering-svm-artist", "scattering-svm-random", "scattering-tree-artist", "scattering-tree-random")
QUIET_MS = 40       # after the last movement of a slider
FOLLOWING = ("hear", "levels", "before")          # what is worked out of a sound: the next sound goes first
ABOUT_FILE = ("sound", "band", "sweep", *FOLLOWING)
EXPERIMENTS = ("sweep", "table", "search")


class Inquiry(QObject):
    """Asks on two threads: `live` for what is heard and said at once, `batch` for experiments."""

    failed = Signal(str)                  # one sentence
    said = Signal(str)
    working = Signal(str, object)         # lane, Progress or None when done
    file_opened = Signal(object)          # Path
    band_made = Signal(object)            # Source
    horse_told = Signal(object)           # result of the planted horse; None where it did not end
    running_changed = Signal()
    _told = Signal(str, int, object)      # lane, run, news; from the engine's threads

    def __init__(self, study: Study, live: EngineThread, batch: EngineThread) -> None:
        super().__init__(study)
        self._study, self._live, self._batch, self._run = study, live, batch, 0
        self._runs: dict[str, int] = {}
        self._same_files = self._way_back = self._stale = False
        self._wanted: tuple[str, ...] = ()    # system that shall be asked as soon as it is known
        self._unheard: tuple[object, tuple[str, ...]] | None = None   # a file and systems that cannot hear it
        self._answers: dict[str, Callable[[Any], None]] = {
            "known": self._known, "open": self._opened, "sound": self._made, "hear": lambda said: self._levels(),
            "before": lambda said: None, "levels": study.set_levels, "band": self.band_made.emit,
            "trees": study.set_trees, "sweep": study.set_sweep, "table": lambda found: study.set_table(*found),
            "search": study.set_searches, "horse": self.horse_told.emit, "report": self._written}
        self._lanes = Lanes(self, PREFIX, live, batch)
        self._lanes.working.connect(self.working)
        self._lanes.over.connect(self.running_changed)
        self._lanes.answered.connect(lambda lane, result: self._answers[lane](result))
        self._lanes.failed.connect(self._failed)
        self._lanes.cancelled.connect(lambda lane: self.horse_told.emit(None) if lane == "horse" else None)
        self._told.connect(self._tell)
        self._quiet = QTimer(self, singleShot=True, interval=QUIET_MS)
        self._quiet.timeout.connect(self._through)
        study.bench_changed.connect(self._moved)
        study.systems_changed.connect(self._systems)

    @property
    def running(self) -> str:
        """The experiment that runs, if any."""
        return next((lane for lane in EXPERIMENTS if lane in self._lanes), "")

    # asking

    def _ask(self, thread: EngineThread, lane: str, do: Callable[[Report], object]) -> None:
        self._lanes.ask(thread, lane, do)
        self.running_changed.emit()

    def _teller(self, lane: str) -> Callable[[object], None]:
        """What is to be told of work in a lane, from any thread."""
        self._run += 1
        run = self._runs[lane] = self._run
        return lambda news: self._told.emit(lane, run, news)

    def open(self, path: str | Path, *, way_back: bool = False) -> None:
        """Open a file or a folder; the present one stays until that has worked.

        With `way_back` it is the present one, of which more or less shall be heard: what was found of that before
        is there again.
        """
        most, names, whole = self._study.most_files, self._study.systems, self._study.whole
        self._same_files, self._way_back = False, way_back
        self._ask(self._live, "open", lambda report: work.opened(Path(path), most, names, whole, report))

    def open_place(self, place: int) -> None:
        """Open another of the files that were tried together."""
        now, files = self._study.now, self._study.tried
        if now is None or not 0 <= place < len(files):
            return
        folder, whole = now.folder, self._study.whole
        self._same_files = True
        self._ask(self._live, "open", lambda report: work.opened_at(files, place, folder, whole, report))

    def cancel(self, lane: str) -> None:
        """Let go of work in a lane, with or without the prefix: at once, even if it takes a while to hear of that."""
        self._lanes.cancel(lane)

    def cancel_experiment(self) -> None:
        """Let go of the experiment that runs."""
        for lane in EXPERIMENTS:
            self.cancel(lane)

    def load_systems(self) -> None:
        """Look which systems there are."""
        self._ask(self._live, "known", lambda report: work.known())

    def _known(self, known: tuple[str, ...]) -> None:
        """The usual ones are asked, or those that were asked before; one more is an edit like any other."""
        chosen = self._study.systems or tuple(name for name in FIRST_SYSTEMS if name in known) or known[:4]
        self._study.set_systems(known, chosen)
        self._study.change_systems((*self._study.systems, *(name for name in self._wanted if name in known)))
        self._wanted = ()

    def ask_too(self, name: str) -> None:
        """A system that may be new, or another under the same name."""
        self._wanted, self._unheard = (name,), None
        self._study.forget(name)
        self.load_systems()

    def _systems(self) -> None:
        names = self._study.systems
        self._ask(self._live, "trees", lambda report: work.trees(names, report))
        self._listen()

    def _moved(self) -> None:
        for lane in FOLLOWING:
            self.cancel(lane)
        self._stale = True
        self._quiet.start()

    def _through(self) -> None:
        now, bench = self._study.now, self._study.bench
        if now is None:
            return
        if bench.empty:
            self.cancel("sound")
            self._stale = False
            self._study.set_made(None)
            self._listen()
            return
        self._ask(self._live, "sound", lambda report: work.through(now.sound, bench, report))

    def _listen(self) -> None:
        """Ask the systems what they have not said yet, of the sound as it is and through the bench."""
        now, study = self._study.now, self._study
        if now is None or self._unheard == (now.file, study.systems):
            return
        made = None if self._stale else study.made
        missing = [name for name in study.systems if name not in study.before]
        if missing:
            tell = self._teller("before")
            self._ask(self._live, "before", lambda report: work.verdicts(now.sound, missing, tell, report))
        if made is not None:
            sound, waiting = made.sound, [name for name in study.systems if name not in study.after]
            told = self._teller("hear")
            self._ask(self._live, "hear", lambda report: work.verdicts(sound, waiting, told, report))

    def _levels(self) -> None:
        now, made = self._study.now, self._study.made
        if now is not None and made is not None:
            self._ask(self._live, "levels", lambda report: work.levels(now.sound, made, report))

    def play_band(self, node: Node) -> None:
        """The band of a node, as a sound."""
        now = self._study.now
        if now is not None:
            self._ask(self._live, "band", lambda report: work.band(now.sound, node, report))

    # experiments

    def sweep(self, *, every: bool) -> None:
        """The sweep that is looked at, of this file or of every one."""
        now, study = self._study.now, self._study
        if now is None:
            self.failed.emit("sweep: expected a file, there is none yet; open one first")
            return
        files = now.files if every else (now.files[now.place],)
        kind, names, causal, tell = study.kind, study.systems, study.bench.causal, self._teller("sweep")
        whole = study.whole
        self._ask(self._batch, "sweep", lambda report: work.swept(files, names, kind, causal, whole, tell, report))

    def table(self) -> None:
        """Every loaded system on every file, as it is and through the bench."""
        now, study = self._study.now, self._study
        if now is None:
            self.failed.emit("table: expected a file or a folder, there is none yet; open one first")
            return
        files, names, bench, whole = now.files, study.systems, study.bench, study.whole
        self._ask(self._batch, "table", lambda report: (work.table(files, names, bench, whole, report), files, bench))

    def search(self) -> None:
        """The smallest inaudible change that turns the file or lowers the recall of the set."""
        now, names = self._study.now, self._study.systems
        if now is None:
            self.failed.emit("search: expected a file or a folder, there is none yet; open one first")
            return
        files, whole = now.files, self._study.whole
        self._ask(self._batch, "search", lambda report: work.searched(files, names, whole, report))

    def plant(self, plant: str, *, full: bool, seeds: int) -> None:
        """The planted horse."""
        self._ask(self._batch, "horse", lambda report: horse(plant, full=full, seeds=seeds, report=report))

    def write_report(self, folder: Path) -> None:
        """Tables, pictures and pages that can be listened to, one folder a system."""
        study = self._study
        outcomes, files, bench, whole = study.outcomes, study.tried, study.tried_bench, study.whole
        if not outcomes:
            raise InputError("report: expected a table of files, there is none yet; try the bench on all files first")

        def write(report: Report) -> Path:
            return report_to(folder, outcomes, [recording(one, whole=whole) for one in files], bench.whole(), report)

        self._ask(self._batch, "report", write)

    def write_horse(self, folder: Path, result: dict[str, Any]) -> None:
        """What came of the planted horse."""
        def write(report: Report) -> Path:
            report(Progress(0, 1, "writing the planted horse"))
            write_horse(folder, result)
            return folder

        self._ask(self._batch, "report", write)

    def write_json(self, path: Path) -> None:
        """All that is known now, as numbers."""
        content = everything(self._study)

        def write(report: Report) -> Path:
            report(Progress(0, 1, f"writing {path.name}"))
            write_chosen(path, content())
            return path

        self._ask(self._batch, "report", write)

    # answers

    def _opened(self, found: Any) -> None:
        for lane in (*ABOUT_FILE, *(() if self._same_files else ("table", "search"))):
            self.cancel(lane)  # nothing of the last file may come late
        self._study.open(found, same_files=self._same_files, way_back=self._way_back)
        self._listen()
        self._stale = True
        self._through()
        self.file_opened.emit(found.folder or found.file.path)

    def _made(self, made: Made) -> None:
        self._stale = False
        if made.bench == self._study.bench:
            self._study.set_made(made)
            self._listen()

    def _written(self, path: Path) -> None:
        self.said.emit(f"Written: {path}")

    @Slot(str, int, object)
    def _tell(self, lane: str, run: int, news: object) -> None:
        if run != self._runs.get(lane) or lane not in self._lanes:
            return
        if lane == "before" and isinstance(news, dict):
            self._study.add_verdicts(news, {})
        elif lane == "hear" and isinstance(news, dict):
            self._study.add_verdicts({}, news)
        elif lane == "sweep" and isinstance(news, list) and all(isinstance(one, Swept) for one in news):
            self._study.set_sweep(news)

    def _failed(self, lane: str, error: Exception) -> None:
        known, sentence = isinstance(error, InputError), sentence_of(error, lane)
        if lane == "sound" and known:
            self._stale = False
            self._study.refuse(sentence)  # a slider that is dragged asks no questions
            self._listen()
            return
        if lane in ("hear", "levels") and known:
            self.said.emit(sentence)
            return
        if lane == "before" and self._study.now is not None:
            self._unheard = (self._study.now.file, self._study.systems)  # said once, not at each step of a slider
            self.cancel("hear")
        if lane == "horse":
            self.horse_told.emit(None)
        self.failed.emit(sentence)

    def close_down(self) -> None:
        """No timers any more."""
        self._quiet.stop()
