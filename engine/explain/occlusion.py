"""Occlusion: what the score loses when one segment alone is hidden.

M. Zeiler, R. Fergus: Visualizing and understanding convolutional networks. ECCV 2014, section 4.2.
"""

from __future__ import annotations

import numpy as np
from torch import Tensor

from engine.explain.explanation import Explanation, Score, Segmentation
from engine.explain.fills import Fill
from engine.explain.masking import mask_scores
from engine.job import Report, silent


def occlusion(score: Score, S: Tensor, *, segmentation: Segmentation, fill: Fill, units: str = "probability",
              report: Report = silent, known: Explanation | None = None) -> Explanation:
    """Weight of a segment: score of the whole excerpt minus its score without the segment.

    Segments that stand in for each other all get weights near zero: compare Shapley values.

    Parameters
    ----------
    score
        Score function of (batch, bands, frames), in `units`.
    S
        float32 (bands, frames), standardised.
    segmentation, fill
        What is hidden, and behind what.
    known
        Mask scores to take over, see `mask_scores`.
    """
    n = len(segmentation)
    masks = np.concatenate([~np.eye(n, dtype=bool), np.ones((1, n), bool), np.zeros((1, n), bool)])
    scores = mask_scores(score, S, segmentation=segmentation, fill=fill, masks=masks, report=report,
                         known=known)
    return Explanation(segmentation, scores[-2] - scores[:-2], float(scores[-2]), float(scores[-1]),
                       "occlusion", fill.name, units, masks=masks, mask_scores=scores)
