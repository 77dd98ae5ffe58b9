"""A question about an excerpt of a file, and its answer."""

from __future__ import annotations

import math
import time
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import torch
from torch import Tensor

from engine.audio.features import Spectrogram
from engine.audio.waveform import AudioFile, Waveform
from engine.checks import InputError, choice
from engine.explain import trust
from engine.explain.explanation import Array, Explanation
from engine.explain.fills import DEFAULT_FILL, FILLS, Fill, fill
from engine.explain.methods import explain as explain_by
from engine.explain.segments import segmentation
from engine.explain.trust import Curves
from engine.job import Progress, Report, silent
from engine.models.listener import Listener

TOP = 3
LIVE_FILLS = tuple(name for name in FILLS if name != "neighbour")  # neighbour tries every mask one by one
CONTEXT_SECONDS = 1
SAMPLES_FROM = 1000  # a smaller number past the end is hardly meant as samples


@dataclass(frozen=True)
class Question:
    """What to explain, and how.

    Parameters
    ----------
    start
        Start of the excerpt in seconds; it is as long as the listener's window.
    target
        Label to explain; None for the one that a detector is there to find ("singing"), else the one decided on.
    method, segmentation, segments, fill, units
        As in `engine.explain`; None segments takes the default of the segmentation.
    samples, seed
        Masks of the sampled method; seed of masks and noise.
    """

    start: float
    target: str | None = None
    method: str = "slime-exact"
    segmentation: str = "temporal"
    segments: int | None = None
    fill: str = DEFAULT_FILL
    units: str = "probability"
    samples: int = 1000
    seed: int = 0


@dataclass(frozen=True)
class Answer:
    """An explanation with what it is about.

    Parameters
    ----------
    model, file, start, target
        Names; seconds.
    threshold
        Score of the target at which the decision turns.
    features
        (bands, window): the standardised excerpt.
    fill
        What the hidden segments were replaced by.
    over_fills
        The same explanation with other fills, by name; empty where trust was not asked for.
    curves
        Deletion and insertion; None where trust was not asked for.
    probability
        Of the target in the excerpt, whatever the units of the explanation.
    seconds
        How long it took.
    labels, decided
        Of the listener, and the label that it decides on for the excerpt.
    looks
        Of a first look: how many masks were tried, and how many the question asks for.
    """

    model: str
    file: str
    start: float
    target: str
    threshold: float
    features: Tensor
    fill: Fill
    explanation: Explanation
    seconds: float
    question: Question
    over_fills: dict[str, Explanation] = field(default_factory=dict)
    curves: Curves | None = None
    probability: float | None = None
    labels: tuple[str, ...] = ()
    decided: str = ""
    looks: tuple[int, int] | None = None

    @property
    def turns(self) -> str:
        """What turns at the threshold: of two labels the decision, of more only the majority."""
        return "majority" if len(self.labels) > 2 else "decision"

    def as_json(self) -> dict[str, Any]:
        """Plain numbers and names; segments' times are seconds of the file."""
        e = self.explanation
        segments = [{"index": s.index, "start": round(self.start + s.start, 6), "end": round(self.start + s.end, 6),
                     "fmin": round(s.fmin, 3), "fmax": round(s.fmax, 3), "weight": float(w),
                     "stderr": None if e.stderr is None else float(e.stderr[s.index])}
                    for s, w in zip(e.segmentation.segments, e.weights, strict=True)]
        return {"model": self.model, "file": self.file, "start": self.start, "target": self.target,
                "units": e.units, "probability": self.probability,
                "score_full": e.score_full, "score_empty": e.score_empty, "method": e.method, "fill": e.fill,
                "segments": segments, "top": e.top(TOP), "trust": asdict(e.trust), "settings": e.settings,
                "seconds": self.seconds}


def excerpt_spectrogram(file: AudioFile, listener: Listener, start: float) -> Spectrogram:
    """Spectrogram of one excerpt and nothing else of the file; the frames are those of the whole file's spectrogram.

    Raises
    ------
    InputError
        When `start` is not in the file, or what lies there cannot be analysed.
    """
    if not 0 <= start < file.seconds:
        samples = "; was it given in samples?" if SAMPLES_FROM <= start < file.seconds * file.sr else ""
        raise InputError(f"start={start:.10g} s is not in {file.name} ({file.seconds:.1f} s){samples}")
    front_end = listener.front_end
    first = round(start * front_end.frames_per_second)
    # whole seconds are whole samples at both rates; from there to the next frame, and all lie as in the whole file
    begin = max(0, int(start) - CONTEXT_SECONDS)
    part_read = file.read(begin, int(start + listener.window_seconds) + 1 + CONTEXT_SECONDS)
    y = part_read.mono().resampled(front_end.sr).y
    skipped = -begin * front_end.sr % front_end.hop_length
    part = front_end.spectrogram(Waveform(y[skipped:], front_end.sr))
    offset = first - (begin * front_end.sr + skipped) // front_end.hop_length
    if not part.S.isfinite().all():
        raise InputError(f"{file.name}: at {start:g} s the spectrum is beyond all numbers; is the recording far beyond "
                         "full scale?")
    return replace(part, S=part.S[:, offset : offset + listener.window])


