"""Where batches are worked on: the graphics card if there is one, in as many parts as its memory wants, else here.

    place = Place.best(say=report)
    for part in place.parts(learn, x, y, nets=[net], optimisers=[optimiser]): ...

A card that runs out of memory gets half as many rows from then on, and what fits not even one row goes on without it.
Each is said once, for the same figures are then made at another pace, and a training learns in smaller steps.

Trainings take the card where there is one. Whether models that are asked take it, too, people choose: see `choose`.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor, nn

from engine.checks import InputError
from engine.checks import choice as checked

T = TypeVar("T")
HERE = torch.device("cpu")
NAMES = ("auto", "cpu", "cuda")
_HERE_TOO = ("can't allocate memory", "not enough memory", "alloc_cpu")   # words of what the CPU's allocator raises


def best_device() -> torch.device:
    """The graphics card, if there is one that PyTorch can use."""
    return torch.device("cuda") if torch.cuda.is_available() else HERE


def half_precision(like: Tensor) -> torch.autocast:
    """bfloat16 where `like` is on a GPU: of two processors that have it one got twice as fast, one half as fast."""
    return torch.autocast(like.device.type, dtype=torch.bfloat16, enabled=like.device.type == "cuda")


@dataclass(frozen=True)
class Choice:
    """Where models answer.

    Parameters
    ----------
    device
        The computer, or its graphics card.
    say
        Told in a sentence when a card could not be used after all; from any thread.
    """

    device: torch.device
    say: Callable[[str], object]


def choose(name: str, say: Callable[[str], object]) -> None:
    """Where models answer from now on: one of `NAMES`; "auto" is the card, if there is one.

    Raises
    ------
    InputError
        When there is no such device.
    """
    global _choice
    if checked(name, NAMES, "device") == "cuda" and not torch.cuda.is_available():
        raise InputError("device: expected a graphics card of NVIDIA or AMD that this PyTorch can use, found none; "
                         "choose auto or cpu")
    torch.backends.cudnn.allow_tf32 = False     # convolutions of 10 bits would not agree with the processor
    _choice = Choice(HERE if name == "cpu" else best_device(), say)


@contextmanager
def chosen(name: str, say: Callable[[str], object]) -> Iterator[None]:
    """The same for as long as the block lasts."""
    global _choice
    before = _choice
    choose(name, say)
    try:
        yield
    finally:
        _choice = before


def choice() -> Choice:
    """What was chosen last: this computer, where nothing was."""
    return _choice


def is_out_of_memory(error: BaseException) -> bool:
    """Whether work ended because there was not enough memory, of the card or of the computer."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in _HERE_TOO)


_choice = Choice(HERE, str)


@dataclass
class Place:
    """A device, and how many rows of a batch fit into its memory at once.

    Parameters
    ----------
    device
        Where work is done now.
    say
        Told in a sentence when that changes.
    rows
        At once; None while nothing was too much.
    """

    device: torch.device
    say: Callable[[str], object]
    rows: int | None = None

    @classmethod
    def best(cls, say: Callable[[str], object]) -> Place:
        """The graphics card, if there is one."""
        return cls(best_device(), say)

    def parts(self, work: Callable[..., T], *batch: Tensor, nets: Sequence[nn.Module] = (),
              optimisers: Sequence[torch.optim.Optimizer] = ()) -> Iterator[T]:
        """What `work` makes of a batch, part by part, each on the device.

        Parameters
        ----------
        work
            Called with a part of each tensor of the batch. What it did before it ran out of memory is done again, so
            that it must change nothing before its last step.
        batch
            Tensors of as many rows.
        nets, optimisers
            What moves along when the device is given up.

        Raises
        ------
        InputError
            When not even one row fits into the memory of the computer.
        """
        done, size = 0, len(batch[0])
        while done < size:
            count = min(self.rows or size, size - done)
            try:
                made = work(*(tensor[done : done + count].to(self.device) for tensor in batch))
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
                self._retreat(count, nets, optimisers)
                continue
            done += count
            yield made

    def _retreat(self, count: int, nets: Sequence[nn.Module], optimisers: Sequence[torch.optim.Optimizer]) -> None:
        """Half the rows from now on; after one, the computer instead of the card."""
        for optimiser in optimisers:
            optimiser.zero_grad(set_to_none=True)
        where = "The graphics card" if self.device != HERE else "The computer"
        if count > 1:
            self.rows = count // 2
            self.say(f"{where} ran out of memory with {count:,} at once: going on with {self.rows:,}")
        elif self.device != HERE:
            self.device, self.rows = HERE, None
            moved(nets, optimisers, HERE)
            self.say(f"{where} has not enough memory for this: going on without it, and slower")
        else:
            raise InputError("memory: expected enough for one piece of work at a time, there is less; close other "
                             "programs, or choose less of it")
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


def moved(nets: Sequence[nn.Module], optimisers: Sequence[torch.optim.Optimizer], device: torch.device) -> None:
    """Move networks and what their optimisers remember; parameters stay the same objects."""
    for net in nets:
        net.to(device)
    for optimiser in optimisers:
        for remembered in optimiser.state.values():
            for name, value in remembered.items():
                if isinstance(value, Tensor):
                    remembered[name] = value.to(device)
