"""Maximise's lines of the table: the paper's grid beside one example after the other, and sounds beside librosa's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.audio.features import MelFrontEnd
from engine.audio.sonify import GRIFFIN_LIM_ITERATIONS, from_spectrogram
from engine.bench.ground import Ground, Item
from engine.checks import InputError
from engine.explain.maximise import Prior, Score, Settings, maximise
from engine.explain.maximise_grid import Grid, examples_of
from engine.listening.maximise import EDGE, Neuron, fid_layer_of, hidden_of, with_edges
from engine.listening.maximise_prior import prior_of

PART = (5, 25, 50)              # iterations, for the paper's 100, 500 and 1000
QUICK_PART = (1, 2, 4)
GROWN = Settings(lr=0.05, reg=0.001, iterations=30)     # examples that are made sound
QUICK_GROWN = Settings(lr=0.05, reg=0.001, iterations=1)
EXAMPLES, QUICK_EXAMPLES = 6, 1
ONE_BY_ONE = "one at a time, torch.optim.Adam"


def grid_against_one_at_a_time(ground: Ground) -> Item:
    """All settings from shared trajectories side by side, beside a run of its own for each setting and each latent."""
    whole = Grid()
    title = f"grid of {len(whole.pairs) * len(whole.iterations)} settings, {whole.seeds} seeds"

    def measure(neuron: Neuron, prior: Prior) -> Item:
        part = Grid(iterations=QUICK_PART if _quick(ground) else PART)
        listener, last = neuron.listener, part.iterations[-1]
        layer = fid_layer_of(listener, None)
        (lr, reg), n = part.pairs[0], part.iterations[0]

        def ours() -> None:
            examples_of(neuron.score, prior, lambda S: hidden_of(listener, layer, S), grid=part, seed=0)

        def theirs() -> None:
            for iterations in part.iterations:
                one_at_a_time(neuron.score, prior, Settings(lr, reg, iterations), seed=0)

        together = ground.timed(ours, lambda: one_at_a_time(neuron.score, prior, Settings(iterations=1), seed=0))
        alone = ground.timed(theirs, lambda: one_at_a_time(neuron.score, prior, Settings(iterations=1), seed=0))
        same = maximise(neuron.score, prior, seeds=[0], settings=Settings(lr, reg, n)).snapshots[-1].points[0]
        off = float((same - one_at_a_time(neuron.score, prior, Settings(lr, reg, n), seed=0)).abs().max())
        runs = len(part.pairs) * whole.seeds
        return Item(
            title, together * whole.seeds * whole.iterations[-1] / last,
            alone * runs * sum(whole.iterations) / sum(part.iterations), ONE_BY_ONE,
            f"{listener.name} {neuron.layer} {neuron.index}, one direction; measured on a part, both extrapolated "
            f"linearly from {', '.join(map(str, part.iterations))} iterations of one seed for "
            f"{', '.join(map(str, whole.iterations))}: ours all {len(part.pairs)} pairs of lr and reg "
            f"({together:.2f} s), the peer one pair ({alone:.2f} s); after {n} step{'s' * (n != 1)} the latents differ "
            f"by at most {off:.1e}")

    return _measured(ground, title, ONE_BY_ONE, measure)


def one_at_a_time(score: Score, prior: Prior, settings: Settings, *, seed: int) -> Tensor:
    """The point (shape) that one latent comes to, by itself."""
    z = prior.begin(seed)[None].clone().requires_grad_()
    adam = torch.optim.Adam([z], lr=settings.lr)
    for _ in range(settings.iterations):
        adam.zero_grad()
        loss = settings.reg * z.norm() - score(prior.generate(z)).sum()
        loss.backward()
        adam.step()
    return z.detach()[0]


@dataclass(frozen=True)
class Inverted:
    """Maximised mel spectrograms as sound: means over the examples, of ours and of the peer's.

    Parameters
    ----------
    convergence
        Relative error of the mel magnitudes of the sound.
    lost
        Difference of the score on the sound from that on the mel.
    score
        On the mels.
    """

    convergence: tuple[float, float]
    lost: tuple[float, float]
    score: float


def convergence_against_librosa(ground: Ground) -> Item:
    """How near the sound's own mel spectrogram is to that which it was made from."""
    title = "error of the mels of maximised sounds"
    return _measured(ground, title, _librosa(), lambda neuron, prior: _told(
        ground, neuron, title, "relative", lambda found: (found.convergence, "")))


