"""What a neuron wants, in words: who is best, what is lost as sound, how long it takes."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.audio.waveform import Waveform
from engine.explain.maximise_grid import Ranked
from engine.listening.maximise_nearest import Nearest
from engine.listening.maximise_values import Example
from engine.models.mel_bank import Source
from gui.maximise_page import words
from gui.views.plain_text import counted

SOUND = Waveform(np.zeros(10, np.float32), 22050)


def example(start: float, stop: float, heard: float, *, distance: float = 0.9) -> Example:
    near = Nearest(Source("a"), 1.0, distance, 0.9, np.zeros((16, 23), np.float32))
    return Example(0, stop, heard, 0.5, np.array([start, stop], np.float32), np.arange(2), None, torch.zeros(2),
                   torch.zeros(2, 2), SOUND, near)


@given(st.lists(st.floats(-100, 100) | st.just(math.nan), max_size=20, unique=True), st.booleans())
def test_best_and_worst_are_at_the_ends_and_the_median_between(values: list[float], lowest: bool):
    ranks = words.ranks_of(values, lowest=lowest)
    finite = sorted((v for v in values if math.isfinite(v)), reverse=not lowest)
    if len(finite) < 3:
        assert not any(ranks)
        return
    named = {rank: value for rank, value in zip(ranks, values, strict=True) if rank}
    assert (named["best"], named["worst"]) == (finite[0], finite[-1])
    assert named["median"] == finite[len(finite) // 2]


def test_settings_without_a_distance_have_no_rank():
    ranking = [Ranked(0.1, 0.1, 100, fid, 1.0, 50, 0) for fid in (3.0, 1.0, None, 7.0)]
    assert words.ranks_of_settings(ranking) == ["median", "best", "", "worst"]
    assert words.ranks_of_settings(ranking[2:]) == ["", ""]


@pytest.mark.parametrize(("start", "stop", "heard", "kept"), [(0.0, 10.0, 8.0, 0.8), (-4.0, -14.0, -6.5, 0.25),
                                                             (2.0, 4.0, 1.0, -0.5)])
def test_what_is_kept_as_sound_is_a_share_of_what_was_gained(start: float, stop: float, heard: float, kept: float):
    assert words.kept_as_sound(example(start, stop, heard)) == pytest.approx(kept)


def test_examples_that_lose_it_as_sound_or_are_copies_are_warned_of():
    assert words.warning(example(0, 10, 8)) == ""
    assert words.warning(example(0, 10, 3)) == "as sound it keeps 30 % of what was gained"
    assert words.warning(example(0, 10, -3)) == "as sound it keeps 0 % of what was gained"
    assert words.warning(example(5, 5, 5)) == "", "nothing was gained"
    assert "copy" in words.warning(example(0, 10, 8, distance=0.1))


def test_durations():
    assert [words.duration(s) for s in (4.4, 89, 100, 3000, 5760)] == ["4 s", "89 s", "2 min", "50 min", "1.6 h"]
    assert words.time_left(30.2) == "about 30 s left"
    assert words.time_left(None) == ""
    assert words.progress(120, 500, 7.1, 190) == "120 of 500 · median 7.10 · about 3 min left"
    assert words.progress(0, 500, math.nan, None) == "0 of 500"


def test_counts():
    assert [counted(n, "example") for n in (0, 1, 2000)] == ["0 examples", "1 example", "2,000 examples"]
