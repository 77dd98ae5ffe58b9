"""The Explain page goes back to other models, and opens sounds that were changed on purpose."""
# ruff: noqa: F811

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import soundfile
import torch
from PySide6.QtCore import QPointF

from engine.listening.attack import AttackAnswer, AttackQuestion, attack
from engine.models import catalogue
from gui.explain_page import ExplainPage
from gui.main_window import MainWindow
from tests.gui.explaining_models import FPS, choose, opened, page, page_of, rested, song  # noqa: F401  (fixtures)
from tests.gui.waiting import wait_for


def test_another_model_is_undone_with_what_was_asked_and_hidden(opened: MainWindow) -> None:
    page, study = page_of(opened), page_of(opened).study
    choose(page, "by-frames")
    page.inquiry.open(study.song.file.path)     # what could be undone before is gone  # type: ignore[union-attr]
    wait_for(lambda: not study.undo_stack.count() and rested(page))
    study.change(target="loud")
    study.change_hidden(frozenset({1, 2}))
    choose(page, "svd")
    study.change(fill="zero")
    said = [study.undo_stack.text(place) for place in range(study.undo_stack.count())]
    assert said == ["changing the target", "hiding segments", "choosing a model", "changing the fill"]
    study.undo_stack.undo()
    study.undo_stack.undo()
    wait_for(lambda: page.inquiry.model == "by-frames" and rested(page))
    assert page.panel.model.currentData() == "by-frames"
    assert (study.question.target, study.hidden) == ("loud", {1, 2})
    study.undo_stack.redo()
    study.undo_stack.redo()     # while the model is on its way
    wait_for(lambda: page.inquiry.model == "svd" and study.question.fill == "zero" and rested(page))
    for _ in range(4):
        study.undo_stack.undo()
    wait_for(lambda: page.inquiry.model == "by-frames" and rested(page))
    assert (study.question.target, study.hidden) == (None, frozenset())


def paint(page: ExplainPage, band: float) -> torch.Tensor:
    """A stroke; what the listener sees then."""
    page.panel.set_brush_mode("add")
    page.spectrogram.brush_started.emit()
    page.spectrogram.brush_stroke.emit(page.study.question.start + 1.0, band)
    page.spectrogram.brush_finished.emit()
    page.panel.set_brush_mode("off")
    return page.study.spectrogram.S.clone()  # type: ignore[union-attr]


def explained(page: ExplainPage) -> dict[str, Any]:
    """What a session says that the explanation was asked with; as long as there is none, that it was painted."""
    kept = page.keep()
    assert kept is not None
    found = [one.made for one in kept.results if one.name == "explain"]
    return dict(found[0].arguments) if found and found[0] is not None else {"painted": None}


def test_what_was_painted_comes_back_with_the_model_that_saw_it(opened: MainWindow) -> None:
    page, study = page_of(opened), page_of(opened).study
    choose(page, "by-frames")
    page.inquiry.open(study.song.file.path)  # type: ignore[union-attr]
    wait_for(lambda: not study.undo_stack.count() and rested(page))
    plain = study.spectrogram.S.clone()  # type: ignore[union-attr]
    once, twice = paint(page, 300.0), paint(page, 100.0)
    choose(page, "svd")
    assert not study.is_edited
    assert not page.panel.revert.isEnabled()
    wait_for(lambda: "painted" not in explained(page))
    study.undo_stack.undo()
    wait_for(lambda: page.inquiry.model == "by-frames" and rested(page))
    wait_for(lambda: explained(page).get("painted") == ["adding energy"] * 2)
    assert torch.equal(study.spectrogram.S, twice)  # type: ignore[union-attr]
    assert len(study.strokes) == 2
    assert page.panel.revert.isEnabled()
    study.undo_stack.undo()
    assert torch.equal(study.spectrogram.S, once)  # type: ignore[union-attr]
    study.undo_stack.redo()
    study.undo_stack.redo()
    wait_for(lambda: page.inquiry.model == "svd" and rested(page))
    for _ in range(3):
        study.undo_stack.undo()     # two of them while the model is on its way
    wait_for(lambda: page.inquiry.model == "by-frames" and rested(page))
    assert torch.equal(study.spectrogram.S, plain)  # type: ignore[union-attr]
    assert not study.is_edited


