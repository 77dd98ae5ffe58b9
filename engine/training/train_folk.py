"""Train the folk-tune model: `python main.py train folk --data music21 [DIR ...] [--minutes 75] [--seed 0]`.

The network of folk-rnn: three LSTM layers of 512 units, one-hot tokens, dropout one half behind each layer, clipping
at 5. What differs is the schedule: a hundred epochs are cut to what the minutes allow, with batches of 32 instead of
64, Adam, and a learning rate that falls along a cosine; the weights kept are those of the best validation.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.devices import Place, best_device, half_precision
from engine.job import Progress, Report, silent
from engine.training.checkpoints import Checkpoint

WARM_UP_STEPS = 50
PADDING = -100  # what cross_entropy passes over


@dataclass(frozen=True)
class Config:
    """Everything that decides what comes out."""

    data: tuple[str, ...]         # folders, or `music21`
    work: str                     # folder of the checkpoint
    seed: int = 0
    style: str = "v2"
    minutes: float = 75.0         # the schedule ends when this is reached, whatever `epochs` says
    epochs: int = 30
    batch: int = 32               # tunes
    units: int = 512
    layers: int = 3
    dropout: float = 0.5
    lr: float = 4e-3
    clip: float = 5.0
    patience: int = 4             # epochs without improvement
    checkpoint_minutes: float = 2.0


class TrainingNet(nn.Module):
    """The network of `FolkLstm`, on whole sequences."""

    def __init__(self, tokens: int, config: Config) -> None:
        super().__init__()
        self.tokens, self.dropout = tokens, config.dropout
        self.lstm = nn.LSTM(tokens, config.units, config.layers, batch_first=True,
                            dropout=config.dropout if config.layers > 1 else 0.0)
        self.softmax = nn.Linear(config.units, tokens)
        with torch.no_grad():  # PyTorch's own beginning hardly hears one-hot tokens: the loss stays on a plateau
            for n in range(config.layers):
                weights = [self.lstm.get_parameter(f"weight_{kind}_l{n}") for kind in ("ih", "hh")]
                for gate in (gate for W in weights for gate in W.chunk(4)):
                    nn.init.orthogonal_(gate)
                self.lstm.get_parameter(f"bias_ih_l{n}")[config.units:2 * config.units] = 1.0  # remember
            nn.init.normal_(self.lstm.get_parameter("weight_ih_l0"), std=0.5)

    def forward(self, x: Tensor) -> Tensor:
        """Logits (batch, time, tokens) of indices (batch, time)."""
        hidden, _ = self.lstm(F.one_hot(x, self.tokens).float())
        logits: Tensor = self.softmax(F.dropout(hidden, self.dropout, self.training))
        return logits

    def exported(self) -> dict[str, Tensor]:
        """The tensors of `FolkLstm`; PyTorch's gates stand in the same order."""
        tensors = {"softmax.W": self.softmax.weight, "softmax.b": self.softmax.bias}
        for n in range(self.lstm.num_layers):
            W, U, b1, b2 = (self.lstm.get_parameter(f"{name}_l{n}")
                            for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
            zero = torch.zeros(U.shape[1])
            tensors |= {f"layer{n}.W": W, f"layer{n}.U": U, f"layer{n}.b": b1 + b2, f"layer{n}.cell": zero,
                        f"layer{n}.hidden": zero.clone()}
        return {name: tensor.detach().cpu().clone() for name, tensor in tensors.items()}


def train(config: Config, sequences: dict[str, list[list[int]]], tokens: int,
          report: Report = silent) -> dict[str, Any]:
    """Train, and return the tensors and the facts that `engine.training.ship_folk` ships.

    Interrupted, it goes on from its last checkpoint when called again with the same configuration.

    Parameters
    ----------
    config : Config
        What to do.
    sequences : dict
        `train` and `valid`: token indices of each tune, with start and end.
    tokens : int
        Size of the vocabulary.

    Returns
    -------
    dict
        tensors: those of `FolkLstm`; best and history: figures of the epochs; config.

    Raises
    ------
    InputError
        When the checkpoint cannot be used.
    """
    torch.manual_seed(config.seed)
    state = State.fresh(config, tokens)
    checkpoint = Checkpoint(Path(config.work) / "folk.checkpoint", asdict(config),
                            free=("work", "minutes", "epochs", "patience", "checkpoint_minutes"),
                            parts=("net", "optimiser"),
                            plain=("epoch", "batch", "step", "minutes", "nats", "seen", "history", "best"))
    checkpoint.load(state)
    clock = Clock(state.minutes)
    while not state.over(config):
        learn_epoch(state, sequences["train"], config, checkpoint, clock, report)
        state.minutes = clock.minutes
        judge(state, sequences["valid"])
        checkpoint.save(state)
        report(Progress(state.epoch, config.epochs, "epoch {epoch:.0f}: training {train:.4f}, validation {valid:.4f} "
                                                    "nats per token, {minutes:.0f} min".format(**state.history[-1])))
    best = {key: value for key, value in state.best_so_far.items() if key != "tensors"}
    return {"tensors": state.best_so_far["tensors"], "best": best, "history": state.history, "config": asdict(config)}


def learn_epoch(state: State, tunes: list[list[int]], config: Config, checkpoint: Checkpoint, clock: Clock,
                report: Report) -> None:
    """All batches of one epoch that are still to do; it ends early where the minutes are over."""
    place = Place(state.net.softmax.weight.device, lambda words: report(Progress(0, 0, words)))
    plan = list(batches(tunes, config.batch, seed=config.seed + 1000 * state.epoch))
    saved = clock.minutes
    for x, y in plan[state.batch:]:
        share = max((state.epoch + state.batch / len(plan)) / config.epochs, clock.minutes / config.minutes)
        *_, loss = place.parts(partial(update, state, config=config, share=share), x, y, nets=[state.net],
                               optimisers=[state.optimiser])
        state.batch += 1
        report(Progress(state.epoch * len(plan) + state.batch, config.epochs * len(plan),
                        f"loss {loss:.3f}, {clock.minutes:.0f} min"))
        if clock.minutes - saved >= config.checkpoint_minutes:
            state.minutes = saved = clock.minutes
            checkpoint.save(state)
        if clock.minutes >= config.minutes:
            break
    state.epoch, state.batch = state.epoch + 1, 0


def batches(tunes: Sequence[list[int]], size: int, *, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Inputs and targets (tunes, time); tunes of about the same length go together, in random order."""
    rng = np.random.default_rng(seed)
    lengths = np.array([len(tune) for tune in tunes]) * rng.uniform(0.9, 1.1, len(tunes))
    order = np.argsort(lengths)
    for start in rng.permutation(range(0, len(tunes), size)):
        yield padded([tunes[i] for i in order[start:start + size]])


def padded(tunes: Sequence[list[int]]) -> tuple[Tensor, Tensor]:
    """Inputs and targets of some tunes, filled up to the longest."""
    time = max(map(len, tunes)) - 1
    x, y = torch.zeros(len(tunes), time, dtype=torch.long), torch.full((len(tunes), time), PADDING)
    for row, tune in enumerate(tunes):
        x[row, :len(tune) - 1] = torch.tensor(tune[:-1])
        y[row, :len(tune) - 1] = torch.tensor(tune[1:])
    return x, y


def update(state: State, x: Tensor, y: Tensor, config: Config, share: float) -> float:
    """One step of the optimiser, after `share` of the schedule; returns the loss in nats per token."""
    state.net.train()
    warm = min(1.0, (state.step + 1) / WARM_UP_STEPS)
    for group in state.optimiser.param_groups:
        group["lr"] = config.lr * warm * max(0.01, 0.5 * (1 + math.cos(math.pi * min(1.0, share))))
    with half_precision(x):
        logits = state.net(x)
    loss = F.cross_entropy(logits.float().flatten(0, 1), y.flatten(), ignore_index=PADDING)
    state.optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(state.net.parameters(), config.clip)
    state.optimiser.step()
    state.step += 1
    n = int((y != PADDING).sum())
    state.nats, state.seen = state.nats + float(loss.detach()) * n, state.seen + n
    return float(loss.detach())


@torch.no_grad()
def cross_entropy(net: TrainingNet, tunes: Sequence[list[int]]) -> float:
    """Nats per token of tunes, the end token included."""
    net.eval()
    nats, seen = 0.0, 0
    place = Place(net.softmax.weight.device, lambda words: None)   # the training has said it, or will
    for x, y in batches(tunes, 64, seed=0):
        logits = torch.cat([part.cpu() for part in place.parts(lambda x: net(x).float(), x, nets=[net])])
        nats += float(F.cross_entropy(logits.flatten(0, 1), y.flatten(), ignore_index=PADDING, reduction="sum"))
        seen += int((y != PADDING).sum())
    return nats / max(1, seen)


def judge(state: State, valid: Sequence[list[int]]) -> None:
    """Validate, and keep the weights if none were better."""
    figures = {"epoch": float(state.epoch), "step": float(state.step), "minutes": round(state.minutes, 2),
               "train": state.nats / max(1, state.seen), "valid": cross_entropy(state.net, valid)}
    state.nats, state.seen = 0.0, 0
    state.history.append(figures)
    if state.best is None or figures["valid"] < state.best["valid"]:
        state.best = {**figures, "tensors": state.net.exported()}


class Clock:
    """Minutes of training so far, those before an interruption included."""

    def __init__(self, spent: float) -> None:
        self.started = time.monotonic() - 60 * spent

    @property
    def minutes(self) -> float:
        """Wall-clock minutes."""
        return (time.monotonic() - self.started) / 60


@dataclass
class State:
    """Everything that changes while training."""

    net: TrainingNet
    optimiser: torch.optim.Optimizer
    epoch: int = 0                # epochs that are over
    batch: int = 0                # batches of the next that are over
    step: int = 0
    minutes: float = 0.0
    nats: float = 0.0             # training loss of the epoch, summed over tokens
    seen: int = 0
    history: list[dict[str, float]] = field(default_factory=list)
    best: dict[str, Any] | None = None

    @classmethod
    def fresh(cls, config: Config, tokens: int) -> State:
        """Before the first step."""
        net = TrainingNet(tokens, config).to(best_device())
        return cls(net, torch.optim.Adam(net.parameters(), lr=config.lr, fused=True))

    def over(self, config: Config) -> bool:
        """Whether time or epochs are spent, or the last epochs brought nothing better."""
        if self.best is None:
            return False
        stalled = self.epoch - self.best["epoch"] >= config.patience
        return stalled or self.epoch >= config.epochs or self.minutes >= config.minutes

    @property
    def best_so_far(self) -> dict[str, Any]:
        """Figures and weights of the best validation."""
        assert self.best is not None  # nothing ends before the first validation
        return copy.copy(self.best)
