"""Files of tunes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.checks import InputError
from engine.composing.tunebook import (
    Book,
    apart,
    book_of,
    next_number,
    numbered,
    read_book,
    text_of_book,
    title_of,
    write_book,
)
from engine.folk.abc_text import parse, parse_book
from engine.training.folk_collections import music21_corpus

TWO = "%abc-2.1\nwords before\n\nX:1\nT:One\nK:C\nGAB|\n\nwords between\n\nX: 7 % seven\nT: Two % too\nK:G\nGAB|\n\nend"


def test_a_book_is_split_at_its_tunes_and_what_stands_between_is_kept():
    book = book_of(TWO)
    assert book.head == "%abc-2.1\nwords before\n\n"
    assert [title_of(tune) for tune in book.tunes] == ["One", "Two"]
    assert text_of_book(book) == TWO
    assert next_number(book) == 8
    assert book_of("K:C\nGAB").tunes == ("K:C\nGAB",)
    assert book_of("% nothing\n") == Book("% nothing\n", ())
    assert next_number(Book("", ())) == 1


@given(st.lists(st.sampled_from(["X:1\n", "X: 22 \n", "T:A\n", "K:C\n", "GAB|\n", "\n", "% x\n", "text", "\u2028",
                                 "X:|"]),
                max_size=12).map("".join))
def test_an_unchanged_text_comes_back(text):
    assert text_of_book(book_of(text)) == text


def test_numbers_are_changed_and_nothing_else():
    assert numbered("X: 7 % seven\nT:A\n", 3) == "X: 3 % seven\nT:A\n"
    assert numbered("T:A\nK:C\n", 3) == "X:3\nT:A\nK:C\n"
    assert numbered("X:\nT:A\n", 3) == "X:3\nT:A\n"


def test_tunes_added_to_a_book_stand_apart():
    book = Book("", (apart("X:1\nK:C\nGAB|"), "X:2\nK:C\ncde|", "X:3\nK:C\nefg|\n"))
    assert [len(tune.notes) for tune in parse_book(text_of_book(book))] == [3, 3, 3]
    assert "|\n\nX:2" in text_of_book(book)
    assert "|\n\nX:3" in text_of_book(book)


@pytest.mark.parametrize("data", [
    TWO.encode(), TWO.replace("\n", "\r\n").encode(), TWO.replace("\n", "\r").encode(), b"\xef\xbb\xbf" + TWO.encode(),
    TWO.replace("One", "Ön").encode("latin-1"), TWO.replace("One", "Ön").encode(), b"", b"\n\n",
])
def test_a_file_is_written_back_byte_for_byte(tmp_path, data):
    (tmp_path / "a.abc").write_bytes(data)
    write_book(tmp_path / "b.abc", read_book(tmp_path / "a.abc"))
    assert (tmp_path / "b.abc").read_bytes() == data


def test_real_collections_are_written_back_byte_for_byte(tmp_path):
    paths = [next(iter(sorted((music21_corpus() / folder).glob("*.abc"))))
             for folder in ("oneills1850", "ryansMammoth", "airdsAirs", "miscFolk")]
    for path in paths:
        book = read_book(path)
        write_book(tmp_path / "b.abc", book)
        assert (tmp_path / "b.abc").read_bytes() == path.read_bytes()
        assert all(parse(tune).title == title_of(tune).strip() for tune in book.tunes)


def test_a_sign_that_latin_1_lacks_makes_the_file_utf_8(tmp_path):
    write_book(tmp_path / "a.abc", Book("", ("X:1\nT:\N{MUSIC SHARP SIGN}\n",), encoding="latin-1"))
    assert title_of(read_book(tmp_path / "a.abc").tunes[0]) == "\N{MUSIC SHARP SIGN}"


def test_too_many_tunes_and_files_that_are_none_are_refused_by_name(tmp_path):
    (tmp_path / "many.abc").write_text("X:1\nK:C\n" * 10_001)
    with pytest.raises(InputError, match=r"many\.abc: tune book: expected at most 10,000 tunes, found 10,001"):
        read_book(tmp_path / "many.abc")
    with pytest.raises(InputError, match=r"none\.abc"):
        read_book(tmp_path / "none.abc")
    with pytest.raises(InputError, match=r"a\.abc"):
        write_book(tmp_path / "no folder" / "a.abc", Book("", ()))
