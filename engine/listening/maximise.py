"""What a neuron wants, as a page or a command asks for it: examples that can be seen, heard and judged again.

An example is judged three times: as a spectrogram, which is what was optimised; as the sound that its spectrogram is
turned into, heard by the listener as any sound is; and against real music, for what it copies of it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.audio.sonify import from_spectrogram
from engine.checks import InputError, within
from engine.explain import fid
from engine.explain.maximise import Score, Trajectories, Watch, maximise
from engine.job import Progress, Report, silent
from engine.listening.maximise_nearest import nearest_real
from engine.listening.maximise_prior import MELS, heard_by, prior_of
from engine.listening.maximise_real import real_gaussian, real_music
from engine.listening.maximise_values import Example, MaximiseAnswer, MaximiseQuestion
from engine.models import mel_gan
from engine.models.listener import Listener

EDGE = 4            # frames held at either end while a spectrogram becomes sound: what a window reaches over
LEAST_FOR_FID = 50  # examples
TOP = 8             # real excerpts shown
MOST_SEEDS = 10_000


@dataclass(frozen=True)
class Neuron:
    """A neuron of a listener.

    Parameters
    ----------
    listener, layer, index
        Where it is.
    """

    listener: Listener
    layer: str
    index: int

    @classmethod
    def of(cls, listener: Listener, layer: str | None, index: int) -> Neuron:
        """The neuron of that number; of the output layer where none is named.

        Raises
        ------
        InputError
            When there is no such layer or neuron.
        """
        found = listener.layers[-1] if layer is None else listener.layer(layer)
        if isinstance(index, bool) or not 0 <= index < found.neurons:
            raise InputError(f"neuron of {listener.name}'s layer {found.name}: expected 0 to {found.neurons - 1}, "
                             f"got {index}")
        return cls(listener, found.name, index)

    @property
    def score(self) -> Score:
        """Features (batch, bands, window) -> activations (batch,)."""
        return NeuronScore(self)

    @property
    def meaning(self) -> str:
        """The label it stands for, where it is an output."""
        if self.layer != self.listener.layers[-1].name:
            return ""
        labels = self.listener.labels
        return labels[self.index] if self.listener.layers[-1].neurons == len(labels) else labels[-1]

    def probability(self, features: Tensor) -> Tensor:
        """Probability (batch,) of its label, or else of the listener's label of interest."""
        listener = self.listener
        everything = listener.probabilities(listener.scores(features))
        label = self.meaning or listener.positive
        return everything[:, listener.labels.index(label)] if label else everything.amax(dim=1)


@dataclass(frozen=True)
class NeuronScore:
    """A neuron as a score function: features (batch, bands, window) -> activations (batch,)."""

    neuron: Neuron

    def __call__(self, features: Tensor) -> Tensor:
        return self.neuron.listener.activations(features, self.neuron.layer)[:, self.neuron.index]

    def at_once(self, here: int) -> int:
        """How many excerpts to ask about at once."""
        return self.neuron.listener.at_once(here)


def synthesise(listener: Listener, question: MaximiseQuestion, *, report: Report = silent,
               watch: Watch | None = None) -> MaximiseAnswer:
    """Grow examples, turn them into sound, and hold them against real music.

    Raises
    ------
    InputError
        When layer, neuron, prior or a setting is unknown or not possible.
    """
    began = time.perf_counter()
    neuron = Neuron.of(listener, question.layer, question.neuron)
    layer = fid_layer_of(listener, question.fid_layer)
    settings = question.settings()
    within(question.seeds, 1, MOST_SEEDS, "seeds")
    within(question.first_seed, 0, 2**32 - 1, "seed")
    prior = prior_of(question.prior, listener, question.regularisers)
    music = real_music(listener, question.real, report=report)
    seeds = range(question.first_seed, question.first_seed + question.seeds)
    run = maximise(neuron.score, prior, seeds=seeds, settings=settings, report=report, watch=watch)
    examples = tuple(example_of(neuron, run, i, report=report) for i in range(len(run.seeds)))
    top = music.top(neuron.layer, neuron.index, TOP, minimise=question.minimise)
    real = real_gaussian(listener, layer, music, own=question.real is not None)
    sound = [i for i, failed in enumerate(run.failed) if failed is None]
    distance, free = None, None
    if real is not None and len(sound) >= LEAST_FOR_FID:
        hidden = hidden_of(listener, layer, run.snapshots[-1].features[sound]).numpy()
        distance, free = fid.distance(hidden, real), fid.extrapolated(hidden, real)
    return MaximiseAnswer(listener.name, neuron.layer, neuron.index, neuron.meaning, question, settings, examples,
                          distance, free, layer, len(sound), top[0].activation, top, time.perf_counter() - began)


