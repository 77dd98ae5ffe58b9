"""Speed beside other packages, on this machine; close other programs first.

Each pair is measured in one run with the same threads: medians after a warm-up. It takes a few minutes.
"""

from __future__ import annotations

import argparse
import textwrap
from typing import Any

from engine.bench import bench
from engine.bench.ground import QUICK, Size
from engine.job import Report
from engine.models import catalogue


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options."""
    parser.add_argument("--model", default="svd", help="name of a model (default: svd)")
    parser.add_argument("--quick", action="store_true", help="see that it runs; too short for true figures")


def run(args: argparse.Namespace, report: Report) -> dict[str, Any]:
    """All items, and the machine."""
    return bench(catalogue.load(args.model), QUICK if args.quick else Size(), report)


def show(result: dict[str, Any]) -> str:
    """A table for people."""
    lines = [f"{'':<50}{'ours':>10}{'peer':>10}{'ratio':>10}"]
    for item in result["items"]:
        ours, peer = ("-" if item[side] is None else measured(item[side], item["unit"]) for side in ("ours", "peer"))
        ratio = "-" if item["ratio"] is None else times(item["ratio"])
        lines += [f"{item['item']:<50}{ours:>10}{peer:>10}{ratio:>10}",
                  *textwrap.wrap(f"{item['peer_name']}: {item['note']}", 100, initial_indent="    ",
                                 subsequent_indent="    ")]
    of = result["machine"]
    return "\n".join([*lines, "", f"{of['cpu']}, {of['cores']} cores, {of['threads']} threads; {of['system']}, "
                      f"Python {of['python']}, torch {of['torch']}, numpy {of['numpy']}"])


def times(ratio: float) -> str:
    """Two digits at least, none after the point where there are enough before it."""
    if ratio < 1:
        return f"{ratio:.2f}x"
    return f"{ratio:.1f}x" if ratio < 100 else f"{ratio:,.0f}x"


def measured(value: float, unit: str) -> str:
    """Seconds, or three digits of anything else."""
    return seconds(value) if unit == "s" else f"{value:.3g}"


def seconds(value: float) -> str:
    """Milliseconds below one second."""
    return f"{value * 1000:.3g} ms" if value < 1 else f"{value:,.1f} s"
