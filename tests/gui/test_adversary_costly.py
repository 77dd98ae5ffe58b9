"""The Adversary page with a model that takes long, and with sounds that keep less of an attack than magnitudes had."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from engine.listening import patience
from gui.adversary_page import words
from gui.adversary_page.study import Opened, Study

NOTHING: Any = None


def listener(seconds_each: float, name: str = "slow") -> Any:
    return SimpleNamespace(name=name, seconds_each=seconds_each, vote_stride=8, labels=("a", "b"),
                           front_end=SimpleNamespace(frames_per_second=62.5))


def opened(seconds: float, seconds_each: float, model: str = "slow") -> Opened:
    file: Any = SimpleNamespace(seconds=seconds, path=Path("song.wav"), name="song.wav")
    return Opened(file, NOTHING, model, (model,), listener(seconds_each, model))


@pytest.fixture(autouse=True)
def method(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gui.adversary_page.study.default_method", lambda front_end: "waveform")


@pytest.mark.parametrize(("seconds", "seconds_each", "part"), [
    (166.0, 0.004, 30.0), (166.0, 0.0, None), (166.0, 0.0005, None), (29.0, 0.1, None), (700.0, 0.0, 30.0)])
def test_a_part_is_marked_where_all_of_it_takes_long(qapp: QApplication, seconds: float, seconds_each: float,
                                                     part: float | None) -> None:
    study = Study()
    study.open(opened(seconds, seconds_each))
    assert study.question.seconds == part


def test_a_model_that_takes_long_marks_one_too_and_undo_takes_it_back(qapp: QApplication) -> None:
    study = Study()
    quick, slow = opened(166.0, 0.0, "quick"), opened(166.0, 0.004)
    study.open(quick)
    study.open(slow)
    assert study.question.seconds == 30.0
    study.undo_stack.undo()
    study.open(quick)       # as the page does when a way back wants the model
    assert study.question.seconds is None
    study.open(slow)
    study.question = replace(study.question, start=12.0, seconds=60.0)
    study.open(replace(slow, model="slow too"))
    assert (study.question.start, study.question.seconds) == (12.0, 60.0), "what somebody marked stays"


def test_why_is_said(qapp: QApplication) -> None:
    assert patience.seconds_of_step(166.0, listener(0.004)) == pytest.approx(3 * 166 * 62.5 / 8 * 0.004)
    assert words.why_a_part(listener(0.004), 166.0) == "slow would take 16 s for each step on all of it"


def answer(before: float, after: float, label: int = 1, *, smallest: bool = False) -> Any:
    return SimpleNamespace(fooled=True, question=SimpleNamespace(smallest=smallest), snr_db=19.8, labels=("a", "b"),
                           steps=[SimpleNamespace(confidence=before, label=label)],
                           after=SimpleNamespace(label="b", confidence=after),
                           audible=SimpleNamespace(audible_share=0.67))


def test_what_a_sound_keeps_less_of_is_said() -> None:
    assert words.how(answer(0.91, 0.78)) == (
        "at 19.8 dB SNR; fooled in 1 iteration (0.91 before it was made a sound); above the masking threshold in 67 % "
        "of bands and frames")
    for same in (answer(0.91, 0.9), answer(0.91, 0.95), answer(0.91, 0.78, label=0), answer(0.91, 0.78, smallest=True)):
        assert "before it was made" not in words.how(same)
