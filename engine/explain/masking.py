"""Scores of one excerpt under many masks: what mask-based explainers and trust figures all ask for.

A mask is a row of booleans, one per segment; True keeps the segment, False hides it behind the fill.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.checks import InputError
from engine.explain.explanation import Array, Explanation, FastMasks, Score, Segmentation, at_once
from engine.explain.fills import Fill
from engine.job import Progress, Report, silent

Masks = NDArray[np.bool_]
MOST_SEGMENTS = 12  # 4,096 masks: the most that are all tried
BATCH = 8           # excerpts between two reports: about 40 ms of the singing-voice network on one core


def all_masks(n: int) -> Masks:
    """All 2^n masks, bool (2^n, n): row r keeps segment i where bit i of r is set.

    So row 0 hides everything, and the last row nothing.

    Raises
    ------
    InputError
        When n is above MOST_SEGMENTS.
    """
    if n > MOST_SEGMENTS:
        raise InputError(f"segments: expected at most {MOST_SEGMENTS} for an exact method, got {n}; "
                         "use fewer segments or a sampled method")
    return np.asarray((np.arange(2**n)[:, None] >> np.arange(n)) & 1, dtype=bool)


def random_masks(n: int, n_masks: int, seed: int) -> Masks:
    """Masks that keep each of n segments with probability 1/2, bool (n_masks, n)."""
    return np.random.default_rng(seed).random((n_masks, n)) < 0.5


def mask_scores(score: Score, S: Tensor, *, segmentation: Segmentation, fill: Fill, masks: Masks,
                report: Report = silent, known: Explanation | None = None) -> Array:
    """Scores of S under each mask.

    Each different mask is scored once: by the score function's own quicker way where it has one (`FastMasks`)
    and the fill does not depend on the mask, else batch by batch.

    Parameters
    ----------
    score
        Score function of (batch, bands, frames).
    S
        (bands, frames), standardised.
    masks
        bool (m, segments).
    known
        An explanation of the same excerpt by the same score function, with the same draw where the fill is
        noise: its mask scores are taken over if its segments and the name of its fill are the same.

    Returns
    -------
    Array
        (m,)

    Raises
    ------
    InputError
        When the score function answers with NaN or infinity.
    """
    keys = _keys(masks)
    scores = _remembered(known, segmentation, fill)
    missing = {key: row for row, key in enumerate(keys) if key not in scores}
    if missing:
        wanted = torch.from_numpy(masks[list(missing.values())])
        with torch.no_grad():
            fresh = _computed(score, S, segmentation, fill, wanted, report).double().numpy()
        if not np.isfinite(fresh).all():
            raise InputError("model: expected finite scores, got NaN or infinity; "
                             "is its input in the range it was trained on?")
        scores.update(zip(missing, fresh.tolist(), strict=True))
    return np.array([scores[key] for key in keys])


def _computed(score: Score, S: Tensor, segmentation: Segmentation, fill: Fill, masks: Tensor,
              report: Report) -> Tensor:
    total = len(masks)
    report(Progress(0, total, "trying masks"))
    if isinstance(score, FastMasks) and fill.constant is not None:
        fast = score.of_masks(S, fill.constant, segmentation.segment_map, masks, report)
        if fast is not None:
            report(Progress(total, total, "trying masks"))
            return fast
    parts: list[Tensor] = []
    for part in torch.split(masks, at_once(score, BATCH)):
        parts.append(score(fill.apply(S, segmentation.segment_map, part)))
        report(Progress(sum(map(len, parts)), total, "trying masks"))
    return torch.cat(parts)


def _remembered(known: Explanation | None, segmentation: Segmentation, fill: Fill) -> dict[bytes, float]:
    if (known is None or known.masks is None or known.mask_scores is None or known.fill != fill.name
            or not torch.equal(known.segmentation.segment_map, segmentation.segment_map)):
        return {}
    return dict(zip(_keys(known.masks), known.mask_scores.tolist(), strict=True))


def _keys(masks: Masks) -> list[bytes]:
    return [row.tobytes() for row in np.packbits(masks, axis=1)]
