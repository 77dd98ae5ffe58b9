"""`train MODEL --data DIR`: train a model again, resuming where an interrupted training stopped."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path
from typing import Any

import platformdirs

from engine.audio.scattering_features import ScatteringFrontEnd
from engine.checks import InputError, choice, within
from engine.commands.output import output_folder
from engine.job import Report
from engine.training import (
    scattering_material,
    ship_folk,
    ship_gan,
    ship_scattering,
    ship_styles,
    style_data,
    styles_material,
    train_folk,
    train_gan,
    train_scattering,
    train_styles,
)
from engine.training.ship_svd import train_and_ship
from engine.training.train_svd import Config


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options."""
    parser.add_argument("model", choices=["svd", "styles", "scattering", "folk", "gan"], help="what to train")
    parser.add_argument("--data", required=True, nargs="+", metavar="DIR",
                        help="svd: folder with audio/, labels/ and songs.csv; styles, scattering: with CLASS/FILE.ogg "
                             "or audio/CLASS/FILE.ogg, perhaps tracks.csv; folk: folders with .abc files, or music21 "
                             "for the collections in it; gan: folders as for svd and for styles")
    parser.add_argument("--out", type=output_folder, default="otoscope-output", metavar="DIR",
                        help="folder for weights and card (default: otoscope-output)")
    parser.add_argument("--work", type=output_folder, metavar="DIR",
                        help="folder of checkpoints (default: the user's cache)")
    parser.add_argument("--minutes", type=float, default=120.0, metavar="M",
                        help="length of the schedule, of each network")
    parser.add_argument("--steps", type=int, metavar="N",
                        help="most steps, of folk most epochs (default: each network's own)")
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    parser.add_argument("--elsewhere", nargs="+", default=[], metavar="DIR",
                        help="folk: tunes of other collections for a second test")
    parser.add_argument("--config", default="default", choices=train_gan.CONFIGS,
                        help="gan: default is for two cores, paper for a GPU")
    parser.add_argument("--only", metavar="NAME,...", help="styles, scattering: which of the systems (default: all)")
    parser.add_argument("--length", type=int, default=2**14, metavar="N",
                        help="scattering: samples averaged over, a power of 2 (default: 16384)")


def run(args: argparse.Namespace, report: Report) -> dict[str, Any]:
    """The model card of what was trained; of `styles`, their cards and the app's choice."""
    within(args.minutes, 0.01, 10_000, "--minutes")
    steps = None if args.steps is None else round(within(args.steps, 1, 10_000_000, "--steps"))
    work = args.work or Path(platformdirs.user_cache_dir("otoscope")) / "training" / f"{args.model}-{args.seed}"
    train_one = {"svd": _svd, "styles": _styles, "scattering": _scattering, "folk": _folk, "gan": _gan}[args.model]
    return train_one(args, work, steps, report)


def _svd(args: argparse.Namespace, work: Path, steps: int | None, report: Report) -> dict[str, Any]:
    config = Config(data=_one_folder(args), work=str(work), seed=args.seed, steps=steps or Config.steps,
                    minutes=args.minutes)
    command = (f"python main.py train svd --data DIR --seed {args.seed} --minutes {args.minutes:g} "
               f"--steps {config.steps}")
    return train_and_ship(config, args.out, command, report)


def _styles(args: argparse.Namespace, work: Path, steps: int | None, report: Report) -> dict[str, Any]:
    systems = ship_styles.SYSTEMS
    names = [choice(name.strip(), systems, "--only") for name in args.only.split(",")] if args.only else list(systems)
    library = styles_material.read_library(_one_folder(args), report)
    cards = []
    for name in names:
        config = train_styles.Config(data=_one_folder(args), work=str(work / name), seed=args.seed,
                                     minutes=args.minutes, **systems[name])
        if steps:
            config = dataclasses.replace(config, steps=steps)
        command = (f"python main.py train styles --data DIR --only {name} --seed {args.seed} "
                   f"--minutes {args.minutes:g} --steps {config.steps}")
        cards.append(ship_styles.train_and_ship(name, config, library, args.out, command, report))
    return {"models": cards, "aliases": ship_styles.choose(args.out)}


def _scattering(args: argparse.Namespace, work: Path, steps: int | None, report: Report) -> dict[str, Any]:
    systems, data = ship_scattering.SYSTEMS, _one_folder(args)
    names = [choice(name.strip(), systems, "--only") for name in args.only.split(",")] if args.only else list(systems)
    front_end = ScatteringFrontEnd(length=args.length)
    library = scattering_material.scattered(style_data.style_excerpts(data), front_end, report=report)
    cards = []
    for name in names:
        of = systems[name]
        config = train_scattering.Config(data, kind=of["kind"], partition=of["partition"], seed=args.seed)
        command = f"python main.py train scattering --data DIR --only {name} --seed {args.seed} --length {args.length}"
        cards.append(ship_scattering.train_and_ship(name, config, library, args.out, command, report,
                                                    length=args.length))
    return {"models": cards, "aliases": {}}


def _folk(args: argparse.Namespace, work: Path, epochs: int | None, report: Report) -> dict[str, Any]:
    config = train_folk.Config(data=tuple(args.data), work=str(work), seed=args.seed, minutes=args.minutes)
    if epochs:
        config = dataclasses.replace(config, epochs=epochs)
    places = " ".join("music21" if place == "music21" else "DIR" for place in args.data)
    command = f"python main.py train folk --data {places} --seed {args.seed} --minutes {args.minutes:g}"
    command += " --elsewhere DIR" if args.elsewhere else ""
    return ship_folk.train_and_ship(config, args.out, command, report, elsewhere=args.elsewhere)


def _gan(args: argparse.Namespace, work: Path, steps: int | None, report: Report) -> dict[str, Any]:
    work = work if args.config == "default" else work.with_name(f"{work.name}-{args.config}")
    config = train_gan.Config(data=tuple(args.data), work=str(work), seed=args.seed, minutes=args.minutes,
                              **train_gan.CONFIGS[args.config])
    if steps:
        config = dataclasses.replace(config, steps=steps)
    command = f"python main.py train gan --data VOICE STYLES --seed {args.seed} --minutes {args.minutes:g}"
    command += "" if args.config == "default" else f" --config {args.config}"
    return ship_gan.train_and_ship(config, args.out, command, report)


def _one_folder(args: argparse.Namespace) -> str:
    if len(args.data) != 1:
        raise InputError(f"--data: expected one folder for {args.model}, got {len(args.data)}")
    folder: str = args.data[0]
    return folder


def show(result: dict[str, Any]) -> str:
    """The figures."""
    if "models" in result:
        lines = [f"{card['name']:24s} validation mean recall {card['valid']['mean_recall']:.3f}{_test_recall(card)}"
                 for card in result["models"]]
        return "\n".join([*lines, *(f"{alias} is {name}" for alias, name in result["aliases"].items())])
    if result.get("name") == "gan":
        return (f"Fréchet distance {result['fid']:.3f} after {result['steps']} steps; real music from real music "
                f"{result['floor']:.3f}")
    if result.get("name") == "folk":
        return "\n".join(f"{name:14s} {nats:.4f} nats per test token" for name, nats in result["test"].items())
    test = result.get("test")
    words = f", test error {test['error']:.4f}" if test else ""
    return f"validation error {result['valid']['error']:.4f} at step {result['best_step']}{words}"


def _test_recall(card: dict[str, Any]) -> str:
    if "test" not in card:
        return ""
    low, high = card["test"]["mean_recall_interval"]
    return f", test {card['test']['mean_recall']:.3f} ({low:.3f} to {high:.3f} over tracks)"
