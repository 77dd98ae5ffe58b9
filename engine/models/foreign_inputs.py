"""Users' models by what they hear: log-mel or magnitudes, or samples."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from engine.audio.features import FrontEnd
from engine.audio.waveform import Waveform
from engine.models.foreign import ForeignListener
from engine.models.foreign_front import PowerMelFrontEnd, SampleFrontEnd, magnitude_front_end


class SpectralListener(ForeignListener):
    """Of a model that hears log-mel or magnitudes; features are its own input."""

    def _front_end(self) -> FrontEnd:
        bands = self.own.bands
        self.mean, self.std = (torch.tensor(one).expand(bands).contiguous().view(bands, 1)
                               for one in (self.own.mean, self.own.std))
        return PowerMelFrontEnd(self.own) if self.own.input == "log-mel" else magnitude_front_end(self.own)

    def standardised(self, S: Tensor) -> Tensor:
        power, scale = self.own.power, self.own.scale
        if scale == "linear":
            x = (power * S).exp()
        elif scale == "log1p":
            x = F.softplus(power * S + math.log(self.own.compression))
        else:
            x = S * self._factor
        return (x - self.mean) / self.std

    def spectrogram(self, features: Tensor) -> Tensor:
        x = features * self.std + self.mean
        least = math.log(self.front_end.floor)
        if self.own.scale == "linear":
            x = x.clamp_min(1e-30).log() / self.own.power
        elif self.own.scale == "log1p":
            x = (torch.expm1(x) / self.own.compression).clamp_min(1e-30).log() / self.own.power
        else:
            x = x / self._factor
        return x.clamp_min(least)

    @property
    def _factor(self) -> float:
        """What the natural log of magnitude is multiplied with."""
        return {"natural": self.own.power, "log10": self.own.power / math.log(10), "decibel": 20 / math.log(10)}[
            self.own.scale]

    def _fed(self, features: Tensor) -> Tensor:
        return features

    def _windows(self, features: Tensor) -> Tensor:
        return features.unfold(1, self.window, self.vote_stride).transpose(0, 1)

    def _masked(self, S: Tensor, filled: Tensor, segment_map: Tensor, segments: int) -> Callable[[Tensor], Tensor]:
        return lambda masks: torch.where(masks[:, segment_map], S, filled)


class SampleListener(ForeignListener):
    """Of a model that hears samples; features are real and imaginary parts of the STFT, from which they come back."""

    front_end: SampleFrontEnd
    hears_magnitudes = False

    def _front_end(self) -> FrontEnd:
        return SampleFrontEnd(sr=self.own.sample_rate)

    def _frames(self, size: int) -> int:
        return 1 + -(-size // self.front_end.hop_length)

    def _stride(self, size: int) -> int:
        return max(1, round(size / self.front_end.hop_length))

    def standardised(self, S: Tensor) -> Tensor:
        return S

    def spectrogram(self, features: Tensor) -> Tensor:
        """Log magnitudes, for pictures and sounds; they do not say what the model hears."""
        return self.front_end.drawn(features)

    def analysed(self, features: Tensor) -> Tensor:
        return features

    def silence(self, frames: int) -> Tensor:
        return torch.zeros(self.front_end.bands, frames)

    def _masked(self, S: Tensor, filled: Tensor, segment_map: Tensor, segments: int) -> Callable[[Tensor], Tensor]:
        """The way back to samples is linear: each segment is sounded once, as it is and filled; masks add them up."""
        which = segment_map == torch.arange(segments).view(-1, 1, 1)
        shown, hidden = (self._fed(torch.where(which, one, torch.zeros(()))) for one in (S, filled))
        ground, added = hidden.sum(dim=0), shown - hidden
        return lambda masks: ground + masks.to(S.dtype) @ added

    def limits(self, loudest: float) -> tuple[Tensor, Tensor]:
        most = torch.full((self.front_end.bands, self.window), math.exp(loudest))
        return -most, most

    def sounding(self, features: Tensor, edge: int) -> Waveform:
        y = self.front_end.samples(features[None])[0]
        around = (edge * self.front_end.hop_length, (edge + 1) * self.front_end.hop_length)
        return Waveform(F.pad(y, around).detach().numpy(), self.front_end.sr)

    def _fed(self, features: Tensor) -> Tensor:
        return self.front_end.samples(features)[:, : self.own.window]

    def _windows(self, features: Tensor) -> Tensor:
        y = self.front_end.samples(features[None])[0]
        return y.unfold(0, self.own.window, self.vote_stride * self.front_end.hop_length)
