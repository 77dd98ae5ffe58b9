"""What the page knows: a listener that was opened, examples, rankings, real music, and where a walk stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from engine.audio.waveform import Waveform
from engine.explain.maximise_grid import Ranked
from engine.listening.maximise_real import RealExcerpt
from engine.listening.maximise_search import Search, SearchAnswer
from engine.listening.maximise_values import Example, MaximiseAnswer
from engine.models.listener import Listener
from gui.views.latent_walk import WalkPlace
from gui.views.neuron_field import LayerChoice
from gui.views.prior_view import PriorFacts

Mel = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Shipped:
    """A grid that was searched before: for "svd logit 0", with so many seeds, measured on a layer."""

    neuron: str
    ranking: tuple[Ranked, ...]
    seeds: int
    fid_layer: str


@dataclass(frozen=True)
class Opened:
    """A listener and its layers, and the models that there are.

    Parameters
    ----------
    defaults
        lr, reg and iterations, by direction.
    why_not
        Why a prior cannot be used with it; nothing of those that can.
    prior
        What is known of the generator; None where there is none.
    shipped
        What came of the grid that was searched for the generator's card, by direction.
    """

    model: str
    models: tuple[str, ...]
    listener: Listener
    layers: tuple[LayerChoice, ...]
    defaults: dict[str, tuple[float, float, int]]
    why_not: dict[str, str]
    prior: PriorFacts | None
    shipped: dict[str, Shipped]


@dataclass(frozen=True)
class Growing:
    """Examples on their way: iterations done, log-mels, and activations (seeds, iterations + 1) so far."""

    iteration: int
    seeds: tuple[int, ...]
    mels: tuple[Mel, ...]
    curves: NDArray[np.float32]


@dataclass(frozen=True)
class Shown:
    """An example in the gallery.

    Parameters
    ----------
    mel
        Its picture, as the listener sees it.
    compared, real_mel
        Pictures of the example and of the nearest real excerpt, as they were compared.
    latent
        Whether its point is one of the generator's.
    """

    example: Example
    title: str
    mel: Mel
    compared: Mel
    real_mel: Mel
    rank: str = ""
    latent: bool = True


@dataclass(frozen=True)
class Answered:
    """An answer with its examples as they are shown."""

    answer: MaximiseAnswer
    shown: tuple[Shown, ...]


@dataclass(frozen=True)
class Searched:
    """A grid search and what came of it, with all examples of the best setting."""

    search: Search
    found: SearchAnswer
    answer: MaximiseAnswer


@dataclass(frozen=True)
class SoFar:
    """The ranking of a search that is not done, by the seeds that are."""

    ranking: tuple[Ranked, ...]


@dataclass(frozen=True)
class RealTop:
    """The real excerpts that a neuron answers to most (or least), with pictures and sounds."""

    excerpts: tuple[RealExcerpt, ...]
    mels: tuple[Mel, ...]
    sounds: tuple[Waveform, ...]


@dataclass(frozen=True)
class Directions:
    """Principal directions of examples in the latent, unit vectors (k, 128) times their standard deviations (k,)."""

    vectors: Tensor
    shares: tuple[float, ...]


@dataclass(frozen=True)
class Here:
    """Where a walk is: the latent, its picture, and what the listener says of it."""

    place: WalkPlace
    point: Tensor
    mel: Mel
    activation: float
    probability: float


@dataclass(frozen=True)
class Known:
    """What is known of a neuron; `ends` are those of the walk."""

    answer: MaximiseAnswer | None
    setting: Ranked | None
    searched: Searched | None
    shown: tuple[Shown, ...]
    ends: tuple[Shown | None, Shown | None]
