"""The one face of every classifier: pages and commands take axes, labels and excerpt length from it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.audio.features import FrontEnd, Spectrogram
from engine.audio.waveform import Waveform
from engine.checks import choice
from engine.job import Report, silent
from engine.models.layered_net import of_neurons

UNITS = ("probability", "logit")


@dataclass(frozen=True)
class Layer:
    """A layer that can be read or maximised.

    Parameters
    ----------
    name
        Within its listener.
    neurons
        Of a convolution its feature maps, each of which has one activation, the mean over its positions.
    shape
        (neurons,), or (neurons, positions ...).
    """

    name: str
    neurons: int
    shape: tuple[int, ...]


class Listener(ABC):
    """A classifier of excerpts and, by their votes, of recordings.

    Attributes
    ----------
    name, labels
        Its name in the catalogue; the classes, in the order of its scores.
    front_end
        From samples to log spectrogram.
    window
        Frames of an excerpt.
    vote_window, vote_stride
        Frames that one vote on a recording sees; frames from one vote to the next.
    positive
        The label that a detector is there to find, which is asked about where nothing else is said; None where
        the labels are equals, and the one decided on is asked about.
    threshold
        Probability of the last label above which it is decided on (two classes); 0.5 where nothing was fitted.
    fill_minimum
        Smallest value of the standardised training data, for the fill `min-data`.
    card
        The model card: data, licences, seed, command, scores; and `sha256` of the weights.
    differentiable
        Whether gradients come back from it: what needs one (gradient methods, adversaries, maximisation) is closed to
        those from which none does.
    seconds_each
        What an answer about one excerpt takes; 0 where that is nothing to speak of.
    hears_magnitudes
        Whether a log spectrogram is all that it hears; False where it hears samples.
    """

    name: str
    labels: tuple[str, ...]
    front_end: FrontEnd
    window: int
    vote_window: int
    vote_stride: int
    vote_frames_at_once: int = 512  # of a network of convolutions some 50 ms of work, there and back
    positive: str | None
    threshold: float
    fill_minimum: float
    card: dict[str, Any]
    differentiable: bool = True
    seconds_each: float = 0.0
    hears_magnitudes: bool = True

    @abstractmethod
    def standardised(self, S: Tensor) -> Tensor:
        """Network input from log-mel (..., bands, frames); every fill acts on this."""

    @abstractmethod
    def spectrogram(self, features: Tensor) -> Tensor:
        """Log magnitude of features, for pictures and sounds; the inverse of `standardised` where it has no phase."""

    def analysed(self, features: Tensor) -> Tensor:
        """What the front end makes of a sound with these features: the inverse of `standardised`."""
        return self.spectrogram(features)

    @abstractmethod
    def scores(self, features: Tensor) -> Tensor:
        """Logits (batch, labels) of standardised excerpts (batch, bands, window)."""

    @abstractmethod
    def probabilities(self, scores: Tensor) -> Tensor:
        """Probabilities (..., labels) of logits (..., labels)."""

    def passing(self, features: Tensor) -> Iterator[tuple[str, Tensor]]:
        """Name and values (batch, neurons, positions ...) of each layer on the way of standardised excerpts, in order.

        Values are those before the nonlinearity, where a neuron that is silent has a gradient too. The last layer is
        the output, before it becomes probabilities.
        """
        yield "logits", self.scores(features)

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """Layers that can be read or maximised, input side first, output last."""
        with torch.inference_mode():
            return tuple(Layer(name, values.shape[1], tuple(values.shape[1:]))
                         for name, values in self.passing(self.silence(self.window)[None]))

    def layer(self, name: str) -> Layer:
        """The layer of that name.

        Raises
        ------
        InputError
            When there is none; it names the choices.
        """
        known = {layer.name: layer for layer in self.layers}
        return known[choice(name, known, f"layer of {self.name}")]

    def activations(self, features: Tensor, layer: str) -> Tensor:
        """Activations (batch, neurons) of a layer for standardised excerpts (batch, bands, window); differentiable."""
        return of_neurons(next(values for name, values in self.passing(features) if name == self.layer(layer).name))

    def all_activations(self, features: Tensor) -> dict[str, Tensor]:
        """Activations (batch, neurons) of each layer for standardised excerpts (batch, bands, window)."""
        return {name: of_neurons(values) for name, values in self.passing(features)}

    def at_once(self, here: int) -> int:
        """How many excerpts to ask about at once, where `here` are as many as keep this computer busy."""
        return here

    def log_odds(self, scores: Tensor) -> Tensor:
        """Log-odds (..., labels) of each label against all others, of logits (..., labels); 0 is one half."""
        diagonal = torch.eye(scores.shape[-1], dtype=torch.bool)
        others = scores[..., None, :].masked_fill(diagonal, -torch.inf)
        return scores - others.logsumexp(dim=-1)

    @abstractmethod
    def curve(self, S: Tensor) -> Iterator[Tensor]:
        """Logits (block, labels) of the excerpt centred at each frame of log-mel S (bands, frames), in blocks."""

    @abstractmethod
    def decided(self, probability: NDArray[np.float32]) -> NDArray[np.int64]:
        """Index of the label at each frame, (frames,), from probabilities (frames, labels)."""

    @abstractmethod
    def votes(self, S: Tensor) -> Tensor:
        """Logits (votes, labels) of the parts of S (bands, frames) that vote on a recording; differentiable."""

    def vote_frames(self, frames: int) -> NDArray[np.float64]:
        """Centre of each vote on a recording of so many frames, in frames."""
        first = np.arange(0, frames - self.vote_window + 1, self.vote_stride, dtype=np.float64)
        return np.asarray(first + (self.vote_window - 1) / 2)

    def vote_spans(self, frames: int) -> Iterator[slice]:
        """Parts of a recording of so many frames whose votes, one after the other, are all of its votes."""
        step = max(1, self.vote_frames_at_once // self.vote_stride) * self.vote_stride
        for first in range(0, frames - self.vote_window + 1, step):
            yield slice(first, first + step + self.vote_window - self.vote_stride)

    @abstractmethod
    def verdict(self, votes: Tensor) -> Tensor:
        """Probabilities (labels,) of the recording from votes (votes, labels); differentiable."""

    def decision(self, probabilities: Tensor) -> int:
        """Index of the label decided on from probabilities (labels,) of a recording or an excerpt."""
        if self.positive is not None:
            return int(float(probabilities[-1]) >= self.threshold)
        return int(probabilities.argmax())

    def overall(self, S: Tensor, probability: NDArray[np.float32]) -> tuple[NDArray[np.float64], int]:
        """What `predict` says of a recording S from the curve's probabilities (frames, labels).

        Returns
        -------
        numpy.ndarray, int
            (labels,) probabilities, and the index of the label decided on: here the mean of the curve, and what
            holds for the larger part.
        """
        decided = np.bincount(self.decided(probability), minlength=len(self.labels))
        return np.asarray(probability.mean(axis=0, dtype=np.float64)), int(decided.argmax())

    def target_of(self, features: Tensor) -> str:
        """The label asked about in an excerpt (bands, window) where nothing else is said."""
        if self.positive is not None:
            return self.positive
        with torch.inference_mode():
            return self.labels[int(self.scores(features[None]).argmax())]

    def scores_of_masks(self, S: Tensor, filled: Tensor, segment_map: Tensor, masks: Tensor,
                        report: Report = silent) -> Tensor | None:
        """Logits (m, labels) of one excerpt under m masks where there is a quicker way than trying each."""
        return None

    @property
    def window_seconds(self) -> float:
        """Length of an excerpt."""
        return self.window / self.front_end.frames_per_second

    def silence(self, frames: int) -> Tensor:
        """Standardised features (bands, frames) of digital silence."""
        floor = float(np.log(self.front_end.floor))
        return self.standardised(torch.full((self.front_end.bands, frames), floor))

    def limits(self, loudest: float) -> tuple[Tensor, Tensor]:
        """Least and largest features (bands, window) of sounds with this natural log of magnitude at most."""
        least = self.silence(self.window)
        return least, self.standardised(torch.full_like(least, loudest))

    def sounding(self, features: Tensor, edge: int) -> Waveform | None:
        """The sound of features (bands, window), `edge` frames of silence around it; None where they have no phase."""
        return None

    def excerpt(self, spectrogram: Spectrogram, first: int) -> Tensor:
        """Standardised excerpt (bands, window) from frame `first`; silence beyond the ends."""
        return self.stretch(spectrogram.S, first, first + self.window)

    def stretch(self, S: Tensor, first: int, last: int) -> Tensor:
        """Frames `first` to `last` of log-mel S (bands, frames), standardised; silence beyond the ends."""
        inside = S[:, max(0, first) : max(0, last)]
        before = min(last - first, max(0, -first))
        after = last - first - before - inside.shape[1]
        return torch.cat([self.silence(before), self.standardised(inside), self.silence(after)], dim=1)

    def score(self, target: str, units: str = "probability") -> ListenerScore:
        """The score function of one label, for the explainers.

        Raises
        ------
        InputError
            When the label or the units are unknown.
        """
        choice(target, self.labels, "target")
        return ListenerScore(self, self.labels.index(target), choice(units, UNITS, "units"))


@dataclass(frozen=True)
class ListenerScore:
    """Score of one label: features (batch, bands, frames) -> (batch,); quick under masks where the listener is."""

    listener: Listener
    target: int
    units: str

    def __call__(self, S: Tensor) -> Tensor:
        return self._in_units(self.listener.scores(S))

    def of_masks(self, S: Tensor, filled: Tensor, segment_map: Tensor, masks: Tensor,
                 report: Report = silent) -> Tensor | None:
        """Scores (m,) of one excerpt under m masks, or None."""
        scores = self.listener.scores_of_masks(S, filled, segment_map, masks, report)
        return None if scores is None else self._in_units(scores)

    def at_once(self, here: int) -> int:
        """How many excerpts to ask about at once."""
        return self.listener.at_once(here)

    def _in_units(self, scores: Tensor) -> Tensor:
        of = self.listener.probabilities if self.units == "probability" else self.listener.log_odds
        return of(scores)[:, self.target]
