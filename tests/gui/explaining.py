"""A window with a song on the Explain page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.audio.waveform import Waveform, write_wav
from gui.explain_page import ExplainPage
from gui.main_window import MainWindow
from tests.gui.waiting import wait_for

SECONDS = 6.0
PATIENCE = 60_000


def song(path: Path, seconds: float = SECONDS, sr: int = 44100) -> Path:
    """A wavering harmonic tone in the second half, chords before: something to decide on."""
    t = np.arange(round(seconds * sr)) / sr
    chord = sum(0.05 * np.sin(2 * np.pi * f * t) for f in (220.0, 277.2, 329.6))
    phase = 2 * np.pi * np.cumsum(330 * (1 + 0.02 * np.sin(2 * np.pi * 6 * t))) / sr
    voice = sum(0.2 / k * np.sin(k * phase) for k in range(1, 12)) * (t > seconds / 2)
    write_wav(path, Waveform(np.stack([chord + voice, chord + 0.8 * voice]).astype(np.float32), sr))
    return path


@pytest.fixture(scope="module")
def opened(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MainWindow]:
    folder = tmp_path_factory.mktemp("explain")
    path = song(folder / "Lied für Zoë.wav")
    path.with_suffix(".csv").write_text("start,end\n3.0,6.0\n", encoding="utf-8")
    window = MainWindow([str(path)], QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat))
    window.show()
    wait_for(lambda: window.page is not None and page_of(window).study.prediction is not None)
    yield window
    window.close()


@pytest.fixture
def window(opened: MainWindow, qtbot: QtBot) -> MainWindow:
    page = page_of(opened)
    page.player.pause()
    page.player.set_loop(0.0, None)
    page.panel.follow.setChecked(False)
    page.panel.set_brush_mode("off")
    page.painting.revert()
    page.study.hide(frozenset())
    page.hearing.choose("original")
    page.study.ask(start=200 / 70, method="slime-exact", fill="mean")
    opened.activateWindow()
    qtbot.waitUntil(lambda: answered(page), timeout=PATIENCE)
    return opened


def page_of(window: MainWindow) -> ExplainPage:
    assert isinstance(window.page, ExplainPage)
    return window.page


def answered(page: ExplainPage) -> bool:
    """Whether the answer is that to the question as it stands, with the spectrogram as it is."""
    answer, question = page.study.answer, page.study.question
    return answer is not None and answer.start == question.start and page.inquiry._running is None
