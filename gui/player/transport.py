"""What is heard when: the pure middle of the player, without thread, device or clock of its own.

Three parties meet here. Whoever asks (`ask`, `play`, ...) writes wishes under a lock. The feeder (`feed`) turns
wishes into frames in a ring, ahead of what is heard. The output (`pull`) copies from the ring: no lock, no
allocation beyond views. Frames are counted from the first ever pulled; cues say which time of the song each is.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace

import numpy as np

from engine.audio.waveform import Samples
from gui.player.sources import Source, level_gain
from gui.player.timing import Cue, Pulls, time_of
from gui.player.voice import Loop, Voice, raised_cosine

AHEAD_SECONDS = 0.2
RING_SECONDS = 1.5       # leaves room for sources that take long to start
PATIENCE_SECONDS = 0.2
FADE_SECONDS = 0.01
PREPARE_SECONDS = 0.015  # what a new voice usually takes
LEVEL_SECONDS = 3.0      # the passage around the position whose level is matched
LARGEST_PULL = 8192
CUES = 128


@dataclass(frozen=True, eq=False)
class Jump:
    """A wish to be elsewhere; each is another, even to the same place."""

    seconds: float


@dataclass(frozen=True)
class Wanted:
    """All that shapes what is heard."""

    source: Source | None = None
    reference: Source | None = None   # its level is matched, where given
    loop: Loop | None = None
    speed: float = 1.0
    jump: Jump | None = field(default_factory=lambda: Jump(0.0))


class Transport:
    """Plays one source after the other, gaplessly, at positions that are exact.

    Parameters
    ----------
    rate
        The output's sample rate in Hz.
    channels
        The output's number of channels.
    """

    def __init__(self, rate: int = 44100, channels: int = 2) -> None:
        self._lock = threading.Lock()         # wishes and commits
        self._feeding = threading.RLock()     # feeding and another output
        self._wanted = Wanted()
        self._asked = self._done = 0          # counts of wishes; the ring is fresh when they are equal
        self._playing = False
        self._volume = 1.0
        self.underruns = 0
        self._steps = np.arange(1, LARGEST_PULL + 1, dtype=np.float32)
        self._gains = np.empty((LARGEST_PULL, 1), np.float32)
        self._cues: tuple[Cue, ...] = (Cue(0, 0.0, 0.0, None, False),)
        self._lay_out(rate, channels)

    def _lay_out(self, rate: int, channels: int) -> None:
        self.rate, self.channels = rate, channels
        self._ring: Samples = np.zeros((round(RING_SECONDS * rate) + LARGEST_PULL, channels), np.float32)
        self._rise = raised_cosine(round(FADE_SECONDS * rate))
        self._voice: Voice | None = None
        self._read = self._write = 0
        self._pulls = Pulls(rate)
        self._end: int | None = 0            # frame at which the sound is over, None while more comes
        self._block = 256                    # frames the output takes at once
        self._running = False                # the output's own word on whether it copies; only `pull` sets it
        self._gain = 0.0

    def close(self) -> None:
        """Let go of what is heard, with its resampler and its open file."""
        if self._feeding.acquire(timeout=PATIENCE_SECONDS):  # a source that never answers must not hold the window
            self._voice, self._wanted = None, Wanted()
            self._feeding.release()

    # -- wishes, from any thread

    @property
    def playing(self) -> bool:
        """Whether sound is asked for."""
        return self._playing

    @property
    def wanted(self) -> Wanted:
        """What was asked for last."""
        return self._wanted

    @property
    def fresh(self) -> bool:
        """Whether the ring holds what was asked for last."""
        return self._asked == self._done

    def ask(self, *, source: Source | None = None, reference: Source | None = None,
            **changes: object) -> None:
        """Change what is heard; from `source`, `reference`, `loop`, `speed` and `jump` only what is given."""
        with self._lock:
            if source is not None:
                changes |= {"source": source, "reference": reference}
            self._wanted = replace(self._wanted, **changes)  # type: ignore[arg-type]  # names are checked by replace
            self._asked += 1

    def play(self) -> None:
        """Sound, from the ring as soon as it is fresh."""
        self._playing = True

    def pause(self) -> None:
        """Fade out in 10 ms and hold."""
        self._playing = False

    def set_volume(self, gain: float) -> None:
        """Factor on what is heard, reached in a 10 ms ramp."""
        self._volume = gain

    # -- time

    def heard(self, now: float) -> float:
        """The frame that the ear hears at `now`, on the clock that `pull` was told."""
        return self._pulls.heard(now)

    def position(self, now: float) -> float:
        """Seconds on the time line that the ear hears at `now`; the aim of a jump as soon as it is asked for."""
        jump, cues, index = self._wanted.jump, self._cues, self.heard(now)
        return jump.seconds if jump else time_of(cues, index)

    def ended(self, now: float) -> bool:
        """Whether the last frame has been heard."""
        over = self._end is not None and self.fresh and self._voice is not None
        return over and self.heard(now) >= (self._end or 0)

    # -- the feeder's side

    def configure(self, rate: int, channels: int, now: float) -> None:
        """Start anew for another output, at the position heard at `now`; nothing may pull meanwhile."""
        with self._feeding, self._lock:
            place = Jump(self.position(now))
            self._lay_out(rate, channels)
            self._cues = (Cue(0, place.seconds, 0.0, None, False),)
            self._wanted = replace(self._wanted, jump=place)
            self._asked += 1

    def feed(self) -> bool:
        """Fill the ring; False if a wish waits for the sound to fade out first.

        Raises
        ------
        InputError
            When the source cannot be read; then it is silent and paused until another is asked for.
        """
        with self._feeding:
            try:
                if self._asked != self._done and not self._renew():
                    return False
                self._fill(self._read + round(AHEAD_SECONDS * self.rate))
            except Exception:
                with self._lock:
                    self._playing, self._voice, self._end, self._done = False, None, self._write, self._asked
                raise
            return True

    def _fill(self, until: int) -> None:
        chunk = round(0.02 * self.rate)
        while self._voice and self._end is None and self._write < until:
            frames = self._voice.render(chunk)
            self._put(self._write, frames)
            if self._voice.left == 0:
                self._end = self._write + len(frames)
            self._write += len(frames)

    def _renew(self) -> bool:
        """Put what was asked for in place of what is ready but not yet heard; False if it must wait."""
        with self._lock:
            wanted, asked = self._wanted, self._asked
        if wanted.source is None:
            self._done = asked
            return True
        if not self._running:    # nor can it start before the ring is fresh
            self._commit(wanted, asked, self._read, *self._prepared(wanted, self._read))
            return True
        if not self._playing:
            return False
        margin = 2 * self._block + round(PREPARE_SECONDS * self.rate)
        fade = len(self._rise)
        while True:
            index = min(self._read + margin, len(self._ring) // 2 + self._read)
            self._fill(index + fade)
            if self._end is not None:
                index = min(index, self._end)
            voice, frames = self._prepared(wanted, index)
            missing = max(0, fade - len(frames))
            frames = np.concatenate([frames, np.zeros((missing, self.channels), np.float32)])
            frames[:fade] = self._copied(index, fade) * (1 - self._rise) + frames[:fade] * self._rise
            if self._read + self._block <= index or index == self._end or margin > len(self._ring) // 2:
                self._commit(wanted, asked, index, voice, frames)
                return True
            margin *= 2          # it took so long that the output is there already

    def _prepared(self, wanted: Wanted, index: int) -> tuple[Voice, Samples]:
        """A voice that starts where frame `index` is in the song, and its first frames."""
        assert wanted.source is not None
        place = wanted.jump.seconds if wanted.jump else time_of(self._cues, index)
        if wanted.loop and place >= wanted.loop.stop:
            place = wanted.loop.start
        gain = 1.0
        if wanted.reference is not None and wanted.reference is not wanted.source:
            start, stop = place - LEVEL_SECONDS / 2, place + LEVEL_SECONDS / 2
            if wanted.loop and wanted.loop.stop - wanted.loop.start < 10 * LEVEL_SECONDS:
                start, stop = wanted.loop.start, wanted.loop.stop
            gain = level_gain(wanted.source, wanted.reference, start=start, stop=stop)
        voice = Voice(wanted.source, start=place, speed=wanted.speed, loop=wanted.loop, rate=self.rate,
                      channels=self.channels, gain=gain)
        return voice, voice.render(round(0.02 * self.rate))

    def _commit(self, wanted: Wanted, asked: int, index: int, voice: Voice, frames: Samples) -> None:
        jumped = wanted.jump is not None or any(c.jumped and c.index >= index for c in self._cues)
        cue = Cue(index, voice.start, wanted.speed / self.rate, voice.loop, jumped)
        with self._lock:
            self._put(index, frames)
            self._voice = voice
            self._cues = (*(c for c in self._cues[-CUES:] if c.index < index), cue)
            self._end = index + len(frames) if voice.left == 0 else None
            self._write = index + len(frames)
            if self._wanted.jump is wanted.jump:
                self._wanted = replace(self._wanted, jump=None)
            self._done = asked

    def _put(self, index: int, frames: Samples) -> None:
        at = index % len(self._ring)
        before = min(len(frames), len(self._ring) - at)
        self._ring[at : at + before] = frames[:before]
        self._ring[: len(frames) - before] = frames[before:]

    def _copied(self, index: int, n: int) -> Samples:
        """`n` frames of the ring, silent where nothing is ready."""
        out = np.zeros((n, self.channels), np.float32)
        ready = min(n, max(0, self._write - index))
        out[:ready] = self._ring[np.arange(index, index + ready) % len(self._ring)]
        return out

    # -- the output's side

    def pull(self, out: Samples, heard_at: float) -> None:
        """Fill `out`, shape (n, channels) with n up to 8192, with what is heard from `heard_at` on."""
        n, read = len(out), self._read
        self._block = n
        if not self._running and self._playing and self._asked == self._done:
            self._running, self._gain = True, 0.0
        count = 0
        if self._running:
            ramp = self._ramp(n)
            count = min(n if self._playing else ramp, self._write - read)
            at = read % len(self._ring)
            before = min(count, len(self._ring) - at)
            out[:before] = self._ring[at : at + before]
            out[before:count] = self._ring[: count - before]
            np.multiply(out[:count], self._gains[:count], out=out[:count])
            if self._playing and count < n and read + count != self._end:
                self.underruns += 1
            if not self._playing and self._gain == 0.0:
                self._running = False
        out[count:] = 0.0
        self._pulls.note(heard_at, read, count)
        self._read = read + count

    def _ramp(self, n: int) -> int:
        """Lay out the gain over `n` frames, full scale in 10 ms; returns for how many it still moves."""
        aim = self._volume if self._playing else 0.0
        slope = (1.0 if aim > self._gain else -1.0) / len(self._rise)
        moving = min(n, int(abs(aim - self._gain) / abs(slope)))
        np.multiply(self._steps[:moving], slope, out=self._gains[:moving, 0])
        self._gains[:moving] += self._gain
        arrived = moving < n
        if arrived:
            self._gains[moving:n] = aim
        self._gain = aim if arrived else float(self._gains[n - 1, 0])
        return moving
