"""What a session keeps of the page: the song, the question, what is hidden and painted, and what was answered."""

from __future__ import annotations

import datetime
import io
import json
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import torch
from PySide6.QtCore import QObject

from engine.audio.labels import Interval
from engine.listening.editing import Patch
from engine.listening.explain import Answer, Question
from engine.listening.predict import Prediction
from engine.models.listener import Listener
from engine.sessions.values import PAINTED, Json, ModelRef, Result
from gui.explain_page.study import Painted
from gui.session import Held, Kept, Later, fitted, with_earlier

if TYPE_CHECKING:
    from pathlib import Path

    from gui.explain_page.page import ExplainPage

SONG, LABELS, STROKE = "song", "labels.json", "stroke-{}.npy"
EVERY_SECONDS = 1.0     # of the curve: a value for each frame would say no more, and be a hundred times as long


class Keeping(QObject):
    """Tells a session what there is, and brings it back once the song is open."""

    def __init__(self, page: ExplainPage) -> None:
        super().__init__(page)
        self._page, self._study = page, page.study
        self._held: Held | None = None              # waits for its song
        self._earlier: tuple[Result, ...] = ()      # what was found then, until it is found again
        page.inquiry.opened.connect(lambda path: self._opened())

    def keep(self) -> Kept | None:
        """What the page holds; None while it is not yet what the session had."""
        s, page = self._study, self._page
        if self._held is not None:
            return None
        if s.song is None or s.listener is None:
            return Kept()
        strokes = [{"first": stroke.patch.first, "words": stroke.words} for stroke in s.strokes]
        work = {"model": page.inquiry.model, "question": asdict(s.question), "hidden": sorted(s.hidden),
                "strokes": strokes, "own_labels": s.labels is not s.song.labels}
        sight = {"range": list(page.spectrogram.visible_range()), "tab": page.tabs.currentIndex()}
        assets = [Later(STROKE.format(place), (stroke,), partial(_array, stroke))
                  for place, stroke in enumerate(s.strokes)]
        if work["own_labels"]:
            assets.append(Later(LABELS, (s.labels,), partial(_label_file, s.labels)))
        results = with_earlier(self._results(s.song.file.path, s.listener), self._earlier)
        return Kept(work, sight, {SONG: s.song.file.path}, results, assets=tuple(assets))

    def _results(self, path: Path, listener: Listener) -> list[Later[Result | None]]:
        s, model, found = self._study, self._page.inquiry.model, list[Later[Result | None]]()
        if s.prediction is not None:
            found.append(Later("predict", (s.prediction, listener), partial(_predicted, s.prediction, path, model,
                                                                            listener)))
        if s.answer is not None and s.answer.curves is not None:
            found.append(Later("explain", (s.answer, listener), partial(
                _explained, s.answer, path, model, listener, self._painted(s.answer, listener))))
        return found

    def _painted(self, answer: Answer, listener: Listener) -> list[str]:
        """Strokes that the answer may be about, in words: a command, which knows no brush, answers otherwise then."""
        first, touched = round(answer.start * listener.front_end.frames_per_second), self._study.touched
        inside = touched is not None and first < touched[1] and touched[0] < first + listener.window
        return [stroke.words for stroke in self._study.strokes] if inside else []

    # the way back

    def restore(self, held: Held) -> None:
        """Open what the session had, and go on from there."""
        self._held = held if held.files or held.lost else None
        if (path := held.files.get(SONG)) is None:
            return
        question = fitted(Question(start=0.0), held.work.get("question"))
        model = held.work.get("model")
        self._page.inquiry.open_as(path, model if isinstance(model, str) else None, question.start)

    def _opened(self) -> None:
        held, self._held, self._earlier, s = self._held, None, (), self._study
        if held is None or s.song is None or s.song.file.path != held.files.get(SONG):
            return
        self._earlier = held.results
        question = fitted(s.question, held.work.get("question"))
        s.ask(**{name: value for name, value in asdict(question).items() if name != "start"})
        s.placed = True     # also at the very beginning
        s.undo_stack.clear()
        hidden = held.work.get("hidden")
        s.hide(frozenset(one for one in hidden if type(one) is int) if isinstance(hidden, list) else frozenset())
        strokes = held.work.get("strokes")
        for place, said in enumerate(strokes if isinstance(strokes, list) else ()):
            stroke = _stroke(said, held.assets.get(STROKE.format(place)))
            if stroke is not None:
                s.paint(stroke)
        if held.work.get("own_labels"):
            s.set_labels(_labels(held.assets.get(LABELS, b"")))
        self._look(held.sight)

    def _look(self, sight: Mapping[str, Json]) -> None:
        match sight.get("range"):
            case [int() | float() as start, int() | float() as stop] if stop > start:
                self._page.spectrogram.set_range(start, stop)
        if isinstance(tab := sight.get("tab"), int):
            self._page.tabs.setCurrentIndex(tab)


def _explained(answer: Answer, path: Path, model: str, listener: Listener, painted: list[str]) -> Result:
    """As the command `explain` answers, unless something was painted."""
    arguments = {"audio": path, "model": model, "phase": "original", **asdict(answer.question),
                 **({} if answer.over_fills else {"quick": True}),
                 **({PAINTED: painted} if painted else {})}
    return Result("explain", arguments, answer.as_json(), (_model(listener),), _now(), answer.seconds)


def _predicted(prediction: Prediction, path: Path, model: str, listener: Listener) -> Result:
    """As the command `predict` answers."""
    arguments = {"audio": path, "model": model, "every": EVERY_SECONDS}
    return Result("predict", arguments, prediction.as_json(EVERY_SECONDS), (_model(listener),), _now())


def _model(listener: Listener) -> ModelRef:
    return ModelRef(listener.name, str(listener.card.get("sha256", "")))


def _now() -> str:
    return datetime.datetime.now().astimezone().isoformat(timespec="seconds")


def _array(stroke: Painted) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, stroke.patch.S.numpy())
    return buffer.getvalue()


def _stroke(said: Json, content: bytes | None) -> Painted | None:
    """A stroke as it was; None where it is damaged."""
    try:
        S = np.load(io.BytesIO(content or b""), allow_pickle=False)
        patch = Patch(int(said["first"]), torch.from_numpy(np.ascontiguousarray(S, np.float32)))
        return Painted(patch, str(said["words"])) if patch.S.ndim == 2 and bool(patch.S.isfinite().all()) else None
    except (OSError, ValueError, TypeError, LookupError, EOFError):
        return None


def _label_file(labels: tuple[Interval, ...]) -> bytes:
    return json.dumps([[one.start, one.end, one.name] for one in labels]).encode()


def _labels(content: bytes) -> tuple[Interval, ...]:
    try:
        return tuple(Interval(float(start), float(end), str(name)) for start, end, name in json.loads(content))
    except (ValueError, TypeError):
        return ()
