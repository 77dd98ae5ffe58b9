"""The adversary's lines of the table: against the same attack written with foolbox, and against bare arithmetic."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from importlib import metadata
from typing import Any

import torch
from torch import Tensor, nn

from engine.bench.ground import Ground, Item, demo
from engine.checks import InputError
from engine.explain.adversary import Adversary, Plan, attack, heard
from engine.explain.adversary_search import STEP
from engine.models import catalogue
from engine.models.style_listener import FrameMlpListener

MODEL = "style-mlp"
CLIP_SECONDS = 5.0
SNR_DB = 15.0
FOOLBOX = "foolbox, L2ProjectedGradientDescentAttack"
ABSENT = "not installed; pip install foolbox measures it too"


class FramesVote(nn.Module):
    """The same listener as foolbox wants it: magnitudes over `scale`, (batch, 513, frames), to logits of the votes."""

    def __init__(self, listener: FrameMlpListener, scale: Tensor) -> None:
        super().__init__()
        self.listener, self.scale = listener, scale

    def forward(self, X: Tensor) -> Tensor:
        """Logits (batch, frames, labels)."""
        features = self.listener.standardised(self.listener.front_end.of_magnitude(X * self.scale))
        return self.listener.net(features.transpose(-1, -2))  # type: ignore[no-any-return]


def descent_against_foolbox(ground: Ground) -> Item:
    """A number of steps that neither side may cut short."""
    size = ground.size
    title = f"adversary: {size.attack_steps} steps on {size.attacked_seconds:.0f} s"

    def measure(listener: FrameMlpListener) -> Item:
        y = _clip(listener, size.attacked_seconds)
        target = _runner_up(listener, y)
        ours, found = _ours(ground, listener, y, target)
        peer = foolbox_attack(listener, y[None], target[None], size.attack_steps)
        if peer is None:
            return Item(title, ours, None, FOOLBOX, ABSENT)
        seconds = ground.timed(peer)
        sound, confidence = _as_sound(listener, y, peer()[0], int(target))
        return Item(title, ours, seconds, _foolbox_name(),
                    f"{listener.name}; the same L2 ball ({SNR_DB:.0f} dB), X >= 0, step, loss and target; ours with "
                    f"momentum, resynthesis and hearing the sound, the peer without; {listener.labels[int(target)]} "
                    f"then has {float(found.after[int(target)]):.3f} in our sound, {confidence:.3f} in that of the "
                    f"peer's magnitudes ({'fools' if sound else 'does not fool'})")

    return _measured(title, FOOLBOX, measure)


def fooling_against_foolbox(ground: Ground) -> Item:
    """Until it fools: ours looks in each iteration, the peer at the end."""
    size, plan = ground.size, Plan(snr_db=SNR_DB)
    title = f"adversary: until {size.attacked_seconds:.0f} s fool"

    def measure(listener: FrameMlpListener) -> Item:
        y = _clip(listener, size.attacked_seconds)
        target = _runner_up(listener, y)
        found: list[Adversary] = []
        ours = ground.timed(lambda: found.append(_attack(listener, y, int(target), plan)))
        told = (f"{listener.name}; ours {'fooled' if found[-1].fooled else 'did not fool'} after "
                f"{len(found[-1].steps)} of {plan.iterations} iterations")
        peer = foolbox_attack(listener, y[None], target[None], size.attack_steps)
        if peer is None:
            return Item(title, ours, None, FOOLBOX, f"{ABSENT}; {told}")
        return Item(title, ours, ground.timed(peer) * plan.iterations / size.attack_steps, _foolbox_name(),
                    f"{told}; the peer takes all, extrapolated linearly from {size.attack_steps}")

    return _measured(title, FOOLBOX, measure)


def descent_against_arithmetic(ground: Ground) -> Item:
    """The steps against nothing but their matrix products, there and back: no adversary can be quicker."""
    size = ground.size
    title, name = f"adversary: {size.attack_steps} steps, arithmetic", "bare float32 matrix products"

    def measure(listener: FrameMlpListener) -> Item:
        y = _clip(listener, size.attacked_seconds)
        frames = 1 + len(y) // listener.front_end.hop_length
        weights = [weight.detach() for weight in listener.net.parameters() if weight.dim() == 2]
        flops = size.attack_steps * sum(4 * frames * weight.numel() for weight in weights)
        rows = [(torch.randn(frames, weight.shape[1]), torch.randn(frames, weight.shape[0])) for weight in weights]

        def products() -> None:
            for _ in range(size.attack_steps):
                for weight, (inwards, outwards) in zip(weights, rows, strict=True):
                    torch.mm(inwards, weight.T)
                    torch.mm(outwards, weight)

        ours, _ = _ours(ground, listener, y, _runner_up(listener, y))
        bound = ground.timed(products)
        return Item(title, ours, bound, name,
                    f"{listener.name}, {flops / 1e9:.1f} GFLOP at {flops / bound / 1e9:.0f} GFLOP/s here; ours has "
                    f"{bound / ours:.0%} of that rate, with spectra, projections and resynthesis")

    return _measured(title, name, measure)


def examples_against_foolbox(ground: Ground) -> Item:
    """Many short clips: ours one after the other, each until it fools; the peer all at once."""
    count, plan = ground.size.attacked_clips, Plan(snr_db=SNR_DB)
    title = f"adversaries of {count} clips of {CLIP_SECONDS:.0f} s"

    def measure(listener: FrameMlpListener) -> Item:
        clips = torch.stack(_clip(listener, CLIP_SECONDS * count).chunk(count))
        targets = torch.stack([_runner_up(listener, y) for y in clips])
        found: list[Adversary] = []

        def all_of_them() -> None:
            found[:] = [_attack(listener, y, int(t), plan) for y, t in zip(clips, targets, strict=True)]

        ours = ground.timed(all_of_them)
        fooled, steps = sum(one.fooled for one in found), max(len(one.steps) for one in found)
        told = (f"{listener.name}; {count / ours:.1f} examples a second, {fooled} of {count} fool, after "
                f"{sum(len(one.steps) for one in found) / count:.1f} iterations")
        peer = foolbox_attack(listener, clips, targets, steps)
        if peer is None:
            return Item(title, ours, None, FOOLBOX, f"{ABSENT}; {told}")
        seconds = ground.timed(peer)
        theirs = sum(_as_sound(listener, y, X, int(t))[0] for y, X, t in zip(clips, peer(), targets, strict=True))
        return Item(title, ours, seconds, _foolbox_name(),
                    f"{told}; the peer {steps} steps, as many as our slowest, all clips in one batch: {theirs} fool")

    return _measured(title, FOOLBOX, measure)


def foolbox_attack(listener: FrameMlpListener, clips: Tensor, targets: Tensor,
                   steps: int) -> Callable[[], Tensor] | None:
    """foolbox's attack on magnitudes of clips (n, samples), ready to run; None where foolbox is not."""
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")    # it imports a package that looks for git
    try:
        from eagerpy.astensor import astensor
        from foolbox.attacks.projected_gradient_descent import L2ProjectedGradientDescentAttack
        from foolbox.criteria import TargetedMisclassification
        from foolbox.models.pytorch import PyTorchModel
    except ImportError:
        return None

    class Descent(L2ProjectedGradientDescentAttack):  # type: ignore[misc, unused-ignore]
        """Down the sum of the votes' cross-entropies, as ours."""

        def get_loss_fn(self, model: Any, labels: Any) -> Callable[[Any], Any]:
            def loss(inputs: Any) -> Any:
                votes = torch.log_softmax(model(inputs).raw, dim=-1)
                return astensor(-votes.gather(-1, labels.raw[:, None, None].expand(*votes.shape[:2], 1)).sum())

            return loss

    X = listener.front_end.stft(clips).abs()
    scale = X.flatten(1).norm(dim=1)[:, None, None]     # so that one radius gives each clip its signal-to-noise ratio
    model = PyTorchModel(FramesVote(listener, scale).eval(), bounds=(0, 1), device="cpu")
    descent = Descent(rel_stepsize=STEP, steps=steps, random_start=False)
    criterion = TargetedMisclassification(targets)
    return lambda: descent.run(model, X / scale, criterion, epsilon=10 ** (-SNR_DB / 20)) * scale


