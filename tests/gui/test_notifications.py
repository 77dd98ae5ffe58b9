"""What goes wrong is kept where it can be read, counted and copied, and stands in nobody's way."""

from __future__ import annotations

import sys
import threading
from datetime import datetime

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMainWindow, QPushButton
from pytestqt.qtbot import QtBot

from engine.checks import InputError
from gui.main_window.faults import Faults
from gui.theme import DARK, LIGHT
from gui.views.notices import MOST, Notice, report_of, with_notice
from gui.views.notifications import NotificationCentre

LONG = "song.ogg: expected audio (WAV, FLAC, OGG, MP3 or AIFF), found none in it; is it damaged or renamed? " * 3


@pytest.fixture
def window(qtbot: QtBot) -> QMainWindow:
    made = QMainWindow()
    qtbot.addWidget(made)
    made.resize(900, 600)
    made.centre = NotificationCentre(made)
    made.centre.set_theme(DARK)
    made.statusBar().addPermanentWidget(made.centre.bell)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)    # else the keys go to what another test has left open, or nowhere
    return made


def test_what_is_said_again_is_counted_and_the_oldest_go() -> None:
    notices: list[Notice] = []
    for sentence in ("a", "a", "b", "a"):
        notices = with_notice(notices, Notice(sentence, "Explain"))
    assert [(n.sentence, n.times) for n in notices] == [("a", 1), ("b", 1), ("a", 2)]
    for number in range(2 * MOST):
        notices = with_notice(notices, Notice(str(number)))
    assert len(notices) == MOST
    assert notices[0].sentence == str(2 * MOST - 1)


def test_a_report_has_all_that_helps() -> None:
    when = datetime(2026, 11, 23, 14, 5, 6)
    report = report_of([Notice("It broke.", "Compose", "Traceback: here", when, 3), Notice("And that.", when=when)])
    assert "2026-11-23 14:05:06 · Compose · a fault of the program · 3 times\nIt broke.\n\nTraceback: here" in report
    assert "And that." in report
    assert f"Python {sys.version.split()[0]}" in report
    assert "torch 2" in report


def test_the_bell_counts_what_nobody_has_seen(window: QMainWindow, qtbot: QtBot) -> None:
    centre = window.centre
    assert centre.bell.text() == ""
    centre.add(Notice(LONG, "Explain"))
    centre.add(Notice("Other.", "Compose"))
    assert centre.bell.text() == "2"
    assert "2 new" in centre.bell.accessibleName()
    assert not centre.isVisible()
    qtbot.mouseClick(centre.bell, Qt.MouseButton.LeftButton)
    assert centre.isVisible()
    assert centre.bell.text() == ""
    assert window.rect().contains(centre.geometry())
    centre.add(Notice("A third.", "Compose"))
    assert centre.bell.text() == ""        # it was seen as it came
    assert [n.sentence for n in centre.notices] == ["A third.", "Other.", LONG]


def test_keys_reach_everything(window: QMainWindow, qtbot: QtBot) -> None:
    centre = window.centre
    centre.add(Notice("First."))
    centre.add(Notice("Second."))
    centre.toggle()
    QCoreApplication.processEvents()
    focus = QGuiApplication.focusObject()
    qtbot.keyClick(focus, Qt.Key.Key_Down)
    qtbot.keyClick(focus, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = QGuiApplication.clipboard().text()
    assert "First." in copied
    assert "Second." not in copied
    qtbot.keyClick(focus, Qt.Key.Key_Escape)
    assert not centre.isVisible()
    assert QGuiApplication.focusObject() is centre.bell
    for button in centre.findChildren(QPushButton):
        assert button.accessibleName()
        assert button.toolTip()
        assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
    centre.clear()
    assert not any(button.isEnabled() for button in centre.findChildren(QPushButton))


def test_it_keeps_to_its_corner_and_stays_in_small_windows(window: QMainWindow) -> None:
    centre = window.centre
    for number in range(40):
        centre.add(Notice(f"{number}: {LONG}"))
    centre.toggle()
    for size in ((400, 300), (1280, 800)):
        window.resize(*size)
        QCoreApplication.processEvents()
        assert window.rect().contains(centre.geometry())
        assert centre.geometry().right() > window.width() - 20
    centre.set_theme(LIGHT)


def test_faults_of_all_threads_are_told(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    printed: list[str] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, error, trace: printed.append(str(error)))
    monkeypatch.setattr(threading, "excepthook", lambda arguments: printed.append(str(arguments.exc_value)))
    faults, told = Faults(), []
    faults.happened.connect(lambda *said: told.append(said))
    faults.install()
    try:
        sys.excepthook(ValueError, ValueError("in a slot"), None)
        thread = threading.Thread(target=lambda: 1 / 0)
        thread.start()
        thread.join()
        sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    finally:
        faults.remove()
    qtbot.waitUntil(lambda: len(told) == 2)
    assert told[0][0].startswith("Otoscope made a mistake (ValueError: in a slot)")
    assert "ZeroDivisionError" in told[1][1]
    assert printed == ["in a slot", "division by zero", ""]
    sys.excepthook(ValueError, ValueError("later"), None)
    assert len(told) == 2


def test_a_page_that_says_a_fault_gets_its_traceback() -> None:
    faults = Faults()
    try:
        raise RuntimeError("boom")
    except RuntimeError as error:
        faults.note(error)
    assert "RuntimeError: boom" in faults.details("explain: something went wrong (RuntimeError: boom)")
    assert faults.details("said again: boom") == ""
    faults.note(InputError("song.ogg: not there"))
    assert faults.details("song.ogg: not there") == ""
