"""A tune gets a title where ABC wants it: behind X:, before everything else."""

import pytest

from engine.composing.tunebook import title_of, titled


@pytest.mark.parametrize(("text", "after"), [
    ("X:1\nT:Old\nT:Also\nK:C\nC", "X:1\nT:New\nT:Also\nK:C\nC"),
    ("X:1\nK:C\nC", "X:1\nT:New\nK:C\nC"),
    ("% mine\nX:1\nM:3/4\nT:Late\nK:C\n", "% mine\nX:1\nT:New\nM:3/4\nT:Late\nK:C\n"),
    ("X:1", "X:1\nT:New\n"),
    ("X:1\r\nT:Old\r\nK:C\r\n", "X:1\r\nT:New\r\nK:C\r\n"),
    ("", "T:New\n"),
])
def test_a_title_is_changed_or_put_behind_the_number(text, after):
    assert titled(text, "New").apply(text) == after
    assert title_of(after) == "New"
