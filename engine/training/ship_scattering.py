"""From fitted scattering systems to shipped ones: which there are, and their cards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

from engine.job import Report, silent
from engine.models import catalogue
from engine.models.listener import Listener
from engine.training import ship_styles, train_styles
from engine.training.evaluate_styles import evaluate_styles
from engine.training.scattering_material import Scattered
from engine.training.style_data import PARTITIONS, PARTS, Excerpt
from engine.training.train_scattering import Config, gather, train

SYSTEMS = {f"scattering-{kind}-{partition}": {"kind": f"scattering_{kind}", "partition": partition}
           for kind in ("svm", "tree") for partition in PARTITIONS}
"""Name -> what differs from `Config`."""

EXACT = ("counts", "dual", "intercept", "gamma", "feature", "threshold", "left", "right", "share", "reached",
         "data_minimum")
TITLES = {"scattering_svm": "Style by scattering, support vectors", "scattering_tree": "Style by scattering, a tree"}
ARCHITECTURES = {
    "scattering_svm": "support vector machine, Gaussian kernel with C = {C:g} and gamma = {gamma_rows:g} / rows, one "
                      "against one; a vote of all windows",
    "scattering_tree": "binary decision tree of at most {depth:g} questions to a leaf, at least {leaf:g} of the "
                       "windows in a leaf; a vote of all windows",
}
LIMITS = ("Six classes of music from free games, 30 s excerpts, labelled by tags, file kind and spectral statistics, "
          "not by ear; few artists, so see the interval over tracks before trusting the second digit. The validation "
          "excerpts chose the settings, so their figures flatter. It hears from 0.3 Hz up, so what it goes by may be "
          "inaudible: Dissect tells. ")
LICENCE_OF_VECTORS = ("The support vectors are measurements (scattering coefficients, averaged over 0.7 s) of training "
                      "excerpts, from which no sound can be heard again. ")


def train_and_ship(name: str, config: Config, library: Sequence[Scattered], out: Path, command: str,
                   report: Report = silent, *, length: int = 2**14) -> dict[str, Any]:
    """Fit one system, write `name.safetensors` and `name.json` to `out`, look once at the test part, return the card.

    Parameters
    ----------
    name, config
        Of `SYSTEMS`, or any.
    library
        All excerpts with features of windows of `length` samples.

    Raises
    ------
    InputError
        When a part lacks a class.
    """
    material = gather(library, config.partition, config.windows)
    trained = train(config, material, report)
    best, excerpts = trained["best"], [one.excerpt for one in library]
    dealt = train_styles.Config(data=config.data, work="", partition=config.partition)
    svm = config.kind == "scattering_svm"
    card: dict[str, Any] = {
        "name": name, "kind": config.kind, "labels": list(material.labels), "title": TITLES[config.kind],
        "partition": config.partition, "length": length,
        "input": f"log time scattering, order 2 over order 1: mono 22,050 Hz, averaged over {length:,} samples, 8 and "
                 f"1 wavelets to the octave, {len(material.mean)} rows, each standardised",
        "architecture": ARCHITECTURES[config.kind].format(**best), "command": command, "seed": config.seed,
        "config": {"windows": config.windows}, "windows": len(material.X), "tried": trained["tried"], "best": best,
        "data": ship_styles.data_facts(dealt, excerpts), "valid": {"mean_recall": best["valid_recall"]},
        "weights_licence": (LICENCE_OF_VECTORS if svm else "") + ship_styles.LICENCE,
        "limits": "".join([ship_styles.FAULT if config.partition == "random" else "", LIMITS]).strip(),
    }
    if svm:
        card["support_vectors"] = len(trained["tensors"]["support"])
    path = out / f"{name}.json"
    catalogue.write(path, trained["tensors"], card, exact=EXACT)
    if any(excerpt.parts.get(config.partition) == PARTS[-1] for excerpt in excerpts):
        card["test"] = evaluate_styles(catalogue.read(path), config.data, PARTS[-1], report, decide=by_windows(library))
        catalogue.write(path, trained["tensors"], card, exact=EXACT)
    return {**card, "sha256": catalogue.read(path).card["sha256"]}


def by_windows(library: Sequence[Scattered]) -> Callable[[Listener, Excerpt], int]:
    """Decides on excerpts by the features that are there."""
    windows = {one.excerpt.id: one.windows for one in library}

    def decide(listener: Listener, excerpt: Excerpt) -> int:
        with torch.inference_mode():
            return listener.decision(listener.verdict(listener.votes(torch.from_numpy(windows[excerpt.id]).T)))

    return decide
