"""What is heard, by number: loops, switches, positions, ends, levels, load, lost devices."""

import subprocess
import sys
import threading
import time

import numpy as np
import pytest
import soundfile as sf

from engine.audio.waveform import AudioFile, Waveform
from engine.checks import InputError
from gui.player import DeviceError, FileSource, Player, SilentClock, WaveformSource
from gui.player.outputs import DeviceOutput, PortAudio
from gui.player.sources import level_gain
from gui.player.transport import Jump, Transport
from gui.player.voice import Loop

SR = 44100
BLOCK = 441


def ramp(seconds, sr=SR):
    """Sound whose value tells the time: sample i is i / (60 * sr)."""
    return WaveformSource(Waveform((np.arange(round(seconds * sr)) / (60 * sr)).astype(np.float32), sr))


def noise(seconds, seed=0, sr=SR, level=0.1):
    y = level * np.random.default_rng(seed).standard_normal((2, round(seconds * sr)))
    return WaveformSource(Waveform(y.astype(np.float32), sr))


def tone(frequency, seconds, sr=SR, level=0.5):
    y = level * np.sin(2 * np.pi * frequency * np.arange(round(seconds * sr)) / sr)
    return WaveformSource(Waveform(y.astype(np.float32), sr))


class Machine:
    """A transport pulled step by step, without thread or device: time is the count of frames."""

    def __init__(self, source, rate=SR, channels=1, **wishes):
        self.transport = Transport(rate, channels)
        self.transport.ask(source=source, **wishes)
        self.transport.play()
        self.frames = 0

    def now(self):
        return self.frames / self.transport.rate

    def render(self, seconds, block=BLOCK):
        out = np.empty((round(seconds * self.transport.rate), self.transport.channels), np.float32)
        for first in range(0, len(out), block):
            self.transport.feed()
            piece = out[first : first + block]
            self.transport.pull(piece, self.now())
            self.frames += len(piece)
        return out

    def position(self):
        return self.transport.position(self.now())


def test_the_samples_of_the_source_are_heard_to_the_bit():
    source = noise(1.0)
    out = Machine(source, channels=2).render(1.0)
    assert np.array_equal(out[BLOCK:], source.read(0, SR)[BLOCK:])     # after the fade in of 10 ms


