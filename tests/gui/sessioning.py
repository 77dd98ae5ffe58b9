"""Windows that are kept, and processes that died while they were."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication, QMessageBox

from gui.compose_page import ComposePage
from gui.engine_thread import EngineThread
from gui.main_window import MainWindow
from gui.main_window.autosave import Autosave
from gui.main_window.gathering import Snapshot
from gui.main_window.pages import PAGES, TUNES, Entry
from gui.session import Kept
from tests.gui.second_page import SecondPage
from tests.gui.waiting import wait_for

COMPOSE = next(entry for entry in PAGES if entry.opens == TUNES)
ENTRIES = (Entry("Second", (), SecondPage), COMPOSE)
Button = QMessageBox.StandardButton
Make = Callable[..., MainWindow]


@pytest.fixture
def make(qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Windows with settings and folders of their own; they close without being asked anything."""
    monkeypatch.setattr("gui.main_window.sessions.data_folder", lambda: tmp_path / "kept")
    windows: list[MainWindow] = []

    def window(*files: Path, entries: tuple[Entry, ...] = ENTRIES) -> MainWindow:
        settings = QSettings(str(tmp_path / "s.ini"), QSettings.Format.IniFormat)
        windows.append(MainWindow([str(file) for file in files], settings, entries))
        windows[-1].show()
        return windows[-1]

    yield window
    monkeypatch.setattr(QMessageBox, "question", lambda *args: Button.Discard)
    for one in windows:
        one.close()


def compose(window: MainWindow) -> ComposePage:
    window.stack.show_page("Compose")
    wait_for(lambda: window.page is not None and window.page.title == "Compose")
    assert isinstance(window.page, ComposePage)
    return window.page


class Held:
    """What is open, for an autosave alone."""

    def __init__(self) -> None:
        self.n = 0
        self.pages: Any = {}

    def __call__(self) -> Snapshot:
        return Snapshot({"Second": Kept({"n": self.n}, **self.pages)}, sight="Second")


@pytest.fixture
def thread(qapp: QApplication) -> Iterator[EngineThread]:
    made = EngineThread()
    made.start()
    yield made
    made.close()


@pytest.fixture
def held() -> Held:
    return Held()


@pytest.fixture
def autosave(thread: EngineThread, held: Held, tmp_path: Path) -> Iterator[Autosave]:
    made = Autosave(thread, held, tmp_path / "kept")
    yield made
    made.close()
    made.clear()


CRASH = """
import os, sys
from pathlib import Path
from PySide6.QtCore import QLockFile
path = Path(sys.argv[1])
path.parent.mkdir(parents=True, exist_ok=True)
lock = QLockFile(str(path.with_suffix(".lock")))
lock.setStaleLockTime(0)
assert lock.tryLock(0)
from engine.sessions import Session, write
tunes, view = {"A": "X:1\\nT:A\\nK:C\\nC|\\n"}, {"window": {"page": "Compose", "session": sys.argv[2]}}
write(Session(tunes=tunes, view=view), path)
print("ready", flush=True)
sys.stdin.read()
"""


def crashed(path: Path, session: str = "") -> subprocess.Popen[str]:
    """A process that holds an autosave; it ends when it is killed."""
    process = subprocess.Popen([sys.executable, "-c", CRASH, str(path), session], text=True, stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, cwd=Path(__file__).parents[2])
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process
