"""Levels in bands of a twelfth of an octave from 1 Hz on, so long that infrasound is seen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from engine.audio.waveform import Waveform
from engine.job import Progress, Report, silent

Levels = NDArray[np.float64]
SEGMENT_SECONDS = 8.0    # of which spectra are averaged: bins an eighth of a hertz apart
LOW_HZ, HIGH_HZ = 1.0, 11025.0
PER_OCTAVE = 24
HALF_BAND = 2 ** (1 / 24)    # a band reaches so far to both sides: a twelfth of an octave
LOBE = 2.0                   # bins to both sides that a sine gets to through the window
FLOOR = 1e-20


def centres() -> Levels:
    """Of the bands, in Hz."""
    count = int(np.log2(HIGH_HZ / LOW_HZ) * PER_OCTAVE) + 1
    return np.asarray(LOW_HZ * 2 ** (np.arange(count) / PER_OCTAVE))


def levels(sound: Waveform, report: Report = silent) -> Levels:
    """Level of each band in dB: a full-scale sine within it has 0 dB (P. D. Welch's mean of windowed spectra, 1967).

    The lowest bands are as wide as the window lets a sine be; above half the sample rate there is nothing.
    """
    y, sr = sound.mono().y, sound.sr
    n = min(len(y), round(SEGMENT_SECONDS * sr))
    if n < 2:
        return np.full(len(centres()), 10 * np.log10(FLOOR))
    window = np.hanning(n).astype(np.float32)
    starts = np.unique(np.linspace(0, len(y) - n, max(1, round(2 * len(y) / n) - 1)).astype(np.int64))
    power = np.zeros(n // 2 + 1)
    for place, start in enumerate(starts):
        report(Progress(place, len(starts), "spectrum"))
        power += np.abs(fft.rfft(y[start : start + n] * window)) ** 2
    power *= 4 / (len(starts) * n * float(np.square(window, dtype=np.float64).sum()))  # of a sine: amplitude squared
    power[0] /= 2
    edges = (np.arange(n // 2 + 2) - 0.5) * sr / n
    sums = np.concatenate([[0.0], np.cumsum(power)])
    hz = centres()
    low, high = np.minimum(hz / HALF_BAND, hz - LOBE * sr / n), np.maximum(hz * HALF_BAND, hz + LOBE * sr / n)
    within = np.interp(high, edges, sums) - np.interp(low, edges, sums)
    return np.asarray(10 * np.log10(np.maximum(within, FLOOR)))
