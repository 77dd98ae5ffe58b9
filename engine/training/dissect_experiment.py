"""The published experiment: systems by partitions by an intervention on what is learnt from, on the test, or on both.

F. Rodríguez-Algarra, B. L. Sturm, H. Maruri-Aguilar, ISMIR 2016, section 4: a system that went by what the
intervention takes away falls when it is taken from the test alone, and stays when it learnt without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
import torch

from engine.audio.interventions import Treatment
from engine.audio.scattering_features import ScatteringFrontEnd
from engine.checks import InputError, shown
from engine.explain.dissect import Array, Heard, Outcome
from engine.job import Progress, Report, silent
from engine.models import catalogue
from engine.models.scattering_svm import WindowClassifier
from engine.training.scattering_material import Scattered, scattered
from engine.training.ship_scattering import SYSTEMS
from engine.training.style_data import PARTITIONS, PARTS, in_part, is_dealt_by_table, style_excerpts
from engine.training.train_scattering import Config, Material, fit_svm, fit_tree, gather

SETTINGS: dict[str, dict[str, float]] = {"scattering_svm": {"C": 1.0, "gamma_rows": 0.1},
                                         "scattering_tree": {"depth": 8, "leaf": 0.02}}
STATES = ("untouched", "treated")


def published(data: str, treatment: Treatment, *, front_end: ScatteringFrontEnd | None = None, seed: int = 0,
              report: Report = silent) -> dict[str, Any]:
    """Fit each system to untouched and to treated music, and test each on both.

    The settings are those of the shipped system of the same name, so nothing is chosen anew.

    Returns
    -------
    dict
        treatment; cells, each with system, partition, train and test (untouched or treated), mean_recall,
        mean_recall_interval (95 %, over tracks), recall, labels, confusion and n_excerpts; sentence.

    Raises
    ------
    InputError
        When the folder has no such music, or the treatment does not suit a file.
    """
    front_end, excerpts = front_end or ScatteringFrontEnd(), style_excerpts(data)
    libraries = dict(zip(STATES, (scattered(excerpts, front_end, treatment=one, report=report)
                                  for one in (None, treatment)), strict=True))
    partitions = list(PARTITIONS) if is_dealt_by_table(data) else ["artist"]
    if not any(excerpt.parts.get(partitions[0]) == PARTS[-1] for excerpt in excerpts):
        raise InputError(f"{shown(data)}: expected a test part in tracks.csv, found none")
    cells: list[dict[str, Any]] = []
    jobs = list(product((name for name, of in SYSTEMS.items() if of["partition"] in partitions), STATES))
    for i, (name, train) in enumerate(jobs):
        report(Progress(i, len(jobs), "fitting systems"))
        material, classifier = _fitted(name, libraries[train], seed)
        cells += [_cell(name, train, test, _tested(name, libraries[test], material, classifier)) for test in STATES]
    return {"treatment": treatment.words, "cells": cells, "sentence": _sentence(cells, treatment)}


def _fitted(name: str, library: Sequence[Scattered], seed: int) -> tuple[Material, WindowClassifier]:
    of = SYSTEMS[name]
    shipped = name in catalogue.scattering_names()
    setting = catalogue.load(name).card["best"] if shipped else SETTINGS[of["kind"]]
    material = gather(library, of["partition"], Config.windows)
    fit = fit_svm if of["kind"] == "scattering_svm" else fit_tree
    return material, fit(material.X, material.truth, setting, seed)[1]


def _tested(name: str, library: Sequence[Scattered], material: Material, classifier: WindowClassifier) -> Outcome:
    """The decisions on the test part, by the vote of all windows."""
    test = {excerpt.id for excerpt in in_part([one.excerpt for one in library], SYSTEMS[name]["partition"], PARTS[-1])}
    heard = []
    for one in library:
        if one.excerpt.id in test:
            with torch.inference_mode():
                votes = classifier.logits(torch.from_numpy((one.windows - material.mean) / material.std)).argmax(1)
            p: Array = np.bincount(votes.numpy(), minlength=len(material.labels)) / len(votes)
            said = material.labels[int(p.argmax())]
            heard.append(Heard(one.excerpt.id, one.excerpt.label, one.excerpt.track, said, said, p, p))
    return Outcome(name, material.labels, "", tuple(heard))


def _cell(name: str, train: str, test: str, outcome: Outcome) -> dict[str, Any]:
    found = outcome.figures(after=False)
    assert found is not None  # every excerpt has one of the labels
    return {"system": name, "partition": SYSTEMS[name]["partition"], "train": train, "test": test, **found,
            "n_excerpts": len(outcome.files)}


def _sentence(cells: Sequence[dict[str, Any]], treatment: Treatment) -> str:
    """The largest fall of all, in words."""
    recall = {(one["system"], one["train"], one["test"]): one["mean_recall"] for one in cells}
    names = {one["system"] for one in cells}
    worst = min(sorted(names), key=lambda name: recall[name, *STATES] - recall[name, STATES[0], STATES[0]])
    plain, fallen, learnt = (recall[worst, train, test] for train, test in (
        (STATES[0], STATES[0]), (STATES[0], STATES[1]), (STATES[1], STATES[1])))
    return (f"{treatment.words} of the test changes mean recall most for {worst}: from {plain:.2f} to {fallen:.2f}; "
            f"{learnt:.2f} where it learnt from music so treated")
