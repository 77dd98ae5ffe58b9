"""In a long song the excerpt is a hair's breadth: how to see it is said, with what is said of labels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from engine.audio.waveform import Waveform, write_wav
from gui.engine_thread import EngineThread
from gui.explain_page import ExplainPage
from gui.explain_page.showing import ZOOM
from gui.player import Player
from tests.gui.waiting import wait_for


@pytest.mark.parametrize(("seconds", "hint"), [(60, True), (8, False)])
def test_the_way_to_a_short_excerpt_is_said(qapp: QApplication, tmp_path: Path, seconds: int, hint: bool) -> None:
    y = 0.1 * np.random.default_rng(1).standard_normal(seconds * 22050)
    write_wav(tmp_path / "song.wav", Waveform(y.astype(np.float32), 22050))
    (tmp_path / "song.csv").write_text("start,end\n1,2\n")
    live, batch, player, said = EngineThread(), EngineThread(), Player(), list[str]()
    page = ExplainPage(live, batch, player)
    page.said.connect(said.append)
    for thread in (live, batch):
        thread.start()
    page.open(tmp_path / "song.wav")
    wait_for(lambda: page.study.prediction is not None and page.study.answer is not None, 60.0)
    assert said[-1].startswith("The prediction agrees with the labels for ")
    assert said[-1].endswith(ZOOM) == hint
    page.close_down()
    for thread in (live, batch):
        thread.close()
    player.close()
