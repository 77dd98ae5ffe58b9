"""The frame-wise network of music adversaries (Kereliuk, Sturm, Larsen 2015): 513 magnitudes -> one logit a label."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from torch import Tensor, nn
from torch.nn import functional as F

from engine.models.layered_net import LayeredNet

BINS = 513
HIDDEN_LAYERS = 3


class FrameMlp(LayeredNet):
    """Three ReLU layers of equal width on single frames.

    Parameters
    ----------
    units
        Width of each hidden layer; the paper has 50 and 500.
    labels
        Number of classes.
    """

    def __init__(self, units: int, labels: int) -> None:
        super().__init__()
        widths = [BINS, *[units] * HIDDEN_LAYERS, labels]
        self.dense = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(widths))

    def passing(self, S: Tensor) -> Iterator[tuple[str, Tensor]]:
        h = S.transpose(-1, -2)
        for i, dense in enumerate(self.dense[:-1], 1):
            h = dense(h)
            yield f"hidden{i}", h.transpose(-1, -2)
            h = F.relu(h)
        yield "logits", self.dense[-1](h).transpose(-1, -2)

    def forward(self, frames: Tensor, dropout: float = 0.0) -> Tensor:
        """Logits (..., labels) of standardised frames (..., 513)."""
        h = frames
        for layer in self.dense[:-1]:
            h = F.dropout(F.relu(layer(h), inplace=True), dropout, self.training)
        return self.dense[-1](h)  # type: ignore[no-any-return]
