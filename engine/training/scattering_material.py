"""Scattering features of folders of labelled music, kept per file so that nothing is scattered twice."""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import platformdirs
from numpy.typing import NDArray

from engine.audio.interventions import Treatment
from engine.audio.scattering_features import FLOOR, FLOOR_OF_RATIO, ScatteringFrontEnd
from engine.audio.waveform import AudioFile
from engine.checks import shown
from engine.disk import growing
from engine.explain.dissect import treated
from engine.job import Progress, Report, silent
from engine.training.style_data import Excerpt

TREATED = 2   # goes up when an intervention changes: what was kept of it is made again


@dataclass(frozen=True)
class Scattered:
    """An excerpt with its features, float32 (windows, rows)."""

    excerpt: Excerpt
    windows: NDArray[np.float32]


def cache_folder() -> Path:
    """Where features are kept."""
    return Path(platformdirs.user_cache_dir("otoscope")) / "scattering"


def scattered(excerpts: list[Excerpt], front_end: ScatteringFrontEnd, *, cache: Path | None = None,
              treatment: Treatment | None = None, report: Report = silent) -> list[Scattered]:
    """Features of all excerpts, perhaps after an intervention; those that an earlier run has made are read.

    Raises
    ------
    InputError
        When an excerpt cannot be read.
    """
    cache = cache_folder() if cache is None else cache
    with contextlib.suppress(OSError):
        cache.mkdir(parents=True, exist_ok=True)
    found = []
    for i, excerpt in enumerate(excerpts):
        report(Progress(i, len(excerpts), f"scattering {excerpt.id}"))
        found.append(Scattered(excerpt, _of_file(excerpt.audio, front_end, cache, treatment)))
    return found


def _of_file(audio: Path, front_end: ScatteringFrontEnd, cache: Path,
             treatment: Treatment | None) -> NDArray[np.float32]:
    settings = f"{front_end.sr} {front_end.hop_length} {FLOOR} {FLOOR_OF_RATIO}"
    settings += f" {TREATED} {treatment.words}" if treatment else ""
    name = hashlib.sha256(settings.encode() + audio.read_bytes()).hexdigest()
    path = cache / f"{name}.npy"
    if path.exists():
        try:
            kept = np.load(path, allow_pickle=False)
            if kept.ndim == 2 and kept.shape[1] == front_end.bands:
                return np.asarray(kept, dtype=np.float32)
        except (OSError, ValueError, EOFError):
            path.unlink(missing_ok=True)  # cut short by a full disk: made again
    spectrogram = (front_end.spectrogram(treated(treatment, AudioFile(audio).read(), shown(audio))) if treatment
                   else front_end.spectrogram_of_file(AudioFile(audio)))
    windows = np.ascontiguousarray(spectrogram.S.T.numpy())
    with contextlib.suppress(OSError), growing(path) as file:   # a full disk makes it slower, and nothing worse
        np.save(file, windows)
    return windows
