"""A Compose page to try, and what it says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from gui.compose_page import ComposePage
from gui.engine_thread import EngineThread
from tests.gui.showing import Told, shown
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


class Heard(Told):
    """The same, and what only this page says."""

    def __init__(self, page: ComposePage) -> None:
        super().__init__(page)
        self.opened: list[Path] = []
        self.listened: list[tuple[Path, str]] = []
        page.opened.connect(self.opened.append)
        page.listen_asked.connect(lambda path, title: self.listened.append((path, title)))


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
    with shown(ComposePage, *threads) as page:
        wait_for(lambda: page.suggesting.network is not None)
        yield page


@pytest.fixture
def page(opened: ComposePage, tmp_path: Path) -> ComposePage:
    """The page with a fresh book."""
    path = tmp_path / "tunes.abc"
    path.write_text(BOOK)
    opened.told = Heard(opened)  # type: ignore[attr-defined]
    opened.suggesting.cancel()
    opened.tunes.saved(opened.tunes.path)
    opened.open(path)
    wait_for(lambda: opened.tunes.path == path and opened.engraving.is_fresh)
    opened.editor.setFocus()
    return opened


def told(page: ComposePage) -> Heard:
    return page.told  # type: ignore[attr-defined,no-any-return]


def end_of_music(page: ComposePage) -> None:
    """The cursor behind the last bar line."""
    at = len(page.editor.text().rstrip())
    page.doing.select(at, at)


def ghost(page: ComposePage) -> str:
    return page.suggesting.candidate.text if page.suggesting.candidate else ""


def replaced(page: ComposePage, **changes: Any) -> Any:
    return replace(page.panel.wishes(), **changes)
