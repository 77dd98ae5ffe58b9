"""Train the prior of music: `python main.py train gan --data VOICE STYLES [--minutes 100] [--config paper]`.

A generator against a critic, on log-mel excerpts without labels. Two configurations. `paper` is the WGAN-GP of
Mishra, Stoller, Benetos, Sturm and Dixon (2019) for a GPU. The default is for two cores: one critic step for each of
the generator's instead of five, the logistic loss that does not saturate, and the gradient penalty at real excerpts
alone (R1: Mescheder, Geiger, Nowozin 2018), every sixteenth step, since it takes a second derivative. Learning rates
fall at the end; what is kept is the running average of the generator's weights that was nearest to real music when it
was looked at.
"""

from __future__ import annotations

import copy
import time
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.devices import Place, best_device, half_precision
from engine.job import Progress, Report, silent
from engine.models.mel_gan import BANDS, FRAMES, LATENT, SLOPE, MelGenerator, to_tensors
from engine.models.svd_listener import SvdListener
from engine.training.checkpoints import Checkpoint
from engine.training.gan_judge import Judge, settled
from engine.training.gan_material import Material


@dataclass(frozen=True)
class Config:
    """Everything that decides what comes out."""

    data: tuple[str, ...]
    work: str                     # folder of the checkpoint
    seed: int = 0
    minutes: float = 100.0        # ends when this is reached, whatever `steps` says
    steps: int = 60_000           # of the generator
    objective: str = "logistic"   # or wasserstein
    width: int = 32               # channels at half resolution, of generator and critic
    batch: int = 16
    critic_steps: int = 1         # for each step of the generator
    penalty: float = 0.1          # weight of the squared gradient (R1) or of its distance from one (WGAN-GP)
    penalty_every: int = 16       # critic steps
    lr: float = 5e-4              # of the generator
    critic_lr: float = 5e-4
    betas: tuple[float, float] = (0.0, 0.99)
    average: float = 0.997        # of the running average of the weights, per step
    cooling: float = 0.15         # share of the schedule, at its end, in which the learning rates fall to nothing
    gain: float = 0.3             # spread of a loudness added to real and made excerpts alike, in standard deviations
    judge_minutes: float = 4.0    # between two validations, each of which saves


PAPER: dict[str, Any] = {"objective": "wasserstein", "width": 64, "batch": 64, "critic_steps": 5, "penalty": 10.0,
                         "penalty_every": 1, "lr": 1e-4, "critic_lr": 1e-4, "betas": (0.0, 0.9), "average": 0.0,
                         "cooling": 0.0, "gain": 0.0, "steps": 20_000}
CONFIGS: dict[str, dict[str, Any]] = {"default": {}, "paper": PAPER}


