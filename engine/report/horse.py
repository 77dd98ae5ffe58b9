"""A planted horse on disk: horse.csv with a row a method, horse.json and report.html."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from engine.disk import write_whole
from engine.report.files import csv_bytes, encoded, folder_made, json_bytes
from engine.report.web import document, header, table

COLUMNS = ("method", "rank", "spread", "ranks", "seconds", "why")


def write_horse(folder: Path, result: dict[str, Any]) -> None:
    """Write all three files.

    Parameters
    ----------
    folder
        It is made if need be.
    result
        As `engine.training.horse` gives it.

    Raises
    ------
    InputError
        When the folder cannot be written.
    """
    with folder_made(folder):
        write_whole(folder / "horse.csv", horse_csv(result))
        write_whole(folder / "horse.json", json_bytes(result))
        write_whole(folder / "report.html", encoded(document(f"Planted horse: {result['plant']}", _page(result))))


def horse_csv(result: dict[str, Any]) -> bytes:
    """A row a method; no rank where its input cannot contain the plant."""
    rows = []
    for one in result["methods"]:
        ranks = " ".join("none" if rank is None else f"{rank:g}" for rank in one["ranks"])
        shown = {**one, "ranks": ranks}
        rows.append((result["plant"], *(shown[key] for key in COLUMNS), len(result["causes"]), result["seeds"]))
    return csv_bytes(("plant", *COLUMNS, "causes", "seeds"), rows)


def sentence(result: dict[str, Any]) -> str:
    """What was planted, and whether systems go by it."""
    heard = "audible" if result["audible"] else "inaudible"
    if not result["learnt"]:
        return f"{result['words']}, {heard}: no system goes by it, so there is nothing to find"
    falls = " and ".join(f"from {one['recall_before']:.2f} to {one['recall_after']:.2f} ({name})"
                         for name, one in result["systems"].items())
    return f"{result['words']}, {heard}: once it is taken out of the test recordings, mean recall goes {falls}"


def _page(result: dict[str, Any]) -> Iterable[str]:
    yield from header(f"Planted horse: {result['plant']}", [sentence(result)])
    causes, seeds = len(result["causes"]), result["seeds"]
    yield from table(f"Place of the true cause among {causes}, over {seeds} seed{'s' if seeds > 1 else ''}",
                     ("method", "rank", "spread", "seconds", "why"),
                     ([one["method"], *(("none", "") if one["rank"] is None else
                                        (f"{one['rank']:g}", f"± {one['spread']:.1f}" if seeds > 1 else "")),
                       f"{one['seconds']:.1f}", one["why"]] for one in result["methods"]))
    yield from table("Systems", ("system", "mean recall", "without the plant"),
                     ([name, f"{one['recall_before']:.2f}", f"{one['recall_after']:.2f}"]
                      for name, one in result["systems"].items()))
    yield from table("Causes that are told apart", ("cause",), ([cause] for cause in result["causes"]))
