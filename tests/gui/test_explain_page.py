"""The Explain page as a user meets it: look, move, hide, paint, hear.

One window serves all tests of a file, for opening it is what takes long; each test finds it as it was opened.
"""
# ruff: noqa: F811

from __future__ import annotations

import threading
from collections import Counter

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractScrollArea, QWidget
from pytestqt.qtbot import QtBot

from engine.job import Progress, Report
from engine.listening.explain import Question, excerpt_spectrogram, explain
from engine.models import catalogue
from gui.main_window import MainWindow
from tests.gui.explaining import PATIENCE, answered, opened, page_of, window  # noqa: F401  (fixtures)
from tests.gui.signals import action


def test_what_is_shown_is_what_the_engine_says(window: MainWindow) -> None:
    page = page_of(window)
    answer, opened = page.study.answer, page.study.song
    assert answer is not None
    assert opened is not None
    listener = catalogue.load("svd")
    features = listener.excerpt(excerpt_spectrogram(opened.file, listener, answer.start), 0)
    alone = explain(features, listener, Question(start=answer.start))
    np.testing.assert_allclose(answer.explanation.weights, alone.explanation.weights, atol=1e-3)
    assert page.table.model().rowCount() == 10
    assert page.labels.isVisible()
    said = page.headline.text()
    assert said.startswith(f"singing {answer.explanation.score_full:.2f}")
    assert ", ".join(str(i) for i in answer.explanation.top(3)) in said


def test_a_moving_excerpt_is_explained_all_along_and_the_newest_last(window: MainWindow, qtbot: QtBot) -> None:
    page = page_of(window)
    starts: list[float] = []

    def note() -> None:
        assert page.study.answer is not None
        starts.append(page.study.answer.start)

    page.study.answered.connect(note)
    moves = 0
    while len(starts) < 2:  # explanations come while it moves, however slow the machine
        moves += 1
        page.spectrogram._move_excerpt(moves % 300)
        qtbot.wait(15)
        assert moves < 2000
    page.spectrogram._move_excerpt(290)
    qtbot.waitUntil(lambda: answered(page), timeout=PATIENCE)
    page.study.answered.disconnect(note)
    assert starts[-1] == pytest.approx(290 / 70)
    assert page.spectrogram._explained_first == 290


def test_another_method_does_not_wait_for_the_last_one(window: MainWindow, qtbot: QtBot) -> None:
    page = page_of(window)
    page.study.ask(start=150 / 70)
    page.study.ask(method="occlusion")
    assert not page.inquiry._waits
    qtbot.waitUntil(lambda: answered(page), timeout=PATIENCE)
    assert page.study.answer is not None
    assert page.study.answer.explanation.method == "occlusion"


def test_trust_and_stability_come_when_the_excerpt_rests(window: MainWindow, qtbot: QtBot) -> None:
    page = page_of(window)
    page.study.ask(start=180 / 70)
    qtbot.waitUntil(lambda: answered(page) and bool(page.study.answer.over_fills), timeout=PATIENCE)  # type: ignore[union-attr]
    texts = {label.accessibleName(): label.text() for label in page.trust.findChildren(QWidget)  # type: ignore[attr-defined]
             if label.accessibleName() and hasattr(label, "text")}
    assert "–" not in texts.values()
    assert page.stability._said.text()
    assert not page.trust.verticalScrollBar().isVisible(), "all of it is seen without scrolling"


def test_hiding_shows_a_new_prediction_and_showing_takes_it_back(window: MainWindow, qtbot: QtBot) -> None:
    page = page_of(window)
    with qtbot.waitSignal(page.inquiry.changed_curve, timeout=PATIENCE) as told:
        action(window, "Hide the top segments").trigger()
    answer = page.study.answer
    assert answer is not None
    assert page.study.hidden == frozenset(answer.explanation.top(3))
    times, probability = told.args
    at = int(np.abs(times - (answer.start + 57 / 70)).argmin())
    mask = [i not in page.study.hidden for i in range(10)]
    row = int((answer.explanation.masks == mask).all(axis=1).argmax())  # type: ignore[union-attr]
    assert probability[at, 1] == pytest.approx(answer.explanation.mask_scores[row], abs=1e-4)  # type: ignore[index]
    assert f"with your changes {probability[at, 1]:.2f}" in page.headline.text()
    page.study.hide(frozenset())
    qtbot.waitUntil(lambda: not page.prediction._changed.isVisible(), timeout=PATIENCE)
    assert "with your changes" not in page.headline.text()


def test_space_plays_also_in_the_table_where_enter_hides(window: MainWindow, qtbot: QtBot) -> None:
    page = page_of(window)
    page.table.setFocus()
    page.table.select_segment(4)
    QTest.keyClick(page.table, Qt.Key.Key_Return)
    assert page.study.hidden == {4}
    assert page.spectrogram._excerpt._hidden == {4}
    QTest.keyClick(page.table, Qt.Key.Key_Space)
    assert page.player.playing
    assert page.study.hidden == {4}
    QTest.keyClick(page.table, Qt.Key.Key_H)
    assert not page.study.hidden


