"""What decides on windows of scattering features: a support vector machine and a decision tree, as plain tensors.

They answer as scikit-learn's `SVC` (Gaussian kernel) and `DecisionTreeClassifier` do, which they are made from; but
weights are read without running code, and gradients flow through the first.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Protocol

import torch
from torch import Tensor

WINDOWS_AT_ONCE = 1024
SHARPNESS = 2.0       # of the probabilities of a window: a class that wins one pair more is e^2 times as likely
FAINTEST = 1e-3       # of a class in a leaf: none there was seen of it, which is not impossible


class WindowClassifier(Protocol):
    """Decides on single windows."""

    def logits(self, x: Tensor) -> Tensor:
        """Logits (windows, classes) of standardised features (windows, rows)."""


@dataclass(frozen=True)
class Svm:
    """One Gaussian-kernel machine for each pair of classes, over shared support vectors (C.-C. Chang, C.-J. Lin:
    LIBSVM: a library for support vector machines. ACM TIST 2(3), 2011, section 7).

    Parameters
    ----------
    support
        (vectors, rows), those of class 0 first, then of 1, and so on.
    counts
        int64 (classes,): support vectors of each class.
    dual
        (classes - 1, vectors): weights of a vector in the machines of its class against each other one, in order.
    intercept
        (pairs,): of 0 against 1, 0 against 2, ..., 1 against 2, ...; positive decides for the first of the pair.
    gamma
        () of the kernel exp(-gamma |x - v|^2). All but the counts in double precision: sums of thousands cancel.
    """

    support: Tensor
    counts: Tensor
    dual: Tensor
    intercept: Tensor
    gamma: Tensor

    def __post_init__(self) -> None:
        classes, vectors = len(self.counts), len(self.support)
        pairs = classes * (classes - 1) // 2
        if (classes < 2 or int(self.counts.sum()) != vectors or self.dual.shape != (classes - 1, vectors)
                or self.intercept.shape != (pairs,)):
            raise ValueError("support vectors, counts, weights and intercepts are not those of one machine")

    def pairs(self, x: Tensor) -> Tensor:
        """Decision values (windows, pairs) of standardised features (windows, rows)."""
        weights = self._weights()
        parts = [self._kernel(part) @ weights for part in torch.split(x.double(), WINDOWS_AT_ONCE)]
        return torch.cat(parts) + self.intercept

    def scores(self, x: Tensor) -> Tensor:
        """Pairs won by each class (windows, classes), plus up to a third more by how clearly; the most wins."""
        values = self.pairs(x)
        won = values.new_zeros(len(x), len(self.counts))
        margin = torch.zeros_like(won)
        for k, (i, j) in enumerate(combinations(range(len(self.counts)), 2)):
            value = values[:, k]
            first = (value >= 0).to(value.dtype)
            won[:, i] += first
            won[:, j] += 1 - first
            margin[:, i] += value
            margin[:, j] -= value
        return won + margin / (3 * (margin.abs() + 1))

    def logits(self, x: Tensor) -> Tensor:
        """Logits (windows, classes) of standardised features (windows, rows)."""
        return (SHARPNESS * self.scores(x)).float()

    def _kernel(self, x: Tensor) -> Tensor:
        square = x.square().sum(1)[:, None] + self.support.square().sum(1) - 2 * x @ self.support.T
        return torch.exp(-self.gamma * square.clamp_min(0))

    def _weights(self) -> Tensor:
        """Weight of each vector in each machine, (vectors, pairs); 0 where its class is not one of the pair."""
        of_class = torch.split(torch.arange(len(self.support)), self.counts.tolist())
        weights = self.dual.new_zeros(len(self.support), len(self.intercept))
        for k, (i, j) in enumerate(combinations(range(len(self.counts)), 2)):
            weights[of_class[i], k] = self.dual[j - 1, of_class[i]]
            weights[of_class[j], k] = self.dual[i, of_class[j]]
        return weights


@dataclass(frozen=True)
class Tree:
    """A binary decision tree; node 0 is the root.

    Parameters
    ----------
    feature
        int64 (nodes,): row of the features that a node looks at; -1 in leaves.
    threshold
        (nodes,): up to it, it goes left.
    left, right
        int64 (nodes,): the nodes below; -1 in leaves. They come later than their parent.
    share
        (nodes, classes): of the training windows that got there, each class weighing the same.
    reached
        (nodes,): share of all training windows that got there, weighed alike.
    """

    feature: Tensor
    threshold: Tensor
    left: Tensor
    right: Tensor
    share: Tensor
    reached: Tensor

    def __post_init__(self) -> None:
        nodes, inner = len(self.feature), self.feature >= 0
        own = torch.arange(nodes)
        if (any(len(one) != nodes for one in (self.threshold, self.left, self.right, self.share, self.reached))
                or any(not bool(((own < one) & (one < nodes))[inner].all()) for one in (self.left, self.right))):
            raise ValueError("nodes, thresholds and shares are not those of one tree")

    def leaves(self, x: Tensor) -> Tensor:
        """Index of the leaf (windows,) that standardised features (windows, rows) get to."""
        at = torch.zeros(len(x), dtype=torch.int64)
        while bool((inner := self.feature[at] >= 0).any()):
            value = x[torch.arange(len(x)), self.feature[at].clamp_min(0)]
            below = torch.where(value <= self.threshold[at], self.left[at], self.right[at])
            at = torch.where(inner, below, at)
        return at

    def logits(self, x: Tensor) -> Tensor:
        """Logits (windows, classes) of standardised features (windows, rows)."""
        share = self.share.clamp_min(FAINTEST)
        return share[self.leaves(x)].log()
