"""Where samples come from, all on the time line of the song that is open."""

from __future__ import annotations

import os
from typing import Protocol

import numpy as np
import soundfile as sf

from engine.audio.waveform import AudioFile, Samples, Waveform
from engine.checks import InputError

WINDOW = 65536        # frames read at once; soundfile seeks after every read, after which MP3 starts anew ...
RUN_UP = 16384        # ... and is right only when it has refilled its bit reservoir; OGG needs less
BLOCK_SECONDS = 0.1
QUIET = 1e-6          # mean square of -60 dB: passages below it say nothing about level
MOST_GAIN = 10.0      # 20 dB
PEAK = 0.98


class Source(Protocol):
    """Sound that can be read anywhere; outside of what there is lies silence."""

    @property
    def sr(self) -> int:
        """Sample rate in Hz."""

    @property
    def channels(self) -> int:
        """Number of channels."""

    @property
    def seconds(self) -> float:
        """Where the time line ends."""

    def read(self, first_sample: int, n: int) -> Samples:
        """Exactly `n` frames from `first_sample` (which may be negative) on, float32 of shape (n, channels).

        Raises
        ------
        InputError
            When the sound cannot be read.
        """


class FileSource:
    """A file that is read in pieces through one open handle, so that two hours cost no memory."""

    def __init__(self, file: AudioFile) -> None:
        self.sr, self.channels, self.seconds = file.sr, file.channels, file.seconds
        self._name, self._frames = file.name, file.frames
        self._held_from, self._held = 0, np.zeros((0, file.channels), np.float32)
        try:
            self._handle = sf.SoundFile(os.fspath(file.path))
        except (OSError, RuntimeError, TypeError) as error:
            raise InputError(f"{file.name}: could not be opened for playing ({error}); "
                             "was it moved?") from None

    def read(self, first_sample: int, n: int) -> Samples:
        """See `Source.read`."""
        out = np.zeros((n, self.channels), np.float32)
        at, last = min(max(0, first_sample), self._frames), min(first_sample + n, self._frames)
        while at < last:
            if not self._held_from <= at < self._held_from + len(self._held):
                self._hold(at)
            piece = self._held[at - self._held_from : last - self._held_from]
            if not len(piece):    # shorter than it said
                break
            out[at - first_sample : at - first_sample + len(piece)] = piece
            at += len(piece)
        return out

    def _hold(self, first: int) -> None:
        run_up = min(first, RUN_UP)
        try:
            self._handle.seek(first - run_up)
            block = self._handle.read(run_up + WINDOW, dtype="float32", always_2d=True)
        except (OSError, RuntimeError) as error:
            raise InputError(f"{self._name}: could not be read at {first / self.sr:.1f} s ({error}); "
                             "was it moved or changed while open?") from None
        self._held_from, self._held = first, block[run_up:]


class WaveformSource:
    """A waveform that sits somewhere on the time line of the song, with silence around.

    Parameters
    ----------
    waveform
        The sound.
    offset_seconds
        Where it begins on the time line.
    seconds
        Where the time line ends; at the end of the waveform if not given.
    """

    def __init__(self, waveform: Waveform, offset_seconds: float = 0.0, *,
                 seconds: float | None = None) -> None:
        self._y = np.ascontiguousarray(np.atleast_2d(waveform.y).T, dtype=np.float32)
        self.sr, self.channels = waveform.sr, self._y.shape[1]
        self._offset = round(offset_seconds * waveform.sr)
        self.seconds = offset_seconds + waveform.seconds if seconds is None else seconds

    def read(self, first_sample: int, n: int) -> Samples:
        """See `Source.read`."""
        out = np.zeros((n, self.channels), np.float32)
        first, last = max(0, first_sample - self._offset), min(first_sample - self._offset + n, len(self._y))
        if last > first:
            at = first + self._offset - first_sample
            out[at : at + last - first] = self._y[first:last]
        return out


def mixed(y: Samples, channels: int) -> Samples:
    """For the output's channels: mono goes to all, what fits stays, anything else is heard as its mean."""
    if y.shape[1] == channels:
        return y
    one = y.mean(axis=1, keepdims=True, dtype=np.float32) if y.shape[1] > 1 else y
    return np.repeat(one, channels, axis=1)


def level_gain(source: Source, reference: Source, *, start: float, stop: float) -> float:
    """The factor that makes `source` as loud as `reference` between two times.

    Mean squares over blocks of 0.1 s in which both can be heard; at most 20 dB, and never into clipping.

    Parameters
    ----------
    start, stop
        In seconds on the time line.
    """
    powers = []
    for each in (source, reference):
        block = max(1, round(BLOCK_SECONDS * each.sr))
        count = max(1, round((stop - start) / BLOCK_SECONDS))
        y = mixed(each.read(round(start * each.sr), count * block), 2)
        powers.append(np.square(y.reshape(count, -1), dtype=np.float64).mean(axis=1))
        if each is source:
            peak = float(np.abs(y).max())
    heard = (powers[0] > QUIET) & (powers[1] > QUIET)
    if not heard.any():
        return 1.0
    gain = float(np.sqrt(powers[1][heard].sum() / powers[0][heard].sum()))
    return float(min(max(gain, 1 / MOST_GAIN), MOST_GAIN, max(1.0, PEAK / peak)))
