"""What a session keeps of the page: the file, the question, what an attack found, the blind test."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from engine.checks import InputError
from engine.listening.abx import AbxResult, Trial
from engine.listening.attack import AttackAnswer
from engine.listening.survival import Survived, Transferred
from engine.models.listener import Listener
from engine.report.attack_facts import AttackFacts
from engine.sessions.values import Json, ModelRef, Result
from gui.adversary_page.study import LabelRun
from gui.session import Held, Kept, Later, fitted, with_earlier

if TYPE_CHECKING:
    from gui.adversary_page.page import AdversaryPage

SOUND = "sound"
NO_RUN = LabelRun("", 0.0, 0.0, 0, False)


class Keeping(QObject):
    """Tells a session what there is, and brings it back once the file is open; an attack is run again."""

    def __init__(self, page: AdversaryPage) -> None:
        super().__init__(page)
        self._page, self._study = page, page.study
        self._held: Held | None = None              # waits for its file
        self._earlier: Held | None = None           # what was found then, until it is found again
        page.inquiry.file_opened.connect(lambda path: self._opened())
        page.study.answered.connect(self._answered)

    def keep(self) -> Kept | None:
        """What the page holds; None while it is not yet what the session had."""
        s, page, now, earlier = self._study, self._page, self._study.now, self._earlier or Held()
        if self._held is not None:
            return None
        if now is None:
            return Kept()
        work = {"model": now.model, "question": asdict(s.question),
                "attacked": s.answer is not None or self._earlier is not None, "runs": [asdict(run) for run in s.runs]}
        sight = {"range": list(page.votes.visible_range()), "tab": page.tabs.currentIndex()}
        trials = [Later[Mapping[str, Json]]("abx", (trial,), partial(dict, trial)) for trial in earlier.trials]
        if s.test is not None:
            trials = [Later("abx", (s.test,), s.test.as_json)]
        results = with_earlier(self._results(now.file.path, now.listener, now.model), earlier.results)
        return Kept(work, sight, {SOUND: now.file.path}, results, trials=tuple(trials))

    def _results(self, path: Path, listener: Listener, model: str) -> tuple[Later[Result | None], ...]:
        s = self._study
        if s.answer is None or not s.survival or s.transfer is None:    # what it survives is a part of the answer
            return ()
        return (Later("attack", (s.answer, s.survival, s.transfer, listener),
                      partial(_attacked, s.answer, s.survival, s.transfer, path, listener, model)),)

    # the way back

    def restore(self, held: Held) -> None:
        """Open what the session had, and go on from there."""
        self._held = held if held.files or held.lost else None
        if SOUND in held.files:
            model = held.work.get("model")
            self._page.inquiry.open(held.files[SOUND], model if isinstance(model, str) else None)

    def _opened(self) -> None:
        held, self._held, self._earlier, s = self._held, None, None, self._study
        if held is None or s.now is None or s.now.file.path != held.files.get(SOUND):
            return
        s.ask(**asdict(fitted(s.question, held.work.get("question"))))
        s.undo_stack.clear()
        runs = held.work.get("runs")
        s.set_runs([fitted(NO_RUN, run) for run in runs] if isinstance(runs, list) else [])
        match held.sight.get("range"):
            case [int() | float() as start, int() | float() as stop] if stop > start:
                self._page.votes.set_range(start, stop)
        if isinstance(tab := held.sight.get("tab"), int):
            self._page.tabs.setCurrentIndex(tab)
        if held.work.get("attacked"):
            self._earlier = held
            self._page.inquiry.attack()
            self._page.said.emit("Attacking again, as the session was left")

    def _answered(self) -> None:
        """A blind test was of the sounds that have been made again."""
        if self._study.answer is not None and self._earlier is not None:
            tests = [test for trial in self._earlier.trials if (test := _test(trial)) is not None]
            self._earlier = None
            if tests:
                self._study.set_test(tests[0])


def _attacked(answer: AttackAnswer, survival: list[Survived], transfer: list[Transferred], path: Path,
              listener: Listener, model: str) -> Result:
    """As the command `attack` answers."""
    q = answer.question
    arguments = {"audio": path, "model": model, "target": q.target, "method": q.method,
                 "projection": q.projection, "weighting": q.weighting, "snr": q.snr_db, "iterations": q.iterations,
                 "confidence": q.confidence, "smallest": q.smallest, "every_label": False, "transfer": bool(transfer),
                 "start": q.start if q.seconds is not None else None, "seconds": q.seconds, "seed": q.seed,
                 "split": None, "limit": None}
    facts = AttackFacts(answer, listener.front_end, listener.card, survival, transfer)
    made = datetime.datetime.now().astimezone().isoformat(timespec="seconds")
    return Result("attack", arguments, facts.as_json(),
                  (ModelRef(listener.name, str(listener.card.get("sha256", ""))),), made, answer.seconds)


def _test(said: Mapping[str, Json]) -> AbxResult | None:
    """A blind test as it was written; None where it is damaged."""
    try:
        trials = tuple(Trial(x, answer) for x, answer in zip(said["x_was"], said["answers"], strict=True))
        return AbxResult(str(said["a"]), str(said["b"]), trials, int(said["seed"]),
                         (float(said["passage_start"]), float(said["passage_stop"])))
    except (InputError, LookupError, TypeError, ValueError):
        return None
