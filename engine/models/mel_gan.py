"""The prior of music: a generator of log-mel excerpts of 80 bands and 115 frames from 128 normal numbers.

Its convolutions are those of a DCGAN (Radford, Metz, Chintala 2016) of a width counted in channels at half
resolution. Two things are added that cost next to nothing: the latent speaks to every layer (self-modulation, Chen,
Lucic, Houlsby, Gelly 2019), and every row of every layer has a bias of its own, since a mel spectrogram, unlike a
photograph, is not alike at all heights.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.models import catalogue
from engine.models.placed import Placed

LATENT = 128
BANDS, FRAMES = 80, 115
BASE = (5, 8)                           # rows and columns that the latent is spread over: 2^4 of them make 80 by 128
FACTORS = (4, 4, 2, 1, 0.5)             # channels before, between and after the four doublings, in widths
MARGIN = (BASE[1] * 16 - FRAMES) // 2   # columns left out before the excerpt
SLOPE = 0.2
FLOOR = -16.118095650958319             # natural log of 1e-7, below which the front end hears nothing
FULL_SCALE = 5.545177444479562          # of 256, the magnitude of a sine of amplitude 1: no sound file has more
LONGEST = 13.5                          # of latents: of a thousand normal ones one is longer
COUNTED = "num_batches_tracked"         # of batch norm: needed in training only
FOLDER = catalogue.FOLDER / "gan"


class Doubling(nn.Module):
    """Twice the rows and columns: transposed 4x4 convolution, batch norm, modulation by the latent, leaky ReLU."""

    def __init__(self, before: int, after: int, rows: int) -> None:
        super().__init__()
        self.conv = nn.ConvTranspose2d(before, after, 4, stride=2, padding=1, bias=False)
        self.norm: nn.Module = nn.BatchNorm2d(after, affine=False)
        self.modulation = nn.Linear(LATENT, 2 * after)
        self.rows = nn.Parameter(torch.zeros(after, rows, 1))
        nn.init.normal_(self.modulation.weight, std=0.02)
        nn.init.zeros_(self.modulation.bias)

    def forward(self, h: Tensor, z: Tensor) -> Tensor:
        """(batch, after, 2 rows, 2 columns) of h (batch, before, rows, columns) and z (batch, 128)."""
        gain, shift = self.modulation(z)[:, :, None, None].chunk(2, dim=1)
        h = self.norm(self.conv(h))
        return F.leaky_relu(torch.addcmul(shift + self.rows.to(h.dtype), h, 1 + gain), SLOPE, inplace=True)

    def fold(self) -> None:
        """Let the convolution do what the norm does, once nothing is learnt any more: a third quicker."""
        assert isinstance(self.norm, nn.BatchNorm2d)
        scale = (self.norm.get_buffer("running_var") + self.norm.eps).rsqrt()
        self.conv.weight = nn.Parameter((self.conv.weight * scale[:, None, None]).detach())
        self.conv.bias = nn.Parameter(-self.norm.get_buffer("running_mean") * scale)
        self.norm = nn.Identity()


class MelGenerator(nn.Module):
    """Standardised log-mels from latents.

    Parameters
    ----------
    width
        Channels at half resolution.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        channels = [round(width * factor) for factor in FACTORS]
        self.dense = nn.Linear(LATENT, channels[0] * BASE[0] * BASE[1])
        self.doublings = nn.ModuleList(Doubling(before, after, BASE[0] * 2 ** (i + 1))
                                       for i, (before, after) in enumerate(pairwise(channels)))
        self.out = nn.Conv2d(channels[-1], 1, 3, padding=1)
        self.bands = nn.Parameter(torch.zeros(BANDS, 1))
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, z: Tensor) -> Tensor:
        """(batch, 80, 115) of z (batch, 128)."""
        h = F.leaky_relu(self.dense(z), SLOPE).view(len(z), -1, *BASE).contiguous(memory_format=torch.channels_last)
        for doubling in self.doublings:
            h = doubling(h, z)
        return self.out(h)[:, 0, :, MARGIN : MARGIN + FRAMES] + self.bands  # type: ignore[no-any-return]


@dataclass(frozen=True)
class MelGan:
    """A generator as it is shipped: latents in, log-mels out.

    Parameters
    ----------
    name
        Of its card.
    generator
        Ready for use.
    mean, std
        (80, 1): from the generator's standardised bands to log-mels.
    card
        Data, licences, command, scores.
    """

    name: str
    generator: MelGenerator
    mean: Tensor
    std: Tensor
    card: dict[str, Any]

    @cached_property
    def placed(self) -> Placed[MelGenerator]:
        """The generator, wherever it answers."""
        return Placed(self.generator)

    def begin(self, seed: int) -> Tensor:
        """The latent (128,) that a seed stands for."""
        return torch.randn(LATENT, generator=torch.Generator().manual_seed(seed))

    def spectrogram(self, z: Tensor) -> Tensor:
        """Log-mels (batch, 80, 115), natural log of magnitude, of latents (batch, 128); differentiable.

        Beyond the length that normal latents have the generator has learnt nothing, and makes monsters: a longer one
        stands for that of its direction which has this length.
        """
        length = z.norm(dim=1, keepdim=True)
        S = self.placed(MelGenerator.forward, z * (LONGEST / length.clamp_min(LONGEST))) * self.std + self.mean
        return S.clamp(FLOOR, FULL_SCALE)


@cache
def load(name: str = "gan") -> MelGan:
    """A prior that is shipped.

    Raises
    ------
    InputError
        When it is missing or damaged.
    """
    return read(FOLDER / f"{name}.json")


def read(card_path: Path) -> MelGan:
    """The prior of a card; the weights lie beside it.

    Raises
    ------
    InputError
        When card or weights are missing, damaged or not made for each other.
    """
    with catalogue.pair(card_path, "the card of a prior") as (card, halves):
        tensors = {key: value.float() for key, value in halves.items()}
        mean, std = tensors.pop("mean").view(BANDS, 1), tensors.pop("std").view(BANDS, 1)
        width = int(card["config"]["width"])
        if width * BASE[0] * BASE[1] > sum(value.numel() for value in tensors.values()):
            raise ValueError(f"a width of {width:,} for few weights")  # before memory is taken for it
        generator = MelGenerator(width)
        wanted = {name for name in generator.state_dict() if not name.endswith(COUNTED)}
        if set(tensors) != wanted:
            raise KeyError(*sorted(set(tensors) ^ wanted)[:1])
        generator.load_state_dict(tensors, strict=False)
        for doubling in generator.doublings:
            assert isinstance(doubling, Doubling)
            doubling.fold()
        prior = MelGan(card_path.stem, generator.eval().requires_grad_(False), mean, std, card)
    return prior


def write(card_path: Path, tensors: dict[str, Tensor], card: dict[str, Any]) -> None:
    """Write weights in half precision and their card."""
    catalogue.write(card_path, tensors, {"kind": "mel_gan", **card})


def to_tensors(generator: MelGenerator) -> dict[str, Tensor]:
    """What is stored of a generator."""
    return {name: tensor for name, tensor in generator.state_dict().items() if not name.endswith(COUNTED)}
