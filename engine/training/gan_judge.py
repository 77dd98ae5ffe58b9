"""How near made music is to real music, as the singing detector has both: what a training of the prior is judged by."""

from __future__ import annotations

import copy
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from engine.devices import half_precision
from engine.explain import fid
from engine.models.mel_gan import LATENT, MelGenerator
from engine.models.svd_listener import SvdListener
from engine.training.gan_material import Material

JUDGED = 1024           # excerpts of either side of the Fréchet distances on the way
SETTLING = 16           # batches that batch norm's statistics are taken over
LAYER = "dense2"        # of the detector, that distances are measured on
AT_ONCE = 64



@torch.no_grad()
def settled(average: MelGenerator, *, batch: int) -> MelGenerator:
    """The averaged generator with batch statistics of its own, ready for use."""
    net = copy.deepcopy(average).train()
    norms = [layer for layer in net.modules() if isinstance(layer, nn.BatchNorm2d)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None    # the mean over all batches
    random = torch.Generator().manual_seed(0)
    for _ in range(SETTLING):
        net(torch.randn(max(2, batch), LATENT, generator=random).to(net.bands.device))
    return net.eval().requires_grad_(False)


@torch.no_grad()
def made_excerpts(net: MelGenerator, n: int, *, seed: int) -> Tensor:
    """Standardised excerpts (n, 80, 115) of the latents of a seed."""
    z = torch.randn(n, LATENT, generator=torch.Generator().manual_seed(seed)).to(net.bands.device)
    with half_precision(z):
        return torch.cat([net(some).float().cpu() for some in torch.split(z, AT_ONCE)])


@torch.no_grad()
def hidden(detector: SvdListener, S: Tensor, layer: str = LAYER) -> Tensor:
    """A layer of the detector, (n, neurons), of standardised excerpts (n, 80, 115)."""
    return torch.cat([detector.activations(some, layer) for some in torch.split(S, AT_ONCE)])


@dataclass(frozen=True)
class Judge:
    """The held-out excerpts on the detector's hidden layer, and how far two halves of them are from each other."""

    detector: SvdListener
    real: fid.Gaussian
    floor: float

    @classmethod
    def of(cls, detector: SvdListener, material: Material) -> Judge:
        """Half of the excerpts is real, the other what a perfect generator could be measured as."""
        held_out = hidden(detector, material.excerpts(material.held_out, 2 * JUDGED, seed=0)).numpy()
        half = len(held_out) // 2
        real = fid.fitted(held_out[:half])
        return cls(detector, real, fid.distance(held_out[half:], real))

    def distance(self, net: MelGenerator) -> float:
        """Fréchet distance of as many made excerpts."""
        return fid.distance(hidden(self.detector, made_excerpts(net, self.real.n, seed=0)).numpy(), self.real)
