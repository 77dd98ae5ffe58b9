"""`evaluate svd --data DIR`: recompute the figures of the model card on any folder of labelled songs."""

from __future__ import annotations

import argparse
from typing import Any

from engine.checks import InputError
from engine.job import Report
from engine.models import catalogue
from engine.models.svd_listener import SvdListener
from engine.training.evaluate import evaluate_svd


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options."""
    parser.add_argument("model", metavar="MODEL", help="name of a singing-voice model, such as svd")
    parser.add_argument("--data", required=True, metavar="DIR", help="folder with audio/, labels/, perhaps songs.csv")
    parser.add_argument("--split", choices=("train", "valid", "test", "all"),
                        help="part of songs.csv (default: test where there is one, else all)")


def run(args: argparse.Namespace, report: Report) -> dict[str, Any]:
    """Frame-wise figures, overall and per song; the threshold is the card's."""
    listener = catalogue.load(args.model)
    if not isinstance(listener, SvdListener):
        raise InputError(f"model: expected a singing-voice detector such as svd, got {args.model}")
    return evaluate_svd(listener, args.data, args.split, report)


def show(result: dict[str, Any]) -> str:
    """A table for people."""
    lines = [f"{s['id'][:44]:44s} error {s['error']:.3f}  AUROC {_figure(s['auroc'])}  {s['minutes']:.1f} min"
             for s in result["songs"]]
    low, high = result["error_interval"]
    named = ", ".join(f"{k} {_figure(result[k])}" for k in ("precision", "recall", "f1", "auroc"))
    return "\n".join([*lines, f"error {result['error']:.4f} ({low:.3f} to {high:.3f} over songs), {named}"])


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
