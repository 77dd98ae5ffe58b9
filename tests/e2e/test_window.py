"""The window through the real door: `main` opens it with a file, it explains, it closes."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import time
from pathlib import Path

import pytest

pytest.importorskip("PySide6")

from PySide6.QtCore import QSettings, QTimer
from PySide6.QtWidgets import QApplication

import main
from gui.main_window import MainWindow

DEMO = Path(__file__).resolve().parents[2] / "resources" / "demo" / "on-the-run.ogg"
PATIENCE = 100.0


def test_a_file_is_opened_explained_and_the_window_closed(qapp: QApplication, tmp_path: Path) -> None:
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(tmp_path))
    began, told = time.monotonic(), []

    def look() -> None:
        windows = [w for w in qapp.topLevelWidgets() if isinstance(w, MainWindow) and w.isVisible()]
        page = windows[0].page if windows else None
        done = page is not None and page.study.answer is not None and page.study.prediction is not None
        if done and page is not None:
            told.append((page.study.answer.file, page.headline.text(), page.labels.isVisible()))
        if done or time.monotonic() - began > PATIENCE:
            timer.stop()
            for window in windows:
                window.close()

    timer = QTimer(interval=50)
    timer.timeout.connect(look)
    timer.start()
    assert main.window([str(DEMO)]) == 0
    assert told, "no explanation came"
    file, said, labelled = told[0]
    assert file == DEMO.name
    assert said.startswith("singing ")
    assert labelled, "the label file beside it is shown"
