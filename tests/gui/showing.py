"""A page in a window of its own, as a test finds it, and what it tells that window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest
from PySide6.QtWidgets import QMainWindow, QMenu

from engine.models import catalogue
from gui import theme
from gui.engine_thread import EngineThread
from gui.player import Player

P = TypeVar("P", bound=Any)


class Told:
    """What a page says to its window."""

    def __init__(self, page: Any) -> None:
        self.failed: list[str] = []
        self.said: list[str] = []
        self.lanes: list[str] = []
        page.failed.connect(self.failed.append)
        page.said.connect(self.said.append)
        page.working.connect(lambda lane, progress: self.lanes.append(lane))


def told(page: Any) -> Told:
    """What a page that is shown has said."""
    return page.told  # type: ignore[no-any-return]


@contextmanager
def shown(make: Callable[..., P], *threads: EngineThread) -> Iterator[P]:
    """A page that is in sight with its menu, and hears of its `threads`, two of its own where none are given."""
    own = () if threads else (EngineThread(), EngineThread())
    window, player = QMainWindow(), Player()
    page = make(*(threads or own), player)
    page.told = Told(page)
    for thread in own:
        thread.start()
    window.setCentralWidget(page)
    menu = QMenu(page.title, window)
    page.menu(menu)
    window.menuBar().addMenu(menu)
    page.set_theme(theme.DARK)
    window.resize(1280, 800)
    window.show()
    window.activateWindow()
    page.enter()
    yield page
    page.leave()
    page.close_down()
    player.close()
    for thread in own:
        thread.close()
    window.close()


@contextmanager
def models_in(folder: Path) -> Iterator[None]:
    """The models of a folder instead of those that are shipped."""
    patch = pytest.MonkeyPatch()
    patch.setattr(catalogue, "FOLDER", folder)
    catalogue.load.cache_clear()
    yield
    patch.undo()
    catalogue.load.cache_clear()
