"""What is heard on the page: one short sound at a time, that of an example, a real excerpt or a place of the walk."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Signal

from engine.audio.waveform import Waveform
from gui.maximise_page.study import Study
from gui.player import Player, Source, WaveformSource

MADE, REAL, WALK, NEAREST = "made", "real", "walk", "nearest"
Key = tuple[str, int]           # of which kind, and its place among them
LOUDNESS = 0.7                  # peak: what is synthesised has no level of its own, and may be of any


def at_level(sound: Waveform) -> Waveform:
    """The same with a peak that does no harm; silence stays silence."""
    peak = float(np.abs(sound.y).max(initial=0.0))
    return Waveform((sound.y * (LOUDNESS / peak)).astype(np.float32), sound.sr) if peak > 0 else sound


class Hearing(QObject):
    """Puts sounds into the player while the page is in sight, each from its beginning."""

    changed = Signal()          # another one is heard, or none any more

    def __init__(self, study: Study, player: Player) -> None:
        super().__init__(study)
        self._study, self._player = study, player
        self._source: Source | None = None
        self._key: Key | None = None
        self._here = False
        player.state_changed.connect(self._state)
        study.shown_changed.connect(lambda: self._gone(MADE, NEAREST))
        study.real_changed.connect(lambda: self._gone(REAL))

    @property
    def heard(self) -> Key | None:
        """What is heard now."""
        return self._key if self._here and self._player.playing else None

    @property
    def loaded(self) -> Key | None:
        """What would be heard."""
        return self._key

    def enter(self) -> None:
        """The player is this page's."""
        self._here = True
        if self._source is not None:
            self._player.set_source(self._source, keep_position=False)

    def leave(self) -> None:
        """The player will be another page's."""
        self.stop()
        self._here = False

    def play(self, key: Key, sound: Waveform) -> None:
        """Hear this from its beginning."""
        if not self._here:
            return
        looped = self._player.loop is not None
        self._key, self._source = key, WaveformSource(sound if key[0] == REAL else at_level(sound))
        self._player.set_source(self._source, keep_position=False)
        self.loop(looped)
        self._player.play()
        self.changed.emit()

    def loop(self, on: bool) -> None:
        """Hear it again and again."""
        if self._source is not None and self._here:
            self._player.set_loop(0.0, self._source.seconds if on else None)

    def stop(self) -> None:
        """Hear nothing."""
        if self._here and self._source is not None:
            self._player.pause()

    def _gone(self, *kinds: str) -> None:
        """What is not in sight any more is not heard."""
        if self._key is not None and self._key[0] in kinds:
            self.stop()
            self._key = None
            self.changed.emit()

    def _state(self) -> None:
        if self._here:
            self.changed.emit()
