"""Train the singing-voice detector: `python main.py train svd --data DIR [--minutes 60] [--seed 0]`.

Three things differ from the published recipe, none of them in the network that results: crops of 250 frames give 16
excerpts that share their convolutions; batch normalisation helps training and is folded into the weights when
they are exported; the exported weights are a running average. Early stopping and the threshold look at the
validation songs, the test songs are looked at by `python main.py evaluate svd`.
"""

from __future__ import annotations

import copy
import json
import math
import time
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.ndimage import median_filter
from torch import Tensor, nn
from torch.nn import functional as F

from engine.devices import Place, best_device
from engine.job import Progress, Report, silent
from engine.models.svd_cnn import COLUMNS, EXCERPT, SLOPE, STRIDE, SvdCnn
from engine.training.augment import Augmentation, Augmenter
from engine.training.checkpoints import Checkpoint
from engine.training.course import Course
from engine.training.evaluate import best_threshold
from engine.training.svd_material import Material, Truth, gather

MEDIAN_FRAMES = 56
WARM_UP_STEPS = 200


@dataclass(frozen=True)
class Config:
    """Everything that decides what comes out."""

    data: str
    work: str                     # folder of the checkpoint
    seed: int = 0
    steps: int = 6000
    minutes: float = 120.0        # the schedule ends when this is reached, whatever `steps` says
    batch: int = 24               # crops
    crop: int = EXCERPT + 15 * STRIDE
    lr: float = 1e-3
    weight_decay: float = 0.02
    average: float = 0.998        # of the running average of the weights, per step
    validate_every: int = 200
    patience: int = 15            # validations without improvement
    targets: tuple[float, float] = (0.02, 0.98)
    augmentation: Augmentation = field(default_factory=Augmentation)


