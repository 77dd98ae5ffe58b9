"""`batch TASK DATA`: a question put to every file of a folder, on all cores or on a cluster, as one table.

TASK is a command with its options, in quotes where there are any: predict, "explain --fill mean", "attack --snr 20",
"dissect --highpass 20", fills. DATA is a folder of sounds (for fills one of NAME_vocals and NAME_instrumental pairs),
or a text file that names one sound a line. An interrupted run, asked for again, goes on where it was; a file that
cannot be used has a sentence in the column `error`.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shlex
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from engine import commands
from engine.audio.waveform import AudioFile
from engine.batch import Journal, Outcome, cluster, versions, write_table
from engine.batch import run as run_batch
from engine.batch.journal import Row
from engine.batch.table import checked
from engine.checks import InputError, choice, shown, within
from engine.commands.output import plain
from engine.job import Report, silent
from engine.listening import fills
from engine.models import catalogue
from engine.training.datasets import AUDIO_ENDINGS
from engine.training.style_data import PARTITIONS, PARTS, in_part, style_excerpts

TASKS = ("predict", "explain", "attack", "dissect", "fills")
OWN = ("--out", "--save", "--json", "--debug", "--split", "--limit", "--data", "--help", "-h")
JOURNAL = ".journal.jsonl"
MOST_SHOWN = 5      # errors


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options."""
    parser.add_argument("task", metavar="TASK", help=f"{', '.join(TASKS)}; with options in quotes")
    parser.add_argument("data", metavar="DATA", help="folder, or text file with a name a line")
    parser.add_argument("--out", default="batch.csv", metavar="TABLE", type=Path,
                        help="table to write, .csv or .parquet (default: batch.csv); the journal lies beside it")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--workers", type=int, metavar="N", help="processes on this machine (default: one a core)")
    where.add_argument("--scheduler", metavar="ADDRESS", help="dask cluster to use, such as tcp://host:8786: its "
                                                              "workers must have this version, and see the files "
                                                              "under the same names")
    parser.add_argument("--every", type=float, default=10.0, metavar="S",
                        help="explain: one excerpt every S seconds of a file (default: 10)")
    parser.add_argument("--split", choices=PARTS, help="of a folder with tracks.csv: this part only")
    parser.add_argument("--partition", default="artist", choices=PARTITIONS, help="that --split is of (default: "
                                                                                  "artist)")


def run(args: argparse.Namespace, report: Report) -> dict[str, Any]:
    """Ask, and write the table."""
    name, options = _task(args.task)
    within(args.every, 0.05, 86400, "--every")
    table, root = checked(args.out), Path(args.data)
    items = _items(name, root, args.split, args.partition)
    folder = root.absolute() if root.is_dir() else Path.cwd()
    journal = Journal(table.with_name(table.stem + JOURNAL), _facts(name, options, args.every))
    outcome = Outcome(known=len(items))
    if not all(map(journal.is_done, items)):
        with cluster(workers=args.workers, scheduler=args.scheduler) as client:
            asking = partial(ask, name, options, str(folder), args.every)
            outcome = run_batch(items, asking, journal, client, report=report)
    rows = write_table(table, journal, items)
    errors = [{"item": answer.item, "error": answer.error} for answer in journal.answers(items) if answer.error]
    return {**asdict(outcome), "items": len(items), "rows": rows, "table": str(table), "journal": str(journal.path),
            "errors": errors[:MOST_SHOWN]}


def show(result: dict[str, Any]) -> str:
    """For people."""
    pace = result["seconds"] / result["asked"] if result["asked"] else 0.0
    lines = [f"{result['rows']} rows of {result['items']} items in {result['table']}: {result['known']} were known, "
             f"{result['asked']} asked by {result['workers']} workers in {result['seconds']:.1f} s "
             f"({pace:.2f} s each), {result['failed']} failed"]
    return "\n".join([*lines, *(f"  {error['item']}: {error['error']}" for error in result["errors"])])


def _task(text: str) -> tuple[str, list[str]]:
    """The command and its options, which are known to be possible.

    Raises
    ------
    InputError
        When they are not.
    """
    try:
        name, *options = shlex.split(text) or [""]
    except ValueError as error:
        raise InputError(f"batch: expected a command with its options, got {text!r:.80} ({error})") from None
    choice(name, TASKS, "batch")
    if refused := next((option for option in options if option.split("=")[0] in OWN), None):
        raise InputError(f"batch: expected options of {name} that are about one file, got {refused}; leave it out")
    _parsed(name, options, "sound.wav")
    return name, options


def _parsed(name: str, options: list[str], *files: str) -> argparse.Namespace:
    start = ["--start", "0"] if name == "explain" and "--start" not in options else []
    return commands.parser_of(name).parse_args([*files, *start, *options])


