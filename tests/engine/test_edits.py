"""Changes of a text as values."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.folk.edits import Edit, applied, difference, shifted

SHORT = st.text("AB|\n", max_size=12)


@given(SHORT, SHORT)
def test_the_difference_makes_one_text_of_the_other_and_back(before: str, after: str) -> None:
    edit = difference(before, after)
    if edit is None:
        assert before == after
        return
    assert edit.apply(before) == after
    assert edit.inverse(before).apply(after) == before


@given(SHORT, SHORT, SHORT)
def test_where_the_cursor_stands_does_not_make_it_wrong(head: str, typed: str, tail: str) -> None:
    edit = difference(head + tail, head + typed + tail, around=len(head + typed))
    assert (edit is None) == (not typed)
    assert edit is None or edit == Edit(len(head), len(head), typed)


def test_a_note_typed_among_equal_ones_is_where_the_cursor_says() -> None:
    assert difference("AAA", "AAAA", around=2) == Edit(1, 1, "A")
    assert difference("AAA", "AAAA") == Edit(3, 3, "A")


def test_several_edits_count_in_the_text_before_them() -> None:
    edits = [Edit(4, 5, "xyz"), Edit(0, 1, "")]
    assert applied("abcdef", edits) == "bcdxyzf"


def test_a_place_moves_along_with_what_stands_before_it() -> None:
    edits = [Edit(1, 3, ""), Edit(5, 5, "new")]
    assert [shifted(place, edits) for place in (0, 1, 2, 3, 5, 6)] == [0, 1, 1, 1, 3, 7]
    assert applied("abcdefg", edits)[7] == "abcdefg"[6]
