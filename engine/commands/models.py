"""The options that name a model: one of ours, or a card of one's own and the consent to run it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from engine import devices
from engine.models import catalogue
from engine.models.foreign_card import is_card
from engine.models.foreign_loading import trusted
from engine.models.listener import Listener


def add_model(parser: argparse.ArgumentParser, default: str | None) -> None:
    """`--model`, or the argument MODEL where there is no default; and `--trust`."""
    words = "name of a model, or the card (YAML or JSON) of one of your own"
    if default is None:
        parser.add_argument("model", metavar="MODEL", help=words)
    else:
        parser.add_argument("--model", default=default, help=f"{words} (default: {default})")
    parser.add_argument("--trust", action="store_true", help="run the card's model, now and later: it is a program "
                                                             "with your rights, in its own process but in no sandbox")
    parser.add_argument("--device", choices=devices.NAMES, default="auto",
                        help="where models of ours answer; auto: on the graphics card if there is one that answers as "
                             "the processor does")


def listener_of(args: argparse.Namespace) -> Listener:
    """The listener that the options name.

    Raises
    ------
    InputError
        When there is none, or nobody agreed to run it.
    """
    devices.choose(args.device, lambda words: sys.stderr.write(f"otoscope: {words}\n"))
    if args.trust and is_card(args.model):
        trusted(Path(args.model))
    return catalogue.opened(args.model)
