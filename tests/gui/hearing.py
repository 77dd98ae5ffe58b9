"""Sounds to play, a transport without threads, and a device that can be pulled out."""

import numpy as np
import pytest

from engine.audio.waveform import Waveform
from gui.player import DeviceError, Player, SilentClock, WaveformSource

SR = 44100


def noise(seconds, seed=0, sr=SR, level=0.1):
    y = level * np.random.default_rng(seed).standard_normal((2, round(seconds * sr)))
    return WaveformSource(Waveform(y.astype(np.float32), sr))


def tone(frequency, seconds, sr=SR, level=0.5):
    y = level * np.sin(2 * np.pi * frequency * np.arange(round(seconds * sr)) / sr)
    return WaveformSource(Waveform(y.astype(np.float32), sr))


class FakeOutput(SilentClock):
    """A device that can be pulled out."""

    gone = False

    def alive(self):
        if self.gone:
            raise OSError("no such device")
        return True


class FakeBackend:
    def __init__(self):
        self.there, self.opened = True, []

    def rescan(self):
        pass

    def devices(self):
        return {"headphones": 0} if self.there else {}

    def open(self, name, rate):
        if not self.there:
            raise DeviceError("there is no sound device")
        self.opened.append(FakeOutput(rate))
        return self.opened[-1]


@pytest.fixture
def backend():
    return FakeBackend()


@pytest.fixture
def player(qapp, backend):
    player = Player(backend=backend)
    yield player
    player.close()
