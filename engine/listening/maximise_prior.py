"""The priors as a listener hears them: a generator of log-mels, or the listener's own input."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from engine.audio.features import MelFrontEnd
from engine.checks import InputError, choice
from engine.explain.maximise import Prior
from engine.explain.maximise_input import InputRegularisers, plain_input
from engine.models import mel_gan
from engine.models.listener import Listener
from engine.models.mel_gan import MelGan

PRIORS = ("gan", "input")
MELS = MelFrontEnd(n_mels=mel_gan.BANDS)    # what the generator's log-mels are of


def prior_of(name: str, listener: Listener, regularisers: InputRegularisers | None = None) -> Prior:
    """The prior of that name, whose features are excerpts of the listener.

    Raises
    ------
    InputError
        When there is none, its weights are damaged, or the listener is one that nothing can be made for.
    """
    if not listener.differentiable:
        raise InputError(f"model: expected one through which a gradient comes back, got {listener.name}, from which "
                         "none does; take it to Explain")
    _ = listener.front_end.bank     # refuses what no sound can be made of, before anything is grown
    if choice(name, PRIORS, "prior") == "input":
        least, most = listener.limits(mel_gan.FULL_SCALE)
        return plain_input(listener.front_end.bands, listener.window, regularisers=regularisers, least=least,
                           most=most)
    if not listener.hears_magnitudes:
        raise InputError(f"prior: expected input for {listener.name}, which hears samples, got gan, which makes "
                         "magnitudes; choose input")
    gan = mel_gan.load()
    return Prior("gan", gan.begin, lambda z: heard_by(listener, gan, z))


def heard_by(listener: Listener, gan: MelGan, z: Tensor) -> Tensor:
    """Standardised excerpts (batch, bands, window) of a listener from latents (batch, 128); differentiable.

    A listener with the generator's own front end gets what it made. For another one each bin is read between the two
    mel bands around it; what is missing in length is the excerpt backwards and forwards again, and above the centre
    of the top band there is nothing.
    """
    S = gan.spectrogram(z)
    front_end = listener.front_end
    if isinstance(front_end, MelFrontEnd) and front_end.bands == mel_gan.BANDS:
        return listener.standardised(S)
    places = turning(torch.arange(listener.window) * (MELS.frames_per_second / front_end.frames_per_second),
                     S.shape[-1] - 1)
    low = places.floor().long()
    S = torch.lerp(S[..., low], S[..., (low + 1).clamp_max(S.shape[-1] - 1)], (places - low).to(S.dtype))
    centres = torch.from_numpy(MELS.frequencies[1:-1]).to(S.dtype)
    bins = torch.from_numpy(front_end.frequencies[1:-1]).to(S.dtype)
    upper = torch.searchsorted(centres, bins).clamp(1, len(centres) - 1)
    share = ((bins - centres[upper - 1]) / (centres[upper] - centres[upper - 1])).clamp(0, 1)[:, None]
    magnitude = torch.lerp(S[..., upper - 1, :], S[..., upper, :], share)
    return listener.standardised(torch.where(bins[:, None] > centres[-1], math.log(front_end.floor), magnitude))


def turning(places: Tensor, last: int) -> Tensor:
    """Places along a line that is walked to its end, back, and so on."""
    phase = places % (2 * last)
    return torch.where(phase > last, 2 * last - phase, phase)


def between(a: Tensor, b: Tensor, share: float) -> Tensor:
    """A point on the way from one latent to another: along the arc, as normal numbers all have about one length."""
    cosine = (a @ b / (a.norm() * b.norm()).clamp_min(1e-12)).clamp(-1, 1)
    angle = torch.arccos(cosine)
    if float(torch.sin(angle)) < 1e-4:
        return torch.lerp(a, b, share)
    return (torch.sin((1 - share) * angle) * a + torch.sin(share * angle) * b) / torch.sin(angle)
