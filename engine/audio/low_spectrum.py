"""What lies below hearing: a spectrum fine enough to part 8 Hz from 9 Hz, which other views have in one bin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.audio.waveform import Waveform
from engine.checks import InputError

SR = 400              # Hz: enough for what lies up to 150 Hz
TOP_HZ = 150.0
WINDOW_SECONDS = 8.0
LOWEST_DB = -160.0    # of silence


@dataclass(frozen=True)
class LowSpectrum:
    """Mean power spectrum of a whole sound from 0 to 150 Hz.

    Parameters
    ----------
    hz
        (bins,): rising from 0.
    level_db
        (bins,): of a steady sine of that frequency, in dB below a full-scale one; at 0 Hz, of an offset, whose full
        scale is 1. At least -160.
    """

    hz: NDArray[np.float64]
    level_db: NDArray[np.float64]


def low_spectrum(waveform: Waveform) -> LowSpectrum:
    """The spectrum of the mean of the channels, over windows of 8 s (Hann, half overlapping) or the sound if shorter.

    P. D. Welch: The use of fast Fourier transform for the estimation of power spectra. IEEE Trans. Audio and
    Electroacoustics 15, 1967.

    Raises
    ------
    InputError
        When there is no sound.
    """
    if not waveform.y.size:
        raise InputError("audio: expected sound to look below hearing in, got none")
    y = waveform.mono().resampled(SR).y.astype(np.float64)
    n = min(len(y), round(WINDOW_SECONDS * SR))
    window = np.hanning(n + 1)[:n] if n > 2 else np.ones(n)
    frames = np.lib.stride_tricks.sliding_window_view(y, n)[:: max(1, n // 2)]
    power = np.square(np.abs(np.fft.rfft(frames * window)) / window.sum()).mean(axis=0)
    power[1:] *= 4  # a sine has half of its amplitude at its frequency, and half at the negative one
    hz = np.asarray(np.fft.rfftfreq(n, 1 / SR), dtype=np.float64)
    shown = hz <= TOP_HZ
    return LowSpectrum(hz[shown], np.maximum(10 * np.log10(np.maximum(power, 1e-30)), LOWEST_DB)[shown])
