"""A judge whose every answer is known on paper, and the ways to attack one."""

from __future__ import annotations

import torch

BANDS, FRAMES = 8, 40


class Unitary:
    """A front end whose "spectrum" is the signal itself, cut into frames: every magnitude is that of a sound."""

    sr, n_fft, hop_length = 320, 2 * BANDS, BANDS

    def __call__(self, y):
        return y.view(-1, BANDS).T

    def stft(self, y):
        return torch.complex(self(y), torch.zeros_like(self(y)))

    def istft(self, D, samples):
        return D.real.T.reshape(-1)

    def of_magnitude(self, magnitude):
        return magnitude


class Plane:
    """One vote, linear in the spectrum: the last label where w S > b; the margin is 1 per unit of distance."""

    def __init__(self, w, b, threshold=0.5):
        self.front_end, self.threshold = Unitary(), threshold
        self.w, self.b = w / w.norm(), b

    def vote_spans(self, frames):
        return [slice(0, frames)]

    def votes(self, S):
        return torch.stack([torch.zeros(()), 3 * ((self.w * S[:, :FRAMES]).sum() - self.b)])[None]

    def verdict(self, votes):
        return torch.softmax(votes.mean(0), 0)

    def decision(self, probabilities):
        return int(float(probabilities[-1]) >= self.threshold)


def signal(seed=0):
    """Positive samples, so that magnitudes are the samples themselves."""
    return torch.rand(BANDS * FRAMES, generator=torch.Generator().manual_seed(seed)) + 1


def direction(seed=1):
    return torch.randn(BANDS, FRAMES, generator=torch.Generator().manual_seed(seed))


WAYS = [{"method": "waveform"}, {}, {"projection": "each"}]
