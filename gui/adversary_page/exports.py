"""Files that leave the page: sounds, the picture of what is seen, the steps, the numbers, the report."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from engine.checks import InputError
from engine.disk import write_chosen
from engine.listening.attack import AttackAnswer
from engine.report.attack_facts import AttackFacts
from engine.report.files import csv_bytes, json_bytes
from gui.adversary_page.study import Study
from gui.views.actions import Export
from gui.views.written_picture import write_picture

if TYPE_CHECKING:
    from gui.adversary_page.page import AdversaryPage


def exports(page: AdversaryPage) -> list[Export]:
    """Text, name of the file, filter ("" where a folder is chosen), and how it is written."""
    study, inquiry = page.study, page.inquiry
    wav = "WAV (*.wav)"
    return [
        ("Adversarial sound (float WAV) …", "adversarial.wav", wav, lambda path: inquiry.wav_to(path, "adversarial")),
        ("Residual (float WAV) …", "residual.wav", wav, lambda path: inquiry.wav_to(path, "residual")),
        ("Picture of what is seen (PNG) …", "adversary.png", "PNG (*.png)", partial(write_picture, page.seen)),
        ("Steps of the attack (CSV) …", "steps.csv", "CSV (*.csv)", lambda path: write_chosen(path, steps_csv(study))),
        ("Attack with its tests (JSON) …", "attack.json", "JSON (*.json)",
         lambda path: write_chosen(path, attack_json(study))),
        ("Report with everything …", "the report", "", inquiry.report_to),
    ]


def answer_of(study: Study) -> AttackAnswer:
    """The answer.

    Raises
    ------
    InputError
        When there is none.
    """
    if study.answer is None:
        raise InputError("export: expected an attack, there is none yet; run one first")
    return study.answer


def attack_json(study: Study) -> bytes:
    """The answer with what was tried on it, as the report has it."""
    answer, now = answer_of(study), study.now
    assert now is not None
    test = study.test.as_json() if study.test is not None else None
    facts = AttackFacts(answer, now.listener.front_end, now.listener.card, study.survival or [], study.transfer or [],
                        test)
    return json_bytes(facts.as_json())


def steps_csv(study: Study) -> bytes:
    """One row per iteration."""
    answer = answer_of(study)
    return csv_bytes(("iteration", "label", "confidence", "snr_db"),
                     ((number, answer.labels[step.label], step.confidence, step.snr_db)
                      for number, step in enumerate(answer.steps, 1)))
