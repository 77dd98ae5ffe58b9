"""The bar asks for the right things, shows what it is told, and can be used by keys alone."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QSlider, QToolButton, QVBoxLayout, QWidget

from gui.theme import DARK, LIGHT
from gui.views.time_field import seconds_of, time_text
from gui.views.transport_bar import SOURCES, TransportBar
from tests.gui.signals import heard


@pytest.fixture
def bar(qtbot):
    window = QWidget()
    layout = QVBoxLayout(window)
    bar = TransportBar()
    layout.addWidget(bar)
    window.editor = QLineEdit()
    layout.addWidget(window.editor)
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    bar.setFocus()
    yield bar
    window.close()


def named(bar, name):
    return next(b for b in bar.findChildren(QWidget) if b.accessibleName() == name)


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00.00"), (83.456, "1:23.46"), (59.996, "1:00.00"),
                                              (3725.5, "1:02:05.50"), (-1, "0:00.00")])
def test_times_are_written(seconds, text):
    assert time_text(seconds) == text


@pytest.mark.parametrize(("text", "seconds"), [("83.5", 83.5), ("1:23.5", 83.5), ("1:02:05,5", 3725.5), (" 7 ", 7),
                                              ("", None), ("1:2:3:4", None), ("-5", None), ("soon", None)])
def test_times_are_read(text, seconds):
    assert seconds_of(text) == seconds


@pytest.mark.parametrize(("key", "signal", "expected"), [
    (Qt.Key.Key_Space, "play_asked", ()), (Qt.Key.Key_Home, "stop_asked", ()),
    (Qt.Key.Key_L, "loop_toggled", True), (Qt.Key.Key_M, "volume_changed", 0.0),
    (Qt.Key.Key_Comma, "speed_changed", 0.95), (Qt.Key.Key_3, "source_chosen", "removed"),
    (Qt.Key.Key_G, "match_level_toggled", True)])
def test_every_key_asks_and_text_editors_keep_theirs(bar, qtbot, key, signal, expected):
    values = heard(getattr(bar, signal))
    qtbot.keyClick(bar, key)
    assert values == [expected]
    editor = bar.window().editor
    editor.setFocus()
    qtbot.keyClick(editor, key)
    assert len(values) == 1


def test_the_state_is_shown_without_an_echo(bar):
    echoes = [heard(getattr(bar, s)) for s in ("loop_toggled", "speed_changed", "volume_changed", "source_chosen",
                                               "match_level_toggled")]
    bar.show_state(playing=True, looping=True, speed=0.75, volume=0.4)
    bar.show_source("kept")
    assert not any(echoes)
    assert named(bar, "Pause").toolTip() == "Pause (Space)"
    assert named(bar, "Loop the excerpt").isChecked()
    assert named(bar, "Speed").value() == 75
    assert named(bar, "Speed back to 1×").text() == "0.75×"
    assert named(bar, "Volume").value() == 40
    assert named(bar, "Hear: Kept").isChecked()
    assert not named(bar, "Hear: Original").isChecked()


def test_the_position_waits_while_a_time_is_typed(bar, qtbot):
    times = heard(bar.seek_asked)
    field = named(bar, "Position")
    bar.set_duration(200.0)
    bar.set_position(12.0)
    assert field.text() == "0:12.00"
    assert named(bar, "Duration").text() == "/ 3:20.00"
    qtbot.mouseClick(field, Qt.MouseButton.LeftButton)
    qtbot.keyClicks(field, "1:3")
    bar.set_position(13.0)
    assert field.text() == "1:3"
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert times == [63.0]
    assert not field.hasFocus()
    bar.set_position(63.1)
    assert field.text() == "1:03.10"
    field.setFocus()
    qtbot.keyClicks(field, "soon")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.hasFocus()
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == "1:03.10"
    assert times == [63.0]


def test_what_cannot_be_heard_says_why(bar, qtbot):
    chosen = heard(bar.source_chosen)
    bar.enable_source("kept", "nothing has been explained yet")
    assert "nothing has been explained yet" in named(bar, "Hear: Kept").toolTip()
    qtbot.keyClick(bar, Qt.Key.Key_2)
    assert not chosen
    bar.enable_source("kept")
    qtbot.keyClick(bar, Qt.Key.Key_2)
    assert chosen == ["kept"]


def test_muting_keeps_the_volume_and_moving_it_unmutes(bar):
    volumes = heard(bar.volume_changed)
    slider, mute = named(bar, "Volume"), named(bar, "Mute")
    slider.setValue(60)
    mute.click()
    bar.show_state(playing=False, looping=False, speed=1.0, volume=0.0)
    assert slider.value() == 60
    mute.click()
    mute.click()
    slider.setValue(30)
    assert not mute.isChecked()
    assert volumes == [0.6, 0.0, 0.6, 0.0, 0.3]


def test_speed_goes_back_with_one_click_and_stays_in_range(bar, qtbot):
    speeds = heard(bar.speed_changed)
    for _ in range(20):
        qtbot.keyClick(bar, Qt.Key.Key_Comma)
    assert speeds[-1] == 0.5
    named(bar, "Speed back to 1×").click()
    assert speeds[-1] == 1.0


def test_devices_are_offered_with_the_default_first(bar):
    chosen, asked = heard(bar.device_chosen), heard(bar.devices_asked)
    bar.show_devices(["headphones", "loudspeakers"], "headphones")
    button = named(bar, "Sound device")
    assert [a.text() for a in button.menu().actions()] == ["System default", "headphones", "loudspeakers"]
    assert [a.isChecked() for a in button.menu().actions()] == [False, True, False]
    button.menu().aboutToShow.emit()
    button.menu().actions()[2].trigger()
    button.menu().actions()[0].trigger()
    assert (chosen, len(asked)) == (["loudspeakers", None], 1)
    bar.show_devices([], None, silent=True)
    assert "playing silently" in button.toolTip()


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_every_control_has_a_name_a_tip_and_is_drawn(bar, theme):
    bar.set_theme(theme)
    bar.show_devices([], None)
    for kind in (QAbstractButton, QSlider, QLineEdit):
        for widget in bar.findChildren(kind):
            assert widget.accessibleName()
            assert widget.toolTip()
    for button in bar.findChildren(QToolButton):
        assert button.text() or not button.icon().isNull()
    assert [a.text() for a in bar.actions()].count("Play") == 1


def test_there_is_a_button_for_every_source(bar):
    for text, _ in SOURCES.values():
        assert named(bar, f"Hear: {text}").text() == text
