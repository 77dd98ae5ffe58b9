"""The Dissect page as a user meets it: open, filter, hear, add a system, undo.

One page serves all tests of a file; each test finds it as it was opened.
"""
# ruff: noqa: F811

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.audio.fine_spectrum import centres
from engine.audio.waveform import Waveform, write_wav
from gui import theme
from gui.dissect_page import DissectPage
from gui.views.ear_mark import AUDIBLE, INAUDIBLE, INCOMPARABLE
from tests.gui.dissecting import (  # noqa: F401  (fixtures)
    HIGH_PASS,
    HORSE,
    LISTENER,
    OTHER,
    RUMBLE_HZ,
    SR,
    TONE_HZ,
    folder,
    opened,
    page,
    said,
    through,
    with_table,
)
from tests.gui.showing import told
from tests.gui.waiting import wait_for


def test_a_file_shows_what_every_system_says_and_what_lies_below_hearing(page: DissectPage) -> None:
    now = page.study.now
    assert now is not None
    assert page.headline.text().startswith("Lied 0.wav")
    assert said(page, HORSE).startswith("rumble")
    assert said(page, LISTENER).startswith("rumble")  # it asks whether there is a tone, and there is
    assert not page.systems.cards[OTHER].box.isChecked()
    hz = centres()
    at = {name: float(now.spectrum[int(np.abs(hz - f).argmin())])
          for name, f in (("rumble", RUMBLE_HZ), ("between", 60.0), ("tone", TONE_HZ))}
    assert at["rumble"] == pytest.approx(20 * np.log10(0.03), abs=0.5), "a sine has the level of its amplitude"
    assert at["tone"] == pytest.approx(20 * np.log10(0.2), abs=0.5)
    assert at["between"] < -70
    assert "below 20 Hz" in page.spectrum.accessibleDescription()


def test_a_filter_that_nobody_hears_turns_the_horse_and_not_the_listener(page: DissectPage) -> None:
    row = page.bench.rows["high-pass"]
    row.numbers["cutoff_hz"].field.setValue(25.0)  # moving a number switches its row on
    assert row.switch.isChecked()
    wait_for(lambda: set(page.study.after) == {HORSE, LISTENER} and "" in page.study.levels)
    assert "rumble" in said(page, HORSE).split("→")[0]
    assert "music" in said(page, HORSE).split("→")[1]
    assert page.study.flipped == [HORSE]
    assert page.headline.text().startswith("tree-artist changes its mind")
    assert "nobody hears it" in page.headline.text()
    assert row.mark.kind == INAUDIBLE
    assert page.study.made is not None
    below = centres() < 15
    assert page.study.made.spectrum[below].max() < -70


def test_a_new_setting_is_heard_soon_and_at_the_same_place(page: DissectPage) -> None:
    page.player.seek(1.2)
    began = time.monotonic()
    page.bench.changed.emit(HIGH_PASS)
    wait_for(lambda: page.study.made is not None)
    assert time.monotonic() - began < 1.0  # a busy machine; by itself it takes 0.1 s
    page.setFocus()
    for key, name in ((Qt.Key.Key_2, "bench"), (Qt.Key.Key_1, "original"), (Qt.Key.Key_2, "bench")):
        QTest.keyClick(page.window(), key)
        assert page.hearing.chosen == name
        assert page.player.position() == pytest.approx(1.2, abs=0.02)
    made, source = page.study.made, page.player.source
    assert made is not None
    assert source is made.source
    page.bench.changed.emit({"gain": {"gain_db": -20.0}})
    wait_for(lambda: page.study.made is not made and page.player.source is not source)
    assert page.player.position() == pytest.approx(1.2, abs=0.02)
    np.testing.assert_allclose(page.player.source.read(5000, 99), 0.1 * made.source.read(5000, 99), atol=4e-3)


def test_a_slower_sound_goes_on_at_the_same_note(page: DissectPage) -> None:
    page.player.seek(1.0)
    through(page, {"tempo": {"tempo": 0.5}})
    page.hearing.choose("bench")
    assert page.player.position() == pytest.approx(2.0, abs=0.03)
    page.link.moved.emit(2.0)
    assert page.strip._cursor.value() == pytest.approx(1.0, abs=0.03)
    page.hearing.choose("original")
    assert page.player.position() == pytest.approx(1.0, abs=0.03)
    assert page.bench.rows["tempo"].mark.kind == INCOMPARABLE


