"""What an explainer is given, and what it answers: the value that is drawn, heard, saved and exported."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from engine.job import Report, silent

Array = NDArray[np.float64]


class Score(Protocol):
    """A score function: features (batch, bands, frames) -> (batch,) scores, in the units asked for."""

    def __call__(self, S: Tensor, /) -> Tensor: ...


@runtime_checkable
class FastMasks(Protocol):
    """A score function that knows a quicker way to the scores of one excerpt under many masks.

    `of_masks(S, filled, segment_map, masks, report)` takes the excerpt S and what hidden bins are replaced by, both
    (bands, frames); the index of each bin's segment, int64 (bands, frames); and masks, bool (m, n_segments)
    in which True keeps a segment. It returns (m,) scores equal to the brute-force ones, or None when it has
    no quicker way for these segments.
    """

    def of_masks(self, S: Tensor, filled: Tensor, segment_map: Tensor, masks: Tensor,
                 report: Report = silent) -> Tensor | None: ...


@runtime_checkable
class Roomy(Protocol):
    """A score function that may know better how many excerpts are worth asking about at once.

    `at_once(here)` is that number, where `here` are as many as keep this computer busy between two reports.
    """

    def at_once(self, here: int, /) -> int: ...


def at_once(score: object, here: int) -> int:
    """How many excerpts to ask a score function about at once."""
    return score.at_once(here) if isinstance(score, Roomy) else here


@dataclass(frozen=True)
class Segment:
    """A part of the excerpt: seconds from its start, and Hz."""

    index: int
    start: float
    end: float
    fmin: float
    fmax: float


@dataclass(frozen=True)
class Segmentation:
    """Segments and the map that says which bin belongs to which.

    Parameters
    ----------
    kind
        "temporal", "spectral" or "grid".
    segments
        In order of index.
    segment_map
        int64, (bands, frames): index of each bin's segment.
    """

    kind: str
    segments: tuple[Segment, ...]
    segment_map: Tensor

    def __len__(self) -> int:
        return len(self.segments)

    def box(self, index: int) -> tuple[int, int, int, int]:
        """Where a segment lies: its first frame and band, and how many frames and bands there are."""
        bands, frames = np.nonzero(self.segment_map.numpy() == index)
        return int(frames.min()), int(bands.min()), int(np.ptp(frames)) + 1, int(np.ptp(bands)) + 1


@dataclass(frozen=True)
class Trust:
    """How far an explanation can be trusted.

    Parameters
    ----------
    agreement
        Mean share of the top k that other fills name too, 0 to 1; None where it was not asked for.
    flips
        Whether removing the named segments changes the decision.
    deletion_auc, insertion_auc
        Mean score while segments are removed (added), largest weight first; a good explanation has a low
        deletion and a high insertion area. In the explanation's units.
    infidelity
        Mean squared difference between the change that the weights predict and the change that came
        (Yeh et al., NeurIPS 2019), over the masks.
    max_sensitivity
        Largest relative change of the weights under small changes of the input (same paper).
    """

    agreement: float | None = None
    flips: bool | None = None
    deletion_auc: float | None = None
    insertion_auc: float | None = None
    infidelity: float | None = None
    max_sensitivity: float | None = None


@dataclass(frozen=True)
class Explanation:
    """Why a score is what it is: one signed weight per segment.

    Parameters
    ----------
    segmentation
        The segments the weights belong to.
    weights
        (n,), in `units` per segment; positive speaks for the target.
    stderr
        (n,) standard errors where the method samples; None where it is exact.
    score_full, score_empty
        Score of the excerpt as it is, and with every segment hidden.
    method, fill, units, settings
        What was asked.
    attribution
        (bands, frames) for gradient methods; None where the map is one value per segment.
    masks, mask_scores
        bool (m, n) and (m,): the masks the explanation was made from and their scores, where it was.
    trust
        Filled in by `trust.judged`.
    """

    segmentation: Segmentation
    weights: Array
    score_full: float
    score_empty: float
    method: str
    fill: str
    units: str = "probability"
    stderr: Array | None = None
    attribution: Array | None = None
    masks: NDArray[np.bool_] | None = None
    mask_scores: Array | None = None
    settings: dict[str, float | int | str] = field(default_factory=dict)
    trust: Trust = field(default_factory=Trust)

    def top(self, k: int = 3) -> list[int]:
        """Indices of the k largest signed weights, largest first; ties go to the earlier segment."""
        return [int(i) for i in np.argsort(-self.weights, kind="stable")[:k]]

    def map(self) -> Array:
        """(bands, frames): the attribution of each bin, or the weight of its segment."""
        if self.attribution is not None:
            return self.attribution
        return np.asarray(self.weights[self.segmentation.segment_map.numpy()], dtype=np.float64)
