"""Dissect for pages and commands: listeners as a panel of systems, files as recordings, trees with their features."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.audio.features import FrontEnd
from engine.audio.scattering_features import ScatteringFrontEnd
from engine.audio.waveform import AudioFile, Waveform
from engine.checks import InputError, shown
from engine.explain.dissect import Array, Panel, Recording
from engine.explain.dissect_tree import Node, read_tree
from engine.job import Report, silent
from engine.models.listener import Listener
from engine.models.scattering_listener import ScatteringTreeListener


def panel_of(listeners: Sequence[Listener]) -> Panel:
    """Listeners as systems that are asked together; those with the same front end share its features."""
    def hear(sound: Waveform, report: Report = silent) -> list[Array]:
        features: dict[tuple[object, ...], Tensor] = {}
        answers = []
        for listener in listeners:
            key = _key(listener.front_end)
            if key not in features:
                features[key] = _features(listener.front_end, sound, report)
            answers.append(_verdict(listener, features[key]))
        return answers

    def decide(i: int, probabilities: Array) -> int:
        return listeners[i].decision(torch.from_numpy(probabilities))

    return Panel(tuple(one.name for one in listeners), tuple(one.labels for one in listeners), hear, decide)


def _key(front_end: FrontEnd) -> tuple[object, ...]:
    return front_end.key


def _features(front_end: FrontEnd, sound: Waveform, report: Report) -> Tensor:
    if not isinstance(front_end, ScatteringFrontEnd):
        return front_end.spectrogram(sound).S
    y = torch.from_numpy(sound.mono().resampled(front_end.sr).y)
    with torch.inference_mode():
        return front_end.of(y, report)


def _verdict(listener: Listener, S: Tensor) -> Array:
    if S.shape[1] < listener.vote_window:
        least = listener.vote_window / listener.front_end.frames_per_second
        raise InputError(f"audio: expected {least:.1f} s or more, as {listener.name} hears so much at once; take a "
                         "longer sound")
    with torch.inference_mode():
        votes = torch.cat([listener.votes(S[:, part]) for part in listener.vote_spans(S.shape[1])])
        probabilities = listener.verdict(votes).double().numpy()
    if not np.isfinite(probabilities).all():
        raise InputError(f"audio: {listener.name} answers with NaN; is the recording far beyond full scale?")
    return np.asarray(probabilities)


def recording_of(path: Path, label: str | None = None, track: str | None = None) -> Recording:
    """A file as a recording; looked at once, read when its sound is wanted.

    Raises
    ------
    InputError
        When it cannot be read as sound.
    """
    file = AudioFile(path)
    return Recording(shown(path), label, track or str(path), file.read)


def tree_of(listener: Listener) -> list[Node]:
    """The nodes of a listener that decides by a tree, root first.

    Raises
    ------
    InputError
        When it does not.
    """
    if not isinstance(listener, ScatteringTreeListener):
        raise InputError(f"model: expected one that decides by a tree, such as scattering-tree-artist, got "
                         f"{listener.name}")
    tree = listener.classifier
    feature, left, right, threshold, share, reached = (
        one.numpy() for one in (tree.feature, tree.left, tree.right, tree.threshold.double(), tree.share.double(),
                                tree.reached.double()))
    return read_tree(feature=feature, threshold=threshold, left=left, right=right, share=share, reached=reached,
                     paths=listener.front_end.paths, mean=listener.mean[:, 0].double().numpy(),
                     std=listener.std[:, 0].double().numpy())