class TrainingNet(nn.Module):
    """The network of `SvdCnn` over longer crops, with batch normalisation and dropout."""

    mean: Tensor
    std: Tensor

    def __init__(self, mean: Tensor, std: Tensor) -> None:
        super().__init__()
        self.net = SvdCnn()
        self.norms = nn.ModuleList(nn.BatchNorm2d(channels) for channels in (64, 32, 128, 64))
        self.dense_norms = nn.ModuleList(nn.BatchNorm1d(units) for units in (256, 64))
        self.register_buffer("mean", mean[:, None].clone())
        self.register_buffer("std", std[:, None].clone())
        for layer in self.net.modules():
            if isinstance(layer, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(layer.weight, a=SLOPE)
                nn.init.zeros_(layer.get_parameter("bias"))
        nn.init.normal_(self.net.dense[2].get_parameter("weight"), std=0.05)

    def forward(self, S: Tensor) -> Tensor:
        """Logits (batch, excerpts), one every 9 frames, of log-mels S (batch, 80, frames)."""
        h = ((S - self.mean) / self.std)[:, None].contiguous(memory_format=torch.channels_last)
        for i, (conv, norm) in enumerate(zip(self.net.conv, self.norms, strict=True)):
            h = F.leaky_relu(norm(conv(h)), SLOPE)
            h = F.max_pool2d(h, 3) if i % 2 else h
        columns = h.flatten(1, 2).unfold(2, COLUMNS, 1).transpose(1, 2).flatten(2)  # (batch, excerpts, features)
        z = columns.flatten(0, 1)
        for dense, norm in zip(self.net.dense[:2], self.dense_norms, strict=True):
            z = F.leaky_relu(norm(dense(F.dropout(z, 0.5, self.training))), SLOPE)
        logits: Tensor = self.net.dense[2](F.dropout(z, 0.5, self.training))
        return logits.view(columns.shape[:2])

    @torch.no_grad()
    def folded(self) -> SvdCnn:
        """The same function without normalisation layers: what is shipped."""
        net = copy.deepcopy(self.net)
        pairs = [*zip(net.conv, self.norms, strict=True), *zip(list(net.dense)[:2], self.dense_norms, strict=True)]
        for layer, norm in pairs:
            assert isinstance(norm, nn.BatchNorm1d | nn.BatchNorm2d)
            assert norm.running_var is not None
            assert norm.running_mean is not None
            scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
            weight, bias = layer.get_parameter("weight"), layer.get_parameter("bias")
            weight.mul_(scale.view(-1, *[1] * (weight.dim() - 1)))
            bias.sub_(norm.running_mean).mul_(scale).add_(norm.bias)
        return net.eval()


@torch.no_grad()
def validate(net: SvdCnn, mels: list[Tensor], truths: list[Truth], silence: Tensor) -> tuple[float, float, float]:
    """Best threshold, frame error there, and mean loss over the validation songs."""
    smoothed, losses = [], []
    for S, truth in zip(mels, truths, strict=True):
        edge = silence.expand(-1, EXCERPT // 2)
        logits = torch.cat(list(net.curve(torch.cat([edge, S, edge], dim=1))))
        losses.append(F.binary_cross_entropy_with_logits(logits, torch.from_numpy(truth).float(), reduction="none"))
        smoothed.append(median_filter(torch.sigmoid(logits).numpy(), MEDIAN_FRAMES, mode="nearest"))
    threshold, error = best_threshold(np.concatenate(truths), np.concatenate(smoothed))
    return threshold, error, float(torch.cat(losses).mean())


def train(config: Config, report: Report = silent) -> dict[str, Any]:
    """Train, and return the tensors and the facts that `engine.training.ship_svd` ships.

    Interrupted, it goes on from its last checkpoint when called again with the same configuration.

    Returns
    -------
    dict
        tensors: those of `SvdListener`; best and history: figures of validations; steps; config.

    Raises
    ------
    InputError
        When the data or the checkpoint cannot be used.
    """
    torch.manual_seed(config.seed)
    rng = np.random.default_rng(config.seed)
    material = gather(config.data, crop=config.crop, augmentation=config.augmentation, rng=rng, report=report)
    state = State.fresh(config, material, rng)
    checkpoint = Checkpoint(Path(config.work) / "svd.checkpoint", asdict(config), free=("work", "minutes", "steps"),
                            parts=("net", "average", "optimiser"), plain=("rng", "step", "history", "best"))
    checkpoint.load(state)
    place = Place(state.net.mean.device, lambda words: report(Progress(state.step, config.steps, words)))
    spent = state.history[-1]["minutes"] if state.history else 0.0
    started = time.monotonic()

    while True:
        minutes = spent + (time.monotonic() - started) / 60
        share = max(state.step / config.steps, minutes / config.minutes)
        if state.due(config.validate_every, share):
            judge(state, material, minutes)
            checkpoint.save(state)
            report(Progress(state.step, config.steps, f"validation error {state.history[-1]['valid_error']:.4f}, "
                                                      f"best {state.best_so_far['valid_error']:.4f}"))
        if state.step and (share >= 1 or state.stalled(config.patience * config.validate_every)):
            break
        loss = learn(state, material.augmenter, config, share, place)
        report(Progress(state.step, config.steps, f"loss {loss:.3f}, {minutes:.0f} min"))

    best = {key: value for key, value in state.best_so_far.items() if key != "weights"}
    tensors = {**state.best_so_far["weights"], "mean": material.mean, "std": material.std,
               "data_minimum": torch.tensor(material.data_minimum)}
    return {"tensors": tensors, "best": best, "history": state.history, "steps": state.step, "config": asdict(config)}


def judge(state: State, material: Material, minutes: float) -> None:
    """Validate the running average, and keep its weights if none were better."""
    shipped = state.average.folded().cpu()
    threshold, error, loss = validate(shipped, material.valid_mels, material.valid_truths, material.silence)
    figures = {"step": state.step, "minutes": minutes, "valid_error": error, "valid_loss": loss,
               "threshold": threshold}
    state.history.append(figures)
    if state.best is None or error < state.best["valid_error"]:
        state.best = {**figures, "weights": shipped.state_dict()}


def learn(state: State, augmenter: Augmenter, config: Config, share: float, place: Place) -> float:
    """One step on a batch of new crops, after `share` of the schedule; returns the loss."""
    warm = min(1.0, (state.step + 1) / WARM_UP_STEPS)
    for group in state.optimiser.param_groups:
        group["lr"] = config.lr * warm * max(0.01, 0.5 * (1 + math.cos(math.pi * share)))
    S, truth = augmenter.batch(config.batch)
    centres = np.arange(EXCERPT // 2, config.crop - EXCERPT // 2, STRIDE)
    low, high = config.targets
    *_, loss = place.parts(partial(update, state, decay=config.average), S, torch.where(truth[:, centres], high, low),
                           nets=[state.net, state.average], optimisers=[state.optimiser])
    state.step += 1
    return loss


def update(state: State, S: Tensor, targets: Tensor, decay: float) -> float:
    """One step of the optimiser; returns the loss."""
    state.net.train()
    with torch.autocast(S.device.type, dtype=torch.bfloat16):
        logits = state.net(S)
    loss = F.binary_cross_entropy_with_logits(logits.float(), targets)
    state.optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(state.net.parameters(), 5.0)
    state.optimiser.step()
    with torch.no_grad():
        for mine, theirs in zip(state.average.state_dict().values(), state.net.state_dict().values(), strict=True):
            if mine.dtype.is_floating_point:
                mine.lerp_(theirs, 1 - decay)
    return float(loss.detach())


@dataclass
class State(Course):
    """Everything that changes while training."""

    net: TrainingNet
    average: TrainingNet
    optimiser: torch.optim.Optimizer
    dice: np.random.Generator

    @classmethod
    def fresh(cls, config: Config, material: Material, rng: np.random.Generator) -> State:
        """Before the first step."""
        net = TrainingNet(material.mean, material.std).to(best_device())
        optimiser = torch.optim.AdamW(net.parameters(), lr=config.lr, weight_decay=config.weight_decay, fused=True)
        return cls(net, copy.deepcopy(net).eval(), optimiser, rng)

    @property
    def rng(self) -> str:
        """How the dice lie, in JSON."""
        return json.dumps(self.dice.bit_generator.state)

    @rng.setter
    def rng(self, state: str) -> None:
        self.dice.bit_generator.state = json.loads(state)
