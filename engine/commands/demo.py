"""`demo`: explain a clip that comes with the program, and write pictures, sounds and JSON."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from engine.audio.waveform import AudioFile
from engine.commands import explain as explain_command
from engine.commands.output import output_folder
from engine.job import Report
from engine.listening.explain import Question
from engine.listening.predict import predict
from engine.models import catalogue

CLIP = Path(__file__).resolve().parents[2] / "resources" / "demo" / "fantasma.ogg"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options."""
    parser.add_argument("--out", type=output_folder, default="otoscope-output", metavar="DIR",
                        help="folder to write to (default: otoscope-output)")


def run(args: argparse.Namespace, report: Report) -> dict[str, Any]:
    """Explain the most confident excerpt of the clip."""
    file, listener = AudioFile(CLIP), catalogue.load("svd")
    prediction = predict(file, listener, report=report)
    whole = [i for i, t in enumerate(prediction.times)
             if listener.window_seconds / 2 <= t <= file.seconds - listener.window_seconds / 2]
    surest = max(whole, key=lambda i: prediction.probability[i, -1])
    question = Question(start=float(prediction.times[surest]) - listener.window_seconds / 2)
    answer = explain_command.answered(file, listener, question, args.out, report)
    return {**answer.as_json(), "written": sorted(str(path) for path in args.out.iterdir())}


def show(result: dict[str, Any]) -> str:
    """The table, and where everything lies."""
    return "\n".join([explain_command.show(result), "written:", *(f"  {path}" for path in result["written"])])
