"""Reading and following an engraved tune."""
# ruff: noqa: F811

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from pytestqt.qtbot import QtBot

from engine.folk.tune import Tune
from gui.views import score_paper
from tests.gui.scoring import HEAD, LONG, Desk, desk, engraver, held, share  # noqa: F401  (fixtures)


def test_only_pages_near_those_in_sight_are_asked_for(desk: Callable[..., Desk], qtbot: QtBot) -> None:
    d = desk(LONG)
    d.view.set_zoom(1.5)
    d.engrave()
    assert d.view.pages is not None
    count = d.view.pages.count
    assert count > 6
    assert set(d.view.pages.placed) == {0, 1}
    bar = d.view.verticalScrollBar()
    bar.setValue(bar.maximum())
    assert set(d.view.pages.placed) == {0, 1, count - 2, count - 1}
    asked = len(d.asked)
    bar.setValue(bar.maximum() - 10)
    assert len(d.asked) == asked
    dark = share(d.picture(), QRect(40, 100, 400, 200), lambda c: c.lightness() < 100)
    assert dark > 0.01


def test_a_page_that_is_to_come_is_a_blank_one(qtbot: QtBot, desk: Callable[..., Desk]) -> None:
    d = desk(LONG)
    d.view.pages_asked.disconnect(d.answer)
    with qtbot.waitSignal(d.view.pages_asked) as asked:
        d.view.verticalScrollBar().setValue(d.view.verticalScrollBar().maximum())
    assert d.view.pages is not None
    assert asked.args[0] + asked.args[1] == d.view.pages.count
    assert share(d.picture(), d.view.viewport().rect(), lambda c: c.lightness() < 100) == 0
    d.answer(*asked.args)
    assert share(d.picture(), d.view.viewport().rect(), lambda c: c.lightness() < 100) > 0.005


def test_pages_of_another_tune_are_passed_over(desk: Callable[..., Desk]) -> None:
    d = desk(LONG)
    before = dict(d.view.pages.placed) if d.view.pages else {}
    d.tune = Tune(**{**vars(d.tune), "events": d.tune.events[:-40]})
    d.answer(1, 1)
    assert d.view.pages is not None
    assert d.view.pages.placed == before


def test_typing_keeps_the_place(desk: Callable[..., Desk]) -> None:
    d = desk(LONG)
    d.view.verticalScrollBar().setValue(600)
    for text in (LONG.replace("BAF", "BAG", 1), LONG + "A3 B3|\n", LONG):
        d.type(text)
        assert d.view.verticalScrollBar().value() == 600


def test_another_width_keeps_the_uppermost_line(desk: Callable[..., Desk]) -> None:
    d = desk(LONG)
    d.view.verticalScrollBar().setValue(700)
    assert d.view.pages is not None
    top = min((d.where(name).y(), name) for name in d.names[:200]
              if d.view.pages.box(name) and d.where(name).y() > 20)[1]
    before = d.where(top).y()
    d.view.set_zoom(0.8)
    d.engrave()
    assert abs(d.where(top).y() - before) < 60
    d.view.resize(900, 500)
    d.engrave()
    assert abs(d.where(top).y() - before) < 90


def test_a_new_width_is_told_once_it_rests(qtbot: QtBot, desk: Callable[..., Desk]) -> None:
    d = desk()
    qtbot.wait(200)
    told: list[float] = []
    d.view.width_changed.connect(told.append)
    for width in range(700, 900, 20):
        d.view.resize(width, 500)
    qtbot.waitUntil(lambda: bool(told), timeout=1000)
    assert told == [d.view.page_width()]
    d.engrave()
    assert d.view.pages is not None
    assert d.view.pages.width == pytest.approx(d.view.page_width(), abs=2)
    assert d.view.horizontalScrollBar().maximum() == 0
    d.view.resize(880, 400)     # as wide as before
    qtbot.wait(200)
    assert len(told) == 1


def test_the_sound_is_followed_unless_the_user_scrolls(qtbot: QtBot, desk: Callable[..., Desk]) -> None:
    d = desk(LONG)
    bar = d.view.verticalScrollBar()
    d.view.show_playing(d.names[60])
    assert bar.value() == 0     # it is in sight
    d.view.show_playing(d.names[160])
    qtbot.waitUntil(lambda: d.view.viewport().rect().contains(d.where(d.names[160])), timeout=1000)
    d.view.glide.touched()
    place = bar.value()
    d.view.show_playing(d.names[260])
    qtbot.wait(50)
    assert bar.value() == place
    d.view.follow = False
    d.view.glide._touched = 0.0
    d.view.show_playing(d.names[261])
    qtbot.wait(50)
    assert bar.value() == place


def test_a_note_far_away_is_found_when_its_page_comes(desk: Callable[..., Desk], qtbot: QtBot) -> None:
    d = desk(LONG)
    d.view.set_zoom(2.0)
    d.engrave()
    d.view.show_selected([d.names[-200]])
    qtbot.waitUntil(lambda: d.view.pages is not None and d.view.pages.box(d.names[-200]) is not None, timeout=1000)
    qtbot.waitUntil(lambda: d.view.viewport().rect().contains(d.where(d.names[-200])), timeout=1500)
    assert d.view.accessibleDescription() == "1 note selected"


def test_without_a_score_it_says_what_will_be_here(desk: Callable[..., Desk]) -> None:
    d = desk()
    d.view.show_score(None)
    middle = QRect(200, 230, 290, 40)
    assert share(d.picture(), middle, lambda c: c.lightness() < 200) > 0.01
    assert d.view.pages_near() == (0, 2)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_PageDown):
        QtBot.keyClick(d.view, key)
    d.view.show_playing("n5")
    d.view.show_selected(["n5"])
    d.picture()


def test_a_late_score_is_marked_quietly(qtbot: QtBot, desk: Callable[..., Desk]) -> None:
    d, corner = desk(), QRect(560, 4, 120, 24)      # of the view, with nothing of the score in it
    before = d.picture().copy(corner)
    d.view.set_busy(True)
    d.view.set_busy(False)
    qtbot.wait(score_paper.BUSY_MS + 50)
    assert d.picture().copy(corner) == before       # soon over: no flicker
    d.view.set_busy(True)
    qtbot.wait(score_paper.BUSY_MS + 50)
    assert d.picture().copy(corner) != before
    d.view.set_busy(False)
    assert d.picture().copy(corner) == before


def test_an_empty_tune_can_be_shown(desk: Callable[..., Desk], qtbot: QtBot) -> None:
    d = desk(HEAD)
    qtbot.keyClick(d.view, Qt.Key.Key_Right)
    d.view.mouseMoveEvent(held(QPoint(100, 100)))
    assert d.view.note_at(QPointF(100, 100), 1e6) is None