def _items(name: str, data: Path, split: str | None, partition: str) -> list[str]:
    """Names of what is asked about, relative to a folder, or as a list has them.

    Raises
    ------
    InputError
        When there is nothing.
    """
    if name == "fills":
        return [vocal.name for vocal, _ in fills.pairs_in(data)]
    if data.is_dir() and split is not None:
        return [str(e.audio.relative_to(data)) for e in in_part(style_excerpts(data), partition, split)]
    if data.is_dir():
        found = sorted(_sounds(data))
    elif split is not None:
        raise InputError(f"--split: expected a folder with tracks.csv, got {shown(data)}; leave it out")
    else:
        found = _listed(data)
    if not found:
        raise InputError(f"{shown(data)}: expected sounds ({', '.join(AUDIO_ENDINGS)}), found none")
    return list(dict.fromkeys(found))


def _sounds(folder: Path) -> Iterator[str]:
    for where, _, names in os.walk(folder):
        for name in names:
            if name.lower().endswith(AUDIO_ENDINGS) and not name.startswith("."):
                yield os.path.relpath(os.path.join(where, name), folder)


def _listed(path: Path) -> list[str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{shown(path)}: expected a folder, or a text file with the name of a sound a line "
                         f"({type(error).__name__})") from None
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def _facts(name: str, options: list[str], every: float) -> dict[str, Any]:
    """What the answers depend on, beside the files: results of other facts are another table."""
    model = _parsed(name, options, "sound.wav").model
    card = catalogue.opened(model).card
    return {"task": shlex.join([name, *options]), **({"every": every} if name == "explain" else {}), "model": model,
            "weights": card.get("sha256") or hashlib.sha256(str(sorted(card.items())).encode()).hexdigest(),
            **versions()}


def ask(name: str, options: list[str], folder: str, every: float, item: str) -> list[Row]:
    """Rows of one item: runs on a worker."""
    path = os.path.join(folder, item)
    if name == "fills":
        pair = next(pair for pair in fills.pairs_in(folder) if pair[0].name == item)
        return _of_fills(_answer(name, options, str(pair[0]), str(pair[1])))
    if name == "explain" and "--start" not in options:
        return [_of_explain(_answer(name, [*options, "--start", f"{start:.3f}"], path))
                for start in _starts(path, every, _parsed(name, options, path).model)]
    return [SHORT.get(name, flat)(_answer(name, options, path))]


def _answer(name: str, options: list[str], *files: str) -> dict[str, Any]:
    answer: dict[str, Any] = plain(commands.command(name).run(_parsed(name, options, *files), silent))
    return answer


def _starts(path: str, every: float, model: str) -> list[float]:
    """Where excerpts begin, in seconds: the last one ends with the file; a short file has one."""
    last = AudioFile(path).seconds - catalogue.opened(model).window_seconds
    return [i * every for i in range(int(max(0.0, last) / every) + 1)]


def flat(value: dict[str, Any], before: str = "") -> Row:
    """Numbers and words by their names, those of inner objects with dots; lists have no place in a table."""
    row: Row = {}
    for key, item in value.items():
        if isinstance(item, dict):
            row |= flat(item, f"{before}{key}.")
        elif not isinstance(item, list):
            row[before + key] = item
    return row


def _of_predict(answer: dict[str, Any]) -> Row:
    time = dict.fromkeys(answer["labels"], 0.0)
    for segment in answer["segments"]:
        time[segment["label"]] += segment["end"] - segment["start"]
    return {"model": answer["model"], "label": answer["label"], "length": answer["seconds"],
            **{f"probability.{label}": p for label, p in zip(answer["labels"], answer["probability"], strict=True)},
            **{f"time.{label}": round(seconds, 3) for label, seconds in time.items()}}


def _of_explain(answer: dict[str, Any]) -> Row:
    segments = {segment["index"]: segment for segment in answer["segments"]}
    top = [segments[index] for index in answer["top"]]
    return flat(answer) | {f"top{place}.{name}": segment[name] for place, segment in enumerate(top, 1)
                           for name in ("index", "start", "end", "fmin", "fmax", "weight")}


def _of_dissect(answer: dict[str, Any]) -> Row:
    return {**flat(answer), **flat(answer["files"][0])}


def _of_fills(answer: dict[str, Any]) -> list[Row]:
    return [{**flat(answer), **flat(row)} for row in answer["fills"]]


SHORT: dict[str, Callable[[dict[str, Any]], Row]] = {"predict": _of_predict, "explain": _of_explain,
                                                     "dissect": _of_dissect}
