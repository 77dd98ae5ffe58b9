"""What becomes of an adversary: after what the world does to a sound, with other listeners, for every label."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import torch

from engine.audio.audibility import noise_to_mask
from engine.audio.interventions import SURVIVAL, Treatment
from engine.audio.waveform import AudioFile, Waveform
from engine.explain.perturbing import snr_db
from engine.job import Progress, Report, silent
from engine.listening.attack import AttackAnswer, AttackQuestion, Hearing, attack, hear, span_of
from engine.models.listener import Listener

CONTEXT_SECONDS = 2.0   # around the span, which treatments hear too: longer than any of them remembers
DOING_EVERY_LABEL = "attacking label by label"


@dataclass(frozen=True)
class Survived:
    """An adversary after a treatment.

    Parameters
    ----------
    name, words
        Of the treatment: key in `SURVIVAL`, and what a person reads.
    label, confidence
        Decided on now, and its probability.
    fooled
        Whether that is still what was wanted; never where the adversary did not fool to begin with.
    original_label
        Decided on for the original after the same: a codec alone may change a listener's mind.
    """

    name: str
    words: str
    label: str
    confidence: float
    fooled: bool
    original_label: str


@dataclass(frozen=True)
class Transferred:
    """What another model says: its name, its labels of the original and of the adversary, and whether they differ."""

    model: str
    before: str
    after: str
    fooled: bool


def wanted(answer: AttackAnswer, label: str) -> bool:
    """Whether a label is what was asked for."""
    target = answer.question.target
    return label != answer.before.label if target is None else label == target


def judged_again(answer: AttackAnswer, listener: Listener, recording: Waveform, *,
                 report: Report = silent) -> AttackAnswer:
    """The answer with another adversarial recording, such as the one read back from disk, and all that follows.

    Parameters
    ----------
    recording
        Of the rate, channels and samples of the original.
    """
    part, changed = answer.original.cut(*answer.span), recording.cut(*answer.span)
    after = hear(changed, listener, start=answer.span[0], report=report)
    residual = changed.y - part.y
    return replace(answer, adversarial=recording, after=after, fooled=wanted(answer, after.label),
                   snr_db=snr_db(torch.from_numpy(part.y), torch.from_numpy(residual)),
                   audible=noise_to_mask(part.y, residual, part.sr))


def survival(answer: AttackAnswer, listener: Listener, *, report: Report = silent) -> list[Survived]:
    """Judge the adversary, and the original beside it, after each of `engine.audio.interventions.SURVIVAL`."""
    found = []
    for i, (name, treatment) in enumerate(SURVIVAL.items()):
        step = _still(report, i, len(SURVIVAL), "trying what it survives")
        original = _treated(answer.original, answer.span, treatment, listener, step)
        now = _treated(answer.adversarial, answer.span, treatment, listener, step)
        found.append(Survived(name, treatment.words, now.label, now.confidence,
                              answer.fooled and wanted(answer, now.label), original.label))
    return found


def _treated(recording: Waveform, span: tuple[float, float], treatment: Treatment, listener: Listener,
             report: Report) -> Hearing:
    """What the listener says of the span of a recording after a treatment of it and of what lies around it."""
    report(Progress(0, 1))
    sr, context = recording.sr, round(CONTEXT_SECONDS * recording.sr)
    first, last = round(span[0] * sr), round(span[1] * sr)
    begin = max(0, first - context)
    treated = treatment.apply(Waveform(recording.y[..., begin : last + context], sr))
    return hear(Waveform(treated.y[..., first - begin : last - begin], sr), listener, start=span[0], report=report)


def transfer(answer: AttackAnswer, listeners: Iterable[Listener], *, report: Report = silent) -> list[Transferred]:
    """Let other listeners judge the original and the adversary.

    One that hears more at once than the span holds gets what lies around it too; where the whole recording is too
    short for one, it is left out.
    """
    found = []
    others = list(listeners)
    for i, other in enumerate(others):
        step = _still(report, i, len(others), "asking other models")
        span = _widened(answer.span, other.window_seconds, answer.original.seconds)
        if span is None:
            continue
        before, after = (hear(sound.cut(*span), other, start=span[0], report=step).label
                         for sound in (answer.original, answer.adversarial))
        found.append(Transferred(other.name, before, after, before != after))
    return found


def _widened(span: tuple[float, float], seconds: float, longest: float) -> tuple[float, float] | None:
    """The span, or `seconds` around its middle within the recording where it is shorter; None where that is too."""
    if span[1] - span[0] >= seconds:
        return span
    if longest < seconds:
        return None
    start = min(max(0.0, (span[0] + span[1] - seconds) / 2), longest - seconds)
    return start, longest if start + seconds > longest else start + seconds


def every_label(file: AudioFile, listener: Listener, question: AttackQuestion, *,
                report: Report = silent) -> list[AttackAnswer]:
    """One attack for each label but the present one: the published all-labels run.

    Raises
    ------
    InputError
        As `engine.listening.attack.attack`.
    """
    step = _still(report, 0, len(listener.labels) - 1, DOING_EVERY_LABEL)
    present = label_of(file, listener, question, report=step)
    answers: list[AttackAnswer] = []
    for label in listener.labels:
        if label != present:
            step = _still(report, len(answers), len(listener.labels) - 1, DOING_EVERY_LABEL)
            answers.append(attack(file, listener, replace(question, target=label), report=step))
    return answers


def label_of(file: AudioFile, listener: Listener, question: AttackQuestion, *, report: Report = silent) -> str:
    """What the listener says of the part of a file that would be attacked.

    Raises
    ------
    InputError
        When there is no such part.
    """
    span = span_of(file, listener, question)
    return hear(file.read().cut(*span), listener, start=span[0], report=report).label


def _still(report: Report, done: int, total: int, doing: str) -> Report:
    """Tells of the whole whatever its parts tell."""
    return lambda progress: report(Progress(done, total, doing))
