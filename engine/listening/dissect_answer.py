"""Experiments as plain numbers and names, and in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.audio.change import LevelOfChange
from engine.explain.dissect import Heard, Outcome
from engine.explain.dissect_search import Search
from engine.explain.dissect_sweep import Sweep
from engine.explain.dissect_tree import Node, told_by_band

BANDS_HZ = (0.0, 20.0, 200.0, 2000.0, 20000.0)   # of a tree's questions: infrasound, bass, middle, treble


def answered(outcome: Outcome) -> dict[str, Any]:
    """One system under one intervention: each file, mean recall before and after, confusion matrices, intervals."""
    before, after = outcome.figures(after=False), outcome.figures(after=True)
    levels: Sequence[LevelOfChange | None] = outcome.audible or [None] * len(outcome.files)
    return {"treatment": outcome.treatment, "labels": list(outcome.labels), "n": len(outcome.files),
            "n_labelled": sum(one.label in outcome.labels for one in outcome.files),
            "recall_before": outcome.recall(after=False), "recall_after": outcome.recall(after=True),
            "change_interval": outcome.change_interval(), "flipped": sum(one.flipped for one in outcome.files),
            "figures_before": before, "figures_after": after, "sentence": sentence(outcome),
            "files": [_file(outcome, one, level) for one, level in zip(outcome.files, levels, strict=True)]}


def _file(outcome: Outcome, one: Heard, level: LevelOfChange | None) -> dict[str, Any]:
    audible = {"audible": None, "margin_db": None, "words": ""} if level is None else {
        "audible": level.audible, "margin_db": level.margin_db, "words": level.words}
    return {"file": one.file, "label": one.label if one.label in outcome.labels else None, "before": one.before,
            "after": one.after, "probability_before": one.p_before.tolist(), "probability_after": one.p_after.tolist(),
            "audible": audible}


def sentence(outcome: Outcome) -> str:
    """What an intervention did, in words."""
    margin = outcome.loudest_margin_db
    heard = "" if margin is None else ", audible," if margin > 0 else ", inaudible,"
    files, turned = outcome.files, sum(one.flipped for one in outcome.files)
    if len(files) == 1:
        one = files[0]
        to = f"turns it from {one.before} to {one.after}" if one.flipped else f"leaves it {one.before}"
        return f"{outcome.treatment}{heard} {to}"
    before, after = outcome.recall(after=False), outcome.recall(after=True)
    if before is None or after is None:
        return f"{outcome.treatment}{heard} turns {turned} of {len(files)} files"
    return (f"{outcome.treatment}{heard} changes mean recall from {before:.2f} to {after:.2f} ({outcome.certainty}) "
            f"and turns {turned} of {len(files)} files")


def of_sweep(swept: Sweep) -> dict[str, Any]:
    """Curves of the set, and of each file with the labels decided on."""
    figures = [outcome.figures(after=True) for outcome in swept.outcomes]
    curves = [{"file": one.file, "turns_at": swept.turns(i), "probability": swept.probabilities(i).tolist(),
               "decided": [outcome.files[i].after for outcome in swept.outcomes]}
              for i, one in enumerate(swept.outcomes[0].files)]
    return {"sweep": {"kind": swept.kind, "unit": swept.unit, "values": list(swept.values), "recall": swept.recalls(),
                      "interval": [None if one is None else one["mean_recall_interval"] for one in figures],
                      "mean_probability": swept.mean_probabilities().tolist(), "worst": swept.values[swept.worst],
                      "curves": curves}}


def of_search(found: Search) -> dict[str, Any]:
    """What was tried and what was found."""
    tried = [{"family": one.family, "value": one.value, "words": one.words, "margin_db": one.margin_db,
              "recall_after": one.outcome.recall(after=True), "flips": one.flips, "drop": one.drop}
             for one in found.tried]
    best = None if found.best is None else {"family": found.best.family, "value": found.best.value,
                                            "margin_db": found.best.margin_db}
    return {"search": {"best": best, "tried": tried}, "sentence": found.sentence()}


def of_tree(nodes: Sequence[Node]) -> dict[str, Any]:
    """The questions of a tree, and how much of what they tell is about which band."""
    told = told_by_band(nodes, BANDS_HZ)
    listed = [{"index": n.index, "parent": n.parent, "depth": n.depth, "name": n.name, "hz": n.hz,
               "modulation_hz": n.modulation_hz, "band_hz": None if n.low_hz is None else [n.low_hz, n.high_hz],
               "inaudible": n.inaudible, "threshold": None if n.is_leaf else n.threshold, "left": n.left,
               "right": n.right, "share": n.share.tolist(), "reached": n.reached, "importance": n.importance}
              for n in nodes]
    return {"tree": {"nodes": listed, "inaudible_importance": sum(n.importance for n in nodes if n.inaudible),
                     "told_by_band": [{"low_hz": low, "high_hz": high, "importance": share}
                                      for low, high, share in zip(BANDS_HZ, BANDS_HZ[1:], told, strict=False)]}}
