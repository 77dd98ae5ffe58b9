"""Users' models as listeners: TorchScript, torch.export or ONNX, with a card, in a process of their own."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.audio.features import FrontEnd
from engine.checks import InputError
from engine.job import Report, silent
from engine.models.foreign_card import Card
from engine.models.foreign_worker import Worker
from engine.models.listener import Listener
from engine.models.mask_memory import MaskMemory

LEAST = 1e-6            # of a probability: its log-odds are then within 14
OUT_OF_RANGE = 1e-3     # what rounding may add to a probability, or to the sum of all
EXCERPTS_AT_ONCE = 16
TIMED_ROWS = 8
MASKS_AT_ONCE = 64
NUMBERS_AT_ONCE = 2**18   # of masked excerpts: few enough that a model which takes long is heard of now and then


class ForeignListener(Listener):
    """What all of them share: the answers of the process, read as the card says.

    Parameters
    ----------
    name
        Of its card.
    card
        What it says.
    worker
        The model at work.
    sha256
        Of the model.

    Attributes
    ----------
    origin
        Where its card lies; None where that is no file.
    seconds_each
        As measured when it was opened.

    Raises
    ------
    InputError
        When the model does not take what the card says it hears, or answers otherwise than the card says.
    """

    origin: Path | None = None

    def __init__(self, name: str, card: Card, worker: Worker, sha256: str) -> None:
        self.name, self.labels, self.threshold, self.positive = name, card.labels, card.threshold, card.positive
        self.card = {"title": card.title or name, "kind": "own", **card.as_json(), "sha256": sha256}
        self.own, self.worker = card, worker
        self.front_end = self._front_end()
        self.window, self.vote_stride = self._frames(card.window), self._stride(int(card.stride or 1))
        self.vote_window = self.window
        self.vote_frames_at_once = max(self.window, EXCERPTS_AT_ONCE * self.vote_stride)
        self.fill_minimum = float(self.silence(1).min())
        worker.load()
        self.differentiable = bool(worker.facts.get("differentiable"))
        self._memory = MaskMemory()
        with torch.no_grad():
            silence = self._fed(self.silence(self.window)[None])
            out = worker.outputs(silence)
            self.seconds_each = self._timed(silence)    # after the first time, when models make themselves ready
        self.width = out.shape[1]
        self._understood(out)
        if self.width == 1:
            self.positive = self.labels[-1]

    def _timed(self, one: Tensor) -> float:
        """Seconds for each of as many excerpts as are asked about at once, of a few at most."""
        rows = min(TIMED_ROWS, max(1, NUMBERS_AT_ONCE // one.numel()))
        began = time.perf_counter()
        self.worker.outputs(one.expand(rows, *one.shape[1:]).contiguous())
        return (time.perf_counter() - began) / rows

    @abstractmethod
    def _front_end(self) -> FrontEnd: ...

    @abstractmethod
    def _fed(self, features: Tensor) -> Tensor:
        """What the process is sent of standardised excerpts (batch, bands, window)."""

    @abstractmethod
    def _windows(self, features: Tensor) -> Tensor:
        """The same (votes, ...) of each vote on standardised features (bands, frames)."""

    @abstractmethod
    def _masked(self, S: Tensor, filled: Tensor, segment_map: Tensor, segments: int) -> Callable[[Tensor], Tensor]:
        """What the process is sent of an excerpt (bands, window) under masks (m, segments), made of these masks."""

    def _frames(self, size: int) -> int:
        return size

    def _stride(self, size: int) -> int:
        return size

    def scores(self, features: Tensor) -> Tensor:
        return self._understood(self.worker.outputs(self._fed(features), self.width))

    def scores_of_masks(self, S: Tensor, filled: Tensor, segment_map: Tensor, masks: Tensor,
                        report: Report = silent) -> Tensor | None:
        """Each mask is asked about once, whatever label, units or method want it."""
        with torch.inference_mode():
            fed = self._masked(S, filled, segment_map, masks.shape[1])
            rows = min(MASKS_AT_ONCE, max(1, NUMBERS_AT_ONCE // max(1, fed(masks[:1]).numel())))
            return self._understood(self._memory.answers(
                S, filled, segment_map, masks, lambda some: self.worker.outputs(fed(some), self.width), rows, report))

    def passing(self, features: Tensor) -> Iterator[tuple[str, Tensor]]:
        """Its output: what lies within is not known. Of one number that is the log-odds of the second label."""
        scores = self.scores(features)
        yield ("logit", self.log_odds(scores)[:, 1:]) if self.width == 1 else ("logits", scores)

    def _understood(self, out: Tensor) -> Tensor:
        """Logits (batch, labels) of the model's own numbers.

        Raises
        ------
        InputError
            When they are not what the card says.
        """
        labels, width = len(self.labels), self.width
        if width != labels and (width, labels) != (1, 2):
            raise InputError(f"{self.name}: expected {labels} numbers an excerpt, one for each label of the card, got "
                             f"{width}; name {'two labels, such as [no speech, speech],' if width == 1 else width} or "
                             "choose another output or output_layout")
        if self.own.outputs == "probabilities":
            out = self._log_of(out)
        return out if width == labels else torch.cat([-out, out], dim=1) / 2  # the softmax of which is its sigmoid

    def _log_of(self, p: Tensor) -> Tensor:
        """Logits of probabilities."""
        with torch.no_grad():
            low, high, total = float(p.min()), float(p.max()), float(p.sum(dim=1).sub(1).abs().max())
        advice = ""
        if low < -OUT_OF_RANGE or high > 1 + OUT_OF_RANGE:
            advice = f"got numbers from {low:.3g} to {high:.3g}; set outputs: logits"
        elif p.shape[1] > 1 and self.own.exclusive and total > OUT_OF_RANGE * p.shape[1]:
            advice = f"got some whose sum is {total:.3g} off 1; set exclusive: false if several labels hold at once"
        if advice:
            raise InputError(f"{self.name}: expected probabilities as its card says, {advice}")
        if p.shape[1] > 1 and self.own.exclusive:
            return p.clamp_min(LEAST).log()
        # the ends are bent and not cut: a model that is sure has a gradient too
        p = LEAST + (1 - 2 * LEAST) * p.clamp(0, 1)
        return torch.logit(p)

    @property
    def _independent(self) -> bool:
        """Whether each label holds for itself."""
        return self.width > 1 and not self.own.exclusive

    def probabilities(self, scores: Tensor) -> Tensor:
        return torch.sigmoid(scores) if self._independent else torch.softmax(scores, dim=-1)

    def log_odds(self, scores: Tensor) -> Tensor:
        return scores if self._independent else super().log_odds(scores)

    def curve(self, S: Tensor) -> Iterator[Tensor]:
        """Logits at each frame: those of the excerpts that vote, and straight lines between their centres.

        A user's model shares nothing between excerpts that overlap, so that asking it at each frame would cost as many
        times more as a vote is frames from the next.
        """
        step = self.vote_stride
        with torch.inference_mode():
            last: Tensor | None = None
            for first in range(0, S.shape[1], step * EXCERPTS_AT_ONCE):
                ends = min(first + step * EXCERPTS_AT_ONCE, S.shape[1])
                count = -(-(ends - first) // step) + 1
                begin = first - self.window // 2
                part = self.stretch(S, begin, begin + (count - 1) * step + self.window)
                asked = self._asked(part) if last is None else torch.cat([last, self._asked(part[:, step:])])
                last = asked[-1:]
                places = torch.arange(ends - first) / step
                low = places.floor().long()
                yield torch.lerp(asked[low], asked[low + 1], (places - low)[:, None])

    def _asked(self, features: Tensor) -> Tensor:
        return self._understood(self.worker.outputs(self._windows(features), self.width))

    def votes(self, S: Tensor) -> Tensor:
        return self._asked(self.standardised(S))

    def verdict(self, votes: Tensor) -> Tensor:
        return self.probabilities(votes).mean(dim=-2)

    def decided(self, probability: NDArray[np.float32]) -> NDArray[np.int64]:
        if self.positive is not None:
            return (probability[:, -1] >= self.threshold).astype(np.int64)
        return np.asarray(probability.argmax(axis=1), dtype=np.int64)

    def overall(self, S: Tensor, probability: NDArray[np.float32]) -> tuple[NDArray[np.float64], int]:
        if S.shape[1] < self.vote_window:
            return super().overall(S, probability)
        with torch.inference_mode():
            votes = torch.cat([self.votes(S[:, part]) for part in self.vote_spans(S.shape[1])])
            whole = self.verdict(votes)
        return np.asarray(whole.double().numpy()), self.decision(whole)
