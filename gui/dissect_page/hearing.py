"""What is heard on the page: the sound as it is, through the bench, or a band of the tree."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from gui.dissect_page.study import Study
from gui.player import Player, Source

SOURCES = {"original": ("Original", "The sound as it is"),
           "bench": ("Through the bench", "The sound with what is switched on"),
           "band": ("Band", "What the band chosen in the tree holds, as loud as it can be played")}
SAME_SECONDS = 0.005     # sounds whose lengths differ by less have one time line


class Hearing(QObject):
    """Puts the chosen sound into the player while the page is in sight, always at the same place of the music."""

    changed = Signal()                    # which sources there are, or which is chosen

    def __init__(self, study: Study, player: Player) -> None:
        super().__init__(study)
        self._study, self._player = study, player
        self._sources: dict[str, Source] = {}
        self._here = self._looping = self._new = False
        self._wanted = False
        self._share = 0.0                 # of the music: where the ear was when the page went out of sight
        self.chosen, self.match_level = "original", False
        study.opened.connect(self._open)
        study.made_ready.connect(self._made)

    @property
    def available(self) -> list[str]:
        """Names of the sources that can be chosen now."""
        return list(self._sources)

    def enter(self) -> None:
        """The player is this page's."""
        self._here, self._new = True, True
        if self._sources:
            self._put()
            source = self._sources[self.chosen]
            self._player.seek(self._share * source.seconds)

    def leave(self) -> None:
        """The player will be another page's."""
        if self._sources:
            self._share = self._player.position() / max(self._sources[self.chosen].seconds, 1e-9)
        self._player.pause()
        self._here = False

    def choose(self, name: str) -> None:
        """Hear this, from where the ear is."""
        if name in self._sources:
            self.chosen = name
            self._put()
        self.changed.emit()

    def set_match_level(self, on: bool) -> None:
        """Whether every source is played as loud as the original."""
        self.match_level = on
        self._put()

    def loop(self, on: bool) -> None:
        """Loop all of it."""
        self._looping = on
        source = self._sources.get(self.chosen)
        if source is not None and self._here:
            self._player.set_loop(0.0, source.seconds if on else None)

    def play_next(self) -> None:
        """The next file that is opened is played at once."""
        self._wanted = True

    def hear_band(self, source: Source) -> None:
        """Play a band."""
        self._sources["band"] = source
        self.choose("band")
        if self._here and not self._player.playing:
            self._player.play()

    def seek(self, seconds: float) -> None:
        """Go to a place of the sound as it is."""
        original, source = self._sources.get("original"), self._sources.get(self.chosen)
        if original is not None and source is not None and self._here:
            self._player.seek(seconds * source.seconds / original.seconds)

    def _open(self) -> None:
        """Another file begins at its start; what was heard is heard of it, once it is there."""
        now = self._study.now
        if now is None:
            return
        self._sources = {"original": now.source, "bench": now.source}
        if self.chosen == "band":
            self.chosen = "original"
        self._new, self._share = True, 0.0
        if self._here:
            self._player.pause()
            self._put()
            if self._wanted:
                self._player.play()
        self._wanted = False
        self.changed.emit()

    def _made(self) -> None:
        now, made = self._study.now, self._study.made
        if now is None:
            return
        self._sources["bench"] = now.source if made is None else made.source
        if self.chosen == "bench":
            self._put()
        self.changed.emit()

    def _put(self) -> None:
        source = self._sources.get(self.chosen)
        if not self._here or source is None:
            return
        before, at = self._player.source, self._player.position()
        if self._new:       # levels are matched to the sound as it is
            self._player.set_source(self._sources["original"], keep_position=False)
            before, at, self._new = None, 0.0, False
        if source is self._player.source:
            return
        self._player.set_source(source, match_level=self.match_level)
        if before is not None and abs(before.seconds - source.seconds) > SAME_SECONDS:
            self._player.seek(at * source.seconds / before.seconds)
            if self._looping:
                self._player.set_loop(0.0, source.seconds)
