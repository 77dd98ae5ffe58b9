"""The player as pages and views see it."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from engine.checks import InputError, within
from gui.player.keeper import Backend, Keeper
from gui.player.outputs import PortAudio
from gui.player.sources import Source
from gui.player.transport import Jump, Transport
from gui.player.voice import Loop

FEED_SECONDS = 0.015     # pace of the feeder while something plays
IDLE_SECONDS = 0.25
SWITCH_SECONDS = 0.001   # threads take turns this often: at Python's own 5 ms two busy ones starve the feeder
SHORTEST_LOOP = 0.02


class Player(QObject):
    """Plays sources and says what the ear hears now.

    One thread feeds, another looks after the device; nothing is imported or opened before it is needed, and
    the thread of the window never waits for either. Without a device a silent clock runs and everything else
    works.
    """

    state_changed = Signal()          # playing, source, speed, loop, volume or device: read the properties
    devices_changed = Signal()
    device_problem = Signal(str)      # one sentence, once until a device plays again
    reached_end = Signal()
    source_failed = Signal(str)       # one sentence; playing has stopped
    _told = Signal(object)            # a call for the thread of the window, from the others

    def __init__(self, parent: QObject | None = None, *, backend: Backend | None = None) -> None:
        super().__init__(parent)
        self._transport = Transport()
        self._keeper = Keeper(self._transport, backend or PortAudio(),
                              changed=lambda: self._told.emit(self.state_changed.emit),
                              problem=lambda sentence: self._told.emit(partial(self.device_problem.emit, sentence)),
                              listed=lambda: self._told.emit(self.devices_changed.emit))
        self._reference: Source | None = None
        self._volume = 1.0
        self._offset = 0.0
        self._closing = False
        self._hungry = threading.Event()
        self._feeder = threading.Thread(target=self._feed, name="feeder", daemon=True)
        self._told.connect(self._hear)

    @Slot(object)
    def _hear(self, call: Callable[[], None]) -> None:
        if not self._closing:
            call()

    # -- what is heard

    def set_source(self, source: Source, *, keep_position: bool = True, match_level: bool = False) -> None:
        """Hear another source, cross-faded in 10 ms.

        Parameters
        ----------
        source
            What to hear; on the same time line as before if the position is kept.
        keep_position
            If not, it starts at 0 without a loop, and is from now on what levels are matched to.
        match_level
            Make it as loud as the first source of this time line, in the loop or around the position.
        """
        first = self._reference is None or not keep_position
        if first:
            self._reference = source
        jump = {} if keep_position else {"jump": Jump(0.0), "loop": None}
        self._ask(source=source, reference=self._reference if match_level and not first else None, **jump)
        if first:
            self._keeper.suit(source.sr)

    def set_loop(self, start: float, stop: float | None) -> None:
        """Loop between two times in seconds; a `stop` of None (or too near to `start`) ends looping."""
        loop = Loop(max(0.0, start), stop) if stop is not None and stop - start >= SHORTEST_LOOP else None
        self._ask(loop=loop)

    def set_speed(self, speed: float) -> None:
        """0.5 to 1, pitch kept."""
        self._ask(speed=within(speed, 0.5, 1.0, "speed"))

    def set_volume(self, volume: float) -> None:
        """0 to 1; what is heard follows its cube, which the ear takes as even steps."""
        self._volume = within(volume, 0.0, 1.0, "volume")
        self._transport.set_volume(self._volume**3)
        self.state_changed.emit()

    def _ask(self, **wishes: object) -> None:
        self._transport.ask(**wishes)  # type: ignore[arg-type]  # names are checked there
        if self._feeder.ident is None:
            sys.setswitchinterval(min(sys.getswitchinterval(), SWITCH_SECONDS))
            self._feeder.start()
        self._hungry.set()
        self.state_changed.emit()

    # -- transport

    def play(self) -> None:
        """Go on; from the beginning if the end was reached."""
        if self.source is None:
            return
        if self._transport.ended(self._now()):
            self.seek(0.0)
        self._transport.play()
        self._keeper.need()
        self._hungry.set()
        self.state_changed.emit()

    def pause(self) -> None:
        """Hold here."""
        self._transport.pause()
        self.state_changed.emit()

    def stop(self) -> None:
        """Hold, and go back to the start of the loop or of the song."""
        self.pause()
        loop = self.loop
        self.seek(loop.start if loop else 0.0)

    def toggle(self) -> None:
        """Play or pause."""
        if self.playing:
            self.pause()
        else:
            self.play()

    def seek(self, seconds: float) -> None:
        """Go to a time, clipped to what there is."""
        end = self.source.seconds if self.source else 0.0
        self._ask(jump=Jump(min(max(0.0, seconds), end)))

    def position(self) -> float:
        """Seconds on the time line that the ear hears now."""
        return self._transport.position(self._now())

    def _now(self) -> float:
        return self._keeper.now() + self._offset

    def set_latency_offset_ms(self, milliseconds: float) -> None:
        """Added to the clock: negative where sound reaches the ear later than the device says (Bluetooth)."""
        self._offset = within(milliseconds, -2000.0, 2000.0, "latency offset") / 1000

    # -- state

    @property
    def playing(self) -> bool:
        """Whether it plays."""
        return self._transport.playing

    @property
    def source(self) -> Source | None:
        """What is heard."""
        return self._transport.wanted.source

    @property
    def loop(self) -> Loop | None:
        """What is looped, if anything."""
        return self._transport.wanted.loop

    @property
    def speed(self) -> float:
        """0.5 to 1."""
        return self._transport.wanted.speed

    @property
    def volume(self) -> float:
        """0 to 1."""
        return self._volume

    @property
    def underruns(self) -> int:
        """How often sound was not ready, here or in the device, since the start of the output."""
        return self._transport.underruns + self._keeper.late

    # -- devices

    def devices(self) -> tuple[str, ...]:
        """Names of the devices as last seen; looks again in the background, then `devices_changed`."""
        self._keeper.look()
        return self._keeper.devices

    @property
    def device(self) -> str | None:
        """The chosen device, None for the system's default."""
        return self._keeper.device

    @property
    def silent(self) -> bool:
        """Whether the silent clock runs in place of a device."""
        return self._keeper.silent

    def set_device(self, name: str | None) -> None:
        """Play through another device, None for the system's default, from the same position."""
        self._keeper.prefer(name)
        self.state_changed.emit()

    def close(self) -> None:
        """End the threads and the stream; waits a second at most for each."""
        self._transport.pause()
        self._closing = True
        self._hungry.set()
        self._keeper.close()
        if self._feeder.is_alive():
            self._feeder.join(1.0)
        self._transport.close()
        self._reference = None

    # -- the other threads

    def _feed(self) -> None:
        while not self._closing:
            try:
                self._transport.feed()
            except InputError as error:
                self._fail(str(error))
            except Exception as error:
                self._fail(f"Playing stopped, the sound could not be prepared: {error}.")
            if self._transport.playing and self._transport.ended(self._now()):
                self._transport.pause()
                self._told.emit(self._end)
            busy = self._transport.playing or not self._transport.fresh
            self._hungry.wait(FEED_SECONDS if busy else IDLE_SECONDS)
            self._hungry.clear()

    def _fail(self, reason: str) -> None:
        self._told.emit(self.state_changed.emit)
        self._told.emit(partial(self.source_failed.emit, reason))

    def _end(self) -> None:
        self.state_changed.emit()
        self.reached_end.emit()
