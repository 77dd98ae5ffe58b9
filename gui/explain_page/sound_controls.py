"""Ties the transport bar, the player, what is heard, and the cursor in the views together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from gui.views.transport_bar import SOURCES

if TYPE_CHECKING:
    from gui.explain_page.page import ExplainPage

CURSOR_MS = 16
FOLLOW_MS = 66


class SoundControls(QObject):
    """Passes wishes on, and shows how things stand."""

    said = Signal(str)

    def __init__(self, page: ExplainPage) -> None:
        super().__init__(page)
        self._page, self._player, self._hearing, self._bar = page, page.player, page.hearing, page.transport
        self._shown: float | None = None
        self._seen, self._in_sight = (0.0, 0.0), True
        page.session.song_opened.connect(lambda: setattr(self, "_shown", None))
        self._connect()
        self._clock = QTimer(self, interval=CURSOR_MS)
        self._clock.timeout.connect(self._tick)
        self._clock.start()
        self._follow = QTimer(self, interval=FOLLOW_MS)
        self._follow.timeout.connect(self._follow_playback)
        self._show_sources()

    def _connect(self) -> None:
        bar, player, hearing = self._bar, self._player, self._hearing
        bar.play_asked.connect(player.toggle)
        bar.stop_asked.connect(player.stop)
        bar.loop_toggled.connect(lambda on: hearing.loop_excerpt() if on else player.set_loop(0.0, None))
        bar.seek_asked.connect(player.seek)
        bar.speed_changed.connect(player.set_speed)
        bar.volume_changed.connect(player.set_volume)
        bar.source_chosen.connect(hearing.choose)
        bar.match_level_toggled.connect(hearing.set_match_level)
        bar.devices_asked.connect(self._show_devices)
        bar.device_chosen.connect(player.set_device)
        player.devices_changed.connect(self._show_devices)
        player.state_changed.connect(self._show_player)
        player.device_problem.connect(self.said)
        player.source_failed.connect(self.said)
        hearing.failed.connect(self.said)
        hearing.changed.connect(self._show_sources)
        self._page.panel.follow_changed.connect(lambda on: self._follow.start() if on else self._follow.stop())

    def _show_player(self) -> None:
        self._bar.show_state(playing=self._player.playing, looping=self._player.loop is not None,
                             speed=self._player.speed, volume=self._player.volume)

    def _show_sources(self) -> None:
        why_not = "Made a moment after the excerpt has come to rest"
        for name in SOURCES:
            there = name in self._hearing.available
            edited = name == "edited" and not self._page.session.is_edited
            self._bar.enable_source(name, "" if there else "Nothing was painted yet" if edited else why_not)
        self._bar.show_source(self._hearing.chosen)

    def _show_devices(self) -> None:
        self._bar.show_devices(self._player.devices(), self._player.device, silent=self._player.silent)

    def _tick(self) -> None:
        if self._page.session.song is None:
            return
        position, page = self._player.position(), self._page
        if position == self._shown:
            return
        self._shown = position
        for view in [*page.time_views, page.waveform]:
            view.set_cursor(position)
        self._bar.set_position(position)
        self._turn_page(position)

    def _turn_page(self, position: float) -> None:
        """Keep the cursor in sight while it plays, unless somebody looks elsewhere meanwhile."""
        view = self._page.spectrogram
        start, stop = seen = view.visible_range()
        if not self._player.playing or start <= position <= stop:
            self._in_sight = True
        elif self._in_sight and seen == self._seen and self._player.loop is None:
            view.set_range(position - 0.02 * (stop - start), position + 0.98 * (stop - start))
        else:
            self._in_sight = False
        self._seen = view.visible_range()

    def _follow_playback(self) -> None:
        if self._player.playing and self._player.loop is None and self._hearing.chosen == "original":
            self._page.excerpt_to_playback()

    def close_down(self) -> None:
        """No timers any more."""
        self._clock.stop()
        self._follow.stop()
