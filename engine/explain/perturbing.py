"""Where an adversary takes its steps: on magnitudes with the original phases, on spectra, or on samples."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod

import torch
from torch import Tensor

from engine.audio.features import FrontEnd

NEWTON = 20     # steps at most; a few are enough


def snr_db(y: Tensor, residual: Tensor) -> float:
    """20 log10 of the ratio of norms; 300 where nothing changed."""
    return ratio_db(float(y.norm()), float(residual.norm()))


def ratio_db(whole: float, change: float) -> float:
    """20 log10 of whole / change, at most 300."""
    return 20 * math.log10(max(whole, 1e-30) / max(change, 1e-15 * whole, 1e-30))


def inner(a: Tensor, b: Tensor) -> float:
    """Inner product; of complex tensors that of their real and imaginary parts."""
    return float((a * b.conj()).sum().real)


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
    metric
        Squared weight (bins, frames) of each bin, or None where all weigh the same.
    sounds
        Whether each point is the sound that it stands for, and `spectrogram` what is heard of it.
    """

    sounds = False

    def __init__(self, y: Tensor, front_end: FrontEnd, start: Tensor, weight: Tensor | None) -> None:
        self.y, self.front_end, self.start, self.norm = y, front_end, start, float(start.norm())
        self.metric = None if weight is None else weight**2

    @abstractmethod
    def spectrogram(self, x: Tensor) -> Tensor:
        """Log spectrogram (bands, frames) of a point; differentiable."""

    @abstractmethod
    def sound(self, x: Tensor) -> Tensor:
        """Samples of a point."""

    def shaped(self, gradient: Tensor) -> Tensor:
        """Steepest direction in the metric of the weight, from the gradient; of any length."""
        return gradient if self.metric is None else gradient * self.metric

    def change(self, x: Tensor) -> float:
        """Norm of the change that a point is."""
        return float((x - self.start).norm())

    def within(self, x: Tensor, radius: float) -> Tensor:
        """The nearest allowed point whose change has at most this norm."""
        change = x - self.start
        norm = float(change.norm())
        return x if norm <= radius else self.start + change * (radius / norm)


class Frames(Domain):
    """Points are made of the STFT of the sound and a little silence after it.

    The last samples of a sound lie at the very edge of its last window, where least squares divide by next to
    nothing; with frames beyond its end they lie in the middle of one. Those frames are not heard.
    """

    def __init__(self, y: Tensor, front_end: FrontEnd, weight: Tensor | None, *, magnitudes: bool) -> None:
        self.silence, self.heard = front_end.n_fft, 1 + len(y) // front_end.hop_length
        D = self._stft(y, front_end)
        if weight is not None:
            weight = torch.cat([weight, weight[:, -1:].expand(-1, D.shape[1] - weight.shape[1])], dim=1)
        super().__init__(y, front_end, D.abs() if magnitudes else D, weight)
        # where the original is silent it has no phase, and what is added there gets phase 0
        self.phase = torch.where(D == 0, torch.ones_like(D), torch.sgn(D))

    def _stft(self, y: Tensor, front_end: FrontEnd) -> Tensor:
        return front_end.stft(torch.nn.functional.pad(y, (0, self.silence)))

    def _istft(self, D: Tensor) -> Tensor:
        return self.front_end.istft(D, len(self.y) + self.silence)[: len(self.y)]


class Magnitudes(Frames):
    """Points are magnitudes (bins, frames), not negative; phases stay those of the original.

    No sound but the original itself, louder or softer, need have such magnitudes: phases and magnitudes of
    overlapping frames depend on each other. The sound of a point is the nearest in least squares.
    """

    def __init__(self, y: Tensor, front_end: FrontEnd, weight: Tensor | None) -> None:
        super().__init__(y, front_end, weight, magnitudes=True)

    def spectrogram(self, x: Tensor) -> Tensor:
        return self.front_end.of_magnitude(x[:, : self.heard])

    def sound(self, x: Tensor) -> Tensor:
        return self._istft(x * self.phase)

    def within(self, x: Tensor, radius: float) -> Tensor:
        """Exactly: max(start + s change, 0) for the s in 0 to 1 that gives the norm (optimality conditions).

        The squared norm as a function of s^2 is concave and made of straight pieces, so Newton's method climbs to
        the solution from below and ends there; the first guess disregards that magnitudes stop at 0.
        """
        change = x - self.start
        x = x.clamp_min(0)
        if self.change(x) <= radius:
            return x
        s = radius / float(change.norm())
        for _ in range(NEWTON):
            x = (self.start + s * change).clamp_min_(0)
            norm = self.change(x)
            free = float((change * (x > 0)).norm()) ** 2
            if norm >= radius * (1 - 1e-5) or free == 0:
                break
            s = math.sqrt(s * s + (radius**2 - norm**2) / free)
        return super().within(x, radius)


class Spectra(Frames):
    """Points are complex (bins, frames), and always the STFT of a sound: phases follow the magnitudes.

    Steps are moved to the nearest such spectra in least squares (D. W. Griffin, J. S. Lim: Signal estimation from
    modified short-time Fourier transform, IEEE Trans. ASSP 32(2), 1984, equation 6). They are a linear space, in
    which momentum and the shortening of a change stay.
    """

    def __init__(self, y: Tensor, front_end: FrontEnd, weight: Tensor | None) -> None:
        super().__init__(y, front_end, weight, magnitudes=False)

    def spectrogram(self, x: Tensor) -> Tensor:
        return self.front_end.of_magnitude(x[:, : self.heard].abs())

    def shaped(self, gradient: Tensor) -> Tensor:
        return self._stft(self.sound(super().shaped(gradient)), self.front_end)

    def sound(self, x: Tensor) -> Tensor:
        return self._istft(x)


class Samples(Domain):
    """Points are sounds (samples,)."""

    sounds = True

    def __init__(self, y: Tensor, front_end: FrontEnd, weight: Tensor | None) -> None:
        super().__init__(y, front_end, y, weight)

    def spectrogram(self, x: Tensor) -> Tensor:
        return self.front_end(x)  # type: ignore[no-any-return]

    def shaped(self, gradient: Tensor) -> Tensor:
        if self.metric is None:
            return gradient
        return self.front_end.istft(self.front_end.stft(gradient) * self.metric, len(gradient))

    def sound(self, x: Tensor) -> Tensor:
        return x
