"""The two scattering systems, fitted in seconds to made-up music."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engine.audio.scattering_features import ScatteringFrontEnd
from engine.audio.waveform import Waveform
from engine.explain.dissect import Array, Panel, Recording
from engine.job import Progress, Report, silent
from engine.listening.dissect import Lately
from engine.models.scattering_svm import Svm, Tree, WindowClassifier
from engine.training.horse_sounds import LABELS, SR, Clip
from engine.training.train_scattering import LEAST_STD, fit_svm, fit_tree, half_exact

LENGTH = 2**11        # samples, 0.19 s: as short as lets a wavelet sit at a few Hz
LONG = 2**13          # 0.74 s: as long as lets a wavelet sit at the rate of notes, which is what a tempo is
LONG_Q = (8, 2)       # wavelets per octave: one to the octave of rhythm cannot part 4 notes a second from 3 or 5
SETTING = {"C": 3.0, "gamma_rows": 0.3, "depth": 3, "leaf": 0.02}
NAMES = ("machine", "tree")


@dataclass(frozen=True)
class Systems:
    """What was learnt from one made-up data set."""

    front_end: ScatteringFrontEnd
    mean: Tensor
    std: Tensor
    svm: Svm
    tree: Tree

    def standardised(self, S: Tensor) -> Tensor:
        """Windows (columns, rows) of features (rows, columns)."""
        return ((S - self.mean) / self.std).T


def fitted(clips: Sequence[Clip], *, long: bool = False, seed: int = 0, report: Report = silent) -> Systems:
    """Both systems, from what is heard in recordings.

    Parameters
    ----------
    clips
        What is learnt from.
    long
        Whether windows are long enough to hold a rhythm; these hear little else as well, and cost more.
    seed
        Of the learners.
    """
    front_end = ScatteringFrontEnd(sr=SR, length=LONG if long else LENGTH, q=LONG_Q if long else (8, 1), order_0=True)
    features = []
    for i, clip in enumerate(clips):
        report(Progress(i, len(clips), "scattering made-up music"))
        features.append(front_end.spectrogram(clip.heard).S)
    S = torch.cat(features, dim=1)
    mean, std = S.mean(1, keepdim=True), S.std(1, keepdim=True).clamp_min(LEAST_STD)
    X = half_exact(((S - mean) / std).T.numpy())
    truth = np.repeat([clip.label for clip in clips], [one.shape[1] for one in features])
    svm, tree = (fit(X, truth, SETTING, seed)[1] for fit in (fit_svm, fit_tree))
    assert isinstance(svm, Svm)
    assert isinstance(tree, Tree)
    return Systems(front_end, mean, std, svm, tree)


def panel_of(systems: Systems) -> Panel:
    """Both systems, asked together."""
    classifiers: tuple[WindowClassifier, ...] = (systems.svm, systems.tree)
    known, lately = dict[bytes, list[Array]](), Lately()

    def hear(sound: Waveform, report: Report) -> list[Array]:
        key = sound.y.tobytes()  # experiments one after the other begin with the same untouched sounds
        if key not in known:
            with torch.inference_mode():
                x = systems.standardised(lately.features(systems.front_end, sound, report))
                known[key] = [np.asarray(torch.softmax(one.logits(x), 1).mean(0).double().numpy())
                              for one in classifiers]
        return known[key]

    return Panel(NAMES, (LABELS, LABELS), hear, lambda i, p: int(p.argmax()))


def recordings_of(clips: Sequence[Clip], *, clean: bool = False) -> list[Recording]:
    """Recordings as systems hear them, or the same without what was planted."""
    return [Recording(f"clip {i}", LABELS[clip.label], str(i), _loads(clip.clean if clean else clip.heard))
            for i, clip in enumerate(clips)]


class _loads:
    def __init__(self, sound: Waveform) -> None:
        self._sound = sound

    def __call__(self) -> Waveform:
        return self._sound
