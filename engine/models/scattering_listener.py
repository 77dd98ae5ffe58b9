"""The scattering systems as listeners: every window of 0.7 s votes.

F. Rodríguez-Algarra, B. L. Sturm, H. Maruri-Aguilar: Analysing scattering-based music content analysis systems:
where's the music? ISMIR 2016.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.audio.scattering_features import ScatteringFrontEnd
from engine.models.listener import Listener
from engine.models.scattering_svm import Svm, Tree, WindowClassifier

EXCERPT = 10          # windows of what is explained at once: 7.4 s
TIE = 0.01            # share of the verdict that how sure the votes are has: it decides between equally many
CURVE_AT_ONCE = 256


class ScatteringListener(Listener):
    """What both systems share.

    Parameters
    ----------
    name
        Name in the catalogue.
    tensors
        `mean` and `std` (rows,) and `data_minimum` () of the training windows, and those of the classifier.
    card
        The model card; `labels` are the classes, `length` the samples of a window.

    Raises
    ------
    KeyError, TypeError, ValueError
        When tensors or card are not those of such a classifier.
    """

    window = EXCERPT
    vote_window = vote_stride = 1
    threshold = 0.5
    positive = None
    front_end: ScatteringFrontEnd
    classifier: WindowClassifier

    def __init__(self, name: str, tensors: dict[str, Tensor], card: dict[str, Any]) -> None:
        self.name, self.labels, self.card = name, tuple(str(label) for label in card["labels"]), card
        if len(self.labels) < 2 or len(set(self.labels)) < len(self.labels):
            raise ValueError(f"labels: expected two or more different ones, got {self.labels}")
        self.front_end = ScatteringFrontEnd(length=int(card["length"]))
        bands = self.front_end.bands
        self.mean, self.std = (tensors[key].float().view(bands, 1) for key in ("mean", "std"))
        self.fill_minimum = float(tensors["data_minimum"])
        self.classifier = self._made(tensors)

    def _made(self, tensors: dict[str, Tensor]) -> WindowClassifier:
        raise NotImplementedError

    def standardised(self, S: Tensor) -> Tensor:
        return (S - self.mean) / self.std

    def spectrogram(self, features: Tensor) -> Tensor:
        return features * self.std + self.mean

    def silence(self, frames: int) -> Tensor:
        return self.standardised(self.front_end.lowest[:, None]).expand(-1, frames)

    def scores(self, features: Tensor) -> Tensor:
        batch, _, frames = features.shape
        logits = self.classifier.logits(features.transpose(1, 2).flatten(0, 1))
        return _mean_vote(logits.view(batch, frames, -1))

    def probabilities(self, scores: Tensor) -> Tensor:
        return torch.softmax(scores, dim=-1)

    def curve(self, S: Tensor) -> Iterator[Tensor]:
        with torch.inference_mode():
            for first in range(0, S.shape[1], CURVE_AT_ONCE):
                last = min(first + CURVE_AT_ONCE, S.shape[1])
                part = self.stretch(S, first - EXCERPT // 2, last + EXCERPT - EXCERPT // 2 - 1)
                yield _mean_vote(self.classifier.logits(part.T).unfold(0, EXCERPT, 1).transpose(1, 2))

    def decided(self, probability: NDArray[np.float32]) -> NDArray[np.int64]:
        return np.asarray(probability.argmax(axis=1), dtype=np.int64)

    def votes(self, S: Tensor) -> Tensor:
        return self.classifier.logits(self.standardised(S).T)

    def verdict(self, votes: Tensor) -> Tensor:
        """Share of the windows that vote for each label."""
        counted = torch.nn.functional.one_hot(votes.argmax(-1), len(self.labels)).float().mean(-2)
        return (1 - TIE) * counted + TIE * torch.softmax(votes, dim=-1).mean(-2)

    def overall(self, S: Tensor, probability: NDArray[np.float32]) -> tuple[NDArray[np.float64], int]:
        with torch.inference_mode():
            whole = self.verdict(self.votes(S)).double().numpy()
        return np.asarray(whole / whole.sum()), int(whole.argmax())


class ScatteringSvmListener(ScatteringListener):
    """Windows judged by a support vector machine."""

    classifier: Svm

    def _made(self, tensors: dict[str, Tensor]) -> Svm:
        return Svm(*(tensors[key].double() if key != "counts" else tensors[key].long()
                     for key in ("support", "counts", "dual", "intercept", "gamma")))


class ScatteringTreeListener(ScatteringListener):
    """Windows judged by a decision tree."""

    classifier: Tree

    def _made(self, tensors: dict[str, Tensor]) -> Tree:
        tree = Tree(tensors["feature"].long(), tensors["threshold"].float(), tensors["left"].long(),
                    tensors["right"].long(), tensors["share"].float(), tensors["reached"].float())
        if int(tree.feature.max()) >= self.front_end.bands or tree.share.shape[1] != len(self.labels):
            raise ValueError("the tree looks at features or names classes that there are not")
        return tree


def _mean_vote(logits: Tensor) -> Tensor:
    """Logits (batch, labels) whose softmax is the mean of that of the votes (batch, votes, labels)."""
    return torch.softmax(logits, dim=-1).mean(dim=1).clamp_min(1e-12).log()
