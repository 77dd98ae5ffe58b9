"""Sound devices that vanish in the middle and come back, PortAudio that falls over, computers that sleep."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.audio.waveform import Waveform
from engine.job import Progress
from gui.player import Player, PortAudio, WaveformSource, outputs
from gui.player.outputs import SilentClock
from gui.views import job_bar
from gui.views.job_bar import Job, JobBar

SR = 48000


class PortAudioError(Exception):
    """As sounddevice's."""


class Stream:
    """A stream that calls back from a thread of its own, until its device is gone."""

    latency = 0.05

    def __init__(self, system: System, callback: object, **_: object) -> None:
        self._system, self._callback, self._ended = system, callback, threading.Event()
        self.began = time.perf_counter()

    def _say(self) -> None:
        if self._system.gone:
            raise PortAudioError("Unanticipated host error [PaErrorCode -9999]")

    @property
    def time(self) -> float:
        self._say()
        return time.perf_counter() - self.began

    @property
    def active(self) -> bool:
        self._say()
        return not self._ended.is_set()

    def start(self) -> None:
        self._say()
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        times, ok = type("Times", (), {}), type("Status", (), {"output_underflow": False})
        while not self._ended.wait(0.01) and not self._system.gone:
            times.currentTime = time.perf_counter() - self.began
            times.outputBufferDacTime = times.currentTime + 0.05
            self._callback(np.empty((480, 2), np.float32), 480, times, ok)    # type: ignore[operator]

    def abort(self) -> None:
        self._ended.set()
        self._say()

    close = abort


class System:
    """sounddevice with one device that can be pulled out; `broken` lets PortAudio itself fall over."""

    PortAudioError = PortAudioError

    def __init__(self) -> None:
        self.gone = self.broken = False
        self.streams: list[Stream] = []

    def _initialize(self) -> None:
        if self.broken:
            raise PortAudioError("PortAudio not initialized [PaErrorCode -10000]")

    _terminate = _initialize

    def query_devices(self, device: object = None, kind: object = None) -> object:
        self._initialize()
        one = {"name": "headphones", "hostapi": 0, "max_output_channels": 2, "default_samplerate": 48000.0}
        if kind:
            return one
        return [] if self.gone else [one]

    def query_hostapis(self) -> object:
        return ({"name": "ALSA"},)

    def check_output_settings(self, **_: object) -> None:
        self._initialize()

    def OutputStream(self, callback: object, **settings: object) -> Stream:
        self.streams.append(Stream(self, callback))
        return self.streams[-1]


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> System:
    monkeypatch.setattr("gui.player.keeper.RETRY_SECONDS", 0.2)
    return System()


@pytest.fixture
def player(qapp: QApplication, system: System) -> Iterator[Player]:
    backend = PortAudio()
    backend._sd = system
    made = Player(backend=backend)
    made.set_source(WaveformSource(Waveform(np.zeros(60 * SR, np.float32), SR)))
    yield made
    made.close()


@pytest.mark.parametrize("broken", [False, True])
def test_a_device_vanishes_while_it_plays_and_returns(player: Player, system: System, qtbot: QtBot,
                                                      broken: bool) -> None:
    told: list[str] = []
    player.device_problem.connect(told.append)
    player.play()
    qtbot.waitUntil(lambda: player.position() > 0.2)
    assert not player.silent
    for round_trip in (1, 2):
        system.gone, system.broken = True, broken
        qtbot.waitUntil(lambda: player.silent)
        qtbot.waitUntil(lambda count=round_trip: len(told) == count)
        assert "No sound can be heard" in told[-1]
        was = player.position()
        qtbot.waitUntil(lambda was=was: player.position() > was + 0.2)     # playing goes on, silently
        system.gone = system.broken = False
        qtbot.waitUntil(lambda: not player.silent)
        assert was < player.position() < was + 10
    assert len(system.streams) == 3
    assert any(thread.name == "sound device" and thread.is_alive() for thread in threading.enumerate())


def test_looking_for_devices_survives_a_portaudio_that_fell_over(player: Player, system: System, qtbot: QtBot) -> None:
    system.broken = True
    player.play()
    qtbot.waitUntil(lambda: player.silent)
    assert player.devices() == ()
    system.broken = False
    qtbot.waitUntil(lambda: not player.silent)


def test_a_silent_clock_does_not_catch_up_on_an_hour_of_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    jumped, pulled = [0.0], [0]
    real = time.perf_counter
    monkeypatch.setattr(outputs.time, "perf_counter", lambda: real() + jumped[0])

    def pull(out: np.ndarray, heard_at: float) -> None:
        pulled[0] += len(out)

    clock = SilentClock(8000)
    clock.start(pull)
    try:
        deadline = real() + 5
        while pulled[0] < 400 and real() < deadline:
            time.sleep(0.01)
        before, jumped[0], slept = pulled[0], 3600.0, real()
        time.sleep(0.3)
        made_up = pulled[0] - before
    finally:
        clock.close()
    assert made_up < 8000 * (real() - slept + 0.2)
    assert made_up > 0          # and it goes on


def test_what_is_left_of_a_job_does_not_count_the_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(job_bar.time, "monotonic", lambda: now[0])
    job = Job("Search", 0.0)
    job.hear(Progress(0, 100))
    now[0] += 10
    job.hear(Progress(50, 100))
    assert job.time_left() == "10 s left"
    now[0] += 8 * 3600
    job.hear(Progress(51, 100))
    assert job.time_left() == "10 s left", "51 in 10 s"


def test_the_bar_shows_it(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    bar = JobBar()
    qtbot.addWidget(bar)
    bar.begin("a", "Search", patience_ms=0)
    real = time.monotonic
    monkeypatch.setattr(job_bar.time, "monotonic", lambda: real() + 7200)
    bar.progress("a", Progress(1, 100))
    assert "min" not in bar._rest.text()
