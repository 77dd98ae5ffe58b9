"""Each method's order of the causes, from what it looked at to what it overlooked, and where the true one stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from engine.audio.features import MelFrontEnd
from engine.audio.waveform import Waveform
from engine.explain.dissect import Outcome, Panel, Recording, experiment
from engine.explain.dissect_search import search
from engine.explain.dissect_tree import importances
from engine.explain.fills import fill
from engine.explain.methods import explain
from engine.explain.segments import segmentation
from engine.job import Progress, Report, silent
from engine.training.horse_causes import CAUSES, Cause
from engine.training.horse_sounds import PLANTED, SR, Clip
from engine.training.horse_systems import Systems

LEAST_PROBABILITY = 0.01    # weight of how sure decisions are, beside how many fall: it parts equals
MEL = {"sr": SR, "n_fft": 512, "hop_length": 160, "fmin": 27.5, "fmax": 5400.0}
MEL_FMIN = 27.5             # Hz, where they begin
SEGMENTS = 10
EXPLAINED = 4               # recordings that an explainer or adversary is asked about
ATTACK_STEPS = 10
ATTACK_SNR_DB = 40.0

Array = NDArray[np.float64]


def rank_of(name: str, scores: Sequence[float | None]) -> float | None:
    """Place of a cause among all by falling score, that of equals being the mean of their places.

    None where the method's input cannot contain it; causes that it cannot contain come after all others.
    """
    own = scores[[cause.name for cause in CAUSES].index(name)]
    if own is None:
        return None
    known = [score for score in scores if score is not None]
    above, equal = sum(score > own for score in known), sum(score == own for score in known)
    return 1 + above + (equal - 1) / 2


def by_sweep(systems: Systems, panel: Panel, recordings: Sequence[Recording], report: Report) -> list[float | None]:
    """How much recall falls at the worst value of each family, in the system that it falls most in."""
    tried = [(cause, cause.family.treatment(value)) for cause in CAUSES for value in cause.swept]
    outcomes = experiment(panel, recordings, [one for _, one in tried], audible=False, report=report)
    worst: dict[str, float] = {}
    many = len(panel.names)
    for i, (cause, _) in enumerate(tried):
        most = max(_effect(outcome) for outcome in outcomes[i * many : (i + 1) * many])
        worst[cause.name] = max(worst.get(cause.name, -1.0), most)
    return [None if cause.rows is None else worst[cause.name] for cause in CAUSES]


def by_search(systems: Systems, panel: Panel, recordings: Sequence[Recording], report: Report) -> list[float | None]:
    """How much recall falls at the largest value of each family that nobody hears; 0 where all can be heard."""
    effects: dict[str, float] = {}
    for found in search(panel, recordings, families=[cause.family for cause in CAUSES], report=report):
        for one in found.tried:
            effects[one.family] = max(effects.get(one.family, -1.0), _effect(one.outcome))
    return [None if cause.rows is None else effects.get(cause.name, 0.0) for cause in CAUSES]


def _effect(outcome: Outcome) -> float:
    """Fall of the mean recall, and a little for how much less sure the right decisions are."""
    before, after = outcome.recall(after=False), outcome.recall(after=True)
    surer = [one.p_before[outcome.labels.index(str(one.label))] - one.p_after[outcome.labels.index(str(one.label))]
             for one in outcome.files]
    return float(before or 0) - float(after or 0) + LEAST_PROBABILITY * float(np.mean(surer))


def by_tree(systems: Systems, panel: Panel, recordings: Sequence[Recording], report: Report) -> list[float | None]:
    """Share of the tree's importance in the rows where a cause shows, beyond their share of all rows."""
    tree = systems.tree
    told = importances(*(one.double().numpy() if one.is_floating_point() else one.numpy()
                         for one in (tree.feature, tree.left, tree.right, tree.share, tree.reached)))
    weights = np.zeros(systems.front_end.bands)
    inner = tree.feature.numpy() >= 0
    np.add.at(weights, tree.feature.numpy()[inner], told[inner])
    return _in_rows(weights, systems)


def _in_rows(weights: Array, systems: Systems) -> list[float | None]:
    total = max(float(weights.sum()), 1e-12)
    scores: list[float | None] = []
    for cause in CAUSES:
        if cause.rows is None:
            scores.append(None)
            continue
        own = np.array([cause.rows(path) for path in systems.front_end.paths])
        scores.append(float(weights[own].sum() / total - own.mean()))
    return scores


def by_adversary(systems: Systems, panel: Panel, clips: Sequence[Clip], report: Report) -> list[float | None]:
    """What a small change that fools the machine changes in the features it goes by."""
    weights = np.zeros(systems.front_end.bands)
    for i, clip in enumerate([clip for clip in clips if clip.label == PLANTED][:EXPLAINED]):
        report(Progress(i, EXPLAINED, "looking for an adversary"))
        weights += _moved(systems, torch.from_numpy(clip.heard.y), report)
    return _in_rows(weights, systems)


