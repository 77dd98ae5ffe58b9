"""What is drawn of an adversary: spectrograms of the original, the adversarial sound and what was added."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch

from engine.audio.features import FRAMES_AT_ONCE, FrontEnd
from engine.audio.pyramid import Floats, ImagePyramid
from engine.audio.waveform import Waveform
from engine.job import Progress, Report, silent

DECIBELS = 20 / math.log(10)  # of a natural logarithm of magnitude


@dataclass(frozen=True)
class Pictures:
    """Log spectrograms as the listener's front end makes them, of whole recordings.

    Parameters
    ----------
    original, adversarial
        On one scale of brightness.
    residual
        On its own scale, for next to the music there would be little to see.
    residual_lift_db
        How much brighter the residual is drawn than the others.
    """

    original: ImagePyramid
    adversarial: ImagePyramid
    residual: ImagePyramid
    residual_lift_db: float


def pictures(original: Waveform, adversarial: Waveform, residual: Waveform, front_end: FrontEnd, *,
             report: Report = silent) -> Pictures:
    """Spectrograms of three recordings of one length."""
    first = ImagePyramid.of(spectrogram(original, front_end, report=report), report=report)
    second = ImagePyramid.of(spectrogram(adversarial, front_end, report=report), low=first.low, high=first.high,
                             report=report)
    third = ImagePyramid.of(spectrogram(residual, front_end, report=report), report=report)
    return Pictures(first, replace(second, contrast=first.contrast), third, DECIBELS * (first.high - third.high))


def spectrogram(sound: Waveform, front_end: FrontEnd, *, report: Report = silent) -> Floats:
    """What is drawn of `FrontEnd.spectrogram`, (bands, frames), a few frames at a time."""
    y = torch.from_numpy(sound.mono().resampled(front_end.sr).y)
    hop, frames = front_end.hop_length, 1 + len(y) // front_end.hop_length
    around = -(-front_end.n_fft // 2 // hop)  # frames that reach into their neighbours' samples
    parts = []
    with torch.no_grad():
        for first in range(0, frames, FRAMES_AT_ONCE):
            report(Progress(first, frames, "analysing"))
            count, skipped = min(FRAMES_AT_ONCE, frames - first), min(first, around)
            start = (first - skipped) * hop
            stop = (first + count + around) * hop
            parts.append(front_end.drawn(front_end(y[start:stop])[:, skipped : skipped + count]))
    S: Floats = torch.cat(parts, dim=1).numpy()
    return S
