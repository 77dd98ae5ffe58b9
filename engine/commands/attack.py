"""`attack AUDIO`: change a sound a little, so that a model takes it for something else; `attack DIR`: all of a folder.

What is printed of an AUDIO is measured on the adversary as it was written, read back from disk. Of a DIR it is the
published table: mean recall before and after, SNR, share of files that fool. Labels come from tracks.csv, else from
the name of the folder that a file lies in.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

from engine.audio.waveform import AudioFile, write_wav
from engine.checks import InputError, shown, within
from engine.commands.models import add_model, listener_of
from engine.commands.output import output_folder
from engine.explain.adversary import METHODS, PROJECTIONS
from engine.job import Report
from engine.listening.attack import WEIGHTINGS, AttackAnswer, AttackQuestion, attack, default_method
from engine.listening.attack_folder import Labelled, attack_folder, chosen
from engine.listening.survival import every_label, judged_again, survival, transfer
from engine.models import catalogue
from engine.models.listener import Listener
from engine.report.attack import ADVERSARIAL, write_attack
from engine.report.attack_facts import AttackFacts
from engine.report.attack_table import show_table, write_table
from engine.report.files import folder_made
from engine.training.datasets import AUDIO_ENDINGS
from engine.training.style_data import PARTS, in_part, is_dealt_by_table, style_excerpts


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options."""
    parser.add_argument("audio", metavar="AUDIO", help="WAV, FLAC, OGG, MP3 or AIFF; or a folder of them")
    add_model(parser, "style-mlp")
    parser.add_argument("--target", metavar="LABEL", help="label wanted (default: anything but the present one)")
    parser.add_argument("--method", choices=METHODS, help="gradients on magnitudes, as published, or on the samples "
                                                               "(default: magnitude; waveform for svd, whose frames "
                                                               "overlap more)")
    parser.add_argument("--projection", default="end", choices=PROJECTIONS,
                        help="of magnitudes onto those of sounds: at the end, or in each iteration")
    parser.add_argument("--weighting", default="plain", choices=WEIGHTINGS,
                        help="masking: rather change what the music hides")
    parser.add_argument("--snr", type=float, default=15.0, metavar="DB", help="least SNR in dB (default: 15)")
    parser.add_argument("--iterations", type=int, default=100, metavar="N", help="at most (default: 100)")
    parser.add_argument("--confidence", type=float, default=0.9, metavar="P",
                        help="probability at which to stop (default: 0.9)")
    parser.add_argument("--smallest", action="store_true", help="use all iterations to find the smallest change")
    parser.add_argument("--every-label", action="store_true", help="one attack for each label but the present one")
    parser.add_argument("--transfer", action="store_true", help="ask all other models too")
    parser.add_argument("--start", type=float, metavar="S", help="start of the part to attack in seconds; a detector "
                                                                 "gets one excerpt from there (default: all)")
    parser.add_argument("--seconds", type=float, metavar="S", help="length of the part")
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    parser.add_argument("--split", choices=(*PARTS, "all"), help="of a folder: part of tracks.csv in the model's own "
                                                                 "partition (default: test where there is one)")
    parser.add_argument("--limit", type=int, metavar="N", help="of a folder: so many files, of all classes in turn")
    parser.add_argument("--out", type=output_folder, metavar="DIR", help="write sounds, picture, JSON and report here; "
                                                                         "of a folder the table")


def run(args: argparse.Namespace, report: Report) -> dict[str, Any]:
    """What became of the file, or of all files of the folder."""
    within(args.seed, 0, 2**32 - 1, "--seed")
    if args.seconds is not None:
        within(args.seconds, 0.01, 86400, "--seconds")
    audio = Path(args.audio)
    if args.audio and audio.is_dir():
        return _folder(audio, args, report)
    for name in ("split", "limit"):
        if getattr(args, name) is not None:
            raise InputError(f"--{name}: expected a folder with it, got the file {shown(audio)}; leave it out")
    file, listener = AudioFile(args.audio), listener_of(args)
    question = _question(args, listener)
    if args.every_label:
        if args.target is not None:
            raise InputError("--every-label: expected no --target beside it, got both; leave one out")
        return _every_label(file, listener, question, args, report)
    answer = attack(file, listener, question, report=report)
    return _tried(answer, listener, args.out, args.transfer, report).as_json()


