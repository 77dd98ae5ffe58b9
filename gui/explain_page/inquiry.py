"""What the page asks of the engine, and when: newest question wins, trust and sounds wait for a quiet moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from engine.checks import InputError
from engine.job import Report
from engine.listening.editing import Patch, hidden_patch, prediction_around
from engine.listening.explain import Answer, Question, explain, judged
from engine.listening.opening import Song, open_song
from engine.listening.predict import Prediction, predict_spectrogram
from engine.listening.sounds import edited as edited_sound
from engine.listening.sounds import sounds
from engine.models import catalogue
from engine.models.listener import Listener
from engine.report import write_explanation
from gui.engine_thread import EngineThread
from gui.session import Session

QUIET_MS = 250


class Inquiry(QObject):
    """Asks on two threads: `live` for what follows the mouse, `batch` for whole songs."""

    opened = Signal(object)               # Song
    changed_curve = Signal(object, object)  # times, probability of what is changed; None, None when nothing is
    sounds_ready = Signal(object)         # dict of Waveforms, for the excerpt of the current question
    written = Signal(str)                 # folder of a report
    failed = Signal(str)                  # one sentence
    working = Signal(str, object)         # lane, Progress or None when done

    def __init__(self, session: Session, live: EngineThread, batch: EngineThread) -> None:
        super().__init__()
        self._session, self._live, self._batch = session, live, batch
        self._answers: dict[str, Callable[[Any], None]] = {
            "explain": session.set_answer, "trust": self._judged,
            "changed": lambda found: self.changed_curve.emit(*found),
            "sounds": self.sounds_ready.emit, "open": self._opened, "predict": session.set_prediction,
            "report": lambda folder: self.written.emit(str(folder)),
        }
        for thread in (live, batch):
            thread.answered.connect(self._answered)
            thread.failed.connect(self._failed)
            thread.cancelled.connect(self._cancelled)
            thread.progressed.connect(lambda lane, ticket, progress: self.working.emit(lane, progress))
        self._running: tuple[int, Question] | None = None  # ticket and question of the explanation at work
        self._waits = False                                # a newer question waits for it
        self._quiet = QTimer(self, singleShot=True, interval=QUIET_MS)
        self._quiet.timeout.connect(self._judge_and_render)
        session.asked.connect(self.explain)
        session.edited.connect(lambda first, last: self.explain())
        session.answered.connect(self._ask_changed)
        session.hiding_changed.connect(self._hidden)

    def open(self, path: str | Path, model: str = "svd") -> None:
        """Open a song; the present one stays until that has worked."""
        def work(report: Report) -> tuple[Listener, Song]:
            listener = catalogue.load(model)
            return listener, open_song(path, listener.front_end, report)

        self._batch.ask("open", work)

    def cancel(self, lane: str) -> None:
        """Let go of work."""
        self._batch.cancel(lane)
        self._live.cancel(lane)

    def explain(self) -> None:
        """Explain the excerpt as the question stands.

        While only the excerpt moves or is painted, the explanation at work comes to its end before the newest one
        begins: dropped at each step of the mouse, none would ever be seen. At rest, the newest one begins at once.
        """
        for lane in ("trust", "sounds"):
            self._live.cancel(lane)
        self._quiet.start()
        question = self._session.question
        if self._running is not None and replace(self._running[1], start=question.start) == question:
            self._waits = True
        else:
            self._explain_now()

    def _explain_now(self) -> None:
        s = self._session
        spectrogram, listener, song, question = s.spectrogram, s.listener, s.song, s.question
        self._waits = False
        if spectrogram is None or listener is None or song is None:
            return
        features = listener.excerpt(spectrogram, round(question.start * spectrogram.frames_per_second))
        ticket = self._live.ask("explain", lambda report: explain(features, listener, question, file=song.file.name,
                                                                  report=report))
        self._running = ticket, question

    def _explained(self, lane: str, ticket: int) -> None:
        """The explanation at work is over, whichever way: now the newest."""
        if lane == "explain" and self._running is not None and self._running[0] == ticket:
            self._running = None
            if self._waits:
                self._explain_now()

    def _judge_and_render(self) -> None:
        answer, listener, song = self._session.answer, self._session.listener, self._session.song
        if listener is None or song is None:
            return
        if answer is None or answer.question.start != self._session.question.start:
            if self._waits:
                self._explain_now()
            self._quiet.start()  # the explanation itself is still on its way
            return
        self.render()
        if answer.explanation.trust.deletion_auc is None:
            self._live.ask("trust", lambda report: judged(answer, listener, report=report))

    def render(self) -> None:
        """Make the sounds of the excerpt: kept, removed, heard, and edited where the brush was used."""
        s = self._session
        answer, listener, song, spectrogram = s.answer, s.listener, s.song, s.spectrogram
        if answer is None or listener is None or song is None or spectrogram is None:
            return
        hidden = set(s.hidden) or None
        first = round(answer.start * spectrogram.frames_per_second)
        recorded = listener.excerpt(song.spectrogram, first) if s.is_edited else None

        def work(report: Report) -> dict[str, object]:
            made: dict[str, object] = dict(sounds(song.file, listener, answer, hidden=hidden, report=report))
            if recorded is not None:
                made["edited"] = edited_sound(song.file, listener, answer.start, recorded, answer.features)
            return made

        self._live.ask("sounds", work)

    def report_to(self, folder: Path) -> None:
        """Write picture, sounds, JSON and a report that can be listened to."""
        s = self._session
        answer, listener, song = s.answer, s.listener, s.song
        if answer is None or listener is None or song is None:
            self.failed.emit("export: expected an explanation, there is none yet; open a song first")
            return

        def work(report: Report) -> Path:
            whole = answer if answer.over_fills else judged(answer, listener, report=report)
            made = sounds(song.file, listener, whole, report=report)
            write_explanation(folder, whole, made, listener.spectrogram(whole.features), listener.front_end,
                              listener.card, report=report)
            return folder

        self._batch.ask("report", work)

    def _hidden(self) -> None:
        self._ask_changed()
        self._quiet.start()

    def _ask_changed(self) -> None:
        """The curve with what is hidden and what the brush did, around the excerpt."""
        s = self._session
        answer, listener, spectrogram, hidden = s.answer, s.listener, s.spectrogram, set(s.hidden)
        if answer is None or listener is None or spectrogram is None or not (hidden or s.is_edited):
            self._live.cancel("changed")
            self.changed_curve.emit(None, None)
            return
        first = round(answer.start * spectrogram.frames_per_second)

        def work(report: Report) -> tuple[Any, Any]:
            cut = answer.explanation.segmentation
            patch = hidden_patch(answer.features, listener, cut, answer.fill, hidden, first)
            inside = Patch(first, patch.S[:, : spectrogram.S.shape[1] - first])
            return prediction_around(spectrogram, listener, inside, report=report)

        self._live.ask("changed", work)

    def _judged(self, answer: Answer) -> None:
        if self._session.answer is not None and answer.question == self._session.answer.question:
            self._session.set_answer(answer)

    def _opened(self, found: tuple[Listener, Song]) -> None:
        listener, song = found
        for lane in ("explain", "changed", "trust", "sounds"):  # nothing of the last song may come late
            self._live.cancel(lane)
        self._running, self._waits = None, False
        self._session.listener = listener
        self._session.open(song)
        self._batch.ask("predict", lambda report: _predicted(song, listener, report))
        self.opened.emit(song)

    def _answered(self, lane: str, ticket: int, result: object) -> None:
        self.working.emit(lane, None)
        if lane in self._answers:
            self._answers[lane](result)
        self._explained(lane, ticket)

    def _cancelled(self, lane: str, ticket: int) -> None:
        self.working.emit(lane, None)
        self._explained(lane, ticket)

    def _failed(self, lane: str, ticket: int, error: Exception) -> None:
        self.working.emit(lane, None)
        if lane in self._answers:
            known = isinstance(error, InputError)
            self.failed.emit(str(error) if known else f"{lane}: something went wrong ({type(error).__name__}: {error})")
        self._explained(lane, ticket)


def _predicted(song: Song, listener: Listener, report: Report) -> Prediction:
    return predict_spectrogram(song.spectrogram, listener, file=song.file.name, seconds=song.seconds, report=report)
