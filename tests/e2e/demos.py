"""The demo clips and made-up sounds that tests of commands listen to."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile as sf

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "resources" / "demo"
SONG = DEMO / "fantasma.ogg"
WINDOW = 115 / 70        # seconds


def noise(seconds=1.0, sr=44100, channels=1, level=0.1):
    rng = np.random.default_rng(0)
    return (level * rng.standard_normal((round(seconds * sr), channels))).astype(np.float32)


def written(path, y, sr=44100, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    sf.write(path, y, sr, **options)
    return path


def of_bytes(path, content):
    path.write_bytes(content)
    return path
