"""The style classifiers as listeners: compressed magnitudes in, votes of frames or patches out."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from engine.audio.features import MagnitudeFrontEnd
from engine.job import Progress, Report, silent
from engine.models.frame_mlp import BINS, FrameMlp
from engine.models.mask_patterns import behind_masks
from engine.models.net_listener import NetListener
from engine.models.patch_cnn import LAYOUT, PATCH, PATTERNS_AT_ONCE, STRIDE, PatchCnn
from engine.models.placed import Placed

FRAMES_AT_ONCE = 1024       # 24 s: some 30 ms of work
MOST_SEGMENTS_A_FRAME = 8   # beyond, a frame has more patterns of segments than trying the masks one by one costs
COMPRESSION = 10.0          # network input is log(1 + 10 magnitude): a full-scale tone has 256

Net = TypeVar("Net", bound=nn.Module)


class StyleListener(NetListener):
    """What frame-wise and patch-wise classifiers share.

    Parameters
    ----------
    name
        Name in the catalogue.
    tensors
        Weights, and `mean` and `std` (513,) and `data_minimum` () of the compressed training data.
    card
        The model card; `labels` are the classes.

    Raises
    ------
    KeyError, TypeError, ValueError, RuntimeError
        When tensors or card are not those of such a classifier.
    """

    window = PATCH
    threshold = 0.5
    positive = None

    def __init__(self, name: str, tensors: dict[str, Tensor], card: dict[str, Any]) -> None:
        tensors = {key: value.float() for key, value in tensors.items()}
        self.name, self.labels, self.card = name, tuple(str(label) for label in card["labels"]), card
        if len(self.labels) < 2 or len(set(self.labels)) < len(self.labels):
            raise ValueError(f"labels: expected two or more different ones, got {self.labels}")
        self.front_end = MagnitudeFrontEnd()
        self.mean, self.std = tensors.pop("mean").view(BINS, 1), tensors.pop("std").view(BINS, 1)
        self.fill_minimum = float(tensors.pop("data_minimum"))
        self._make(tensors)

    def _make(self, tensors: dict[str, Tensor]) -> None:
        raise NotImplementedError

    def standardised(self, S: Tensor) -> Tensor:
        # log(1 + c e^S), in few passes over the bins: an adversary comes here a hundred times
        return (F.softplus(S + math.log(COMPRESSION)) - self.mean) / self.std

    def spectrogram(self, features: Tensor) -> Tensor:
        magnitude = torch.expm1(features * self.std + self.mean) / COMPRESSION
        return magnitude.clamp_min(self.front_end.floor).log()

    def probabilities(self, scores: Tensor) -> Tensor:
        return torch.softmax(scores, dim=-1)

    def verdict(self, votes: Tensor) -> Tensor:
        return torch.softmax(votes, dim=-1).mean(dim=-2)

    def decided(self, probability: NDArray[np.float32]) -> NDArray[np.int64]:
        return np.asarray(probability.argmax(axis=1), dtype=np.int64)

    def overall(self, S: Tensor, probability: NDArray[np.float32]) -> tuple[NDArray[np.float64], int]:
        if S.shape[1] < self.vote_window:  # nothing votes: what was heard with silence around it must do
            return super().overall(S, probability)
        with torch.inference_mode():
            votes = torch.cat([self.votes(S[:, part]) for part in self.vote_spans(S.shape[1])])
            whole = self.verdict(votes).double().numpy()
        return np.asarray(whole / whole.sum()), int(whole.argmax())


class FrameMlpListener(StyleListener):
    """Every frame votes; an excerpt is 100 of them, and its probabilities are the mean of theirs."""

    placed: Placed[FrameMlp]
    vote_window = vote_stride = 1
    vote_frames_at_once = 2048

    def _make(self, tensors: dict[str, Tensor]) -> None:
        self.net = FrameMlp(len(tensors["dense.0.bias"]), len(self.labels))
        self.placed = _loaded(self.net, tensors)

    def scores(self, features: Tensor) -> Tensor:
        return self.placed(lambda net, x: _mean_vote(net(x.transpose(-1, -2))), features)

    def votes(self, S: Tensor) -> Tensor:
        return self.placed(FrameMlp.forward, self.standardised(S).T)

    def curve(self, S: Tensor) -> Iterator[Tensor]:
        with torch.inference_mode():
            for first in range(0, S.shape[1], FRAMES_AT_ONCE):
                last = min(first + FRAMES_AT_ONCE, S.shape[1])
                part = self.stretch(S, first - PATCH // 2, last + PATCH - PATCH // 2 - 1)
                yield _mean_vote(self.placed(FrameMlp.forward, part.T).unfold(0, PATCH, 1).transpose(1, 2))

    def scores_of_masks(self, S: Tensor, filled: Tensor, segment_map: Tensor, masks: Tensor,
                        report: Report = silent) -> Tensor | None:
        """Frames with the same few segments in them need only the patterns of these, not all masks."""
        columns: dict[tuple[int, ...], list[int]] = {}
        for t in range(segment_map.shape[1]):
            columns.setdefault(tuple(torch.unique(segment_map[:, t]).tolist()), []).append(t)
        if max(map(len, columns)) > MOST_SEGMENTS_A_FRAME:
            return None
        total = torch.zeros(len(masks), len(self.labels))
        with torch.inference_mode():
            for i, (segments, where) in enumerate(columns.items()):
                bits = 2 ** torch.arange(len(segments))
                patterns = torch.zeros(2 ** len(segments), int(segment_map.max()) + 1, dtype=torch.bool)
                patterns[:, list(segments)] = (torch.arange(len(patterns))[:, None] & bits) > 0
                parts = []
                for some in torch.split(patterns, self.at_once(max(1, FRAMES_AT_ONCE // len(where)))):
                    report(Progress(i, len(columns), "trying masks"))
                    shown = torch.where(some[:, segment_map[:, where]], S[:, where], filled[:, where])
                    parts.append(torch.softmax(self.placed(FrameMlp.forward, shown.transpose(1, 2)), dim=-1).sum(1))
                total += torch.cat(parts)[(masks[:, list(segments)] * bits).sum(1)]
        return (total / S.shape[1]).log()


class PatchCnnListener(StyleListener):
    """Patches of 100 frames vote, one every 8 frames."""

    placed: Placed[PatchCnn]
    vote_window, vote_stride = PATCH, STRIDE

    def _make(self, tensors: dict[str, Tensor]) -> None:
        self.net = PatchCnn(len(self.labels))
        self.placed = _loaded(self.net, tensors)

    def scores(self, features: Tensor) -> Tensor:
        return self.placed(PatchCnn.excerpt, features)

    def votes(self, S: Tensor) -> Tensor:
        return self.placed(PatchCnn.forward, self.standardised(S)[None])[0]

    def scores_of_masks(self, S: Tensor, filled: Tensor, segment_map: Tensor, masks: Tensor,
                        report: Report = silent) -> Tensor | None:
        with torch.inference_mode():
            z = behind_masks(lambda shown: self.placed(PatchCnn.cells, shown), self.net.dense[0], LAYOUT, S=S,
                             filled=filled, segment_map=segment_map, masks=masks,
                             at_once=self.at_once(PATTERNS_AT_ONCE), report=report)
            return None if z is None else self.net.rest(z)

    def curve(self, S: Tensor) -> Iterator[Tensor]:
        """Every offset of the pooling's grid on its own, then interleaved: exactly what `scores` gives."""
        with torch.inference_mode():
            for first in range(0, S.shape[1], FRAMES_AT_ONCE):
                last = min(first + FRAMES_AT_ONCE, S.shape[1])
                count = -(-(last - first) // STRIDE) * STRIDE
                part = self.stretch(S, first - PATCH // 2, first - PATCH // 2 + count + PATCH - 1)
                shifted = [self.placed(PatchCnn.forward, part[None, :, i : i + count + PATCH - STRIDE])[0]
                           for i in range(STRIDE)]
                yield torch.stack(shifted, dim=1).flatten(0, 1)[: last - first]


def _loaded(net: Net, tensors: dict[str, Tensor]) -> Placed[Net]:
    net.load_state_dict(tensors)
    return Placed(net.eval().requires_grad_(False))


def _mean_vote(logits: Tensor) -> Tensor:
    """Logs of the mean of probabilities (..., frames, labels) over frames."""
    return torch.softmax(logits, dim=-1).mean(dim=-2).log()
