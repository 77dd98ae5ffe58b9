"""The singing-voice network (Schlüter & Grill, ISMIR 2015): 115 frames of 80 mel bands -> one logit.

One set of weights, three ways through it: excerpt by excerpt (`forward`), a whole song with every column
computed once (`curve`), and one excerpt under many masks (`of_masks`).
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.job import Progress, Report, silent
from engine.models.mask_patterns import group_positions

EXCERPT = 115       # frames: 1.6 s
BANDS = 80
SEES = 25           # frames (and bands) that one cell of the last pooling layer sees
STRIDE = 9          # frames from one such cell to the next
COLUMNS = 11
ROWS = 7
SLOPE = 0.01
MOST_PATTERNS = 512
PATTERNS_AT_ONCE = 16  # about 40 ms on two cores
COLUMNS_AT_ONCE = 700


class SvdCnn(nn.Module):
    """Conv 64, conv 32, pool 3, conv 128, conv 64, pool 3 (3x3, valid, leaky ReLU); dense 256, 64, 1."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.ModuleList([nn.Conv2d(1, 64, 3), nn.Conv2d(64, 32, 3),
                                   nn.Conv2d(32, 128, 3), nn.Conv2d(128, 64, 3)])
        self.dense = nn.ModuleList([nn.Linear(64 * ROWS * COLUMNS, 256), nn.Linear(256, 64), nn.Linear(64, 1)])
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, S: Tensor) -> Tensor:
        """Logits (batch,) of standardised excerpts S (batch, 80, 115)."""
        return self.rest(self.dense[0](self.cells(S).flatten(1)))

    def cells(self, S: Tensor) -> Tensor:
        """The last pooling layer, (batch, 64, 7, columns), of S (batch, 80, frames)."""
        h = S[:, None].contiguous(memory_format=torch.channels_last)
        for first, second in (self.conv[:2], self.conv[2:]):
            h = F.leaky_relu(first(h), SLOPE, inplace=True)
            h = F.max_pool2d(F.leaky_relu(second(h), SLOPE, inplace=True), 3)
        return h

    def votes(self, S: Tensor) -> Tensor:
        """Logits of the excerpts of standardised S (80, frames) that begin every 9 frames, at 1/9 of their cost."""
        columns = self.cells(S[None])[0].unfold(2, COLUMNS, 1).permute(2, 0, 1, 3).flatten(1)
        return self.rest(self.dense[0](columns))

    def rest(self, z: Tensor) -> Tensor:
        """Logits (batch,) from the first dense layer before its nonlinearity, (batch, 256)."""
        h = F.leaky_relu(self.dense[1](F.leaky_relu(z, SLOPE)), SLOPE)
        return self.dense[2](h)[:, 0]  # type: ignore[no-any-return]

    def curve(self, S: Tensor) -> Iterator[Tensor]:
        """Logits of every excerpt in S (80, frames), in order, in blocks: frames - 114 of them in all.

        Pooling with stride 1 and dilated convolutions give each excerpt exactly what `forward` gives it, at a
        fiftieth of the work.
        """
        dense = self.dense[0].get_parameter("weight").view(-1, 64, ROWS, COLUMNS).flatten(1, 2)
        for first in range(0, S.shape[1] - EXCERPT + 1, COLUMNS_AT_ONCE):
            part = S[:, first : first + COLUMNS_AT_ONCE + EXCERPT - 1]
            h = part[None, None].contiguous(memory_format=torch.channels_last)
            for layers, dilation in ((self.conv[:2], 1), (self.conv[2:], 3)):
                for layer in layers:
                    weight, bias = layer.get_parameter("weight"), layer.get_parameter("bias")
                    h = F.leaky_relu(F.conv2d(h, weight, bias, dilation=(1, dilation)), SLOPE, inplace=True)
                h = F.max_pool2d(h, 3, stride=(3, 1), dilation=(1, dilation))
            z = F.conv1d(h.flatten(1, 2), dense, self.dense[0].get_parameter("bias"), dilation=STRIDE)
            yield self.rest(z[0].T)

    def of_masks(self, S: Tensor, filled: Tensor, segment_map: Tensor, masks: Tensor,
                 report: Report = silent) -> Tensor | None:
        """Logits (m,) of one excerpt under m masks, from a few convolutional passes.

        A cell of the last pooling layer sees 25 frames by 25 bands, so only a few segments. Segments get colours
        such that no cell sees two of one colour: 2^colours patterns then show every cell all it can ever see.
        The first dense layer is linear, so each (cells, pattern) adds a fixed vector, and a mask's answer is a
        sum of looked-up vectors, then the small rest of the network.

        Parameters
        ----------
        S, filled
            (80, 115): the excerpt, and what its bins are replaced by where hidden.
        segment_map
            int64 (80, 115): segment of each bin.
        masks
            bool (m, segments): True keeps.

        Returns
        -------
        Tensor or None
            None when the segments need so many patterns that brute force is quicker.
        """
        groups, colour = group_positions(segment_map, rows=ROWS, columns=COLUMNS, stride=(STRIDE, STRIDE),
                                         sees=(SEES, SEES))
        colours = int(colour.max()) + 1
        if 2**colours > min(MOST_PATTERNS, len(masks)):
            return None
        bits = 2 ** torch.arange(colours)
        patterns = (torch.arange(2**colours)[:, None] & bits) > 0
        shown = torch.where(patterns[:, colour[segment_map]], S, filled)
        parts: list[Tensor] = []
        for some in torch.split(shown, PATTERNS_AT_ONCE):
            parts.append(self.cells(some))
            report(Progress(len(parts) * PATTERNS_AT_ONCE, len(patterns), "trying masks"))
        cells = torch.cat(parts)
        weight = self.dense[0].get_parameter("weight").view(-1, 64, ROWS, COLUMNS)
        z = self.dense[0].get_parameter("bias").repeat(len(masks), 1)
        for group in groups:
            rows, columns = group.rows, group.columns
            part = cells[:, :, rows, columns].flatten(1) @ weight[:, :, rows, columns].flatten(1).T
            code = (masks[:, group.segments] * bits[colour[group.segments]]).sum(1)
            z += part[code]
        return self.rest(z)