def test_a_loop_is_exact_to_the_sample():
    source, loop = noise(3.0), Loop(0.5, 0.75)
    out = Machine(source, channels=2, loop=loop, jump=Jump(0.5)).render(2.0)
    length, seam = SR // 4, round(0.005 * SR)
    first = source.read(SR // 2, length)
    rounds = out[length:].reshape(-1, length, 2) if len(out) % length == 0 else None
    for turn in rounds:
        assert np.array_equal(turn[: length - seam], first[: length - seam])
    assert not np.array_equal(rounds[0, -seam:], first[-seam:])       # there it fades into what precedes the loop


def test_a_loop_does_not_click():
    loop = Loop(1.0, 1.0 + 10.5 / 441)                                # ends in the middle of a period of 441 Hz
    out = Machine(tone(441.0, 3.0), loop=loop, jump=Jump(1.0)).render(1.0)
    assert np.abs(np.diff(out[BLOCK:, 0])).max() < 1.3 * 0.5 * 2 * np.pi * 441 / SR


def test_the_position_goes_round_the_loop():
    machine = Machine(ramp(3.0), loop=Loop(0.5, 0.75), jump=Jump(0.4))
    seen = []
    for _ in range(100):
        machine.render(0.01)
        seen.append(machine.position())
    expected = [0.4 + 0.01 * (i + 1) for i in range(100)]
    expected = [t if t < 0.75 else 0.5 + (t - 0.5) % 0.25 for t in expected]
    wrapped = np.abs(np.subtract(seen, expected))
    assert np.minimum(wrapped, 0.25 - wrapped).max() < 1e-6


def test_a_switch_is_heard_within_100_ms_at_the_same_position():
    a, b = noise(3.0, seed=1), noise(3.0, seed=2)
    machine = Machine(a, channels=2)
    machine.render(1.003)
    machine.transport.ask(source=b)
    out = machine.render(1.0)
    at = round(1.003 * SR)
    after = b.read(at, SR)
    same = (out == after).all(axis=1)
    first = len(same) - np.argmin(same[::-1])       # from here to the end it is `b`, sample by sample
    assert 0 < first < 0.1 * SR
    before = first - round(0.01 * SR) - 1
    assert np.array_equal(out[:before], a.read(at, before))


def test_a_switch_between_alike_sounds_is_not_heard_at_all():
    source = noise(2.0)
    machine = Machine(source, channels=2)
    machine.render(0.5)
    machine.transport.ask(source=noise(2.0))
    np.testing.assert_allclose(machine.render(0.5), source.read(SR // 2, SR // 2), atol=1e-7)


@pytest.mark.parametrize("change", ["switch", "seek", "speed", "pause", "volume", "end"])
def test_nothing_clicks(change):
    machine = Machine(tone(300.0, 2.0))
    out = [machine.render(0.5)]
    if change == "switch":
        machine.transport.ask(source=tone(310.0, 3.0))
    elif change == "seek":
        machine.transport.ask(jump=Jump(1.2345))
    elif change == "speed":
        machine.transport.ask(speed=0.6)
    elif change == "pause":
        machine.transport.pause()
        out.append(machine.render(0.1))
        assert not out[-1][-BLOCK:].any()
        machine.transport.play()
    elif change == "volume":
        machine.transport.set_volume(0.1)
    else:
        machine.transport.ask(source=tone(300.0, 0.3))     # the new one is over before it begins
    out.append(machine.render(0.5))
    jumps = np.abs(np.diff(np.concatenate(out)[:, 0]))
    slope = 0.5 * 2 * np.pi * 310 / SR
    assert jumps.max() < slope + 0.5 * np.pi / BLOCK + 1e-4     # the signal's own, and that of a 10 ms fade


@pytest.mark.parametrize("speed", [0.5, 0.75, 0.9])
def test_the_position_is_what_is_heard_at_any_speed(speed):
    machine = Machine(ramp(20.0), speed=speed)
    errors = []
    for _ in range(100):
        out = machine.render(0.05)
        errors.append(machine.position() - (60 * float(out[-1, 0]) + speed / SR))
    assert machine.position() == pytest.approx(5.0 * speed, abs=1e-6)
    assert np.abs(errors).max() < 0.025
    assert abs(np.mean(errors[10:])) < 0.01


def test_positions_survive_a_change_of_speed_and_of_rate():
    machine = Machine(ramp(20.0), rate=48000)
    machine.render(1.0)
    machine.transport.ask(speed=0.5)
    machine.render(1.0)
    asked = machine.position()
    assert 1.5 < asked < 1.53
    machine.transport.configure(22050, 2, machine.now())
    machine.frames = 0
    assert machine.position() == asked
    machine.render(1.0)
    assert machine.position() == pytest.approx(asked + 0.5, abs=1e-4)


def test_other_rates_are_resampled_in_time():
    machine = Machine(tone(1000.0, 3.0, sr=22050), rate=48000)
    out = machine.render(2.0)[4800:, 0]
    expected = 0.5 * np.sin(2 * np.pi * 1000 * (np.arange(len(out)) + 4800) / 48000)
    assert np.abs(out - expected).max() < 0.01


def test_a_seek_shows_its_aim_at_once_and_is_heard_soon():
    machine = Machine(ramp(50.0))
    machine.render(0.5)
    machine.transport.ask(jump=Jump(30.0))
    assert machine.position() == 30.0
    out = 60 * machine.render(0.1)[:, 0]
    assert out[-1] > 30.0
    heard = int(np.argmax(out >= 30.0))
    assert heard < 0.1 * SR
    assert machine.position() == pytest.approx(60 * machine.render(0.01)[-1, 0] - 0.01, abs=0.001)


def test_a_seek_while_paused_plays_nothing_of_before():
    machine = Machine(ramp(50.0))
    machine.render(0.5)
    machine.transport.pause()
    machine.transport.ask(jump=Jump(20.0))
    machine.render(0.1)
    assert machine.position() == 20.0
    machine.transport.ask(speed=0.5)
    machine.render(0.1)
    assert machine.position() == 20.0
    machine.transport.ask(speed=1.0)
    machine.transport.play()
    out = machine.render(0.2)[:, 0]
    np.testing.assert_allclose(out[BLOCK:], ramp(50.0).read(20 * SR + BLOCK, len(out) - BLOCK)[:, 0])


def test_pausing_holds_the_position_and_goes_on_from_there():
    machine = Machine(ramp(5.0))
    machine.render(1.0)
    machine.transport.pause()
    machine.render(0.5)
    held = machine.position()
    assert held == pytest.approx(1.0, abs=0.0101)
    machine.transport.play()
    machine.render(0.5)
    assert machine.position() == pytest.approx(held + 0.5, abs=1e-6)


def test_at_the_end_there_is_silence_and_no_underrun():
    machine = Machine(ramp(0.5))
    out = machine.render(0.4)
    assert not machine.transport.ended(machine.now())
    out = machine.render(0.4)[:, 0]
    assert machine.transport.ended(machine.now())
    assert np.count_nonzero(out) == round(0.1 * SR)
    assert machine.transport.underruns == 0
    assert machine.position() == pytest.approx(0.5)


def test_what_was_not_fed_is_counted():
    machine = Machine(ramp(5.0))
    machine.transport.feed()
    for _ in range(30):
        machine.transport.pull(np.empty((BLOCK, 1), np.float32), 0.0)
    assert machine.transport.underruns > 0


def test_the_position_waits_for_the_latency_of_the_device():
    transport = Transport(SR, 1)
    transport.ask(source=ramp(5.0))
    transport.play()
    for i in range(100):
        transport.feed()
        transport.pull(np.empty((BLOCK, 1), np.float32), 0.1 + i * 0.01)     # heard 100 ms after it was taken
    assert transport.position(0.05) == 0.0
    assert transport.position(1.0) == pytest.approx(0.9)
    assert transport.position(5.0) == pytest.approx(1.0)                      # no further than was given


def test_levels_are_matched_where_both_are_heard():
    loud, soft = noise(2.0, level=0.2), noise(1.0, seed=3, level=0.02)
    gain = level_gain(soft, loud, start=0.0, stop=2.0)
    assert gain == pytest.approx(10.0, rel=0.02)
    assert level_gain(loud, soft, start=0.0, stop=2.0) == pytest.approx(0.1, rel=0.02)
    assert level_gain(WaveformSource(Waveform(np.zeros(SR, np.float32), SR)), loud, start=0.0, stop=1.0) == 1.0
    nearly_full = level_gain(tone(200, 1, level=0.9), tone(200, 1, level=1.2), start=0, stop=1)
    assert nearly_full == pytest.approx(0.98 / 0.9, rel=0.01)
    machine = Machine(loud, channels=2)
    machine.transport.ask(source=soft, reference=loud)
    assert machine.render(0.9)[BLOCK:].std() == pytest.approx(0.2, rel=0.03)


def test_a_waveform_sits_on_the_time_line_of_the_song():
    source = WaveformSource(Waveform(np.ones(10, np.float32), 10), 2.0, seconds=5.0)
    assert source.seconds == 5.0
    assert source.read(-5, 60)[:, 0].tolist() == [0] * 25 + [1] * 10 + [0] * 25
    assert WaveformSource(Waveform(np.ones((2, 10), np.float32), 10), 2.0).seconds == 3.0


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mp3"])
def test_a_file_is_read_anywhere_as_it_is(tmp_path, suffix):
    path = tmp_path / f"sound.{suffix}"
    sf.write(path, 0.2 * np.random.default_rng(0).standard_normal((SR, 2)), SR)
    whole = AudioFile(path).read().y.T
    source = FileSource(AudioFile(path))
    for first, n in [(0, 500), (500, 500), (20000, 300), (100, 50), (SR - 100, 300), (-50, 100), (2 * SR, 5)]:
        padded = np.pad(whole, [(100, 2 * SR), (0, 0)])
        np.testing.assert_allclose(source.read(first, n), padded[first + 100 : first + 100 + n], atol=2e-3)


def test_a_quiet_mp3_is_whole_although_it_is_read_in_small_pieces(tmp_path):
    path = tmp_path / "tone.mp3"
    y = tone(980.0, 10.0).read(0, 10 * SR)     # so little to encode that each frame leans on those before it
    sf.write(path, y, SR)
    source = FileSource(AudioFile(path))
    heard = np.concatenate([source.read(first, 882) for first in range(5 * SR, 9 * SR, 882)])
    np.testing.assert_allclose(heard, y[5 * SR : 5 * SR + len(heard)], atol=0.02)


def test_a_vanished_file_is_one_sentence(tmp_path):
    path = tmp_path / "sound.wav"
    sf.write(path, np.zeros(100), SR)
    file = AudioFile(path)
    path.unlink()
    with pytest.raises(InputError, match=r"sound\.wav: could not be opened for playing"):
        FileSource(file)


# -- the player, with threads


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


def test_devices_are_listed_in_the_background(player, qtbot):
    with qtbot.waitSignal(player.devices_changed, timeout=3000):
        player.devices()
    assert player.devices() == ("headphones",)


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


def test_importing_the_player_does_not_look_for_portaudio():
    code = "import sys, gui.player; sys.exit('sounddevice' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# -- the device, on a PortAudio that is played by a stand-in


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
