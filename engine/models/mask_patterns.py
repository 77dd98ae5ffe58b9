"""Which cells of a convolutional layer see which segments, and a colouring that lets few patterns serve all masks."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Group:
    """Cells that see the same segments: their rows and columns, and the segments, all int64."""

    rows: Tensor
    columns: Tensor
    segments: Tensor


def group_positions(
    segment_map: Tensor, *, rows: int, columns: int, stride: tuple[int, int], sees: tuple[int, int]
) -> tuple[list[Group], Tensor]:
    """Group cells by the segments they see, and colour the segments so that no cell sees a colour twice.

    Parameters
    ----------
    segment_map
        int64 (bands, frames): segment of each bin.
    rows, columns, stride, sees
        Cells of the layer; cell (i, j) sees `sees` bands and frames from (i, j) times `stride` on.

    Returns
    -------
    groups
        A partition of the cells.
    colour
        int64 (segments,): greedy colouring, in order of index.
    """
    cells: dict[tuple[int, ...], list[tuple[int, int]]] = defaultdict(list)
    for i in range(rows):
        for j in range(columns):
            band, frame = i * stride[0], j * stride[1]
            seen = segment_map[band : band + sees[0], frame : frame + sees[1]]
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