def explain(features: Tensor, listener: Listener, question: Question, *, file: str = "", report: Report = silent,
            known: Explanation | None = None) -> Answer:
    """Explain one excerpt.

    Parameters
    ----------
    features
        (bands, window), standardised.
    listener
        Whose score is explained.
    question
        What to explain, and how.
    file
        Name of the file, for the answer.
    known
        An earlier explanation of the same excerpt whose mask scores can be used again.

    Raises
    ------
    InputError
        When the question names something unknown.
    """
    began = time.perf_counter()
    target = choice(question.target or listener.target_of(features), listener.labels, "target")
    front_end = listener.front_end
    cut = segmentation(question.segmentation, question.segments, bands=features.shape[0], frames=features.shape[1],
                       frames_per_second=front_end.frames_per_second, frequencies=front_end.frequencies,
                       together=front_end.rows_together)
    filled = fill(question.fill, features, data_minimum=listener.fill_minimum, seed=question.seed,
                  signed=not listener.hears_magnitudes)
    found = explain_by(question.method, listener.score(target, question.units), features, segmentation=cut,
                       fill=filled, units=question.units, report=report, known=known,
                       n_samples=question.samples, seed=question.seed)
    probability = _probability(found, features, listener, target)
    return Answer(listener.name, file, question.start, target, decision_threshold(listener, target, question.units),
                  features, filled, found, time.perf_counter() - began, replace(question, target=target),
                  probability=probability, labels=listener.labels,
                  decided=_decided(probability, features, listener, target))


def _probability(found: Explanation, features: Tensor, listener: Listener, target: str) -> float:
    if found.units == "probability":
        return found.score_full
    with torch.no_grad():
        return float(listener.score(target)(features[None]))


def _decided(probability: float, features: Tensor, listener: Listener, target: str) -> str:
    """The label decided on; of two labels the probability of one says it all."""
    if len(listener.labels) > 2:
        with torch.no_grad():
            return listener.labels[listener.decision(listener.probabilities(listener.scores(features[None]))[0])]
    last = probability if target == listener.labels[-1] else 1 - probability
    return listener.labels[int(last >= listener.threshold)]


def decision_threshold(listener: Listener, target: str, units: str) -> float:
    """Score of `target` at which a listener changes its mind; of more than two labels, one half is a majority."""
    p = listener.threshold if target == listener.labels[-1] else 1 - listener.threshold
    return p if units == "probability" else math.log(p / (1 - p))


def judged(answer: Answer, listener: Listener, *, fills: tuple[str, ...] = LIVE_FILLS, thorough: bool = True,
           report: Report = silent) -> Answer:
    """The answer with its trust figures, and the same explanation over other fills.

    Without `thorough`, only the figures for which nothing is explained again: agreement and max-sensitivity stay None,
    and no other fill is tried.

    Max-sensitivity explains eleven times more; for the fill "neighbour", which knows no quick way to the scores
    of masks, that would take minutes, so it stays None.
    """
    began = time.perf_counter()
    over: dict[str, Explanation] = {}
    for i, name in enumerate(fills if thorough else ()):
        report(Progress(i, len(fills) + 1, f"fill {name}"))
        over[name] = answer.explanation if name == answer.explanation.fill else explain(
            answer.features, listener, replace(answer.question, fill=name), report=report).explanation
    score = listener.score(answer.target, answer.explanation.units)
    cut, method = answer.explanation.segmentation, answer.question.method

    def weights(S: Tensor) -> Array:
        return explain_by(method, score, S, segmentation=cut, fill=answer.fill, units=answer.explanation.units,
                          report=report, n_samples=answer.question.samples, seed=answer.question.seed).weights

    found = trust.judged(answer.explanation, score=score, S=answer.features, fill=answer.fill, k=TOP,
                         others=[e for name, e in over.items() if name != answer.explanation.fill],
                         threshold=answer.threshold, seed=answer.question.seed, report=report,
                         explain_function=weights if thorough and answer.explanation.fill in LIVE_FILLS else None)
    curves = trust.removal_curves(answer.explanation, score=score, S=answer.features, fill=answer.fill, report=report,
                                  known=answer.explanation)
    return replace(answer, explanation=found, over_fills=over, curves=curves,
                   seconds=answer.seconds + time.perf_counter() - began)
