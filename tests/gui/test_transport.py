"""What a transport gives, sample by sample: loops, switches, positions, ends, levels."""

import numpy as np
import pytest

from engine.audio.waveform import Waveform
from gui.player import WaveformSource
from gui.player.sources import level_gain
from gui.player.transport import Jump, Transport
from gui.player.voice import Loop
from tests.gui.hearing import SR, noise, tone

BLOCK = 441


def ramp(seconds, sr=SR):
    """Sound whose value tells the time: sample i is i / (60 * sr)."""
    return WaveformSource(Waveform((np.arange(round(seconds * sr)) / (60 * sr)).astype(np.float32), sr))


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
