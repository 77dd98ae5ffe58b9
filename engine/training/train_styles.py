"""Train the style classifiers: `python main.py train styles --data DIR [--only style-cnn-artist,...] [--seed 0]`.

The systems of Kereliuk, Sturm and Larsen (2015): networks on single frames and on patches, on three partitions, and
trained adversarially: there some pieces of each batch are replaced by adversaries of the network as it is, keeping
their true label. Random equalisers keep a network from knowing a record by its sound; the exported weights are a
running average. Early stopping looks at the validation excerpts, the test excerpts are looked at when all is done.
"""

from __future__ import annotations

import copy
import math
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.job import Progress, Report, silent
from engine.models.frame_mlp import BINS, FrameMlp
from engine.models.patch_cnn import PatchCnn
from engine.training.checkpoints import Checkpoint
from engine.training.course import Course
from engine.training.styles_material import Heard, Material, gather

WARM_UP = 0.15          # of the schedule
WAVES = 4               # of a random equaliser
DECIBEL = 20 / math.log(10)


@dataclass(frozen=True)
class Config:
    """Everything that decides what comes out."""

    data: str
    work: str                     # folder of the checkpoint
    kind: str = "frame_mlp"       # or patch_cnn
    partition: str = "artist"     # or track, random
    seed: int = 0
    units: int = 500              # of each hidden layer of frame_mlp
    steps: int = 800
    minutes: float = 30.0         # the schedule ends when this is reached, whatever `steps` says
    batch: int = 1024             # pieces
    frames: int = 1               # of a piece
    lr: float = 2e-3
    weight_decay: float = 0.02
    dropout: float = 0.3
    smoothing: float = 0.1        # of the targets
    equaliser: float = 4.0        # dB: spread of the random gain; half of it, of each wave over frequency
    adversarial: float = 0.0      # share of each batch
    snr_db: tuple[float, float] = (15.0, 35.0)  # of the adversaries, drawn evenly
    ascents: int = 3              # steps to an adversary
    average: float = 0.99         # of the running average of the weights, per step
    validate_every: int = 100
    patience: int = 8             # validations without improvement


def fresh_net(config: Config, labels: int) -> nn.Module:
    """The network of a configuration, before training."""
    return FrameMlp(config.units, labels) if config.kind == "frame_mlp" else PatchCnn(labels)


def logits_of(net: nn.Module, features: Tensor, dropout: float = 0.0) -> Tensor:
    """Votes (pieces, votes, labels) on standardised pieces (pieces, frames, 513)."""
    votes: Tensor = net(features.transpose(1, 2) if isinstance(net, PatchCnn) else features, dropout)
    return votes


def loss_of(net: nn.Module, features: Tensor, truth: Tensor, config: Config, dropout: float = 0.0) -> Tensor:
    """Mean cross-entropy of all votes on pieces (pieces, frames, 513) with their labels' indices (pieces,)."""
    votes = logits_of(net, features, dropout)
    return F.cross_entropy(votes.flatten(0, 1), truth.repeat_interleave(votes.shape[1]),
                           label_smoothing=config.smoothing)


def equalised(X: Tensor, spread: float) -> Tensor:
    """Pieces (pieces, frames, 513), each through a smooth random frequency response of its own."""
    octaves = torch.log2(1 + torch.arange(BINS) / 8) / 6     # 0 to 1, linear below 170 Hz, then logarithmic
    phase = 2 * math.pi * torch.rand(len(X), WAVES, 1)
    height = spread / 2 * torch.randn(len(X), WAVES, 1)
    waves = height * torch.sin(math.pi * torch.arange(1, WAVES + 1)[:, None] * octaves + phase)
    gain = spread * torch.randn(len(X), 1) + waves.sum(1)
    return X * torch.exp(gain / DECIBEL)[:, None]


def adversaries(net: nn.Module, X: Tensor, truth: Tensor, material: Material, config: Config) -> Tensor:
    """Magnitudes near X (pieces, frames, 513) on which the network is as wrong as a few steps up its loss make it.

    Each stays non-negative and at its signal-to-noise ratio, drawn anew, or above.
    """
    low, high = config.snr_db
    snr_db = low + (high - low) * torch.rand(len(X), 1, 1)
    radius = X.flatten(1).norm(dim=1).view(-1, 1, 1) * 10 ** (-snr_db / 20)
    at = X
    for _ in range(config.ascents):
        point = at.detach().requires_grad_()
        (slope,) = torch.autograd.grad(loss_of(net, material.standardised(point), truth, config), point)
        length = slope.flatten(1).norm(dim=1).view(-1, 1, 1).clamp_min(1e-20)
        away = (at + 1.5 * radius / config.ascents * slope / length).clamp_min(0) - X
        at = X + away * (radius / away.flatten(1).norm(dim=1).view(-1, 1, 1).clamp_min(1e-20)).clamp_max(1)
    return at


