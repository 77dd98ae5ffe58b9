"""From a finished training of the prior to what is shipped: weights, bank of real excerpts, picture, and a card."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.disk import write_whole
from engine.explain import fid
from engine.job import Progress, Report, silent
from engine.models import catalogue, mel_bank, mel_gan
from engine.models.mel_bank import MelBank, Source, pooled, rounded
from engine.models.mel_gan import FRAMES, MelGenerator
from engine.models.svd_listener import SvdListener
from engine.training.gan_judge import LAYER, hidden, made_excerpts
from engine.training.gan_material import Heard, Material, Piece, gather
from engine.training.train_gan import Config, train

LAYERS = ("dense1", "dense2")   # of the detector, whose statistics of real music are kept
PICTURES = 4096                 # of training excerpts that are kept
SAMPLES = 8                     # in each row and column of the picture
GREYS = 40                      # more would make the file larger, not better
COMPARED = 500                  # made and held-out excerpts whose nearest training excerpt is looked for

SUCCESSOR = (
    "Not the WGAN-GP of the paper, which takes five critic steps, each with a second derivative, for one of the "
    "generator: on two cores days. Here one critic step with the logistic loss that does not saturate, and the "
    "gradient penalty at real excerpts alone (R1), every sixteenth step. Mescheder, Geiger and Nowozin (ICML 2018) "
    "show that this converges locally where WGAN-GP with few critic steps does not; Karras et al. (CVPR 2020) that the "
    "penalty may be lazy. The critic sees the variety of its batch, loudness is made random on both sides, and the "
    "generator kept is a running average. Of the alternatives spectral normalisation with the hinge loss was tried for "
    "four minutes, and had about twice the Fréchet distance of this. The paper's own is `--config paper`, for a GPU.")


def train_and_ship(config: Config, out: Path, command: str, report: Report = silent) -> dict[str, Any]:
    """Train, write gan.safetensors, gan.json, gan.png, real.npz and real.csv to `out`, and return the card.

    Raises
    ------
    InputError
        When the data or the checkpoint cannot be used.
    """
    detector = catalogue.load("svd")
    assert isinstance(detector, SvdListener)
    material = gather(config.data, detector.mean, detector.std, report)
    trained = train(config, material, detector, report)
    tensors = {name: tensor.half().float() for name, tensor in trained["tensors"].items()}  # what is stored is judged
    generator = MelGenerator(config.width)
    generator.load_state_dict(tensors, strict=False)
    generator.eval().requires_grad_(False)
    report(Progress(0, 1, "comparing with real music"))
    bank = bank_of(material, detector)
    card: dict[str, Any] = {
        "name": "gan", "title": "Prior of music", "architecture":
            f"generator of 80 by 115 log-mels from 128 normal numbers: dense, four transposed convolutions of width "
            f"{config.width} with batch norm, modulated by the latent, a bias for each row; "
            f"{sum(tensor.numel() for tensor in tensors.values()):,} numbers",
        "successor": SUCCESSOR if config.objective == "logistic" else "WGAN-GP as published",
        "input": "log-mel: mono 22,050 Hz, Hann 1024, hop 315, 80 bands 27.5 to 8,000 Hz; excerpts of 115 frames",
        "command": command, "seed": config.seed, "steps": trained["steps"], "best_step": trained["best_step"],
        "minutes": round(trained["minutes"], 1),
        "config": {k: v for k, v in trained["config"].items() if k not in ("data", "work")},
        **distances(generator, bank, detector, material), "history": trained["history"],
        "nearest": nearest_facts(generator, bank, material),
        "samples": "gan.png: 64 excerpts of the seeds' latents, low bands below",
        "data": data_facts(material),
        "weights_licence": "CC BY-NC 4.0, as many of the recordings it learnt from are for non-commercial use; the "
                           "recordings themselves keep the licences named under data",
        "limits": "Excerpts of 1.6 s in the manner of game music and of the songs of few artists. It has learnt on two "
                  "cores in the minutes named: textures and rhythms come out better than voices and single notes.",
    }
    out.mkdir(parents=True, exist_ok=True)
    stored = {**tensors, "mean": material.mean[:, 0], "std": material.std[:, 0]}
    mel_gan.write(out / "gan.json", stored, card)
    mel_bank.write(out / "real.npz", bank)
    mel_bank.write_sources(out / "real.csv", sources_of([heard.piece for heard in material.train], set(bank.files)))
    write_whole(out / "gan.png", picture(made_excerpts(generator, SAMPLES**2, seed=0)))
    return card


def bank_of(material: Material, detector: SvdListener) -> MelBank:
    """Pictures of training excerpts, and the detector's statistics of all held-out ones."""
    held_out = material.excerpts(material.held_out, 10**9, seed=0)
    fits = {layer: fid.fitted(hidden(detector, held_out, layer).numpy()) for layer in LAYERS}
    pictures, files, starts = chosen_pictures(material)
    return MelBank(pictures, files, starts, str(detector.card["sha256"]),
                   {layer: fit.mean for layer, fit in fits.items()}, {layer: fit.factor for layer, fit in fits.items()},
                   len(held_out))


