"""Questions and answers about what a neuron wants, as values."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from engine.audio.waveform import Waveform
from engine.explain.fid import Extrapolated
from engine.explain.maximise import Settings
from engine.explain.maximise_input import InputRegularisers
from engine.listening.maximise_nearest import Nearest
from engine.listening.maximise_real import RealExcerpt
from engine.models import mel_gan


@dataclass(frozen=True)
class MaximiseQuestion:
    """What is wanted of which neuron.

    Parameters
    ----------
    layer, neuron
        Of the listener; None for its output.
    minimise
        Whether what it answers to least is wanted.
    prior
        "gan" or "input".
    lr, reg, iterations
        As in `Settings`; None for the grid's best, from the prior's card.
    optimiser
        "adam" or "sgd".
    seeds, first_seed
        How many examples, and the seed of the first.
    regularisers
        Of the plain input.
    fid_layer
        Layer that naturalness is measured on; None for the one before the output.
    real
        Folder of recordings to compare with; None for the bundled clips.
    """

    layer: str | None = None
    neuron: int = 0
    minimise: bool = False
    prior: str = "gan"
    lr: float | None = None
    reg: float | None = None
    iterations: int | None = None
    optimiser: str = "adam"
    seeds: int = 8
    first_seed: int = 0
    regularisers: InputRegularisers = field(default_factory=InputRegularisers)
    fid_layer: str | None = None
    real: Path | None = None

    def settings(self) -> Settings:
        """The settings, with the defaults filled in.

        Raises
        ------
        InputError
            When one is not possible.
        """
        best = default_settings(minimise=self.minimise)
        return Settings(best.lr if self.lr is None else self.lr, best.reg if self.reg is None else self.reg,
                        best.iterations if self.iterations is None else self.iterations, self.optimiser,
                        self.minimise).checked()


def default_settings(*, minimise: bool = False) -> Settings:
    """The best of the grid that the prior's card holds, for that direction.

    The most natural of those that go beyond real music; where none does, the most natural.
    """
    grid = mel_gan.load().card.get("grid", {})
    found = grid.get("minimise" if minimise else "maximise", {})
    best = found.get("beyond_real") or next(iter(found.get("ranking", [])), None)
    if best is None:
        return Settings(minimise=minimise)
    return Settings(float(best["lr"]), float(best["reg"]), int(best["iterations"]), minimise=minimise)


@dataclass(frozen=True)
class Example:
    """One synthesised excerpt.

    Parameters
    ----------
    seed
        It came from.
    activation
        Of the neuron for the spectrogram; NaN where it failed.
    activation_after_audio
        The same once the spectrogram was made sound and the sound was analysed again.
    probability
        Of the label that the neuron stands for, or else of the listener's label of interest.
    curve
        (points,): activation on the way, from before the first step on.
    steps
        (points,): the iterations at which that was; all of them, unless the example is one of a search.
    failed
        Iteration at which its numbers exploded; None where they did not.
    point
        Where it lies in the prior, to go on from.
    S
        (bands, window): log spectrogram.
    sound
        What it sounds like, with a few frames held at either end.
    nearest
        The training excerpt it is most like.
    """

    seed: int
    activation: float
    activation_after_audio: float
    probability: float
    curve: NDArray[np.float32]
    steps: NDArray[np.int64]
    failed: int | None
    point: Tensor
    S: Tensor
    sound: Waveform
    nearest: Nearest

    def as_json(self) -> dict[str, Any]:
        """Plain numbers; None for what a failed example does not have."""
        known = {"activation": self.activation, "activation_after_audio": self.activation_after_audio,
                 "probability": self.probability}
        near = self.nearest
        return {"seed": self.seed, **{key: value if math.isfinite(value) else None for key, value in known.items()},
                "failed_at": self.failed,
                "nearest": {"file": near.source.id, "title": near.source.title, "artist": near.source.artist,
                            "licence": near.source.licence, "start": round(near.start, 2), "distance": near.distance,
                            "usual_distance": near.usual, "is_copy": near.is_copy}}


@dataclass(frozen=True)
class MaximiseAnswer:
    """Examples, and real music to hold them against.

    Parameters
    ----------
    model, layer, neuron, meaning
        Whose neuron, and the label it stands for; empty within the network.
    question, settings
        What was asked, and what that came to.
    examples
        In the order of their seeds.
    fid
        Fréchet distance from real music; None below 50 examples that did not fail.
    fid_infinity
        What it would be of infinitely many examples; None as above.
    fid_layer, fid_n
        Layer it is measured on, and of how many examples.
    real_max
        Strongest activation that real music had (least, when minimising).
    top
        The real excerpts behind it, the strongest first.
    seconds
        How long it took.
    """

    model: str
    layer: str
    neuron: int
    meaning: str
    question: MaximiseQuestion
    settings: Settings
    examples: tuple[Example, ...]
    fid: float | None
    fid_infinity: Extrapolated | None
    fid_layer: str
    fid_n: int
    real_max: float
    top: tuple[RealExcerpt, ...]
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """Plain numbers and names."""
        return {"model": self.model, "layer": self.layer, "neuron": self.neuron, "meaning": self.meaning,
                "minimise": self.settings.minimise, "prior": self.question.prior,
                "optimiser": self.settings.optimiser, "lr": self.settings.lr, "reg": self.settings.reg,
                "iterations": self.settings.iterations, "examples": [example.as_json() for example in self.examples],
                "failed": sum(example.failed is not None for example in self.examples),
                "fid": self.fid, "fid_infinity": None if self.fid_infinity is None else asdict(self.fid_infinity),
                "fid_layer": self.fid_layer, "fid_n": self.fid_n, "real_max": self.real_max,
                "real": [{"file": one.file.name, "start": round(one.start, 2), "activation": one.activation}
                         for one in self.top], "seconds": self.seconds}
