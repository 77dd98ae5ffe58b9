"""Devices: listed, lost, found again, missing."""
# ruff: noqa: F811

import subprocess
import sys

import numpy as np
import pytest

from gui.player import DeviceError, Player
from gui.player.outputs import DeviceOutput, PortAudio
from tests.gui.hearing import FakeBackend, FakeOutput, backend, noise, player  # noqa: F401  (fixtures)


def test_a_lost_device_is_told_once_and_found_again(player, backend, qtbot, monkeypatch):
    monkeypatch.setattr("gui.player.keeper.RETRY_SECONDS", 0.3)
    told = []
    player.device_problem.connect(told.append)
    player.set_source(noise(60.0))
    player.play()
    qtbot.waitUntil(lambda: player.position() > 0.2)
    backend.there, backend.opened[0].gone = False, True
    qtbot.waitUntil(lambda: bool(told))
    assert player.silent
    assert "sound device was lost" in told[0]
    was = player.position()
    qtbot.waitUntil(lambda: player.position() > was + 0.5)     # it goes on
    backend.there = True
    qtbot.waitUntil(lambda: not player.silent)
    assert len(backend.opened) == 2
    assert len(told) == 1
    assert was + 0.4 < player.position() < was + 3


def test_without_a_device_everything_goes_on(player, backend, qtbot):
    backend.there = False
    player.set_source(noise(5.0))
    with qtbot.waitSignal(player.device_problem, timeout=3000) as told:
        player.play()
    assert told.args[0].startswith("No sound can be heard (there is no sound device)")
    qtbot.waitUntil(lambda: player.position() > 0.3)
    player.seek(3.0)
    qtbot.waitUntil(lambda: player.position() > 3.1)


def test_devices_are_listed_in_the_background(player, qtbot):
    with qtbot.waitSignal(player.devices_changed, timeout=3000):
        player.devices()
    assert player.devices() == ("headphones",)


def test_importing_the_player_does_not_look_for_portaudio():
    code = "import sys, gui.player; sys.exit('sounddevice' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


class FakeSounddevice:
    """What `DeviceOutput` needs of sounddevice, with one device of eight channels that knows 48 kHz only."""

    class PortAudioError(Exception):
        pass

    class OutputStream:
        latency, time, active = 0.06, 5.0, True

        def __init__(self, **settings):
            self.settings = settings

        def start(self):
            pass

        abort = close = start

    def query_devices(self, device=None, kind=None):
        one = {"name": "card", "hostapi": 0, "max_output_channels": 8, "default_samplerate": 48000.0}
        return one if kind else [one, {**one, "name": "microphone", "max_output_channels": 0},
                                 {**one, "name": "screen"}, {**one, "name": "screen", "hostapi": 1}]

    def query_hostapis(self):
        return ({"name": "ALSA"}, {"name": "JACK"})

    def check_output_settings(self, **settings):
        if settings["samplerate"] != 48000:
            raise self.PortAudioError("Invalid sample rate")


def when(dac, current):
    return type("Times", (), {"outputBufferDacTime": dac, "currentTime": current})


def status(underflow=False):
    return type("Status", (), {"output_underflow": underflow})


def test_a_device_is_opened_at_a_rate_that_it_takes_and_tells_when_it_is_heard():
    output = DeviceOutput(FakeSounddevice(), None, 44100)
    assert (output.rate, output.channels) == (48000, 2)
    pulled = []
    output.start(lambda out, heard_at: pulled.append((len(out), heard_at)))
    output._callback(np.empty((480, 2), np.float32), 480, when(1.05, 1.0), status())
    output._callback(np.empty((9600, 2), np.float32), 9600, when(0.0, 2.0), status(underflow=True))
    assert pulled == [(480, 1.05), (8192, pytest.approx(2.06)), (1408, pytest.approx(2.06 + 8192 / 48000))]
    assert output.late == 1
    assert output.alive()
    output._stream.active = False
    assert not output.alive()


def test_devices_of_the_same_name_are_told_apart_and_inputs_left_out():
    backend = PortAudio()
    backend._sd = FakeSounddevice()
    assert backend.devices() == {"card": 0, "screen, ALSA": 2, "screen, JACK": 3}
    assert backend.open("screen, JACK", 48000)._stream.settings["device"] == 3
    with pytest.raises(DeviceError, match="headphones is not connected"):
        backend.open("headphones", 48000)


def test_a_device_that_does_not_start_leaves_a_silent_clock(qapp, qtbot):
    class Stubborn(FakeOutput):
        def start(self, pull):
            raise DeviceError("Device unavailable")

    class Backend(FakeBackend):
        def open(self, name, rate):
            return Stubborn(rate)

    player = Player(backend=Backend())
    player.set_source(noise(5.0))
    with qtbot.waitSignal(player.device_problem, timeout=3000):
        player.play()
    qtbot.waitUntil(lambda: player.position() > 0.1)
    assert player.silent
    player.close()
