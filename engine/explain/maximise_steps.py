"""Optimisers whose every example has a learning rate of its own, and a memory of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor

BETAS = (0.9, 0.999)
EPSILON = 1e-8
MOMENTUM = 0.9


class Optimiser(Protocol):
    """Says how far to go against a gradient."""

    def step(self, gradient: Tensor) -> Tensor:
        """What to take off the points (examples, ...), for the gradient of the loss there."""


class Adam:
    """D. P. Kingma, J. Ba: Adam: a method for stochastic optimization. ICLR 2015, algorithm 1.

    Parameters
    ----------
    lr
        (examples, 1 ...).
    """

    def __init__(self, lr: Tensor) -> None:
        self.lr, self.steps = lr, 0
        self.mean = self.square = torch.zeros(())

    def step(self, gradient: Tensor) -> Tensor:
        self.steps += 1
        self.mean = BETAS[0] * self.mean + (1 - BETAS[0]) * gradient
        self.square = BETAS[1] * self.square + (1 - BETAS[1]) * gradient.square()
        mean, square = self.mean / (1 - BETAS[0] ** self.steps), self.square / (1 - BETAS[1] ** self.steps)
        return self.lr * mean / (square.sqrt() + EPSILON)


class Sgd:
    """Gradient descent with momentum.

    Parameters
    ----------
    lr
        (examples, 1 ...).
    """

    def __init__(self, lr: Tensor) -> None:
        self.lr = lr
        self.velocity = torch.zeros(())

    def step(self, gradient: Tensor) -> Tensor:
        self.velocity = MOMENTUM * self.velocity + gradient
        return self.lr * self.velocity


OPTIMISERS: dict[str, Callable[[Tensor], Optimiser]] = {"adam": Adam, "sgd": Sgd}
