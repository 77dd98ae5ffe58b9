"""Networks that answer on the graphics card, where there is one that answers as this computer does.

What is asked of a network lies here, and so does what it answers, with its gradient: nothing else in Otoscope knows of
a card. The weights stay here too, so that there is always something to go on with, and something to compare with: the
first rows that are asked are answered in both places, and a card whose numbers are others is not used.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from threading import RLock
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from engine import devices
from engine.devices import HERE, Place

AGREEMENT = 1e-3    # of any number; of logits, and so of probabilities by half of it at most
COMPARED = 8        # rows
WIDER = 64          # times as many rows at once as keep this computer busy; memory halves that where it must

Net = TypeVar("Net", bound=nn.Module, covariant=True)


class Placed(Generic[Net]):
    """A network, wherever it answers.

    Parameters
    ----------
    net
        Whose weights no longer change.
    """

    def __init__(self, net: Net) -> None:
        self.net = net
        self._lock = RLock()
        self._choice: devices.Choice | None = None
        self._place = Place(HERE, str)
        self._copy: Net | None = None
        self._mixed = False

    def __call__(self, work: Callable[[Net, Tensor], Tensor], x: Tensor) -> Tensor:
        """What `work` makes of the network and of the rows of x, each for itself; differentiable.

        Parameters
        ----------
        work
            It gets as many rows at a time as there is memory for, and answers with as many.
        x
            (rows, ...).
        """
        place = self._chosen(work, x)
        if place.device == HERE:
            return work(self.net, x)
        if torch.is_grad_enabled() and x.requires_grad:
            answer: Tensor = _Away.apply(x, self, work)  # type: ignore[no-untyped-call]
            return answer
        return torch.cat(list(place.parts(lambda part: self._answer(work, part, mixed=self._mixed), x)))

    def rows(self, here: int) -> int:
        """How many rows to ask for at once, where `here` are as many as keep this computer busy."""
        return here if devices.choice().device == HERE else here * WIDER

    def gradient(self, work: Callable[[Net, Tensor], Tensor], x: Tensor, towards: Tensor) -> Tensor:
        """The product of `towards` with the Jacobian of `work`, (rows, ...) as x is; in full precision."""
        def one(part: Tensor, its: Tensor) -> Tensor:
            with torch.enable_grad():
                part = part.detach().requires_grad_()
                found, = torch.autograd.grad(work(self._net(), part), part, its)
            return found.to(HERE)

        return torch.cat(list(self._place.parts(one, x, towards)))

    def _net(self) -> Net:
        return self.net if self._copy is None or self._place.device == HERE else self._copy

    def _answer(self, work: Callable[[Net, Tensor], Tensor], part: Tensor, *, mixed: bool) -> Tensor:
        device = self._place.device
        with torch.autocast(device.type, enabled=mixed and device != HERE):
            return work(self._net(), part).to(HERE, torch.float32)

    def _chosen(self, work: Callable[[Net, Tensor], Tensor], x: Tensor) -> Place:
        """Where to work, which is settled with the first rows after people chose."""
        if (choice := devices.choice()) is self._choice:
            return self._place
        with self._lock:
            if choice is not self._choice:
                self._place, self._copy, self._mixed = Place(choice.device, choice.say), None, False
                if choice.device != HERE:
                    self._settle(work, x[:COMPARED].detach())
                self._choice = choice
        return self._place

    def _settle(self, work: Callable[[Net, Tensor], Tensor], x: Tensor) -> None:
        """Send the weights to the card, if its answers agree: in mixed precision, in full, or not at all."""
        place, name = self._place, type(self.net).__name__
        with torch.inference_mode(False), torch.no_grad():   # the copy's weights must bear gradients later
            expected = work(self.net, x)
            try:
                self._copy = copy.deepcopy(self.net).to(place.device)
                for mixed in (True, False):
                    apart = _apart(self._answer(work, x.to(place.device), mixed=mixed), expected)
                    if apart <= AGREEMENT:
                        self._mixed = mixed
                        return
                reason = f"its answers are up to {apart:.2g} off"
            except RuntimeError as error:
                reason = (str(error) or type(error).__name__).splitlines()[0][:120]
        self._place, self._copy = Place(HERE, place.say), None
        place.say(f"The graphics card is not used for {name}: {reason}")


class _Away(torch.autograd.Function):
    """The way there and back: the answer keeps nothing on the card, and the gradient goes through it again."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, placed: Placed[Any], work: Callable[[Any, Tensor], Tensor]) -> Tensor:
        ctx.save_for_backward(x)
        ctx.placed, ctx.work = placed, work
        parts = placed._place.parts(lambda part: placed._answer(work, part, mixed=False), x.detach())
        return torch.cat(list(parts))

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, towards: Tensor) -> tuple[Tensor, None, None]:
        x, = ctx.saved_tensors
        return ctx.placed.gradient(ctx.work, x, towards), None, None


def _apart(found: Tensor, expected: Tensor) -> float:
    """Largest difference; infinite where a number is not finite."""
    return float((found - expected).abs().nan_to_num(torch.inf, torch.inf).max())
