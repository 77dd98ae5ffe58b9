"""A Maximise page to try, with a generator that nobody trained."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from engine.audio.waveform import Waveform, write_wav
from engine.explain.maximise_grid import Grid
from engine.listening import maximise_real, maximise_search
from engine.models import mel_bank, mel_gan
from engine.models.mel_bank import MelBank, Source, pooled, rounded
from engine.models.mel_gan import MelGenerator
from gui.maximise_page import MaximisePage, work
from tests.gui.showing import shown, told
from tests.gui.waiting import wait_for

GRID = Grid(lrs=(0.1, 0.01), regs=(0.01,), iterations=(1, 3), seeds=3)


def write_gan(folder: Path) -> None:
    torch.manual_seed(0)
    net = MelGenerator(4)
    net(torch.randn(8, 128))    # so that batch norm has seen something
    net.eval().requires_grad_(False)
    tensors = {**mel_gan.to_tensors(net), "mean": torch.linspace(0, -6, 80), "std": torch.full((80,), 2.0)}
    mel_gan.write(folder / "gan.json", tensors, {
        "config": {"width": 4}, "nearest": {"held_out": 0.9}, "fid": 4.0, "fid_layer": "dense2", "floor": 0.11,
        "history": [{"minutes": 4, "fid": 9.0}, {"minutes": 8, "fid": 4.0}], "limits": "nobody trained it"})
    grey = np.full((84, 238), 20, np.uint8)
    grey[:, :119] = 240
    QImage(grey.tobytes(), 238, 84, 238, QImage.Format.Format_Grayscale8).save(str(folder / "gan.png"))
    mel_bank.write_sources(folder / "real.csv", [Source("lied", "Ein Lied", "Zoë", "CC BY 4.0")])
    pictures = rounded(pooled(net(torch.randn(6, 128))))
    mel_bank.write(folder / "real.npz", MelBank(pictures, ("lied",) * 6, np.arange(6, dtype=np.float32),
                                                "", {}, {}, 0))


def write_song(path: Path, seconds: float = 8.0, sr: int = 22050) -> None:
    t = np.arange(round(seconds * sr)) / sr
    tones = sum(np.sin(2 * np.pi * f * t * (1 + 0.004 * np.sin(5 * t))) / n
                for n, f in enumerate((220.0, 440.0, 660.0, 880.0), 1))
    write_wav(path, Waveform((0.2 * tones * (0.6 + 0.4 * np.sin(3 * t))).astype(np.float32), sr))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    made = tmp_path_factory.mktemp("maximise")
    write_gan(made / "gan")
    (made / "clips").mkdir()
    write_song(made / "clips" / "Lied für Zoë.wav")
    patch = pytest.MonkeyPatch()
    patch.setattr(mel_gan, "FOLDER", made / "gan")
    patch.setattr(mel_bank, "FOLDER", made / "gan")
    patch.setattr(maximise_real, "CLIPS", made / "clips")
    patch.setattr(maximise_real, "LEAST_FOR_A_FIT", 5)
    patch.setattr(maximise_search.platformdirs, "user_cache_dir", lambda name: str(made / "cache"))
    patch.setattr(work, "Grid", lambda: GRID)
    mel_gan.load.cache_clear()
    mel_bank.load.cache_clear()
    mel_bank.sources.cache_clear()
    yield made
    patch.undo()
    mel_gan.load.cache_clear()
    mel_bank.load.cache_clear()
    mel_bank.sources.cache_clear()


@pytest.fixture(scope="module")
def opened(qapp: QApplication, folder: Path) -> Iterator[MaximisePage]:
    with shown(MaximisePage) as page:
        wait_for(lambda: page.study.real is not None)
        yield page


@pytest.fixture
def page(opened: MaximisePage) -> MaximisePage:
    """A page on which nothing runs and nothing failed, with wishes that are soon fulfilled."""
    opened.inquiry.cancel_running()
    opened.player.pause()
    told(opened).failed.clear()
    told(opened).said.clear()
    last = opened.study.now.layers[-1].name
    opened.panel.form.set_wishes(replace(opened.panel.wishes(), layer=last, neuron=0, direction="max", prior="gan",
                                         lr=0.1, reg=0.01, iterations=6, seeds=4, first_seed=0))
    opened.study.ask(opened.panel.wishes())
    wait_for(lambda: opened.study.real is not None)
    return opened


def made(page: MaximisePage) -> None:
    answer = page.study.answer
    if answer is None or answer.question != page.study.question:
        page.panel.maximise.click()
        wait_for(lambda: page.study.answer not in (None, answer) and not page.study.running)
    assert told(page).failed == []
