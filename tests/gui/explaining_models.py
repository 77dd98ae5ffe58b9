"""A window with small listeners of three labels that nobody trained."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PySide6.QtCore import QSettings, QStandardPaths
from PySide6.QtWidgets import QApplication

from engine.audio.waveform import Waveform, write_wav
from engine.models import catalogue
from engine.models.frame_mlp import FrameMlp
from engine.models.patch_cnn import PatchCnn
from gui.explain_page import ExplainPage
from gui.main_window import MainWindow
from gui.main_window.pages import PAGES
from tests.gui.waiting import wait_for

LABELS = ("calm", "loud", "strange")


def write_model(folder: Path, name: str, kind: str) -> None:
    """A listener that nobody trained, whose answers depend on what it hears."""
    torch.manual_seed(4)
    net = FrameMlp(12, len(LABELS)) if kind == "frame_mlp" else PatchCnn(len(LABELS))
    for parameter in net.parameters():
        if parameter.dim() > 1:
            torch.nn.init.kaiming_normal_(parameter)
    tensors = {**net.state_dict(), "mean": torch.linspace(2, 0.1, 513), "std": torch.linspace(1.2, 0.3, 513),
               "data_minimum": torch.tensor(-2.0)}
    catalogue.write(folder / f"{name}.json", tensors, {"kind": kind, "labels": list(LABELS), "name": name,
                                                       "title": f"Title of {name}"})


def song(path: Path, seconds: float = 6.0, sr: int = 32000) -> Path:
    t = np.arange(round(seconds * sr)) / sr
    sweep = np.sin(2 * np.pi * (200 + 300 * t) * t) * np.where(t > 3, 0.4, 0.1)
    y = sweep + 0.02 * np.random.default_rng(1).standard_normal(len(t))
    write_wav(path, Waveform(np.stack([y, 0.5 * y]).astype(np.float32), sr))
    return path


@pytest.fixture(scope="module")
def opened(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MainWindow]:
    folder = tmp_path_factory.mktemp("models")
    patch = pytest.MonkeyPatch()
    patch.setattr(QStandardPaths, "writableLocation", lambda _: str(folder / "cache"))
    (folder / "models").mkdir()
    for suffix in ("json", "safetensors"):
        shutil.copy(catalogue.FOLDER / f"svd.{suffix}", folder / "models")
    write_model(folder / "models", "by-frames", "frame_mlp")
    write_model(folder / "models", "by-patches", "patch_cnn")
    write_model(folder / "models", "style-mlp", "frame_mlp")
    write_model(folder / "models", "damaged", "frame_mlp")
    (folder / "models" / "damaged.safetensors").write_bytes(b"nothing")
    patch.setattr(catalogue, "FOLDER", folder / "models")
    catalogue.load.cache_clear()
    settings = QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat)
    window = MainWindow([str(song(folder / "song.wav"))], settings, PAGES)
    window.show()
    wait_for(lambda: window.page is not None and rested(page_of(window)))
    yield window
    window.close()
    assert not list((folder / "cache").glob("*")), "adversaries that were opened are gone with the window"
    patch.undo()
    catalogue.load.cache_clear()


@pytest.fixture(params=["by-frames", "by-patches"])
def page(opened: MainWindow, request: pytest.FixtureRequest) -> ExplainPage:
    page = page_of(opened)
    if Path(page.study.song.file.path).name != "song.wav":  # type: ignore[union-attr]
        opened.open(opened.files.recent()[0])
        wait_for(lambda: page.study.song.file.path.name == "song.wav" and rested(page))  # type: ignore[union-attr]
    choose(page, request.param)
    page.painting.revert()
    page.study.hide(frozenset())
    page.study.ask(start=150 / FPS, target=None, units="probability", segmentation="temporal", segments=None,
                     method="slime-exact")
    wait_for(lambda: rested(page))
    return page


FPS = 22050 / 512


def page_of(window: MainWindow) -> ExplainPage:
    assert isinstance(window.page, ExplainPage)
    return window.page


def rested(page: ExplainPage) -> bool:
    """Whether all that was asked is answered."""
    s = page.study
    return (s.answer is not None and s.prediction is not None and s.listener is not None
            and s.answer.model == s.prediction.model == s.listener.name and page.inquiry._running is None
            and s.answer.question.start == s.question.start and s.question.target in (None, s.answer.target))


def choose(page: ExplainPage, name: str) -> None:
    """Choose a model as somebody does."""
    page.panel.model.setCurrentIndex(page.panel.model.findData(name))
    wait_for(lambda: page.inquiry.model == name and rested(page))
