"""What a session keeps of the page: the sound, the bench, the systems, and what experiments found."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QSignalBlocker

from engine.audio.interventions import INTERVENTIONS
from engine.checks import InputError
from engine.explain.dissect import Outcome
from engine.explain.dissect_sweep import SWEEPS
from engine.listening.dissect_answer import answered, of_search, of_sweep
from engine.sessions.values import Json, Result
from engine.training.dissect_files import Listed
from gui.dissect_page.bench import CAUSAL, Bench
from gui.dissect_page.files import listed, middle
from gui.dissect_page.values import Searched, Swept, Tried
from gui.session import Held, Kept, Later, with_earlier
from gui.views.bench_panel import FILTERS, TITLES

if TYPE_CHECKING:
    from gui.dissect_page.page import DissectPage

SOUND, TABLE, SEARCH = "sound", "table", "search"
OPTIONS = ("highpass", "lowpass", "gain", "tempo", "pitch", "noise")    # of the command, beside --do


class Keeping(QObject):
    """Tells a session what there is, and brings it back once the sound is open; experiments are run again."""

    def __init__(self, page: DissectPage) -> None:
        super().__init__(page)
        self._page, self._study = page, page.study
        self._held: Held | None = None              # waits for its sound
        self._earlier: tuple[Result, ...] = ()      # what was found then, until it is found again
        self._again: dict[str, Json] = {}           # experiments that are run again
        page.inquiry.file_opened.connect(lambda path: self._opened())

    def keep(self) -> Kept | None:
        """What the page holds; None while it is not yet what the session had."""
        s, page = self._study, self._page
        if self._held is not None:
            return None
        bench = {"settings": {name: dict(values) for name, values in s.bench.settings.items()},
                 "causal": s.bench.causal}
        work = {"bench": bench, "systems": list(s.systems), "kind": s.kind, "most_files": s.most_files,
                "whole": s.whole, "table": bool(s.outcomes) or "table" in self._again,
                "search": bool(s.searches) or "search" in self._again,
                "sweep": self._swept() or self._again.get("sweep")}
        sight = {"tab": page.tabs.currentIndex(), "side": page.side.currentIndex()}
        if s.now is None:
            return Kept(work, sight)
        path = s.now.folder or s.now.file.path
        return Kept(work, sight, {SOUND: path}, with_earlier(self._results(path), self._earlier, _name))

    def _swept(self) -> str | None:
        """Whether the sweep that is looked at was run, and on what."""
        found = self._study.sweeps.get(self._study.kind)
        return None if not found else "all" if len(found[0].sweep.outcomes[0].files) > 1 else "one"

    def _results(self, path: Path) -> list[Later[Result | None]]:
        s, found = self._study, list[Later[Result | None]]()
        files = s.tried or (s.now.files if s.now is not None else ())
        for tried in s.outcomes:
            found.append(Later(TABLE, (tried, files), partial(_tabled, tried, s.tried_bench, path, files, s.whole)))
        for searched in s.searches:
            found.append(Later(SEARCH, (searched, files), partial(_searched, searched, path, files, s.whole)))
        for kind, sweeps in s.sweeps.items():
            found += [Later(kind, (swept,), partial(_swept, swept, path)) for swept in sweeps if _done(swept)]
        return found

    # the way back

    def restore(self, held: Held) -> None:
        """Open what the session had, and go on from there."""
        s, work = self._study, held.work
        s.undo_stack.clear()
        if (bench := _bench(work.get("bench"))) is not None:
            s.set_bench(bench)
        if work.get("kind") in SWEEPS:
            s.choose_kind(work["kind"])
        if isinstance(most := work.get("most_files"), int) and most > 0:
            s.most_files = most
            with QSignalBlocker(self._page.most):
                self._page.most.setValue(most)
        if isinstance(whole := work.get("whole"), bool):
            s.whole = whole
            with QSignalBlocker(self._page.whole):
                self._page.whole.setChecked(whole)
        for tabs, name in ((self._page.tabs, "tab"), (self._page.side, "side")):
            if isinstance(tab := held.sight.get(name), int):
                tabs.setCurrentIndex(tab)
        self._held = held if held.files or held.lost else None
        if SOUND in held.files:
            self._page.inquiry.open(held.files[SOUND])

    def _opened(self) -> None:
        held, self._held, self._earlier, self._again, s = self._held, None, (), {}, self._study
        if held is None or s.now is None or (s.now.folder or s.now.file.path) != held.files.get(SOUND):
            return
        self._earlier, inquiry, work = held.results, self._page.inquiry, held.work
        systems = work.get("systems")
        if isinstance(systems, list) and (known := tuple(name for name in s.known if name in systems)):
            s.set_systems(s.known, known)
        self._again = {name: work[name] for name in ("table", "search", "sweep") if work.get(name)}
        if "table" in self._again and not s.bench.empty:
            inquiry.table()
        if "search" in self._again:
            inquiry.search()
        if "sweep" in self._again:
            inquiry.sweep(every=work["sweep"] == "all")
        if self._again:
            self._page.said.emit("Experiments are run again, as the session was left")


def _bench(said: Json) -> Bench | None:
    """The bench as it was; None where what is said of it is damaged."""
    if not isinstance(said, Mapping) or not isinstance(said.get("settings"), Mapping):
        return None
    settings = {}
    for name, values in said["settings"].items():
        known = {p.name for p in INTERVENTIONS[name].parameters} if name in TITLES else set()
        if name in TITLES and isinstance(values, Mapping) and values.keys() <= known and all(
                isinstance(value, (int, float)) for value in values.values()):
            settings[name] = {key: float(value) for key, value in values.items()}
    bench = Bench(settings, bool(said.get("causal")))
    try:
        bench.treatments()
    except (InputError, TypeError):
        return None
    return bench


def _name(result: Result) -> str:
    """Which experiment answered."""
    arguments = result.arguments
    return SEARCH if arguments.get("search") else str(arguments.get("sweep") or TABLE)


def _tabled(tried: Tried, bench: Bench, path: Path, files: tuple[Listed, ...], whole: bool) -> Result | None:
    """As the command `dissect` answers; None where that would take other files, or know them by other classes."""
    do = [_option(name, bench) for name in TITLES if name in bench.settings]
    return _result(path, files, whole, tried.outcome, {}, do=do, causal=bench.causal)


def _searched(searched: Searched, path: Path, files: tuple[Listed, ...], whole: bool) -> Result | None:
    found = searched.search
    return _result(path, files, whole, (found.best or found.tried[0]).outcome, of_search(found), search=True)


def _done(swept: Swept) -> bool:
    """Whether all values are tried: what can be heard is looked at last."""
    return bool(swept.sweep.outcomes[swept.sweep.worst].audible)


def _swept(swept: Swept, path: Path) -> Result | None:
    found, files = swept.sweep, swept.files
    return _result(path if len(files) > 1 else files[0].path, files, swept.whole, found.outcomes[found.worst],
                   of_sweep(found), sweep=found.kind, causal=swept.causal)


def _result(path: Path, files: tuple[Listed, ...], whole: bool, outcome: Outcome, more: Mapping[str, Json],
            **options: Any) -> Result | None:
    fresh = _partitions(path, files)
    if fresh is None:
        return None
    arguments = {"path": path, "model": outcome.system, **dict.fromkeys(OPTIONS), "causal": False,
                 "do": [], "sweep": None, "search": False, "experiment": False, "tree": False,
                 "split": "all" if path.is_dir() else None, "limit": len(files) if path.is_dir() else None,
                 "fresh": fresh or None, "middle": middle(whole=whole), **options}
    made = datetime.datetime.now().astimezone().isoformat(timespec="seconds")
    return Result("dissect", arguments, {"model": outcome.system, **answered(outcome), **more}, (), made)


def _partitions(path: Path, files: tuple[Listed, ...]) -> list[str] | None:
    """Partitions whose test parts were taken first when the files were chosen; None where no choice gives these."""
    there, wanted = sorted({name for one in files for name in one.parts}), [(one.path, one.label) for one in files]
    for count in range(len(there) + 1):
        for some in combinations(there, count):
            if [(one.path, one.label) for one in listed(path, len(files), some)] == wanted:
                return list(some)
    return None


def _option(name: str, bench: Bench) -> str:
    """An intervention as the option --do has it."""
    values = ",".join(f"{key}={value!r}" for key, value in bench.settings[name].items())
    known = name + CAUSAL if bench.causal and name in FILTERS else name
    return f"{known}:{values}" if values else known
