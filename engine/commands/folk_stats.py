"""`folk-stats`: do generated tunes look like those that were learnt from?

Distances are Jensen-Shannon divergences in bits; the floor is how far random parts of the corpus lie from each other.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

import numpy as np

from engine.checks import InputError, within
from engine.commands.compose import add_manner, add_model, manner_of
from engine.commands.output import output_folder, to_json
from engine.composing.statistics import Population, compared
from engine.composing.suggest import compose, open_model
from engine.folk.novelty import KnownTune, TuneIndex, known_tunes
from engine.folk.tokens import style_of
from engine.job import Report
from engine.training.folk_collections import files, read_tunes
from engine.training.folk_material import usable_tokens

BAR = 30   # characters of the widest bar


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options."""
    add_model(parser)
    parser.add_argument("--n", type=int, default=1000, metavar="N", help="tunes to generate (default: 1000)")
    parser.add_argument("--data", nargs="+", default=[], metavar="DIR", help="folders with .abc files, or music21, to "
                        "compare with (default: what the installed model has learnt from)")
    parser.add_argument("--out", type=output_folder, metavar="DIR", help="write numbers (JSON) and a picture here")
    add_manner(parser)


def run(args: argparse.Namespace, report: Report) -> dict[str, Any]:
    """Both populations, property by property."""
    within(args.n, 1, 10_000, "--n")
    model = open_model(args.model)
    known = corpus_of(args.data, style_of(model.vocabulary), report)
    made = compose(model, n=args.n, manner=manner_of(args), constrained=not args.unconstrained, report=report)
    corpus = Population([tune.tokens for tune in known.tunes], report)
    found = compared(corpus, Population([one.whole for one in made], report), seed=args.seed, report=report)
    novelty = [known.novelty(one.whole, nearest=1) for one in made]
    result = {
        "properties": {name: asdict(comparison) for name, comparison in found.items()},
        "n": len(made), "corpus": len(known.tunes), "valid": float(np.mean([one.validity.valid for one in made])),
        "ended": float(np.mean([one.ended for one in made])),
        "nats_per_token": float(-np.concatenate([one.log_probabilities for one in made]).mean()),
        "nearest_similarity": float(np.median([one.nearest[0].similarity if one.nearest else 0 for one in novelty])),
        "copied": float(np.mean([one.copied for one in novelty])), "model": model.name, "seed": args.seed}
    if args.out is not None:
        from engine.report.folk_figure import populations_png  # matplotlib is slow to load

        args.out.mkdir(parents=True, exist_ok=True)
        (args.out / "folk-stats.json").write_text(to_json(result) + "\n", encoding="utf-8")
        (args.out / "folk-stats.png").write_bytes(populations_png(found))
    return result


def corpus_of(places: list[str], style: str, report: Report) -> TuneIndex:
    """The tunes to compare with."""
    if not places:
        known = known_tunes()
        if known is None:
            raise InputError("no tunes of the installed model were found to compare with; name some with --data")
        return known
    tunes = [KnownTune(tune.title, source, tokens) for source, path in files(places) for tune in read_tunes(path)
             if (tokens := usable_tokens(tune, style))]
    if len(tunes) < 2:
        raise InputError(f"{', '.join(places)}: expected at least 2 usable folk tunes, found {len(tunes)}")
    return TuneIndex(tunes)


def show(result: dict[str, Any]) -> str:
    """Distances, and the commonest categories of each property."""
    lines = [f"{result['n']:,} tunes by {result['model']} beside {result['corpus']:,}: {result['valid']:.1%} valid, "
             f"median similarity to the nearest {result['nearest_similarity']:.2f}, {result['copied']:.1%} of the "
             "notes in passages of 8 that are known", ""]
    for name, one in result["properties"].items():
        far = "as near as chance" if one["distance"] <= one["floor_high"] else "further than chance"
        lines.append(f"{name.replace('_', ' '):<18}{one['distance']:.4f} bits, floor {one['floor']:.4f}: {far}")
        for category in sorted(one["corpus"], key=one["corpus"].get, reverse=True)[:5]:
            a, b = one["corpus"][category], one["generated"].get(category, 0.0)
            lines.append(f"    {category:<24}{a:>7.1%} {b:>7.1%}  {'#' * round(BAR * b)}")
    return "\n".join(lines)
