"""`replay SESSION`: ask all questions of a saved session again, and compare the answers.

Numbers count as equal within 1e-5 of their size or 1e-6; times and folders are not compared. `result` of a difference
is the result's place in the session, from 1. Trainings, measurements of speed, and explanations of what was painted in
the window are not run again.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from engine import commands
from engine.commands.again import ask_again, not_again, state_of, used
from engine.commands.output import plain
from engine.commands.saving import models_of
from engine.job import Cancelled, Progress, Report
from engine.sessions import AudioRef, Opened, Result, read
from engine.sessions.differences import Difference, differences

MOST_TOLD = 50      # differences of one result


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The session."""
    parser.add_argument("session", metavar="SESSION", help="a session (.oto)")


def run(args: argparse.Namespace, report: Report) -> dict[str, Any]:
    """How many results there are, and each place in which one is another today."""
    opened = read(args.session, report=report)
    return replayed(opened, report)


def replayed(opened: Opened, report: Report) -> dict[str, Any]:
    """The comparison of all results of a session with those of today."""
    found: list[dict[str, Any]] = []
    skipped = []
    results = opened.session.results
    for number, result in enumerate(results, 1):
        report(Progress(number - 1, len(results), f"asking again: {result.command}"))
        if why := not_again(result):
            skipped.append({"result": number, "command": result.command, "why": why})
            continue
        told = list(itertools.islice(compared(result, opened.session.audio, report), MOST_TOLD + 1))
        if len(told) > MOST_TOLD:
            told[MOST_TOLD:] = [Difference("answer", "more than can be told", "more than can be told")]
        found += [{"result": number, "command": result.command, "where": one.where, "was": one.was, "is": one.now}
                  for one in told]
    return {"results": len(results), "differences": found, "skipped": skipped, "missing": list(opened.missing)}


def compared(result: Result, audio: Mapping[str, AudioRef], report: Report) -> Iterator[Difference]:
    """All differences of one result; only its files where these are not what they were."""
    files = [Difference(f"audio {ref.name}", ref.sha256, state) for ref in used(result, audio)
             if (state := state_of(ref)) != ref.sha256]
    if files:
        yield from files
        return
    with tempfile.TemporaryDirectory() as scratch:
        try:
            answer = plain(ask_again(result, audio, Path(scratch), report))
            models = models_of(result.command, {name: value["path"] if isinstance(value, dict) and "path" in value
                                                else value for name, value in result.arguments.items()})
        except Cancelled:
            raise
        except Exception as error:      # whatever a session from elsewhere leads to, the others are compared
            yield Difference("answer", "an answer", commands.sentence(error)[0])
            return
    today = {model.name: model.sha256 for model in models}
    for model in result.models:
        if today.get(model.name, "not used") != model.sha256:
            yield Difference(f"model {model.name}", model.sha256, today.get(model.name, "not used"))
    yield from differences(result.answer, answer)


def show(result: dict[str, Any]) -> str:
    """A line for each difference."""
    lines = [f"{one['result']} {one['command']}, {one['where']}: was {one['was']}, is {one['is']}"
             for one in result["differences"]]
    lines += [f"{one['result']} {one['command']}: not run again, for {one['why']}" for one in result["skipped"]]
    n = len({one["result"] for one in result["differences"]})
    same = result["results"] - n - len(result["skipped"])
    return "\n".join([*result["missing"], *lines, f"{same} of {result['results']} results are the same again"])
