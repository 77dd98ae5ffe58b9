"""`dissect PATH`: what a model says before and after a known change of the sound, and whether anybody hears it.

PATH is a sound or a folder of them; labels come from tracks.csv, else from the name of the folder that a file lies in.
One change or several one after the other (--highpass 20 --do dc-removed), a sweep (--sweep highpass, --highpass 10 20
40), a search for the smallest change that nobody hears and the model does (--search), or the published experiment,
which fits systems to changed music too (--experiment).
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

from engine.audio.interventions import INTERVENTIONS, Treatment
from engine.audio.waveform import Waveform
from engine.checks import InputError, choice, shown, within
from engine.commands.models import add_model, listener_of
from engine.commands.output import output_folder
from engine.explain.dissect import TOO_FEW, Outcome, Panel, Recording, experiment, with_levels
from engine.explain.dissect_search import FAMILIES, search, suited
from engine.explain.dissect_sweep import SWEEPS, sweep
from engine.job import Report
from engine.listening.dissect import panel_of, recording_of, tree_of
from engine.listening.dissect_answer import answered, of_search, of_sweep, of_tree
from engine.models.listener import Listener
from engine.report.dissect import before_and_after, write_dissect, write_table
from engine.training.dissect_experiment import published
from engine.training.dissect_files import Listed, in_turn, listed
from engine.training.style_data import PARTITIONS, PARTS, in_part, is_dealt_by_table, style_excerpts

DEFAULT = "scattering-svm-artist"
OPTIONS = {"highpass": ("HZ", "remove what lies below HZ"), "lowpass": ("HZ", "remove what lies above HZ"),
           "gain": ("DB", "change the level"), "tempo": ("X", "play X times as fast"),
           "pitch": ("N", "shift by so many semitones"), "noise": ("DB", "add white noise at this SNR")}
"""Name of a sweep, which is an option too -> what its values are, and help."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options."""
    parser.add_argument("path", metavar="PATH", help="WAV, FLAC, OGG, MP3 or AIFF; or a folder of them")
    add_model(parser, DEFAULT)
    for option, (metavar, words) in OPTIONS.items():
        parser.add_argument(f"--{option}", type=float, nargs="+", metavar=metavar,
                            help=f"{words}; several values make a sweep")
    parser.add_argument("--causal", action="store_true", help="filter as a device would, not without delay")
    parser.add_argument("--do", action="append", metavar="NAME:P=V,...", default=[],
                        help=f"any change, such as band-stop:low_hz=45,high_hz=55; of {', '.join(INTERVENTIONS)}")
    parser.add_argument("--sweep", choices=SWEEPS, help="one change at many values")
    parser.add_argument("--search", action="store_true", help="find the smallest inaudible change that matters")
    parser.add_argument("--experiment", action="store_true",
                        help="of a folder with tracks.csv: fit all scattering systems to untouched and to changed "
                             "music, and test on both")
    parser.add_argument("--tree", action="store_true", help="tell what a model that is a tree asks for, in Hz")
    parser.add_argument("--split", choices=(*PARTS, "all"), help="of a folder: part of tracks.csv in the model's own "
                                                                 "partition (default: test where there is one)")
    parser.add_argument("--limit", type=int, metavar="N", help="of a folder: so many files, of all classes in turn")
    parser.add_argument("--fresh", nargs="+", choices=PARTITIONS, metavar="PARTITION",
                        help="with --limit: of all files, those first that are in the test part of each of these "
                             f"partitions of tracks.csv ({', '.join(PARTITIONS)}), as the window takes them")
    parser.add_argument("--middle", type=float, metavar="S", help="of each file only the middle S seconds (default: "
                                                                  "all of it; the published experiment takes all)")
    parser.add_argument("--out", type=output_folder, metavar="DIR", help="write dissect.csv, dissect.json, dissect.png "
                                                                         "and report.html here")


def run(args: argparse.Namespace, report: Report) -> dict[str, Any]:
    """What the model says before and after, file by file and over all."""
    began = time.perf_counter()
    mode, treatment = _asked(args)
    if args.experiment:
        return _published(args, treatment, report)
    listener = listener_of(args)
    tree = of_tree(tree_of(listener)) if args.tree else {}
    recordings = recordings_in(Path(args.path), listener, args.split, args.limit, args.middle, args.fresh or ())
    done = _done(mode, treatment, panel_of([listener]), recordings, args, report)
    result = {"model": listener.name, **done.result, **tree, "seconds": time.perf_counter() - began}
    if args.out is not None:
        pairs = before_and_after(done.outcome, recordings, done.treatment) if done.treatment is not None else ()
        write_dissect(args.out, result, pairs)
    return result


