"""Other tempo at the same pitch, other pitch at the same tempo."""

from __future__ import annotations

import numpy as np
import soxr

from engine.audio.stretch import Stretcher
from engine.audio.waveform import Waveform
from engine.checks import within


def stretched(waveform: Waveform, *, tempo: float) -> Waveform:
    """The sound `tempo` times as fast, its pitch kept, so 1 / tempo as long (`Stretcher`).

    Raises
    ------
    InputError
        When the tempo is not within 0.5 to 2.
    """
    within(tempo, 0.5, 2.0, "tempo")
    if tempo == 1.0 or not waveform.y.size:
        return waveform
    y = np.atleast_2d(waveform.y).T
    stretcher = Stretcher(sr=waveform.sr, channels=y.shape[1], speed=tempo)
    stretcher.push(np.pad(y, [(0, max(64, waveform.sr // 4)), (0, 0)]))  # its last grains wait for what follows
    out = stretcher.pull().T.reshape(*waveform.y.shape[:-1], -1)
    return Waveform(np.ascontiguousarray(out), waveform.sr).padded(max(1, round(y.shape[0] / tempo)))


def pitched(waveform: Waveform, *, semitones: float) -> Waveform:
    """The sound shifted in pitch, tempo and length kept: stretched, then read faster or slower.

    Raises
    ------
    InputError
        When the shift is not within -12 to 12 semitones.
    """
    within(semitones, -12.0, 12.0, "pitch shift in semitones")
    if semitones == 0.0 or not waveform.y.size:
        return waveform
    ratio = 2 ** (semitones / 12)
    longer = stretched(waveform, tempo=1 / ratio)
    y = soxr.resample(np.ascontiguousarray(longer.y.T), ratio, 1.0, quality="HQ").T
    return Waveform(np.ascontiguousarray(y, dtype=np.float32), waveform.sr).padded(waveform.y.shape[-1])
