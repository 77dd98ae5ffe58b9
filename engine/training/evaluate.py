"""How often a singing-voice detector is right: per frame, per song and overall.

Conventions: a frame is positive where its centre lies in a labelled segment; scores are the median-filtered
probabilities that the decision is made on; a figure that does not exist (AUROC of a song of one class) is None.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from engine.audio.waveform import AudioFile
from engine.job import Progress, Report, silent
from engine.listening.predict import predict
from engine.models.svd_listener import SvdListener
from engine.training.datasets import voice_songs

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Figures:
    """Frame-wise figures, 0 to 1; None where the data do not define one."""

    error: float
    precision: float | None
    recall: float | None
    f1: float | None
    auroc: float | None


def figures(truth: Bools, score: Floats, threshold: float) -> Figures:
    """Figures of scores (frames,) against truth (frames,); positive is score >= threshold."""
    said = score >= threshold
    right = int((truth & said).sum())
    precision = right / int(said.sum()) if said.any() else None
    recall = right / int(truth.sum()) if truth.any() else None
    f1 = None if not said.any() and not truth.any() else 2 * right / (int(said.sum()) + int(truth.sum()))
    auroc = float(roc_auc_score(truth, score)) if truth.any() and not truth.all() else None
    return Figures(float((truth != said).mean()), precision, recall, f1, auroc)


def best_threshold(truth: Bools, score: Floats) -> tuple[float, float]:
    """The threshold in 0.05, 0.06 .. 0.95 of least error, and that error; the middle one of equals."""
    candidates = np.round(np.arange(0.05, 0.951, 0.01), 2)
    errors = np.array([(truth != (score >= t)).mean() for t in candidates])
    best = np.flatnonzero(errors == errors.min())
    middle = int(best[len(best) // 2])
    return float(candidates[middle]), float(errors[middle])


def interval_over_songs(
    errors: Sequence[float], frames: Sequence[int], *, draws: int = 2000, seed: int = 0
) -> tuple[float, float]:
    """95 % percentile bootstrap interval of the overall error, drawing whole songs with replacement."""
    rng = np.random.default_rng(seed)
    picks = rng.integers(0, len(errors), (draws, len(errors)))
    e, n = np.asarray(errors), np.asarray(frames)
    low, high = np.percentile((e[picks] * n[picks]).sum(1) / n[picks].sum(1), [2.5, 97.5])
    return float(low), float(high)


def evaluate_svd(listener: SvdListener, data: str, split: str | None = None, report: Report = silent) -> dict[str, Any]:
    """Figures of a singing-voice listener on a folder, frame by frame, with the threshold of its card.

    Returns
    -------
    dict
        error, precision, recall, f1, auroc, threshold, error_interval (95 %, bootstrap over songs), n_songs, and
        songs: id, error, auroc, minutes.
    """
    songs, truths, scores = [], [], []
    found = voice_songs(data, split)
    for i, song in enumerate(found):
        report(Progress(i, len(found), f"listening to {song.id}"))
        file = AudioFile(song.audio)
        prediction = predict(file, listener)
        truth, score = song.truth(prediction.times), listener.smoothed(prediction.probability)
        own = figures(truth, score, listener.threshold)
        songs.append({"id": song.id, "error": own.error, "auroc": own.auroc, "minutes": file.seconds / 60})
        truths.append(truth)
        scores.append(score)
    overall = figures(np.concatenate(truths), np.concatenate(scores), listener.threshold)
    interval = interval_over_songs([figures(t, s, listener.threshold).error
                                    for t, s in zip(truths, scores, strict=True)], [len(t) for t in truths])
    return {**asdict(overall), "error_interval": interval, "threshold": listener.threshold, "n_songs": len(songs),
            "songs": songs}
