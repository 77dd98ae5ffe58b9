"""Sounds to intervene in."""

import numpy as np

from engine.audio.interventions import INTERVENTIONS
from engine.audio.waveform import Waveform

SR = 22050


def tone(hz, amplitude=0.5, seconds=1.0, sr=SR):
    return Waveform((amplitude * np.sin(2 * np.pi * hz * np.arange(round(seconds * sr)) / sr)).astype(np.float32), sr)


def music(seconds=1.0, sr=SR, channels=0, seed=0):
    """Noise that falls by 6 dB per octave, with an attack: has a place in time and energy everywhere."""
    rng = np.random.default_rng(seed)
    y = rng.standard_normal((max(1, channels), round(seconds * sr)))
    y = np.cumsum(y, axis=1) * 0.98 ** (np.arange(y.shape[1]) / sr * 100)
    y -= y.mean(axis=1, keepdims=True)
    y = (0.3 * y / np.abs(y).max() + 0.01 * rng.standard_normal(y.shape)).astype(np.float32)
    return Waveform(y if channels else y[0], sr)


def apply(name, waveform, **values):
    return INTERVENTIONS[name].apply(waveform, **values)
