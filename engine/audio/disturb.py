"""Small changes of a sound: level, offset, hum, polarity, delay, noise, a room. Nothing is clipped."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from engine.audio.waveform import Samples, Waveform
from engine.checks import InputError, within


def _like(waveform: Waveform, y: NDArray[np.float64]) -> Waveform:
    return Waveform(np.ascontiguousarray(y, dtype=np.float32), waveform.sr)


def gain(waveform: Waveform, *, gain_db: float) -> Waveform:
    """Louder or softer by `gain_db`."""
    return Waveform(waveform.y * np.float32(10 ** (gain_db / 20)), waveform.sr)


def inverted(waveform: Waveform) -> Waveform:
    """The other polarity."""
    return Waveform(-waveform.y, waveform.sr)


def shifted(waveform: Waveform, *, samples: int) -> Waveform:
    """Later by `samples` (earlier where negative): silence moves in, what moves out is lost."""
    n = waveform.y.shape[-1]
    moved = max(-n, min(n, samples))
    y = np.zeros_like(waveform.y)
    y[..., max(0, moved) : n + min(0, moved)] = waveform.y[..., max(0, -moved) : n - max(0, moved)]
    return Waveform(y, waveform.sr)


def with_offset(waveform: Waveform, *, offset: float) -> Waveform:
    """The sound with a constant added; full scale is 1."""
    return Waveform(waveform.y + np.float32(offset), waveform.sr)


def without_offset(waveform: Waveform) -> Waveform:
    """The sound without the mean of each channel."""
    if not waveform.y.size:
        return waveform
    return _like(waveform, waveform.y - waveform.y.mean(axis=-1, dtype=np.float64, keepdims=True))


def with_hum(waveform: Waveform, *, hz: float, level_db: float) -> Waveform:
    """The sound with a sine added to all channels, in dB below a full-scale sine.

    Raises
    ------
    InputError
        When the frequency is not below half the sample rate.
    """
    sine, _ = _quadrature(waveform, hz)
    return _like(waveform, waveform.y + 10 ** (level_db / 20) * sine)


def without_hum(waveform: Waveform, *, hz: float) -> Waveform:
    """The sound without the sine of this frequency that fits each channel best in least squares.

    A steady hum of exactly this frequency goes completely; one that drifts needs a band-stop.

    Raises
    ------
    InputError
        When the frequency is not below half the sample rate.
    """
    pair = np.stack(_quadrature(waveform, hz))
    y = np.atleast_2d(waveform.y).astype(np.float64)
    if not y.size:
        return waveform
    weights = np.linalg.lstsq(pair @ pair.T, pair @ (y - y.mean(axis=1, keepdims=True)).T, rcond=1e-9)[0]
    return _like(waveform, (y - weights.T @ pair).reshape(waveform.y.shape))


def _quadrature(waveform: Waveform, hz: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if not 0 < hz < waveform.sr / 2:
        raise InputError(f"hum: expected a frequency above 0 and below half the sample rate ({waveform.sr / 2:,g} Hz), "
                         f"got {hz:,g} Hz")
    turn = 2 * math.pi * hz / waveform.sr * np.arange(waveform.y.shape[-1])
    return np.sin(turn), np.cos(turn)


def with_noise(waveform: Waveform, *, snr_db: float, seed: int = 0) -> Waveform:
    """The sound with white Gaussian noise, each channel its own; the ratio is met over the whole of all channels.

    Silence stays silent: no noise is any number of dB below it.
    """
    draw = np.random.default_rng(seed).standard_normal(waveform.y.shape)
    wanted = _power(waveform.y) * 10 ** (-snr_db / 10)
    return _like(waveform, waveform.y + draw * math.sqrt(wanted / max(_power(draw), 1e-30)))


def in_a_room(waveform: Waveform, *, decay_s: float, direct_db: float, snr_db: float, seed: int = 0) -> Waveform:
    """As if recorded again in a room: exponentially decaying noise as echo, and a noise floor.

    The impulse response is a direct path without delay, then white Gaussian noise whose level falls by 60 dB in
    `decay_s` (J. A. Moorer: About this reverberation business, Computer Music Journal 3, 1979), each channel its
    own. The level stays what it was for white input; loudspeaker and microphone are left out.

    Parameters
    ----------
    waveform
        Any rate, any number of channels.
    decay_s
        Reverberation time T60 in seconds.
    direct_db
        Energy of the direct path over that of the echo, dB.
    snr_db
        Of the white noise added at the end.
    seed
        Of echo and noise.

    Raises
    ------
    InputError
        When the reverberation time is not within 0 to 20 s.
    """
    within(decay_s, 0.0, 20.0, "reverberation time in s")
    y = np.atleast_2d(waveform.y).astype(np.float64)
    n = max(1, round(decay_s * waveform.sr))
    echo = np.random.default_rng(seed).standard_normal((len(y), n)) * 10 ** (-3 * np.arange(n) / n)
    echo[:, 0] = 0
    share = 10 ** (-direct_db / 10)
    echo *= np.sqrt(share / np.maximum(np.square(echo).sum(axis=1, keepdims=True), 1e-30))
    echo[:, 0] = 1
    if not y.size:
        return waveform
    wet = signal.oaconvolve(y, echo / math.sqrt(1 + share), axes=1)[:, : y.shape[1]]
    return with_noise(_like(waveform, wet.reshape(waveform.y.shape)), snr_db=snr_db, seed=seed + 1)


def _power(y: Samples | NDArray[np.float64]) -> float:
    return float(np.square(y, dtype=np.float64).mean()) if y.size else 0.0
