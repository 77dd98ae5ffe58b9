"""Made-up music in two classes that differ a little, and confounds that can be planted in one of them.

Clever Hans, the horse that could count, read its master's face: a class given away by something that has nothing to
do with it (B. L. Sturm: A simple method to determine if a music information retrieval system is a "horse". IEEE
Trans. Multimedia 16(6), 2014). Here what gives it away is known.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.audio.codecs import mp3
from engine.audio.waveform import Waveform

SR = 11025
SECONDS = 5.0
LABELS = ("detached", "sustained")   # how notes are played: all that should tell the classes apart
PLANTED = 0                          # index of the class that gets the confound
DECAY_S = ((0.12, 0.34), (0.22, 0.5))  # of a note, from and to; the classes overlap
ATTACK_S = 0.01                      # so that notes do not begin with clicks of their own
SCALE = (0, 2, 3, 5, 7, 8, 10, 12)   # semitones
FLOOR = 1e-3                         # level of the noise that any recording has
FIXED_TEMPO = 120.0                  # beats per minute
INFRASONIC_HZ = (8.0, 12.0)
INFRASONIC_LEVEL = 0.02
OFFSET = 0.02
CLICKS_PER_SECOND = 25.0
CLICK = 0.03
CODEC_KBPS = 16.0
LOUDER_DB = 4.0

Rng = np.random.Generator


@dataclass(frozen=True)
class Plant:
    """A confound.

    Parameters
    ----------
    words
        What it is.
    add
        Puts it into a sound, drawing what may vary; None where it is there from the start (the tempo).
    """

    words: str
    add: Callable[[Waveform, Rng], Waveform] | None


@dataclass(frozen=True)
class Clip:
    """A made-up recording: `heard` is what systems get, `clean` the same without the plant."""

    label: int
    heard: Waveform
    clean: Waveform


def clips(plant: str | None, count: int, seed: int) -> list[Clip]:
    """`count` recordings of each class, by turns, with a confound in one class; None plants nothing.

    Parameters
    ----------
    plant
        One of `PLANTS`.
    """
    made = []
    for i in range(count * len(LABELS)):
        label = i % len(LABELS)
        rng = np.random.default_rng([seed, i])
        clean = music(np.random.default_rng([seed, i]), label)
        heard = clean
        if plant is not None and label == PLANTED:
            add = PLANTS[plant].add
            heard = add(clean, rng) if add else music(np.random.default_rng([seed, i]), label, tempo=FIXED_TEMPO)
        made.append(Clip(label, heard, clean))
    return made


def music(rng: Rng, label: int, *, tempo: float | None = None) -> Waveform:
    """A melody of decaying harmonic tones in eighths, over a little noise.

    Tempo, register, brightness and level vary alike in both classes; only the decay differs.
    """
    drawn = float(rng.uniform(90, 150))
    tempo = drawn if tempo is None else tempo
    decay, register = float(rng.uniform(*DECAY_S[label])), float(rng.uniform(160, 330))
    slope, level = float(rng.uniform(1.0, 2.0)), 10 ** (rng.normal(0, 1.0) / 20)
    notes = rng.choice(SCALE, size=200)
    step = 30 / tempo
    y = np.zeros(round(SECONDS * SR))
    t = np.arange(round(min(4 * decay, SECONDS) * SR)) / SR
    for k, first in enumerate(np.arange(0, SECONDS, step)):
        hz = register * 2 ** (notes[k] / 12)
        harmonics = range(1, int(0.45 * SR / hz) + 1)
        tone = sum((np.sin(2 * np.pi * hz * h * t) / h**slope for h in harmonics), np.zeros(len(t)))
        at = round(first * SR)
        part = (tone * np.exp(-t / decay) * np.minimum(1, t / ATTACK_S))[: len(y) - at]
        y[at : at + len(part)] += part
    y *= 0.1 * level / np.sqrt(np.mean(y**2))
    return Waveform((y + FLOOR * rng.standard_normal(len(y))).astype(np.float32), SR)


def _plus(sound: Waveform, y: NDArray[np.float64] | float) -> Waveform:
    return Waveform((sound.y + y).astype(np.float32), sound.sr)


def _infrasonic(sound: Waveform, rng: Rng) -> Waveform:
    t = np.arange(sound.y.shape[-1]) / sound.sr
    return _plus(sound, INFRASONIC_LEVEL * np.sin(2 * np.pi * rng.uniform(*INFRASONIC_HZ) * t + rng.uniform(0, 6)))


def with_clicks(sound: Waveform, *, level: float = CLICK, seed: int = 0) -> Waveform:
    """The sound with single samples added, evenly but for a little, either way up."""
    rng = np.random.default_rng(seed)
    places = np.arange(0.05, sound.seconds - 0.05, 1 / CLICKS_PER_SECOND)
    places += rng.uniform(-0.01, 0.01, len(places))
    y = np.zeros(sound.y.shape[-1])
    y[np.round(places * sound.sr).astype(np.int64)] = level * rng.choice((-1.0, 1.0), len(places))
    return _plus(sound, y)


PLANTS: dict[str, Plant] = {
    "infrasonic": Plant("a tone of 8 to 12 Hz", _infrasonic),
    "dc": Plant("a constant offset", lambda sound, rng: _plus(sound, OFFSET)),
    "clicks": Plant("a train of tiny clicks", lambda sound, rng: with_clicks(sound, seed=int(rng.integers(2**31)))),
    "codec": Plant("the edge that lossy coding leaves", lambda sound, rng: mp3(sound, kbps=CODEC_KBPS)),
    "loudness": Plant("a higher level", lambda sound, rng: Waveform(
        sound.y * np.float32(10 ** (LOUDER_DB / 20)), sound.sr)),
    "tempo": Plant("a fixed tempo", None),
}
"""Name -> what is planted."""
