"""The network on patches of 100 frames of 513 magnitudes: shared convolutions, one vote every 8 frames."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.models.layered_net import LayeredNet
from engine.models.mask_patterns import Layout

PATCH = 100         # frames: 2.3 s
STRIDE = 8          # frames from one column of the last pooling layer, and so from one vote, to the next
COLUMNS = 11
ROWS = 14
CHANNELS = (32, 48)
UNITS = 100
PATTERNS_AT_ONCE = 8
POOLS = (2, 4)      # behind the convolutions
LAYOUT = Layout(rows=ROWS, columns=COLUMNS, stride=(32, STRIDE), sees=(69, 14), most_patterns=128)


class PatchCnn(LayeredNet):
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
        for conv, pool in zip(self.conv, POOLS, strict=True):
            h = F.max_pool2d(F.relu(conv(h), inplace=True), pool)
        return h

    def excerpt(self, S: Tensor) -> Tensor:
        """Logits (batch, labels) of standardised patches S (batch, 513, 100)."""
        return self.forward(S)[:, 0]

    def passing(self, S: Tensor) -> Iterator[tuple[str, Tensor]]:
        h = S[:, None].contiguous(memory_format=torch.channels_last)
        for i, (conv, pool) in enumerate(zip(self.conv, POOLS, strict=True), 1):
            h = conv(h)
            yield f"conv{i}", h
            h = F.max_pool2d(F.relu(h), pool)
            yield f"pool{i}", h
        h = self.dense[0](h[..., :COLUMNS].flatten(1))
        yield "dense1", h
        yield "logits", self.rest(h)

    def rest(self, z: Tensor) -> Tensor:
        """Logits (..., labels) from the first dense layer before its nonlinearity, (..., 100)."""
        return self.dense[1](F.relu(z))  # type: ignore[no-any-return]

    def votes(self, cells: Tensor, dropout: float = 0.0) -> Tensor:
        """Logits (batch, votes, labels) of each 11 columns of the last pooling layer."""
        columns = cells.flatten(1, 2).unfold(2, COLUMNS, 1).transpose(1, 2).flatten(2)
        h = F.relu(self.dense[0](F.dropout(columns, dropout, self.training)), inplace=True)
        return self.dense[1](F.dropout(h, dropout, self.training))  # type: ignore[no-any-return]