def test_a_model_that_cannot_be_loaded_is_said_and_the_present_one_stays(page: ExplainPage, opened: MainWindow) -> None:
    before, listener = page.inquiry.model, page.study.listener
    complaints: list[str] = []
    page.failed.connect(complaints.append)
    page.panel.model.setCurrentIndex(page.panel.model.findData("damaged"))
    wait_for(lambda: complaints)
    page.failed.disconnect(complaints.append)
    assert "damaged.safetensors" in complaints[0]
    assert page.study.listener is listener
    assert page.panel.model.currentData() == before


@pytest.fixture(scope="module")
def adversary(opened: MainWindow) -> AttackAnswer:
    file = page_of(opened).study.song.file  # type: ignore[union-attr]
    assert file.name == "song.wav"
    return attack(file, catalogue.load("by-frames"), AttackQuestion(start=2.0, seconds=3.0, snr_db=20.0, iterations=3))


def test_an_adversary_is_opened_with_its_model_and_its_change(opened: MainWindow, adversary: AttackAnswer) -> None:
    page, recent = page_of(opened), opened.files.recent()
    choose(page, "svd")
    page.show_perturbed(adversary)
    wait_for(lambda: page.study.song.change is not None and rested(page))  # type: ignore[union-attr]
    song = page.study.song
    assert song is not None
    assert page.inquiry.model == "by-frames"
    samples, _ = soundfile.read(song.file.path, dtype="float32", always_2d=True)
    np.testing.assert_array_equal(samples.T, adversary.adversarial.y)
    assert opened.windowTitle().startswith("song adversarial.wav")
    assert opened.files.recent() == recent, "it is nobody's file"
    assert opened.files.offered["audio"] is not None
    assert opened.files.offered["audio"].name == "song.wav"
    layer = page.spectrogram.change
    assert layer.item.isVisible()
    assert layer.legend.isVisible()
    inside, outside = (song.change.levels[0][:, frames].mean() for frames in (  # type: ignore[union-attr]
        slice(round(2.5 * FPS), round(4.5 * FPS)), slice(0, round(1.5 * FPS))))
    assert inside > 1
    assert outside == 0
    said: list[str] = []
    page.readout.connect(said.append)
    page.spectrogram.hover(QPointF(3.0, 200.0))
    assert "changed by" in said[-1]
    layer.legend.click()
    assert not layer.item.isVisible()
    page.spectrogram.hover(QPointF(3.0, 200.0))
    assert "changed by" not in said[-1]
    layer.legend.click()


def test_what_was_changed_stays_in_sight_through_another_model_and_goes_with_another_file(
        opened: MainWindow, adversary: AttackAnswer) -> None:
    page = page_of(opened)
    page.show_perturbed(adversary)
    wait_for(lambda: page.study.song.change is not None and rested(page))  # type: ignore[union-attr]
    choose(page, "svd")
    assert page.study.song.change.bands == 80  # type: ignore[union-attr]
    assert page.spectrogram.change.legend.isVisible()
    opened.open(opened.files.recent()[0])
    wait_for(lambda: page.study.song.change is None and rested(page))  # type: ignore[union-attr]
    assert not page.spectrogram.change.legend.isVisible()
    assert not page.spectrogram.change.item.isVisible()


def test_the_adversary_page_hands_its_answer_to_this_one(opened: MainWindow, adversary: AttackAnswer) -> None:
    explain_page = page_of(opened)
    opened.stack.show_page("Adversary")
    wait_for(lambda: opened.page is not None and opened.page.title == "Adversary")
    page: Any = opened.page
    page.explain_asked.emit(adversary)
    wait_for(lambda: opened.page is explain_page)
    wait_for(lambda: explain_page.study.song.change is not None and rested(explain_page))  # type: ignore[union-attr]
    assert opened.windowTitle().startswith("song adversarial.wav")
    assert explain_page.inquiry.model == "by-frames"
