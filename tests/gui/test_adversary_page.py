"""The Adversary page as a user meets it: open, attack, look, listen, change one's mind."""
# ruff: noqa: F811

from __future__ import annotations

import time

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from gui import theme
from gui.adversary_page import AdversaryPage
from gui.adversary_page.words import short
from gui.views.attack_panel import WEIGHTINGS
from tests.gui.attacking import (  # noqa: F401  (fixtures)
    LABELS,
    SECONDS,
    attacked,
    folder,
    opened,
    page,
    same,
    with_answer,
)
from tests.gui.showing import told
from tests.gui.waiting import wait_for


def texts(table: object) -> list[tuple[str, ...]]:
    return [row.texts for row in table.rows]  # type: ignore[attr-defined]


def test_a_file_shows_what_the_model_says_and_greys_that_label(page: AdversaryPage) -> None:
    hearing = page.study.hearing
    assert hearing is not None
    assert page.headline.text().startswith((f"{hearing.label} {hearing.confidence:.2f}", "calm", "loud", "strange"))
    assert page.panel.file.text() == "Lied für Zoë.wav"
    assert [page.panel.model.itemText(i) for i in range(page.panel.model.count())] == ["other", "style-mlp"]
    assert page.panel.model.currentText() == "style-mlp"
    items = page.panel.target.model()
    enabled = {page.panel.target.itemData(i): items.item(i).isEnabled()  # type: ignore[attr-defined]
               for i in range(page.panel.target.count())}
    assert enabled == {None: True, **{label: label != hearing.label for label in LABELS}}


def test_an_attack_draws_its_curves_while_it_runs_and_says_what_came_of_it(page: AdversaryPage) -> None:
    page.study.ask(confidence=1.0, iterations=40)
    seen: list[int] = []
    page.study.stepped.connect(lambda steps: seen.append(len(steps)))
    attacked(page)
    answer = page.study.answer
    assert answer is not None
    assert seen, "iterates were told of before the end"
    assert page.curves.count == len(answer.steps)
    text = page.headline.text()
    assert f"{answer.before.label} {answer.before.confidence:.2f} → {answer.after.label}" in text
    assert f"{answer.snr_db:.1f} dB SNR" in text
    assert f"fooled in {len(answer.steps)} iteration" in text
    assert "masking threshold" in text
    assert all(view.has_picture for view in page.pictures.values())
    assert page.hearing.available == ["original", "adversarial", "residual"]
    assert all(lane.startswith("adversary-") for lane in told(page).lanes)


def test_cancel_is_at_once_and_loses_nothing(page: AdversaryPage) -> None:
    with_answer(page)
    answer = page.study.answer
    page.study.ask(iterations=100_000, smallest=True)
    page.inquiry.attack()
    wait_for(lambda: page.curves.count > 3)
    page.setFocus()
    began = time.monotonic()
    QTest.keyClick(page, Qt.Key.Key_Escape)
    wait_for(lambda: not page.study.running)
    assert time.monotonic() - began < 0.5  # a busy machine; by itself it takes less than 0.1 s
    assert same(page, answer)
    assert page.panel.attack.isEnabled()
    assert "Stopped after" in page.curves._said.toolTip()
    page.study.ask(iterations=20, smallest=False)
    attacked(page)  # the work let go of, which may still be ending, is not taken for this one


def test_switching_keeps_the_position_and_the_residual_has_its_gain(page: AdversaryPage) -> None:
    with_answer(page)
    page.player.seek(1.5)
    for key, name in ((Qt.Key.Key_2, "adversarial"), (Qt.Key.Key_3, "residual"), (Qt.Key.Key_1, "original")):
        page.setFocus()
        QTest.keyClick(page.window(), key)
        assert page.hearing.chosen == name
        assert page.player.position() == pytest.approx(1.5, abs=0.02)
        source = page.player.source
        assert source is not None
        if name == "residual":
            page.gain.setValue(40.0)
            made, louder = page.study.made, page.player.source
            assert made is not None
            assert louder is not None
            np.testing.assert_allclose(louder.read(20000, 500), 100 * made.sources["residual"].read(20000, 500),
                                       rtol=1e-4, atol=1e-7)
    page.gain.setValue(20.0)


def test_what_is_heard_is_original_plus_residual(page: AdversaryPage) -> None:
    with_answer(page)
    made = page.study.made
    assert made is not None
    original, changed, added = (made.sources[name].read(0, 100_000) for name in ("original", "adversarial", "residual"))
    np.testing.assert_allclose(changed, original + added, atol=1e-6)


