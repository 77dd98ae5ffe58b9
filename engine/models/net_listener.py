"""What listeners share that are one network of ours: its layers, and the card that it may answer on."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from engine.models.layered_net import LayeredNet
from engine.models.listener import Listener
from engine.models.placed import Placed


class NetListener(Listener):
    """A listener with a network.

    Attributes
    ----------
    placed
        The network, wherever it answers.
    """

    placed: Placed[LayeredNet]

    def passing(self, features: Tensor) -> Iterator[tuple[str, Tensor]]:
        yield from self.placed.net.passing(features)

    def activations(self, features: Tensor, layer: str) -> Tensor:
        name = self.layer(layer).name
        return self.placed(lambda net, x: net.neurons_of(x, name), features)

    def all_activations(self, features: Tensor) -> dict[str, Tensor]:
        side_by_side = self.placed(LayeredNet.neurons, features)
        parts = torch.split(side_by_side, [layer.neurons for layer in self.layers], dim=1)
        return {layer.name: part for layer, part in zip(self.layers, parts, strict=True)}

    def at_once(self, here: int) -> int:
        return self.placed.rows(here)
