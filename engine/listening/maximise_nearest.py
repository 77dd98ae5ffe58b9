"""The training excerpt that a made one is most like: what it is, and what of it can be heard."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from engine.audio.sonify import from_spectrogram
from engine.audio.waveform import AudioFile, Waveform
from engine.checks import InputError
from engine.job import Report, silent
from engine.listening.maximise_prior import MELS, turning
from engine.listening.maximise_real import ENDINGS
from engine.models import mel_bank, mel_gan
from engine.models.mel_bank import Source
from engine.models.mel_gan import BANDS, FRAMES


@dataclass(frozen=True)
class Nearest:
    """The real excerpt that a made one is most like, of those that the generator learnt from.

    Parameters
    ----------
    source
        The recording.
    start
        Seconds.
    distance
        Root mean square difference in standard deviations, over cells of five bands by five frames.
    usual
        What the distance is for real music that the generator has not heard: much less would be a copy.
    picture
        (16, 23): what is known of the real excerpt, standardised.
    """

    source: Source
    start: float
    distance: float
    usual: float
    picture: NDArray[np.float32]

    @property
    def is_copy(self) -> bool:
        """Whether it is nearer than half of what is usual."""
        return self.distance < self.usual / 2


def nearest_real(sound: Waveform, *, skip: int) -> Nearest:
    """The training excerpt nearest to a sound, from frame `skip` on."""
    gan, bank = mel_gan.load(), mel_bank.load()
    y = torch.from_numpy(sound.mono().resampled(MELS.sr).y)
    with torch.no_grad():
        heard = MELS(y)[:, skip:]
        if heard.shape[1] < FRAMES:     # of a short sound: forwards and backwards, as often as it takes
            heard = heard[:, turning(torch.arange(FRAMES), heard.shape[1] - 1)]
        S = ((heard[:, :FRAMES] - gan.mean) / gan.std)[None]
    which, distance = bank.nearest(S)
    i = int(which[0])
    return Nearest(mel_bank.source_of(bank.files[i]), float(bank.starts[i]), float(distance[0]),
                   float(gan.card["nearest"]["held_out"]), bank.standardised()[i].numpy())


def sound_of(nearest: Nearest, folder: Path | None = None, *, report: Report = silent) -> tuple[Waveform, Path | None]:
    """What can be heard of the real excerpt: the recording, where a folder has it, or else a sketch.

    Returns
    -------
    Waveform, Path or None
        The sound, and the recording that it is from; None: a sketch, made of the small picture.
    """
    recording = None if folder is None else next(
        (path for path in sorted(folder.rglob(f"{nearest.source.id}.*")) if path.suffix.lower() in ENDINGS), None)
    if recording is not None:
        try:
            seconds = FRAMES / MELS.frames_per_second
            return AudioFile(recording).read(nearest.start, nearest.start + seconds).mono(), recording
        except InputError:
            pass    # what has its name is no sound, or too short
    return sketch(nearest, report=report), None


def sketch(nearest: Nearest, *, report: Report = silent) -> Waveform:
    """What the small picture sounds like: loudness in bands of five by fourteenths of a second, over noise."""
    gan = mel_gan.load()
    picture = torch.from_numpy(nearest.picture)[None, None]
    S = F.interpolate(picture, (BANDS, FRAMES), mode="bilinear", align_corners=False)[0, 0] * gan.std + gan.mean
    return from_spectrogram(S, MELS, report=report)
