"""The fixed list of what might give a class away: all confounds that can be planted, and decoys that never are.

Each has a family of interventions that takes it away or puts it into everything, from hardly any to much, and the rows
of features in which it would show.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.audio.filters import high_pass
from engine.audio.interventions import INTERVENTIONS, Treatment
from engine.audio.waveform import Waveform
from engine.explain.dissect_search import Family
from engine.explain.dissect_tree import Measured
from engine.training.horse_sounds import CLICK, with_clicks

Rows = Callable[[Measured], bool]


@dataclass(frozen=True)
class Cause:
    """What a class might be known by.

    Parameters
    ----------
    family
        Interventions on it.
    swept
        Values of the family that a sweep tries.
    rows
        Whether it shows in a row of scattering features; None where no such row hears it.
    band_hz
        Where it shows in a spectrogram; None where it does not.
    """

    family: Family
    swept: tuple[float, ...]
    rows: Rows | None
    band_hz: tuple[float, float] | None

    @property
    def name(self) -> str:
        """Key."""
        return self.family.name


def _by(intervention: str, parameter: str, **fixed: float) -> Callable[[float], Treatment]:
    return lambda value: INTERVENTIONS[intervention].at(**{parameter: value, **fixed})


def _none(intervention: str) -> Callable[[float], Treatment]:
    return lambda value: INTERVENTIONS[intervention].at()


def _around_mains(hz: float) -> Treatment:
    return INTERVENTIONS["band-stop"].at(low_hz=50 - hz, high_hz=50 + hz)


def _without_infrasound(hz: float) -> Treatment:
    """A high-pass that leaves the offset, which is a cause of its own."""
    def apply(sound: Waveform) -> Waveform:
        rest = high_pass(sound, cutoff_hz=hz).y
        return Waveform(rest - rest.mean(dtype=np.float32) + sound.y.mean(dtype=np.float32), sound.sr)

    return Treatment("infrasound", f"nothing left below {hz:g} Hz but the offset", apply)


def _clicked(level: float) -> Treatment:
    return Treatment("clicks", f"clicks of {level:g} added", lambda sound: with_clicks(sound, level=level))


def _level(low: float, high: float) -> Rows:
    return lambda path: path.modulation_hz is None and low <= path.hz < high


def _rhythm(low: float, high: float, above_hz: float = 60.0) -> Rows:
    return lambda path: path.hz >= above_hz and path.modulation_hz is not None and low <= path.modulation_hz < high


CAUSES: tuple[Cause, ...] = (
    Cause(Family("infrasonic", "removing energy below {value} Hz", (5, 8, 12, 16, 20, 25, 30),
                 _without_infrasound), (25,), lambda path: 0 < path.hz < 20, (0, 20)),
    Cause(Family("dc", "removing the offset", (1,), _none("dc-removed")), (1,), lambda path: path.hz == 0, (0, 1)),
    Cause(Family("clicks", "adding clicks of {value} of full scale", (0.001, 0.003, 0.01, CLICK), _clicked), (CLICK,),
          lambda path: _level(20, 80)(path) or _rhythm(15, 1000, 2000)(path), (2500, 4300)),
    Cause(Family("codec", "coding as MP3 of {value} kbit/s", (64, 48, 32, 16), _by("mp3", "kbps")), (16,),
          lambda path: path.hz >= 4300, (4900, 6000)),
    Cause(Family("loudness", "changing the level by {value} dB", (0.03, 0.1, 0.3, 1, 4), _by("gain", "gain_db")),
          (4,), _level(80, 4300), (100, 4300)),
    Cause(Family("tempo", "playing {value} times as fast", (1.02, 1.1), _by("tempo", "tempo")), (0.9, 1.1),
          _rhythm(1, 8), (100, 4300)),
    Cause(Family("mains hum", "removing {value} Hz to both sides of 50 Hz", (2, 5, 10), _around_mains), (10,),
          lambda path: 40 <= path.hz < 62, (40, 62)),
    Cause(Family("hiss", "adding white noise at an SNR of {value} dB", (90, 80, 70, 60, 50, 40, 30),
                 _by("noise", "snr_db")), (30,), _level(2500, 4300), (2500, 4900)),
    Cause(Family("room", "a room of {value} s", (0.02, 0.3), _by("room", "decay_s", direct_db=20.0, snr_db=90.0)),
          (0.3,), lambda path: path.hz < 2000 and _rhythm(8, 30)(path), (100, 4300)),
    Cause(Family("register", "shifting by {value} semitones", (0.1, 1), _by("pitch", "semitones")), (1,),
          _level(100, 1000), (100, 1000)),
    Cause(Family("polarity", "turning the polarity", (1,), _none("polarity")), (1,), None, None),
    Cause(Family("delay", "a delay of {value} samples", (1, 16, 64), _by("shift", "samples")), (64,), None, None),
)
"""In this order everywhere; the first six can be planted."""
