"""What is done on the engine's threads for the page: it touches no widget and no state."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from engine.audio.pyramid import ImagePyramid, PeakPyramid
from engine.audio.waveform import AudioFile, Waveform, write_wav
from engine.checks import InputError, shown
from engine.explain.adversary import Step
from engine.job import Progress, Report
from engine.listening.adversary_pictures import pictures
from engine.listening.attack import AttackAnswer, AttackQuestion, Hearing, attack, hear, span_of
from engine.listening.survival import Survived, Transferred, label_of, survival, transfer
from engine.models import catalogue
from engine.models.listener import Listener
from gui.adversary_page.study import LabelRun, Made, Opened
from gui.player import WaveformSource

TELL_SECONDS = 1 / 30   # more often than the eye can follow would only keep the window busy
Tell = Callable[[object], None]


def opened(path: Path, model: str, report: Report) -> Opened:
    """Look at a file and load a model; the first one there is where the usual one is missing."""
    file = AudioFile(path)
    names = tuple(catalogue.names())
    wanted = model if model in names or not names else _usual(names)
    listener = catalogue.opened(wanted)
    peaks = PeakPyramid.of(file.blocks(), sr=file.sr, samples=file.frames, report=report)
    return Opened(file, peaks, wanted, names, listener)


def _usual(names: tuple[str, ...]) -> str:
    return next((name for name in names if name.startswith("style-mlp")), names[0])


def heard(file: AudioFile, listener: Listener, question: AttackQuestion,
          report: Report) -> tuple[tuple[float, float | None], Hearing]:
    """What the listener says of the part as it is, with the part."""
    span = span_of(file, listener, question)
    found = hear(file.read(*span), listener, start=span[0], report=report)
    return (question.start, question.seconds), found


def pictured(file: AudioFile, listener: Listener, report: Report) -> ImagePyramid:
    """The file's spectrogram as the listener sees it."""
    front_end = listener.front_end
    drawn = front_end.drawn(front_end.spectrogram_of_file(file, report).S)
    return ImagePyramid.of(drawn.numpy(), report=report)


def attacked(file: AudioFile, listener: Listener, question: AttackQuestion, tell: Tell,
             report: Report) -> AttackAnswer:
    """Attack, and tell of the iterates in lists, at most 30 a second."""
    return attack(file, listener, question, report=report, watch=_batched(tell))


def _batched(tell: Tell) -> Callable[[Step], None]:
    waiting: list[Step] = []
    told = 0.0

    def watch(step: Step) -> None:
        nonlocal told
        waiting.append(step)
        now = time.monotonic()
        if now - told >= TELL_SECONDS:
            told = now
            tell(list(waiting))
            waiting.clear()

    return watch


def every_label(file: AudioFile, listener: Listener, question: AttackQuestion, tell: Tell,
                report: Report) -> list[LabelRun]:
    """One attack for each label but the present one; each is told of when it is done, and its sounds are let go."""
    others = [label for label in listener.labels if label != label_of(file, listener, question, report=report)]
    runs: list[LabelRun] = []

    def step(progress: Progress) -> None:
        total = question.iterations * len(others)
        share = progress.fraction if progress.total == question.iterations else 0.0
        report(Progress(round(question.iterations * (len(runs) + share)), total,
                        f"{others[len(runs)]}, {len(runs) + 1} of {len(others)}"))

    for label in others:
        answer = attack(file, listener, replace(question, target=label), report=step)
        reached = float(answer.after.probabilities[listener.labels.index(label)])
        runs.append(LabelRun(label, reached, answer.snr_db, len(answer.steps), answer.fooled))
        tell(runs[-1])
    return runs


def made(answer: AttackAnswer, listener: Listener, report: Report) -> Made:
    """Sounds and pictures of an answer."""
    residual = answer.residual
    sounds = {"original": answer.original, "adversarial": answer.adversarial, "residual": residual}
    drawn = pictures(answer.original, answer.adversarial, residual, listener.front_end, report=report)
    report(Progress(1, 1))
    return Made({name: WaveformSource(sound) for name, sound in sounds.items()}, drawn, residual)


def survived(answer: AttackAnswer, listener: Listener, report: Report) -> list[Survived]:
    """What the adversary survives."""
    return survival(answer, listener, report=report)


def transferred(answer: AttackAnswer, listener: Listener, report: Report) -> list[Transferred]:
    """What all other models say."""
    others: dict[str, Listener] = {}
    names = catalogue.names()
    for done, name in enumerate(names):
        report(Progress(done, len(names), "loading models"))
        other = catalogue.opened(name)
        if other.name != listener.name:
            others[other.name] = other
    return transfer(answer, others.values(), report=report)


def written(path: Path, sound: Waveform) -> Path:
    """Write a float WAV.

    Raises
    ------
    InputError
        When it cannot be written there.
    """
    try:
        write_wav(path, sound)
    except OSError as error:
        raise InputError(f"{shown(path)}: could not be written ({error.strerror}); choose another folder") from None
    return path
