"""An adversary as files: sounds, a picture, numbers, and a page that holds them all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from engine.audio.features import FrontEnd
from engine.audio.waveform import write_wav
from engine.disk import write_whole
from engine.job import Report, silent
from engine.listening.attack import AttackAnswer
from engine.listening.survival import Survived, Transferred
from engine.report.attack_facts import AttackFacts
from engine.report.attack_figure import attack_figure
from engine.report.attack_page import attack_page
from engine.report.files import Writing, encoded, folder_made, json_bytes
from engine.report.sheet import DARK, LIGHT, figure_bytes

ADVERSARIAL = "adversarial.wav"
FILES = 6


def write_attack(folder: str | Path, answer: AttackAnswer, *, front_end: FrontEnd, card: Mapping[str, Any],
                 survival: Sequence[Survived] = (), transfer: Sequence[Transferred] = (),
                 abx: Mapping[str, Any] | None = None, report: Report = silent) -> list[Path]:
    """Write what is known of an adversary: each file appears whole or not at all.

    Parameters
    ----------
    folder
        Where to; it is made if need be, and files of the same names in it are replaced.
    answer
        The answer.
    front_end, card
        Of the listener; the card's `sha256` names its weights.
    survival, transfer
        As `engine.listening.survival` finds them; shown where they are given.
    abx
        Names and values of a listening test's outcome.

    Returns
    -------
    list of Path
        What was written: adversarial.wav, original.wav, residual.wav (float, of the input's rate and length),
        adversary.png, attack.json and report.html.

    Raises
    ------
    InputError
        When the folder cannot be written.
    """
    facts = AttackFacts(answer, front_end, card, survival, transfer, abx)
    writing = Writing(Path(folder), FILES, report)
    sounds = {ADVERSARIAL: answer.adversarial, "original.wav": answer.original, "residual.wav": answer.residual}
    with folder_made(writing.folder):
        for name, sound in sounds.items():
            writing.step(name, partial(write_wav, waveform=sound))
        writing.tell("drawing")
        light = figure_bytes(attack_figure(facts, LIGHT))
        writing.tell("drawing")
        dark = figure_bytes(attack_figure(facts, DARK))
        writing.content("adversary.png", light)
        writing.content("attack.json", json_bytes(facts.as_json()))
        writing.step("report.html", lambda path: write_whole(path, encoded(attack_page(facts, light, dark))))
    return writing.written
