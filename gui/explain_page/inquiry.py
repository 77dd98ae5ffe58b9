"""What the page asks of the engine, and when: newest question wins, trust and sounds wait for a quiet moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from engine.job import Progress
from engine.listening import patience
from engine.listening.explain import Answer, Question, explain, judged
from engine.listening.opening import open_song
from engine.models import catalogue
from engine.models.listener import Listener
from gui.engine_thread import EngineThread, Work, sentence_of
from gui.explain_page import works
from gui.explain_page.opening import Opened, Opening, Shelf
from gui.explain_page.study import Study

if TYPE_CHECKING:
    from engine.listening.attack import AttackAnswer

FIRST_MODEL = "svd"
QUIET_MS = 250
LANE = "explain/"   # before the names of all lanes: other pages share the threads


class Inquiry(QObject):
    """Asks on two threads: `live` for what follows the mouse, `batch` for whole songs."""

    opened = Signal(object)               # Path
    models_known = Signal(object)         # name -> title, of all models that can be chosen
    changed_curve = Signal(object, object)  # times, probability of what is changed; None, None when nothing is
    sounds_ready = Signal(object)         # dict of Waveforms, for the excerpt of the current question
    written = Signal(str)                 # folder of a report
    failed = Signal(str)                  # one sentence
    working = Signal(str, object)         # lane, Progress or None when done

    def __init__(self, study: Study, live: EngineThread, batch: EngineThread) -> None:
        super().__init__()
        self._study, self._live, self._batch = study, live, batch
        self._answers: dict[str, Callable[[Any], None]] = {
            "explain": self._answer, "trust": self._judged,
            "changed": lambda found: self.changed_curve.emit(*found),
            "sounds": self.sounds_ready.emit, "open": self._opened, "predict": study.set_prediction,
            "report": lambda folder: self.written.emit(str(folder)), "models": self.models_known.emit,
        }
        for thread in (live, batch):
            thread.answered.connect(self._answered)
            thread.failed.connect(self._failed)
            thread.cancelled.connect(self._cancelled)
            thread.progressed.connect(self._progressed)
        self.model = FIRST_MODEL
        self._present: Opening | None = None               # how the present song was opened
        self._coming = 0                                   # ticket of what is to be opened
        self._shelf = Shelf()
        self._running: tuple[int, Question] | None = None  # ticket and question of the explanation at work
        self._waits = False                                # a newer question waits for it
        self._quiet = QTimer(self, singleShot=True, interval=QUIET_MS)
        self._quiet.timeout.connect(self._judge_and_render)
        study.asked.connect(self.explain)
        study.model_wanted.connect(self._reopen)
        study.edited.connect(lambda first, last: self.explain())
        study.answered.connect(self._ask_changed)
        study.hiding_changed.connect(self._hidden)

    # opening

    def open(self, path: str | Path) -> None:
        """Open a song; the present one stays until that has worked."""
        self._open(Opening(self.model, partial(open_song, path), Path(path).name))

    def open_as(self, path: str | Path, model: str | None, start: float) -> None:
        """Open a song with a model (None: the present one) and an excerpt."""
        self._open(Opening(model or self.model, partial(open_song, path), Path(path).name, start))

    def open_perturbed(self, answer: AttackAnswer) -> None:
        """Open an adversary with the model that it was made for, and what was changed with it."""
        self._open(Opening(answer.model, self._shelf.way_to(answer), f"{answer.file}, adversarial"))

    def use_model(self, name: str) -> None:
        """Listen to the present song with another model, at the same place."""
        if name != self.model:
            self._reopen(name)

    def _reopen(self, name: str) -> None:
        if self._present is not None:
            self._open(replace(self._present, model=name, start=self._study.question.start))

    def ask_models(self) -> None:
        """Look which models there are."""
        self._ask(self._batch, "models", lambda report: catalogue.titles())

    def _open(self, opening: Opening) -> None:
        self.working.emit("open", Progress(0, 0, opening.name))
        self._coming = self._ask(self._batch, "open", opening.work)

    def _opened(self, found: Opened) -> None:
        for lane in ("explain", "changed", "trust", "sounds"):  # nothing of the last song may come late
            self._live.cancel(LANE + lane)
        self._running, self._waits = None, False
        self._present, self.model = found.opening, found.opening.model
        song, listener = found.song, found.listener
        self._study.open(song, listener, start=found.opening.start, model=self.model)
        self.working.emit("predict", Progress(0, 0, song.file.name))
        self._ask(self._batch, "predict", works.prediction_of(song, listener))
        self.opened.emit(song.file.path)

    def close_down(self) -> None:
        """Nothing is kept of sounds that were made only to be opened."""
        self._quiet.stop()
        self._shelf.clear()

    # asking

    def _ask(self, thread: EngineThread, lane: str, work: Work) -> int:
        return thread.ask(LANE + lane, work)

    def cancel(self, lane: str) -> None:
        """Let go of work."""
        self._batch.cancel(LANE + lane)
        self._live.cancel(LANE + lane)

    def explain(self) -> None:
        """Explain the excerpt as the question stands.

        While only the excerpt moves or is painted, the explanation at work comes to its end before the newest one
        begins: dropped at each step of the mouse, none would ever be seen. At rest, the newest one begins at once, and
        so it does where one takes long.
        """
        for lane in ("trust", "sounds"):
            self._live.cancel(LANE + lane)
        self._quiet.start()
        question, listener = self._study.question, self._study.listener
        quick = listener is None or patience.seconds_of(question, listener) < patience.LONG_SECONDS
        if self._running is not None and quick and replace(self._running[1], start=question.start) == question:
            self._waits = True
        else:
            self._explain_now()

    def _explain_now(self) -> None:
        s = self._study
        spectrogram, listener, song, question = s.spectrogram, s.listener, s.song, s.question
        self._waits = False
        if spectrogram is None or listener is None or song is None:
            return
        features = listener.excerpt(spectrogram, round(question.start * spectrogram.frames_per_second))
        how = patience.first_look if patience.needs_first_look(question, listener) else explain
        ticket = self._ask(self._live, "explain", lambda report: how(features, listener, question,
                                                                     file=song.file.name, report=report))
        self._running = ticket, question

    def _answer(self, answer: Answer) -> None:
        """Show it; behind a first look come the sounds of what it names, and then all that was asked for."""
        self._study.set_answer(answer)
        listener, question = self._study.listener, self._study.question
        if answer.looks is None or listener is None or self._waits:
            return
        self.render()
        ticket = self._ask(self._live, "explain", lambda report: explain(answer.features, listener, question,
                                                                         file=answer.file, report=report))
        self._running = ticket, question

    def _explained(self, lane: str | None, ticket: int) -> None:
        """The explanation at work is over, whichever way: now the newest."""
        if lane == "explain" and self._running is not None and self._running[0] == ticket:
            self._running = None
            if self._waits:
                self._explain_now()

    def _judge_and_render(self) -> None:
        answer, listener, song = self._study.answer, self._study.listener, self._study.song
        if listener is None or song is None:
            return
        if answer is None or answer.question.start != self._study.question.start:
            if self._waits:
                self._explain_now()
            self._quiet.start()  # the explanation itself is still on its way
            return
        if answer.looks is not None:
            if self._running is not None:
                self._quiet.start()
            else:   # somebody stopped what was to come after it
                self.render()
            return
        self.render()
        if answer.explanation.trust.deletion_auc is None:
            quick = patience.seconds_of_trust(answer.question, listener) < patience.MOST_TRUST_SECONDS
            self._judge(answer, listener, thorough=quick)

    def _judge(self, answer: Answer, listener: Listener, *, thorough: bool) -> None:
        self._ask(self._live, "trust", lambda report: judged(answer, listener, thorough=thorough, report=report))

    def judge_thoroughly(self) -> None:
        """Work out all figures of trust, however long that takes."""
        answer, listener = self._study.answer, self._study.listener
        if answer is not None and answer.looks is None and listener is not None:
            self._judge(answer, listener, thorough=True)

    def render(self) -> None:
        """Make the sounds of the excerpt: kept, removed, heard, and edited where the brush was used."""
        if (work := works.sounds_of(self._study)) is not None:
            self._ask(self._live, "sounds", work)

    def report_to(self, folder: Path) -> None:
        """Write picture, sounds, JSON and a report that can be listened to."""
        if (work := works.report_of(self._study, folder)) is not None:
            self._ask(self._batch, "report", work)
        else:
            self.failed.emit("export: expected an explanation, there is none yet; open a song first")

    def _hidden(self) -> None:
        self._live.cancel(LANE + "trust")  # it can take long, and will be asked for again
        self._ask_changed()
        self._quiet.start()

    def _ask_changed(self) -> None:
        """The curve with what is hidden and what the brush did, around the excerpt."""
        if (work := works.changed_curve_of(self._study)) is not None:
            self._ask(self._live, "changed", work)
        else:
            self._live.cancel(LANE + "changed")
            self.changed_curve.emit(None, None)

    def _judged(self, answer: Answer) -> None:
        now = self._study.answer
        if now is not None and now.looks is None and answer.question == now.question:
            self._study.set_answer(answer)

    # hearing from the threads

    def _progressed(self, lane: str, ticket: int, progress: object) -> None:
        if lane.startswith(LANE):
            self.working.emit(lane.removeprefix(LANE), progress)

    def _ours(self, lane: str) -> str | None:
        """The lane without its page, if it is one of this page's; then its work is over."""
        if not lane.startswith(LANE):
            return None
        lane = lane.removeprefix(LANE)
        self.working.emit(lane, None)
        return lane

    def _answered(self, lane: str, ticket: int, result: object) -> None:
        ours = self._ours(lane)
        if ours in self._answers:
            self._answers[ours](result)
        self._explained(ours, ticket)

    def _cancelled(self, lane: str, ticket: int) -> None:
        ours = self._ours(lane)
        self._explained(ours, ticket)
        self._stays(ours, ticket)

    def _stays(self, lane: str | None, ticket: int) -> None:
        """What was to be opened is not."""
        if lane == "open" and ticket == self._coming:
            self._study.stay()

    def _failed(self, lane: str, ticket: int, error: Exception) -> None:
        ours = self._ours(lane)
        self._stays(ours, ticket)
        if ours in self._answers:
            self.failed.emit(sentence_of(error, ours))
        self._explained(ours, ticket)
