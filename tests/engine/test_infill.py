"""Gaps that are filled so that both sides fit."""

import numpy as np
import pytest

from engine.checks import InputError
from engine.folk.bars import check
from engine.folk.infill import infill
from engine.folk.sampling import Manner
from tests.engine.folk_models import UNIFORM, V2, folk_model

LEFT = ["M:4/4", "K:Cmaj", "|:", "G", "2", "|", "C", "4", "D", "4", "|"]
RIGHT = ["|", "E", "8", "|", "G", "6", ":|", "|:", "A", "2", "|", "B", "8", "|", "c", "6", ":|"]


@pytest.mark.parametrize(("left", "right", "bars"), [
    (LEFT, RIGHT, 1), (LEFT, RIGHT, 3), (LEFT, RIGHT[6:], 2),                # the last bar ends at 6/8, before its :|
    (LEFT[:3], ["|", "C", "8", "|", "E", "8", ":|"], 1), ([*LEFT[:2], *LEFT[3:]], [], 2),
])
def test_a_gap_is_filled_so_that_both_sides_fit(left, right, bars):
    fillings = infill(UNIFORM, left, right, bars=bars, n=6, manner=Manner(max_tokens=60, seed=4))
    assert len(fillings) == 6
    for filling in fillings:
        whole = [*left, *filling.tokens, *(right or ["|"])]
        assert check(whole).faults == ()
        assert filling.tokens.count("|") == bars - 1
        assert len(filling.tokens) == len(filling.log_probabilities)


def test_fillings_are_ranked_by_what_follows():
    model = folk_model(V2, units=24, layers=2, scale=0.7)
    fillings = infill(model, LEFT, RIGHT, bars=1, n=8, manner=Manner(max_tokens=30, seed=1))
    for filling in fillings:
        rows, whole = model.log_probabilities([*LEFT, *filling.tokens, *RIGHT]), [*LEFT, *filling.tokens, *RIGHT]
        logs = [rows[place][model.index[token]] for place, token in enumerate(whole)]
        gap = len(LEFT) + len(filling.tokens)
        np.testing.assert_allclose(filling.log_probabilities, logs[len(LEFT):gap], atol=1e-5)
        assert filling.after == pytest.approx(sum(logs[gap:]), abs=1e-4)
    assert [f.after for f in fillings] == sorted((f.after for f in fillings), reverse=True)
    assert fillings[0].after > fillings[-1].after


@pytest.mark.parametrize(("left", "right", "said"), [
    ([*LEFT, "C"], RIGHT, "whole bars"), (LEFT, RIGHT[1:], "whole bars"), ([*LEFT, "H"], RIGHT, "does not know"),
])
def test_a_gap_lies_between_bar_lines(left, right, said):
    with pytest.raises(InputError, match=said):
        infill(UNIFORM, left, right, bars=1, manner=Manner())
    with pytest.raises(InputError, match="the gap takes 6 tokens"):
        infill(UNIFORM, LEFT, RIGHT, bars=2, manner=Manner(max_tokens=2))
