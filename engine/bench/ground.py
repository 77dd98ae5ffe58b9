"""What is measured on, how often, and what a line of the table says."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.audio.waveform import AudioFile, Waveform
from engine.explain.explanation import Explanation, Segmentation
from engine.explain.fills import DEFAULT_FILL, Fill, fill
from engine.explain.segments import segmentation
from engine.explain.slime import slime_exact
from engine.models.listener import Listener, ListenerScore

DEMO = Path(__file__).resolve().parents[2] / "resources" / "demo"


@dataclass(frozen=True)
class Size:
    """How much is measured.

    Parameters
    ----------
    seconds
        Of audio.
    segments
        Of the explained excerpt; all masks of them are tried.
    lime_samples, shap_samples
        Masks that lime and captum draw.
    excerpts
        That the peer predicts one by one.
    bf16_excerpts
        Over which bf16 is compared.
    attacked_seconds, attack_steps
        Of the clip that an adversary is made of, and steps of the descent.
    attacked_clips
        Of `CLIP_SECONDS` each, made to fool one after the other.
    runs
        Of which the median is taken.
    """

    seconds: float = 240.0
    segments: int = 10
    lime_samples: int = 2000
    shap_samples: int = 1024
    excerpts: int = 512
    bf16_excerpts: int = 12
    attacked_seconds: float = 30.0
    attack_steps: int = 20
    attacked_clips: int = 12
    runs: int = 3


QUICK = Size(seconds=6.0, segments=6, lime_samples=40, shap_samples=40, excerpts=8, bf16_excerpts=2,
             attacked_seconds=3.0, attack_steps=3, attacked_clips=2, runs=1)


@dataclass(frozen=True)
class Item:
    """One line of the table: `ours` and `peer` in `unit`, less being better; None where not measured."""

    item: str
    ours: float | None
    peer: float | None
    peer_name: str
    note: str
    unit: str = "s"

    @property
    def ratio(self) -> float | None:
        """How many times as much the peer has, or as long it takes."""
        return None if self.peer is None or self.ours is None else self.peer / self.ours


@dataclass(frozen=True)
class Ground:
    """What all items are measured on.

    Parameters
    ----------
    listener
        Whose answers are explained.
    audio
        Mono, at the front end's rate.
    features
        (n_mels, frames): standardised, of all of the audio.
    S
        (n_mels, window): the excerpt whose answer is nearest to the threshold.
    others
        A few more excerpts, spread over the audio.
    """

    listener: Listener
    audio: Waveform
    features: Tensor
    S: Tensor
    others: tuple[Tensor, ...]
    size: Size

    @property
    def score(self) -> ListenerScore:
        """Probability of the last label."""
        return self.listener.score(self.listener.labels[-1])

    @property
    def cut(self) -> Segmentation:
        """Segments in time."""
        front_end = self.listener.front_end
        return segmentation("temporal", self.size.segments, bands=self.S.shape[0], frames=self.S.shape[1],
                            frames_per_second=front_end.frames_per_second, frequencies=front_end.frequencies)

    def hidden(self, S: Tensor) -> Fill:
        """The default fill of an excerpt."""
        return fill(DEFAULT_FILL, S)

    def timed(self, work: Callable[[], object], warm_up: Callable[[], object] | None = None) -> float:
        """Median seconds of a few runs, after one (or another work) that does not count."""
        (warm_up or work)()
        return statistics.median(_seconds(work) for _ in range(self.size.runs))

    def exact(self, S: Tensor) -> Explanation:
        """Exact SoundLIME by the listener's own way through all masks."""
        return slime_exact(self.score, S, segmentation=self.cut, fill=self.hidden(S))


def ground_of(listener: Listener, size: Size) -> Ground:
    """A demo clip, repeated to the length asked for, and excerpts of it; a synthetic sound where there is none."""
    sr = listener.front_end.sr
    y = demo(sr, size.seconds)
    with torch.no_grad():
        spectrogram = listener.front_end(torch.from_numpy(y))
        features = listener.standardised(spectrogram)
        probability = listener.probabilities(torch.cat(list(listener.curve(spectrogram))))[:, -1]
    last = features.shape[1] - listener.window
    undecided = int((probability - listener.threshold).abs().argmin()) - listener.window // 2
    places = [min(max(0, undecided), last), *np.linspace(0, last, size.bf16_excerpts - 1).astype(int)]
    excerpts = [features[:, place : place + listener.window].contiguous() for place in places]
    return Ground(listener, Waveform(y, sr), features, excerpts[0], tuple(excerpts[1:]), size)


def demo(sr: int, seconds: float) -> NDArray[np.float32]:
    """`seconds` of sound: the first demo clip again and again, or tones that come and go over noise."""
    samples = round(sr * seconds)
    clips = sorted(path for path in DEMO.glob("*") if path.suffix in (".ogg", ".flac", ".wav"))
    if clips:
        return np.resize(AudioFile(clips[0]).mono(sr).y, samples)
    t = np.arange(samples) / sr
    tones = sum(np.sin(2 * np.pi * 220 * k * t + 3 * np.sin(2 * np.pi * 5 * t)) / k for k in range(1, 20))
    noise = np.random.default_rng(0).standard_normal(samples)
    return np.asarray(0.1 * tones * (np.sin(2 * np.pi * t / 3) > 0) + 0.02 * noise, dtype=np.float32)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
