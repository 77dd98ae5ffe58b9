"""The singing-voice detector as a listener: weights, standardisation, decision."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import median_filter
from torch import Tensor
from torch.nn import functional as F

from engine.audio.features import MelFrontEnd
from engine.checks import within
from engine.job import Report, silent
from engine.models.listener import Listener
from engine.models.svd_cnn import BANDS, EXCERPT, SLOPE, STRIDE, SvdCnn

LABELS = ("no singing", "singing")
FRAMES_AT_ONCE = 700  # 10 s: about 50 ms of work between two reports


class SvdListener(Listener):
    """Two labels from one logit z: the log-odds of "singing" are z, those of "no singing" -z.

    Parameters
    ----------
    name
        Name in the catalogue.
    tensors
        Weights of `SvdCnn`, and `mean` and `std` (80,) and `data_minimum` () of the training data.
    card
        The model card; `threshold` and `median_frames` decide.

    Raises
    ------
    InputError, KeyError, TypeError, ValueError, RuntimeError
        When tensors or card are not those of such a detector.
    """

    def __init__(self, name: str, tensors: dict[str, Tensor], card: dict[str, Any]) -> None:
        tensors = {key: value.float() for key, value in tensors.items()}
        self.name, self.labels, self.window, self.card = name, LABELS, EXCERPT, card
        self.positive, self.vote_window, self.vote_stride = LABELS[-1], EXCERPT, STRIDE
        self.front_end = MelFrontEnd(n_mels=BANDS)
        self.mean, self.std = tensors.pop("mean").view(BANDS, 1), tensors.pop("std").view(BANDS, 1)
        self.fill_minimum = float(tensors.pop("data_minimum"))
        self.threshold = float(card["threshold"])
        self.median_frames = round(within(float(card["median_frames"]), 1, 7000, f"median_frames of the model {name}"))
        self.net = SvdCnn()
        self.net.load_state_dict(tensors)
        self.net.eval().requires_grad_(False)

    def standardised(self, S: Tensor) -> Tensor:
        return (S - self.mean) / self.std

    def spectrogram(self, features: Tensor) -> Tensor:
        return features * self.std + self.mean

    def scores(self, features: Tensor) -> Tensor:
        return _both(self.net(features))

    def probabilities(self, scores: Tensor) -> Tensor:
        return torch.sigmoid(scores)

    def passing(self, features: Tensor) -> Iterator[tuple[str, Tensor]]:
        h = features[:, None].contiguous(memory_format=torch.channels_last)
        for i, conv in enumerate(self.net.conv, 1):
            h = conv(h)
            yield f"conv{i}", h
            h = F.leaky_relu(h, SLOPE)
            if i % 2 == 0:
                h = F.max_pool2d(h, 3)
                yield f"pool{i // 2}", h
        h = h.flatten(1)
        for i, dense in enumerate(self.net.dense[:-1], 1):
            h = dense(h)
            yield f"dense{i}", h
            h = F.leaky_relu(h, SLOPE)
        yield "logit", self.net.dense[-1](h)

    def log_odds(self, scores: Tensor) -> Tensor:
        return scores

    def curve(self, S: Tensor) -> Iterator[Tensor]:
        with torch.inference_mode():
            for first in range(0, S.shape[1], FRAMES_AT_ONCE):
                last = min(first + FRAMES_AT_ONCE, S.shape[1])
                for logits in self.net.curve(self.stretch(S, first - self.window // 2, last + self.window // 2)):
                    yield _both(logits)

    def votes(self, S: Tensor) -> Tensor:
        """Logits of the excerpts every 9 frames, which share their convolutions."""
        return _both(self.net.votes(self.standardised(S)))

    def verdict(self, votes: Tensor) -> Tensor:
        return torch.sigmoid(votes.mean(dim=-2))

    def decided(self, probability: NDArray[np.float32]) -> NDArray[np.int64]:
        return (self.smoothed(probability) >= self.threshold).astype(np.int64)

    def smoothed(self, probability: NDArray[np.float32]) -> NDArray[np.float64]:
        """Median-filtered probability of singing (frames,), which the decision is made on."""
        smooth = median_filter(probability[:, 1], self.median_frames, mode="nearest")
        return np.asarray(smooth, dtype=np.float64)

    def scores_of_masks(self, S: Tensor, filled: Tensor, segment_map: Tensor, masks: Tensor,
                        report: Report = silent) -> Tensor | None:
        with torch.inference_mode():
            logits = self.net.of_masks(S, filled, segment_map, masks, report)
        return None if logits is None else _both(logits)


def _both(logits: Tensor) -> Tensor:
    return torch.stack([-logits, logits], dim=-1)