def _published(args: argparse.Namespace, treatment: Treatment | None, report: Report) -> dict[str, Any]:
    if treatment is None:
        raise InputError("--experiment: expected one change with it, such as --highpass 20, got a sweep or a search")
    result = published(args.path, treatment, report=report)
    if args.out is not None:
        write_table(args.out, result)
    return result


def _asked(args: argparse.Namespace) -> tuple[str, Treatment | None]:
    """What is to be done: "search", the name of a sweep, or "one" and the treatment.

    Raises
    ------
    InputError
        When nothing is asked for, things that exclude each other are, or a value is out of range.
    """
    given = {name: values for name in OPTIONS if (values := getattr(args, name)) is not None}
    several = [name for name, values in given.items() if len(values) > 1]
    modes = [*(["--search"] if args.search else []), *(["--sweep"] if args.sweep else []),
             *(f"--{name} with several values" for name in several)]
    single = [f"--{name}" for name in given if name not in several] + (["--do"] if args.do else [])
    if len(modes) + bool(single) > 1:
        raise InputError(f"dissect: expected one experiment, got {' and '.join([*modes, *single])}; run it twice")
    if args.search:
        return "search", None
    if args.sweep or several:
        return args.sweep or several[0], None
    if not single:
        if args.tree:
            return "one", Treatment("none", "nothing", lambda sound: sound)
        raise InputError("dissect: expected a change such as --highpass 20, a sweep such as --sweep highpass, or "
                         "--search; got none")
    return "one", _chain([_short(name, values[0], args.causal) for name, values in given.items()]
                         + [_named(text) for text in args.do])


def _short(name: str, value: float, causal: bool) -> Treatment:
    of = SWEEPS[name]
    intervention = INTERVENTIONS.get(f"{of.intervention}-causal") if causal else None
    return (intervention or INTERVENTIONS[of.intervention]).at(**{of.parameter: value})


def _named(text: str) -> Treatment:
    """The treatment that NAME:P=V,... names."""
    name, _, rest = text.partition(":")
    intervention = INTERVENTIONS[choice(name, INTERVENTIONS, "--do")]
    values = {}
    for pair in filter(None, rest.split(",")):
        key, equals, number = pair.partition("=")
        try:
            values[key.strip()] = float(number)
        except ValueError:
            raise InputError(f"--do {name}: expected PARAMETER=NUMBER, got {pair!r}"
                             f"{'' if equals else ', without ='}") from None
    return intervention.at(**values)


def _chain(treatments: list[Treatment]) -> Treatment:
    """Several, one after the other, as one."""
    if len(treatments) == 1:
        return treatments[0]

    def apply(sound: Waveform) -> Waveform:
        return reduce(lambda y, one: one.apply(y), treatments, sound)

    return Treatment("several", ", then ".join(one.words for one in treatments), apply,
                     all(one.aligned for one in treatments))


@dataclass(frozen=True)
class _Done:
    """What came of it, and the one treatment that can be listened to."""

    result: dict[str, Any]
    outcome: Outcome
    treatment: Treatment | None


def _done(mode: str, treatment: Treatment | None, panel: Panel, recordings: list[Recording],
          args: argparse.Namespace, report: Report) -> _Done:
    if treatment is not None:
        outcome = experiment(panel, recordings, [treatment], report=report)[0]
        return _Done(answered(outcome), outcome, treatment)
    if mode == "search":
        found = search(panel, recordings, report=report)[0]
        best = found.best or found.tried[0]
        family = next(one for one in FAMILIES if one.name == best.family)
        return _Done({**answered(best.outcome), **of_search(found)}, best.outcome, suited(family, best.value))
    swept = sweep(panel, recordings, mode, values=getattr(args, mode, None), causal=args.causal, report=report)[0]
    treatment = swept.treatments[swept.worst]
    worst = with_levels(swept.outcomes[swept.worst], recordings, treatment, report=report)
    return _Done({**answered(worst), **of_sweep(swept)}, worst, treatment)


