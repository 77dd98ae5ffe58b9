"""Endings that are played in several turns, and numbers of such that mean nothing."""

import re

import pytest

from engine.folk.abc_text import parse
from engine.folk.musicxml import musicxml_bytes
from engine.folk.tune import Ending
from engine.folk.unfold import performed, turns

HEAD = "X:1\nL:1/8\nM:4/4\nK:C\n"


def endings(music):
    return [event for event in parse(HEAD + music).events if isinstance(event, Ending)]


@pytest.mark.parametrize(("numbers", "meant"), [("1", {1}), ("1,3", {1, 3}), ("1-3", {1, 2, 3}),
                                                ("1-2,4", {1, 2, 4}), ("1,3-4", {1, 3, 4})])
@pytest.mark.parametrize("sign", ["|", "["])
def test_turns_of_an_ending(numbers, meant, sign):
    assert [turns(one) for one in endings(f"|:A8{sign}{numbers} B8:|")] == [meant]


@pytest.mark.parametrize("numbers", ["1-0-0", "1-2-3", "1--2", "1,", "1,,2", "9-1", "1-"])
def test_numbers_that_mean_nothing_end_neither_the_reading_nor_the_playing(numbers):
    for sign in ("|", "["):
        tune = parse(f"{HEAD}|:A8{sign}{numbers} B8:|2 c8|]")
        assert performed(tune)
        assert musicxml_bytes(tune)


def test_musicxml_names_every_turn():
    written = musicxml_bytes(parse(f"{HEAD}|:A8|1-3 B8:|4 c8|]")).decode()
    assert set(re.findall(r'<ending number="([^"]*)"', written)) == {"1,2,3", "4"}
