"""Opening a sound that was changed on purpose, together with what was changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from engine.audio.features import FrontEnd
from engine.audio.pyramid import Floats, ImagePyramid
from engine.audio.waveform import Waveform, write_wav
from engine.job import Report, silent
from engine.listening.opening import Song, open_song

DECIBELS = 20 / np.log(10)  # of a natural logarithm of magnitude
MOST_DB = 20.0              # a larger change looks as large as this one


def open_perturbed(path: Path, changed: Waveform, original: Waveform, front_end: FrontEnd,
                   report: Report = silent) -> Song:
    """Write a changed sound as float WAV, unless it lies there already, and open it with its change as a picture.

    Parameters
    ----------
    path
        Where to; its folder is made if need be.
    changed, original
        Of the same length.

    Raises
    ------
    InputError
        When the file cannot be used.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_wav(path, changed)
    song = open_song(path, front_end, report)
    before, after = (front_end.drawn(S).numpy() for S in (front_end.spectrogram(original).S, song.spectrogram.S))
    return replace(song, change=change_image(before, after, low=song.image.low, report=report))


def change_image(before: Floats, after: Floats, *, low: float, report: Report = silent) -> ImagePyramid:
    """|change| in dB of each bin as a picture from 0 to MOST_DB.

    Parameters
    ----------
    before, after
        (bands, frames), natural log of magnitude.
    low
        Natural log of magnitude that is drawn as silence: changes below it are none.
    """
    frames = min(before.shape[1], after.shape[1])
    change = np.abs(np.maximum(after[:, :frames], low) - np.maximum(before[:, :frames], low)) * DECIBELS
    image = ImagePyramid.of(change.astype(np.float32), low=0.0, high=MOST_DB, report=report)
    return replace(image, contrast=((0, 255),) * len(image.levels))  # a colour means as many dB at every zoom
