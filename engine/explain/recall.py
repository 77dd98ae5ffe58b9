"""How often decisions on labelled music are right, and how sure that is.

Conventions: recall of a class is the share of its files that are decided right, and their mean over the classes that
there are (normalised accuracy) does not depend on how many files each has; rows of the confusion matrix are the truth;
intervals are percentiles of a bootstrap that draws whole tracks, as files of one track are not independent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

DRAWS = 2000


def figures(truth: NDArray[np.int64], said: NDArray[np.int64], labels: Sequence[str]) -> dict[str, Any]:
    """Mean recall, accuracy, recall per class (None where the data have none of it) and confusion matrix."""
    confusion = np.zeros((len(labels), len(labels)), dtype=np.int64)
    np.add.at(confusion, (truth, said), 1)
    there = confusion.sum(1)
    recall = {label: float(confusion[i, i] / there[i]) if there[i] else None for i, label in enumerate(labels)}
    known = [value for value in recall.values() if value is not None]
    return {"mean_recall": sum(known) / len(known), "accuracy": float(np.trace(confusion) / len(truth)),
            "recall": recall, "labels": list(labels), "confusion": confusion.tolist()}


def interval_over_tracks(labels: Sequence[str], right: Sequence[int], excerpts: Sequence[int], *,
                         seed: int = 0) -> tuple[float, float]:
    """95 % percentile bootstrap interval of the mean recall, drawing whole tracks of each class with replacement.

    Parameters
    ----------
    labels, right, excerpts
        Of each track: its class, how many of its files are decided right, and how many it has. Where `right` is a
        difference of two such counts, the interval is that of the difference of two mean recalls.
    seed
        Of the draws.
    """
    rng = np.random.default_rng(seed)
    r, n = np.asarray(right), np.asarray(excerpts)
    recalls = []
    for label in sorted(set(labels)):
        own = np.flatnonzero(np.asarray(labels) == label)
        picks = own[rng.integers(0, len(own), (DRAWS, len(own)))]
        recalls.append(r[picks].sum(1) / n[picks].sum(1))
    low, high = np.percentile(np.mean(recalls, axis=0), [2.5, 97.5])
    return float(low), float(high)
