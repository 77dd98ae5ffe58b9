"""What a listener says of a whole file, over time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from engine.audio.features import Spectrogram
from engine.audio.labels import Interval
from engine.audio.waveform import AudioFile
from engine.checks import InputError
from engine.job import Progress, Report, silent
from engine.models.listener import Listener


@dataclass(frozen=True)
class Prediction:
    """A listener's answer to a file.

    Parameters
    ----------
    model, file
        Names.
    seconds
        Length of the file.
    labels
        Classes.
    times
        (frames,) in seconds: centre of the excerpt that each row of `probability` is about.
    probability
        float32 (frames, labels).
    decided
        int64 (frames,): index of the label decided on, after smoothing.
    threshold
        Of the decision.
    whole
        (labels,): probabilities of the file as one.
    label
        What is decided for the file as one.
    """

    model: str
    file: str
    seconds: float
    labels: tuple[str, ...]
    times: NDArray[np.float64]
    probability: NDArray[np.float32]
    decided: NDArray[np.int64]
    threshold: float
    whole: NDArray[np.float64]
    label: str

    def segments(self) -> list[Interval]:
        """Stretches of one decision; together they cover the file."""
        changes = np.flatnonzero(np.diff(self.decided)) + 1
        starts = np.concatenate([[0], changes])
        borders = np.concatenate([[0.0], (self.times[changes - 1] + self.times[changes]) / 2, [self.seconds]])
        return [Interval(float(borders[i]), float(borders[i + 1]), self.labels[int(self.decided[first])])
                for i, first in enumerate(starts)]

    def as_json(self, every: float | None = None) -> dict[str, Any]:
        """Plain numbers and names; the curve averaged over `every` seconds where given."""
        times, probability = self.averaged(every) if every else (self.times, self.probability)
        return {"model": self.model, "file": self.file, "seconds": self.seconds, "labels": list(self.labels),
                "probability": self.whole.tolist(), "label": self.label, "threshold": self.threshold,
                "curve": {"times": np.round(times, 4).tolist(), "probability": np.round(probability, 5).tolist()},
                "segments": [{"start": s.start, "end": s.end, "label": s.name} for s in self.segments()]}

    def averaged(self, every: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Mean time and probability of each stretch of `every` seconds."""
        bins = np.floor(self.times / every + 1e-9).astype(np.int64)  # 0.3 / 0.1 is a little less than 3
        bins = np.minimum(bins, max(0, math.ceil(self.seconds / every - 1e-9) - 1))  # a frame may lie at the very end
        first = np.flatnonzero(np.diff(bins, prepend=-1))
        counts = np.diff(np.append(first, len(bins)))
        return (np.add.reduceat(self.times, first) / counts,
                np.add.reduceat(self.probability.astype(np.float64), first) / counts[:, None])


def predict(file: AudioFile, listener: Listener, *, report: Report = silent) -> Prediction:
    """Listen to a whole file; memory grows by the spectrogram only."""
    return predict_spectrogram(listener.front_end.spectrogram_of_file(file, report), listener, file=file.name,
                           seconds=file.seconds, report=report)


def predict_spectrogram(spectrogram: Spectrogram, listener: Listener, *, file: str, seconds: float,
                    report: Report = silent) -> Prediction:
    """The same from a spectrogram that is there already."""
    frames = spectrogram.S.shape[1]
    scores, done = [], 0
    for block in listener.curve(spectrogram.S):
        scores.append(block)
        done += len(block)
        report(Progress(done, frames, "listening"))
    with torch.inference_mode():
        probability = listener.probabilities(torch.cat(scores)).numpy()
    if not np.isfinite(probability).all():
        raise InputError(f"{file}: the model answers with NaN; is the recording far beyond full scale?")
    whole, label = listener.overall(spectrogram.S, probability)
    return Prediction(listener.name, file, seconds, listener.labels,
                      np.arange(frames) / spectrogram.frames_per_second, probability, listener.decided(probability),
                      listener.threshold, whole, listener.labels[label])
