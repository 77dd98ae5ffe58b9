"""Where an adversary takes its steps: on magnitudes with the original phases, or on samples."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod

import torch
from torch import Tensor

from engine.audio.features import FrontEnd


def snr_db(y: Tensor, residual: Tensor) -> float:
    """20 log10 of the ratio of norms; 300 where nothing changed."""
    return 20 * math.log10(max(float(y.norm()), 1e-30) / max(float(residual.norm()), 1e-15 * float(y.norm()), 1e-30))


class Domain(ABC):
    """The space of steps.

    Attributes
    ----------
    y
        (samples,): the original.
    start
        Its point in this space.
    norm
        Of `start`.
    """

    def __init__(self, y: Tensor, front_end: FrontEnd, start: Tensor) -> None:
        self.y, self.front_end, self.start, self.norm = y, front_end, start, float(start.norm())

    @abstractmethod
    def spectrogram(self, x: Tensor) -> Tensor:
        """Log spectrogram (bands, frames) of a point; differentiable."""

    @abstractmethod
    def shaped(self, gradient: Tensor) -> Tensor:
        """Steepest direction in the metric of the weight, from the gradient."""

    @abstractmethod
    def sound(self, x: Tensor) -> Tensor:
        """Samples of a point."""

    def within(self, x: Tensor, radius: float) -> Tensor:
        """The nearest point whose change has at most this norm."""
        change = x - self.start
        return self.start + change * min(1.0, radius / max(float(change.norm()), 1e-30))

    def snr_db(self, x: Tensor) -> float:
        """Signal-to-noise ratio of a point."""
        return snr_db(self.start, x - self.start)


class Magnitudes(Domain):
    """Points are magnitudes (bins, frames), not negative; phases stay those of the original.

    Parameters
    ----------
    valid
        Whether each point is moved to magnitudes that a sound can have: those of its least-squares resynthesis
        (Griffin, Lim 1984, equation 6).
    """

    def __init__(self, y: Tensor, front_end: FrontEnd, weight: Tensor | None, *, valid: bool) -> None:
        D = front_end.stft(y)
        super().__init__(y, front_end, D.abs())
        self.phase, self.valid = torch.sgn(D), valid
        self.metric = None if weight is None else weight**2

    def spectrogram(self, x: Tensor) -> Tensor:
        return self.front_end.of_magnitude(x)

    def shaped(self, gradient: Tensor) -> Tensor:
        return gradient if self.metric is None else gradient * self.metric

    def sound(self, x: Tensor) -> Tensor:
        # where the original is silent it has no phase, and what is added there gets phase 0
        phase = torch.where(self.phase == 0, torch.ones_like(self.phase), self.phase)
        return self.front_end.istft(x * phase, len(self.y))

    def within(self, x: Tensor, radius: float) -> Tensor:
        x = super().within(x.clamp_min(0), radius)
        # the projection onto sounds does not lengthen the change by more than the overlap of windows varies
        return super().within(self.front_end.stft(self.sound(x)).abs(), radius) if self.valid else x


class Samples(Domain):
    """Points are sounds (samples,)."""

    def __init__(self, y: Tensor, front_end: FrontEnd, weight: Tensor | None) -> None:
        super().__init__(y, front_end, y)
        self.metric = None if weight is None else weight**2

    def spectrogram(self, x: Tensor) -> Tensor:
        return self.front_end(x)  # type: ignore[no-any-return]

    def shaped(self, gradient: Tensor) -> Tensor:
        if self.metric is None:
            return gradient
        return self.front_end.istft(self.front_end.stft(gradient) * self.metric, len(gradient))

    def sound(self, x: Tensor) -> Tensor:
        return x