class Critic(nn.Module):
    """How real an excerpt looks: the generator's convolutions the other way round, told the height of each row."""

    height: Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        channels = [2, *(round(width * factor) for factor in (1, 2, 4, 4))]
        self.halvings = nn.ModuleList(nn.Conv2d(before, after, 4, stride=2, padding=1)
                                      for before, after in pairwise(channels))
        self.last = nn.Conv2d(channels[-1] + 1, channels[-1], 3, padding=1)
        self.dense = nn.Linear(channels[-1] * (BANDS // 16) * (FRAMES // 16), 1)
        self.register_buffer("height", torch.linspace(-1, 1, BANDS)[:, None].repeat(1, FRAMES), persistent=False)
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, a=SLOPE)
                nn.init.zeros_(layer.get_parameter("bias"))
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, S: Tensor, kinds: int = 1) -> Tensor:
        """(batch,), unbounded, of standardised excerpts S (batch, 80, 115), in `kinds` equal parts."""
        h = torch.stack([S, self.height.expand_as(S)], dim=1).contiguous(memory_format=torch.channels_last)
        for halving in self.halvings:
            h = F.leaky_relu(halving(h), SLOPE, inplace=True)
        # how different the excerpts of a kind are, so that making always the same one is seen (Karras et al. 2018)
        spread = torch.stack(h.float().chunk(kinds)).var(dim=1, correction=0).add(1e-8).sqrt().mean(dim=(1, 2, 3))
        variety = spread.to(h.dtype).repeat_interleave(len(h) // kinds)[:, None, None, None]
        h = F.leaky_relu(self.last(torch.cat([h, variety.expand(-1, 1, *h.shape[2:])], dim=1)), SLOPE)
        return self.dense(h.flatten(1))[:, 0]  # type: ignore[no-any-return]


def learn(state: State, material: Material, config: Config, place: Place) -> tuple[float, float]:
    """One step of the generator, and the critic's, each on a batch; returns the last loss of both."""
    moving: dict[str, Any] = {"nets": [state.generator, state.critic, state.average],
                              "optimisers": [state.generator_optimiser, state.critic_optimiser]}
    steps = list(place.parts(partial(learn_generator, state, config), torch.randn(config.batch, LATENT), **moving))
    made = torch.cat([part for _, part in steps])
    state.step += 1
    for i in range(config.critic_steps):
        if i:
            with torch.no_grad():
                made = torch.cat(list(place.parts(partial(excerpts_of, state.generator),
                                                  torch.randn(config.batch, LATENT), **moving)))
        *_, critic_loss = place.parts(partial(learn_critic, state, config), material.draw(config.batch), made, **moving)
        state.critic_step += 1
    return steps[-1][0], critic_loss


def learn_generator(state: State, config: Config, z: Tensor) -> tuple[float, Tensor]:
    """One step of the generator on latents z (batch, 128); returns its loss, and the excerpts it made."""
    made = excerpts_of(state.generator, z)
    state.critic.requires_grad_(False)
    with half_precision(made):
        scores = state.critic(louder(made, config.gain)).float()
    loss = -scores.mean() if config.objective == "wasserstein" else F.softplus(-scores).mean()
    step(state.generator_optimiser, loss)
    state.critic.requires_grad_(True)
    decay = min(config.average, (state.step + 1) / (state.step + 11))
    with torch.no_grad():
        for mine, theirs in zip(state.average.parameters(), state.generator.parameters(), strict=True):
            mine.lerp_(theirs, 1 - decay)
    return float(loss.detach()), made.detach()


def learn_critic(state: State, config: Config, real: Tensor, made: Tensor) -> float:
    """One step of the critic on real and made excerpts, each (batch, 80, 115); returns its loss."""
    real, made = louder(real, config.gain), louder(made, config.gain)
    with half_precision(real):
        on_real, on_made = state.critic(torch.cat([real, made]), kinds=2).float().chunk(2)
    if config.objective == "wasserstein":
        loss = on_made.mean() - on_real.mean()
    else:
        loss = F.softplus(on_made).mean() + F.softplus(-on_real).mean()
    total = loss
    if state.critic_step % config.penalty_every == 0:
        total = loss + config.penalty * config.penalty_every * penalty(state.critic, real, made, config.objective)
    step(state.critic_optimiser, total)
    return float(loss.detach())


def excerpts_of(generator: MelGenerator, z: Tensor) -> Tensor:
    """Excerpts (batch, 80, 115) of latents z (batch, 128)."""
    with half_precision(z):
        return generator(z).float()  # type: ignore[no-any-return]


def penalty(critic: Critic, real: Tensor, made: Tensor, objective: str) -> Tensor:
    """R1 of a logistic critic: half the mean squared gradient at real excerpts. Of a Wasserstein critic: the mean
    squared distance of its gradient's length from 1 between real and made ones (Gulrajani et al. 2017)."""
    wasserstein = objective == "wasserstein"
    where = torch.lerp(real, made, torch.rand(len(real), 1, 1, device=real.device)) if wasserstein else real
    where = where.detach().requires_grad_()
    with half_precision(real):
        scores = critic(where).float().sum()
    gradient, = torch.autograd.grad(scores, where, create_graph=True)
    square = gradient.flatten(1).square().sum(dim=1)
    return (square.add(1e-12).sqrt() - 1).square().mean() if wasserstein else square.mean() / 2


def louder(S: Tensor, spread: float) -> Tensor:
    """Excerpts (batch, 80, 115) as loud as chance has it, so that the critic does not know them by their level."""
    return S + spread * torch.randn(len(S), 1, 1, device=S.device) if spread else S


def step(optimiser: torch.optim.Optimizer, loss: Tensor) -> None:
    """One step down the loss."""
    optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    optimiser.step()


def train(config: Config, material: Material, detector: SvdListener, report: Report = silent) -> dict[str, Any]:
    """Train, and return the tensors and the facts that `engine.training.ship_gan` ships.

    Interrupted, it goes on from its last checkpoint when called again with the same configuration.

    Returns
    -------
    dict
        tensors: those of `MelGenerator`; history: figures of the validations; floor; steps; config.

    Raises
    ------
    InputError
        When the checkpoint cannot be used.
    """
    torch.manual_seed(config.seed)
    state = State.fresh(config)
    checkpoint = Checkpoint(Path(config.work) / "gan.checkpoint", asdict(config),
                            free=("work", "minutes", "steps", "judge_minutes"),
                            parts=("generator", "critic", "average", "generator_optimiser", "critic_optimiser"),
                            plain=("step", "critic_step", "minutes", "history", "best"))
    checkpoint.load(state)
    judge = Judge.of(detector, material)
    place = Place(state.generator.bands.device, lambda words: report(Progress(state.step, config.steps, words)))
    started = time.monotonic() - 60 * state.minutes
    while (share := state.share(config)) < 1:
        cool(state, config, share)
        loss, critic_loss = learn(state, material, config, place)
        state.minutes = (time.monotonic() - started) / 60
        report(Progress(state.step, config.steps, f"critic {critic_loss:.3f}, generator {loss:.3f}, "
                                                  f"{state.minutes:.1f} min"))
        if state.share(config) >= 1 or state.minutes - state.judged_at >= config.judge_minutes:
            validate(state, judge, config)
            checkpoint.save(state)
            report(Progress(state.step, config.steps,
                            f"Fréchet distance {state.history[-1]['fid']:.3f} (floor {judge.floor:.3f})"))
    assert state.best is not None  # nothing ends before the first validation
    return {"tensors": state.best["tensors"], "best_step": state.best["step"], "history": state.history,
            "floor": judge.floor, "steps": state.step, "minutes": state.minutes, "config": asdict(config)}


def cool(state: State, config: Config, share: float) -> None:
    """Learning rates after `share` of the schedule."""
    rate = min(1.0, (1 - share) / config.cooling) if config.cooling else 1.0
    for optimiser, lr in ((state.generator_optimiser, config.lr), (state.critic_optimiser, config.critic_lr)):
        for group in optimiser.param_groups:
            group["lr"] = lr * rate


def validate(state: State, judge: Judge, config: Config) -> None:
    """Measure the running average, and keep it if none was nearer to real music."""
    net = settled(state.average, batch=config.batch)
    figures = {"step": float(state.step), "minutes": state.minutes, "fid": judge.distance(net)}
    state.history.append(figures)
    if state.best is None or figures["fid"] < state.best["fid"]:
        state.best = {**figures, "tensors": {name: tensor.cpu() for name, tensor in to_tensors(net).items()}}


@dataclass
class State:
    """Everything that changes while training."""

    generator: MelGenerator
    critic: Critic
    average: MelGenerator
    generator_optimiser: torch.optim.Optimizer
    critic_optimiser: torch.optim.Optimizer
    step: int = 0
    critic_step: int = 0
    minutes: float = 0.0
    history: list[dict[str, float]] = field(default_factory=list)
    best: dict[str, Any] | None = None

    @classmethod
    def fresh(cls, config: Config) -> State:
        """Before the first step."""
        device = best_device()
        generator, critic = MelGenerator(config.width).to(device), Critic(config.width).to(device)
        return cls(generator, critic, copy.deepcopy(generator),
                   torch.optim.Adam(generator.parameters(), lr=config.lr, betas=config.betas, fused=True),
                   torch.optim.Adam(critic.parameters(), lr=config.critic_lr, betas=config.betas, fused=True))

    def share(self, config: Config) -> float:
        """How much of the schedule is over, 0 to 1 or a little more."""
        return max(self.minutes / config.minutes, self.step / config.steps)

    @property
    def judged_at(self) -> float:
        """Minutes at the last validation."""
        return self.history[-1]["minutes"] if self.history else 0.0
