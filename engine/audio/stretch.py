"""Slower or faster at the same pitch, piece by piece as the sound comes.

Waveform-similarity overlap-add (WSOLA: Verhelst & Roelands, ICASSP 1993): grains of 40 ms are laid 20 ms apart;
each is taken near the place where the speed wants it, there where it goes on best from the grain before it. Which
grain is taken depends on absolute positions only, so the size of the pieces that are pushed changes nothing.
"""

from __future__ import annotations

import numpy as np

from engine.audio.waveform import Samples
from engine.checks import InputError, within

HOP_SECONDS = 0.02       # half a grain: longer smears attacks, shorter roughens low voices
TOLERANCE_SECONDS = 0.01  # one period of 100 Hz: enough to line up the pitch periods of speech and song
COARSE = 4               # the search looks at every fourth sample first, then at each around the best


class Stretcher:
    """Takes sound in pieces and gives it back slower or faster, pitch kept.

    For another place in the song make a new one: it holds nothing worth keeping.

    Parameters
    ----------
    sr
        Sample rate in Hz.
    channels
        Number of channels; all are cut at the same places, so the stereo picture stays.
    speed
        0.5 to 2; below 1 is slower. At exactly 1 the samples pass untouched.

    Raises
    ------
    InputError
        When the speed is out of range.
    """

    def __init__(self, *, sr: int, channels: int, speed: float) -> None:
        self.speed = within(speed, 0.5, 2.0, "speed")
        self.channels = channels
        self._hop = max(COARSE, round(HOP_SECONDS * sr))
        self._reach = max(1, round(TOLERANCE_SECONDS * sr))
        rise = 0.5 - 0.5 * np.cos(np.pi * (np.arange(self._hop) + 0.5) / self._hop)
        self._rise = rise.astype(np.float32)[:, None]
        self._fall = 1 - self._rise
        self._input: Samples = np.zeros((0, channels), np.float32)
        self._first = 0          # absolute number of the first sample still held
        self._grain = 0          # number of the next grain
        self._tail: Samples | None = None   # what follows the last grain in the sound itself, (hop, channels)

    def push(self, block: Samples) -> None:
        """Take the next samples, shape (n, channels).

        Raises
        ------
        InputError
            When the number of channels is another.
        """
        if block.ndim != 2 or block.shape[1] != self.channels:
            raise InputError(f"stretch: expected samples of shape (n, {self.channels}), got {block.shape}")
        self._input = np.concatenate([self._input, block])

    def pull(self) -> Samples:
        """All that can be given by now, shape (n, channels); about 50 ms stay inside until more comes."""
        if self.speed == 1.0:
            out, self._input = self._input, self._input[:0]
            return out
        grains = []
        while (grain := self._next_grain()) is not None:
            grains.append(grain)
        return np.concatenate(grains) if grains else self._input[:0]

    def _next_grain(self) -> Samples | None:
        """One hop of output, or None while the search would look past what has come."""
        # the middle of the grain, not its start, is put where the speed wants it: else all would sound early
        target = max(0, round((self._grain + 1) * self._hop * self.speed) - self._hop)
        if target + self._reach + 2 * self._hop > self._first + len(self._input):
            return None
        low = max(0, target - self._reach)
        self._forget(low)
        at = target - self._first
        if self._tail is not None and self._tail.any():   # after silence every place is as good: stay on time
            around = self._input[low - self._first : at + self._reach + self._hop]
            at = low - self._first + self._best(around, self._tail)
        here = self._input[at : at + self._hop]
        out: Samples = here.copy() if self._tail is None else self._tail * self._fall + here * self._rise
        self._tail = self._input[at + self._hop : at + 2 * self._hop]
        self._grain += 1
        return out

    def _forget(self, before: int) -> None:
        if before > self._first:
            self._input = self._input[before - self._first :]
            self._first = before

    def _best(self, around: Samples, tail: Samples) -> int:
        """Offset into `around` where it is most like `tail`: normalised correlation, coarse, then fine."""
        one, wanted = around.sum(axis=1), tail.sum(axis=1)
        small, small_wanted = _thinned(one), _thinned(wanted)
        coarse = int(np.argmax(_likeness(small, small_wanted))) * COARSE
        low = max(0, coarse - COARSE)
        high = min(len(one) - len(wanted), coarse + COARSE)
        return low + int(np.argmax(_likeness(one[low : high + len(wanted)], wanted)))


def _thinned(y: Samples) -> Samples:
    """Every COARSE samples their mean: a crude low-pass, good enough to find the neighbourhood."""
    whole = len(y) // COARSE * COARSE
    out: Samples = y[:whole].reshape(-1, COARSE).mean(axis=1)
    return out


def _likeness(around: Samples, wanted: Samples) -> Samples:
    """Correlation of `wanted` with each piece of `around`, divided by the root of the piece's energy."""
    energy = np.cumsum(np.concatenate([[0.0], np.square(around, dtype=np.float64)]))
    energy = energy[len(wanted) :] - energy[: -len(wanted)]
    out: Samples = np.correlate(around, wanted, "valid") / np.sqrt(np.maximum(energy, 0) + 1e-9)
    return out
