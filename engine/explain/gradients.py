"""Gradient methods, through captum: a value for every bin, summed to a weight for every segment."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from engine.checks import InputError
from engine.explain.explanation import Array, Explanation, Score, Segmentation
from engine.explain.fills import Fill
from engine.explain.masking import mask_scores
from engine.job import Progress, Report, silent

N_STEPS = 64
STEPS_AT_ONCE = 4  # forward and backward of so many excerpts stay near 50 ms on two cores


def integrated_gradients(score: Score, S: Tensor, *, segmentation: Segmentation, fill: Fill,
                         units: str = "probability", n_steps: int = N_STEPS, report: Report = silent,
                         known: Explanation | None = None) -> Explanation:
    """Gradients integrated along the straight line from the empty to the full excerpt.

    M. Sundararajan, A. Taly, Q. Yan: Axiomatic attribution for deep networks. ICML 2017. In the limit of many
    steps the weights sum to score_full - score_empty; `settings["completeness_gap"]` says by how much they
    miss it. The path leads through mixtures that are no music.

    Parameters
    ----------
    score
        Differentiable score function of (batch, bands, frames), in `units`.
    S
        float32 (bands, frames), standardised.
    segmentation
        What attributions are summed over.
    fill
        Everything hidden behind it is the baseline.
    n_steps
        Points of the Gauss-Legendre rule along the line.
    known
        Mask scores to take over, see `mask_scores`.

    Raises
    ------
    InputError
        When no gradient reaches the input, or n_steps is below 1.
    """
    if n_steps < 1:
        raise InputError(f"steps: expected at least 1, got {n_steps}")
    from captum.attr import IntegratedGradients  # takes a second to import: off the first paint

    watched = _Watched(score, n_steps, report)
    baseline = fill.everything_hidden(S)
    with torch.enable_grad():
        attribution = _array(IntegratedGradients(watched).attribute(
            S[None], baselines=baseline[None], n_steps=n_steps, internal_batch_size=STEPS_AT_ONCE))
    result = _explanation(score, S, attribution, "ig", segmentation, fill, units, report, known)
    gap = float(result.weights.sum()) - (result.score_full - result.score_empty)
    return replace(result, settings={"n_steps": n_steps, "completeness_gap": gap})


def saliency(score: Score, S: Tensor, *, segmentation: Segmentation, fill: Fill, units: str = "probability",
             report: Report = silent, known: Explanation | None = None) -> Explanation:
    """Size of the gradient at each bin: where a small change would matter, whichever its sign.

    K. Simonyan, A. Vedaldi, A. Zisserman: Deep inside convolutional networks. ICLR workshop 2014. Weights are
    never negative, in units of score per unit of standardised input. The fill serves score_empty only.

    Parameters
    ----------
    score, S, segmentation, fill, known
        As in `integrated_gradients`.

    Raises
    ------
    InputError
        When no gradient reaches the input.
    """
    from captum.attr import Saliency

    with torch.enable_grad():
        leaf = S[None].clone().requires_grad_()
        attribution = _array(Saliency(_Watched(score, 1, report)).attribute(leaf, abs=True))
    return _explanation(score, S, attribution, "saliency", segmentation, fill, units, report, known)


class _Watched:
    """The score function as captum calls it, reporting each batch; a report may raise `Cancelled`."""

    def __init__(self, score: Score, total: int, report: Report) -> None:
        self.score, self.total, self.report = score, total, report
        self.done = 0

    def __call__(self, S: Tensor) -> Tensor:
        self.report(Progress(min(self.done, self.total), self.total, "following gradients"))
        self.done += len(S)
        scores = self.score(S)
        if not scores.requires_grad:
            raise InputError("method: gradients expected a differentiable score, got one cut off from its "
                             "input; choose slime, shapley or occlusion")
        return scores


def _array(attribution: Tensor) -> Array:
    return attribution[0].detach().double().numpy()


def _explanation(score: Score, S: Tensor, attribution: Array, method: str, segmentation: Segmentation,
                 fill: Fill, units: str, report: Report, known: Explanation | None) -> Explanation:
    n = len(segmentation)
    weights = np.zeros(n)
    np.add.at(weights, segmentation.segment_map.numpy(), attribution)
    masks = np.stack([np.ones(n, bool), np.zeros(n, bool)])
    full, empty = mask_scores(score, S, segmentation=segmentation, fill=fill, masks=masks, report=report,
                              known=known)
    return Explanation(segmentation, weights, float(full), float(empty), method, fill.name, units,
                       attribution=attribution)
