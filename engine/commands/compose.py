"""`compose`: new tunes by a folk network, as ABC.

Tokens are those of folk-rnn: pitches in C (`G`, `^f`, `c'`), lengths in eighths (`2`, `/2`), `|:`, `:|`, `(3`, `>`.
In JSON `tokens` are those that were drawn, not those of the prime; `bars_valid` is the share of bars without fault.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from engine.checks import within
from engine.composing.provenance import origins_of
from engine.composing.suggest import Suggestion, compose, open_model
from engine.folk.abc_writing import text_of
from engine.folk.novelty import known_tunes
from engine.folk.sampling import Manner
from engine.job import Report


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options."""
    add_model(parser)
    parser.add_argument("--meter", default="", metavar="M", help="such as 6/8 (default: drawn)")
    parser.add_argument("--mode", default="", metavar="MODE", help="such as Cdor (default: drawn)")
    parser.add_argument("--prime", default="", metavar="TOKENS", help="what the tunes begin with, such as \"G 2 E\"; "
                                                                      "* stands for a token that is drawn")
    parser.add_argument("-n", type=int, default=1, metavar="N", help="number of tunes (default: 1); the first "
                                                                       "is the same however many are asked for")
    add_manner(parser)


def add_model(parser: argparse.ArgumentParser) -> None:
    """Which network."""
    parser.add_argument("--model", type=Path, metavar="PATH", help="a checkpoint of folk-rnn (.pkl) or a model card "
                                                                   "(.json) instead of the model that is installed")


def add_manner(parser: argparse.ArgumentParser) -> None:
    """How it draws."""
    parser.add_argument("--temperature", type=float, default=1.0, metavar="T", help="0 to 10 (default: 1)")
    parser.add_argument("--top-p", type=float, default=1.0, metavar="P", help="draw from the most probable tokens that "
                                                                              "have this probability (default: 1)")
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    parser.add_argument("--max-tokens", type=int, default=512, metavar="N", help="of each tune (default: 512)")
    parser.add_argument("--unconstrained", action="store_true", help="without the grammar: bars may be odd")


def manner_of(args: argparse.Namespace) -> Manner:
    """How to draw, as the options say."""
    return Manner(temperature=args.temperature, top_p=args.top_p, seed=args.seed, max_tokens=args.max_tokens)


def run(args: argparse.Namespace, report: Report) -> dict[str, Any]:
    """The tunes, in the order of their streams, so that more tunes do not move the first ones."""
    within(args.n, 1, 10_000, "-n")
    manner, model = manner_of(args), open_model(args.model)
    made = compose(model, prime=args.prime.split(), meter=args.meter, mode=args.mode, n=args.n, manner=manner,
                   constrained=not args.unconstrained, known=known_tunes(), report=report)
    made.sort(key=lambda one: one.stream)
    return {"tunes": [as_json(one, number) for number, one in enumerate(made, 1)], "model": model.name,
            "seed": args.seed}


def as_json(one: Suggestion, number: int) -> dict[str, Any]:
    """One tune."""
    near = one.novelty.nearest[0] if one.novelty and one.novelty.nearest else None
    share = one.validity.bars_valid / max(1, one.validity.bars)
    abc = text_of(one.whole, title=f"{one.model} {one.seed}.{one.stream}", number=number,
                  comments=[origin.comment for origin in origins_of(one)])
    return {"abc": abc, "tokens": list(one.tokens), "log_probabilities": list(one.log_probabilities),
            "bars_valid": share,
            "nearest": near and {"title": near.tune.title, "similarity": near.similarity}}


def show(result: dict[str, Any]) -> str:
    """The tunes alone, so that other programs can read them."""
    return "\n".join(tune["abc"] for tune in result["tunes"]).rstrip()
