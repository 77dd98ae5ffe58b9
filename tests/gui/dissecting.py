"""A Dissect page to try, with small systems that listen for a rumble or for a tone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.audio.scattering_features import ScatteringFrontEnd
from engine.audio.waveform import Waveform, write_wav
from engine.models import catalogue
from engine.models.frame_mlp import FrameMlp
from gui.dissect_page import DissectPage
from gui.dissect_page.bench import Bench
from gui.engine_thread import EngineThread
from gui.player import Player
from tests.gui.showing import models_in, shown, told
from tests.gui.waiting import wait_for

SR, SECONDS, LENGTH = 22050, 2.0, 2**12
LABELS = ("music", "rumble")
HORSE, LISTENER, OTHER = "scattering-tree-artist", "scattering-tree-random", "style-mlp"
RUMBLE_HZ, TONE_HZ = 10.0, 440.0
HIGH_PASS = {"high-pass": {"cutoff_hz": 25.0}}


def sound(rumble: bool, seed: int = 0, seconds: float = SECONDS) -> Waveform:
    """A tone over a little noise, perhaps with one of 10 Hz."""
    t = np.arange(round(seconds * SR)) / SR
    y = 0.2 * np.sin(2 * np.pi * TONE_HZ * t) + 1e-3 * np.random.default_rng(seed).standard_normal(len(t))
    return Waveform((y + 0.03 * rumble * np.sin(2 * np.pi * RUMBLE_HZ * t))[None].astype(np.float32), SR)


def write_tree(folder: Path, name: str, hz: float) -> None:
    """A tree that asks once, for the level of the band at a frequency."""
    front_end = ScatteringFrontEnd(length=LENGTH)
    levels = [row if path.modulation_hz is None else -1 for row, path in enumerate(front_end.paths)]
    row = min((row for row in levels if row >= 0), key=lambda row: abs(np.log(front_end.paths[row].hz / hz)))
    S = [front_end.spectrogram(sound(rumble)).S[row] for rumble in (False, True)]
    threshold = float(S[0].mean() + S[1].mean()) / 2 if hz < 20 else float(S[0].min()) - 1
    tensors = {"mean": torch.zeros(front_end.bands), "std": torch.ones(front_end.bands),
               "data_minimum": torch.tensor(-10.0), "feature": torch.tensor([row, -1, -1]),
               "threshold": torch.tensor([threshold, 0.0, 0.0]), "left": torch.tensor([1, -1, -1]),
               "right": torch.tensor([2, -1, -1]), "reached": torch.tensor([1.0, 0.5, 0.5]),
               "share": torch.tensor([[0.5, 0.5], [0.9, 0.1], [0.1, 0.9]])}
    card = {"kind": "scattering_tree", "labels": list(LABELS), "length": LENGTH, "name": name}
    catalogue.write(folder / f"{name}.json", tensors, card, exact=tuple(tensors))


def write_mlp(folder: Path) -> None:
    torch.manual_seed(0)
    tensors = {**FrameMlp(8, 2).state_dict(), "mean": torch.ones(513), "std": torch.ones(513),
               "data_minimum": torch.tensor(-1.0)}
    catalogue.write(folder / f"{OTHER}.json", tensors, {"kind": "frame_mlp", "labels": list(LABELS), "name": OTHER})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    made = tmp_path_factory.mktemp("dissect")
    write_tree(made / "models" / "scattering", HORSE, RUMBLE_HZ)
    write_tree(made / "models" / "scattering", LISTENER, TONE_HZ)
    write_mlp(made / "models")
    for label in LABELS:
        (made / "set" / label).mkdir(parents=True)
        for i in range(2):
            write_wav(made / "set" / label / f"Lied {i}.wav", sound(label == "rumble", i))
    with models_in(made / "models"):
        yield made


@pytest.fixture(scope="module")
def opened(qapp: QApplication, folder: Path) -> Iterator[DissectPage]:
    with shown(DissectPage) as page:
        wait_for(lambda: page.study.systems == (HORSE, LISTENER))
        yield page


@pytest.fixture
def page(opened: DissectPage, folder: Path) -> DissectPage:
    """A file with rumble, one of a folder of four, and nothing switched on."""
    opened.inquiry.cancel_experiment()
    opened.player.pause()
    opened.study.set_bench(Bench())
    opened.study.choose_kind("highpass")
    opened.hearing.choose("original")
    opened.study.set_systems(opened.study.known, (HORSE, LISTENER))
    open_and_hear(opened, folder / "set" / "rumble" / "Lied 0.wav")
    told(opened).failed.clear()
    told(opened).said.clear()
    return opened


def open_and_hear(page: DissectPage, path: Path) -> None:
    before = page.study.now
    page.open(path)
    wait_for(lambda: page.study.now is not before and page.study.now is not None
             and set(page.study.before) == set(page.study.systems))


def through(page: DissectPage, settings: dict[str, dict[str, float]]) -> None:
    """Set the bench as its panel does, and wait for what follows."""
    page.bench.changed.emit(settings)
    wait_for(lambda: page.study.made is not None and page.study.made.bench.settings == settings
             and set(page.study.after) == set(page.study.systems) and "" in page.study.levels)


def said(page: DissectPage, system: str) -> str:
    now = page.systems.cards[system].said_now
    assert now is not None
    return now.words


def with_table(page: DissectPage, folder: Path) -> None:
    open_and_hear(page, folder / "set")
    through(page, HIGH_PASS)
    QTest.mouseClick(page.bench.table, Qt.MouseButton.LeftButton)
    wait_for(lambda: bool(page.study.outcomes))


@pytest.fixture
def still_page(qapp: QApplication) -> Iterator[DissectPage]:
    """A page whose threads never begin."""
    player = Player()
    made = DissectPage(EngineThread(), EngineThread(), player)
    yield made
    made.close_down()
    player.close()
