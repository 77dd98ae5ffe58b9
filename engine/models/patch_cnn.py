"""The network on patches of 100 frames of 513 magnitudes: shared convolutions, one vote every 8 frames."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.job import Progress, Report, silent
from engine.models.mask_patterns import group_positions

PATCH = 100         # frames: 2.3 s
STRIDE = 8          # frames from one column of the last pooling layer, and so from one vote, to the next
COLUMNS = 11
ROWS = 14
CHANNELS = (32, 48)
UNITS = 100
STRIDES, SEES = (32, STRIDE), (69, 14)  # bands and frames from one cell of that layer to the next, and that it sees
MOST_PATTERNS = 128
PATTERNS_AT_ONCE = 8


class PatchCnn(nn.Module):
    """Conv 32 (9 bins by 3 frames, every 4th bin), pool 2; conv 48 (5 by 3), pool 4; dense 100; ReLU.

    Parameters
    ----------
    labels
        Number of classes.
    """

    def __init__(self, labels: int) -> None:
        super().__init__()
        first, second = CHANNELS
        self.conv = nn.ModuleList([nn.Conv2d(1, first, (9, 3), stride=(4, 1)), nn.Conv2d(first, second, (5, 3))])
        self.dense = nn.ModuleList([nn.Linear(second * ROWS * COLUMNS, UNITS), nn.Linear(UNITS, labels)])
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, S: Tensor, dropout: float = 0.0) -> Tensor:
        """Logits (batch, votes, labels) of standardised S (batch, 513, frames); votes = 1 + (frames - 100) // 8."""
        whole = PATCH + (S.shape[-1] - PATCH) // STRIDE * STRIDE   # 94 frames would do for one vote more
        return self.votes(self.cells(S[..., :whole]), dropout)

    def cells(self, S: Tensor) -> Tensor:
        """The last pooling layer, (batch, 48, 14, columns), of S (batch, 513, frames)."""
        h = S[:, None].contiguous(memory_format=torch.channels_last)
        h = F.max_pool2d(F.relu(self.conv[0](h), inplace=True), 2)
        return F.max_pool2d(F.relu(self.conv[1](h), inplace=True), 4)

    def of_masks(self, S: Tensor, filled: Tensor, segment_map: Tensor, masks: Tensor,
                 report: Report = silent) -> Tensor | None:
        """Logits (m, labels) of one patch under m masks, as `SvdCnn.of_masks` does it; None where that is no quicker.

        Parameters
        ----------
        S, filled
            (513, 100): the patch, and what its bins are replaced by where hidden.
        segment_map
            int64 (513, 100): segment of each bin.
        masks
            bool (m, segments): True keeps.
        """
        groups, colour = group_positions(segment_map, rows=ROWS, columns=COLUMNS, stride=STRIDES, sees=SEES)
        colours = int(colour.max()) + 1
        if 2**colours > min(MOST_PATTERNS, len(masks)):
            return None
        bits = 2 ** torch.arange(colours)
        patterns = (torch.arange(2**colours)[:, None] & bits) > 0
        parts: list[Tensor] = []
        for some in torch.split(patterns, PATTERNS_AT_ONCE):
            parts.append(self.cells(torch.where(some[:, colour[segment_map]], S, filled)))
            report(Progress(len(parts) * PATTERNS_AT_ONCE, len(patterns), "trying masks"))
        cells = torch.cat(parts)
        weight = self.dense[0].get_parameter("weight").view(UNITS, -1, ROWS, COLUMNS)
        z = self.dense[0].get_parameter("bias").repeat(len(masks), 1)
        for group in groups:
            part = cells[:, :, group.rows, group.columns].flatten(1) @ weight[
                :, :, group.rows, group.columns].flatten(1).T
            z += part[(masks[:, group.segments] * bits[colour[group.segments]]).sum(1)]
        return self.dense[1](F.relu(z))  # type: ignore[no-any-return]

    def votes(self, cells: Tensor, dropout: float = 0.0) -> Tensor:
        """Logits (batch, votes, labels) of each 11 columns of the last pooling layer."""
        columns = cells.flatten(1, 2).unfold(2, COLUMNS, 1).transpose(1, 2).flatten(2)
        h = F.relu(self.dense[0](F.dropout(columns, dropout, self.training)), inplace=True)
        return self.dense[1](F.dropout(h, dropout, self.training))  # type: ignore[no-any-return]
