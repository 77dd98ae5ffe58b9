"""From finished trainings to style classifiers that are shipped: which there are, their cards, and the app's choice."""

from __future__ import annotations

import json
import statistics
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.job import Report, silent
from engine.models import catalogue
from engine.models.patch_cnn import PATCH, STRIDE
from engine.models.style_listener import StyleListener
from engine.training.evaluate_styles import evaluate_styles
from engine.training.style_data import PARTITIONS, PARTS, Excerpt, in_part, is_dealt_by_table
from engine.training.styles_material import Heard
from engine.training.train_styles import Config, train

MLP_50 = {"kind": "frame_mlp", "units": 50}
MLP_500 = {"kind": "frame_mlp", "units": 500}
CNN = {"kind": "patch_cnn", "steps": 500, "batch": 16, "frames": PATCH + 7 * STRIDE, "lr": 1e-3, "weight_decay": 0.05,
       "dropout": 0.4}
SYSTEMS: dict[str, dict[str, Any]] = {
    **{f"style-mlp-50-{partition}": {**MLP_50, "partition": partition} for partition in PARTITIONS},
    **{f"style-mlp-500-{partition}": {**MLP_500, "partition": partition} for partition in PARTITIONS},
    **{f"style-cnn-{partition}": {**CNN, "partition": partition} for partition in PARTITIONS},
    "style-mlp-adv-artist": {**MLP_500, "adversarial": 0.5},
    "style-cnn-adv-artist": {**CNN, "adversarial": 0.25},   # with half of each batch it learns hardly anything
}
"""Name -> what differs from `Config`."""

SEEDS = {"style-mlp-50-artist": 3, "style-mlp-50-track": 3, "style-mlp-50-random": 3}  # cheap enough for a spread
NOTES = {"style-cnn-adv-artist": "That a quarter of each batch is adversaries was chosen on the validation excerpts of "
                                 "the shipped model: half gave a mean recall of 0.51 (0.45 on test, which did not "
                                 "decide). "}
TITLES = {"style-mlp-50": "Style by frames, 50 units", "style-mlp-500": "Style by frames, 500 units",
          "style-cnn": "Style by patches", "style-mlp-adv": "Style by frames, trained on adversaries",
          "style-cnn-adv": "Style by patches, trained on adversaries"}
ARCHITECTURES = {
    "frame_mlp": "Kereliuk, Sturm & Larsen 2015: 3 ReLU layers of {units} units on single frames, summed softmax",
    "patch_cnn": "after Kereliuk, Sturm & Larsen 2015: conv 32 (9 bins by 3 frames), pool 2, conv 48 (5 by 3), pool 4, "
                 "dense 100 on patches of 100 frames, one every 8 frames, summed softmax",
}
LICENCE = (
    "CC BY-SA 4.0 for whatever rights there are in the weights: the largest share of the training excerpts is under CC "
    "BY-SA 3.0, which allows adaptations under later versions. Other excerpts are under GPL, LGPL, BSD and MIT "
    "licences (counted under data); no single licence would satisfy all of them if weights were works derived from the "
    "training data, which is not settled. Who takes them to be should train again on the excerpts whose licence suits; "
    "the recordings keep their own licences.")
LIMITS = ("Six classes of music from free games, 30 s excerpts, labelled by tags, file kind and spectral statistics, "
          "not by ear; few artists, so see the interval over tracks before trusting the second digit. The "
          "validation excerpts chose the step that ships and the app's model, so their figures flatter. ")
FAULT = ("The partition is faulty on purpose: pieces of one track are in train and in test, and the figures say how "
         "well tracks are recognised, not styles. It is shipped to show that. ")


