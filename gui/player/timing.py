"""Which frame the ear hears now, and which time of the song that frame is; frames are counted from the first pulled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gui.player.voice import Loop

HISTORY = 512            # pulls that are remembered, about 3 s of the smallest blocks


@dataclass(frozen=True)
class Cue:
    """From frame `index` on, the song runs from `start` with `step` seconds per frame."""

    index: int
    start: float
    step: float
    loop: Loop | None
    jumped: bool

    def time(self, index: float) -> float:
        """Seconds on the time line at a frame."""
        seconds = self.start + (index - self.index) * self.step
        return self.loop.wrapped(seconds) if self.loop else seconds


def time_of(cues: tuple[Cue, ...], index: float) -> float:
    """Seconds on the time line at a frame; before a jump is heard, where it goes."""
    for cue in reversed(cues):
        if index >= cue.index:
            return cue.time(index)
        if cue.jumped:
            break
    return cue.start


class Pulls:
    """What an output pulled last, and when that is heard; noted without a lock or an allocation, read by any thread.

    Parameters
    ----------
    rate
        The output's sample rate in Hz.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._noted = 0
        self._heard_at = np.zeros(HISTORY)
        self._firsts: NDArray[np.int64] = np.zeros(HISTORY, np.int64)
        self._counts: NDArray[np.int64] = np.zeros(HISTORY, np.int64)

    def note(self, heard_at: float, first: int, count: int) -> None:
        """`count` frames from `first` on are heard from then on."""
        slot = self._noted % HISTORY
        self._heard_at[slot], self._firsts[slot], self._counts[slot] = heard_at, first, count
        self._noted += 1

    def heard(self, now: float) -> float:
        """The frame that is heard at `now`; the first one while nothing was pulled."""
        noted = self._noted
        for turn in range(noted - 1, max(-1, noted - HISTORY + 1), -1):
            slot = turn % HISTORY
            since = now - self._heard_at[slot]
            if since >= 0:
                return float(self._firsts[slot] + min(self._counts[slot], since * self._rate))
        return float(self._firsts[max(0, noted - HISTORY + 2) % HISTORY]) if noted else 0.0
