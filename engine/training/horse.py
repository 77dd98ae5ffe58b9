"""The planted horse: train on music with a known confound, and see which method finds it.

Data are made up, systems are fitted to them, and each method orders a fixed list of causes; what counts is where the
true one stands. A method whose input cannot contain the confound has no place, which is a finding too.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from engine.audio.change import level_of_change
from engine.audio.interventions import INTERVENTIONS
from engine.checks import choice, within
from engine.explain.dissect import Panel, Recording, experiment
from engine.job import Report, silent
from engine.training import horse_methods as methods
from engine.training.horse_causes import CAUSES
from engine.training.horse_sounds import PLANTED, PLANTS, Clip, clips
from engine.training.horse_systems import fitted, panel_of, recordings_of

TRAIN, TEST = 16, 6    # recordings of each class
TEST_SEED = 1_000_003  # so far from that of the training recordings
UNSEEN = ("infrasonic", "dc")   # plants that lie below what a spectrogram begins with
LONG = ("tempo",)      # plants that only windows of several notes can hold
QUICK = ("tree", "sweep", "search")
FULL = (*QUICK, "slime", "occlusion", "adversary")
EXPLAINERS = {"slime": "slime-exact", "occlusion": "occlusion"}


def horse(plant: str, *, full: bool = False, seeds: int = 1, first_seed: int = 0, train: int = TRAIN,
          test: int = TEST, report: Report = silent) -> dict[str, Any]:
    """Build, train, test and score.

    Parameters
    ----------
    plant
        One of `PLANTS`.
    full
        All methods, not only tree, sweep and search.
    seeds, first_seed
        How often, each time with other recordings.
    train, test
        Recordings of each class.

    Returns
    -------
    dict
        plant; learnt (whether any system goes by it: what none goes by, no method can find); recall_before and
        recall_after (the plant taken out of the test recordings) of the machine, and by system; audible; methods with
        rank (1 is found, None cannot be), its spread over seeds, seconds and why it may fail; causes; seeds.

    Raises
    ------
    InputError
        When there is no such plant, or a number is out of range.
    """
    choice(plant, PLANTS, "--plant")
    within(seeds, 1, 100, "--seeds")
    runs = [_run(plant, FULL if full else QUICK, seed, train, test, report)
            for seed in range(first_seed, first_seed + seeds)]
    return {"plant": plant, "words": PLANTS[plant].words, "learnt": any(run["learnt"] for run in runs),
            **{key: float(np.mean([run[key] for run in runs])) for key in ("recall_before", "recall_after")},
            "audible": any(run["audible"] for run in runs), "margin_db": runs[0]["margin_db"],
            "systems": {name: {key: float(np.mean([run["systems"][name][key] for run in runs]))
                               for key in ("recall_before", "recall_after")} for name in runs[0]["systems"]},
            "methods": [_over_seeds([run["methods"][i] for run in runs]) for i in range(len(runs[0]["methods"]))],
            "causes": [cause.name for cause in CAUSES], "seeds": seeds, "first_seed": first_seed,
            "seconds": sum(run["seconds"] for run in runs)}


def _run(plant: str, names: Sequence[str], seed: int, train: int, test: int, report: Report) -> dict[str, Any]:
    began = time.perf_counter()
    learnt, asked = clips(plant, train, seed), clips(plant, test, seed + TEST_SEED)
    systems = fitted(learnt, long=plant in LONG, seed=seed, report=report)
    panel, recordings = panel_of(systems), recordings_of(asked)
    recalls = _recalls(panel, recordings, recordings_of(asked, clean=True), report)
    heard = _heard(plant, asked)
    mel = methods.MelSystem(learnt) if set(names) & EXPLAINERS.keys() else None
    ways: dict[str, Callable[[], list[float | None]]] = {
        "tree": lambda: methods.by_tree(systems, panel, recordings, report),
        "sweep": lambda: methods.by_sweep(systems, panel, recordings, report),
        "search": lambda: methods.by_search(systems, panel, recordings, report),
        "adversary": lambda: methods.by_adversary(systems, panel, asked, report)}
    for name, method in EXPLAINERS.items():
        if mel is not None:
            ways[name] = _explained(mel, asked, method, report)
    if mel is not None:
        recalls["mel"] = _mel_recalls(mel, asked)
    return {**recalls[panel.names[0]], "systems": recalls, "audible": heard[0], "margin_db": heard[1],
            "learnt": any(_goes_by_it(one) for one in recalls.values()),
            "methods": [{**_scored(name, plant, ways[name]), "why": _why(name, plant, heard[0], recalls)}
                        for name in names], "seconds": time.perf_counter() - began}


def _recalls(panel: Panel, planted: Sequence[Recording], clean: Sequence[Recording],
             report: Report) -> dict[str, dict[str, float]]:
    """Mean recall of each system on the test recordings, and on the same without the plant."""
    untouched = INTERVENTIONS["gain"].at(gain_db=0)
    before, after = (experiment(panel, those, [untouched], audible=False, report=report) for those in (planted, clean))
    return {name: {"recall_before": before[i].recall(after=False) or 0.0,
                   "recall_after": after[i].recall(after=False) or 0.0} for i, name in enumerate(panel.names)}


def _mel_recalls(mel: methods.MelSystem, asked: Sequence[Clip]) -> dict[str, float]:
    """Mean recall of the system that explainers are asked about; the classes have equally many recordings."""
    return {f"recall_{when}": float(np.mean([mel.decides(sound) == clip.label for clip, sound in those]))
            for when, those in (("before", [(clip, clip.heard) for clip in asked]),
                                ("after", [(clip, clip.clean) for clip in asked]))}


def _goes_by_it(recalls: dict[str, float]) -> bool:
    return recalls["recall_after"] < recalls["recall_before"]


def _why(name: str, plant: str, audible: bool, recalls: dict[str, dict[str, float]]) -> str:
    """Why a method cannot find the plant, or hardly; "" where nothing stands in its way."""
    if name in EXPLAINERS:
        if plant in UNSEEN:
            leaks = ", though windows leak enough of it for the system to go by" if _goes_by_it(recalls["mel"]) else ""
            return f"log-mels begin at {methods.MEL_FMIN:g} Hz, so no segment can name it{leaks}"
        return "" if _goes_by_it(recalls["mel"]) else "the system that hears mels does not go by it"
    if name == "tree":
        return "" if _goes_by_it(recalls["tree"]) else "the tree does not go by it"
    if name == "search" and audible:
        return "it can be heard, and only what nobody hears is searched"
    return "" if any(map(_goes_by_it, recalls.values())) else "no system goes by it"


def _explained(mel: methods.MelSystem, asked: Sequence[Clip], method: str,
               report: Report) -> Callable[[], list[float | None]]:
    return lambda: methods.by_explainer(method)(mel, asked, report)


def _scored(name: str, plant: str, way: Callable[[], list[float | None]]) -> dict[str, Any]:
    began = time.perf_counter()
    scores = way()
    return {"method": name, "rank": methods.rank_of(plant, scores), "seconds": time.perf_counter() - began,
            "scores": scores}


def _heard(plant: str, asked: Sequence[Clip]) -> tuple[bool, float | None]:
    """Whether the plant can be heard in any test recording, and how far above the threshold it gets.

    A fixed tempo is no change of a sound that could be compared with it; it is heard as a tempo.
    """
    if PLANTS[plant].add is None:
        return True, None
    levels = [level_of_change(clip.clean, clip.heard) for clip in asked if clip.label == PLANTED]
    margin = max(float(one.margin_db) for one in levels if one.margin_db is not None)
    return margin > 0, margin


def _over_seeds(found: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Mean rank of one method with its spread; None where its input cannot contain the plant."""
    ranks = [one["rank"] for one in found]
    known = [rank for rank in ranks if rank is not None]
    why = next((one["why"] for one in found if one["why"]), "") if any(rank != 1 for rank in ranks) else ""
    return {"method": found[0]["method"], "why": why, "rank": float(np.mean(known)) if known else None,
            "spread": float(np.std(known)) if known else None, "ranks": ranks, "scores": found[0]["scores"],
            "seconds": sum(one["seconds"] for one in found)}
