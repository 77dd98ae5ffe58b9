"""The singing-voice detector as a listener: weights, standardisation, decision."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import median_filter
from torch import Tensor

from engine.audio.features import MelFrontEnd
from engine.checks import within
from engine.job import Report, silent
from engine.models.mask_patterns import behind_masks
from engine.models.net_listener import NetListener
from engine.models.placed import Placed
from engine.models.svd_cnn import BANDS, EXCERPT, LAYOUT, PATTERNS_AT_ONCE, STRIDE, SvdCnn

LABELS = ("no singing", "singing")
FRAMES_AT_ONCE = 700  # 10 s: about 50 ms of work between two reports


class SvdListener(NetListener):
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

    placed: Placed[SvdCnn]

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
        self.placed = Placed(self.net.eval().requires_grad_(False))

    def standardised(self, S: Tensor) -> Tensor:
        return (S - self.mean) / self.std

    def spectrogram(self, features: Tensor) -> Tensor:
        return features * self.std + self.mean

    def scores(self, features: Tensor) -> Tensor:
        return _both(self.placed(SvdCnn.forward, features))

    def probabilities(self, scores: Tensor) -> Tensor:
        return torch.sigmoid(scores)

    def log_odds(self, scores: Tensor) -> Tensor:
        return scores

    def curve(self, S: Tensor) -> Iterator[Tensor]:
        with torch.inference_mode():
            for first in range(0, S.shape[1], FRAMES_AT_ONCE):
                last = min(first + FRAMES_AT_ONCE, S.shape[1])
                part = self.stretch(S, first - self.window // 2, last + self.window // 2)
                yield _both(self.placed(lambda net, one: torch.cat(list(net.curve(one[0])))[None], part[None])[0])

    def votes(self, S: Tensor) -> Tensor:
        """Logits of the excerpts every 9 frames, which share their convolutions."""
        return _both(self.placed(lambda net, one: net.votes(one[0])[None], self.standardised(S)[None])[0])

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
            z = behind_masks(lambda shown: self.placed(SvdCnn.cells, shown), self.net.dense[0], LAYOUT, S=S,
                             filled=filled, segment_map=segment_map, masks=masks,
                             at_once=self.at_once(PATTERNS_AT_ONCE), report=report)
            return None if z is None else _both(self.net.rest(z))


def _both(logits: Tensor) -> Tensor:
    return torch.stack([-logits, logits], dim=-1)
