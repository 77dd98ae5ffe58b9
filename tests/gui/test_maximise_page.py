"""The Maximise page as a user meets it: choose a neuron, watch examples grow, hear them, walk.

One page serves all tests of a file; each test finds it as it was opened.
"""
# ruff: noqa: F811

from __future__ import annotations

from copy import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog

from engine.audio.waveform import Waveform
from engine.explain.maximise_grid import Ranked
from gui import theme
from gui.maximise_page import MaximisePage, words, work
from gui.maximise_page.hearing import LOUDNESS, at_level
from gui.views.latent_walk import WalkPlace
from tests.gui.maximising import folder, made, opened, page  # noqa: F401  (fixtures)
from tests.gui.showing import told
from tests.gui.waiting import wait_for


def test_a_page_begins_with_the_detector_and_the_real_music_that_excites_it(page: MaximisePage):
    assert page.study.now.model == "svd"
    assert page.panel.maximise.isEnabled()
    assert page.panel.form.neuron.label.toolTip() == "singing"
    excerpts = page.study.real.excerpts
    assert [one.activation for one in excerpts] == sorted((one.activation for one in excerpts), reverse=True)
    assert len(page.real.shown) == len(excerpts)
    assert page.gallery.shown == [] or page.study.shown


def test_examples_grow_in_sight_and_are_then_judged_as_sound_too(page: MaximisePage, monkeypatch: pytest.MonkeyPatch):
    page.study.forget()
    wait_for(lambda: page.study.answer is None)
    grown: list = []
    page.study.grew.connect(grown.append)
    page.panel.maximise.click()
    assert page.study.running == "maximise"
    assert page.panel.cancel.isEnabled()
    wait_for(lambda: page.study.answer is not None)
    assert grown, "seen before they are done"
    assert grown[0].curves.shape == (4, grown[0].iteration + 1)
    assert len(grown[0].mels) == 4
    answer = page.study.answer
    assert [len(example.curve) for example in answer.examples] == [7] * 4
    assert answer.examples[0].curve[-1] > answer.examples[0].curve[0]
    entries = page.gallery._entries
    for entry, example in zip(entries, answer.examples, strict=True):
        assert entry.activation == pytest.approx(example.activation)
        assert entry.after_audio == pytest.approx(example.activation_after_audio)
    assert sorted(entry.rank for entry in entries) == ["", "best", "median", "worst"]
    assert "as sound" in page.headline.text()
    assert "beyond it" not in page.headline.text()
    strong = Ranked(0.1, 0.001, 500, 2.0, 99.0, 50, 0)
    monkeypatch.setattr(type(page.study), "ranking", property(lambda study: (strong,)))
    monkeypatch.setattr(words, "beats_real", lambda answer: False)
    page.study.shown_changed.emit()
    assert "beyond it: lr 0.1, reg 0.001, 500 iterations (Ranking)" in page.headline.text()
    assert page.curves.words.startswith("4 seeds, 6 iterations")
    assert not page.study.running


def test_an_example_is_heard_by_key_and_by_mouse_and_marked(page: MaximisePage):
    made(page)
    page.gallery.show_chosen(-1)
    page.gallery.cells.setFocus()
    page.gallery.show_chosen(0)
    QTest.keyClick(page.gallery.cells, Qt.Key.Key_Right)
    assert page.study.choice == 1
    QTest.keyClick(page.gallery.cells, Qt.Key.Key_Return)
    assert page.hearing.heard == ("made", 1)
    assert page.gallery._playing == 1
    QTest.keyClick(page.gallery.cells, Qt.Key.Key_Return)
    assert page.hearing.heard is None
    assert page.gallery._playing == -1
    page.real.play_asked.emit(0)
    assert page.hearing.heard == ("real", 0)
    assert page.real._playing == 0
    wait_for(lambda: page.hearing.heard is None)  # a short sound ends by itself
    assert page.real._playing == -1


def test_what_is_synthesised_is_never_loud(page: MaximisePage):
    y = np.array([0.0, 30.0, -60.0], np.float32)
    assert np.abs(at_level(Waveform(y, 22050)).y).max() == pytest.approx(LOUDNESS)
    assert np.abs(at_level(Waveform(0 * y, 22050)).y).max() == 0


def test_a_page_out_of_sight_is_silent(page: MaximisePage):
    made(page)
    page.doing.play(0)
    page.leave()
    assert not page.player.playing
    page.doing.play(1)
    assert not page.player.playing
    page.enter()
    assert page.player.source is not None


def test_another_neuron_has_other_real_music_and_nothing_of_the_last_one(page: MaximisePage):
    made(page)
    before = page.study.real
    form = page.panel.form
    form.layer.setCurrentIndex(form.layer.count() - 2)
    assert page.study.answer is None
    assert page.gallery.shown == []
    assert page.real.shown == []
    wait_for(lambda: page.study.real is not None)
    assert page.study.real is not before
    form.neuron.number.setValue(3)
    wait_for(lambda: page.study.real is not None)


def test_minimising_shows_what_real_music_excites_it_least(page: MaximisePage):
    highest = page.study.real.excerpts[0].activation
    page.panel.form.direction.group.buttons()[1].click()
    wait_for(lambda: page.study.real is not None)
    assert page.study.real.excerpts[0].activation < highest
    assert page.real.title.text().endswith("least")


