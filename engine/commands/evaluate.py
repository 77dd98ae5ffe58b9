"""`evaluate MODEL --data DIR`: recompute the figures of a model card on any folder of labelled music."""

from __future__ import annotations

import argparse
from typing import Any

from engine.checks import InputError
from engine.commands.models import add_model, listener_of
from engine.job import Report
from engine.models.foreign import ForeignListener
from engine.models.scattering_listener import ScatteringListener
from engine.models.style_listener import StyleListener
from engine.models.svd_listener import SvdListener
from engine.training.evaluate import evaluate_svd
from engine.training.evaluate_styles import evaluate_styles


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options."""
    add_model(parser, None)
    parser.add_argument("--data", required=True, metavar="DIR",
                        help="svd: folder with audio/, labels/, perhaps songs.csv; others: with CLASS/FILE.ogg "
                             "or audio/CLASS/FILE.ogg, perhaps tracks.csv")
    parser.add_argument("--split", choices=("train", "valid", "test", "all"),
                        help="part of songs.csv or tracks.csv (default: test where there is one, else all)")


def run(args: argparse.Namespace, report: Report) -> dict[str, Any]:
    """Figures overall and per song or track; the threshold or the partition is the card's."""
    listener = listener_of(args)
    if isinstance(listener, StyleListener | ScatteringListener | ForeignListener):
        return evaluate_styles(listener, args.data, args.split, report)
    if isinstance(listener, SvdListener):
        return evaluate_svd(listener, args.data, args.split, report)
    raise InputError(f"model: expected a singing-voice detector or a style classifier, got {args.model}")


def show(result: dict[str, Any]) -> str:
    """A table for people."""
    return _styles(result) if "confusion" in result else _songs(result)


def _songs(result: dict[str, Any]) -> str:
    lines = [f"{s['id'][:44]:44s} error {s['error']:.3f}  AUROC {_figure(s['auroc'])}  {s['minutes']:.1f} min"
             for s in result["songs"]]
    low, high = result["error_interval"]
    named = ", ".join(f"{k} {_figure(result[k])}" for k in ("precision", "recall", "f1", "auroc"))
    return "\n".join([*lines, f"error {result['error']:.4f} ({low:.3f} to {high:.3f} over songs), {named}"])


def _styles(result: dict[str, Any]) -> str:
    width = max(map(len, result["labels"]))
    lines = [f"{label:{width}s} {_figure(result['recall'][label])}  {''.join(f'{n:5d}' for n in row)}"
             for label, row in zip(result["labels"], result["confusion"], strict=True)]
    low, high = result["mean_recall_interval"]
    return "\n".join([f"{'':{width}s} recall  taken for: {', '.join(result['labels'])}", *lines,
                      f"mean recall {result['mean_recall']:.3f} ({low:.3f} to {high:.3f} over tracks), accuracy "
                      f"{result['accuracy']:.3f}, {result['n_excerpts']} excerpts of {result['n_tracks']} tracks"])


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