@torch.no_grad()
def validate(net: nn.Module, material: Material) -> tuple[float, float]:
    """Mean recall, and mean over classes of the negative log-probability, of the validation excerpts."""
    right, cost = [], []
    for heard, truth in zip(material.valid, material.valid_truths.tolist(), strict=True):
        votes = logits_of(net, material.standardised(heard.magnitude.float())[None])[0]
        probability = torch.softmax(votes, dim=-1).mean(0)
        right.append(float(probability.argmax() == truth))
        cost.append(-float(probability[truth].log()))
    of_class = [material.valid_truths == label for label in range(len(material.labels))]
    means = [[float(torch.tensor(values)[there].mean()) for there in of_class] for values in (right, cost)]
    return sum(means[0]) / len(of_class), sum(means[1]) / len(of_class)


def train(config: Config, library: list[Heard], report: Report = silent) -> dict[str, Any]:
    """Train, and return the tensors and the facts that `engine.training.ship_styles` ships.

    Interrupted, it goes on from its last checkpoint when called again with the same configuration.

    Returns
    -------
    dict
        tensors: those of `StyleListener`; labels; best and history: figures of validations; steps; config.

    Raises
    ------
    InputError
        When the data or the checkpoint cannot be used.
    """
    torch.manual_seed(config.seed)
    material = gather(library, config.partition)
    state = State.fresh(config, len(material.labels))
    checkpoint = Checkpoint(Path(config.work) / "style.checkpoint", asdict(config), free=("work", "minutes", "steps"),
                            parts=("net", "average", "optimiser"), plain=("step", "history", "best"))
    checkpoint.load(state)
    spent = state.history[-1]["minutes"] if state.history else 0.0
    started = time.monotonic()

    while True:
        minutes = spent + (time.monotonic() - started) / 60
        share = max(state.step / config.steps, minutes / config.minutes)
        if state.due(config.validate_every, share):
            judge(state, material, minutes)
            checkpoint.save(state)
            report(Progress(state.step, config.steps, f"validation recall {state.history[-1]['valid_recall']:.3f}, "
                                                      f"best {state.best_so_far['valid_recall']:.3f}"))
        if state.step and (share >= 1 or state.stalled(config.patience * config.validate_every)):
            break
        loss = learn(state, material, config, share)
        report(Progress(state.step, config.steps, f"loss {loss:.3f}, {minutes:.1f} min"))

    best = {key: value for key, value in state.best_so_far.items() if key != "weights"}
    tensors = {**state.best_so_far["weights"], "mean": material.mean, "std": material.std,
               "data_minimum": torch.tensor(material.data_minimum)}
    return {"tensors": tensors, "labels": material.labels, "best": best, "history": state.history,
            "steps": state.step, "config": asdict(config)}


def judge(state: State, material: Material, minutes: float) -> None:
    """Validate the running average, and keep its weights if none were better."""
    recall, loss = validate(state.average, material)
    figures = {"step": state.step, "minutes": minutes, "valid_recall": recall, "valid_loss": loss}
    state.history.append(figures)
    if state.best is None or (recall, -loss) > (state.best["valid_recall"], -state.best["valid_loss"]):
        state.best = {**figures, "weights": copy.deepcopy(state.average.state_dict())}


def learn(state: State, material: Material, config: Config, share: float) -> float:
    """One step on a batch of new pieces, after `share` of the schedule; returns the loss."""
    rate = min(share / WARM_UP, 0.5 * (1 + math.cos(math.pi * (share - WARM_UP) / (1 - WARM_UP))))
    for group in state.optimiser.param_groups:
        group["lr"] = config.lr * max(0.01, rate)
    X, truth = material.draw(config.batch, config.frames)
    X = equalised(X, config.equaliser)
    if attacked := round(config.adversarial * config.batch):
        X[:attacked] = adversaries(state.net, X[:attacked], truth[:attacked], material, config)
    loss = loss_of(state.net, material.standardised(X), truth, config, config.dropout)
    state.optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(state.net.parameters(), 5.0)
    state.optimiser.step()
    state.step += 1
    decay = min(config.average, state.step / (state.step + 10))
    with torch.no_grad():
        for mine, theirs in zip(state.average.parameters(), state.net.parameters(), strict=True):
            mine.lerp_(theirs, 1 - decay)
    return float(loss.detach())


@dataclass
class State(Course):
    """Everything that changes while training."""

    net: nn.Module
    average: nn.Module
    optimiser: torch.optim.Optimizer

    @classmethod
    def fresh(cls, config: Config, labels: int) -> State:
        """Before the first step."""
        net = fresh_net(config, labels).train()
        optimiser = torch.optim.AdamW(net.parameters(), lr=config.lr, weight_decay=config.weight_decay, fused=True)
        return cls(net, copy.deepcopy(net).eval(), optimiser)
