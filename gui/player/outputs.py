"""Where sound goes: a device through PortAudio, or a silent clock that takes it at the same pace."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

import numpy as np

from engine.audio.waveform import Samples
from gui.player.transport import LARGEST_PULL

Pull = Callable[[Samples, float], None]
LATENCY_SECONDS = 0.06   # enough for a Python callback beside busy threads; more would be heard on a switch
LONGEST_LATENCY = 2.0    # what a device reports beyond it is not believed
STALLED_SECONDS = 1.0    # a device that has not asked for so long has vanished
STARTING_SECONDS = 5.0   # a sound server that was asleep fills its buffer and pauses before it begins
CALLS_TO_START = 20
TICK_SECONDS = 0.01


class DeviceError(Exception):
    """No sound can be played there; the message says why."""


class Output(Protocol):
    """Something that takes frames at a pace."""

    rate: int
    channels: int

    def start(self, pull: Pull) -> None:
        """Take frames from now on."""

    def now(self) -> float:
        """Seconds, on the clock that `pull` is told."""

    def alive(self) -> bool:
        """Whether it still takes frames."""

    def close(self) -> None:
        """Take no more."""


class SilentClock:
    """Takes frames in real time and drops them, so that everything but the ear works without a device."""

    def __init__(self, rate: int, channels: int = 2) -> None:
        self.rate, self.channels = rate, channels
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, pull: Pull) -> None:
        """See `Output.start`."""
        self._thread = threading.Thread(target=self._run, args=(pull,), name="silent clock", daemon=True)
        self._thread.start()

    def _run(self, pull: Pull) -> None:
        out = np.zeros((round(TICK_SECONDS * self.rate) + 1, self.channels), np.float32)
        started, done = time.perf_counter(), 0
        while not self._closing.wait(TICK_SECONDS):
            due = int((time.perf_counter() - started) * self.rate)
            if due - done > STALLED_SECONDS * self.rate:   # the computer slept: what was missed is not made up for
                started += (due - done) / self.rate
                continue
            while done < due:
                n = min(len(out), due - done)
                pull(out[:n], started + done / self.rate)
                done += n

    def now(self) -> float:
        """See `Output.now`."""
        return time.perf_counter()

    def alive(self) -> bool:
        """See `Output.alive`."""
        return True

    def close(self) -> None:
        """See `Output.close`."""
        self._closing.set()
        if self._thread:
            self._thread.join(1.0)


class DeviceOutput:
    """A stream of PortAudio.

    Raises
    ------
    DeviceError
        When the device cannot be opened.
    """

    def __init__(self, sd: Any, device: int | None, rate: int) -> None:
        try:
            info = sd.query_devices(device, "output")
            self.channels = max(1, min(2, info["max_output_channels"]))
            self.rate = rate
            try:
                sd.check_output_settings(device=device, channels=self.channels, dtype="float32",
                                         samplerate=rate)
            except (sd.PortAudioError, ValueError):
                self.rate = round(info["default_samplerate"])
            self._stream = sd.OutputStream(device=device, samplerate=self.rate, channels=self.channels,
                                           dtype="float32", latency=LATENCY_SECONDS, callback=self._callback)
        except (sd.PortAudioError, ValueError, OSError) as error:
            raise DeviceError(str(error)) from None
        self._problem = sd.PortAudioError
        self._pull: Pull | None = None
        self._last, self._calls = time.perf_counter(), 0
        self._latency = min(float(self._stream.latency), LONGEST_LATENCY)
        self.late = 0

    def start(self, pull: Pull) -> None:
        """See `Output.start`."""
        self._pull = pull
        self._last = time.perf_counter()
        try:
            self._stream.start()
        except self._problem as error:
            self.close()
            raise DeviceError(str(error)) from None

    def _callback(self, out: Samples, frames: int, when: Any, status: Any) -> None:
        heard_at, now = when.outputBufferDacTime, when.currentTime
        if not 0 <= heard_at - now <= LONGEST_LATENCY:   # some host interfaces do not tell
            heard_at = (now or self._stream.time) + self._latency
        if status.output_underflow:
            self.late += 1
        for first in range(0, frames, LARGEST_PULL):
            self._pull(out[first : first + LARGEST_PULL], heard_at + first / self.rate)  # type: ignore[misc]
        self._last = time.perf_counter()
        self._calls += 1

    def now(self) -> float:
        """See `Output.now`."""
        try:
            return float(self._stream.time)
        except self._problem:
            return 0.0

    def alive(self) -> bool:
        """See `Output.alive`."""
        patience = STALLED_SECONDS if self._calls > CALLS_TO_START else STARTING_SECONDS
        return bool(self._stream.active) and time.perf_counter() - self._last < patience

    def close(self) -> None:
        """See `Output.close`."""
        for end in (self._stream.abort, self._stream.close):
            with suppress(self._problem, OSError):
                end()


class PortAudio:
    """The sound devices of this machine. PortAudio is looked for at first use, for that takes its time."""

    def __init__(self) -> None:
        self._sd: Any = None

    def _library(self) -> Any:
        if self._sd is None:
            try:
                import sounddevice
            except (ImportError, OSError):
                raise DeviceError("the PortAudio library is missing") from None
            self._sd = sounddevice
        return self._sd

    def rescan(self) -> None:
        """Look again which devices there are; no stream may be open."""
        sd = self._library()
        with suppress(sd.PortAudioError):
            sd._terminate()   # PortAudio lists devices only when it starts; sounddevice has no public way
        with suppress(sd.PortAudioError):
            sd._initialize()

    def devices(self) -> dict[str, int]:
        """Names of what can play, each with its number; the interface is added where a name is not enough.

        Raises
        ------
        DeviceError
            When PortAudio does not say.
        """
        sd = self._library()
        try:
            found = [(i, d) for i, d in enumerate(sd.query_devices()) if d["max_output_channels"] > 0]
            interfaces = sd.query_hostapis()
        except (sd.PortAudioError, OSError, ValueError) as error:   # it could not be started again
            raise DeviceError(str(error)) from None
        names = [d["name"] for _, d in found]
        return {d["name"] + ("" if names.count(d["name"]) == 1 else f", {interfaces[d['hostapi']]['name']}"): i
                for i, d in found}

    def open(self, name: str | None, rate: int) -> Output:
        """A stream to a device, None for the default one, at `rate` where it can.

        Raises
        ------
        DeviceError
            When there is none or it cannot be opened.
        """
        sd = self._library()
        devices = self.devices()
        if name is not None and name not in devices:
            raise DeviceError(f"{name} is not connected")
        if not devices:
            raise DeviceError("there is no sound device")
        return DeviceOutput(sd, None if name is None else devices[name], rate)
