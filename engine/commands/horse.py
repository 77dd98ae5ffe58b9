"""`horse --plant NAME`: train systems on made-up music with a known confound, and see which method finds it.

Needs no data. The rank is the place of the true cause in a fixed list of all confounds and decoys: 1 is found; none
means that the method's input cannot contain it.
"""

from __future__ import annotations

import argparse
from typing import Any

from engine.checks import within
from engine.commands.output import output_folder
from engine.job import Report
from engine.report.horse import write_horse
from engine.training.horse import horse
from engine.training.horse_sounds import PLANTS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options."""
    parser.add_argument("--plant", default="infrasonic", choices=PLANTS, help="the confound (default: infrasonic)")
    parser.add_argument("--full", action="store_true", help="also SoundLIME, occlusion and an adversary")
    parser.add_argument("--seeds", type=int, default=1, metavar="N", help="how often, with other music (default: 1)")
    parser.add_argument("--out", type=output_folder, metavar="DIR", help="write horse.csv, horse.json and report.html "
                                                                         "here")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="the first of them")


def run(args: argparse.Namespace, report: Report) -> dict[str, Any]:
    """Recall with and without the plant, and where each method ranks it."""
    within(args.seed, 0, 2**31 - 1, "--seed")
    result = horse(args.plant, full=args.full, seeds=args.seeds, first_seed=args.seed, report=report)
    if args.out is not None:
        write_horse(args.out, result)
    return result


def show(result: dict[str, Any]) -> str:
    """A table for people."""
    heard = "audible" if result["audible"] else "inaudible"
    lines = [f"{result['plant']}: {result['words']}, {heard}, in one of two classes"]
    lines += [f"{name}: mean recall {one['recall_before']:.2f}, {one['recall_after']:.2f} once it is gone from the test"
              for name, one in result["systems"].items()]
    if not result["learnt"]:
        lines.append("no system goes by it, so there is nothing to find")
    return "\n".join([*lines, *(_place(one, len(result["causes"]), result["seeds"]) for one in result["methods"])])


def _place(one: dict[str, Any], causes: int, seeds: int) -> str:
    why = f" ({one['why']})" if one["why"] else ""
    if one["rank"] is None:
        return f"{one['method']:10s} no rank{why}"
    spread = f" ± {one['spread']:.1f}" if seeds > 1 else ""
    return f"{one['method']:10s} rank {one['rank']:g}{spread} of {causes}, {one['seconds']:.1f} s{why}"
