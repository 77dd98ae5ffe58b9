"""An answer as files: a picture, sounds, numbers, and a page that holds them all."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import soundfile as sf
from torch import Tensor

from engine.audio.features import FrontEnd
from engine.audio.labels import Interval, audacity_text
from engine.audio.waveform import Waveform, write_wav
from engine.checks import InputError, shown
from engine.job import Progress, Report, silent
from engine.listening.explain import Answer
from engine.report.facts import Facts
from engine.report.figure import DARK, LIGHT, explanation_figure, figure_bytes, kind_of, signed
from engine.report.page import page


def write_explanation(folder: str | Path, answer: Answer, sounds: dict[str, Waveform], spectrogram: Tensor,
                      front_end: FrontEnd, card: Mapping[str, Any], *, report: Report = silent) -> list[Path]:
    """Write what is known of an excerpt: each file appears whole or not at all.

    Parameters
    ----------
    folder
        Where to; it is made if need be, and files of the same names in it are replaced.
    answer
        The answer; its trust figures and other fills are shown where it has them.
    sounds
        By name: original, kept, removed, heard.
    spectrogram
        (bands, frames): the excerpt, natural logarithm of magnitude.
    front_end, card
        Of the listener; the card's `sha256` names its weights.

    Returns
    -------
    list of Path
        What was written: explanation.png, the sounds as float WAV, explanation.json, segments.txt (a label
        track of the sounds for Audacity) and report.html.

    Raises
    ------
    InputError
        When the folder cannot be written.
    """
    folder = Path(folder)
    facts = Facts(answer, spectrogram, front_end, card)
    written: list[Path] = []

    def tell(doing: str) -> None:
        report(Progress(len(written), len(sounds) + 4, doing))

    def step(name: str, write: Callable[[Path], None]) -> None:
        tell(f"writing {name}")
        write(folder / name)
        written.append(folder / name)

    try:
        folder.mkdir(parents=True, exist_ok=True)
        tell("drawing")
        light = figure_bytes(explanation_figure(facts, LIGHT))
        tell("drawing")
        dark = figure_bytes(explanation_figure(facts, DARK))
        step("explanation.png", lambda path: write_whole(path, light))
        for name, sound in sounds.items():
            step(f"{name}.wav", lambda path, sound=sound: write_wav(path, sound))  # type: ignore[misc]
        step("explanation.json", lambda path: write_whole(path, _json(answer)))
        step("segments.txt", lambda path: write_whole(path, _labels(facts)))
        step("report.html", lambda path: write_whole(path, _encoded(page(facts, sounds, light, dark))))
    except (OSError, sf.LibsndfileError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{shown(folder)}: expected a folder that can be written, got “{reason}”; "
                         "choose another one") from None
    return written


def save_figure(path: str | Path, answer: Answer, spectrogram: Tensor, front_end: FrontEnd, card: Mapping[str, Any],
                *, dark: bool = False) -> None:
    """Write the picture alone, as .png, .svg or .pdf; the parameters are those of `write_explanation`.

    Raises
    ------
    InputError
        When the name ends otherwise, or cannot be written.
    """
    path = Path(path)
    kind = kind_of(path)
    facts = Facts(answer, spectrogram, front_end, card)
    try:
        write_whole(path, figure_bytes(explanation_figure(facts, DARK if dark else LIGHT), kind))
    except OSError as error:
        raise InputError(f"{shown(path)}: could not be written ({error.strerror or error})") from None


def write_whole(path: Path, content: bytes) -> None:
    """Write a file atomically: under another name beside it first, then a rename."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        temporary.write_bytes(content)
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _json(answer: Answer) -> bytes:
    return _encoded(json.dumps(answer.as_json(), allow_nan=False, ensure_ascii=False, indent=1) + "\n")


def _encoded(text: str) -> bytes:
    """UTF-8; a byte of a file name that never was UTF-8 becomes an escape that JSON knows."""
    return text.encode("utf-8", "backslashreplace")


def _labels(facts: Facts) -> bytes:
    e = facts.answer.explanation
    ranks = {index: f"top {rank}, " for rank, index in enumerate(facts.top, 1)}
    intervals = [Interval(s.start, s.end, f"segment {s.index}, {ranks.get(s.index, '')}{s.fmin:.0f}-{s.fmax:.0f} Hz, "
                                          f"{signed(e.weights[s.index])}") for s in e.segmentation.segments]
    return _encoded(audacity_text(intervals))