def _moved(systems: Systems, y: Tensor, report: Report) -> Array:
    """How far each row carries a sound towards the other class, (rows,): change of the row times its slope."""
    def margin(X: Tensor) -> Tensor:
        return systems.svm.pairs(systems.standardised(X)).mean()  # positive decides for the planted class

    radius = float(y.norm()) * 10 ** (-ATTACK_SNR_DB / 20)
    change = torch.zeros_like(y)
    for _ in range(ATTACK_STEPS):
        report(Progress(0, 0, "looking for an adversary"))
        at = (y + change).requires_grad_()
        (slope,) = torch.autograd.grad(margin(systems.front_end(at)), at)
        change = change - 2 * radius / ATTACK_STEPS * slope / slope.norm().clamp_min(1e-20)
        change = change * (radius / change.norm().clamp_min(1e-20)).clamp_max(1.0)
    X = systems.front_end(y).requires_grad_()
    (slope,) = torch.autograd.grad(margin(X), X)
    with torch.no_grad():
        carried = -(slope * (systems.front_end(y + change) - X)).mean(1)
    return np.asarray(carried.clamp_min(0).double().numpy())


class MelSystem(nn.Module):
    """A logistic regression on mean and spread of log-mel bands: what explainers of spectrograms are asked about."""

    def __init__(self, clips: Sequence[Clip]) -> None:
        super().__init__()
        self.front_end = MelFrontEnd(**MEL)  # type: ignore[arg-type]
        S = torch.stack([self.spectrogram(clip) for clip in clips])
        self.mean, self.std = S.mean((0, 2))[:, None], S.std((0, 2))[:, None].clamp_min(0.01)
        self.dense = nn.Linear(2 * S.shape[1], 1)
        nn.init.zeros_(self.dense.weight)
        nn.init.zeros_(self.dense.bias)
        features, truth = (S - self.mean) / self.std, torch.tensor([float(clip.label == PLANTED) for clip in clips])
        optimiser = torch.optim.AdamW(self.parameters(), lr=0.02, weight_decay=0.1)
        for _ in range(300):
            optimiser.zero_grad()
            F.binary_cross_entropy_with_logits(self.logit(features), truth).backward()  # type: ignore[no-untyped-call]
            optimiser.step()

    def spectrogram(self, clip: Clip) -> Tensor:
        """Log-mel (bands, frames)."""
        return self.front_end.spectrogram(clip.heard).S

    def logit(self, S: Tensor) -> Tensor:
        """Log-odds (batch,) of the planted class, of standardised excerpts (batch, bands, frames)."""
        found: Tensor = self.dense(torch.cat([S.mean(2), S.std(2)], dim=1))[:, 0]
        return found

    def decides(self, sound: Waveform) -> int:
        """The class of a recording."""
        with torch.no_grad():
            S = (self.front_end.spectrogram(sound).S - self.mean) / self.std
            return PLANTED if float(self.logit(S[None])) > 0 else 1 - PLANTED

    def forward(self, S: Tensor) -> Tensor:
        """Probability (batch,)."""
        return torch.sigmoid(self.logit(S))


def by_explainer(method: str) -> Callable[[MelSystem, Sequence[Clip], Report], list[float | None]]:
    """How much the bands in which a cause shows weigh in SoundLIME or occlusion of the planted class."""
    def scores(system: MelSystem, clips: Sequence[Clip], report: Report = silent) -> list[float | None]:
        front_end, weights = system.front_end, np.zeros(SEGMENTS)
        for clip in [clip for clip in clips if clip.label == PLANTED][:EXPLAINED]:
            with torch.no_grad():
                S = (system.spectrogram(clip) - system.mean) / system.std
                cut = segmentation("spectral", SEGMENTS, bands=S.shape[0], frames=S.shape[1],
                                   frames_per_second=front_end.frames_per_second, frequencies=front_end.frequencies)
                found = explain(method, system, S, segmentation=cut, fill=fill("zero", S), report=report)
            weights += np.abs(found.weights)
        return [_in_bands(cause, weights, [(s.fmin, s.fmax) for s in cut.segments]) for cause in CAUSES]

    return scores


def _in_bands(cause: Cause, weights: Array, bands: Sequence[tuple[float, float]]) -> float | None:
    """Mean weight of the segments that a cause reaches into; None where it reaches into none."""
    if cause.band_hz is None:
        return None
    low, high = cause.band_hz
    own = [weight for weight, (fmin, fmax) in zip(weights, bands, strict=True) if fmin < high and low < fmax]
    return float(np.mean(own)) if own else None
