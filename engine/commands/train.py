"""`train MODEL --data DIR`: train a model again, resuming where an interrupted training stopped."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import platformdirs

from engine.checks import within
from engine.commands.output import output_folder
from engine.job import Report
from engine.training.ship_svd import train_and_ship
from engine.training.train_svd import Config


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options."""
    parser.add_argument("model", choices=["svd"], help="what to train")
    parser.add_argument("--data", required=True, metavar="DIR", help="folder with audio/, labels/ and songs.csv")
    parser.add_argument("--out", type=output_folder, default="otoscope-output", metavar="DIR",
                        help="folder for weights and card (default: otoscope-output)")
    parser.add_argument("--work", type=output_folder, metavar="DIR",
                        help="folder of checkpoints (default: the user's cache)")
    parser.add_argument("--minutes", type=float, default=120.0, metavar="M", help="length of the schedule")
    parser.add_argument("--steps", type=int, default=Config.steps, metavar="N", help="most steps")
    parser.add_argument("--seed", type=int, default=0, metavar="N")


def run(args: argparse.Namespace, report: Report) -> dict[str, Any]:
    """The model card of what was trained."""
    within(args.minutes, 0.01, 10_000, "--minutes")
    within(args.steps, 1, 10_000_000, "--steps")
    work = args.work or Path(platformdirs.user_cache_dir("otoscope")) / "training" / f"svd-{args.seed}"
    config = Config(data=args.data, work=str(work), seed=args.seed, steps=args.steps, minutes=args.minutes)
    command = (f"python main.py train svd --data DIR --seed {args.seed} --minutes {args.minutes:g} "
               f"--steps {args.steps}")
    return train_and_ship(config, args.out, command, report)


def show(result: dict[str, Any]) -> str:
    """The figures."""
    test = result.get("test")
    words = f", test error {test['error']:.4f}" if test else ""
    return f"validation error {result['valid']['error']:.4f} at step {result['best_step']}{words}"
