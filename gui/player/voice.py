"""One source from one moment on, at one speed, made ready for one output."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import soxr

from engine.audio.stretch import Stretcher
from engine.audio.waveform import Samples
from gui.player.sources import Source, mixed

SEAM_SECONDS = 0.005
PREROLL_SECONDS = 0.05   # resampler and stretcher hear it before the first frame, so that they start settled
STEP_SECONDS = 0.02


@dataclass(frozen=True)
class Loop:
    """From `start` to `stop`, both in seconds on the time line; `stop` itself is not heard."""

    start: float
    stop: float

    def wrapped(self, seconds: float) -> float:
        """Where a playing head is that has run on to `seconds` as if there were no loop."""
        if seconds < self.stop:
            return seconds
        return self.start + (seconds - self.start) % (self.stop - self.start)


def raised_cosine(n: int) -> Samples:
    """Rise from 0 to 1 over `n` frames, shape (n, 1); with its mirror it sums to one."""
    rise: Samples = (0.5 - 0.5 * np.cos(np.pi * (np.arange(n) + 0.5) / max(1, n))).astype(np.float32)[:, None]
    return rise


class Voice:
    """Frames of a source as an output wants them: looped, mixed, stretched, resampled, in this order.

    Parameters
    ----------
    source
        What is heard.
    start
        Where the first frame lies on the time line, in seconds; rounded to the source's samples.
    speed
        0.5 to 2, pitch kept.
    loop
        Played round and round once its stop is reached; rounded to the source's samples.
    rate, channels
        The output's sample rate in Hz and its number of channels.
    gain
        Factor on the samples.
    """

    def __init__(self, source: Source, *, start: float, speed: float, loop: Loop | None, rate: int,
                 channels: int, gain: float = 1.0) -> None:
        self._source, self._channels, self._gain = source, channels, np.float32(gain)
        sr = source.sr
        self._at = round(start * sr)
        self.start = self._at / sr
        self._first, self._last = (round(loop.start * sr), round(loop.stop * sr)) if loop else (0, 0)
        self.loop = Loop(self._first / sr, self._last / sr) if self._last > self._first else None
        self._fade = raised_cosine(min(round(SEAM_SECONDS * sr), (self._last - self._first) // 4))
        self._seam: Samples | None = None
        self.left = None if self.loop else max(0, round((source.seconds - self.start) / speed * rate))
        """Frames to come, None if it never ends."""
        self._stretcher = Stretcher(sr=sr, channels=channels, speed=speed) if speed != 1 else None
        self._resampler = (soxr.ResampleStream(sr, rate, channels, dtype="float32", quality="HQ")
                           if sr != rate else None)
        preroll = round(PREROLL_SECONDS * sr) if self._stretcher or self._resampler else 0
        self._at -= preroll
        self._drop = round(preroll / sr / speed * rate)
        self._step = max(1, round(STEP_SECONDS * sr))
        self._ready: Samples = np.zeros((0, channels), np.float32)

    def render(self, n: int) -> Samples:
        """The next `n` frames, shape (n, channels); fewer at the end.

        Raises
        ------
        InputError
            When the source cannot be read.
        """
        if self.left is not None:
            n = min(n, self.left)
        while len(self._ready) < n:
            block = self._pieces(self._step)
            if self._stretcher:
                self._stretcher.push(block)
                block = self._stretcher.pull()
            if self._resampler:
                block = self._resampler.resample_chunk(block)
            dropped = min(self._drop, len(block))
            self._drop -= dropped
            self._ready = np.concatenate([self._ready, block[dropped:]])
        out, self._ready = self._ready[:n], self._ready[n:]
        if self.left is not None:
            self.left -= n
        return out

    def _pieces(self, n: int) -> Samples:
        """`n` frames of the source, read on round the loop."""
        out = np.empty((n, self._channels), np.float32)
        done = 0
        while done < n:
            if self.loop and self._at >= self._last:
                self._at = self._first + (self._at - self._first) % (self._last - self._first)
            take = min(n - done, self._last - self._at) if self.loop else n - done
            out[done : done + take] = self._piece(self._at, take)
            self._at += take
            done += take
        return out

    def _piece(self, at: int, n: int) -> Samples:
        """`n` frames that do not cross the loop's stop, faded towards it into what comes before its start."""
        y = mixed(self._source.read(at, n), self._channels)
        fade_at = self._last - len(self._fade)
        if self.loop and at + n > fade_at and len(self._fade):
            if self._seam is None:
                before = self._source.read(self._first - len(self._fade), len(self._fade))
                self._seam = mixed(before, self._channels)
            low = max(at, fade_at)
            part = slice(low - fade_at, at + n - fade_at)
            y[low - at :] += (self._seam[part] - y[low - at :]) * self._fade[part]
        return np.nan_to_num(y * self._gain, copy=False, posinf=0.0, neginf=0.0)