def score_kept_against_librosa(ground: Ground) -> Item:
    """How far the detector changes its mind once the mel spectrogram has become sound."""
    title = "score lost as maximised mels become sound"
    return _measured(ground, title, _librosa(), lambda neuron, prior: _told(
        ground, neuron, title, "logit", lambda found: (found.lost, f"; on the mels it is {found.score:.2f}")))


def _told(ground: Ground, neuron: Neuron, title: str, unit: str,
          of: Callable[[Inverted], tuple[tuple[float, float], str]]) -> Item:
    settings = QUICK_GROWN if _quick(ground) else GROWN
    (ours, peer), more = of(inverted(neuron, settings, QUICK_EXAMPLES if _quick(ground) else EXAMPLES))
    return Item(title, ours, peer, _librosa(),
                f"mean over examples grown for {settings.iterations} iterations, the same mels and "
                f"{GRIFFIN_LIM_ITERATIONS} iterations of Griffin-Lim on both sides{more}", unit)


@lru_cache(1)    # two lines of the table are about the same sounds
def inverted(neuron: Neuron, settings: Settings, examples: int) -> Inverted:
    """Grow examples and make sounds of them, with ours and with librosa."""
    listener = neuron.listener
    assert isinstance(listener.front_end, MelFrontEnd)
    grown = maximise(neuron.score, prior_of("gan", listener), seeds=range(examples), settings=settings).snapshots[-1]
    rows = []
    for seed, (features, score) in enumerate(zip(grown.features, grown.activations.tolist(), strict=True)):
        S = with_edges(listener.spectrogram(features))
        ours = from_spectrogram(S, listener.front_end, seed=seed).y
        for y in (ours, librosa_sound(S, listener.front_end, seed)):
            again = listener.front_end(torch.from_numpy(y))[:, EDGE : EDGE + listener.window]
            wanted = S[:, EDGE : EDGE + listener.window].exp()
            with torch.inference_mode():
                heard = float(neuron.score(listener.standardised(again)[None])[0])
            rows.append((float((again.exp() - wanted).norm() / wanted.norm()), abs(heard - score)))
    ours_mean, peer_mean = np.mean(rows[::2], axis=0).tolist(), np.mean(rows[1::2], axis=0).tolist()
    return Inverted((ours_mean[0], peer_mean[0]), (ours_mean[1], peer_mean[1]), float(grown.activations.mean()))


def librosa_sound(S: Tensor, front_end: MelFrontEnd, seed: int) -> NDArray[np.float32]:
    """What librosa's `mel_to_audio` does, with bands as ours are: non-negative least squares and Griffin-Lim."""
    import librosa

    magnitude = librosa.feature.inverse.mel_to_stft(
        S.exp().numpy(), sr=front_end.sr, n_fft=front_end.n_fft, power=1, htk=True, norm=1, fmin=front_end.fmin,
        fmax=front_end.fmax)
    return np.asarray(librosa.griffinlim(magnitude, n_iter=GRIFFIN_LIM_ITERATIONS, hop_length=front_end.hop_length,
                                         n_fft=front_end.n_fft, random_state=seed), np.float32)


def _librosa() -> str:
    return f"librosa {metadata.version('librosa')}, mel_to_stft and griffinlim"


def _measured(ground: Ground, title: str, peer_name: str, measure: Callable[[Neuron, Prior], Item]) -> Item:
    """The line, or one that says why it cannot be measured."""
    listener = ground.listener
    try:
        prior = prior_of("gan", listener)
    except InputError as error:
        return Item(title, None, None, peer_name, f"not measured: {error}")
    if not (listener.differentiable and isinstance(listener.front_end, MelFrontEnd)):
        return Item(title, None, None, peer_name, f"not measured: {listener.name} has no gradient, or hears no mels")
    return measure(Neuron.of(listener, None, 0), prior)


def _quick(ground: Ground) -> bool:
    return ground.size.runs == 1


ITEMS = (grid_against_one_at_a_time, convergence_against_librosa, score_kept_against_librosa)
