"""Walking through a latent, and seeing what an example is most like of what was learnt."""

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QSlider

from gui.theme import DARK, LIGHT
from gui.views.latent_walk import DIRECTIONS, FURTHEST, TELL_MS, LatentWalk, WalkPlace, signed
from gui.views.nearest_view import NearestPair, NearestView
from tests.gui.signals import heard
from tests.gui.waiting import wait_for

MEL = np.random.default_rng(0).normal(-4, 2, (80, 115)).astype(np.float32)
PAIR = NearestPair("seed 4", MEL, MEL[::5, ::5], "A song.flac at 1:02", 0.82, 0.95, licence="CC BY 4.0",
                   heard="A sketch of it")


@pytest.fixture
def walk(qtbot) -> LatentWalk:
    view = LatentWalk()
    qtbot.addWidget(view)
    view.set_theme(DARK)
    view.resize(348, 520)
    view.show()
    return view


@pytest.fixture
def nearest(qtbot) -> NearestView:
    view = NearestView()
    qtbot.addWidget(view)
    view.set_theme(DARK)
    view.resize(348, 400)
    view.show()
    return view


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mix=st.integers(0, 100), along=st.tuples(*[st.integers(-30, 30)] * DIRECTIONS))
def test_a_place_comes_back_as_it_was_and_silently(walk: LatentWalk, mix: int, along: tuple[int, ...]):
    walked, place = heard(walk.walked), WalkPlace(mix / 100, tuple(x / 10 for x in along))
    walk.set_place(place)
    assert walk.place == place
    assert walked == []


def test_nowhere_to_walk_without_an_example(walk: LatentWalk):
    assert not walk.mix.isEnabled()
    assert not walk.sliders[0].isEnabled()
    assert not walk.play.isEnabled()
    walk.show_ends("seed 3", "")
    assert walk.sliders[0].isEnabled()
    assert not walk.mix.isEnabled(), "there is no B yet"
    walk.show_ends("seed 3", "seed 7")
    assert walk.mix.isEnabled()
    assert walk.names["b"].toolTip() == "B · seed 7"
    walk.show_picture(MEL, said="activation 8.1")
    walk.show_ends("", "")
    assert not walk.picture.has_picture


def test_a_quick_hand_is_told_of_fifteen_times_a_second_and_where_it_ends(walk: LatentWalk):
    walk.show_ends("seed 3", "seed 7")
    walked = heard(walk.walked)
    began = time.monotonic()
    for value in range(1, 61):
        walk.mix.setValue(value)
        wait_for(lambda: True, 0.02)
    wait_for(lambda: walked[-1].mix == 0.6, 1.0)
    seconds = time.monotonic() - began
    assert 2 <= len(walked) <= 2 + seconds / (TELL_MS / 1000)
    assert walked[0].mix == 0.01, "at once"
    told = len(walked)
    until = time.monotonic() + 3 * TELL_MS / 1000
    wait_for(lambda: time.monotonic() > until)
    assert len(walked) == told, "who stands still is not told of again"


def test_directions_are_walked_by_key_and_reset(walk: LatentWalk):
    walk.show_ends("seed 3", "seed 7")
    walk.set_place(WalkPlace(0.4))
    walked = heard(walk.walked)
    assert not walk.reset.isEnabled()
    QTest.keyClick(walk.sliders[1], Qt.Key.Key_Right)
    assert walked == [WalkPlace(0.4, (0.0, 0.1, 0.0, 0.0, 0.0, 0.0))]
    assert walk.figures[1].text() == "+0.1"
    QTest.keyClick(walk.sliders[1], Qt.Key.Key_End)
    wait_for(lambda: len(walked) == 2, 1.0)
    assert walked[-1].along[1] == FURTHEST
    walk.reset.click()
    wait_for(lambda: len(walked) == 3, 1.0)
    assert walked[-1] == WalkPlace(0.4)
    assert not walk.reset.isEnabled()


def test_what_is_asked_of_others(walk: LatentWalk):
    ends, played, moving = heard(walk.end_asked), heard(walk.play_asked), heard(walk.play_while_moving)
    walk.can_take(False)
    assert not walk.take["a"].isEnabled()
    walk.can_take(True)
    walk.take["a"].click()
    walk.take["b"].click()
    walk.show_ends("seed 3", "seed 7")
    walk.play.click()
    walk.moving.click()
    assert (ends, len(played), moving) == (["a", "b"], 1, [True])


def test_directions_that_there_are(walk: LatentWalk):
    walk.show_directions(("Direction 1 · 31 %", "Direction 2 · 12 %"))
    assert [slider.isVisible() for slider in walk.sliders] == [True, True, False, False, False, False]
    assert walk._labels[0].text() == "Direction 1 · 31 %"


def test_signs():
    assert [signed(x) for x in (-0.5, 0.0, 1.25)] == ["−0.5", "0", "+1.2"]


def test_no_copy_is_said_with_what_is_usual(nearest: NearestView):
    assert not nearest.buttons["made"].isEnabled()
    played = heard(nearest.play_asked)
    nearest.show_pair(PAIR)
    assert nearest.verdict.text() == "Not a copy: distance 0.82, usual for unheard music 0.95"
    assert nearest.source.text() == "A song.flac at 1:02\nCC BY 4.0"
    assert nearest.heard.text() == "A sketch of it"
    assert nearest.buttons["real"].toolTip() == "A sketch of it"
    for button in nearest.buttons.values():
        button.click()
    assert played == ["made", "real"]
    assert nearest.pictures["real"].has_picture
    nearest.show_pair(None)
    assert not nearest.pictures["real"].has_picture


def test_a_copy_is_warned_of_in_words_and_colour(nearest: NearestView):
    nearest.show_pair(replace(PAIR, distance=0.2, is_copy=True))
    assert nearest.verdict.text().startswith("Perhaps a copy: distance 0.20")
    for theme in (DARK, LIGHT):
        nearest.set_theme(theme)
        assert theme.warning in nearest.verdict.styleSheet()
    nearest.show_pair(PAIR)
    assert LIGHT.warning not in nearest.verdict.styleSheet()


def test_what_is_heard_of_a_recording_is_said(nearest: NearestView):
    nearest.show_pair(replace(PAIR, heard=""))
    assert nearest.buttons["real"].toolTip() == "Hear the real excerpt"
    assert nearest.heard.text() == ""
    nearest.show_pair(None)
    assert not nearest.buttons["real"].isEnabled()


def test_everything_has_a_name_and_says_what_it_does(walk: LatentWalk, nearest: NearestView):
    for view in (walk, nearest):
        for kind in (QAbstractButton, QSlider):
            for control in view.findChildren(kind):
                assert control.accessibleName(), control
                assert control.toolTip(), control