def recordings_in(path: Path, listener: Listener, split: str | None, limit: int | None,
                  middle: float | None = None, fresh: Sequence[str] = ()) -> list[Recording]:
    """A file, or those of a folder with their labels: of the test part where the model or tracks.csv knows one.

    Of each all, or so many seconds in its middle. With `fresh` of all files those first that are in the test part of
    each of these partitions.

    Raises
    ------
    InputError
        When there are none, tracks.csv is damaged, or one cannot be read.
    """
    if middle is not None:
        within(middle, 0.1, 36_000, "--middle")
    if not path.is_dir():
        if split is not None or limit is not None:
            raise InputError(f"--{'split' if split is not None else 'limit'}: expected a folder with it, got the file "
                             f"{shown(path)}; leave it out")
        return [recording_of(path, path.resolve().parent.name, middle=middle)]
    if fresh:
        return [recording_of(one.path, one.label, one.track, middle=middle)
                for one in _fresh(path, split, limit, fresh)]
    found = _labelled(path, listener, split)
    if limit is not None:
        found = in_turn(found, round(within(limit, 1, 1_000_000, "--limit")), lambda one: one[1])
    return [recording_of(audio, label, track, middle=middle) for audio, label, track in found]


def _fresh(folder: Path, split: str | None, limit: int | None, partitions: Sequence[str]) -> list[Listed]:
    if limit is None or split not in (None, "all"):
        raise InputError(f"--fresh: expected --limit with it, and no part but all, got --limit {limit} and --split "
                         f"{split}")
    return in_turn(listed(folder), round(within(limit, 1, 1_000_000, "--limit")), lambda one: one.label,
                   lambda one: len(one.learnt_in(partitions)))


def _labelled(folder: Path, listener: Listener, split: str | None) -> list[tuple[Path, str, str]]:
    by_hash = listener.card.get("data", {}).get("by_hash", False)
    if not is_dealt_by_table(folder) and (split == "all" or (split is None and not by_hash)):
        return [(one.path, str(one.label), one.track) for one in listed(folder)]
    partition, everything = str(listener.card.get("partition", "artist")), style_excerpts(folder)
    if split is None:
        split = PARTS[-1] if any(e.parts.get(partition) == PARTS[-1] for e in everything) else "all"
    return [(e.audio, e.label, e.track) for e in in_part(everything, partition, split)]


def show(result: dict[str, Any]) -> str:
    """What came of it, for people."""
    if "cells" in result:
        few = [TOO_FEW] if any(one["mean_recall_interval"] is None for one in result["cells"]) else []
        return "\n".join([*map(_cell, result["cells"]), *few, result["sentence"]])
    lines = [f"{one['file'][:44]:44s} {one['before']} -> {one['after']}{_heard(one['audible'])}"
             for one in result["files"]]
    if "search" in result:
        lines += [f"  {one['words']}: recall {_two(one['recall_after'])}, {one['flips']} turned"
                  for one in result["search"]["tried"]]
    lines += _along(result)
    lines += [f"{'  ' * node['depth']}{node['name']}, importance {node['importance']:.2f}"
              for node in result.get("tree", {}).get("nodes", []) if node["name"]]
    return "\n".join([*lines, result["sentence"]])


def _along(result: dict[str, Any]) -> list[str]:
    """A line for each value of a sweep: the recall, or what a single file is taken for."""
    if "sweep" not in result:
        return []
    swept = result["sweep"]
    said = swept["curves"][0]["decided"] if result["n"] == 1 else [f"recall {_two(one)}" for one in swept["recall"]]
    return [f"{value:>10,g} {swept['unit']}: {one}" for value, one in zip(swept["values"], said, strict=True)]


def _cell(one: dict[str, Any]) -> str:
    interval = one["mean_recall_interval"]
    between = "-" if interval is None else f"{interval[0]:.3f} to {interval[1]:.3f}"
    return (f"{one['system']:24s} learnt {one['train']:9s} tested {one['test']:9s} {one['mean_recall']:.3f} "
            f"({between} over tracks)")


def _heard(audible: dict[str, Any]) -> str:
    if audible["audible"] is None:
        return ""
    return f" ({'audible' if audible['audible'] else 'inaudible'}, {audible['margin_db']:+.0f} dB)"


def _two(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
