"""A card that runs out of memory gets less at once, then nothing; what comes out is the same, and it is said."""

import pytest
import torch
from torch import nn

from engine.checks import InputError
from engine.devices import HERE, Place, best_device, is_out_of_memory, moved

META = torch.device("meta")     # stands for a card: tensors can be sent there


class Card:
    """Work that fits only so many rows, as long as it is done on the card."""

    def __init__(self, place, fits):
        self.place, self.fits, self.asked = place, fits, []

    def __call__(self, x, y):
        assert x.device == y.device == self.place.device
        self.asked.append((self.place.device.type, len(x)))
        if self.place.device != HERE and len(x) > self.fits:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return len(x)


@pytest.fixture
def said():
    return []


def on_card(said, fits):
    place = Place(META, said.append)
    return place, Card(place, fits)


def test_all_at_once_where_there_is_room(said):
    place, work = on_card(said, 100)
    assert list(place.parts(work, torch.ones(64, 2), torch.ones(64))) == [64]
    assert said == []


def test_less_at_once_and_it_stays_so(said):
    place, work = on_card(said, 20)
    assert sum(place.parts(work, torch.ones(64, 2), torch.ones(64))) == 64
    assert said == ["The graphics card ran out of memory with 64 at once: going on with 32",
                    "The graphics card ran out of memory with 32 at once: going on with 16"]
    assert list(place.parts(work, torch.ones(40, 2), torch.ones(40))) == [16, 16, 8]
    assert len(said) == 2


def test_then_without_the_card(said):
    place, work = on_card(said, 0)
    assert list(place.parts(work, torch.ones(4, 2), torch.ones(4))) == [4]
    assert place.device == HERE
    assert [rows for device, rows in work.asked if device == "meta"] == [4, 2, 1]
    assert said[-1] == "The graphics card has not enough memory for this: going on without it, and slower"
    assert list(place.parts(work, torch.ones(9, 2), torch.ones(9))) == [9]


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError(
    "[enforce fail at alloc_cpu.cpp:117] . DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")])
def test_a_computer_without_memory_is_a_sentence(said, error):
    def work(x):
        raise error

    with pytest.raises(InputError, match="memory: expected enough"):
        list(Place(HERE, said.append).parts(work, torch.ones(4)))
    assert len(said) == 2


def test_other_faults_pass(said):
    def work(x):
        raise RuntimeError("shapes do not fit")

    with pytest.raises(RuntimeError, match="shapes do not fit"):
        list(Place(HERE, said.append).parts(work, torch.ones(4)))
    assert said == []
    assert not is_out_of_memory(ValueError("out of memory"))


def test_a_training_goes_on_where_it_was(said):
    """Half the batch twice is two steps; nothing is learnt from what ran out."""
    torch.manual_seed(0)
    net = nn.Linear(3, 1)
    optimiser = torch.optim.Adam(net.parameters(), lr=0.1)
    failing = [2]

    def learn(x, y):
        loss = (net(x) - y).square().mean()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        if failing and failing.pop():
            raise torch.OutOfMemoryError("CUDA out of memory")
        optimiser.step()
        return float(loss.detach())

    x, y = torch.randn(8, 3), torch.randn(8, 1)
    before = [p.clone() for p in net.parameters()]
    losses = list(Place(HERE, said.append).parts(learn, x, y, nets=[net], optimisers=[optimiser]))
    assert len(losses) == 2
    assert optimiser.state[net.weight]["step"] == 2
    torch.manual_seed(0)
    twin = nn.Linear(3, 1)
    again = torch.optim.Adam(twin.parameters(), lr=0.1)
    for part in (slice(0, 4), slice(4, 8)):
        again.zero_grad()
        (twin(x[part]) - y[part]).square().mean().backward()
        again.step()
    torch.testing.assert_close(net.weight, twin.weight)
    assert not torch.equal(before[0], net.weight)


def test_an_optimiser_moves_with_its_network():
    net = nn.Linear(3, 1)
    optimiser = torch.optim.Adam(net.parameters())
    net(torch.ones(2, 3)).sum().backward()
    optimiser.step()
    weight = net.weight
    moved([net], [optimiser], HERE)
    assert net.weight is weight
    assert all(value.device == HERE for one in optimiser.state.values() for value in one.values())


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a graphics card")
def test_a_real_card_that_is_full(said):
    torch.cuda.set_per_process_memory_fraction(0.02)
    net = nn.Linear(1000, 1000)
    place = Place.best(said.append)
    net.to(place.device)

    def wide(x):
        return net(x.repeat_interleave(200_000, dim=0)).sum().item()

    try:
        assert len(list(place.parts(wide, torch.ones(64, 1000), nets=[net]))) >= 1
        assert said
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)


def test_the_best_device_is_one_that_there_is():
    assert best_device().type in ("cpu", "cuda")
