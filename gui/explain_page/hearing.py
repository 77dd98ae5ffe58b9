"""What is heard on the Explain page: the song, or one of the sounds made of its excerpt."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.audio.waveform import Waveform
from engine.checks import InputError
from gui.explain_page.study import Study
from gui.player import FileSource, Player, WaveformSource
from gui.player.voice import Loop


class Hearing(QObject):
    """Puts the chosen sound into the player, and again when it was made anew."""

    changed = Signal()                    # which sources there are, or which is chosen
    failed = Signal(str)

    def __init__(self, study: Study, player: Player) -> None:
        super().__init__()
        self._study, self._player = study, player
        self._song: FileSource | None = None
        self._path: Path | None = None
        self._active = False                  # whether the player is this page's at the moment
        self._left: tuple[float, Loop | None] = (0.0, None)  # position and loop when it last was
        self._sounds: dict[str, Waveform] = {}
        self.chosen = "original"
        self.match_level = False
        study.song_opened.connect(self._open)
        study.asked.connect(self._outdate)

    @property
    def available(self) -> list[str]:
        """Names of the sources that can be chosen now."""
        return ["original", *(name for name in self._sounds if name != "original")] if self._song else []

    def sound(self, name: str) -> Waveform | None:
        """A sound of the excerpt."""
        return self._sounds.get(name)

    def choose(self, name: str) -> None:
        """Hear this; sounds of the excerpt are looped, for they are short."""
        if name not in self.available:
            return
        self.chosen = name
        self._put()
        self.changed.emit()

    def set_match_level(self, on: bool) -> None:
        """Whether every source is played as loud as the song."""
        self.match_level = on
        self._put()

    def enter(self) -> None:
        """The player is this page's: what was heard last is in it again, where it was left."""
        position, loop = self._left
        self._active = True
        if self._song is None:
            return
        self._player.set_source(self._song, keep_position=False)
        if loop is not None:
            self._player.set_loop(loop.start, loop.stop)
        self._player.seek(position)
        if self.chosen != "original":
            self._put()

    def leave(self) -> None:
        """The player is another page's."""
        self._left = self._player.position(), self._player.loop
        self._player.pause()
        self._active = False

    def set_sounds(self, made: dict[str, Waveform]) -> None:
        """New sounds of the excerpt."""
        self._sounds = made
        if self.chosen not in self.available:
            self.chosen = "original"
        if self.chosen != "original":
            self._put()
        self.changed.emit()

    def loop_excerpt(self) -> None:
        """Loop the excerpt of the question."""
        start, listener = self._study.question.start, self._study.listener
        if listener is not None and self._active:
            self._player.set_loop(start, start + listener.window_seconds)

    def _outdate(self) -> None:
        """The excerpt moved: its old sounds say nothing of the new one, but go on until the new ones are there."""
        if self._active and self._player.loop is not None and self.chosen == "original":
            self.loop_excerpt()
        if self.chosen == "original":
            self._sounds = {}
            self.changed.emit()

    def _open(self) -> None:
        song = self._study.song
        if song is None:
            return
        again = song.file.path == self._path  # through another model: what is heard goes on
        self._sounds, self.chosen, self._path = {}, "original", song.file.path
        if not again:
            self._left = 0.0, None
        if self._active and not again:
            self._player.pause()
            self._player.set_loop(0.0, None)
        try:
            self._song = FileSource(song.file)
        except InputError as error:
            self._song = None
            self.failed.emit(str(error))
        if self._song is not None and self._active:
            self._player.set_source(self._song, keep_position=again)
        self.changed.emit()

    def _put(self) -> None:
        if self._song is None or not self._active:
            return
        if self.chosen == "original":
            self._player.set_source(self._song, match_level=self.match_level)
            return
        answer = self._study.answer
        if answer is None:
            return
        self._player.set_source(WaveformSource(self._sounds[self.chosen], offset_seconds=answer.start),
                                match_level=self.match_level)
        end = answer.start + self._sounds[self.chosen].seconds
        if self._player.loop is None or not answer.start <= self._player.loop.start < end:
            self._player.set_loop(answer.start, end)
        if not answer.start <= self._player.position() < end:
            self._player.seek(answer.start)
