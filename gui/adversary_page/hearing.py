"""What is heard on the page: the original, the adversarial sound, or what was added, made louder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Signal

from engine.audio.waveform import Samples
from engine.checks import InputError
from gui.adversary_page.study import Study
from gui.player import FileSource, Player, Source

SOURCES = {"original": ("Original", "The sound as it is"),
           "adversarial": ("Adversarial", "The sound that fools"),
           "residual": ("Residual", "What was added, with its gain")}
GAIN_DB = 20.0


class Louder:
    """A source with a gain in dB."""

    def __init__(self, source: Source, gain_db: float) -> None:
        self._source, self._factor = source, np.float32(10 ** (gain_db / 20))
        self.sr, self.channels, self.seconds = source.sr, source.channels, source.seconds

    def read(self, first_sample: int, n: int) -> Samples:
        """See `Source.read`."""
        return self._source.read(first_sample, n) * self._factor


class Hearing(QObject):
    """Puts the chosen sound into the player while the page is in sight, always at the same position."""

    changed = Signal()                    # which sources there are, or which is chosen
    failed = Signal(str)

    def __init__(self, study: Study, player: Player) -> None:
        super().__init__(study)
        self._study, self._player = study, player
        self._sources: dict[str, Source] = {}
        self._path: Path | None = None
        self._here = False
        self._position = 0.0
        self.chosen, self.match_level, self.gain_db = "original", False, GAIN_DB
        study.opened.connect(self._open)
        study.made_ready.connect(self._made)

    @property
    def available(self) -> list[str]:
        """Names of the sources that can be chosen now."""
        return list(self._sources)

    # in sight, out of sight

    def enter(self) -> None:
        """The player is this page's."""
        self._here = True
        if self._sources:
            self._player.set_source(self._sources["original"], keep_position=False)
            self._player.seek(self._position)
            self._put()

    def leave(self) -> None:
        """The player will be another page's."""
        if self._sources:
            self._position = self._player.position()
        self._player.pause()
        self._here = False

    # what is heard

    def choose(self, name: str) -> None:
        """Hear this, from where the ear is."""
        if name in self.available:
            self.chosen = name
            self._put()
            self.changed.emit()

    def set_match_level(self, on: bool) -> None:
        """Whether every source is played as loud as the original."""
        self.match_level = on
        self._put()

    def set_gain(self, gain_db: float) -> None:
        """How much louder the residual is played, in dB."""
        self.gain_db = gain_db
        if self.chosen == "residual":
            self._put()

    def loop(self, on: bool) -> None:
        """Loop the marked part, or all of the file."""
        if on:
            self._player.set_loop(*self._study.span)
        else:
            self._player.set_loop(0.0, None)

    def source(self, name: str) -> Source | None:
        """A source as it is, without gain."""
        return self._sources.get(name)

    def _open(self) -> None:
        """Another file begins at its start; with another model the same one goes on."""
        now = self._study.now
        if now is None:
            return
        same = bool(self._sources) and now.file.path == self._path
        self._path, self.chosen = now.file.path, "original"
        try:
            self._sources = {"original": self._sources["original"] if same else FileSource(now.file)}
        except InputError as error:
            self._sources = {}
            self.failed.emit(str(error))
        if same:
            self._put()
        else:
            self._position = 0.0
        if self._here and self._sources and not same:
            self._player.pause()
            self._player.set_loop(0.0, None)
            self._player.set_source(self._sources["original"], keep_position=False)
        self.changed.emit()

    def _made(self) -> None:
        """The sounds of the last answer stay until those of the new one are there."""
        if self._study.made is not None:
            self._sources = dict(self._study.made.sources)
            self._put()
            self.changed.emit()

    def put_back(self) -> None:
        """After somebody else had the player: what was chosen, where the ear is."""
        self._player.set_loop(0.0, None)
        self._put()

    def _put(self) -> None:
        source = self.source(self.chosen)
        if not self._here or source is None:
            return
        if self.chosen == "residual":
            source = Louder(source, self.gain_db)
        self._player.set_source(source, match_level=self.match_level)
