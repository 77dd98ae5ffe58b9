"""Ties a transport bar, the player and the cursor of time views together, while they are in sight."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from gui.player import Player
from gui.views.time_plot import TimePlot
from gui.views.transport_bar import TransportBar

CURSOR_MS = 16


class TransportLink(QObject):
    """Passes on what the bar asks of the player, and shows how things stand. Sources and loops are the page's.

    Parameters
    ----------
    play
        What plays or pauses, where that is not the player alone.
    """

    said = Signal(str)
    moved = Signal(float)       # seconds: what the ear hears now

    def __init__(self, bar: TransportBar, player: Player, views: Sequence[TimePlot], parent: QObject, *,
                 play: Callable[[], None] | None = None) -> None:
        super().__init__(parent)
        self._bar, self._player, self._views = bar, player, tuple(views)
        self._shown: float | None = None
        self._seen, self._in_sight = (0.0, 0.0), True
        bar.play_asked.connect(play or player.toggle)
        bar.stop_asked.connect(player.stop)
        bar.seek_asked.connect(player.seek)
        bar.speed_changed.connect(player.set_speed)
        bar.volume_changed.connect(player.set_volume)
        bar.devices_asked.connect(self._show_devices)
        bar.device_chosen.connect(player.set_device)
        player.devices_changed.connect(self._show_devices)
        player.state_changed.connect(self._show_player)
        self._clock = QTimer(self, interval=CURSOR_MS)
        self._clock.timeout.connect(self._tick)

    def start(self) -> None:
        """The page is in sight and its source is in the player."""
        self._shown = None
        self._clock.start()
        self._show_player()
        self._player.device_problem.connect(self.said)
        self._player.source_failed.connect(self.said)

    def stop(self) -> None:
        """The page is out of sight: the player may belong to another one."""
        if self._clock.isActive():
            self._clock.stop()
            self._player.device_problem.disconnect(self.said)
            self._player.source_failed.disconnect(self.said)

    def _show_player(self) -> None:
        self._bar.show_state(playing=self._player.playing, looping=self._player.loop is not None,
                             speed=self._player.speed, volume=self._player.volume)

    def _show_devices(self) -> None:
        self._bar.show_devices(self._player.devices(), self._player.device, silent=self._player.silent)

    def _tick(self) -> None:
        if self._player.source is None:
            return
        position = self._player.position()
        if position == self._shown:
            return
        self._shown = position
        for view in self._views:
            view.set_cursor(position)
        self._bar.set_position(position)
        self.moved.emit(position)
        if self._views:
            self._turn_page(position)

    def _turn_page(self, position: float) -> None:
        """Keep the cursor in sight while it plays, unless somebody looks elsewhere meanwhile."""
        view = self._views[0]
        start, stop = seen = view.visible_range()
        if not self._player.playing or start <= position <= stop:
            self._in_sight = True
        elif self._in_sight and seen == self._seen and self._player.loop is None:
            view.set_range(position - 0.02 * (stop - start), position + 0.98 * (stop - start))
        else:
            self._in_sight = False
        self._seen = view.visible_range()
