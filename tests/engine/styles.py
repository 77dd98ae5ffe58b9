"""Three styles that are easy to tell, and a small training."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import soundfile as sf

from engine.training.styles_material import read_library
from engine.training.train_styles import Config

SR = 22050
CLASSES = {"high": 2400.0, "low": 150.0, "middle": 600.0}


def sound(frequency, seed, seconds=3.0):
    """Noise of an octave around a frequency, over soft noise."""
    rng = np.random.default_rng(seed)
    noise = np.fft.rfft(rng.standard_normal(round(seconds * SR)))
    octaves = np.log2(np.maximum(np.fft.rfftfreq(round(seconds * SR), 1 / SR), 1) / frequency)
    noise *= np.where(np.abs(octaves) < 0.5, (0.5 + rng.random()) * np.sqrt(1000 / frequency), 0.01)
    return 0.1 * np.fft.irfft(noise).astype(np.float32)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Two excerpts of one track of each class in each part; `random` deals the second ones one part further."""
    folder = tmp_path_factory.mktemp("styles")
    rows = ["id,class,track,game,license,split,split_random,split_artist,artist"]
    parts = ("train", "valid", "test")
    for c, (label, frequency) in enumerate(CLASSES.items()):
        (folder / "audio" / label).mkdir(parents=True)
        for p, part in enumerate(parts):
            for i in range(2):
                name = f"{label}-{part}-{i}"
                sf.write(folder / "audio" / label / f"{name}.wav", sound(frequency, 100 * c + 10 * p + i), SR)
                rows.append(f"{name},{label},the {part} tune,Game,CC0,{part},{parts[(p + i) % 3]},{part},"
                            f"{label} {part}")
    (folder / "tracks.csv").write_text("\n".join(rows))
    return folder


@pytest.fixture(scope="module")
def library(data):
    return read_library(str(data))


def tiny(data, work, kind="frame_mlp", **changes):
    shape = {"units": 16, "batch": 64} if kind == "frame_mlp" else {"batch": 3, "frames": 108}
    return replace(Config(data=str(data), work=str(work), kind=kind, steps=6, minutes=1e6, validate_every=2,
                          average=0.5, **shape), **changes)
