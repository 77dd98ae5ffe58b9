"""An adversary for a file: made at the listener's rate, laid over the recording at its own, judged as a file is."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.audio.audibility import NoiseToMask, masking_threshold, noise_to_mask
from engine.audio.features import FrontEnd
from engine.audio.waveform import AudioFile, Waveform
from engine.checks import InputError, choice
from engine.explain import adversary
from engine.explain.adversary import Plan, Step, Watch
from engine.explain.perturbing import snr_db
from engine.job import Progress, Report, silent
from engine.models.listener import Listener

WEIGHTINGS = ("plain", "masking")
LONGEST_SECONDS = 600.0
SILENCE = 1e-6         # -120 dB full scale: less than the smallest step of 16 bits
ROUNDING = 1e-6
TOP_OF_RATE = 0.9     # of the Nyquist frequency: a resampler's pass band ends beyond, and changes there would be lost
FAINTEST = 0.02       # least weight of a bin under masking, of the largest in its frame: no bin is closed altogether


@dataclass(frozen=True)
class AttackQuestion:
    """What to make of which part of a file.

    Parameters
    ----------
    target
        Label wanted; None wants any but the present one.
    weighting
        "plain" counts all changes alike, "masking" prefers those below the masking threshold of the music.
    start, seconds
        The part of the file; None for its start and for all of it.
    method, projection, snr_db, iterations, confidence, smallest, seed
        As in `engine.explain.adversary.Plan`.
    """

    target: str | None = None
    method: str = "magnitude"
    projection: str = "end"
    weighting: str = "plain"
    snr_db: float = 15.0
    iterations: int = 100
    confidence: float = 0.9
    smallest: bool = False
    seed: int = 0
    start: float = 0.0
    seconds: float | None = None

    def plan(self, labels: tuple[str, ...]) -> Plan:
        """The same for labels by index.

        Raises
        ------
        InputError
            When the label or a setting is not possible.
        """
        choice(self.weighting, WEIGHTINGS, "weighting")
        target = None if self.target is None else labels.index(choice(self.target, labels, "target"))
        return Plan(target, self.method, self.projection, self.snr_db, self.iterations, self.confidence, self.smallest,
                    self.seed)


@dataclass(frozen=True)
class Hearing:
    """What a listener says of a sound: probabilities (labels,), the label, and the votes behind them.

    Parameters
    ----------
    probabilities
        float64 (labels,).
    label
        Decided on.
    confidence
        Its probability.
    vote_times
        (votes,) in seconds of the file.
    votes
        float32 (votes, labels): probabilities.
    """

    probabilities: NDArray[np.float64]
    label: str
    confidence: float
    vote_times: NDArray[np.float64]
    votes: NDArray[np.float32]


@dataclass(frozen=True)
class AttackAnswer:
    """An adversary with what it is about.

    Parameters
    ----------
    model, file
        Names.
    labels
        Of the model.
    question
        What was asked.
    span
        Seconds of the file that were attacked and judged.
    original, adversarial
        The whole recording as it was and as it fools: same rate, channels and samples, float.
    before, after
        What the listener says of the span in both.
    fooled
        Whether `after` is what was wanted.
    snr_db
        Of the adversarial recording within the span, at the file's rate, over all channels.
    steps
        One for each iteration, at the listener's rate.
    audible
        How the change lies to the masking threshold of the music.
    seconds
        How long it took.
    """

    model: str
    file: str
    labels: tuple[str, ...]
    question: AttackQuestion
    span: tuple[float, float]
    original: Waveform
    adversarial: Waveform
    before: Hearing
    after: Hearing
    fooled: bool
    snr_db: float
    steps: tuple[Step, ...]
    audible: NoiseToMask
    seconds: float
    survives: dict[str, bool] = field(default_factory=dict)

    @property
    def residual(self) -> Waveform:
        """What was added."""
        return Waveform(self.adversarial.y - self.original.y, self.original.sr)

    def as_json(self) -> dict[str, Any]:
        """Plain numbers and names."""
        return {"model": self.model, "file": self.file, "labels": list(self.labels),
                "before": {"label": self.before.label, "confidence": self.before.confidence},
                "after": {"label": self.after.label, "confidence": self.after.confidence},
                "target": self.question.target, "snr_db": self.snr_db, "iterations": len(self.steps),
                "fooled": self.fooled, "survives": self.survives, "seconds": self.seconds,
                "span": list(self.span), "method": self.question.method, "projection": self.question.projection,
                "weighting": self.question.weighting, "snr_asked_db": self.question.snr_db,
                "smallest": self.question.smallest, "seed": self.question.seed,
                "noise_to_mask_db": self.audible.mean_db, "audible_share": self.audible.audible_share}


def attack(file: AudioFile, listener: Listener, question: AttackQuestion, *, report: Report = silent,
           watch: Watch = lambda step: None) -> AttackAnswer:
    """Make a file that the listener takes for something else.

    Raises
    ------
    InputError
        When the label, the span or a setting is not possible, the span is silent or too short, or the listener gives no
        gradients.
    """
    began = time.perf_counter()
    plan = question.plan(listener.labels)
    if not listener.differentiable:
        raise InputError(f"{listener.name}: expected a model that gives gradients, got one in ONNX, which only "
                         "answers; bring it as TorchScript or torch.export, or explain and dissect it")
    span = span_of(file, listener, question)
    report(Progress(0, plan.iterations, "reading"))
    original = file.read()
    part = original.cut(*span)
    y = torch.from_numpy(part.mono().resampled(listener.front_end.sr).y)
    if float(y.abs().max()) < SILENCE:
        raise InputError(f"{file.name}: expected sound from {span[0]:.1f} to {span[1]:.1f} s, found silence; a "
                         "signal-to-noise ratio needs a signal: choose another part or file")
    before = hear(part, listener, start=span[0], report=report)
    if question.target == before.label:
        raise InputError(f"target: {file.name} is {before.label} to {listener.name} already; choose another label "
                         f"({', '.join(label for label in listener.labels if label != before.label)})")
    found = adversary.attack(y, judge=listener, plan=plan, weight=_weight(y, listener, question, file.sr),
                             report=report, watch=watch)
    adversarial = laid_over(original, (found.y - y).numpy(), listener.front_end.sr, span[0])
    changed = adversarial.cut(*span)
    after = hear(changed, listener, start=span[0], report=report)
    wanted = after.label != before.label if question.target is None else after.label == question.target
    residual = changed.y - part.y
    return AttackAnswer(listener.name, file.name, listener.labels, question, span, original, adversarial, before, after,
                        wanted, snr_db(torch.from_numpy(part.y), torch.from_numpy(residual)), found.steps,
                        noise_to_mask(part.y, residual, part.sr), time.perf_counter() - began)


def default_method(front_end: FrontEnd) -> str:
    """The published method where frames overlap by half, as there; else on samples.

    The more frames overlap, the less of a change of their magnitudes is left by resynthesis: of the 70 % of the
    singing-voice detector next to nothing.
    """
    return "magnitude" if 2 * front_end.hop_length >= front_end.n_fft else "waveform"


def span_of(file: AudioFile, listener: Listener, question: AttackQuestion) -> tuple[float, float]:
    """Seconds of the file that are attacked.

    Raises
    ------
    InputError
        When they are not in the file, too short for the listener or too long to work on at once.
    """
    if not 0 <= question.start < file.seconds:
        raise InputError(f"start={question.start:.10g} s is not in {file.name} ({file.seconds:.1f} s)")
    stop = file.seconds if question.seconds is None else min(file.seconds, question.start + question.seconds)
    least = listener.window_seconds
    if stop - question.start < least - ROUNDING:  # start + seconds - start may be less than seconds
        raise InputError(f"{file.name}: expected at least {least:.2f} s, as {listener.name} hears so much at once, got "
                         f"{stop - question.start:.2f} s; take a longer sound or part")
    if stop - question.start > LONGEST_SECONDS:
        raise InputError(f"{file.name}: {stop - question.start:.0f} s is longer than the {LONGEST_SECONDS:.0f} s that "
                         "can be attacked at once; choose a part of it")
    return question.start, stop


def hear(sound: Waveform, listener: Listener, *, start: float = 0.0, report: Report = silent) -> Hearing:
    """What the listener says of a whole sound, which begins at `start` seconds of a file.

    Raises
    ------
    InputError
        When it answers with NaN.
    """
    y = torch.from_numpy(sound.mono().resampled(listener.front_end.sr).y)
    votes = adversary.votes_of(listener, y, report)
    probabilities = listener.verdict(votes).double()
    if not bool(probabilities.isfinite().all()):
        raise InputError("audio: the model answers with NaN; is the recording far beyond full scale?")
    label = listener.decision(probabilities)
    times = start + listener.vote_frames(1 + len(y) // listener.front_end.hop_length) / (
        listener.front_end.frames_per_second)
    return Hearing(probabilities.numpy(), listener.labels[label], float(probabilities[label]), times[: len(votes)],
                   listener.probabilities(votes).numpy())


def laid_over(original: Waveform, change: NDArray[np.float32], sr: int, start: float) -> Waveform:
    """The recording with a change at `sr` Hz added to each channel from `start` seconds on."""
    added = Waveform(change, sr).resampled(original.sr).y
    first = round(start * original.sr)
    y = original.y.copy()
    room = y.shape[-1] - first
    y[..., first : first + len(added)] += added[:room]
    return Waveform(y, original.sr)


def _weight(y: Tensor, listener: Listener, question: AttackQuestion, file_sr: int) -> Tensor | None:
    """How freely each bin may be changed; None where all are alike."""
    front_end = listener.front_end
    resampled = file_sr != front_end.sr
    if question.weighting == "plain" and not resampled:
        return None
    magnitude = front_end.stft(y).abs()
    weight = torch.ones_like(magnitude)
    if question.weighting == "masking":
        threshold = masking_threshold(magnitude, sr=front_end.sr, n_fft=front_end.n_fft)
        weight = threshold / threshold.max().clamp_min(1e-30)
        weight = torch.maximum(weight, FAINTEST * weight.amax(dim=0))
    if resampled:
        top = TOP_OF_RATE * min(file_sr, front_end.sr) / 2
        weight = weight * (torch.arange(len(weight)) * front_end.sr / front_end.n_fft <= top)[:, None]
    return weight


def with_survival(answer: AttackAnswer, survives: dict[str, bool]) -> AttackAnswer:
    """The answer with what it survives."""
    return replace(answer, survives=survives)
