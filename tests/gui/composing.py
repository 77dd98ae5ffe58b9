"""A Compose page to try, and what it says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QMainWindow, QMenu

from gui import theme
from gui.compose_page import ComposePage
from gui.engine_thread import EngineThread
from gui.player import Player
from tests.gui.waiting import wait_for

BOOK = """% my tunes

X:1
T:The Kesh
M:6/8
L:1/8
K:G
|:G3 GAB|A3 ABd|edd gdd|edB dBA|

X:7
T:Cooley's
M:4/4
L:1/8
K:Edor
EBBA B2 EB|B2 AB dBAG|
"""


class Told:
    """What the page says to its window."""

    def __init__(self, page: ComposePage) -> None:
        self.failed: list[str] = []
        self.said: list[str] = []
        self.opened: list[Path] = []
        self.listened: list[tuple[Path, str]] = []
        self.at_work: set[str] = set()
        page.failed.connect(self.failed.append)
        page.said.connect(self.said.append)
        page.opened.connect(self.opened.append)
        page.listen_asked.connect(lambda path, title: self.listened.append((path, title)))
        page.working.connect(lambda lane, progress: self.at_work.discard(lane) if progress is None
                             else self.at_work.add(lane))


@pytest.fixture(scope="module")
def threads(qapp: QApplication) -> Iterator[tuple[EngineThread, EngineThread, EngineThread]]:
    made = EngineThread(), EngineThread(), EngineThread()
    for thread in made:
        thread.start()
    yield made
    for thread in made:
        thread.close()


@pytest.fixture(scope="module")
def opened(threads: tuple[EngineThread, EngineThread, EngineThread]) -> Iterator[ComposePage]:
    window, player = QMainWindow(), Player()
    page = ComposePage(*threads, player)
    window.setCentralWidget(page)
    menu = QMenu("Compose", window)
    page.menu(menu)
    window.menuBar().addMenu(menu)
    page.set_theme(theme.DARK)
    window.resize(1280, 800)
    window.show()
    window.activateWindow()
    page.enter()
    wait_for(lambda: page.suggesting.network is not None)
    yield page
    page.leave()
    page.close_down()
    player.close()
    window.close()


@pytest.fixture
def page(opened: ComposePage, tmp_path: Path) -> ComposePage:
    """The page with a fresh book."""
    path = tmp_path / "tunes.abc"
    path.write_text(BOOK)
    opened.told = Told(opened)  # type: ignore[attr-defined]
    opened.suggesting.cancel()
    opened.tunes.saved(opened.tunes.path)
    opened.open(path)
    wait_for(lambda: opened.tunes.path == path and opened.engraving.is_fresh)
    opened.editor.setFocus()
    return opened


def told(page: ComposePage) -> Told:
    return page.told  # type: ignore[attr-defined,no-any-return]


def end_of_music(page: ComposePage) -> None:
    """The cursor behind the last bar line."""
    at = len(page.editor.text().rstrip())
    page.doing.select(at, at)


def ghost(page: ComposePage) -> str:
    return page.suggesting.candidate.text if page.suggesting.candidate else ""


def replaced(page: ComposePage, **changes: Any) -> Any:
    return replace(page.panel.wishes(), **changes)