def test_work_is_cancelled_at_once_and_what_comes_late_is_not_shown(page: MaximisePage):
    page.study.forget()
    page.panel.form.iterations.setValue(100_000)
    page.panel.maximise.click()
    grown: list = []
    page.study.grew.connect(grown.append)
    wait_for(lambda: grown)
    QTest.keyClick(page, Qt.Key.Key_Escape)
    assert not page.study.running
    assert page.headline.text().startswith("Stopped at iteration ")
    assert len(page.gallery.shown) == 4, "still seen"
    page.doing.play(0)
    assert page.hearing.heard is None
    assert page.panel.maximise.isEnabled()
    seen = len(grown)
    page.panel.form.iterations.setValue(6)
    page.panel.maximise.click()
    wait_for(lambda: page.study.answer is not None)
    assert all(growing.curves.shape[1] <= 7 for growing in grown[seen:])


def test_a_plain_input_is_tried_and_offers_no_walk(page: MaximisePage):
    page.panel.form.prior.group.buttons()[1].click()
    page.panel.form.iterations.setValue(3)
    page.panel.maximise.click()
    wait_for(lambda: page.study.answer is not None and page.study.answer.question.prior == "input")
    page.gallery.chosen.emit(0)
    assert not page.walk.take["a"].isEnabled()
    page.doing.take_end("a")
    assert "generator" in told(page).said[-1]


def test_the_prior_shows_what_its_card_says(page: MaximisePage):
    assert (page.prior.samples.image.width(), page.prior.samples.image.height()) == (238, 84)
    assert page.prior.samples.image.pixelColor(0, 40) == QColor(theme.DARK.surface), "the ground shows between them"
    loud, quiet = (page.prior.samples.image.pixelColor(x, 40).lightness() for x in (50, 180))
    assert loud > quiet + 50
    assert "Fréchet distance on dense2 4.0" in page.prior.verdict.text()
    assert "halves of held-out music 0.11" in page.prior.verdict.text()
    assert page.prior.plot._line.getOriginalDataset()[1].tolist() == [9.0, 4.0]
    assert "nobody trained" in page.prior.text.text()
    page.prior._enlarge()
    dialog = page.prior.findChild(QDialog)
    assert dialog.isVisible()
    dialog.close()


def test_a_model_that_hears_samples_has_no_generator(page: MaximisePage):
    form = page.panel.form
    now = page.study.now
    listener = copy(now.listener)
    listener.hears_magnitudes = False
    assert "hears samples" in work._why_not(listener)["gan"]
    mute = copy(now.listener)
    mute.differentiable = False
    assert all("no gradient" in work._why_not(mute)[prior] for prior in ("gan", "input"))
    page.study.open(replace(now, why_not=work._why_not(listener)))
    assert form.prior.value == "input"
    assert [button.isEnabled() for button in form.prior.group.buttons()] == [False, True]
    page.study.open(now)
    assert [button.isEnabled() for button in form.prior.group.buttons()] == [True, True]


def test_a_walk_from_one_example_to_another_arrives_there(page: MaximisePage):
    made(page)
    page.gallery.chosen.emit(0)
    page.doing.take_end("a")
    assert page.tabs.currentWidget() is page.walk
    page.gallery.chosen.emit(1)
    page.walk.take["b"].click()
    wait_for(lambda: page.study.directions is not None and page.study.here is not None)
    a, b = (page.study.shown[n].example for n in (0, 1))
    assert page.study.here.activation == pytest.approx(a.activation, abs=1e-3)
    page.walk.mix.setValue(100)
    wait_for(lambda: page.study.here.place.mix == 1.0)
    assert page.study.here.activation == pytest.approx(b.activation, abs=1e-3)
    assert np.allclose(page.study.here.mel, page.study.shown[1].mel, atol=1e-3)
    assert [slider.isVisible() for slider in page.walk.sliders] == [True] * 3 + [False] * 3, "four examples span three"
    page.walk.sliders[0].setValue(10)
    wait_for(lambda: page.study.here.place.along[0] == 1.0)
    assert page.study.here.activation != pytest.approx(b.activation, abs=1e-6)
    page.walk.moving.setChecked(True)
    page.walk.reset.click()
    wait_for(lambda: page.hearing.heard == ("walk", 0))
    page.walk.moving.setChecked(False)


def test_another_model_is_undone_with_the_examples_of_the_first(page: MaximisePage):
    made(page)
    shown, wishes, box = page.study.shown, page.study.wishes, page.panel.form.model
    other = next(name for name in page.study.now.models if name != wishes.model)
    box.setCurrentIndex(box.findData(other))
    wait_for(lambda: page.study.wishes.model == other)
    assert page.study.shown == ()
    assert page.study.undo_stack.undoText() == "choosing a model"
    page.study.undo_stack.undo()
    wait_for(lambda: page.study.wishes.model == wishes.model)
    assert page.panel.wishes() == page.study.wishes == wishes
    assert page.study.shown == shown
    assert told(page).failed == []
    wait_for(lambda: page.study.real is not None)


def test_directions_are_those_of_the_examples():
    torch.manual_seed(0)
    axis = torch.nn.functional.one_hot(torch.tensor(5), 128).float()
    points = [3.0 * x * axis + 1e-3 * torch.randn(128) for x in (-1.0, 0.0, 1.0)]
    found = work.directions(points, lambda progress: None)
    assert abs(float(found.vectors[0, 5])) == pytest.approx(3.0, abs=0.01), "one standard deviation of -3, 0, 3"
    assert found.shares[0] > 0.99
    a = points[0]
    assert torch.equal(work.point_at(WalkPlace(), a, None, found), a)
    moved = work.point_at(WalkPlace(0.0, (2.0, 0, 0, 0, 0, 0)), a, None, found)
    assert abs(float((moved - a)[5])) == pytest.approx(6.0, abs=0.02)


def test_both_themes_are_worn(page: MaximisePage):
    made(page)
    seen = {}
    for one in (theme.LIGHT, theme.DARK):
        page.set_theme(one)
        seen[one.name] = page.grab().toImage()
    assert seen["light"] != seen["dark"]
