"""A network on the card answers as it does here, in parts that fit, or is left here; and which it is, is said.

What stands for the card is the processor under another name: the same way there and back, without one.
"""

from __future__ import annotations

import pytest
import torch
from torch import nn

from engine import devices
from engine.checks import InputError
from engine.devices import HERE
from engine.explain.maximise import Settings, maximise
from engine.listening.maximise import Neuron
from engine.listening.maximise_prior import prior_of
from engine.models import catalogue, placed
from engine.models.mel_gan import MelGenerator
from engine.models.placed import Placed

CARD = torch.device("cpu", 0)
META = torch.device("meta")


@pytest.fixture
def said(monkeypatch):
    """What is said once the card is chosen."""
    heard = []
    monkeypatch.setattr(devices, "_choice", devices.Choice(CARD, heard.append))
    return heard


class Small(nn.Module):
    """Squares of rows; on the card only `fits` rows at once, and there `wrong` is added."""

    def __init__(self, fits=10**6, wrong=0.0):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(3.0), requires_grad=False)
        self.fits, self.wrong, self.away, self.asked = fits, wrong, False, []

    def __deepcopy__(self, memo):
        there = Small(self.fits, self.wrong)
        there.away, there.asked = True, self.asked
        return there

    def forward(self, x):
        self.asked.append((self.away, len(x)))
        if self.away and len(x) > self.fits:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return self.weight * x**2 + (self.wrong if self.away else 0.0)


def test_nothing_is_sent_where_no_card_was_chosen():
    net = Small()
    assert Placed(net)(Small.forward, torch.ones(5)).tolist() == [3.0] * 5
    assert net.asked == [(False, 5)]
    assert Placed(net).rows(4) == 4


def test_answers_and_gradients_come_back(said):
    net = Placed(Small())
    x = torch.linspace(-1, 1, 30).requires_grad_()
    y = net(Small.forward, x)
    gradient, = torch.autograd.grad((y * torch.arange(30)).sum(), x)
    torch.testing.assert_close(y, 3 * x**2)
    torch.testing.assert_close(gradient, 6 * x.detach() * torch.arange(30))
    assert said == []
    assert net.rows(4) == 4 * placed.WIDER


def test_gradients_come_back_also_where_the_first_question_wanted_none(said):
    net = Placed(nn.Linear(3, 3).requires_grad_(False))
    with torch.inference_mode():
        net(nn.Linear.forward, torch.ones(2, 3))
    x = torch.ones(2, 3).requires_grad_()
    gradient, = torch.autograd.grad(net(nn.Linear.forward, x).sum(), x)
    torch.testing.assert_close(gradient, net.net.weight.sum(0).expand(2, 3))
    assert net._copy is not None


def test_a_card_with_little_memory_gets_less_at_once(said):
    small = Small(fits=8)
    x = torch.linspace(-1, 1, 30).requires_grad_()
    net = Placed(small)
    y = net(Small.forward, x)
    gradient, = torch.autograd.grad(y.sum(), x)
    torch.testing.assert_close(gradient, 6 * x.detach())
    assert said == ["The graphics card ran out of memory with 30 at once: going on with 15",
                    "The graphics card ran out of memory with 15 at once: going on with 7"]
    assert max(rows for away, rows in small.asked[-10:] if away) == 7


def test_a_card_without_room_for_a_row_is_given_up(said):
    small = Small(fits=8)
    net = Placed(small)
    net(Small.forward, torch.ones(4))
    for copy in (net._copy, small):
        copy.fits = 0
    torch.testing.assert_close(net(Small.forward, torch.ones(4)), torch.full((4,), 3.0))
    assert said[-1] == "The graphics card has not enough memory for this: going on without it, and slower"


@pytest.mark.parametrize("wrong", [0.01, torch.nan])
def test_a_card_whose_answers_are_others_is_not_used(said, wrong):
    small = Small(wrong=wrong)
    net = Placed(small)
    assert net(Small.forward, torch.ones(40)).tolist() == [3.0] * 40
    assert len(said) == 1
    assert "The graphics card is not used for Small: its answers are up to" in said[0]
    net(Small.forward, torch.ones(2))
    assert len(said) == 1
    assert small.asked[-1] == (False, 2)


def test_a_card_that_cannot_do_the_work_is_not_used(said, monkeypatch):
    monkeypatch.setattr(Small, "__deepcopy__", lambda self, memo: (_ for _ in ()).throw(RuntimeError("no kernel\nat")))
    assert Placed(Small())(Small.forward, torch.ones(2)).tolist() == [3.0, 3.0]
    assert said == ["The graphics card is not used for Small: no kernel"]


def test_people_choose_anew(said, monkeypatch):
    small = Small()
    net = Placed(small)
    net(Small.forward, torch.ones(2))
    assert small.asked[-1][0]
    devices.choose("cpu", said.append)
    net(Small.forward, torch.ones(2))
    assert not small.asked[-1][0]
    if not torch.cuda.is_available():
        with pytest.raises(InputError, match="expected a graphics card"):
            devices.choose("cuda", said.append)


@pytest.mark.parametrize("name", ["svd", "style-mlp-50-artist", "style-cnn-artist"])
def test_a_listener_answers_alike_wherever_its_network_is(said, name):
    listener = catalogue.read(catalogue.FOLDER / f"{name}.json")
    S = torch.randn(listener.front_end.bands, 400, generator=torch.Generator().manual_seed(1))
    some = torch.stack([listener.standardised(S[:, i : i + listener.window]) for i in range(3)]).requires_grad_()

    def everything():
        segments = torch.arange(listener.window).expand(listener.front_end.bands, -1) * 4 // listener.window
        masks = torch.rand(40, 4, generator=torch.Generator().manual_seed(2)) < 0.5
        scores = listener.scores(some)
        return [torch.autograd.grad(scores[:, 0].sum(), some)[0], scores.detach(),
                torch.cat(list(listener.curve(S))), listener.votes(S).detach(),
                listener.scores_of_masks(some[0].detach(), some[1].detach(), segments, masks),
                *listener.all_activations(some.detach()).values(),
                listener.activations(some.detach(), listener.layers[-2].name)]

    there = everything()
    assert listener.placed._copy is not None
    assert said == []
    devices.choose("cpu", said.append)
    for away, here in zip(there, everything(), strict=True):
        torch.testing.assert_close(away, here, atol=2e-3, rtol=2e-3)


def test_the_works_of_the_networks_leave_nothing_behind():
    """Tensors of another device cannot be mixed in: none that is made on the way lies here."""
    style = 2, 513, 100
    for name, shape in (("svd", (2, 80, 115)), ("style-cnn-artist", style), ("style-mlp-50-artist", style)):
        net = catalogue.read(catalogue.FOLDER / f"{name}.json").placed.net.to(META)
        assert net.neurons(torch.ones(shape, device=META)).device == META
        if name != "style-mlp-50-artist":
            assert net(torch.ones(shape, device=META)).device == META
    assert MelGenerator(8).eval().to(META)(torch.ones(2, 128, device=META)).device == META


def test_examples_grow_alike_on_the_card(said):
    listener = catalogue.read(catalogue.FOLDER / "svd.json")
    neuron = Neuron.of(listener, None, 0)
    prior, settings = prior_of("gan", listener), Settings(iterations=3)
    there = maximise(neuron.score, prior, seeds=range(4), settings=settings).activations
    devices.choose("cpu", said.append)
    here = maximise(neuron.score, prior, seeds=range(4), settings=settings).activations
    torch.testing.assert_close(there, here, atol=1e-2, rtol=1e-3)
    assert devices.choice().device == HERE
