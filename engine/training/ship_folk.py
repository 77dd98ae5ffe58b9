"""From a finished training of the folk model to what is shipped: weights, and a card that says what they are worth."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from engine.folk import novelty
from engine.job import Report, silent
from engine.models import folk_lstm
from engine.training.folk_collections import COLLECTIONS, LEFT_OUT
from engine.training.folk_material import GRAM, NEAR, FolkTune, Material, from_elsewhere, gather
from engine.training.ngrams import baselines
from engine.training.train_folk import Config, TrainingNet, cross_entropy, train


def train_and_ship(config: Config, out: Path, command: str, report: Report = silent, *,
                   elsewhere: Sequence[str] = ()) -> dict[str, Any]:
    """Train, write weights, card and index of the tunes to `out`, look once at the test tunes, and return the card.

    Tunes of the folders `elsewhere` are a second test: of a collection that nothing was learnt from.

    Raises
    ------
    InputError
        When the data cannot be used.
    """
    material = gather(config.data, style=config.style, seed=config.seed, report=report)
    vocabulary = material.vocabulary
    sequences = {part: encoded(getattr(material, part), vocabulary) for part in ("train", "valid", "test")}
    trained = train(config, sequences, len(vocabulary), report)
    best = trained["best"]
    tensors = {name: tensor.half().float() for name, tensor in trained["tensors"].items()}  # what is stored is judged
    card: dict[str, Any] = {
        "name": "folk", "title": "Folk tunes", "style": config.style, "vocabulary": list(vocabulary),
        "architecture": f"folk-rnn (Sturm et al. 2016): {config.layers} LSTM layers of {config.units} units, one-hot "
                        f"tokens, dropout {config.dropout}",
        "units": "cross-entropies in nats per token, the end of the tune included, the start not",
        "valid": {"lstm": best["valid"], **baselines(sequences["train"], sequences["valid"], len(vocabulary))},
        "test": {"lstm": judged(config, tensors, sequences["test"], len(vocabulary)),
                 **baselines(sequences["train"], sequences["test"], len(vocabulary))},
        "best_epoch": best["epoch"], "history": trained["history"], "data": data_facts(config, material, sequences),
        "command": command, "seed": config.seed,
        "config": {k: v for k, v in trained["config"].items() if k not in ("data", "work")},
        "weights_licence": "MIT, as the program: the tunes are out of copyright",
        "limits": "Dance tunes and airs of Ireland, Scotland, England and America as printed from 1778 to 1903, melody "
                  "only: of chords the highest note, no ornaments, no ties. Most tunes are in major.",
    }
    if elsewhere:
        tunes = from_elsewhere(elsewhere, material, style=config.style)
        others = encoded(tunes, vocabulary)
        card["test_elsewhere"] = {
            "collections": sorted({tune.collection for tune in tunes}), "tunes": len(tunes),
            "lstm": judged(config, tensors, others, len(vocabulary)),
            **baselines(sequences["train"], others, len(vocabulary))}
    folk_lstm.write(out / "folk.json", tensors, card)
    novelty.write_index(out / "tunes.npz", [novelty.KnownTune(tune.title, tune.collection, tune.tokens)
                                            for tune in material.train])
    return card


def encoded(tunes: Sequence[FolkTune], vocabulary: Sequence[str]) -> list[list[int]]:
    """Token indices of tunes, with start and end."""
    index = {token: i for i, token in enumerate(vocabulary)}
    return [[index[folk_lstm.START], *(index[t] for t in tune.tokens), index[folk_lstm.END]] for tune in tunes]


def judged(config: Config, tensors: dict[str, Any], tunes: Sequence[list[int]], tokens: int) -> float:
    """Nats per token under the weights that are stored."""
    net = TrainingNet(tokens, config)
    state = {"softmax.weight": tensors["softmax.W"], "softmax.bias": tensors["softmax.b"]}
    for n in range(config.layers):
        W, U, b = (tensors[f"layer{n}.{name}"] for name in "WUb")
        state |= {f"lstm.weight_ih_l{n}": W, f"lstm.weight_hh_l{n}": U, f"lstm.bias_ih_l{n}": b,
                  f"lstm.bias_hh_l{n}": b * 0}
    net.load_state_dict(state)
    return cross_entropy(net, tunes)


def data_facts(config: Config, material: Material, sequences: dict[str, list[list[int]]]) -> dict[str, Any]:
    """Tunes, tokens, sources and licences, for the card."""
    used = {c.folder: {"title": c.title, "terms": c.terms} for c in COLLECTIONS if c.folder in material.counts}
    return {
        "tunes": {part: len(tunes) for part, tunes in sequences.items()},
        "tokens": {part: int(np.sum([len(tune) - 1 for tune in tunes])) for part, tunes in sequences.items()},
        "collections": {name: {**used.get(name, {"terms": "given by the user"}), **count}
                        for name, count in material.counts.items()},
        "split": f"by tune, variants of a tune ({NEAR:.0%} of the passages of {GRAM} intervals in common) on one side; "
                 "tunes alike but for the key were dropped before",
        "left_out": LEFT_OUT,
    }
