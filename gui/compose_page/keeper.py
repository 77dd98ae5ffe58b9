"""What all keepers of answers have in common: they ask the engine in lanes of their own, and hear of nothing else."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QObject, Signal

from engine.job import Progress
from gui.engine_thread import EngineThread


class Keeper(QObject):
    """Asks in some lanes, and is told what comes of it by `heard` and `missed`.

    Parameters
    ----------
    lanes
        Its own.
    quiet
        Those of them whose work nobody needs to see.
    """

    failed = Signal(str)                # one sentence
    working = Signal(str, object)       # lane, Progress or None when it is done

    def __init__(self, parent: QObject, *threads: EngineThread, lanes: Collection[str],
                 quiet: Collection[str] = ()) -> None:
        super().__init__(parent)
        self._lanes, self._quiet = frozenset(lanes), frozenset(quiet)
        for thread in threads:
            thread.answered.connect(self._answered)
            thread.failed.connect(self._failed)
            thread.progressed.connect(self._progressed)
            thread.cancelled.connect(self._cancelled)

    def heard(self, lane: str, result: object) -> None:
        """The newest answer of a lane."""

    def missed(self, lane: str) -> None:
        """There will be no answer."""

    def tell(self, error: Exception) -> None:
        """Say what went wrong."""
        self.failed.emit(str(error))

    def _answered(self, lane: str, ticket: int, result: object) -> None:
        if lane in self._lanes:
            self._done(lane)
            self.heard(lane, result)

    def _failed(self, lane: str, ticket: int, error: Exception) -> None:
        if lane in self._lanes:
            self._done(lane)
            self.missed(lane)
            self.tell(error)

    def _progressed(self, lane: str, ticket: int, progress: Progress) -> None:
        if lane in self._lanes and lane not in self._quiet:
            self.working.emit(lane, progress)

    def _cancelled(self, lane: str, ticket: int) -> None:
        if lane in self._lanes:
            self._done(lane)

    def _done(self, lane: str) -> None:
        if lane not in self._quiet:
            self.working.emit(lane, None)