def test_each_change_has_a_mark_of_its_own(page: DissectPage) -> None:
    through(page, {**HIGH_PASS, "noise": {"snr_db": 10.0}})
    wait_for(lambda: len(page.study.levels) == 3)
    assert page.bench.rows["high-pass"].mark.kind == INAUDIBLE
    assert page.bench.rows["noise"].mark.kind == AUDIBLE
    assert page.bench.all_mark.kind == AUDIBLE
    assert page.bench.rows["gain"].mark.kind == ""
    page.bench.reset.click()
    assert page.bench.settings == {}
    wait_for(lambda: page.study.made is None)


def test_what_cannot_be_done_is_a_sentence_at_the_bench_and_no_box(page: DissectPage) -> None:
    through(page, HIGH_PASS)
    page.bench.changed.emit({"high-pass": {"cutoff_hz": 15000.0}})
    wait_for(lambda: bool(page.study.refusal))
    assert "below half the sample rate (11,025 Hz)" in page.bench.said.text()
    assert not told(page).failed
    assert page.study.made is None
    through(page, HIGH_PASS)
    assert "below half" not in page.bench.said.text()


def test_another_system_is_asked_and_left_out_again(page: DissectPage) -> None:
    through(page, HIGH_PASS)
    page.systems.cards[OTHER].box.click()
    assert page.study.systems == (HORSE, LISTENER, OTHER)
    wait_for(lambda: OTHER in page.study.after)
    assert "→" in said(page, OTHER)
    page.systems.cards[OTHER].box.click()
    assert OTHER not in page.study.after
    assert page.systems.cards[OTHER].said_now is None


def test_a_system_that_a_menu_adds_can_be_taken_out_again(page: DissectPage) -> None:
    page.use_model(OTHER)
    wait_for(lambda: page.study.systems == (HORSE, LISTENER, OTHER))
    assert page.study.undo_stack.undoText() == "choosing systems"
    page.study.undo_stack.undo()
    assert page.study.systems == (HORSE, LISTENER)
    page.study.undo_stack.redo()
    assert page.study.systems == (HORSE, LISTENER, OTHER)
    page.use_model(OTHER)
    wait_for(lambda: OTHER in page.study.before)
    page.study.undo_stack.undo()
    assert page.study.systems == (HORSE, LISTENER), "to ask it once more is no edit"


def test_what_no_system_can_hear_is_said_once(page: DissectPage, folder: Path) -> None:
    write_wav(folder / "click.wav", Waveform(np.full((1, 1), 0.1, np.float32), SR))
    page.open(folder / "click.wav")
    wait_for(lambda: any("expected sound to scatter" in sentence for sentence in told(page).failed))
    for hz in (30.0, 40.0):
        page.bench.changed.emit({"high-pass": {"cutoff_hz": hz}})
        wait_for(lambda hz=hz: page.study.made is not None  # type: ignore[misc]
                 and page.study.made.bench.at("highpass") == hz)
    assert len(told(page).failed) == 1


def test_out_of_sight_it_leaves_the_player_alone_and_comes_back_where_it_was(page: DissectPage) -> None:
    through(page, HIGH_PASS)
    page.hearing.choose("bench")
    page.player.seek(1.5)
    source = page.player.source
    page.leave()
    page.hearing.choose("original")
    page.hearing.choose("bench")
    assert page.player.source is source
    page.enter()
    assert page.player.position() == pytest.approx(1.5, abs=0.02)
    assert page.hearing.chosen == "bench"


@pytest.mark.parametrize("colours", [theme.LIGHT, theme.DARK])
def test_it_is_drawn_in_both_themes(page: DissectPage, folder: Path, colours: theme.Theme) -> None:
    with_table(page, folder)
    page.set_theme(colours)
    for inside in (page.table, page.confusion, page.found, page.sweep, page.systems, page.tree, page.bench):
        page.show_tab(inside)
        image = page.grab().toImage()
        seen = {image.pixel(x, y) for x in range(0, image.width(), 7) for y in range(0, image.height(), 7)}
        assert len(seen) > 40
    QApplication.sendEvent(page.spectrum, QEvent(QEvent.Type.Leave))


def test_all_work_has_a_name_in_the_window(page: DissectPage) -> None:
    from gui.main_window.pages import PAGES

    entry = next(entry for entry in PAGES if entry.title == "Dissect")
    assert set(told(page).lanes) <= set(entry.jobs)
