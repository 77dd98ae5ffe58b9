"""SoundLIME: a linear model of the score on masks, whose weights are the explanation.

S. Mishra, B. L. Sturm, S. Dixon: Local interpretable model-agnostic explanations for music content analysis.
ISMIR 2017. The kernel and the ridge are those of the `lime` package (Ribeiro, Singh, Guestrin, KDD 2016).
"""

from __future__ import annotations

import numpy as np
from torch import Tensor

from engine.checks import InputError
from engine.explain.explanation import Array, Explanation, Score, Segmentation
from engine.explain.fills import Fill
from engine.explain.masking import Masks, all_masks, mask_scores, random_masks
from engine.job import Report, silent

KERNEL_WIDTH = 0.25
ALPHA = 1.0            # ridge penalty of the weights; the intercept is free
N_EQUIVALENT = 70_000  # samples of the published experiments (Mishra et al., IJCNN 2020)
N_SAMPLES = 5_000


def slime_exact(score: Score, S: Tensor, *, segmentation: Segmentation, fill: Fill,
                units: str = "probability", n_equivalent: float = N_EQUIVALENT, report: Report = silent,
                known: Explanation | None = None) -> Explanation:
    """SoundLIME over all 2^n masks: what `slime` converges to, without its variance.

    Parameters
    ----------
    score
        Score function of (batch, bands, frames), in `units`.
    S
        float32 (bands, frames), standardised.
    segmentation, fill
        What is hidden, at most 12 segments, and behind what.
    n_equivalent
        Number of samples that all masks stand for: the ridge penalises the limit of so many samples.
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
    beta, _ = ridge(masks, scores, proximity(masks) * (n_equivalent / len(masks)))
    return Explanation(segmentation, beta[1:], float(scores[-1]), float(scores[0]), "slime-exact", fill.name,
                       units, masks=masks, mask_scores=scores,
                       settings={"n_equivalent": n_equivalent, "intercept": float(beta[0])})


def slime(score: Score, S: Tensor, *, segmentation: Segmentation, fill: Fill, units: str = "probability",
          n_samples: int = N_SAMPLES, seed: int = 0, report: Report = silent,
          known: Explanation | None = None) -> Explanation:
    """SoundLIME as published: masks drawn uniformly, the first one keeping everything, as `lime` does.

    Parameters
    ----------
    n_samples
        Number of masks, from number of segments + 2.
    seed
        Of the masks.
    score, S, segmentation, fill, known
        As in `slime_exact`, for any number of segments.

    Returns
    -------
    Explanation
        With standard errors, see `ridge`: how far the weights may lie from those of infinitely many samples
        under the same relative ridge. They know nothing of the fill, the model or the excerpt.

    Raises
    ------
    InputError
        When there are too few samples for the segments.
    """
    n = len(segmentation)
    if n_samples < n + 2:
        raise InputError(f"samples: expected at least {n + 2} for {n} segments, got {n_samples}")
    masks = random_masks(n, n_samples, seed)
    masks[0] = True
    ends = np.stack([np.ones(n, bool), np.zeros(n, bool)])
    scores = mask_scores(score, S, segmentation=segmentation, fill=fill, masks=np.concatenate([masks, ends]),
                         report=report, known=known)
    beta, stderr = ridge(masks, scores[:-2], proximity(masks))
    return Explanation(segmentation, beta[1:], float(scores[-2]), float(scores[-1]), "slime", fill.name,
                       units, stderr=stderr[1:], masks=masks, mask_scores=scores[:-2],
                       settings={"n_samples": n_samples, "seed": seed, "intercept": float(beta[0])})


def proximity(masks: Masks) -> Array:
    """Weight of each mask, sqrt(exp(-d^2 / width^2)), by its cosine distance d to the mask of ones.

    d = 1 - sqrt(k / n) where k of the n segments are kept; 1 for the empty mask.
    """
    distance = 1 - np.sqrt(masks.mean(axis=1))
    return np.asarray(np.exp(-(distance**2) / (2 * KERNEL_WIDTH**2)), dtype=np.float64)


def ridge(masks: Masks, scores: Array, weights: Array, alpha: float = ALPHA) -> tuple[Array, Array]:
    """Weighted ridge regression of scores on masks in closed form.

    Minimises sum_j w_j (y_j - b_0 - z_j b)^2 + alpha |b|^2. The standard errors are the sandwich
    A^-1 (sum_j w_j^2 e_j^2 z_j z_j') A^-1 with A = Z'WZ + alpha I (White, Econometrica 1980), times
    m / (m - n - 1). The masks are random and the score is not linear in them, so the residuals e are neither
    of equal size nor noise; this estimator needs neither. The usual formula would.

    Parameters
    ----------
    masks, scores, weights
        bool (m, n); (m,); (m,) not negative.

    Returns
    -------
    beta, stderr
        Both (1 + n,): the intercept, which is not penalised, then one per segment.
    """
    m, n = masks.shape
    Z = np.concatenate([np.ones((m, 1)), masks], axis=1)
    weighted = Z * weights[:, None]
    inverse = np.linalg.inv(weighted.T @ Z + alpha * np.diag([0.0] + [1.0] * n))
    beta = inverse @ (weighted.T @ scores)
    scaled = weighted * (scores - Z @ beta)[:, None]
    covariance = inverse @ (scaled.T @ scaled) @ inverse * (m / max(1, m - n - 1))
    return beta, np.sqrt(np.maximum(np.diag(covariance), 0.0))