def chosen_pictures(material: Material) -> tuple[NDArray[np.uint8], tuple[str, ...], NDArray[np.float32]]:
    """So many training excerpts as the bank has room for, with recording and second of each."""
    places = [(heard, first) for heard in material.train for first in range(0, heard.S.shape[1] - FRAMES + 1, FRAMES)]
    order = np.sort(np.random.default_rng(0).permutation(len(places))[:PICTURES])
    chosen = [places[i] for i in order]
    pictures = [pooled(((heard.S[:, first : first + FRAMES].float() - material.mean) / material.std)[None])
                for heard, first in chosen]
    starts = np.array([first * 315 / 22050 for _, first in chosen], np.float32)
    return rounded(torch.cat(pictures)), tuple(heard.piece.id for heard, _ in chosen), starts


def sources_of(pieces: Iterable[Piece], names: Collection[str]) -> list[Source]:
    """Title, artist and licence of the recordings of these names."""
    return [Source(piece.id, piece.title, piece.artist, piece.licence) for piece in pieces if piece.id in names]


def distances(generator: MelGenerator, bank: MelBank, detector: SvdListener, material: Material) -> dict[str, Any]:
    """Fréchet distance of as many made excerpts as there are held-out ones, and what two halves of those have."""
    made = hidden(detector, made_excerpts(generator, bank.n, seed=1)).numpy()
    real = fid.Gaussian(bank.means[LAYER], bank.factors[LAYER], bank.n)
    held_out = hidden(detector, material.excerpts(material.held_out, bank.n, seed=1)).numpy()
    learnt = hidden(detector, material.excerpts(material.train, bank.n, seed=1)).numpy()
    half = len(held_out) // 2
    free = fid.extrapolated(made, real)
    return {"fid": fid.distance(made, real), "fid_layer": LAYER, "fid_n": bank.n,
            "fid_infinity": {"value": free.value, "error": free.error},
            "floor": fid.frechet(fid.fitted(held_out[:half]), fid.fitted(held_out[half:])),
            "fid_of_training_excerpts": fid.distance(learnt, real),
            "fid_means": "made against held-out excerpts on the singing-voice detector's layer; floor: two halves of "
                         "the held-out ones; of training excerpts: real ones, by the artists that were learnt from"}


def nearest_facts(generator: MelGenerator, bank: MelBank, material: Material) -> dict[str, float]:
    """Median distance to the nearest training excerpt, of made and of held-out ones: a copying generator's is less."""
    held_out = bank.nearest(material.excerpts(material.held_out, COMPARED, seed=2))[1]
    made = bank.nearest(made_excerpts(generator, COMPARED, seed=2))[1]
    return {"held_out": float(np.median(held_out)), "made": float(np.median(made)),
            "made_least": float(made.min()), "held_out_least": float(held_out.min())}


def data_facts(material: Material) -> dict[str, Any]:
    """Recordings, minutes and licences, for the card."""
    def facts(heard: list[Heard]) -> dict[str, Any]:
        return {"recordings": len(heard), "minutes": round(sum(h.S.shape[1] for h in heard) * 315 / 22050 / 60, 1),
                "artists": sorted({h.piece.artist for h in heard}),
                "licences": dict(Counter(h.piece.licence for h in heard).most_common())}
    return {"train": facts(material.train), "held_out": facts(material.held_out),
            "split": "by artist: the artists of the valid and test songs and of the test excerpts are held out"}


def picture(S: Tensor) -> bytes:
    """PNG of standardised excerpts (n * n, 80, 115) in a square, in greys: loud is light, low bands lie below."""
    from matplotlib.image import imsave  # a second, which only this needs

    n = round(len(S) ** 0.5)
    grey = (((S.clamp(-4, 2.5) + 4) * (GREYS / 6.5)).round() * (255 / GREYS)).to(torch.uint8).flip(1)
    framed = torch.nn.functional.pad(grey, (2, 2, 2, 2), value=255)
    whole = framed.view(n, n, *framed.shape[1:]).permute(0, 2, 1, 3).reshape(n * framed.shape[1], -1)
    out = io.BytesIO()
    imsave(out, whole.numpy(), format="png", cmap="gray", vmin=0, vmax=255)
    return out.getvalue()