def _measured(title: str, peer_name: str, measure: Callable[[FrameMlpListener], Item]) -> Item:
    """The line, or one that says that there is no model to measure it with."""
    try:
        listener = catalogue.load(MODEL)
    except InputError as error:
        return Item(title, None, None, peer_name, f"not measured: {error}")
    if not isinstance(listener, FrameMlpListener):
        return Item(title, None, None, peer_name, f"not measured: {MODEL} is no frame-wise classifier here")
    return measure(listener)


def _clip(listener: FrameMlpListener, seconds: float) -> Tensor:
    return torch.from_numpy(demo(listener.front_end.sr, seconds))


def _runner_up(listener: FrameMlpListener, y: Tensor) -> Tensor:
    """Index () of the second likeliest label: what both sides aim at."""
    return heard(listener, y).topk(2).indices[1]


def _attack(listener: FrameMlpListener, y: Tensor, target: int, plan: Plan) -> Adversary:
    return attack(y, judge=listener, plan=replace(plan, target=target))


def _ours(ground: Ground, listener: FrameMlpListener, y: Tensor, target: Tensor) -> tuple[float, Adversary]:
    """Seconds for the steps asked for, and the last adversary; it stops before only where no doubt is left."""
    plan = Plan(snr_db=SNR_DB, iterations=ground.size.attack_steps, confidence=1.0)
    found: list[Adversary] = []
    seconds = ground.timed(lambda: found.append(_attack(listener, y, int(target), plan)))
    return seconds * plan.iterations / len(found[-1].steps), found[-1]


def _as_sound(listener: FrameMlpListener, y: Tensor, X: Tensor, target: int) -> tuple[bool, float]:
    """Whether magnitudes X fool with the original phases, and the confidence that they do."""
    front_end = listener.front_end
    probabilities = heard(listener, front_end.istft(X * torch.sgn(front_end.stft(y)), len(y)))
    return listener.decision(probabilities) == target, float(probabilities[target])


def _foolbox_name() -> str:
    return f"foolbox {metadata.version('foolbox')}, L2ProjectedGradientDescentAttack"


ITEMS = (descent_against_foolbox, fooling_against_foolbox, descent_against_arithmetic, examples_against_foolbox)
