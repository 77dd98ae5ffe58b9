"""An answer as files: a picture, sounds, numbers, and a page that holds them all."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from torch import Tensor

from engine.audio.features import FrontEnd
from engine.audio.labels import Interval, audacity_text
from engine.audio.waveform import Waveform, write_wav
from engine.disk import write_whole
from engine.job import Report, silent
from engine.listening.explain import Answer
from engine.report.facts import Facts
from engine.report.figure import explanation_figure, signed
from engine.report.files import Writing, encoded, folder_made, json_bytes
from engine.report.page import page
from engine.report.sheet import DARK, LIGHT, figure_bytes


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
    writing = Writing(folder, len(sounds) + 4, report)
    with folder_made(folder):
        writing.tell("drawing")
        light = figure_bytes(explanation_figure(facts, LIGHT))
        writing.tell("drawing")
        dark = figure_bytes(explanation_figure(facts, DARK))
        writing.content("explanation.png", light)
        for name, sound in sounds.items():
            writing.step(f"{name}.wav", partial(write_wav, waveform=sound))
        writing.content("explanation.json", json_bytes(answer.as_json()))
        writing.content("segments.txt", _labels(facts))
        writing.step("report.html", lambda path: write_whole(path, encoded(page(facts, sounds, light, dark))))
    return writing.written


def _labels(facts: Facts) -> bytes:
    e = facts.answer.explanation
    ranks = {index: f"top {rank}, " for rank, index in enumerate(facts.top, 1)}
    intervals = [Interval(s.start, s.end, f"segment {s.index}, {ranks.get(s.index, '')}{s.fmin:.0f}-{s.fmax:.0f} Hz, "
                                          f"{signed(e.weights[s.index])}") for s in e.segmentation.segments]
    return encoded(audacity_text(intervals))
