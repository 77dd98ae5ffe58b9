"""What the networks share: each can be looked into, layer by layer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator

import torch
from torch import Tensor, nn


class LayeredNet(nn.Module, ABC):
    """A network that can be looked into."""

    @abstractmethod
    def passing(self, S: Tensor) -> Iterator[tuple[str, Tensor]]:
        """Name and values (batch, neurons, positions ...) of each layer on the way of excerpts (batch, bands, frames).

        Values are those before the nonlinearity.
        """

    def neurons(self, S: Tensor) -> Tensor:
        """Activations (batch, neurons) of all layers, side by side."""
        return torch.cat([of_neurons(values) for _, values in self.passing(S)], dim=1)

    def neurons_of(self, S: Tensor, layer: str) -> Tensor:
        """Activations (batch, neurons) of one layer; those behind it are left out."""
        return of_neurons(next(values for name, values in self.passing(S) if name == layer))


def of_neurons(values: Tensor) -> Tensor:
    """Activations (batch, neurons) of values (batch, neurons, positions ...): the means over all positions."""
    return values.flatten(2).mean(dim=2) if values.dim() > 2 else values
