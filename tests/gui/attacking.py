"""An Adversary page to try, with two small listeners whose weights nobody trained: they can be fooled all the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.audio.waveform import Waveform, write_wav
from engine.models import catalogue
from engine.models.frame_mlp import FrameMlp
from gui.adversary_page import AdversaryPage
from tests.gui.showing import models_in, shown, told
from tests.gui.waiting import wait_for

LABELS = ("calm", "loud", "strange")
SECONDS = 4.0


def write_model(folder: Path, name: str, seed: int) -> None:
    torch.manual_seed(seed)
    net = FrameMlp(8, len(LABELS))
    with torch.no_grad():
        for weights in net.parameters():
            weights.mul_(2.0)  # surer of itself than weights are that nobody trained
    tensors = {**net.state_dict(), "mean": torch.full((513,), 1.0), "std": torch.full((513,), 1.0),
               "data_minimum": torch.tensor(-1.0)}
    catalogue.write(folder / f"{name}.json", tensors, {"kind": "frame_mlp", "labels": list(LABELS), "name": name})


def write_song(path: Path, seconds: float = SECONDS, sr: int = 44100, gain: float = 0.1) -> Path:
    t = np.arange(round(seconds * sr)) / sr
    tones = sum(np.sin(2 * np.pi * f * t * (1 + 0.01 * np.sin(t))) for f in (220.0, 660.0, 1760.0))
    y = tones + 0.1 * np.random.default_rng(0).standard_normal(len(t))
    write_wav(path, Waveform(np.stack([gain * y, 0.5 * gain * y]).astype(np.float32), sr))
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    made = tmp_path_factory.mktemp("adversary")
    models = made / "models"
    write_model(models, "style-mlp", 0)
    write_model(models, "other", 1)
    with models_in(models):
        yield made


@pytest.fixture(scope="module")
def opened(qapp: QApplication, folder: Path) -> Iterator[AdversaryPage]:
    with shown(AdversaryPage) as page:
        page.open(write_song(folder / "Lied für Zoë.wav"))
        wait_for(lambda: page.study.hearing is not None and page.study.picture is not None)
        yield page


@pytest.fixture
def page(opened: AdversaryPage) -> AdversaryPage:
    """With nothing asked that a test before has asked, and nothing that runs."""
    opened.inquiry.cancel_attack()
    wait_for(lambda: not opened.study.running)
    opened.player.pause()
    opened.study.ask(target=None, method="magnitude", projection="end", weighting="plain", snr_db=15.0, iterations=100,
                     confidence=0.9, smallest=False, seed=0, start=0.0, seconds=None)
    wait_for(lambda: opened.study.hearing is not None)
    told(opened).failed.clear()
    told(opened).said.clear()
    return opened


def same(page: AdversaryPage, answer: object) -> bool:
    """Whether this is still the page's answer; what it survives may have become known meanwhile."""
    now = page.study.answer
    return now is not None and now.adversarial is answer.adversarial  # type: ignore[attr-defined]


def attacked(page: AdversaryPage) -> None:
    """Attack by a click, and wait for what follows from it."""
    before = page.study.answer
    QTest.mouseClick(page.panel.attack, Qt.MouseButton.LeftButton)
    assert page.study.running == "attack"
    wait_for(lambda: page.study.answer is not before and page.study.answer is not None and page.study.made is not None)


def with_answer(page: AdversaryPage) -> None:
    if page.study.answer is None or not page.study.answer.fooled or page.study.made is None:
        attacked(page)
    assert page.study.answer is not None
