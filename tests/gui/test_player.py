"""What is heard, by number: time, load, ends, failures."""
# ruff: noqa: F811

import threading
import time

import numpy as np
import pytest

from engine.audio.waveform import Waveform
from engine.checks import InputError
from gui.player import WaveformSource
from tests.gui.hearing import SR, backend, noise, player  # noqa: F401  (fixtures)


def test_playing_keeps_time(player, qtbot):
    player.set_source(noise(10.0))
    player.play()
    qtbot.waitUntil(lambda: player.position() > 0.1)
    started, was = time.perf_counter(), player.position()
    qtbot.wait(700)
    assert player.position() - was == pytest.approx(time.perf_counter() - started, abs=0.03)
    assert player.playing
    assert player.underruns == 0


def test_no_underrun_beside_busy_threads(player, qtbot):
    player.set_source(noise(10.0))
    player.set_speed(0.75)
    player.play()
    qtbot.waitUntil(lambda: player.position() > 0)
    stop = threading.Event()

    def work():
        while not stop.is_set():
            sum(range(1000))

    busy = [threading.Thread(target=work) for _ in range(2)]
    for thread in busy:
        thread.start()
    try:
        qtbot.wait(2000)
    finally:
        stop.set()
        for thread in busy:
            thread.join()
    assert player.underruns == 0
    assert player.position() > 1.3


def test_the_end_is_told_once_and_play_begins_again(player, qtbot):
    player.set_source(noise(0.3))
    with qtbot.waitSignal(player.reached_end, timeout=3000):
        player.play()
    assert not player.playing
    assert player.position() == pytest.approx(0.3, abs=1e-3)
    player.play()
    qtbot.waitUntil(lambda: 0 < player.position() < 0.25)


def test_a_source_that_fails_is_told_and_another_plays(player, qtbot):
    class Broken(WaveformSource):
        def read(self, first_sample, n):
            raise InputError("song.mp3: could not be read at 1.0 s; was it moved?")

    player.play()
    assert not player.playing                       # there is nothing yet
    player.set_source(noise(5.0))
    player.play()
    qtbot.waitUntil(lambda: player.position() > 0.1)
    with qtbot.waitSignal(player.source_failed, timeout=3000) as told:
        player.set_source(Broken(Waveform(np.zeros(SR, np.float32), SR)))
    assert "was it moved?" in told.args[0]
    assert not player.playing
    player.set_source(noise(5.0))
    player.play()
    was = player.position()
    qtbot.waitUntil(lambda: player.position() > was + 0.1)


def test_stop_goes_to_the_start_of_the_loop(player, qtbot):
    player.set_source(noise(5.0))
    player.set_loop(1.0, 2.0)
    player.play()
    qtbot.waitUntil(lambda: player.position() > 0.1)
    player.stop()
    assert player.position() == 1.0
    qtbot.wait(200)
    assert player.position() == 1.0
    player.set_loop(0.0, None)
    assert player.loop is None


def test_volume_and_speed_are_checked(player):
    with pytest.raises(InputError, match="volume"):
        player.set_volume(2.0)
    with pytest.raises(InputError, match=r"speed: expected 0\.5 to 1"):
        player.set_speed(1.5)
