"""`predict AUDIO`: what a model says, over time."""

from __future__ import annotations

import argparse
from typing import Any

from engine.audio.labels import Interval, audacity_text
from engine.audio.waveform import AudioFile
from engine.checks import within
from engine.commands.models import add_model, listener_of
from engine.job import Report
from engine.listening.predict import predict


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options."""
    parser.add_argument("audio", metavar="AUDIO", help="WAV, FLAC, OGG, MP3 or AIFF")
    add_model(parser, "svd")
    parser.add_argument("--every", type=float, metavar="S", help="average the curve over S seconds")


def run(args: argparse.Namespace, report: Report) -> dict[str, Any]:
    """The prediction as plain numbers."""
    if args.every is not None:
        within(args.every, 0.001, 86400, "--every")
    listener = listener_of(args)
    return predict(AudioFile(args.audio), listener, report=report).as_json(args.every)


def show(result: dict[str, Any]) -> str:
    """An Audacity label track: start, end, label."""
    return audacity_text([Interval(s["start"], s["end"], s["label"]) for s in result["segments"]]).rstrip("\n")
