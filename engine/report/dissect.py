"""An experiment on disk: dissect.csv with a row a file, dissect.json, dissect.png and report.html."""

from __future__ import annotations

import io
import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from engine.audio.interventions import Treatment
from engine.audio.waveform import Waveform
from engine.disk import write_whole
from engine.explain.dissect import TOO_FEW, Outcome, Recording, treated
from engine.report.clips import data_address
from engine.report.facts import printable
from engine.report.files import csv_bytes, encoded, folder_made, json_bytes
from engine.report.web import Player, document, header, listen, table, text

COLUMNS = ("file", "label", "before", "after", "audible", "margin_db")
LONGEST_NAME = 40          # signs
PLAYED, PLAYED_OF_CLASS = 12, 2   # files that can be listened to in a page
PLAYED_SECONDS = 12.0
LEAST_LOGARITHMIC = 10.0   # ratio of a sweep's ends from which its axis is logarithmic
COLOURS = ("#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#777777", "#ee7733")


@dataclass(frozen=True)
class Pair:
    """A file that can be listened to: its name, what was decided, and its sound before and after."""

    file: str
    says: str
    before: Waveform
    after: Waveform


def before_and_after(outcome: Outcome, recordings: Sequence[Recording], treatment: Treatment) -> list[Pair]:
    """Some files of an experiment as they can be put into a page: those first whose decision turned.

    Of each the middle, at most 12 s; two files of each class, and not more than a dozen in all.
    """
    order = sorted(range(len(recordings)), key=lambda i: (not outcome.files[i].flipped, i))
    many: Counter[str | None] = Counter()
    pairs: list[Pair] = []
    for i in order:
        one = outcome.files[i]
        many[one.label] += 1
        if many[one.label] > PLAYED_OF_CLASS or len(pairs) == PLAYED:
            continue
        sound = recordings[i].load()
        changed = treated(treatment, sound, one.file)
        pairs.append(Pair(one.file, f"{one.before} before, {one.after} after", _middle(sound), _middle(changed)))
    return pairs


def _middle(sound: Waveform) -> Waveform:
    start = max(0.0, (sound.seconds - PLAYED_SECONDS) / 2)
    return sound.cut(start, start + PLAYED_SECONDS)


def write_dissect(folder: Path, result: dict[str, Any], pairs: Sequence[Pair] = ()) -> None:
    """Write all four files.

    Parameters
    ----------
    folder
        It is made if need be.
    result
        As `engine.listening.dissect_answer` gives it, with `model`.
    pairs
        What can be listened to in the page.

    Raises
    ------
    InputError
        When the folder cannot be written.
    """
    picture = picture_png(result)
    with folder_made(folder):
        write_whole(folder / "dissect.csv", table_csv(result))
        write_whole(folder / "dissect.json", json_bytes(result))
        write_whole(folder / "dissect.png", picture)
        page = document(f"{result['model']}, dissected", _page(result, picture, pairs))
        write_whole(folder / "report.html", encoded(page))


def write_table(folder: Path, result: dict[str, Any]) -> None:
    """Write experiment.csv, a row for each system, what it learnt from and what it was tested on, and experiment.json.

    Raises
    ------
    InputError
        When the folder cannot be written.
    """
    columns = ("system", "partition", "train", "test", "mean_recall", "n_excerpts")
    rows = csv_bytes((*columns, "low", "high"), (
        (*(one[key] for key in columns), *(one["mean_recall_interval"] or ("", ""))) for one in result["cells"]))
    with folder_made(folder):
        write_whole(folder / "experiment.csv", rows)
        write_whole(folder / "experiment.json", json_bytes(result))


def table_csv(result: dict[str, Any]) -> bytes:
    """A row a file; of a sweep also the label at each value."""
    swept = result.get("sweep", {"values": [], "curves": [{"decided": []}] * len(result["files"]), "unit": ""})
    return csv_bytes((*COLUMNS, *(f"{value:g} {swept['unit']}".strip() for value in swept["values"])), (
        (one["file"], one["label"], one["before"], one["after"], *(one["audible"][key] for key in COLUMNS[4:]),
         *curve["decided"])
        for one, curve in zip(result["files"], swept["curves"], strict=True)))


def picture_png(result: dict[str, Any]) -> bytes:
    """Curves of a sweep, else the confusion matrices before and after, else how sure the model is of each label."""
    result = {**result, "labels": [_short(label) for label in result["labels"]], "model": _short(result["model"])}
    with matplotlib.rc_context({"font.size": 9, "text.parse_math": False}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # labels in scripts that the font lacks
        figure = Figure(figsize=(11, 4.6), layout="constrained")
        if "sweep" in result:
            _curves(figure, result)
        elif result["figures_before"]:
            for place, when in ((1, "before"), (2, "after")):
                _matrix(figure.add_subplot(1, 2, place), result, when)
        else:
            _bars(figure.add_subplot(), result)
        figure.suptitle(result["model"])
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=100)
    return buffer.getvalue()


