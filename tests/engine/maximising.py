"""A generator that nobody trained, sounds to compare with, and a question."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import soundfile as sf
import torch

from engine.listening import maximise_real
from engine.listening.maximise_values import MaximiseQuestion
from engine.models import mel_bank, mel_gan
from engine.models.mel_bank import MelBank, Source, pooled, rounded
from engine.models.mel_gan import MelGenerator

SR = 22050


@pytest.fixture(autouse=True)
def prior(tmp_path_factory, monkeypatch):
    """A prior that nobody trained, and a bank of its own excerpts."""
    folder = tmp_path_factory.mktemp("gan")
    torch.manual_seed(0)
    generator = MelGenerator(2)
    generator(torch.randn(8, 128))
    generator.eval().requires_grad_(False)
    generator.out.weight.mul_(8.0)     # so that its excerpts differ as music does
    mel_gan.write(folder / "gan.json",
                  {**mel_gan.to_tensors(generator), "mean": torch.full((80,), -3.0), "std": torch.full((80,), 2.0)},
                  {"config": {"width": 2}, "nearest": {"held_out": 0.5},
                   "grid": {"maximise": {"ranking": [{"lr": 0.03, "reg": 0.002, "iterations": 3}]}}})
    S = generator(torch.stack([torch.randn(128, generator=torch.Generator().manual_seed(s)) for s in range(5)]))
    mel_bank.write(folder / "real.npz", MelBank(
        rounded(pooled(S)), tuple(f"song{i}" for i in range(5)), np.arange(5, dtype=np.float32), "the detector",
        {"dense2": np.zeros(64)}, {"dense2": np.eye(64)}, 1000))
    monkeypatch.setattr(mel_gan, "FOLDER", folder)
    monkeypatch.setattr(mel_bank, "FOLDER", folder)
    mel_bank.write_sources(folder / "real.csv", [Source("song3", "Étude, in C", "Zoë", "CC BY 4.0")])
    monkeypatch.setattr(maximise_real.platformdirs, "user_cache_dir", lambda name: str(folder / "cache"))
    kept = mel_gan.load, mel_bank.load, mel_bank.sources
    for cached in kept:
        cached.cache_clear()
    yield mel_gan.load()
    for cached in kept:
        cached.cache_clear()


@pytest.fixture
def clips(tmp_path):
    """Two recordings: noise whose loudness rises, and silence in the middle of a tone."""
    folder = tmp_path / "clips"
    folder.mkdir()
    rng = np.random.default_rng(0)
    t = np.arange(8 * SR) / SR
    sf.write(folder / "noise.wav", 0.3 * rng.normal(size=8 * SR) * t / 8, SR)
    sf.write(folder / "tone.wav", 0.3 * np.sin(2 * np.pi * 440 * t) * ((t < 3) | (t > 5)), SR)
    (folder / "words.txt").write_text("no sound")
    return folder


def question(clips, **changes):
    return replace(MaximiseQuestion(lr=0.05, reg=0.001, iterations=4, seeds=3, real=clips), **changes)