def test_the_brush_changes_the_prediction_and_undo_brings_it_back(window: MainWindow, qtbot: QtBot) -> None:
    page = page_of(window)

    def spectrogram() -> np.ndarray:
        assert page.study.spectrogram is not None
        return page.study.spectrogram.S.numpy()

    before, start = spectrogram().copy(), page.study.question.start
    score = page.study.answer.explanation.score_full  # type: ignore[union-attr]
    page.panel.set_brush_mode("erase")
    page.spectrogram.brush_started.emit()
    for second in np.arange(start, start + 1.6, 0.1):
        for band in (10.0, 20.0, 30.0, 40.0):
            page.spectrogram.brush_stroke.emit(float(second), band)
    page.spectrogram.brush_finished.emit()
    assert not np.array_equal(spectrogram(), before)
    qtbot.waitUntil(lambda: page.study.answer.explanation.score_full != score, timeout=PATIENCE)  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: "edited" in page.hearing.available, timeout=PATIENCE)
    page.study.undo_stack.undo()
    np.testing.assert_array_equal(spectrogram(), before)
    page.study.undo_stack.redo()
    assert not np.array_equal(spectrogram(), before)


def test_a_kept_sound_is_looped_and_the_loop_goes_with_the_excerpt(window: MainWindow, qtbot: QtBot) -> None:
    page = page_of(window)
    qtbot.waitUntil(lambda: "kept" in page.hearing.available, timeout=PATIENCE)
    page.hearing.choose("kept")
    loop, answer = page.player.loop, page.study.answer
    assert loop is not None
    assert answer is not None
    assert loop.start == pytest.approx(answer.start)
    assert loop.stop == pytest.approx(answer.start + 115 / 70, abs=1e-3)
    page.hearing.choose("original")
    page.study.ask(start=1.0)
    assert page.player.loop is not None
    assert page.player.loop.start == pytest.approx(1.0)


def test_the_page_turns_with_the_cursor_but_not_away_from_what_somebody_looks_at(window: MainWindow,
                                                                                 qtbot: QtBot) -> None:
    page = page_of(window)
    view = page.spectrogram
    page.player.seek(1.0)
    view.set_range(0.9, 1.3)
    page.player.play()
    qtbot.waitUntil(lambda: view.visible_range()[0] > 1.2, timeout=PATIENCE)
    view.set_range(4.0, 5.0)
    looked_at, heard = view.visible_range(), page.player.position()
    qtbot.waitUntil(lambda: page.player.position() > heard + 0.4, timeout=PATIENCE)
    assert view.visible_range() == looked_at
    page.player.pause()
    view.set_range(0.0, view.duration)


def test_the_excerpt_follows_the_playback(window: MainWindow, qtbot: QtBot) -> None:
    page = page_of(window)
    page.player.seek(1.0)
    page.panel.follow.setChecked(True)
    page.player.play()
    qtbot.waitUntil(lambda: page.player.position() > 2.0, timeout=PATIENCE)
    assert page.study.question.start == pytest.approx(page.player.position() - 115 / 140, abs=0.5)


def test_every_control_has_a_name_and_no_key_is_bound_twice(window: MainWindow) -> None:
    unnamed = [w for w in page_of(window).findChildren(QWidget)
               if w.focusPolicy() != Qt.FocusPolicy.NoFocus and w.isVisibleTo(window)
               and not w.accessibleName() and not getattr(w, "text", str)()
               and not isinstance(w.parent(), QAbstractScrollArea) and not w.objectName().startswith("qt_")]
    assert unnamed == []
    actions = window.actions_of_all_menus()
    assert {"Command palette …", "Zoom to the excerpt", "Play", "Hide the top segments"} <= {a.text() for a in actions}
    keys = Counter(key.toString() for a in actions for key in a.shortcuts())
    assert [key for key, times in keys.items() if times > 1] == []


def test_the_palette_opens_and_runs_a_command_by_keys(window: MainWindow, qtbot: QtBot) -> None:
    page = page_of(window)
    QTest.keyClick(window, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert window.palette_dialog.isVisible()
    QTest.keyClicks(window.palette_dialog._query, "zoom to the exc")
    QTest.keyClick(window.palette_dialog._query, Qt.Key.Key_Return)
    start, stop = page.spectrogram.visible_range()
    assert stop - start == pytest.approx(2.2 * 115 / 70, abs=0.05)


def test_escape_cancels_the_running_job(window: MainWindow, qtbot: QtBot) -> None:
    ended = threading.Event()

    def endless(report: Report) -> None:
        try:
            while not ended.wait(0.01):
                report(Progress(1, 2))
        finally:
            ended.set()

    window.shared.batch.ask("explain/predict", endless)
    qtbot.waitUntil(window.jobs.bar.isVisible, timeout=PATIENCE)
    QTest.keyClick(window, Qt.Key.Key_Escape)
    qtbot.waitUntil(ended.is_set, timeout=2000)
    qtbot.waitUntil(lambda: not window.jobs.bar.isVisible(), timeout=2000)


def test_frequencies_can_be_notes_and_the_theme_light(window: MainWindow) -> None:
    page = page_of(window)
    action(window, "Frequencies in note names").trigger()
    assert page.spectrogram.frequency_axis.tickStrings([page.spectrogram.frequency_axis.band_of(440.0)], 1, 1) == ["A4"]
    action(window, "Frequencies in Hz").trigger()
    action(window, "Theme: light").trigger()
    light = window.grab().toImage().pixelColor(400, 5).lightness()
    action(window, "Theme: dark").trigger()
    assert window.grab().toImage().pixelColor(400, 5).lightness() < 80 < 180 < light
