"""How fast this is beside other packages: each pair is measured in one run, on one excerpt, with the same threads.

Times are medians of a few runs after one that warms up. What would take minutes for a peer is measured in part and
extrapolated linearly; the note says so. Absolute times drift from machine to machine, ratios carry.
"""

from __future__ import annotations

import os
import platform
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import Any

import torch

from engine.bench import adversary_items, dissect_items, folk_items, items, maximise_items
from engine.bench.ground import Size, ground_of
from engine.job import Progress, Report, silent
from engine.models.listener import Listener

ITEMS = (*items.ITEMS, *adversary_items.ITEMS, *dissect_items.ITEMS, *maximise_items.ITEMS, *folk_items.ITEMS)


def bench(listener: Listener, size: Size | None = None, report: Report = silent) -> dict[str, Any]:
    """Measure everything.

    Returns
    -------
    dict
        `items`, each with item, ours, peer, peer_name, unit, ratio, note; and `machine`.
    """
    size = size or Size()
    ground = ground_of(listener, size)
    lines = []
    for i, measure in enumerate(ITEMS):
        report(Progress(i, len(ITEMS), measure.__name__.replace("_", " ")))
        item = measure(ground)
        lines.append({**asdict(item), "ratio": item.ratio})
    return {"items": lines, "machine": machine()}


def machine() -> dict[str, Any]:
    """What the times depend on."""
    return {"cpu": cpu_name(), "cores": os.cpu_count(), "threads": torch.get_num_threads(),
            "system": f"{platform.system()} {platform.release()}", "python": platform.python_version(),
            **{name: metadata.version(name) for name in ("torch", "numpy", "librosa", "captum")}}


def cpu_name() -> str:
    """The processor as Linux calls it, or as Python does."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())
