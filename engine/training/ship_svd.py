"""From a finished training to a model that is shipped: weights, and a card that says what they are worth."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from engine.job import Report, silent
from engine.models import catalogue
from engine.models.svd_listener import LABELS, SvdListener
from engine.training.datasets import voice_songs
from engine.training.evaluate import evaluate_svd
from engine.training.train_svd import MEDIAN_FRAMES, Config, train


def train_and_ship(config: Config, out: Path, command: str, report: Report = silent) -> dict[str, Any]:
    """Train, write `svd.safetensors` and `svd.json` to `out`, look once at the test songs, and return the card.

    Raises
    ------
    InputError
        When the data have no train and valid parts.
    """
    for split in ("train", "valid"):
        voice_songs(config.data, split)
    trained = train(config, report)
    best = trained["best"]
    card: dict[str, Any] = {
        "name": "svd", "kind": "svd_cnn", "labels": list(LABELS), "title": "Singing voice detector",
        "threshold": best["threshold"], "median_frames": MEDIAN_FRAMES,
        "input": "log-mel: mono 22,050 Hz, Hann 1024, hop 315, 80 bands 27.5 to 8,000 Hz; excerpts of 115 frames",
        "architecture": "Schlüter & Grill, ISMIR 2015: conv 64, 32, pool, conv 128, 64, pool, dense 256, 64, 1",
        "command": command, "seed": config.seed,
        "config": {k: v for k, v in trained["config"].items() if k not in ("data", "work")},
        "steps": trained["steps"], "best_step": best["step"], "history": trained["history"],
        "data": data_facts(config.data),
        "valid": {"error": best["valid_error"], "loss": best["valid_loss"]},
        "weights_licence": "CC BY-NC 4.0, as most of the recordings it learnt from are for non-commercial use; "
                           "the recordings themselves keep the licences named under data",
        "limits": "More than half of the training minutes are by one artist and most of it is English pop and rock; "
                  "labels of the UltraStar songs follow the lead voice on a beat grid of 30 to 60 ms. "
                  "Few songs: see the interval over songs before trusting the third digit.",
    }
    catalogue.write(out / "svd.json", trained["tensors"], card)
    if any(song.split == "test" for song in voice_songs(config.data, "all")):
        shipped = catalogue.read(out / "svd.json")
        assert isinstance(shipped, SvdListener)
        card["test"] = evaluate_svd(shipped, config.data, "test", report)
        catalogue.write(out / "svd.json", trained["tensors"], card)
    return card


def data_facts(data: str) -> dict[str, Any]:
    """Songs per part and their licences, for the card."""
    songs = voice_songs(data, "all")
    return {
        "songs": {split: [song.id for song in songs if song.split == split] for split in ("train", "valid", "test")},
        "licences_of_training_songs": dict(Counter(s.licence for s in songs if s.split in ("train", "valid"))),
        "split": "by artist",
    }
