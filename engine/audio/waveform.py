"""Sound as a value, and sound files as they come: any rate, any length, never trusted."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile as sf
import soxr
from numpy.typing import NDArray

from engine.checks import InputError, shown

Samples = NDArray[np.float32]
LONGEST_SECONDS = 4 * 3600.0
LOWEST_RATE, HIGHEST_RATE = 1000, 1_000_000   # Hz
MOST_CHANNELS = 64
LOUDEST = 1e6           # of a sample: 120 dB above full scale, beyond which spectra overflow
BLOCK_SECONDS = 5.0
MP3_RUN_UP = 16384  # soundfile seeks after each read, and an MP3 decoder needs some frames to be right again


@dataclass(frozen=True)
class Waveform:
    """Samples with their rate.

    Parameters
    ----------
    y
        float32, (samples,) for mono or (channels, samples); nominal range -1 to 1, float input may exceed it.
    sr
        Sample rate in Hz.
    """

    y: Samples
    sr: int

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return float(self.y.shape[-1] / self.sr)

    def mono(self) -> Waveform:
        """Mean of the channels."""
        return self if self.y.ndim == 1 else Waveform(self.y.mean(axis=0, dtype=np.float32), self.sr)

    def cut(self, start: float, stop: float) -> Waveform:
        """The part from `start` to `stop` in seconds, clipped to what there is."""
        first, last = max(0, round(start * self.sr)), max(0, round(stop * self.sr))
        return Waveform(self.y[..., first:last], self.sr)

    def resampled(self, sr: int) -> Waveform:
        """The same sound at another rate (soxr, high quality)."""
        if sr == self.sr:
            return self
        y = soxr.resample(np.ascontiguousarray(self.y.T), self.sr, sr, quality="HQ").T
        return Waveform(np.ascontiguousarray(y, dtype=np.float32), sr)

    def padded(self, samples: int) -> Waveform:
        """Exactly `samples` long: cut, or filled with silence at the end."""
        missing = samples - self.y.shape[-1]
        if missing <= 0:
            return Waveform(self.y[..., :samples], self.sr)
        return Waveform(np.pad(self.y, [(0, 0)] * (self.y.ndim - 1) + [(0, missing)]), self.sr)


class AudioFile:
    """A sound file that was looked at once and is read in pieces, so that length costs no memory.

    Raises
    ------
    InputError
        When the file is missing, is no audio, is empty, longer than four hours, or holds NaN or louder than
        any sound is.
    """

    def __init__(self, path: str | Path) -> None:
        if not str(path).strip():
            raise InputError("audio: expected the name of a file, got nothing")
        self.path = Path(path)
        self.name = shown(self.path)
        with self._open() as file:
            self.sr: int = file.samplerate
            self.channels: int = file.channels
            self.frames: int = file.frames
        if self.frames == 0:
            raise InputError(f"{self.name}: expected sound, found an audio file of length zero")
        if self.channels > MOST_CHANNELS or not LOWEST_RATE <= self.sr <= HIGHEST_RATE:
            raise InputError(f"{self.name}: expected 1 to {MOST_CHANNELS} channels and a sample rate from "
                             f"{LOWEST_RATE / 1000:g} kHz to {HIGHEST_RATE / 1e6:g} MHz, found "
                             f"{self.channels} channels at {self.sr} Hz; is the header damaged?")
        if self.seconds > LONGEST_SECONDS:
            raise InputError(f"{self.name}: {self.seconds / 3600:.1f} h is longer than the "
                             f"{LONGEST_SECONDS / 3600:.0f} h that can be opened; cut it first")

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return self.frames / self.sr

    def _open(self) -> sf.SoundFile:
        try:
            if self.path.is_dir():
                raise InputError(f"{self.name}: expected an audio file, found a folder")
            if self.path.stat().st_size == 0:
                raise InputError(f"{self.name}: expected audio, found an empty file")
            return sf.SoundFile(os.fspath(self.path))
        except InputError:
            raise
        except FileNotFoundError:
            raise InputError(f"{self.name}: there is no such file; was it moved or renamed?") from None
        except sf.LibsndfileError:  # its reasons mislead: it calls a text named .mp3 a file that does not exist
            raise InputError(f"{self.name}: expected audio (WAV, FLAC, OGG, MP3 or AIFF), found none in it; "
                             "is it damaged or renamed?") from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise InputError(f"{self.name}: could not be opened ({reason})") from None

    def blocks(self, seconds: float = BLOCK_SECONDS) -> Iterator[Samples]:
        """The whole file as float32 blocks of shape (samples, channels), at the file's own rate."""
        with self._open() as file:
            done = 0
            while True:
                block = self._read(file, max(1, round(seconds * self.sr)), done)
                if not len(block):
                    self.frames = min(self.frames, done)    # a header can promise more than there is
                    return
                done += len(block)
                yield block

    def read(self, start: float = 0.0, stop: float | None = None) -> Waveform:
        """From `start` to `stop` in seconds as a `Waveform` of shape (channels, samples) at the file's rate."""
        first = min(max(0, round(start * self.sr)), self.frames)
        last = self.frames if stop is None else min(max(first, round(stop * self.sr)), self.frames)
        step = max(1, round(BLOCK_SECONDS * self.sr))
        with self._open() as file:
            try:
                file.seek(first)
            except sf.LibsndfileError:
                raise InputError(f"{self.name}: could not go to {start:.1f} s; is the file damaged?") from None
            parts = []
            while first < last:     # a header can claim more than there is, and memory for all of it might not be there
                parts.append(self._read(file, min(step, last - first), first))
                if not len(parts[-1]):
                    break
                first += len(parts[-1])
        y = np.concatenate(parts) if parts else np.zeros((0, self.channels), np.float32)
        return Waveform(np.ascontiguousarray(y.T), self.sr)

    def _read(self, file: sf.SoundFile, frames: int, at: int) -> Samples:
        run_up = min(at, MP3_RUN_UP) if file.format == "MP3" else 0
        try:
            if run_up:
                file.seek(at - run_up)
            block: Samples = file.read(run_up + frames, dtype="float32", always_2d=True)[run_up:]
        except (sf.LibsndfileError, RuntimeError) as error:
            raise InputError(f"{self.name}: damaged after {at / self.sr:.1f} s ({error})") from None
        if not (np.abs(block) <= LOUDEST).all():    # nor is NaN
            bad = int(np.argmin((np.abs(block) <= LOUDEST).all(axis=1)))
            worst = np.abs(block[bad]).max()
            what = f"values around {worst:.0e}" if np.isfinite(worst) else "NaN or infinity"
            raise InputError(f"{self.name}: holds {what} at {(at + bad) / self.sr:.3f} s, where samples are about -1 "
                             "to 1; export it again from the program that wrote it")
        return block

    def mono_blocks(self, sr: int) -> Iterator[Samples]:
        """The whole file, mixed to mono at `sr` Hz, as blocks of shape (samples,)."""
        if sr == self.sr:
            for block in self.blocks():
                yield block.mean(axis=1, dtype=np.float32)
            return
        stream = soxr.ResampleStream(self.sr, sr, 1, dtype="float32", quality="HQ")
        for block in self.blocks():
            yield stream.resample_chunk(block.mean(axis=1, dtype=np.float32))
        yield stream.resample_chunk(np.zeros(0, np.float32), last=True)

    def mono(self, sr: int) -> Waveform:
        """The whole file, mixed to mono at `sr` Hz."""
        return Waveform(np.concatenate(list(self.mono_blocks(sr))), sr)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def write_wav(path: str | Path, waveform: Waveform, subtype: str = "FLOAT") -> None:
    """Write a WAV atomically: a temporary file beside it, then a rename. Float by default, so nothing clips."""
    path = Path(path)
    handle, temporary = tempfile.mkstemp(suffix=".wav", dir=path.parent)
    os.close(handle)
    try:
        os.chmod(temporary, 0o666 & ~_umask())
        sf.write(temporary, np.atleast_2d(waveform.y).T, waveform.sr, subtype=subtype, format="WAV")
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