def _question(args: argparse.Namespace, listener: Listener) -> AttackQuestion:
    excerpt = args.start is not None and args.seconds is None and listener.positive is not None
    return AttackQuestion(
        target=args.target, method=args.method or default_method(listener.front_end), projection=args.projection,
        weighting=args.weighting, snr_db=args.snr, iterations=args.iterations, confidence=args.confidence,
        smallest=args.smallest, seed=args.seed, start=args.start or 0.0,
        seconds=listener.window_seconds if excerpt else args.seconds)


def _tried(answer: AttackAnswer, listener: Listener, out: Path | None, others: bool, report: Report) -> AttackFacts:
    """All that is known of an answer once it has been on disk; the report is written where `out` is given."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) if out is None else out
        with folder_made(folder):
            write_wav(folder / ADVERSARIAL, answer.adversarial)
        answer = judged_again(answer, listener, AudioFile(folder / ADVERSARIAL).read(), report=report)
    survived = survival(answer, listener, report=report)
    known = {catalogue.load(name).name: catalogue.load(name) for name in catalogue.names()} if others else {}
    moved = transfer(answer, [other for name, other in known.items() if name != listener.name], report=report)
    if out is not None:
        write_attack(out, answer, front_end=listener.front_end, card=listener.card, survival=survived, transfer=moved,
                     report=report)
    return AttackFacts(answer, listener.front_end, listener.card, survived, moved)


def _every_label(file: AudioFile, listener: Listener, question: AttackQuestion, args: argparse.Namespace,
                 report: Report) -> dict[str, Any]:
    """One run for each label; with --out each has a folder, named by its place among the labels."""
    answers = every_label(file, listener, question, report=report)
    runs = []
    for answer in answers:
        place = listener.labels.index(answer.question.target or "")
        out = None if args.out is None else args.out / f"label-{place}"
        runs.append(_tried(answer, listener, out, args.transfer, report).as_json())
    return {"model": listener.name, "file": file.name, "before": runs[0]["before"],
            "fooled": sum(run["fooled"] for run in runs), "n": len(runs), "runs": runs,
            "seconds": sum(run["seconds"] for run in runs)}


def _folder(folder: Path, args: argparse.Namespace, report: Report) -> dict[str, Any]:
    for name in ("every_label", "transfer"):
        if getattr(args, name):
            raise InputError(f"--{name.replace('_', '-')}: expected one file with it, got the folder {shown(folder)}; "
                             "name a file in it")
    listener = listener_of(args)
    files = labelled(folder, listener, args.split)
    if args.limit is not None:
        files = chosen(files, round(within(args.limit, 1, 1_000_000, "--limit")), seed=args.seed)
    table = attack_folder(files, listener, _question(args, listener), report=report)
    if args.out is not None:
        write_table(args.out, table)
    return table.as_json()


def labelled(folder: Path, listener: Listener, split: str | None) -> list[Labelled]:
    """Audio files of a folder with their labels: of the test part where the model or tracks.csv knows one, else all.

    Raises
    ------
    InputError
        When there are none, or tracks.csv is damaged.
    """
    by_hash = listener.card.get("data", {}).get("by_hash", False)
    if not is_dealt_by_table(folder) and (split == "all" or (split is None and not by_hash)):
        found = [(path, path.parent.resolve().name) for path in sorted(folder.rglob("*"))
                 if path.suffix.lower() in AUDIO_ENDINGS and not path.name.startswith(".")]
        if not found:
            raise InputError(f"{shown(folder)}: expected audio files in it or in folders in it, found none")
    else:
        partition, everything = str(listener.card.get("partition", "artist")), style_excerpts(folder)
        if split is None:
            split = PARTS[-1] if any(e.parts.get(partition) == PARTS[-1] for e in everything) else "all"
        found = [(excerpt.audio, excerpt.label) for excerpt in in_part(everything, partition, split)]
    return [Labelled(path, label if label in listener.labels else None) for path, label in found]


def show(result: dict[str, Any]) -> str:
    """What came of it, for people."""
    if "files" in result:
        return show_table(result)
    if "runs" in result:
        return "\n".join([f"{result['file']}: {result['fooled']} of {result['n']} labels reached",
                          *(one["outcome"] for one in result["runs"])])
    survived = [name for name, fooled in result["survives"].items() if fooled]
    lines = [f"{result['file']}: {result['outcome']}"]
    if result["fooled"]:
        lines.append(f"still fools after: {', '.join(survived) or 'none of what was tried'}")
    lines += [f"{one['model']}: {one['before']} -> {one['after']}" for one in result["transfer"]]
    return "\n".join(lines)