def fid_layer_of(listener: Listener, name: str | None) -> str:
    """The layer that naturalness is measured on: the one before the output where none is named.

    Raises
    ------
    InputError
        When there is no such layer.
    """
    return listener.layers[max(0, len(listener.layers) - 2)].name if name is None else listener.layer(name).name


@torch.inference_mode()
def hidden_of(listener: Listener, layer: str, features: Tensor) -> Tensor:
    """Activations (batch, neurons) of many features."""
    return torch.cat([listener.activations(some, layer) for some in torch.split(features, 16)])


def example_of(neuron: Neuron, run: Trajectories, i: int, *, report: Report = silent) -> Example:
    """The i-th example of a run, as sound too."""
    report(Progress(i, len(run.seeds), "listening to examples"))
    last = run.snapshots[-1]
    curve = run.activations[i].numpy()
    return heard(neuron, last.points[i], last.features[i], seed=run.seeds[i], curve=curve,
                 steps=np.arange(len(curve)), failed=run.failed[i], report=report)


def heard(neuron: Neuron, point: Tensor, features: Tensor, *, seed: int, curve: NDArray[np.float32],
          steps: NDArray[np.int64], failed: int | None = None, report: Report = silent) -> Example:
    """An excerpt (bands, window) with the sound it makes, and what the listener says of both."""
    listener = neuron.listener
    S = listener.spectrogram(features)
    sound = listener.sounding(features, EDGE)
    if sound is None:
        sound = from_spectrogram(with_edges(S), listener.front_end, seed=seed, report=report)
    with torch.inference_mode():
        again = listener.front_end(torch.from_numpy(sound.y))[:, EDGE : EDGE + S.shape[1]]
        after = float(neuron.score(listener.standardised(again)[None])[0])
        probability = float(neuron.probability(features[None])[0])
    skip = round(EDGE * MELS.frames_per_second / listener.front_end.frames_per_second)
    nearest = nearest_real(sound, skip=skip)
    nothing = failed is not None
    return Example(seed, math.nan if nothing else float(curve[-1]), math.nan if nothing else after,
                   math.nan if nothing else probability, curve, steps, failed, point, S, sound, nearest)


def at_points(listener: Listener, layer: str | None, index: int, points: Sequence[Tensor], *,
              report: Report = silent) -> tuple[Example, ...]:
    """What lies at points of the generator's latent, for walks between examples."""
    neuron, gan = Neuron.of(listener, layer, index), mel_gan.load()
    made = []
    for i, point in enumerate(points):
        report(Progress(i, len(points), "walking"))
        with torch.inference_mode():
            features = heard_by(listener, gan, point[None])
            activation = neuron.score(features).numpy()
        made.append(heard(neuron, point, features[0], seed=0, curve=activation, steps=np.zeros(1, int),
                          report=report))
    return tuple(made)


def with_edges(S: Tensor) -> Tensor:
    """A spectrogram (bands, frames) with its first and last frame held for `EDGE` frames more."""
    return torch.cat([S[:, :1].expand(-1, EDGE), S, S[:, -1:].expand(-1, EDGE)], dim=1)
