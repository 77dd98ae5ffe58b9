"""High-pass, low-pass and band-stop: Butterworth filters, zero-phase or causal.

Zero-phase runs a filter of order 4 forwards and backwards: -6 dB at the cut-off, then 48 dB per octave, nothing
moves in time. Causal runs one of order 8 forwards, as a device would: -3 dB at the cut-off, 48 dB per octave.
"""

from __future__ import annotations

import numpy as np
from scipy import signal

from engine.audio.waveform import Waveform
from engine.checks import InputError

ORDER = 8
LOWEST_HZ = 0.1
PERIODS_AROUND = 3.0  # of the cut-off, by which a sound is continued at its ends before it is filtered both ways


def high_pass(waveform: Waveform, *, cutoff_hz: float, causal: bool = False) -> Waveform:
    """The sound without what lies below `cutoff_hz`.

    Raises
    ------
    InputError
        When the cut-off is not above 0 and below half the sample rate.
    """
    return _filtered(waveform, "highpass", (_checked(cutoff_hz, waveform.sr, "high-pass"),), causal)


def low_pass(waveform: Waveform, *, cutoff_hz: float, causal: bool = False) -> Waveform:
    """The sound without what lies above `cutoff_hz`.

    Raises
    ------
    InputError
        When the cut-off is not above 0 and below half the sample rate.
    """
    return _filtered(waveform, "lowpass", (_checked(cutoff_hz, waveform.sr, "low-pass"),), causal)


def band_stop(waveform: Waveform, *, low_hz: float, high_hz: float, causal: bool = False) -> Waveform:
    """The sound without what lies between two frequencies.

    Raises
    ------
    InputError
        When an edge is not above 0 and below half the sample rate, or the edges are in the wrong order.
    """
    edges = _checked(low_hz, waveform.sr, "band-stop"), _checked(high_hz, waveform.sr, "band-stop")
    if low_hz >= high_hz:
        raise InputError(f"band-stop: expected the lower edge first, got {low_hz:,g} to {high_hz:,g} Hz")
    return _filtered(waveform, "bandstop", edges, causal)


def _checked(hz: float, sr: int, what: str) -> float:
    if not LOWEST_HZ <= hz < sr / 2:  # NaN fails too
        raise InputError(f"{what}: expected a frequency from {LOWEST_HZ:g} Hz to below half the sample rate "
                         f"({sr / 2:,g} Hz), got {hz:,g} Hz")
    return hz


def _filtered(waveform: Waveform, kind: str, edges: tuple[float, ...], causal: bool) -> Waveform:
    if not waveform.y.size:
        return waveform
    y = waveform.y.astype(np.float64)
    # scipy doubles the order of band-stops
    order = ORDER // (1 if causal else 2) // len(edges)
    sos = signal.butter(order, edges if len(edges) > 1 else edges[0], kind, fs=waveform.sr, output="sos")
    if causal:  # as if the first sample had always been there: an offset makes no thump
        state = signal.sosfilt_zi(sos).reshape(len(sos), *[1] * (y.ndim - 1), 2) * y[..., :1]
        out, _ = signal.sosfilt(sos, y, zi=state)
    else:
        around = min(y.shape[-1] - 1, round(PERIODS_AROUND * waveform.sr / edges[0]))
        out = signal.sosfiltfilt(sos, y, padtype="even", padlen=around)
    return Waveform(np.ascontiguousarray(out, dtype=np.float32), waveform.sr)
