"""Files that leave the page: the table, the sweep, the picture of what is seen, numbers, reports."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.audio.change import LevelOfChange
from engine.audio.interventions import Treatment
from engine.checks import InputError
from engine.disk import write_chosen
from engine.explain.dissect import Recording
from engine.job import Progress, Report
from engine.listening.dissect_answer import answered, of_search, of_sweep, of_tree
from engine.report.dissect import before_and_after, write_dissect
from engine.report.files import csv_bytes, json_bytes
from gui.dissect_page.study import Study
from gui.dissect_page.values import Tried
from gui.views.actions import Export
from gui.views.written_picture import write_picture

if TYPE_CHECKING:
    from gui.dissect_page.page import DissectPage


def exports(page: DissectPage) -> list[Export]:
    """Text, name of the file, filter ("" where a folder is chosen), and how it is written."""
    study, table = page.study, "CSV (*.csv)"
    return [
        ("Files before and after (CSV) …", "files.csv", table, lambda path: write_chosen(path, files_csv(study))),
        ("Sweep (CSV) …", "sweep.csv", table, lambda path: write_chosen(path, sweep_csv(study))),
        ("Picture of what is seen (PNG) …", "dissect.png", "PNG (*.png)", partial(write_picture, page.seen)),
        ("Everything that was found (JSON) …", "dissect.json", "JSON (*.json)",
         page.inquiry.write_json),
        ("Report of each system …", "the reports", "", page.inquiry.write_report),
    ]


def report_to(folder: Path, several: Sequence[Tried], recordings: Sequence[Recording], treatment: Treatment,
              report: Report) -> Path:
    """A folder for each system with its table, picture, numbers, and page with sounds before and after."""
    for done, tried in enumerate(several):
        outcome = tried.outcome
        report(Progress(done, len(several), f"writing {outcome.system}"))
        write_dissect(folder / outcome.system, {"model": outcome.system, **answered(outcome)},
                      before_and_after(outcome, recordings, treatment))
    return folder


def files_csv(study: Study) -> bytes:
    """A row for each file and system.

    Raises
    ------
    InputError
        When nothing was tried yet.
    """
    if not study.outcomes:
        raise InputError("export: expected a table of files, there is none yet; try the bench on all files first")
    return csv_bytes(("file", "class", "system", "treatment", "before", "after", "audible", "margin_db"), (
        (one.file, one.label or "", outcome.system, outcome.treatment, one.before, one.after, *_heard(level))
        for outcome in (tried.outcome for tried in study.outcomes)
        for one, level in zip(outcome.files, outcome.audible, strict=True)))


def _heard(level: LevelOfChange) -> tuple[object, object]:
    return ("", "") if level.margin_db is None else (level.audible, level.margin_db)


def sweep_csv(study: Study) -> bytes:
    """A row for each value, system and file: the decision, and the probability of each label.

    Raises
    ------
    InputError
        When the sweep that is looked at was not run yet.
    """
    sweeps = study.sweeps.get(study.kind)
    if not sweeps:
        raise InputError("export: expected a sweep, there is none yet; run one first")
    swept = f"{study.kind} {sweeps[0].sweep.unit}".strip()
    return csv_bytes(("system", "file", swept, "decided", "label", "probability"), (
        (one.system, file.file, value, file.after, label, p)
        for one in (found.sweep for found in sweeps)
        for value, outcome in zip(one.values, one.outcomes, strict=True)
        for file in outcome.files
        for label, p in zip(one.labels, file.p_after.tolist(), strict=True)))


def everything(study: Study) -> Callable[[], bytes]:
    """All that is known now as JSON: verdicts, table, sweeps, searches, trees; made on whatever thread calls it.

    Raises
    ------
    InputError
        When nothing is open.
    """
    if study.now is None:
        raise InputError("export: expected a file, there is none yet; open one first")
    after = dict(study.after)
    found: dict[str, Any] = {
        "file": study.now.file.name, "start": study.now.start, "bench": study.bench.settings,
        "causal": study.bench.causal,
        "systems": {name: {"labels": said.labels, "before": said.probabilities,
                           "after": after[name].probabilities if name in after else None}
                    for name, said in study.before.items()},
        "audible": {name or "all": {"audible": level.audible, "margin_db": level.margin_db, "words": level.words}
                    for name, level in study.levels.items()}}
    outcomes, sweeps = list(study.outcomes), [one.sweep for several in study.sweeps.values() for one in several]
    searches, trees = list(study.searches), dict(study.trees)
    return lambda: json_bytes({
        **found, "files": [{"model": one.outcome.system, **answered(one.outcome)} for one in outcomes],
        "sweeps": [{"model": one.system, **of_sweep(one)} for one in sweeps],
        "searches": [{"model": one.search.system, **of_search(one.search)} for one in searches],
        "trees": {name: of_tree(tree.nodes) for name, tree in trees.items()}})
