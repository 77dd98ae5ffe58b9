"""How long an explanation takes of a model whose answers take long, and a first look at it meanwhile."""

from __future__ import annotations

from dataclasses import replace

from torch import Tensor

from engine.explain.methods import METHODS, looks
from engine.explain.segments import default_segments
from engine.explain.slime import N_EQUIVALENT, proximity, ridge
from engine.explain.trust import N_PERTURBATIONS
from engine.job import Report, silent
from engine.listening.explain import LIVE_FILLS, Answer, Question, explain
from engine.models.listener import Listener

FIRST_MASKS = 96        # of ten segments: weights within some hundredths of the largest one
LONG_SECONDS = 4.0      # to wait for an explanation with nothing to look at
MOST_TRUST_SECONDS = 60.0   # to spend on figures that nobody has asked for
PART_SECONDS = 30.0     # of a sound, where all of it would take long or cannot be worked on at once
LONG_STEP_SECONDS = 3.0     # of an attack, which takes dozens
THERE_AND_BACK = 3      # times as long as an answer is one with its gradient
EXPLANATIONS_OF_TRUST = len(LIVE_FILLS) - 1 + N_PERTURBATIONS


def masks_of(question: Question, listener: Listener) -> int:
    """How many different excerpts a question asks the model about, at most."""
    bands = listener.front_end.bands // listener.front_end.rows_together
    segments = question.segments or default_segments(question.segmentation, bands=bands, frames=listener.window)
    return looks(question.method, segments=segments, samples=question.samples)


def seconds_of(question: Question, listener: Listener) -> float:
    """About how long the model works on its answers; 0 where that is nothing to speak of."""
    return masks_of(question, listener) * listener.seconds_each


def seconds_of_trust(question: Question, listener: Listener) -> float:
    """The same of agreement over fills and max-sensitivity, which explain again and again."""
    return EXPLANATIONS_OF_TRUST * seconds_of(question, listener)


def seconds_of_step(seconds: float, listener: Listener) -> float:
    """The same of one step of an attack on so many seconds of sound."""
    votes = seconds * listener.front_end.frames_per_second / listener.vote_stride
    return THERE_AND_BACK * votes * listener.seconds_each


def is_long_attack(seconds: float, listener: Listener) -> bool:
    """Whether an attack on so many seconds of sound takes so long that a part of them is better tried first."""
    return seconds > PART_SECONDS and seconds_of_step(seconds, listener) > LONG_STEP_SECONDS


def needs_first_look(question: Question, listener: Listener) -> bool:
    """Whether all masks take so long that some of them are worth looking at before."""
    exact = METHODS[question.method].most_segments is not None
    return exact and masks_of(question, listener) > FIRST_MASKS and seconds_of(question, listener) > LONG_SECONDS


def first_look(features: Tensor, listener: Listener, question: Question, *, file: str = "",
               report: Report = silent) -> Answer:
    """SoundLIME on a few random masks, as an answer to a question that wants them all.

    Its ridge is that of all masks: one for so few would pull the weights towards zero. A listener that remembers what
    it said of masks is not asked about these again.
    """
    few = explain(features, listener, replace(question, method="slime", samples=FIRST_MASKS), file=file, report=report)
    masks, scores = few.explanation.masks, few.explanation.mask_scores
    assert masks is not None
    assert scores is not None
    beta, stderr = ridge(masks, scores, proximity(masks) * (N_EQUIVALENT / len(masks)))
    whole = replace(few.explanation, weights=beta[1:], stderr=stderr[1:])
    asked = replace(few.question, method=question.method, samples=question.samples)
    return replace(few, explanation=whole, question=asked, looks=(FIRST_MASKS, masks_of(question, listener)))
