"""How far an explanation can be trusted: figures that look at the score function again.

Conventions: segments are removed or added largest signed weight first, as `Explanation.top` ranks them;
removing means hiding behind the explanation's fill, so a figure judges weights and fill together. Every
figure is finite, also for a score function that is constant.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from engine.explain.explanation import Array, Explanation, Score, Trust
from engine.explain.fills import Fill
from engine.explain.masking import Masks, all_masks, mask_scores, random_masks
from engine.job import Progress, Report, silent

N_MASKS = 256        # for infidelity, where the explanation brings no masks of its own
RADIUS = 0.02        # of max-sensitivity, in standard deviations of a band, as captum's default
N_PERTURBATIONS = 10


@dataclass(frozen=True)
class Curves:
    """Scores while segments are removed from the full and added to the empty excerpt, one by one.

    Parameters
    ----------
    deletion, insertion
        (n + 1,) scores after 0, 1, ... n steps.
    """

    deletion: Array
    insertion: Array

    @property
    def deletion_auc(self) -> float:
        """Mean height of the deletion curve, by the trapezium rule over shares 0 to 1 of the segments."""
        return _mean_height(self.deletion)

    @property
    def insertion_auc(self) -> float:
        """The same of the insertion curve."""
        return _mean_height(self.insertion)


def agreement(explanation: Explanation, others: Sequence[Explanation], *, k: int = 3) -> float:
    """Mean over `others` of the share of the explanation's top k that the other's top k names too.

    1 when all name the same segments, in whichever order. By chance k / n: .3 for 3 of 10; with k or fewer
    segments it is always 1.

    Parameters
    ----------
    others
        Explanations of the same excerpt and segments with other fills (or by other methods); at least one.
    """
    named = set(explanation.top(k))
    return float(np.mean([len(named & set(other.top(k))) / len(named) for other in others]))


def removal_curves(explanation: Explanation, *, score: Score, S: Tensor, fill: Fill, report: Report = silent,
                   known: Explanation | None = None) -> Curves:
    """Deletion and insertion curves (Petsiuk, Das, Saenko: RISE. BMVC 2018), one segment per step."""
    n = len(explanation.weights)
    rank = np.empty(n, int)
    rank[explanation.top(n)] = np.arange(n)
    removed = rank >= np.arange(n + 1)[:, None]
    scores = mask_scores(score, S, segmentation=explanation.segmentation, fill=fill,
                         masks=np.concatenate([removed, ~removed]), report=report, known=known)
    return Curves(scores[: n + 1], scores[n + 1 :])


def flips(curves: Curves, *, threshold: float, k: int = 3) -> bool:
    """Whether hiding the top k moves the score across the threshold (Praher et al., ISMIR 2021).

    A score equal to the threshold counts as above.
    """
    return bool((curves.deletion[0] >= threshold) != (curves.deletion[:k + 1][-1] >= threshold))


def infidelity(weights: Array, masks: Masks, scores: Array, score_full: float) -> float:
    """Mean squared error of the changes that the weights predict (Yeh et al., NeurIPS 2019, definition 2.1).

    There: E_I[(I' Phi - (f(x) - f(x - I)))^2]. Here I takes away the hidden segments, so that I' Phi is the
    sum of their weights and f(x - I) the score under the mask. With all masks the expectation is exact for
    masks drawn uniformly. In squared units of the score; weights in other units (saliency) compare badly.

    Parameters
    ----------
    weights
        (n,)
    masks, scores
        bool (m, n) and (m,).
    """
    predicted = (~masks).astype(np.float64) @ weights
    return float(np.mean((predicted - (score_full - scores)) ** 2))


def max_sensitivity(explain_function: Callable[[Tensor], Array], S: Tensor, *, radius: float = RADIUS,
                    n_perturbations: int = N_PERTURBATIONS, seed: int = 0, report: Report = silent) -> float:
    """Largest relative change of the weights under small changes of the input (Yeh et al., definition 3.1).

    max over y of |Phi(y) - Phi(x)| / |Phi(x)|, Euclidean, y = x + uniform noise in [-radius, radius] in each
    bin; where all weights are zero the change itself. A lower bound of the true maximum: the draws are few.

    Parameters
    ----------
    explain_function
        Weights (n,) of an excerpt like S; its own fill and seed must not change between calls.
    S
        (bands, frames), standardised.
    radius
        In units of S.
    n_perturbations, seed
        Draws and their seed.
    """
    generator = torch.Generator().manual_seed(seed)
    reference = explain_function(S)
    norm = float(np.linalg.norm(reference)) or 1.0
    largest = 0.0
    for draw in range(n_perturbations):
        report(Progress(draw, n_perturbations, "trying small changes"))
        noise = (2 * torch.rand(S.shape, generator=generator, dtype=S.dtype) - 1) * radius
        largest = max(largest, float(np.linalg.norm(explain_function(S + noise) - reference)))
    return largest / norm


def judged(explanation: Explanation, *, score: Score, S: Tensor, fill: Fill, threshold: float, k: int = 3,
           others: Sequence[Explanation] = (), explain_function: Callable[[Tensor], Array] | None = None,
           seed: int = 0, report: Report = silent, known: Explanation | None = None) -> Explanation:
    """The explanation with its trust figures filled in.

    Parameters
    ----------
    score, S, fill
        What the explanation was made from.
    threshold
        Of the decision, in units of the score.
    k
        How many segments the explanation names.
    others
        The same with other fills, for the agreement; without any it stays None.
    explain_function
        For `max_sensitivity`; without it that figure stays None.
    seed
        Of the masks for infidelity, where they are drawn, and of the small changes.
    known
        Mask scores to take over, by default the explanation's own; see `mask_scores`.
    """
    known = explanation if known is None else known
    curves = removal_curves(explanation, score=score, S=S, fill=fill, report=report, known=known)
    masks = _masks_for_infidelity(len(explanation.weights), known, seed)
    scores = mask_scores(score, S, segmentation=explanation.segmentation, fill=fill, masks=masks,
                         report=report, known=known)
    return replace(explanation, trust=Trust(
        agreement=agreement(explanation, others, k=k) if others else None,
        flips=flips(curves, threshold=threshold, k=k),
        deletion_auc=curves.deletion_auc,
        insertion_auc=curves.insertion_auc,
        infidelity=infidelity(explanation.weights, masks, scores, explanation.score_full),
        max_sensitivity=None if explain_function is None
        else max_sensitivity(explain_function, S, seed=seed, report=report)))


def _masks_for_infidelity(n: int, known: Explanation, seed: int) -> Masks:
    """All masks where they are few or known, else those that were drawn, else N_MASKS drawn here."""
    if 2**n <= N_MASKS or (known.masks is not None and len(known.masks) == 2**n):
        return all_masks(n)
    if known.masks is not None and known.method == "slime":
        return known.masks
    return random_masks(n, N_MASKS, seed)


def _mean_height(curve: Array) -> float:
    return float((curve[1:] + curve[:-1]).mean() / 2)