def _short(name: str) -> str:
    """As much of a name as there is room for, and nothing that a font cannot draw."""
    return printable(name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…")


def _curves(figure: Figure, result: dict[str, Any]) -> None:
    swept = result["sweep"]
    values, panels = np.array(swept["values"]), 2 if result["figures_before"] and result["n"] > 1 else 1
    mean = np.array(swept["mean_probability"])
    axes = figure.add_subplot(1, panels, 1)
    for i, label in enumerate(result["labels"]):
        axes.plot(values, mean[:, i], label=label, color=COLOURS[i % len(COLOURS)])
    axes.set(ylim=(0, 1.02), ylabel="mean probability")
    axes.legend(fontsize=8)
    if panels == 2:
        recall = figure.add_subplot(1, 2, 2)
        recall.plot(values, swept["recall"], color=COLOURS[0], marker="o", markersize=3)
        known = None not in swept["interval"]
        if known:
            recall.fill_between(values, *np.array(swept["interval"]).T, color=COLOURS[0], alpha=0.2, linewidth=0)
        else:
            recall.set_title(TOO_FEW, fontsize=8)
        recall.axhline(result["recall_before"], color="#777777", linestyle="--", linewidth=1)
        recall.set(ylim=(0, 1.02), ylabel=f"mean recall{', 95 % over tracks' if known else ''} (dashed: untouched)")
    for one in figure.axes:
        one.set_xlabel(_short(f"{swept['kind']} {swept['unit']}".strip()))
        if values.min() > 0 and values.max() / values.min() >= LEAST_LOGARITHMIC:
            one.set_xscale("log")
            one.xaxis.set_major_formatter(FuncFormatter(lambda hz, _: f"{hz:,.0f}"))


def _matrix(axes: Axes, result: dict[str, Any], when: str) -> None:
    found = result[f"figures_{when}"]
    counts = np.array(found["confusion"])
    axes.imshow(counts / counts.sum(1, keepdims=True).clip(1), vmin=0, vmax=1, cmap="Blues")
    for (row, column), count in np.ndenumerate(counts):
        share = count / max(1, counts[row].sum())
        axes.text(column, row, str(count), ha="center", va="center", color="white" if share > 0.5 else "#1c2128")
    places = range(len(result["labels"]))
    axes.set_xticks(places, result["labels"], rotation=30, ha="right")
    axes.set_yticks(places, result["labels"])
    interval = found["mean_recall_interval"]
    between = "–, few tracks" if interval is None else f"{interval[0]:.2f} to {interval[1]:.2f}"
    axes.set_title(f"{when}: mean recall {found['mean_recall']:.2f} ({between})")


def _bars(axes: Axes, result: dict[str, Any]) -> None:
    places = np.arange(len(result["labels"]))
    for shift, when, colour in ((-0.2, "before", COLOURS[0]), (0.2, "after", COLOURS[1])):
        mean = np.mean([one[f"probability_{when}"] for one in result["files"]], axis=0)
        axes.bar(places + shift, mean, 0.4, label=when, color=colour)
    axes.set_xticks(places, result["labels"])
    axes.set(ylim=(0, 1.02), ylabel="mean probability")
    axes.legend()


def _page(result: dict[str, Any], picture: bytes, pairs: Sequence[Pair]) -> Iterable[str]:
    yield from header(f"{result['model']}, dissected", [result["sentence"]])
    yield f'<figure><img alt="{text(result["sentence"])}" src="{data_address(picture, "image/png")}"></figure>'
    if pairs:
        yield from listen([player for i, one in enumerate(pairs) for player in (
            Player(f"before-{i}", f"{one.file}, before", one.says, one.before),
            Player(f"after-{i}", f"{one.file}, after", result["treatment"], one.after))])
    yield from table("Files", ("file", "label", "before", "after", "what can be heard"),
                     ([one["file"], one["label"] or "", one["before"], one["after"], one["audible"]["words"]]
                      for one in result["files"]))
    for when in ("before", "after"):
        yield from _confusions(result[f"figures_{when}"], when)
    if "tree" in result:
        yield from table("What the tree asks for", ("importance", "band"),
                         ([f"{node['importance']:.3f}", node["name"]] for node in result["tree"]["nodes"]
                          if node["name"]))


def _confusions(found: dict[str, Any] | None, when: str) -> Iterable[str]:
    """The matrix in words, and the interval over tracks."""
    if found is None:
        return
    interval, recalls = found["mean_recall_interval"], found["recall"]
    between = f"–; {TOO_FEW}" if interval is None else f"{interval[0]:.2f} to {interval[1]:.2f}"
    yield from table(f"What is taken for what, {when}: mean recall {found['mean_recall']:.2f} (95 % interval over "
                     f"tracks {between})", ("class", *found["labels"], "recall"),
                     ([label, *row, "" if recalls[label] is None else f"{recalls[label]:.2f}"]
                      for label, row in zip(found["labels"], found["confusion"], strict=True)))
