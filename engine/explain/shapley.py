"""Exact Shapley values of segments: the score shared out fairly among all that took part.

L. S. Shapley: A value for n-person games. 1953. As an explanation: S. Lundberg, S. Lee: A unified approach to
interpreting model predictions. NeurIPS 2017.
"""

from __future__ import annotations

from math import comb

import numpy as np
from torch import Tensor

from engine.explain.explanation import Array, Explanation, Score, Segmentation
from engine.explain.fills import Fill
from engine.explain.masking import all_masks, mask_scores
from engine.job import Report, silent


def shapley(score: Score, S: Tensor, *, segmentation: Segmentation, fill: Fill, units: str = "probability",
            report: Report = silent, known: Explanation | None = None) -> Explanation:
    """Exact Shapley values from all 2^n masks; they sum to score_full - score_empty.

    Parameters
    ----------
    score
        Score function of (batch, bands, frames), in `units`.
    S
        float32 (bands, frames), standardised.
    segmentation, fill
        What is hidden, at most 12 segments, and behind what.
    known
        Mask scores to take over, see `mask_scores`.

    Raises
    ------
    InputError
        When there are more than 12 segments.
    """
    masks = all_masks(len(segmentation))
    scores = mask_scores(score, S, segmentation=segmentation, fill=fill, masks=masks, report=report,
                         known=known)
    return Explanation(segmentation, shapley_values(scores), float(scores[-1]), float(scores[0]), "shapley",
                       fill.name, units, masks=masks, mask_scores=scores)


def shapley_values(scores: Array) -> Array:
    """Shapley values (n,) of a game given by the worth of all 2^n coalitions, in the order of `all_masks`.

    Player i is worth the mean of what it adds, v(C + i) - v(C), over coalitions C without it, each size of C
    counting alike: weight 1 / (n * binom(n - 1, |C|)).
    """
    n = len(scores).bit_length() - 1
    size = all_masks(n).sum(axis=1)
    weight = np.array([1 / (n * comb(n - 1, k)) for k in range(n)] + [0.0])[size]
    values = np.empty(n)
    for i in range(n):
        # split by bit i: [:, 0] are the coalitions without player i, [:, 1] the same ones with it
        worth, share = (array.reshape(-1, 2, 2**i) for array in (scores, weight))
        values[i] = ((worth[:, 1] - worth[:, 0]) * share[:, 0]).sum()
    return values
