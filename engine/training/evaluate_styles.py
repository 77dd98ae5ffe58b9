"""How often a style classifier is right: per class, per track and overall.

Conventions: the decision on an excerpt is the label that the votes of all its frames or patches give most; the rest
as in `engine.explain.recall`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from engine.audio.waveform import AudioFile
from engine.checks import InputError, shown
from engine.explain.recall import figures, interval_over_tracks
from engine.job import Progress, Report, silent
from engine.models.listener import Listener
from engine.training.style_data import PARTS, Excerpt, in_part, is_dealt_by_table, style_excerpts


def evaluate_styles(listener: Listener, data: str, split: str | None = None, report: Report = silent, *,
                    decide: Callable[[Listener, Excerpt], int] | None = None) -> dict[str, Any]:
    """Figures of a style classifier on one part of a folder, in the partition of its card.

    Parameters
    ----------
    listener
        The classifier.
    data
        Folder as `style_excerpts` reads it.
    split
        "train", "valid", "test", "all", or None: the test part where there is one, else all; of a folder without
        tracks.csv all, unless the classifier learnt from such a folder.
    decide
        What the classifier decides on for an excerpt, where features are there already; None listens to it.

    Returns
    -------
    dict
        mean_recall, mean_recall_interval (95 %, bootstrap over tracks), accuracy, recall (per class), labels,
        confusion, partition, split, n_excerpts, n_tracks, n_artists, and tracks: track, artist, label, excerpts, right
        and said (what each excerpt was taken for).

    Raises
    ------
    InputError
        When the folder has classes that the classifier does not know, or an excerpt cannot be judged.
    """
    partition = str(listener.card.get("partition", "artist"))
    everything = style_excerpts(data)
    if split is None:
        dealt = is_dealt_by_table(data) or listener.card.get("data", {}).get("by_hash", False)
        split = PARTS[-1] if dealt and any(e.parts.get(partition) == PARTS[-1] for e in everything) else "all"
    excerpts = in_part(everything, partition, split)
    if unknown := {excerpt.label for excerpt in excerpts} - set(listener.labels):
        raise InputError(f"{shown(data)}: expected folders named like the classes of {listener.name} "
                         f"({', '.join(listener.labels)}), found {', '.join(sorted(unknown))}")
    said = []
    for i, excerpt in enumerate(excerpts):
        report(Progress(i, len(excerpts), f"listening to {excerpt.id}"))
        said.append((decide or decided)(listener, excerpt))
    truth = np.array([listener.labels.index(excerpt.label) for excerpt in excerpts])
    tracks = _tracks(excerpts, [listener.labels[i] for i in said])
    return {**figures(truth, np.array(said), listener.labels),
            "mean_recall_interval": interval_over_tracks([track["label"] for track in tracks],
                                                         [track["right"] for track in tracks],
                                                         [track["excerpts"] for track in tracks]),
            "partition": partition, "split": split, "n_excerpts": len(excerpts), "n_tracks": len(tracks),
            "n_artists": len({excerpt.artist for excerpt in excerpts}), "tracks": tracks}


def decided(listener: Listener, excerpt: Excerpt) -> int:
    """Index of the label that a classifier decides on for an excerpt.

    Raises
    ------
    InputError
        When the excerpt is shorter than a patch.
    """
    S = listener.front_end.spectrogram_of_file(AudioFile(excerpt.audio)).S
    if S.shape[1] < listener.window:
        raise InputError(f"{shown(excerpt.audio)}: expected {listener.window_seconds:.1f} s of music or more, "
                         f"got {S.shape[1] / listener.front_end.frames_per_second:.1f} s; take it out of the data")
    with torch.inference_mode():
        return int(listener.verdict(listener.votes(S)).argmax())


def _tracks(excerpts: list[Excerpt], said: list[str]) -> list[dict[str, Any]]:
    tracks: dict[tuple[str, str], dict[str, Any]] = {}
    for excerpt, label in zip(excerpts, said, strict=True):
        track = tracks.setdefault((excerpt.label, excerpt.track), {
            "track": excerpt.track, "artist": excerpt.artist, "label": excerpt.label, "excerpts": 0, "right": 0,
            "said": []})
        track["excerpts"] += 1
        track["right"] += int(label == excerpt.label)
        track["said"].append(label)
    return list(tracks.values())
