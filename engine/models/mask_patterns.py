"""Which cells of a convolutional layer see which segments, and a colouring that lets few patterns serve all masks.

A cell of the last pooling layer sees a part of the excerpt, so only a few segments. Segments get colours such that no
cell sees two of one colour: 2^colours patterns then show every cell all it can ever see. The first dense layer is
linear, so each (cells, pattern) adds a fixed vector, and a mask's answer is a sum of looked-up vectors, then the small
rest of the network.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from engine.job import Progress, Report, silent


@dataclass(frozen=True)
class Group:
    """Cells that see the same segments: their rows and columns, and the segments, all int64."""

    rows: Tensor
    columns: Tensor
    segments: Tensor


@dataclass(frozen=True)
class Layout:
    """The last layer before the dense ones, as the excerpt's bins look into it.

    Parameters
    ----------
    rows, columns, stride, sees
        Cells of the layer; cell (i, j) sees `sees` bands and frames from (i, j) times `stride` on.
    most_patterns
        Beyond which trying each mask is quicker.
    """

    rows: int
    columns: int
    stride: tuple[int, int]
    sees: tuple[int, int]
    most_patterns: int


def behind_masks(cells: Callable[[Tensor], Tensor], dense: nn.Module, layout: Layout, *, S: Tensor, filled: Tensor,
                 segment_map: Tensor, masks: Tensor, at_once: int, report: Report = silent) -> Tensor | None:
    """What the first dense layer says, before its nonlinearity, of one excerpt under many masks.

    Parameters
    ----------
    cells
        Excerpts (batch, bands, frames) -> the layer before, (batch, channels, rows, columns).
    dense
        The linear layer on all of it.
    S, filled
        (bands, frames): the excerpt, and what its bins are replaced by where hidden.
    segment_map
        int64 (bands, frames): segment of each bin.
    masks
        bool (m, segments): True keeps.
    at_once
        Patterns between two reports.

    Returns
    -------
    Tensor or None
        (m, units); None when the segments need so many patterns that brute force is quicker.
    """
    groups, colour = group_positions(segment_map, layout)
    colours = int(colour.max()) + 1
    if 2**colours > min(layout.most_patterns, len(masks)):
        return None
    bits = 2 ** torch.arange(colours)
    patterns = (torch.arange(2**colours)[:, None] & bits) > 0
    parts: list[Tensor] = []
    for some in torch.split(patterns, at_once):
        parts.append(cells(torch.where(some[:, colour[segment_map]], S, filled)))
        report(Progress(min(len(parts) * at_once, len(patterns)), len(patterns), "trying masks"))
    seen = torch.cat(parts)
    bias = dense.get_parameter("bias")
    weight = dense.get_parameter("weight").view(len(bias), -1, layout.rows, layout.columns)
    z = bias.repeat(len(masks), 1)
    for group in groups:
        rows, columns = group.rows, group.columns
        part = seen[:, :, rows, columns].flatten(1) @ weight[:, :, rows, columns].flatten(1).T
        z += part[(masks[:, group.segments] * bits[colour[group.segments]]).sum(1)]
    return z


def group_positions(segment_map: Tensor, layout: Layout) -> tuple[list[Group], Tensor]:
    """Group cells by the segments they see, and colour the segments so that no cell sees a colour twice.

    Parameters
    ----------
    segment_map
        int64 (bands, frames): segment of each bin.
    layout
        Of the cells.

    Returns
    -------
    groups
        A partition of the cells.
    colour
        int64 (segments,): greedy colouring, in order of index.
    """
    cells: dict[tuple[int, ...], list[tuple[int, int]]] = defaultdict(list)
    (down, along), (bands, frames) = layout.stride, layout.sees
    for i in range(layout.rows):
        for j in range(layout.columns):
            seen = segment_map[i * down : i * down + bands, j * along : j * along + frames]
            cells[tuple(torch.unique(seen).tolist())].append((i, j))
    neighbours: dict[int, set[int]] = defaultdict(set)
    for seen_together in cells:
        for segment in seen_together:
            neighbours[segment].update(seen_together)
    colour = torch.zeros(int(segment_map.max()) + 1, dtype=torch.int64)
    done: set[int] = set()
    for segment in sorted(neighbours):
        taken = {int(colour[other]) for other in neighbours[segment] & done}
        colour[segment] = next(c for c in range(len(taken) + 1) if c not in taken)
        done.add(segment)
    groups = [Group(torch.tensor([i for i, _ in where]), torch.tensor([j for _, j in where]), torch.tensor(seen))
              for seen, where in cells.items()]
    return groups, colour