def train_and_ship(name: str, config: Config, library: list[Heard], out: Path, command: str,
                   report: Report = silent) -> dict[str, Any]:
    """Train one system, write `name.safetensors` and `name.json` to `out`, look once at the test part, return the card.

    Raises
    ------
    InputError
        When a part lacks a class, or a checkpoint is damaged.
    """
    trained = train(config, library, report)
    excerpts = [heard.excerpt for heard in library]
    best = trained["best"]
    card: dict[str, Any] = {
        "name": name, "kind": config.kind, "labels": list(trained["labels"]),
        "title": TITLES[name.rpartition("-")[0]], "partition": config.partition,
        "input": "log(1 + 10 magnitude), standardised per bin: mono 22,050 Hz, Hann 1024, hop 512, 513 bins",
        "architecture": ARCHITECTURES[config.kind].format(units=config.units),
        "command": command, "seed": config.seed,
        "config": {key: value for key, value in trained["config"].items() if key not in ("data", "work")},
        "steps": trained["steps"], "best_step": best["step"], "history": trained["history"],
        "data": data_facts(config, excerpts),
        "valid": {"mean_recall": best["valid_recall"], "loss": best["valid_loss"]},
        "weights_licence": LICENCE,
        "limits": "".join([FAULT if config.partition == "random" else "", LIMITS, NOTES.get(name, "")]).strip(),
    }
    catalogue.write(out / f"{name}.json", trained["tensors"], card)
    if any(excerpt.parts.get(config.partition) == PARTS[-1] for excerpt in excerpts):
        card["test"] = _tested(out / f"{name}.json", config, report)
        card["seeds"] = spread(name, config, card, library, report)
        catalogue.write(out / f"{name}.json", trained["tensors"], card)
    return card


def spread(name: str, config: Config, card: dict[str, Any], library: list[Heard], report: Report) -> dict[str, Any]:
    """Mean recall on test of the same configuration from further seeds, where that is cheap; only the first ships."""
    recalls = [card["test"]["mean_recall"]]
    for seed in range(config.seed + 1, config.seed + SEEDS.get(name, 1)):
        work = Path(config.work) / f"seed-{seed}"
        again = train(replace(config, seed=seed, work=str(work)), library, report)
        catalogue.write(work / f"{name}.json", again["tensors"], card)
        recalls.append(_tested(work / f"{name}.json", config, report)["mean_recall"])
    deviation = statistics.stdev(recalls) if len(recalls) > 1 else None
    return {"first": config.seed, "test_mean_recall": recalls, "mean": statistics.mean(recalls), "sd": deviation}


def choose(folder: Path) -> dict[str, str]:
    """Write aliases.json: `style-mlp` and `style-cnn` name the system of their kind that validates best.

    Only systems of the partition by artist are asked: the other partitions measure something easier.
    """
    best: dict[str, tuple[float, str]] = {}
    for path in sorted(folder.glob("style-*-artist.json")):
        card = json.loads(path.read_text(encoding="utf-8"))
        alias = "-".join(card["name"].split("-")[:2])
        best[alias] = max(best.get(alias, (-1.0, "")), (card["valid"]["mean_recall"], card["name"]))
    aliases = {alias: name for alias, (_, name) in sorted(best.items())}
    if aliases:
        catalogue.write_aliases(folder, aliases)
    return aliases


def data_facts(config: Config, excerpts: list[Excerpt]) -> dict[str, Any]:
    """How many excerpts, tracks and artists per part, and the licences of those that were learnt from."""
    facts: dict[str, Any] = {"split": split_in_words(config)}
    if not is_dealt_by_table(config.data):
        facts["by_hash"] = True
    for part in PARTS:
        there = [excerpt for excerpt in excerpts if excerpt.parts.get(config.partition) == part]
        facts[part] = {"excerpts": len(there), "tracks": len({(e.label, e.track) for e in there}),
                       "artists": len({e.artist for e in there}),
                       "per_class": dict(sorted(Counter(e.label for e in there).items()))}
        if part != PARTS[-1]:
            facts[f"licences_of_{part}_excerpts"] = dict(
                Counter(e.licence or "not stated" for e in in_part(excerpts, config.partition, part)).most_common())
    return facts


def split_in_words(config: Config) -> str:
    """How the excerpts were dealt out."""
    if not is_dealt_by_table(config.data):
        return ("by the order of the files' sha256 within each class: half train, a fifth valid, the rest test; "
                "nothing is known of artists")
    return {"artist": "by artist, over all classes (split_artist)", "track": "by track (split)",
            "random": "excerpt by excerpt, faulty on purpose (split_random)"}[config.partition]


def _tested(card_path: Path, config: Config, report: Report) -> dict[str, Any]:
    shipped = catalogue.read(card_path)
    assert isinstance(shipped, StyleListener)
    return evaluate_styles(shipped, config.data, PARTS[-1], report)
