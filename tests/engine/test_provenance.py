"""Who wrote which notes, on screen and in files."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.composing.continuing import continuations
from engine.composing.provenance import (
    Origin,
    Passage,
    Span,
    moved,
    origins_of,
    read_origins,
    with_origins,
    with_spans,
    without_origins,
)
from engine.composing.suggest import compose
from engine.folk.abc_text import parse
from engine.folk.abc_writing import text_of
from engine.folk.edits import Edit
from engine.folk.sampling import Manner
from tests.engine.folk_models import folk_model

VOCABULARY = ("<s>", "</s>", "M:4/4", "K:Cmaj", *"CDEFGABc", "2", "4", "8", "z", "|", "|:", ":|")
FOLK = Origin("folk", 3, 0, 1.0, 0.95)
OTHER = Origin("my model, v2", 2**63, 7, 1e-5, 1.0)
TUNE = "X:1\nT:A\n% mine\nM:4/4\nL:1/8\nK:C\nGAB c[CE]z2 d|e2f2 g4|\n"
MODEL = folk_model(VOCABULARY, units=8)


def test_drawn_notes_are_told_apart_and_named_in_the_text():
    one = compose(MODEL, prime=["G", "2", "*", "E"], meter="4/4", mode="maj",
                  manner=Manner(seed=2, max_tokens=40))[0]
    passages = origins_of(one)
    text = with_origins(text_of(one.whole, title="T"), passages)
    notes = parse(text).notes
    assert parse(text).problems == ()
    assert passages[-1].last == len(notes)
    named = {number for passage in passages for number in range(passage.first, passage.last + 1)}
    forced = {1, *[2 + (one.whole[4] in "CDEFGABcz")]}
    assert named == set(range(1, len(notes) + 1)) - forced
    assert read_origins(text) == passages
    assert with_origins(text, passages) == text
    assert with_origins(text, ()) == text_of(one.whole, title="T")


def test_origins_come_back_and_others_comments_stay():
    text = "X:1\nT:A\n% mine\nK:C\nGAB\n"
    passages = [Passage(1, 2, OTHER), Passage(3, 3, Origin("folk", 0, 7, 0.1 + 0.2, 1.0))]
    marked = with_origins(text, passages)
    assert read_origins(marked) == passages
    assert "% mine\n" in marked
    assert marked.index("otoscope") < marked.index("K:C")
    assert read_origins("% otoscope: notes 1-x by y\n% otoscope: nothing") == []
    assert read_origins(marked.replace("1e-05", "1e-0.5")) == passages[1:]
    assert Passage(9, 24, FOLK).comment == ("otoscope: notes 9-24 by folk, seed 3, stream 0, temperature 1, top_p 0.95")


def test_the_text_on_screen_has_no_comments_and_the_file_has_them_again():
    spans = (Span(TUNE.index("B c"), TUNE.index("z2") + 2, FOLK), Span(TUNE.index("e2"), TUNE.index(" g4"), OTHER))
    file = with_spans(TUNE, spans)
    assert [(one.first, one.last) for one in read_origins(file)] == [(3, 6), (8, 9)]
    assert without_origins(file) == (TUNE, spans)
    assert with_spans(*without_origins(file)) == file
    assert without_origins(TUNE) == (TUNE, ())


@pytest.mark.parametrize(("edit", "expected"), [
    (Edit(0, 0, "ab"), [(6, 10)]),                    # before it
    (Edit(4, 4, "G"), [(5, 9)]),                      # at its beginning, and at its end
    (Edit(8, 8, "G"), [(4, 8)]),
    (Edit(6, 6, "G"), [(4, 6), (7, 9)]),              # inside: what was typed is by hand
    (Edit(6, 6, " \n"), [(4, 10)]),
    (Edit(5, 7, ""), [(4, 6)]),
    (Edit(5, 7, "GAB"), [(4, 5), (8, 9)]),
    (Edit(2, 6, "x"), [(3, 5)]),
    (Edit(2, 6, ""), [(2, 4)]),
    (Edit(6, 9, ""), [(4, 6)]),
    (Edit(2, 9, " "), []),
    (Edit(4, 8, "ABcd"), []),
])
def test_spans_move_along_with_edits(edit, expected):
    assert [(span.start, span.stop) for span in moved([Span(4, 8, FOLK)], edit)] == expected


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), st.sampled_from(["", " ", "x", "G2 ", "\n"])),
                max_size=4))
def test_each_letter_of_a_span_that_stays_stays_in_one(edits):
    text, spans = "abcdefghijklmnopqrstuvwxyzABCD", (Span(3, 11, FOLK), Span(11, 20, OTHER))
    owner = {text[i]: span.origin for span in spans for i in range(span.start, span.stop)}
    for a, b, typed in edits:
        edit = Edit(min(a, b, len(text)), min(max(a, b), len(text)), typed.replace("x", "#"))
        spans, text = moved(spans, edit), edit.apply(text)
        for place, letter in enumerate(text):
            found = {span.origin for span in spans if span.start <= place < span.stop}
            if letter.isalpha() and letter not in "G":
                assert found == ({owner[letter]} if letter in owner else set())
            elif letter in "#2":
                assert not found
        assert all(0 <= span.start < span.stop <= len(text) for span in spans)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.sampled_from([FOLK, OTHER])), max_size=4),
       st.sampled_from([TUNE, TUNE.replace("K:C\n", ""), "GABc dexy", TUNE.rstrip()]))
def test_files_are_read_as_they_were_written(ranges, text):
    notes = parse(text).notes
    spans = [Span(notes[min(a, b) % len(notes)].start, notes[max(a, b) % len(notes)].stop, origin)
             for a, b, origin in ranges if min(a, b) % len(notes) <= max(a, b) % len(notes)]
    file = with_spans(text, spans)
    clean, found = without_origins(file)
    assert clean == text
    assert with_spans(clean, found) == file
    for note in notes:
        owners = [span.origin for span in spans if span.start <= note.start and note.stop <= span.stop]
        again = [span.origin for span in found if span.start <= note.start and note.stop <= span.stop]
        assert again == owners[-1:]


def test_what_is_accepted_bar_by_bar_is_one_passage():
    text = TUNE.rstrip()
    one = continuations(MODEL, text, len(text), n=1, manner=Manner(seed=1, stop="phrase", max_tokens=90))[0]
    cuts = [0, *one.bars]
    spans = [Span(one.start + a, one.start + b, one.origin) for a, b in pairwise(cuts)]
    file = with_spans(text + one.text, spans)
    before = len(parse(text).notes)
    assert read_origins(file) == [Passage(before + 1, len(parse(file).notes), one.origin)]
