"""Dissect's lines of the table: scattering beside kymatio's, and a sweep of all systems beside one system at a time."""

from __future__ import annotations

import importlib
import math
from collections.abc import Sequence
from importlib import metadata
from typing import Any

import numpy as np
import torch

from engine.audio.interventions import INTERVENTIONS
from engine.audio.scattering import Scattering
from engine.audio.waveform import Waveform
from engine.bench.ground import Ground, Item, demo
from engine.explain.dissect import Recording, experiment
from engine.explain.dissect_sweep import SWEEPS
from engine.listening.dissect import panel_of
from engine.models import catalogue
from engine.models.listener import Listener

LONGEST = 2**19           # samples: 24 s
SHORT = 2**14             # to see that it runs
FEW = 2                   # cut-offs, to see that it runs
LENGTH = 2**14
CUT_OFFS = 30
SWEPT_SECONDS = 30.0
TRIED = 3                 # cut-offs of the peer's sweep, of which the rest is extrapolated
ABSENT = "not installed; pip install kymatio measures it too"
BACK_ENDS = {"torch": ("kymatio.scattering1d.frontend.torch_frontend", "ScatteringTorch1D"),
             "numpy": ("kymatio.scattering1d.frontend.numpy_frontend", "ScatteringNumPy1D")}


def scattering_against_kymatio_torch(ground: Ground) -> Item:
    """Both orders, with its torch back end."""
    return _against(ground, "torch")


def scattering_against_kymatio_numpy(ground: Ground) -> Item:
    """Both orders, with its NumPy back end."""
    return _against(ground, "numpy")


def _against(ground: Ground, back_end: str) -> Item:
    n = SHORT if _quick(ground) else LONGEST
    length = min(LENGTH, n // 32)
    y = torch.from_numpy(np.resize(ground.audio.y, n))
    seconds = n / ground.audio.sr
    scattering, title = Scattering(length=length), f"scattering, a second of audio, kymatio's {back_end}"
    ours = ground.timed(lambda: scattering(y)) / seconds
    module, name = BACK_ENDS[back_end]
    try:
        make = getattr(importlib.import_module(module), name)
    except ImportError:
        return Item(title, ours, None, "kymatio", ABSENT)
    peer: Any = make(J=int(math.log2(length)), shape=n, Q=(8, 1))
    sound = y if back_end == "torch" else y.numpy()
    theirs = ground.timed(lambda: peer(sound)) / seconds
    return Item(title, ours, theirs, f"kymatio {metadata.version('kymatio')}",
                f"{seconds:.2g} s at once, averaged over {length:,} samples, 8 and 1 wavelets an octave; the peer's "
                "filters, which take it longer than this, are made before")


def sweep_of_all_systems(ground: Ground) -> Item:
    """A high-pass at 30 cut-offs, and what all systems for styles say."""
    title = f"sweep of {CUT_OFFS} cut-offs"
    names = [*catalogue.scattering_names(), *(name for name in catalogue.names() if name.startswith("style-"))]
    listeners = list({one.name: one for one in map(catalogue.load, names)}.values())
    if not listeners:
        return Item(title, None, None, "each system alone", "no system for styles is shipped")
    y = demo(44100, min(SWEPT_SECONDS, ground.size.seconds))
    points = FEW if _quick(ground) else CUT_OFFS
    tried = min(TRIED, points)
    treatments = [INTERVENTIONS["high-pass"].at(cutoff_hz=value) for value in SWEEPS["highpass"].values[:points]]
    recordings = [Recording("demo", None, "demo", lambda: Waveform(y, 44100))]

    def swept(those: Sequence[Listener], count: int) -> None:
        # a panel of its own remembers nothing
        experiment(panel_of(those), recordings, treatments[:count], audible=False)

    def each_alone() -> None:
        for one in listeners:
            swept([one], tried)

    ours = ground.timed(lambda: swept(listeners, points), lambda: swept(listeners, 1)) * CUT_OFFS / points
    peer = ground.timed(each_alone, lambda: swept(listeners[:1], 1)) * CUT_OFFS / tried
    return Item(f"{title}, {len(listeners)} systems", ours, peer, "each system alone",
                f"{len(y) / 44100:.0f} s of sound; ours makes each kind of features once for all systems, and only in "
                f"bands that change; the peer extrapolated linearly from {tried} cut-offs")


def _quick(ground: Ground) -> bool:
    return ground.size.runs == 1


ITEMS = (scattering_against_kymatio_torch, scattering_against_kymatio_numpy, sweep_of_all_systems)
