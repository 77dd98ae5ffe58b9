"""What a session keeps of the page: the neuron, how it is maximised, and what came of it."""

from __future__ import annotations

import datetime
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from engine.listening.maximise_values import MaximiseAnswer
from engine.models.listener import Listener
from engine.sessions.values import ModelRef, Result
from gui.maximise_page.values import Searched
from gui.session import Held, Kept, Later, fitted, with_earlier

if TYPE_CHECKING:
    from gui.maximise_page.page import MaximisePage

REAL, EXAMPLES, GRID = "real", "maximise", "grid"


class Keeping(QObject):
    """Tells a session what there is, and brings it back once the model is loaded; examples are made again."""

    def __init__(self, page: MaximisePage) -> None:
        super().__init__(page)
        self._page, self._study = page, page.study
        self._held: Held | None = None              # waits for its model
        self._earlier: tuple[Result, ...] = ()      # what was found then, until it is found again
        self._again = ""                            # what is run again
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._opened)
        page.study.opened.connect(self._soon.start)     # all that belongs to the last model goes first
        page.study.shown_changed.connect(self._shown)

    def keep(self) -> Kept | None:
        """What the page holds; None while it is not yet what the session had."""
        s, page = self._study, self._page
        if self._held is not None:
            return None
        if s.now is None:
            return Kept()
        work = {"wishes": asdict(s.wishes), "maximised": s.answer is not None or self._again == "maximised",
                "searched": s.searched is not None or self._again == "searched"}
        results, model, listener = list[Later[Result | None]](), s.now.model, s.now.listener
        if s.answer is not None:
            results.append(Later(EXAMPLES, (s.answer, listener), partial(_maximised, s.answer, model, listener)))
        if s.searched is not None:
            results.append(Later(GRID, (s.searched, listener), partial(_searched, s.searched, model, listener)))
        return Kept(work, {"tab": page.tabs.currentIndex(), "choice": s.choice},
                    {REAL: s.real_folder} if s.real_folder is not None else {},
                    with_earlier(results, self._earlier, _name))

    def _shown(self) -> None:
        """Another neuron: what was found of the last one is not waited for any more."""
        if not self._study.shown and not self._study.running:
            self._earlier, self._again = (), ""

    # the way back

    def restore(self, held: Held) -> None:
        """Load the model that the session had, and go on from there."""
        wishes = held.work.get("wishes")
        model = wishes.get("model") if isinstance(wishes, dict) else None
        if isinstance(model, str) and model:
            self._held = held
            self._page.inquiry.open(model)

    def _opened(self) -> None:
        held, self._held, self._earlier, self._again = self._held, None, (), ""
        s, page = self._study, self._page
        if held is None or s.now is None:
            return
        if REAL in held.files:
            s.compare_with(held.files[REAL])
        s.ask(replace(fitted(s.wishes, held.work.get("wishes")), model=s.now.model))
        s.ask(page.panel.wishes())      # of layers only what there is
        s.undo_stack.clear()
        if isinstance(tab := held.sight.get("tab"), int):
            page.tabs.setCurrentIndex(tab)
        self._again = next((name for name in ("searched", "maximised") if held.work.get(name)), "")
        if self._again:
            self._earlier = held.results
            (page.doing.search if self._again == "searched" else page.doing.maximise)()
            page.said.emit("Maximising again, as the session was left")


def _name(result: Result) -> str:
    """Whether examples were asked for, or a grid was searched."""
    return GRID if result.arguments.get("grid") else EXAMPLES


def _searched(searched: Searched, model: str, listener: Listener) -> Result:
    """As the command `maximise --grid` answers, which searches all that is not given."""
    one = _maximised(searched.answer, model, listener)
    return replace(one, arguments={**one.arguments, "lr": None, "reg": None, "iterations": None, "grid": True},
                   answer={**one.answer, **searched.found.as_json(minimise=searched.search.grid.minimise)})


def _maximised(answer: MaximiseAnswer, model: str, listener: Listener) -> Result:
    """As the command `maximise` answers."""
    q, r = answer.question, answer.question.regularisers
    arguments = {"model": model, "layer": q.layer, "neuron": q.neuron, "minimise": q.minimise,
                 "prior": q.prior, "optimiser": q.optimiser, "lr": q.lr, "reg": q.reg, "iterations": q.iterations,
                 "seeds": q.seeds, "seed": q.first_seed, "grid": False, "fid_layer": q.fid_layer,
                 "real": None if q.real is None else Path(q.real), "tv": r.tv, "blur": r.blur, "jitter": r.jitter,
                 "work": None, "into_card": None}
    made = datetime.datetime.now().astimezone().isoformat(timespec="seconds")
    return Result("maximise", arguments, answer.as_json(),
                  (ModelRef(listener.name, str(listener.card.get("sha256", ""))),), made, answer.seconds)
