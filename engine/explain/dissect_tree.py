"""A decision tree read aloud: which bands and which rhythms in them it asks for, and how these bands sound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.audio.filters import LOWEST_HZ, high_pass, low_pass
from engine.audio.waveform import Waveform

HEARD_FROM_HZ = 20.0
WIDTHS = 2.0            # standard deviations to either side that a band is played with
CARRIER_HZ = 220.0      # that an inaudible band is laid upon
CARRIED = 0.3           # its level
PLAYED = 0.3            # peak of a band that is played


class Measured(Protocol):
    """What a row of features measures, as `engine.audio.scattering_features.Path`."""

    @property
    def hz(self) -> float:
        """Centre of the band."""

    @property
    def width_hz(self) -> float:
        """Its standard deviation."""

    @property
    def modulation_hz(self) -> float | None:
        """Centre of its modulation that is measured; None where it is the level."""

    @property
    def name(self) -> str:
        """In words."""


@dataclass(frozen=True)
class Node:
    """A question of a tree, or a leaf.

    Parameters
    ----------
    index, parent, depth
        Its number, that of the node above (-1 for the root), and how many questions lead to it.
    row, name
        The feature it looks at (-1 for a leaf), and that in words ("" for a leaf).
    hz, modulation_hz, low_hz, high_hz
        Centre of the band and of its modulation, and the band that is played; None in leaves.
    threshold
        In the units of the features before they are standardised: natural log of a level or of a ratio. NaN in leaves.
    left, right
        Nodes for values up to the threshold, and above; -1 in leaves.
    share
        (labels,) of the training windows that got here.
    reached
        Share of all training windows that got here.
    importance
        Share of all that the tree's questions tell of the classes (decrease of Gini impurity).
    """

    index: int
    parent: int
    depth: int
    row: int
    name: str
    hz: float | None
    modulation_hz: float | None
    low_hz: float | None
    high_hz: float | None
    threshold: float
    left: int
    right: int
    share: NDArray[np.float64]
    reached: float
    importance: float

    @property
    def inaudible(self) -> bool:
        """Whether the band lies below what people hear as sound."""
        return self.hz is not None and self.hz < HEARD_FROM_HZ

    @property
    def is_leaf(self) -> bool:
        """Whether nothing is asked here."""
        return self.row < 0


def read_tree(*, feature: NDArray[np.int64], threshold: NDArray[np.float64], left: NDArray[np.int64],
              right: NDArray[np.int64], share: NDArray[np.float64], reached: NDArray[np.float64],
              paths: Sequence[Measured], mean: NDArray[np.float64], std: NDArray[np.float64]) -> list[Node]:
    """The nodes of a tree, root first, with their features named.

    Parameters
    ----------
    feature, threshold, left, right, share, reached
        (nodes,), shares (nodes, labels): the tree, on standardised features; -1 in leaves.
    paths, mean, std
        (rows,): what the features measure, and how they were standardised.
    """
    parent = np.full(len(feature), -1)
    depth = np.zeros(len(feature), dtype=np.int64)
    for node in np.flatnonzero(feature >= 0):  # parents come first
        for below in (left[node], right[node]):
            parent[below], depth[below] = node, depth[node] + 1
    importance = importances(feature, left, right, share, reached)
    nodes = []
    for i, row in enumerate(feature.tolist()):
        path = paths[row] if row >= 0 else None
        low, high = band(path) if path else (None, None)
        nodes.append(Node(i, int(parent[i]), int(depth[i]), row, path.name if path else "",
                          path.hz if path else None, path.modulation_hz if path else None, low, high,
                          float(threshold[i] * std[row] + mean[row]) if path else float("nan"),
                          int(left[i]), int(right[i]), share[i], float(reached[i]), float(importance[i])))
    return nodes


def importances(feature: NDArray[np.int64], left: NDArray[np.int64], right: NDArray[np.int64],
                share: NDArray[np.float64], reached: NDArray[np.float64]) -> NDArray[np.float64]:
    """Decrease of Gini impurity at each node (nodes,), summing to 1 (L. Breiman et al.: CART, 1984)."""
    impurity = reached * (1 - np.square(share).sum(axis=1))
    told = np.where(feature >= 0, impurity - impurity[left] - impurity[right], 0.0).clip(0)
    return np.asarray(told / max(float(told.sum()), 1e-12))


def band(path: Measured) -> tuple[float, float]:
    """Edges in Hz of what a row of features hears."""
    return max(LOWEST_HZ, path.hz - WIDTHS * path.width_hz), path.hz + WIDTHS * path.width_hz


def told_by_band(nodes: Sequence[Node], edges: Sequence[float]) -> list[float]:
    """Share of the importance of questions about bands between neighbouring edges in Hz."""
    return [sum(node.importance for node in nodes if node.hz is not None and low <= node.hz < high)
            for low, high in pairwise(edges)]


def sound_of_band(waveform: Waveform, low_hz: float, high_hz: float) -> Waveform:
    """What a band holds of a recording, as loud as it can be played.

    Where the whole band lies below hearing it is laid on a tone, whose level then moves as the band does.

    Parameters
    ----------
    waveform
        Any rate, any number of channels.
    low_hz, high_hz
        Edges, as of a `Node`.
    """
    y = waveform
    if low_hz > LOWEST_HZ:
        y = high_pass(y, cutoff_hz=low_hz)
    if high_hz < 0.98 * y.sr / 2:
        y = low_pass(y, cutoff_hz=high_hz)
    peak = float(np.abs(y.y).max(initial=0.0))
    if peak <= 0:
        return y
    if high_hz < HEARD_FROM_HZ:
        tone = np.sin(2 * np.pi * CARRIER_HZ / y.sr * np.arange(y.y.shape[-1]))
        return Waveform(np.asarray(CARRIED / 2 * (1 + y.y / peak) * tone, dtype=np.float32), y.sr)
    return Waveform(np.asarray(y.y * (PLAYED / peak), dtype=np.float32), y.sr)