def test_it_is_tried_on_the_world_and_on_other_models(page: AdversaryPage) -> None:
    attacked(page)
    wait_for(lambda: page.study.survival is not None and page.study.transfer is not None)
    survival, transfer, answer = page.study.survival, page.study.transfer, page.study.answer
    assert survival
    assert transfer is not None
    assert answer is not None
    assert texts(page.survival) == [(short(row.words), row.label, f"{row.confidence:.2f}") for row in survival]
    assert [row.mark for row in page.survival.rows] == [row.fooled for row in survival]
    assert [row.model for row in transfer] == ["other"]
    assert answer.survives == {row.name: row.fooled for row in survival}


def test_every_label_is_attacked_and_a_row_can_be_taken_up(page: AdversaryPage) -> None:
    page.study.ask(iterations=30)
    hearing = page.study.hearing
    assert hearing is not None
    QTest.mouseClick(page.panel.every, Qt.MouseButton.LeftButton)
    wait_for(lambda: not page.study.running)
    others = [label for label in LABELS if label != hearing.label]
    wait_for(lambda: [row[0] for row in texts(page.labels)] == others)
    before = page.study.answer
    page.labels.selectRow(1)
    QTest.keyClick(page.labels, Qt.Key.Key_Return)
    assert page.study.question.target == others[1]
    wait_for(lambda: page.study.answer is not before and page.study.answer is not None)


def test_a_part_can_be_marked_and_only_that_is_changed(page: AdversaryPage) -> None:
    page.span.span_moved.emit(1.0, 3.5)
    assert page.panel.part.currentData() is True
    assert "0:01.0–0:03.5" in page.panel.part.currentText()
    wait_for(lambda: page.study.hearing is not None)
    attacked(page)
    answer = page.study.answer
    assert answer is not None
    assert answer.span == (1.0, 3.5)
    changed = np.abs(answer.residual.y).max(axis=0) > 0
    assert not changed[: round(0.9 * 44100)].any()
    assert changed[44100 : 3 * 44100].any()
    page.panel.part.setCurrentIndex(0)
    assert page.study.part is None


def test_a_part_is_as_long_as_the_model_hears_at_once(page: AdversaryPage) -> None:
    page.span.span_moved.emit(3.0, 3.2)
    start, stop = page.study.span
    window = page.study.now.listener.window_seconds  # type: ignore[union-attr]
    assert stop == pytest.approx(SECONDS)
    assert window <= stop - start < window + 0.1
    wait_for(lambda: page.study.hearing is not None)
    assert not told(page).failed


def test_another_model_is_undone_with_its_question(page: AdversaryPage) -> None:
    stack = page.study.undo_stack
    stack.clear()
    page.study.change(snr_db=21.0)
    asked = page.study.question
    page.panel.model.setCurrentText("other")
    wait_for(lambda: page.study.now is not None and page.study.now.model == "other")
    page.study.change(snr_db=33.0)
    assert [stack.text(place) for place in range(stack.count())] == [
        "changing the least SNR", "choosing a model", "changing the least SNR"]
    for _ in range(3):      # the last one while the model is on its way
        stack.undo()
    wait_for(lambda: page.study.now is not None and page.study.now.model == "style-mlp")
    assert page.panel.model.currentText() == "style-mlp"
    assert page.study.question.snr_db != 21.0
    stack.redo()
    assert page.study.question == asked
    stack.redo()
    wait_for(lambda: page.study.now is not None and page.study.now.model == "other")
    stack.undo()
    wait_for(lambda: page.study.now is not None and page.study.now.model == "style-mlp"
             and page.study.hearing is not None and page.study.picture is not None)
    assert page.study.question.snr_db == 21.0
    while stack.canUndo():
        stack.undo()


def test_out_of_sight_it_leaves_the_player_alone_and_comes_back_where_it_was(page: AdversaryPage) -> None:
    with_answer(page)
    page.hearing.choose("adversarial")
    page.player.seek(2.0)
    source = page.player.source
    page.leave()
    assert not page.player.playing
    page.hearing.choose("residual")
    page.hearing.choose("adversarial")
    assert page.player.source is source
    page.enter()
    assert page.player.position() == pytest.approx(2.0, abs=0.02)
    assert page.hearing.chosen == "adversarial"
    page.hearing.choose("original")


@pytest.mark.parametrize("colours", [theme.DARK, theme.LIGHT])
def test_it_is_drawn_in_both_themes(page: AdversaryPage, colours: theme.Theme) -> None:
    with_answer(page)
    page.set_theme(colours)
    image = page.grab().toImage()
    assert len({image.pixel(x, y) for x in range(0, image.width(), 7) for y in range(0, image.height(), 7)}) > 100


def test_the_panel_knows_the_weightings_of_the_engine() -> None:
    from engine.listening import attack

    assert WEIGHTINGS == attack.WEIGHTINGS
