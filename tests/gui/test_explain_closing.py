"""A window that is closed whenever somebody wants."""
# ruff: noqa: F811

from __future__ import annotations

import threading
from pathlib import Path

from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from gui.main_window import MainWindow
from tests.gui.explaining import PATIENCE, opened, page_of, song, window  # noqa: F401  (fixtures)


def test_closing_while_everything_runs_ends_all_threads(qtbot: QtBot, tmp_path: Path) -> None:
    settings = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    window = MainWindow([str(song(tmp_path / "s.wav"))], settings)
    window.show()
    qtbot.waitUntil(lambda: window.page is not None and page_of(window).study.song is not None, timeout=PATIENCE)
    window.shared.player.play()
    page_of(window).panel.follow.setChecked(True)
    page_of(window).study.ask(start=0.5)
    live, batch = window.shared.live, window.shared.batch
    window.close()
    assert live.isFinished()
    assert batch.isFinished()
    feeder = window.shared.player._feeder
    assert not any(thread.name in ("feeder", "sound device") and thread.is_alive() and thread is feeder
                   for thread in threading.enumerate())


def test_closing_before_anything_was_loaded(qtbot: QtBot, tmp_path: Path) -> None:
    window = MainWindow([], QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat))
    window.show()
    window.close()
    qtbot.wait(50)
    assert window.page is None
