"""`explain AUDIO --start S`: why a model says what it says of one excerpt."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from engine.audio.waveform import AudioFile
from engine.checks import within
from engine.commands.models import add_model, listener_of
from engine.commands.output import output_folder
from engine.explain.fills import DEFAULT_FILL, FILLS
from engine.explain.methods import METHODS
from engine.explain.segments import SEGMENTATIONS
from engine.job import Report
from engine.listening.explain import Answer, Question, excerpt_spectrogram, explain, judged
from engine.listening.sounds import sounds
from engine.models.listener import UNITS, Listener
from engine.report import write_explanation

PHASES = ("original", "estimated")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options."""
    parser.add_argument("audio", metavar="AUDIO", help="WAV, FLAC, OGG, MP3 or AIFF")
    parser.add_argument("--start", type=float, required=True, metavar="S", help="start of the excerpt in seconds")
    add_model(parser, "svd")
    parser.add_argument("--target", metavar="LABEL", help="label to explain (default: what a detector is there to "
                                                             "find, else what was decided on)")
    parser.add_argument("--method", default="slime-exact", choices=METHODS)
    parser.add_argument("--segmentation", default="temporal", choices=SEGMENTATIONS)
    parser.add_argument("--segments", type=int, metavar="N", help="number of segments")
    parser.add_argument("--fill", default=DEFAULT_FILL, choices=FILLS, help="what hidden segments are replaced by")
    parser.add_argument("--units", default="probability", choices=UNITS)
    parser.add_argument("--samples", type=int, default=1000, metavar="N", help="masks of the sampled method")
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    parser.add_argument("--quick", action="store_true",
                        help="without agreement and max-sensitivity, which explain fifteen times again: for models "
                             "whose answers take long")
    parser.add_argument("--phase", default="original", choices=PHASES, help="of heard.wav: the excerpt's own, or one "
                                                                            "estimated from the magnitudes alone")
    parser.add_argument("--out", type=output_folder, metavar="DIR", help="write picture, sounds, JSON and report here")


def run(args: argparse.Namespace, report: Report) -> dict[str, Any]:
    """The explanation as plain numbers; with --out also as pictures and sounds."""
    within(args.samples, 10, 1_000_000, "--samples")
    within(args.seed, 0, 2**32 - 1, "--seed")
    question = Question(start=args.start, target=args.target, method=args.method, segmentation=args.segmentation,
                        segments=args.segments, fill=args.fill, units=args.units, samples=args.samples,
                        seed=args.seed)
    return answered(AudioFile(args.audio), listener_of(args), question, args.out, report, phase=args.phase,
                    thorough=not args.quick).as_json()


def answered(file: AudioFile, listener: Listener, question: Question, out: Path | None, report: Report, *,
             phase: str = "original", thorough: bool = True) -> Answer:
    """The judged answer, written to `out` where that is given."""
    features = listener.excerpt(excerpt_spectrogram(file, listener, question.start), 0)
    answer = judged(explain(features, listener, question, file=file.name, report=report), listener, thorough=thorough,
                    report=report)
    if out is not None:
        made = sounds(file, listener, answer, estimated_phase=phase == "estimated", report=report)
        write_explanation(out, answer, made, listener.spectrogram(features), listener.front_end, listener.card,
                          report=report)
    return answer


def show(result: dict[str, Any]) -> str:
    """A table for people."""
    rows = [f"{'*' if s['index'] in result['top'] else ' '} {s['index']:2d}  {s['start']:8.3f} to {s['end']:8.3f} s"
            f"  {s['fmin']:6.0f} to {s['fmax']:6.0f} Hz  {s['weight']:+.4f}" for s in result["segments"]]
    trust = ", ".join(f"{name} {'none' if value is None else value if isinstance(value, bool) else f'{value:.3g}'}"
                      for name, value in result["trust"].items())
    return "\n".join([f"{result['file']} at {result['start']:.2f} s: {result['target']} {result['score_full']:.3f} "
                      f"({result['score_empty']:.3f} when all is hidden)", *rows, trust])
