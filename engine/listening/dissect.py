"""Dissect for pages and commands: listeners as a panel of systems, files as recordings, trees with their features."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.audio.features import FrontEnd
from engine.audio.scattering import Scattered
from engine.audio.scattering_features import COLUMNS_AT_ONCE, ScatteringFrontEnd
from engine.audio.waveform import AudioFile, Waveform
from engine.checks import InputError, shown
from engine.explain.dissect import Array, Panel, Recording
from engine.explain.dissect_tree import Node, read_tree
from engine.job import Report, silent
from engine.models.listener import Listener
from engine.models.scattering_listener import ScatteringTreeListener

MOST_BYTES = 2**27   # of sounds that others may be like: some thirty of 30 s


class Lately:
    """What was heard lately, so that a sound that is like it in most bands is heard faster.

    One for each thread: it is no use to two at once.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], list[Scattered]] = {}
        self._uses: dict[int, int] = {}    # of each, by its identity

    def features(self, front_end: FrontEnd, sound: Waveform, report: Report) -> Tensor:
        """Features (bands, columns) of a sound."""
        if not isinstance(front_end, ScatteringFrontEnd):
            return front_end.spectrogram(sound).S
        y = torch.from_numpy(sound.mono().resampled(front_end.sr).y)
        if len(y) > COLUMNS_AT_ONCE * front_end.hop_length:  # in pieces, which are no sounds to compare with
            return front_end.spectrogram(Waveform(y.numpy(), front_end.sr)).S
        known = self._known.setdefault(front_end.key, [])
        with torch.inference_mode():
            S, scattered = front_end.like(y, known, report)
        if scattered.taken_from >= 0:
            used = known.pop(scattered.taken_from)
            known.insert(0, used)
            self._uses[id(used)] += 1
        else:
            known.insert(0, scattered)
            self._uses[id(scattered)] = 0
            self._forget(known)
        return S

    def _forget(self, known: list[Scattered]) -> None:
        """Let go of those that served least, the oldest first."""
        while len(known) > 1 and sum(one.spectrum.nbytes + one.S.nbytes for one in known) > MOST_BYTES:
            least = min(reversed(known[1:]), key=lambda one: self._uses[id(one)])
            del known[next(i for i, one in enumerate(known) if one is least)]
            del self._uses[id(least)]


def panel_of(listeners: Sequence[Listener], lately: Lately | None = None) -> Panel:
    """Listeners as systems that are asked together.

    Those with the same front end share its features; what they have said of a sound is not asked again.
    """
    lately = Lately() if lately is None else lately
    said: dict[bytes, list[Array]] = {}

    def hear(sound: Waveform, report: Report = silent) -> list[Array]:
        key = hashlib.sha256(np.ascontiguousarray(sound.y).tobytes() + f"{sound.y.shape} {sound.sr}".encode()).digest()
        if key not in said:
            features: dict[tuple[object, ...], Tensor] = {}
            answers = []
            for listener in listeners:
                front = listener.front_end.key
                if front not in features:
                    features[front] = lately.features(listener.front_end, sound, report)
                answers.append(_verdict(listener, features[front]))
            said[key] = answers
        return said[key]

    def decide(i: int, probabilities: Array) -> int:
        return listeners[i].decision(torch.from_numpy(probabilities))

    return Panel(tuple(one.name for one in listeners), tuple(one.labels for one in listeners), hear, decide)


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


def part_of(file: AudioFile, middle: float | None) -> tuple[float, Waveform]:
    """Where the part begins that is worked on, in seconds, and its sound: of what is longer than `middle` the middle.

    Parameters
    ----------
    middle
        In seconds; None for all of the file.
    """
    if middle is None:
        return 0.0, file.read()
    start = max(0.0, (file.seconds - middle) / 2)
    return start, file.read(start, start + middle)


def recording_of(path: Path, label: str | None = None, track: str | None = None, *,
                 middle: float | None = None) -> Recording:
    """A file, or its middle, as a recording; looked at once, read when its sound is wanted.

    Raises
    ------
    InputError
        When it cannot be read as sound.
    """
    file = AudioFile(path)
    return Recording(shown(path), label, track or str(path), lambda: part_of(file, middle)[1])


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
