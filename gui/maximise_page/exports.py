"""Files that leave the page: pictures, sounds, tables, the numbers, the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple
from functools import partial
from typing import TYPE_CHECKING, Any

from engine.checks import InputError
from engine.report.files import csv_bytes, json_bytes
from engine.report.maximise import ranking_bytes
from gui.maximise_page.study import Study
from gui.maximise_page.values import Shown
from gui.views.actions import Export
from gui.views.written_picture import write_picture

if TYPE_CHECKING:
    from gui.maximise_page.page import MaximisePage

COLUMNS = ("title", "seed", "activation", "activation_after_audio", "probability", "failed_at", "rank", "nearest",
           "nearest_title", "nearest_artist", "nearest_licence", "nearest_start", "nearest_distance", "nearest_usual",
           "is_copy")


def exports(page: MaximisePage) -> list[Export]:
    """Text, name of the file, filter ("" where a folder is chosen), and how it is written."""
    study, inquiry = page.study, page.inquiry
    csv_files = "CSV (*.csv)"
    return [
        ("Picture of what is seen (PNG) …", "maximise.png", "PNG (*.png)", partial(write_picture, page.seen)),
        ("Sounds of all examples (float WAV) …", "the sounds", "",
         lambda folder: inquiry.wavs_to(folder, [(f"{file_name(one)}.wav", one.example.sound)
                                                 for one in shown_of(study) if one.example.failed is None])),
        ("Examples (CSV) …", "examples.csv", csv_files, lambda path: inquiry.file_to(path, examples_csv(study))),
        ("Ranking of the settings (CSV) …", "ranking.csv", csv_files,
         lambda path: inquiry.file_to(path, ranking_csv(study))),
        ("Answer (JSON) …", "maximise.json", "JSON (*.json)", lambda path: inquiry.file_to(path, answer_json(study))),
        ("Report with everything …", "the report", "", inquiry.report_to),
    ]


def shown_of(study: Study) -> Sequence[Shown]:
    """The examples.

    Raises
    ------
    InputError
        When there are none.
    """
    if not study.shown:
        raise InputError("export: expected examples, there are none yet; maximise first")
    return study.shown


def file_name(one: Shown) -> str:
    """"best-seed-3" of "best · seed 3"."""
    return "-".join(word for word in one.title.split() if word != "·")


def _row(one: Shown) -> list[Any]:
    e = one.example
    known, near = e.as_json(), e.nearest
    return [one.title, e.seed, known["activation"], known["activation_after_audio"], known["probability"],
            e.failed, one.rank, *astuple(near.source), near.start, near.distance, near.usual, near.is_copy]


def examples_csv(study: Study) -> bytes:
    """One row per example."""
    return csv_bytes(COLUMNS, map(_row, shown_of(study)))


def ranking_csv(study: Study) -> bytes:
    """One row per setting that is shown, the most natural first.

    Raises
    ------
    InputError
        When there is none.
    """
    if not study.ranking:
        raise InputError("export: expected a ranking, there is none yet; search the grid first")
    return ranking_bytes(study.ranking)


def answer_json(study: Study) -> bytes:
    """The answer, with the ranking where there is one.

    Raises
    ------
    InputError
        When there is neither.
    """
    known: dict[str, Any] = study.answer.as_json() if study.answer is not None else {}
    if study.searched is not None:
        known |= study.searched.found.as_json(minimise=study.searched.search.grid.minimise)
    if not known:
        raise InputError("export: expected an answer, there is none yet; maximise first")
    return json_bytes(known)
