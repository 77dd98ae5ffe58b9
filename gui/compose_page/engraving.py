"""The score of the tune in hand: engraved anew with every letter, the newest text first."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QTimer, Signal

from engine.folk.engrave import Engraver
from engine.job import Report
from gui.compose_page.keeper import Keeper
from gui.compose_page.tunes import State, Tunes
from gui.compose_page.work import Paper, Sheet, drawn, engraved
from gui.engine_thread import EngineThread

LANE, PAGES_LANE = "compose-score", "compose-pages"
LONGEST_WAIT_S = 1.0
QUICK_S = 0.15          # engravings that take longer wait for a pause


class Engraving(Keeper):
    """Asks for the score, and keeps the last one."""

    engraved = Signal()
    more_pages = Signal(object)     # Score: of the sheet that is there

    def __init__(self, tunes: Tunes, thread: EngineThread, paper: Callable[[], Paper]) -> None:
        super().__init__(tunes, thread, lanes=(LANE, PAGES_LANE), quiet=(PAGES_LANE,))
        self._tunes, self._thread, self.engraver = tunes, thread, Engraver()
        self.sheet: Sheet | None = None
        self._paper, self._took = paper, 0.0
        self._pause = QTimer(self, singleShot=True)
        self._pause.timeout.connect(self._ask)
        tunes.changed.connect(self._changed)

    @property
    def is_fresh(self) -> bool:
        """Whether the score is that of the text as it stands."""
        tune = self._tunes.tune
        return self.sheet is not None and (self.sheet.key, self.sheet.text) == (tune.key, tune.text)

    def renew(self) -> None:
        """Engrave on other paper."""
        self._ask()

    def look_at(self, first: int, most: int) -> None:
        """These pages are in sight or near."""
        if self.sheet is not None and self.sheet.score is not None:
            sheet = self.sheet
            paper = replace(sheet.paper, first=first, most=most)
            self._thread.ask(PAGES_LANE, lambda report: drawn(self.engraver, sheet, paper))

    def close_down(self) -> None:
        """No timer and no child process any more."""
        self._pause.stop()
        self.engraver.close()

    def _changed(self, before: State, after: State) -> None:
        if self.is_fresh and before.current == after.current:
            return
        wait = self._took if self._took > QUICK_S and before.current == after.current else 0.0
        if wait:
            self._pause.start(round(1000 * min(wait, LONGEST_WAIT_S)))
        else:
            self._ask()

    def _ask(self) -> None:
        tune = self._tunes.tune
        self._thread.ask(LANE, partial(self._measured, tune.key, tune.text, self._paper()))

    def _measured(self, key: int, text: str, paper: Paper, report: Report) -> Sheet:
        began = time.monotonic()
        sheet = engraved(self.engraver, key, text, paper, report)
        self._took = time.monotonic() - began
        return sheet

    def heard(self, lane: str, result: object) -> None:
        """A sheet, or more pages of the one that is there."""
        assert isinstance(result, Sheet)
        if lane == LANE:
            self.sheet = result
            self.engraved.emit()
        elif result.score is not None and self.sheet is not None and (
                (result.key, result.text) == (self.sheet.key, self.sheet.text)):
            self.more_pages.emit(result.score)
