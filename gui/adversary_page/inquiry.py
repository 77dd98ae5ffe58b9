"""What the page asks of the engine, and when: attacks one at a time, what follows from an answer behind it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from engine.checks import InputError
from engine.explain.adversary import Step
from engine.job import Report
from engine.listening.attack import Hearing
from engine.report.attack import write_attack
from gui.adversary_page import work
from gui.adversary_page.study import LabelRun, Study
from gui.engine_thread import EngineThread, Lanes, sentence_of

PREFIX = "adversary-"
FIRST_MODEL = "style-mlp"
QUIET_MS = 200      # after the last movement of the marked part
ABOUT_FILE = ("hear", "picture", "attack", "labels", "sounds", "survival", "transfer")
ABOUT_ANSWER = ("sounds", "survival", "transfer")


class Inquiry(QObject):
    """Asks on two threads: `live` for what is soon done, `batch` for attacks, what they survive and reports."""

    failed = Signal(str)                  # one sentence
    said = Signal(str)
    working = Signal(str, object)         # lane, Progress or None when done
    file_opened = Signal(object)          # Path
    unheard = Signal(str)                 # why nothing is known of the part as it is
    kept = Signal()                       # something could not be opened: what was open stays
    _stepped = Signal(int, object)        # run, what was told; from the engine's thread

    def __init__(self, study: Study, live: EngineThread, batch: EngineThread) -> None:
        super().__init__(study)
        self._study, self._live, self._batch, self._run = study, live, batch, 0
        self._answers: dict[str, Callable[[Any], None]] = {
            "open": self._opened, "hear": self._heard, "picture": study.set_picture, "attack": self._attacked,
            "labels": study.set_runs, "sounds": study.set_made, "survival": study.set_survival,
            "transfer": study.set_transfer, "report": self._written, "wav": self._written}
        self._lanes = Lanes(self, PREFIX, live, batch)
        self._lanes.working.connect(self.working)
        self._lanes.over.connect(self._over)
        self._lanes.answered.connect(lambda lane, result: self._answers[lane](result))
        self._lanes.failed.connect(self._failed)
        self._lanes.cancelled.connect(lambda lane: study.stay() if lane == "open" else None)
        self._stepped.connect(self._told)
        self._quiet = QTimer(self, singleShot=True, interval=QUIET_MS)
        self._quiet.timeout.connect(self._hear)
        study.asked.connect(self._moved)
        study.model_wanted.connect(self.use_model)

    # asking

    def open(self, path: str | Path, model: str | None = None) -> None:
        """Open a file, or the same with another model; the present one stays until that has worked."""
        now = self._study.now
        wanted = model or (now.model if now is not None else FIRST_MODEL)
        self._lanes.ask(self._live, "open", lambda report: work.opened(Path(path), wanted, report))  # an attack may run

    def use_model(self, name: str) -> None:
        """The same file with another model."""
        if self._study.now is not None:
            self.open(self._study.now.file.path, name)

    def cancel(self, lane: str) -> None:
        """Let go of work in a lane, with or without the prefix: at once, even if it takes a while to hear of that."""
        self._lanes.cancel(lane)

    def cancel_attack(self) -> None:
        """Let go of the attack that runs."""
        if self._study.running:
            self.cancel(self._study.running)

    def attack(self) -> None:
        """Attack the file as the question stands."""
        now, question = self._study.now, self._study.question
        if now is None:
            self.failed.emit("attack: expected a file, there is none yet; open one first")
            return
        watch = self._begin("attack")
        self._lanes.ask(self._batch, "attack",
                  lambda report: work.attacked(now.file, now.listener, question, watch, report))

    def every_label(self) -> None:
        """Attack the file once for each label but the present one; the answers' figures come one by one."""
        now, question = self._study.now, self._study.question
        if now is None:
            self.failed.emit("attack: expected a file, there is none yet; open one first")
            return
        self._study.set_runs([])
        watch = self._begin("labels")
        self._lanes.ask(self._batch, "labels",
                  lambda report: work.every_label(now.file, now.listener, question, watch, report))

    def _begin(self, what: str) -> Callable[[object], None]:
        """Makes room for an attack; returns what is to be told of it, from any thread."""
        for lane in ("attack", "labels", *ABOUT_ANSWER):
            self.cancel(lane)
        self._run += 1
        run = self._run
        self._study.set_running(what)
        return lambda news: self._stepped.emit(run, news)

    def _moved(self) -> None:
        if self._study.now is not None and self._study.hearing is None:
            self._quiet.start()

    def _hear(self) -> None:
        now, question = self._study.now, self._study.question
        if now is not None and self._study.hearing is None:
            self._lanes.ask(self._live, "hear", lambda report: work.heard(now.file, now.listener, question, report))

    def report_to(self, folder: Path) -> None:
        """Write sounds, picture, JSON and a report that can be listened to."""
        now, answer, study = self._study.now, self._study.answer, self._study
        survival, transfer, test = study.survival or [], study.transfer or [], study.test
        if now is None or answer is None:
            raise InputError("report: expected an attack, there is none yet; run one first")
        listener, abx = now.listener, None if test is None else test.as_json()

        def write(report: Report) -> Path:
            write_attack(folder, answer, front_end=listener.front_end, card=listener.card, survival=survival,
                         transfer=transfer, abx=abx, report=report)
            return folder

        self._lanes.ask(self._batch, "report", write)

    def wav_to(self, path: Path, name: str) -> None:
        """Write the adversarial sound or the residual as float WAV."""
        answer, made = self._study.answer, self._study.made
        if answer is None or made is None:
            raise InputError("export: expected an attack, there is none yet; run one first")
        sound = answer.adversarial if name == "adversarial" else made.residual
        self._lanes.ask(self._live, "wav", lambda report: work.written(path, sound))

    # answers

    def _opened(self, found: Any) -> None:
        for lane in ABOUT_FILE:  # nothing of the last file may come late
            self.cancel(lane)
        self._study.set_running("")
        self._study.open(found)
        self._lanes.ask(self._live, "picture", lambda report: work.pictured(found.file, found.listener, report))
        self.file_opened.emit(found.file.path)

    def _heard(self, found: tuple[tuple[float, float | None], Hearing]) -> None:
        part, hearing = found
        if part == (self._study.question.start, self._study.question.seconds):
            self._study.set_hearing(hearing)

    def _attacked(self, answer: Any) -> None:
        study, now = self._study, self._study.now
        study.set_answer(answer)
        if now is None:
            return
        listener = now.listener
        self._lanes.ask(self._live, "sounds", lambda report: work.made(answer, listener, report))
        if answer.fooled:
            self._lanes.ask(self._batch, "survival", lambda report: work.survived(answer, listener, report))
            self._lanes.ask(self._batch, "transfer", lambda report: work.transferred(answer, listener, report))
        else:
            study.set_survival([])
            study.set_transfer([])

    def _written(self, path: Path) -> None:
        self.said.emit(f"Written: {path}")

    @Slot(int, object)
    def _told(self, run: int, news: object) -> None:
        if run != self._run or not self._study.running:
            return
        if isinstance(news, LabelRun):
            self._study.set_runs([*self._study.runs, news])
        elif isinstance(news, list) and all(isinstance(step, Step) for step in news):
            self._study.tell(news)

    def _over(self, lane: str) -> None:
        if lane == self._study.running:
            self._study.set_running("")

    def _failed(self, lane: str, error: Exception) -> None:
        if lane == "open":
            self._study.stay()
            self.kept.emit()
        sentence = sentence_of(error, lane)
        self.failed.emit(sentence)
        if lane == "hear":
            self.unheard.emit(sentence)

    def close_down(self) -> None:
        """No timers any more."""
        self._quiet.stop()
