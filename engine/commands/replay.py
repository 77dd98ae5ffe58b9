"""`replay SESSION`: ask all questions of a saved session again, and compare the answers.

Numbers count as equal within 1e-5 of their size or 1e-6; times and folders are not compared. `result` of a difference
is the result's place in the session, from 1. Trainings, measurements of speed, and explanations of what was painted in
the window are not run again. How long the others took is said first; what took hours, as a search of a grid does, can
be left out.
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
from engine.commands.output import ProgressLine, plain, say
from engine.commands.patience import NOT_ASKED_FOR, Patience, TooLong, add_patience, forecast, patience_of
from engine.commands.saving import models_of
from engine.job import Cancelled, Progress, Report
from engine.sessions import AudioRef, Opened, Result, read
from engine.sessions.differences import Difference, differences

MOST_TOLD = 50      # differences of one result
UNHURRIED = Patience()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The session, and what of it."""
    parser.add_argument("session", metavar="SESSION", help="a session (.oto)")
    add_patience(parser)
    parser.add_argument("--only", metavar="WHAT,...", help="numbers of results, from 1, or names of commands")


def run(args: argparse.Namespace, report: Report) -> dict[str, Any]:
    """How many results there are, and each place in which one is another today."""
    opened = read(args.session, report=report)
    patience = patience_of(args, opened.session.results)
    if told := forecast([(number, result) for number, result in enumerate(opened.session.results, 1)
                         if not not_again(result) and not patience.refusal(number, result)]):
        if isinstance(report, ProgressLine):
            report.close()
        say(told)
    return replayed(opened, report, patience)


def replayed(opened: Opened, report: Report, patience: Patience = UNHURRIED) -> dict[str, Any]:
    """The comparison of the results of a session with those of today."""
    found: list[dict[str, Any]] = []
    skipped = []
    results = opened.session.results
    for number, result in enumerate(results, 1):
        report(Progress(number - 1, len(results), f"asking again: {result.command}"))
        why = not_again(result) or patience.refusal(number, result)
        told: list[Difference] = []
        try:
            if not why:
                differing = compared(result, opened.session.audio, patience.heard_by(report))
                told = list(itertools.islice(differing, MOST_TOLD + 1))
        except TooLong as late:
            why = str(late)
        if why:
            skipped.append({"result": number, "command": result.command, "why": why})
            continue
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
    lines += [f"{one['result']} {one['command']}: not run again, for {one['why']}" for one in result["skipped"]
              if one["why"] != NOT_ASKED_FOR]
    n = len({one["result"] for one in result["differences"]})
    same = result["results"] - n - len(result["skipped"])
    return "\n".join([*result["missing"], *lines, f"{same} of {result['results']} results are the same again"])
