"""The singing-voice network (Schlüter & Grill, ISMIR 2015): 115 frames of 80 mel bands -> one logit.

One set of weights, three ways through it: excerpt by excerpt (`forward`), a whole song with every column
computed once (`curve`), and one excerpt under many masks (`cells`, see `mask_patterns`).
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.models.layered_net import LayeredNet
from engine.models.mask_patterns import Layout

EXCERPT = 115       # frames: 1.6 s
BANDS = 80
SEES = 25           # frames (and bands) that one cell of the last pooling layer sees
STRIDE = 9          # frames from one such cell to the next
COLUMNS = 11
ROWS = 7
SLOPE = 0.01
PATTERNS_AT_ONCE = 16  # about 40 ms on two cores
COLUMNS_AT_ONCE = 700
LAYOUT = Layout(rows=ROWS, columns=COLUMNS, stride=(STRIDE, STRIDE), sees=(SEES, SEES), most_patterns=512)


class SvdCnn(LayeredNet):
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

    def passing(self, S: Tensor) -> Iterator[tuple[str, Tensor]]:
        h = S[:, None].contiguous(memory_format=torch.channels_last)
        for i, conv in enumerate(self.conv, 1):
            h = conv(h)
            yield f"conv{i}", h
            h = F.leaky_relu(h, SLOPE)
            if i % 2 == 0:
                h = F.max_pool2d(h, 3)
                yield f"pool{i // 2}", h
        h = h.flatten(1)
        for i, dense in enumerate(self.dense[:-1], 1):
            h = dense(h)
            yield f"dense{i}", h
            h = F.leaky_relu(h, SLOPE)
        yield "logit", self.dense[-1](h)

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
