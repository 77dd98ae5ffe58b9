"""What is refused at the door, and in which words."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.checks import InputError, choice, shown, within
from engine.job import Progress


def test_a_known_choice_passes_and_a_near_miss_is_guessed():
    assert choice("mean", ["zero", "mean"], "fill") == "mean"
    with pytest.raises(InputError, match=r"^fill: expected one of zero, mean, got 'maen'; did you mean mean\?$"):
        choice("maen", (name for name in ("zero", "mean")), "fill")
    with pytest.raises(InputError, match=r"got 'qqq'$"):
        choice("qqq", ["zero", "mean"], "fill")


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_a_value_in_range_passes(value):
    assert within(value, 0, 1, "share") == value


@pytest.mark.parametrize("value", [-1e-9, 1.001, math.nan, math.inf, -math.inf])
def test_a_value_out_of_range_is_refused(value):
    with pytest.raises(InputError, match=r"^share: expected 0 to 1, got "):
        within(value, 0, 1, "share")


@given(st.text(max_size=300).filter(lambda text: "\0" not in text), st.integers(20, 120))
def test_any_name_is_shown_printable_and_short(name, longest):
    text = shown(name, longest)
    assert text.isprintable()
    assert len(text) <= longest


def test_names_are_shown_by_their_last_part_and_never_as_nothing():
    assert shown(Path("/a/b/Lied – ünï.ogg")) == "Lied – ünï.ogg"
    assert shown("a\nb") == "a?b"
    assert (shown("."), shown("/"), shown("..")) == (".", "/", "..")
    long = "x" * 100 + ".ogg"
    assert shown(long) == "x" * 40 + "…" + long[-39:]


def test_progress_is_a_share():
    assert Progress(1, 4).fraction == 0.25
    assert Progress(5, 4).fraction == 1
    assert Progress(0, 0).fraction == 0
