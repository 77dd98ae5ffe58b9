"""What is heard on the page: the tune in hand, played in when it is wanted; and which note sounds."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QTimer, Signal

from engine.folk.synth import Synth
from gui.compose_page.keeper import Keeper
from gui.compose_page.tunes import State, Tunes
from gui.compose_page.work import Played, PlayWishes, played
from gui.engine_thread import EngineThread
from gui.player import Player

LANE = "compose-sound"
SETTLE_MS = 350         # typing while it plays is heard after such a pause


class Playing(Keeper):
    """Keeps the sound of the tune; the player has it while the page is in sight."""

    ready = Signal()                    # another performance

    def __init__(self, tunes: Tunes, thread: EngineThread, player: Player) -> None:
        super().__init__(tunes, thread, lanes=(LANE,))
        self._tunes, self._thread, self._player = tunes, thread, player
        self.synth, self.wishes = Synth(), PlayWishes()
        self.now: Played | None = None
        self._play_when_ready, self._here, self._position = False, False, 0.0
        self._loop: frozenset[str] = frozenset()
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self._renew)
        tunes.changed.connect(self._changed)

    @property
    def is_fresh(self) -> bool:
        """Whether the sound is that of the tune as it stands."""
        tune = self._tunes.tune
        return self.now is not None and (self.now.key, self.now.text, self.now.wishes) == (
            tune.key, tune.text, self.wishes)

    # what is wanted

    def toggle(self) -> None:
        """Play, or pause; what has changed is played in first."""
        if self._player.playing or self.is_fresh:
            self._player.toggle()
        else:
            self._play_when_ready = True
            self._ask()

    def wish(self, wishes: PlayWishes) -> None:
        """Play it so from now on, from where the ear is."""
        if wishes != self.wishes:
            self.wishes = wishes
            self._renew()

    def ask(self) -> None:
        """Have the sound made for something else than playing."""
        if not self.is_fresh:
            self._ask()

    def loop(self, ids: frozenset[str]) -> None:
        """Loop these notes; of none, all."""
        self._loop = ids
        self._put_loop()

    def seek_to(self, name: str) -> None:
        """Go to where a note is first played."""
        if self.now is not None and self._here and (span := self.now.performance.span([name])) is not None:
            self._player.seek(span[0])

    def note_at(self, seconds: float) -> str | None:
        """Id of the note that sounds; None while the sound is not that of the text."""
        return self.now.performance.at(seconds) if self.now is not None and self.is_fresh else None

    # in sight, out of sight

    def enter(self) -> None:
        """The player is this page's."""
        self._here = True
        if self.now is not None:
            self._player.set_loop(0.0, None)
            self._player.set_source(self.now.source, keep_position=False)
            self._player.seek(self._position)

    def leave(self) -> None:
        """The player will be another page's."""
        self._position = self._player.position() if self.now is not None else 0.0
        self._play_when_ready = False
        self._player.pause()
        self._here = False

    def close_down(self) -> None:
        """No timer and no child process any more."""
        self._settle.stop()
        self.synth.close()

    # how it comes

    def _changed(self, before: State, after: State) -> None:
        if before.current != after.current:
            if self._here:
                self._player.stop()
                self._player.set_loop(0.0, None)
            self._play_when_ready, self.now, self._loop = False, None, frozenset()
        elif self._player.playing and self._here:
            self._settle.start()

    def _renew(self) -> None:
        if self.now is not None and self._here and not self.is_fresh:
            self._ask()

    def _ask(self) -> None:
        tune = self._tunes.tune
        self._thread.ask(LANE, partial(played, self.synth, tune.key, tune.text, self.wishes))

    def heard(self, lane: str, result: object) -> None:
        """The sound; of another tune it comes too late."""
        assert isinstance(result, Played)
        if result.key != self._tunes.state.current:
            return
        another = self.now is None
        self.now = result
        if self._here:
            self._player.set_source(result.source, keep_position=not another)
            self._put_loop()
            if self._play_when_ready and not self._player.playing:
                self._player.play()
        self._play_when_ready = False
        self.ready.emit()

    def missed(self, lane: str) -> None:
        """It stays silent."""
        self._play_when_ready = False

    def _put_loop(self) -> None:
        if self.now is None or not self._here or (self._player.loop is None and not self._loop):
            return
        span = self.now.performance.span(self._loop) if self._loop else None
        self._player.set_loop(*span) if span is not None else self._player.set_loop(0.0, None)
