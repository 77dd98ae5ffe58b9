"""A score under the hand: clicks, drags, keys, the wheel."""
# ruff: noqa: F811

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.gui.scoring import LEFT, LONG, NONE, SHIFT, Desk, desk, engraver, held  # noqa: F401  (fixtures)


def test_a_click_says_which_note(qtbot: QtBot, desk: Callable[..., Desk]) -> None:
    d = desk()
    seen: list[tuple[str, bool]] = []
    d.view.note_clicked.connect(lambda name, extend: seen.append((name, extend)))
    for name in d.names:
        qtbot.mouseClick(d.view.viewport(), LEFT, NONE, d.where(name))
    assert seen == [(name, False) for name in d.names]
    qtbot.mouseClick(d.view.viewport(), LEFT, SHIFT, d.where(d.names[5]))
    assert seen[-1] == (d.names[5], True)


def test_a_click_beside_the_notes_chooses_nothing(qtbot: QtBot, desk: Callable[..., Desk]) -> None:
    d = desk()
    seen: list[str] = []
    d.view.note_clicked.connect(lambda *told: seen.append("note"))
    d.view.background_clicked.connect(lambda: seen.append("background"))
    qtbot.mouseClick(d.view.viewport(), LEFT, NONE, QPoint(5, 480))
    assert seen == ["background"]
    qtbot.mouseDClick(d.view.viewport(), LEFT, NONE, QPoint(5, 480))
    assert "note" not in seen


def test_a_click_finds_its_note_at_any_zoom_and_place(qtbot: QtBot, desk: Callable[..., Desk]) -> None:
    d = desk(LONG)
    seen: list[str] = []
    d.view.note_clicked.connect(lambda name, extend: seen.append(name))
    for zoom in (0.5, 1.6, 3.0):
        d.view.set_zoom(zoom)
        d.engrave()
        d.view.reveal(d.names[40])
        qtbot.waitUntil(lambda: d.view.viewport().rect().contains(d.where(d.names[40])), timeout=1000)
        qtbot.wait(350)     # the glide is over
        qtbot.mouseClick(d.view.viewport(), LEFT, NONE, d.where(d.names[40]))
        assert seen[-1:] == [d.names[40]], zoom


def test_dragging_chooses_a_span(qtbot: QtBot, desk: Callable[..., Desk]) -> None:
    d = desk()
    seen: list[tuple[str, str]] = []
    d.view.span_chosen.connect(lambda first, last: seen.append((first, last)))
    view = d.view.viewport()
    qtbot.mousePress(view, LEFT, NONE, d.where(d.names[2]))
    d.view.mouseMoveEvent(held(d.where(d.names[9])))
    d.view.mouseMoveEvent(held(d.where(d.names[9])))
    d.view.mouseMoveEvent(held(d.where(d.names[1])))
    qtbot.mouseRelease(view, LEFT, NONE, d.where(d.names[1]))
    assert seen == [(d.names[2], d.names[9]), (d.names[2], d.names[1])]
    d.view.mouseMoveEvent(held(d.where(d.names[7])))
    assert len(seen) == 2


def test_the_hand_shows_what_can_be_clicked(qtbot: QtBot, desk: Callable[..., Desk]) -> None:
    d = desk()
    qtbot.mouseMove(d.view.viewport(), d.where(d.names[4]))
    assert d.view.viewport().cursor().shape() == Qt.CursorShape.PointingHandCursor
    qtbot.mouseMove(d.view.viewport(), QPoint(5, 480))
    assert d.view.viewport().cursor().shape() == Qt.CursorShape.ArrowCursor


def test_keys_go_from_note_to_note(qtbot: QtBot, desk: Callable[..., Desk]) -> None:
    d = desk()
    seen: list[tuple[str, bool]] = []
    d.view.note_clicked.connect(lambda name, extend: seen.append((name, extend)))
    d.view.note_clicked.connect(lambda name, extend: d.view.show_selected([name]))
    keys = Qt.Key
    for key, held_too in ((keys.Key_Right, NONE), (keys.Key_Right, NONE), (keys.Key_Right, SHIFT),
                          (keys.Key_Left, NONE), (keys.Key_End, Qt.KeyboardModifier.ControlModifier),
                          (keys.Key_Right, NONE), (keys.Key_Home, NONE),
                          (keys.Key_Home, Qt.KeyboardModifier.ControlModifier)):
        qtbot.keyClick(d.view, key, held_too)
    second_line = next(n for n in d.names if int(n[1:]) > d.text.index("|:f"))
    assert seen == [(d.names[0], False), (d.names[1], False), (d.names[2], True), (d.names[1], False),
                    (d.names[-1], False), (second_line, False), (d.names[0], False)]


def test_page_keys_scroll(qtbot: QtBot, desk: Callable[..., Desk]) -> None:
    d = desk(LONG)
    qtbot.keyClick(d.view, Qt.Key.Key_PageDown)
    assert d.view.verticalScrollBar().value() == d.view.viewport().height()


def test_the_wheel_zooms_with_control_between_bounds(desk: Callable[..., Desk]) -> None:
    d = desk()

    def turn(notches: int) -> None:
        at = QPointF(200, 200)
        QApplication.sendEvent(d.view.viewport(), QWheelEvent(
            at, at, QPoint(), QPoint(0, 120 * notches), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.ControlModifier, Qt.ScrollPhase.NoScrollPhase, False))

    turn(1)
    assert d.view.zoom == pytest.approx(1.1)
    turn(99)
    assert d.view.zoom == 3.0
    turn(-99)
    assert d.view.zoom == 0.5
    assert d.view.page_width() == pytest.approx(2 * (700 - 12), abs=10)
