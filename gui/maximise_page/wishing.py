"""Wishes as questions, as what they are about, and as what is said of a change of them."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from engine.explain.maximise_input import InputRegularisers
from engine.listening.maximise_values import MaximiseQuestion
from gui.views.maximise_form import MaximiseWishes

WORDS = {"direction": "changing the direction", "layer": "choosing a layer", "neuron": "choosing a neuron",
         "prior": "changing the prior", "first_seed": "changing the seed", "fid_layer": "choosing a layer",
         "lr": "changing the learning rate", "reg": "changing the regulariser", "seeds": "changing the examples",
         "tv": "changing the total variation"}
About = tuple[str, str, int, str]
"""Model, layer, neuron and direction."""


def question_of(wishes: MaximiseWishes, real: Path | None) -> MaximiseQuestion:
    """What is asked of the engine."""
    regularisers = InputRegularisers(tv=wishes.tv, blur=wishes.blur, jitter=wishes.jitter)
    return MaximiseQuestion(
        layer=wishes.layer or None, neuron=wishes.neuron, minimise=wishes.direction == "min", prior=wishes.prior,
        lr=wishes.lr, reg=wishes.reg, iterations=wishes.iterations, optimiser=wishes.optimiser, seeds=wishes.seeds,
        first_seed=wishes.first_seed, regularisers=regularisers, fid_layer=wishes.fid_layer or None, real=real)


def about(wishes: MaximiseWishes) -> About:
    """What an answer is about, whatever the settings are."""
    return wishes.model, wishes.layer, wishes.neuron, wishes.direction


def named(before: MaximiseWishes, after: MaximiseWishes) -> tuple[str, str]:
    """What a change is called, and which wish it is of."""
    old, new = asdict(before), asdict(after)
    changed = {name for name in new if new[name] != old[name]}
    name = next((name for name in WORDS if name in changed), next(iter(sorted(changed))))
    return WORDS.get(name, f"changing the {name}"), name
