"""`maximise`: synthesise what a neuron of a model answers to most (or least), as pictures and as sound.

Settings that are not given are the best of the grid that was searched for the prior's card; --grid searches it for
this neuron, and goes on where it was interrupted. `layers MODEL` lists layers and neurons.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from engine.checks import within
from engine.commands.models import add_model, listener_of
from engine.commands.output import output_folder
from engine.explain.maximise_grid import SEEDS, Grid
from engine.explain.maximise_input import InputRegularisers
from engine.explain.maximise_steps import OPTIMISERS
from engine.job import Report
from engine.listening.maximise import Neuron, synthesise
from engine.listening.maximise_prior import PRIORS
from engine.listening.maximise_search import Search
from engine.listening.maximise_values import MaximiseAnswer, MaximiseQuestion
from engine.report.maximise import write_maximise, write_ranking

DEFAULTS = InputRegularisers()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options."""
    add_model(parser, "svd")
    parser.add_argument("--layer", metavar="LAYER", help="name of a layer (default: the output)")
    parser.add_argument("--neuron", type=int, default=0, metavar="I", help="number of a neuron of it (default: 0)")
    parser.add_argument("--minimise", action="store_true", help="what the neuron answers to least")
    parser.add_argument("--prior", default="gan", choices=PRIORS,
                        help="gan: excerpts that a generator of music can make; input: any excerpt (default: gan)")
    parser.add_argument("--optimiser", default="adam", choices=OPTIMISERS)
    parser.add_argument("--lr", type=float, metavar="X", help="learning rate (default: the grid's best)")
    parser.add_argument("--reg", type=float, metavar="X", help="weight of the latent's length (default: likewise)")
    parser.add_argument("--iterations", type=int, metavar="N", help="steps (default: likewise)")
    parser.add_argument("--seeds", type=int, metavar="N", help=f"examples (default: 8; {SEEDS} with --grid)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the first example")
    parser.add_argument("--grid", action="store_true", help="search lr, reg and iterations, ranked by Fréchet distance")
    parser.add_argument("--fid-layer", metavar="LAYER", help="layer that naturalness is measured on (default: the one "
                                                             "before the output)")
    parser.add_argument("--real", metavar="DIR", help="recordings to compare with (default: the bundled clips)")
    parser.add_argument("--tv", type=float, default=DEFAULTS.tv, metavar="X",
                        help=f"input: weight of the total variation (default: {DEFAULTS.tv:g})")
    parser.add_argument("--blur", type=float, default=DEFAULTS.blur, metavar="X",
                        help=f"input: blur now and then, in bins (default: {DEFAULTS.blur:g})")
    parser.add_argument("--jitter", type=int, default=DEFAULTS.jitter, metavar="N",
                        help=f"input: turn to and fro by at most so many frames (default: {DEFAULTS.jitter})")
    parser.add_argument("--work", type=output_folder, metavar="DIR",
                        help="folder that the grid is kept in (default: the user's cache)")
    parser.add_argument("--into-card", metavar="FILE", help="with --grid: write the ranking into the prior's card "
                                                            "gan.json, whose best setting is the default from then on")
    parser.add_argument("--out", type=output_folder, metavar="DIR",
                        help="write gallery, sounds, table, JSON and report here")


def run(args: argparse.Namespace, report: Report) -> dict[str, Any]:
    """The examples; with --grid those of the best setting, and the ranking."""
    within(args.seed, 0, 2**32 - 1, "--seed")
    listener = listener_of(args)
    neuron = Neuron.of(listener, args.layer, args.neuron)
    question = MaximiseQuestion(
        layer=args.layer, neuron=args.neuron, minimise=args.minimise, prior=args.prior, lr=args.lr, reg=args.reg,
        iterations=args.iterations, optimiser=args.optimiser, seeds=8 if args.seeds is None else args.seeds,
        first_seed=args.seed, regularisers=InputRegularisers(tv=args.tv, blur=args.blur, jitter=args.jitter),
        fid_layer=args.fid_layer, real=Path(args.real) if args.real else None)
    if args.grid:
        return _grid(neuron, question, args, report)
    return _written(synthesise(listener, question, report=report), neuron, args.out, report)


def _grid(neuron: Neuron, question: MaximiseQuestion, args: argparse.Namespace, report: Report) -> dict[str, Any]:
    grid = Grid(seeds=SEEDS if args.seeds is None else args.seeds)
    for name in ("lr", "reg", "iterations"):    # what is given is not searched
        if (value := getattr(args, name)) is not None:
            grid = grid.only(name, value)
    search = Search.of(neuron, question, grid, args.work)
    found = search.run(report)
    if args.into_card:
        search.into_card(found, Path(args.into_card))
    result = _written(search.answer(found, report=report), neuron, args.out, report)
    if args.out is not None:
        write_ranking(args.out, found.ranking)
    return {**result, **found.as_json(minimise=search.grid.minimise)}


def _written(answer: MaximiseAnswer, neuron: Neuron, out: Path | None, report: Report) -> dict[str, Any]:
    if out is not None:
        write_maximise(out, answer, neuron.listener, report=report)
    return answer.as_json()


def show(result: dict[str, Any]) -> str:
    """A table for people."""
    name = f"{result['layer']} {result['neuron']}" + (f" ({result['meaning']})" if result["meaning"] else "")
    lines = [f"{result['model']} {name}: lr {result['lr']:g}, reg {result['reg']:g}, "
             f"{result['iterations']} iterations; real music reaches {result['real_max']:.3f}",
             f"{'seed':>6s} {'activation':>11s} {'after audio':>12s} {'probability':>12s}"]
    for one in result["examples"]:
        if one["activation"] is None:
            lines.append(f"{one['seed']:6d}  failed at iteration {one['failed_at']}")
        else:
            lines.append(f"{one['seed']:6d} {one['activation']:11.3f} {one['activation_after_audio']:12.3f} "
                         f"{one['probability']:12.3f}")
    if result["fid"] is not None:
        lines.append(f"Fréchet distance on {result['fid_layer']}: {result['fid']:.3f} ({result['fid_n']} examples)")
    for setting in result.get("ranking", []):
        value = "failed" if setting["fid"] is None else f"{setting['fid']:.3f}"
        lines.append(f"lr {setting['lr']:<6g} reg {setting['reg']:<6g} {setting['iterations']:5d} iterations  {value}")
    if (one := result.get("beyond_real")) is not None:
        lines.append(f"the most natural beyond what real music reaches: lr {one['lr']:g}, reg {one['reg']:g}, "
                     f"{one['iterations']} iterations")
    return "\n".join(lines)
