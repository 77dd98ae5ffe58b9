"""`layers MODEL`: layers of a model that can be read or maximised, input side first."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from engine.commands.models import add_model, listener_of
from engine.job import Report


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options."""
    add_model(parser, None)


def run(args: argparse.Namespace, report: Report) -> dict[str, Any]:
    """The layers of the model."""
    listener = listener_of(args)
    return {"model": listener.name, "layers": [asdict(layer) for layer in listener.layers]}


def show(result: dict[str, Any]) -> str:
    """One line a layer."""
    rows = [f"{'layer':10s} {'neurons':>8s}  shape"]
    rows += [f"{layer['name']:10s} {layer['neurons']:8d}  {' x '.join(map(str, layer['shape']))}"
             for layer in result["layers"]]
    return "\n".join(rows)
