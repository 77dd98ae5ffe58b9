"""Suggestions as text of a tune that somebody wrote: where they go on, and what they leave as it was."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.checks import InputError
from engine.composing.behind import recent
from engine.composing.continuing import continuations, fillings
from engine.composing.suggest import open_model
from engine.folk.abc_text import parse, parse_book
from engine.folk.abc_writing import spacing_of
from engine.folk.grammar import Grammar
from engine.folk.keys import Key
from engine.folk.prime import PrimeError
from engine.folk.sampling import Manner
from engine.folk.tokens import read_token, tokens_of
from tests.engine.folk_models import folk_model
from tests.engine.suggested import JIG, MODEL, inserted, met, read_right

V3 = folk_model(("<s>", "</s>", "M:4/4", "M:6/8", "K:maj", "K:min", "K:dor", "K:mix",
                 *(sign + name for sign in "=^" for name in "CDEFGABcdefg"), "2", "3", "4", "8", "/2", "|", "|:", ":|"))


@pytest.mark.parametrize(("text", "begins"), [
    ("X:1\nM:6/8\nL:1/8\nK:G\n", ""),
    ("X:1\nM:6/8\nL:1/8\nK:G", "\n"),
    ("X:1\nM:6/8\nL:1/8\nK:G % no newline", "\n"),
    ("X:1\nM:6/8\nL:1/8\nK:G\nGAB c2d2", " "),
    ("X:1\nM:6/8\nL:1/8\nK:G\nGAB|cde:|", "\n"),
    ("X:1\nM:4/4\nL:1/8\nK:G\nGABc ", ""),
    ("X:1\nM:6/8\nL:1/8\nK:G\nGAB cde|\n\n\n", ""),
    ("X:1\nM:7/8\nL:1/8\nK:G\nGAB cd", ""),
    ("X:1\nM:6/8\nL:1/8\nK:G\nGAB cdefga2", " "),
    ("X:1\nM:6/8\nL:1/8\nK:G\nGA^", ""),
    ("X:1\nM:6/8\nL:1/8\nK:G\nGA[CE", ""),
    ("X:1\nM:6/8\nL:1/8\nK:G\nGA\"Am", ""),
    ("X:1\nM:6/8\nL:1/8\nK:G\nGA^f-|", " "),
    ("X:1\nM:6/8\nL:1/8\nK:G\nGA-", ""),
    ("X:1\nM:6/8\nL:1/16\nK:G\nG2A", ""),
    ("X:1\nK:G\nGAB|", " "),
    ("GAB|cde", ""),
])
def test_wherever_the_cursor_stands_the_music_goes_on(text, begins):
    for stop in ("bar", "phrase", "tune"):
        found = continuations(MODEL, text, len(text), n=3, manner=Manner(seed=2, stop=stop, max_tokens=300))
        assert found
        for one in found:
            assert one.text.startswith(begins)
            assert one.text.strip()
            assert read_right(text, one)


def test_a_new_meter_is_kept_though_the_model_does_not_know_it():
    text = "X:1\nM:7/8\nL:1/8\nK:G\n"
    for one in continuations(MODEL, text, len(text), n=4, manner=Manner(seed=2, stop="phrase", max_tokens=300)):
        assert one.validity.bars_valid == one.validity.bars


@pytest.mark.parametrize("text", ["", "\n\n", "%abc-2.1\n\n"])
def test_where_no_tune_is_whole_tunes_are_written(text):
    found = continuations(MODEL, text, len(text), n=2, meter="6/8", mode="dor",
                          manner=Manner(seed=1, stop="bar", max_tokens=300))
    assert found
    for one in found:
        tune = parse(inserted(text, one))
        assert (tune.meter.text, tune.key, tune.problems) == ("6/8", Key(mode="dor"), ())
        assert tokens_of(tune) == met(one.tokens)
        assert parse(inserted(text, one)[:one.start + one.bars[0]]).notes


def test_a_header_without_a_key_is_completed():
    for text in ("X:1\nT:A\nM:3/4\nL:1/16\n", "X:1\nT:A\nM:3/4", "X:1\nT:A\nM:7/8\n", "X:3\n"):
        one = continuations(MODEL, text, 3, n=1, mode="min", manner=Manner(seed=1, stop="phrase", max_tokens=300))[0]
        tune = parse(inserted(text, one))
        assert (tune.problems, tune.key.mode, tune.title) == ((), "min", parse(text).title)
        assert tokens_of(tune) == met(one.tokens)
        if "M:" in text:
            assert tune.meter == parse(text).meter


@pytest.mark.parametrize("text", ["", "X:1\nM:7/8\n", "X:1\nM:4/4\nL:1/4\nK:A\nAB", "X:1\nM:4/4\nL:1/8\nK:A\nAB"])
def test_suggestions_begin_as_asked(text):
    prime = ["G", "2", "*", "E"]
    for one in continuations(MODEL, text, len(text), n=3, prime=prime, meter="" if "M:" in text else "6/8",
                             manner=Manner(seed=2, stop="phrase", max_tokens=300)):
        music = [token for token in one.tokens if token[:2] not in ("M:", "K:")]
        assert (music[:2], music[3]) == (["G", "2"], "E")
        assert tokens_of(parse(inserted(text, one)))[-len(one.tokens):] == met(one.tokens)
    with pytest.raises(InputError, match="Q"):
        continuations(MODEL, text, len(text), n=1, prime=["Q"], manner=Manner())
    if "K:" in text:
        with pytest.raises(InputError, match="prime: 8 8 does not fit"):
            continuations(MODEL, text, len(text), n=1, prime=["8", "8"], manner=Manner())


def test_the_tune_below_another_gets_its_own_text():
    text = JIG + "\nX:2\nT:B\nM:4/4\nL:1/8\nK:C\nCDEF GABc|\n"
    one = continuations(MODEL, text, len(JIG) + 1 - 1, n=1, manner=Manner(seed=1, stop="bar"))[0]
    first, second = parse_book(inserted(text, one))
    assert (second.title, len(second.notes)) == ("B", 8)
    assert len(first.notes) > len(parse(JIG).notes)
    assert inserted(text, one)[second.start - 2:second.start] == "\n\n"
    with pytest.raises(InputError, match="belongs to no tune"):
        continuations(MODEL, "some words\n\n" + JIG, 3, n=1, manner=Manner())


def test_the_spacing_of_the_text_is_kept():
    apart = "X:1\nM:6/8\nL:1/8\nK:G\nG A B c d e| G A B c d e| G A B c d e|"
    joined = "X:1\nM:6/8\nL:1/8\nK:G\nGABcde|GABcde|GABcde|"
    assert spacing_of(parse(apart), apart).notes == "apart"
    assert (spacing_of(parse(joined), joined).notes, spacing_of(parse(joined), joined).behind_line) == ("joined", "")
    one = continuations(MODEL, joined, len(joined), n=1, manner=Manner(seed=4, stop="bar"))[0]
    assert " " not in one.text
    for first, second in pairwise(parse(inserted(apart, continuations(
            MODEL, apart, len(apart), n=1, manner=Manner(seed=4, stop="bar"))[0])).notes):
        assert first.stop < second.start


def test_a_model_of_v3_writes_in_the_key_of_the_tune():
    text = "X:1\nM:4/4\nL:1/8\nK:Bb\nB2"
    for one in continuations(V3, text, len(text), n=4, manner=Manner(seed=2, stop="phrase", max_tokens=200)):
        assert read_right(text, one, style="v3")


def test_the_selected_bars_are_replaced_and_what_stands_between_them_stays():
    start = JIG.index("EFG")
    for one in fillings(MODEL, JIG, start + 1, JIG.index("dcA"), n=6, manner=Manner(seed=1)):
        assert JIG[one.start:one.stop] == 'EFG AFD|\n"Em"B2c% hi\n dcA'
        assert '|\n"Em"' in one.text
        assert len(one.bars) == 2
        assert one.text[one.bars[0] - 1] == "|"
        assert one.validity.valid
        assert read_right(JIG, one)
    at_cursor = fillings(MODEL, JIG, start + 2, start + 2, n=1, manner=Manner(seed=1))[0]
    assert JIG[at_cursor.start:at_cursor.stop] == "EFG AFD"


def test_what_cannot_be_filled_is_refused():
    text = "X:1\nM:2/4\nL:1/8\nK:C\nCDEF|GABc:|\ncBAG|F[K:G]EDC|C4|]\n"
    for selected, message in (("ABc:|\ncB", "one after the other"), ("EDC", "without fields"), ("T:", "none")):
        at = text.find(selected)
        with pytest.raises(InputError, match=message):
            fillings(MODEL, text if at >= 0 else "", max(at, 0), max(at, 0) + len(selected), n=1, manner=Manner())


def test_candidates_name_the_stream_that_wrote_them():
    again = {}
    for n in (2, 5):
        for one in fillings(MODEL, JIG, JIG.index("EFG"), JIG.index("EFG"), n=n, manner=Manner(seed=9)):
            again.setdefault(one.origin.stream, set()).add(one.text)
    assert set(again) <= set(range(5))
    assert all(len(texts) == 1 for texts in again.values())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["X:1\n", "K:G\n", "M:6/8\n", "GAB ", "c2", "|", ":|", "\n", "\n\n", '"', "[", "]", "{",
                                 "^", "%x", "(3", ">", "!", "-", "\\\n", "w: a\n", "[K:D]"]), max_size=14).map("".join),
       st.floats(0, 1), st.booleans())
def test_no_text_breaks_it(text, where, constrained):
    cursor = round(where * len(text))
    try:
        found = continuations(MODEL, text, cursor, n=1, constrained=constrained, mode="min",
                              manner=Manner(seed=1, stop="bar", max_tokens=60))
    except InputError:
        return
    for one in found:
        assert len(parse(inserted(text, one)).notes) >= len(parse(text).notes)


def test_the_shipped_network_goes_on_in_the_key_of_the_tune():
    model = open_model()
    text = "X:1\nM:6/8\nL:1/8\nK:Edor\nEBB BAB|EBB BAB|dBA BAG|"
    one = continuations(model, text, len(text), n=2, manner=Manner(seed=1, stop="bar", temperature=0.5))[0]
    assert read_right(text, one)
    assert one.validity.valid or not one.ended
    assert read_token(one.tokens[0]) is not None


def test_of_a_very_long_tune_the_network_reads_the_header_and_the_last_bars() -> None:
    bar = ("A", "B", "c", "2", "|")
    tokens = ("M:4/4", "K:Cdor", *bar * 2000)
    read = recent(tokens, 100)
    assert read[:2] == ("M:4/4", "K:Cdor")
    assert len(read) <= 102
    assert len(read[2:]) % len(bar) == 0
    assert read[2:] == tokens[-len(read) + 2:]
    assert recent(tokens[:50], 100) == tokens[:50]


def test_wildcards_at_the_end_of_a_prime_say_nothing():
    plain, starred = (continuations(MODEL, JIG, len(JIG), n=2, prime=prime, manner=Manner(seed=3))
                      for prime in (["G"], ["G", *"*" * 200]))
    assert [one.text for one in plain] == [one.text for one in starred]


@pytest.mark.parametrize("prime", [["*"] * 40 + ["G"], ["*"] * 12 + ["|", "G"]])
def test_many_wildcards_are_filled_so_that_the_rest_fits(prime):
    for one in continuations(MODEL, JIG, len(JIG), n=2, prime=prime, manner=Manner(seed=3)):
        assert not parse(inserted(JIG, one)).problems
        assert one.origin.seed == 3


def test_a_prime_that_nothing_can_fill_is_refused_before_anybody_has_waited_long(monkeypatch):
    looked_at = []
    step = Grammar.step
    monkeypatch.setattr(Grammar, "step", lambda self, count, token: looked_at.append(1) or step(self, count, token))
    with pytest.raises(PrimeError, match="no way was found through its 30 wildcards; take fewer"):
        continuations(MODEL, JIG, len(JIG), n=1, prime=[*"*" * 30, "|", "2"], manner=Manner())
    assert len(looked_at) < 10**6
