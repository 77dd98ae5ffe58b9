"""Looks after the output: opens it, sees it vanish, runs a silent clock meanwhile, finds it again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Protocol

from gui.player.outputs import DeviceError, Output, SilentClock
from gui.player.transport import Transport

WATCH_SECONDS = 0.25     # how often the device is looked after
RETRY_SECONDS = 3.0      # how often a lost device is looked for


class Backend(Protocol):
    """What can open outputs; `PortAudio` is one."""

    def rescan(self) -> None:
        """Look again which devices there are."""

    def devices(self) -> Mapping[str, int]:
        """What can play, by name."""

    def open(self, name: str | None, rate: int) -> Output:
        """An output, or a `DeviceError`."""


class Keeper:
    """Keeps an output under a transport, in a thread of its own, for devices take their time.

    Parameters
    ----------
    transport
        What the output pulls.
    backend
        Opens devices.
    changed
        Called from the thread when the output is another.
    problem
        Called from the thread with one sentence, once until a device plays again.
    listed
        Called from the thread when the devices are others.
    """

    def __init__(self, transport: Transport, backend: Backend, *, changed: Callable[[], None],
                 problem: Callable[[str], None], listed: Callable[[], None]) -> None:
        self._transport, self._backend = transport, backend
        self._changed, self._problem, self._told_listed = changed, problem, listed
        self.devices: tuple[str, ...] = ()
        self.device: str | None = None
        self.silent = False
        self._output: Output | None = None
        self._needed = self._listing = self._again = self._complained = self._closing = False
        self._attend = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sound device", daemon=True)

    @property
    def late(self) -> int:
        """Underruns that the device itself has counted."""
        return getattr(self._output, "late", 0)

    def now(self) -> float:
        """Seconds on the clock of the output."""
        output = self._output
        return output.now() if output else 0.0

    def need(self) -> None:
        """There shall be an output from now on."""
        self._needed = True
        self._wake()

    def prefer(self, device: str | None) -> None:
        """Play through another device, None for the system's default."""
        self.device, self._again, self._complained = device, True, False
        self._wake()

    def suit(self, rate: int) -> None:
        """A song of this rate is played from now on: open again if that saves resampling."""
        if self._output and self._output.rate != rate:
            self._again = True
            self._wake()

    def look(self) -> None:
        """See which devices there are."""
        self._listing = True
        self._wake()

    def close(self) -> None:
        """End the output and the thread; waits a second at most."""
        self._closing = True
        self._attend.set()
        if self._thread.is_alive():
            self._thread.join(1.0)

    def _wake(self) -> None:
        if self._thread.ident is None:
            self._thread.start()
        self._attend.set()

    def _run(self) -> None:
        tried = 0.0
        while not self._closing:
            if self._listing:
                self._list()
            lost = self._output is not None and not self.silent and not self._alive()
            retry = self.silent and self._transport.playing and time.monotonic() - tried > RETRY_SECONDS
            if self._needed and (self._output is None or self._again or lost or retry):
                self._again = False
                self._open(lost=lost)
                tried = time.monotonic()
            self._attend.wait(WATCH_SECONDS if self._needed else None)
            self._attend.clear()
        if self._output:
            self._output.close()

    def _alive(self) -> bool:
        try:
            return self._output is not None and self._output.alive()
        except Exception:    # a device that is gone may answer with anything
            return False

    def _list(self) -> None:
        self._listing = False
        try:
            if self._output is None or self.silent:
                self._backend.rescan()
            found = tuple(self._backend.devices())
        except DeviceError:
            found = ()
        if found != self.devices:
            self.devices = found
            self._told_listed()

    def _open(self, *, lost: bool) -> None:
        """Open what is preferred, or the silent clock; what plays goes on at the same position."""
        source, was = self._transport.wanted.source, self._output
        rate = source.sr if source else self._transport.rate
        if was and not self.silent:
            was.close()      # many devices can be opened once only
        try:
            if lost or self.silent:
                self._backend.rescan()
            self._adopt(self._backend.open(self.device, rate), silent=False)
            self._complained = False
        except DeviceError as error:
            if not self.silent:
                self._adopt(SilentClock(rate), silent=True)
            if not self._complained:
                self._complained = True
                reason = "the sound device was lost" if lost else str(error)
                self._problem(f"No sound can be heard ({reason}): playing goes on silently, and everything else "
                              "works.")
        self._changed()

    def _adopt(self, output: Output, *, silent: bool) -> None:
        now = self.now()
        if self._output and self.silent:
            self._output.close()
        self._transport.configure(output.rate, output.channels, now)
        self._output, self.silent = output, silent
        output.start(self._transport.pull)
