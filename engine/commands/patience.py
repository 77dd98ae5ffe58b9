"""How long questions of a session may take when they are asked again, and which of them are.

Some took hours: a search of a grid says so before it begins, and can be left out. What a session says of times is what
somebody wrote there, so a limit holds for the questions of today, too.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

from engine.checks import InputError, choice, within
from engine.job import Cancelled, Progress, Report
from engine.sessions import Result

WORTH_SAYING = 60.0     # seconds
NOT_ASKED_FOR = "it was not asked for"
LONGEST = 30 * 86400.0  # seconds that --longest may be
FOUND_BEFORE = ("maximise",)
"""A search goes on where it was interrupted: its answer says how long it took in all."""


class TooLong(Cancelled):
    """A question took longer than it may."""


@dataclass(frozen=True)
class Patience:
    """With questions that are asked again.

    Parameters
    ----------
    longest
        Seconds that each may take.
    only
        Numbers of results, from 1, and names of commands; empty for all.
    """

    longest: float = math.inf
    only: tuple[str, ...] = ()

    def refusal(self, number: int, result: Result) -> str:
        """Why a result is not asked again; empty where it may be."""
        if self.only and not {str(number), result.command} & {*self.only}:
            return NOT_ASKED_FOR
        return self.too_long(result)

    def too_long(self, result: Result) -> str:
        """That it took too long at first; empty where it did not."""
        took = seconds_of(result)
        return f"it took {lasting(took)} at first" if took > self.longest else ""

    def heard_by(self, report: Report) -> Report:
        """The same report for one question, which begins now; it raises `TooLong` after its time."""
        until = time.monotonic() + self.longest

        def heard(progress: Progress) -> None:
            if time.monotonic() > until:
                raise TooLong(f"it took longer than {lasting(self.longest)}")
            report(progress)

        return heard


def add_patience(parser: argparse.ArgumentParser) -> None:
    """The limit of time."""
    parser.add_argument("--longest", type=float, metavar="S", help="leave out what took longer than S seconds at "
                                                                   "first, and let go of what does today")


def patience_of(args: argparse.Namespace, results: Sequence[Result] = ()) -> Patience:
    """What was asked for on the command line.

    Raises
    ------
    InputError
        When it names results that there are not.
    """
    longest = math.inf if args.longest is None else within(args.longest, 0.0, LONGEST, "--longest")
    only = tuple(name.strip() for name in (getattr(args, "only", None) or "").split(",") if name.strip())
    for name in only:
        if not name.isdecimal():
            choice(name, dict.fromkeys(result.command for result in results), "--only")
        elif not 1 <= int(name) <= len(results):
            raise InputError(f"--only: expected numbers from 1 to {len(results)}, got {name:.20}")
    return Patience(longest, tuple(name.lstrip("0") if name.isdecimal() else name for name in only))


def seconds_of(result: Result) -> float:
    """How long it took, times included in which it was found earlier."""
    found = result.answer.get("seconds") if result.command in FOUND_BEFORE else None
    return max(result.seconds, float(found) if isinstance(found, (int, float)) else 0.0)


def forecast(results: Sequence[tuple[int, Result]]) -> str:
    """How long these took, where that is worth saying before it is taken again; else empty."""
    times = {number: seconds_of(result) for number, result in results}
    if sum(times.values()) < WORTH_SAYING:
        return ""
    longest, result = max(results, key=lambda one: times[one[0]])
    most = (f", {lasting(times[longest])} of it number {longest}, {result.command}" if len(times) > 1 else "")
    return (f"{len(times)} question{'s' * (len(times) != 1)} took {lasting(sum(times.values()))} at first{most}; "
            "--longest S leaves out what took more than S seconds")


def lasting(seconds: float) -> str:
    """"40 s", "12 min", "2.4 h"."""
    if seconds < 90:
        return f"{seconds:.3g} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
