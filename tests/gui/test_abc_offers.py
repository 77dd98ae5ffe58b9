"""What the ABC editor offers to write is what the reader understands, and it fits where it is offered."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.folk.abc_text import parse
from engine.folk.abc_words import read_meter, read_unit
from engine.folk.decorations import decoration
from engine.folk.edits import Edit
from engine.folk.keys import read_key
from engine.folk.tempo import read_tempo
from gui.views.abc_highlighter import pieces
from gui.views.abc_offers import FIELDS, LENGTHS, METRES, TEMPI, decorations, header_of, keys, next_line, offers

ANY = st.text(st.one_of(st.sampled_from("GABcXTMLKw+:|!\"%[](){} \n12/"), st.characters()), max_size=40)


def texts(line: str, column: int | None = None, *, header: bool = True, asked: bool = False) -> list[str]:
    return [offer.text for offer in offers(line, len(line) if column is None else column, header=header,
                                           asked=asked)[1]]


def test_all_that_is_offered_is_understood():
    assert all(read_key(offer.text) is not None for offer in keys())
    assert len({str(read_key(offer.text)) for offer in keys()}) == len(keys()) > 70
    assert all(read_meter(offer.text) is not None for offer in METRES)
    assert all(read_unit(offer.text) is not None for offer in LENGTHS)
    assert all(decoration(offer.text) for offer in decorations())
    assert {"!trill!", "!D.C.!", "!fermata!", "!upbow!"} <= {offer.text for offer in decorations()}
    names = [offer.text for offer in FIELDS]
    assert len(set(names)) == len(names)
    for offer in TEMPI:
        assert not parse(f"X:1\nQ:{offer.text}\nK:C\nC").problems
        assert read_tempo(offer.text, Fraction(1, 8)) is not None


def test_common_keys_come_first():
    assert {offer.text for offer in keys()[:5]} == {"G", "D", "C", "A", "F"}
    assert texts("K:E")[:2] == ["E", "Eb"]
    assert texts("K:e min") == ["Em"], "its name in words finds it too"
    assert texts("K:E mix") == ["Emix"]


@pytest.mark.parametrize(("line", "header", "asked", "first"), [
    ("", True, False, None), ("", True, True, "X:"), ("t", True, False, "T:"), ("G", False, False, None),
    ("G", False, True, "G:"), ("M:", True, False, "4/4"), ("M:9", True, False, "9/8"), ("L:", True, False, "1/8"),
    ("R: h", True, False, "hornpipe"), ("Q:3", True, False, "3/8=115"), ("T:M", True, False, None),
    ("GAB !tr", False, False, "!trill!"), ("GAB !trill!", False, False, None), ('"!', False, False, None),
    ("A | !", False, False, "!>!"), ("GAB ! c", False, False, None), ("% !t", False, False, None),
    ("w: la !", False, False, None), ("|: K:", False, False, None)])
def test_what_fits_is_offered(line, header, asked, first):
    found = texts(line, header=header, asked=asked)
    assert (found[0] if found else None) == first or (first == "!>!" and "!trill!" in found)


def test_nothing_is_offered_before_what_is_there():
    assert texts("M:6/8", 3) == []
    assert offers("R: h", 4, header=True, asked=False)[0] == 3


def test_the_header_ends_at_its_key_and_tunes_at_empty_lines():
    book = "X:1\nT:a\nK:C\nGAB\n\nX:2\nM:C\n\nX:3\nK:D\nc"
    assert header_of(book, 5) == (True, "XTK")
    assert header_of(book, book.index("GAB")) == (False, "XTK")
    assert header_of(book, book.index("M:C")) == (True, "XM")
    assert header_of(book, len(book)) == (False, "XK")
    assert header_of("", 0) == (True, "")


def test_the_next_line_is_what_is_missing():
    assert next_line("X:1", 3) == Edit(3, 3, "\nT:")
    assert next_line("X:1\nR:reel  ", 10) == Edit(10, 12, "\nT:"), "blanks at the end go"
    assert next_line("X:1\nT:a\nM:C\nK:C", 11) == Edit(11, 11, "\nL:")
    assert next_line("X:1\nT:a\nM:C\nL:1/8\nK:C", 11) is None
    assert next_line("X:1\nT:a", 6) is None, "within a field the line is broken"
    assert next_line("K:C\nw: a b", 8) == Edit(8, 8, "\nw: ")
    assert next_line("K:C\nw: ", 7) is None
    assert next_line("K:C\nGAB", 7) is None


@settings(max_examples=300, deadline=None)
@given(text=ANY, where=st.integers(0, 40), asked=st.booleans())
def test_any_text_can_stand_there(text, where, asked):
    where = min(where, len(text))
    header, _ = header_of(text, where)
    line = text.split("\n")[text.count("\n", 0, where)]
    column = where - (text.rfind("\n", 0, where) + 1)
    begin, _ = offers(line, column, header=header, asked=asked)
    assert 0 <= begin <= column
    edit = next_line(text, where)
    assert edit is None or edit.start == where
    last = 0
    for start, stop, _ in pieces(line):
        assert last <= start <= stop <= len(line)
        last = stop
