"""Which fill finds the segments that are known to matter: voices are planted, explanations must find them.

Give a vocal and an instrumental stem of one song, or --data with a folder of NAME_vocals.* and NAME_instrumental.*
pairs; with neither, the bundled example is used (a synthesised voice).
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from engine.checks import InputError, within
from engine.commands.output import output_folder
from engine.explain.fill_experiment import PLANTED, PUBLISHED_ALL_THREE, PUBLISHED_MEAN_HITS
from engine.explain.fills import FILLS
from engine.job import Report
from engine.listening import fills
from engine.models import catalogue

PICTURE, TABLE = "fills.png", "fills.json"
OURS, PUBLISHED, GUESSED = "#0072b2", "#d55e00", "#777777"  # told apart by all eyes, and by their shapes


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Stems or a folder of stems; which fills; where pictures go."""
    parser.add_argument("vocal", nargs="?", metavar="VOCAL", help="the voice alone")
    parser.add_argument("instrumental", nargs="?", metavar="INSTRUMENTAL", help="the rest of the same song")
    parser.add_argument("--data", metavar="DIR", help="folder of NAME_vocals.* and NAME_instrumental.* pairs")
    parser.add_argument("--model", default="svd", help="name of the model (default: svd)")
    parser.add_argument("--fills", default=",".join(FILLS), help="names with commas between (default: all)")
    parser.add_argument("--excerpts", type=int, default=fills.MOST_EXCERPTS, metavar="N",
                        help=f"excerpts to try in each song (default: {fills.MOST_EXCERPTS})")
    parser.add_argument("--seed", type=int, default=0, help="of the planted segments (default: 0)")
    parser.add_argument("--out", type=output_folder, metavar="DIR", help=f"write {PICTURE} and {TABLE} there")


def run(args: argparse.Namespace, report: Report) -> dict[str, object]:
    """Do the experiment."""
    if (args.vocal is None) != (args.instrumental is None):
        raise InputError("fills: expected a vocal and an instrumental stem, got one file; name the other too")
    if args.vocal is not None and args.data is not None:
        raise InputError("fills: expected two stems or --data, got both; leave one out")
    within(args.excerpts, 1, 10_000, "excerpts")
    within(args.seed, 0, 2**31 - 1, "seed")
    names = list(dict.fromkeys(name.strip() for name in args.fills.split(",") if name.strip()))
    if not names:
        raise InputError(f"fills: expected one or more of {', '.join(FILLS)}, got none")
    pairs = ([(Path(args.vocal), Path(args.instrumental))] if args.vocal is not None
             else fills.pairs_in(args.data if args.data is not None else fills.EXAMPLE))
    result = fills.run(pairs, catalogue.load(args.model), fills=names, most=args.excerpts, seed=args.seed,
                       report=report)
    if args.out is not None:
        args.out.mkdir(parents=True, exist_ok=True)
        draw(result, args.out / PICTURE)
        (args.out / TABLE).write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return result


def show(result: dict[str, Any]) -> str:
    """The table for people."""
    lines = [f"{'fill':<12}{'mean hits':>10}{'95 % interval':>18}{'all three':>12}{'published':>20}"]
    for row in sorted(result["fills"], key=lambda row: -row["mean_hits"]):
        name = row["fill"]
        published = (f"{PUBLISHED_MEAN_HITS[name]:.2f} {PUBLISHED_ALL_THREE[name]:>8.1%}"
                     if name in PUBLISHED_MEAN_HITS else "")
        interval = f"{row['low']:.2f} to {row['high']:.2f}"
        lines.append(f"{name:<12}{row['mean_hits']:>10.2f}{interval:>18}{row['all_three']:>12.1%}{published:>20}")
    chance = result["chance"]
    lines.append(f"{'chance':<12}{chance['mean_hits']:>10.2f}{'':>18}{chance['all_three']:>12.1%}")
    kept = sum(song["n"] for song in result["songs"])
    return "\n".join([*lines, "", f"{kept} of {result['tried']} excerpts were called singing. Recommended: "
                      f"{result['recommended']}.", f"{result['verdict'][:1].upper()}{result['verdict'][1:]}."])


def draw(result: dict[str, Any], path: Path) -> None:
    """Bars with intervals; published values and chance as marks."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows = sorted(result["fills"], key=lambda row: -row["mean_hits"])
    figure = Figure(figsize=(7.5, 4.2), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    heights = [row["mean_hits"] for row in rows]
    reach = [[row["mean_hits"] - row["low"] for row in rows], [row["high"] - row["mean_hits"] for row in rows]]
    axes.bar(range(len(rows)), heights, 0.6, yerr=[[max(0.0, r) for r in side] for side in reach], capsize=4,
             color=OURS, label=f"here, with 95 % interval (n = {rows[0]['n']})")
    published = [(i, PUBLISHED_MEAN_HITS[row["fill"]]) for i, row in enumerate(rows)
                 if row["fill"] in PUBLISHED_MEAN_HITS]
    if published:
        axes.plot(*zip(*published, strict=True), "D", color=PUBLISHED, markeredgecolor="white",
                  label="published (Mishra et al., IJCNN 2020; n = 656)")
    axes.axhline(result["chance"]["mean_hits"], color=GUESSED, linestyle="--", label="chance")
    axes.set_xticks(range(len(rows)), [row["fill"] for row in rows])
    axes.set_ylim(0, PLANTED)
    axes.set_ylabel(f"true segments in the top {PLANTED}, mean")
    axes.set_title(result["verdict"], fontsize=9, wrap=True)
    figure.legend(fontsize=8, loc="outside lower center", ncols=3)
    figure.savefig(path, dpi=150)
