"""Ties the transport bar to what can be heard on the Explain page, and lets the excerpt follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from gui.views.transport_bar import SOURCES
from gui.views.transport_link import TransportLink

if TYPE_CHECKING:
    from gui.explain_page.page import ExplainPage

FOLLOW_MS = 66


class SoundControls(QObject):
    """Passes wishes on, and shows how things stand, while the page is in sight."""

    said = Signal(str)

    def __init__(self, page: ExplainPage) -> None:
        super().__init__(page)
        self._page, self._player, self._hearing, self._bar = page, page.player, page.hearing, page.transport
        self._link = TransportLink(self._bar, self._player, [*page.time_views, page.waveform], self)
        self._link.said.connect(self.said)
        self._connect()
        self._follow = QTimer(self, interval=FOLLOW_MS)
        self._follow.timeout.connect(self._follow_playback)
        self._show_sources()

    def _connect(self) -> None:
        bar, player, hearing = self._bar, self._player, self._hearing
        bar.loop_toggled.connect(lambda on: hearing.loop_excerpt() if on else player.set_loop(0.0, None))
        bar.source_chosen.connect(hearing.choose)
        bar.match_level_toggled.connect(hearing.set_match_level)
        hearing.failed.connect(self.said)
        hearing.changed.connect(self._show_sources)
        self._page.panel.follow_changed.connect(lambda on: self._follow.start() if on else self._follow.stop())

    def enter(self) -> None:
        """The page is in sight."""
        self._hearing.enter()
        self._link.start()
        if self._page.panel.follow.isChecked():
            self._follow.start()

    def leave(self) -> None:
        """The page is out of sight: nothing of it sounds or moves."""
        self._follow.stop()
        self._link.stop()
        self._hearing.leave()

    def _show_sources(self) -> None:
        why_not = "Made a moment after the excerpt has come to rest"
        for name in SOURCES:
            there = name in self._hearing.available
            edited = name == "edited" and not self._page.study.is_edited
            self._bar.enable_source(name, "" if there else "Nothing was painted yet" if edited else why_not)
        self._bar.show_source(self._hearing.chosen)

    def _follow_playback(self) -> None:
        if self._player.playing and self._player.loop is None and self._hearing.chosen == "original":
            self._page.excerpt_to_playback()

    def close_down(self) -> None:
        """No timers any more."""
        self._follow.stop()
        self._link.stop()
