"""Suggestions as text of a tune that somebody wrote: what is read from it is what was drawn."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.checks import InputError
from engine.composing.behind import recent
from engine.composing.continuing import continuations, fillings
from engine.composing.places import place_at
from engine.composing.suggest import Origin, open_model
from engine.folk.abc_text import parse, parse_book
from engine.folk.abc_writing import spacing_of, text_of
from engine.folk.files import read_text
from engine.folk.grammar import Grammar
from engine.folk.keys import MODES, Key
from engine.folk.prime import PrimeError
from engine.folk.sampling import Manner
from engine.folk.tokens import read_token, tokens_of
from engine.models.folk_lstm import FolkLstm, Layer
from engine.training.folk_collections import music21_corpus

VOCABULARY = ("<s>", "</s>", "M:4/4", "M:6/8", "M:2/4", "M:3/4", "M:9/8", "K:Cmaj", "K:Cmin", "K:Cdor", "K:Cmix",
              *"CDEFGABcdefgab", "^F", "=F", "_B", "=B", "^c", "_e", "=e", "^G", "B,", "G,", "c'", "2", "3", "4", "6",
              "8", "/2", "3/2", "(3", ">", "<", "z", "|", "|:", ":|", "|1", "|2", "||")
JIG = "X:1\nT:A\nM:6/8\nL:1/8\nK:Edor\n|:B2E E2D|EFG AFD|\n\"Em\"B2c% hi\n dcA|BAF FED:|\n"


def model_of(vocabulary=VOCABULARY, seed=0, units=12):
    rng = torch.Generator().manual_seed(seed)

    def weights(*shape):
        return torch.randn(*shape, generator=rng) * 0.5

    n = len(vocabulary)
    layer = Layer(weights(4 * units, n), weights(4 * units, units), weights(4 * units), weights(units), weights(units))
    return FolkLstm("tiny", vocabulary, [layer], weights(n, units), weights(n), {})


MODEL = model_of()
V3 = model_of(("<s>", "</s>", "M:4/4", "M:6/8", "K:maj", "K:min", "K:dor", "K:mix",
               *(sign + name for sign in "=^" for name in "CDEFGABcdefg"), "2", "3", "4", "8", "/2", "|", "|:", ":|"))


def inserted(text, one):
    return text[:one.start] + one.text + text[one.stop:]


def met(tokens):
    """Bar lines that meet become one, as `tokens_of` has it."""
    found = []
    for token in tokens:
        if found and token[0] in "|:" and found[-1][0] in "|:":
            if token in ("|", "||"):
                continue
            if found[-1] in ("|", "||"):
                found.pop()
        found.append(token)
    return (*found[:-1], "|" if found[-1] == "||" else found[-1])


def read_right(text, one, chords="top", style="v2"):
    """Whether the text with a candidate says what stood before, the candidate's tokens, and what stood behind."""
    tune, new = parse(text), parse(inserted(text, one))
    before = place_at(text, one.start).tokens(style)
    behind = before if one.start == one.stop else place_at(text, one.stop).tokens(style)
    whole = tokens_of(tune, style=style)
    expected = met((*whole[:len(before)], *one.tokens, *whole[len(behind):]))
    assert met(tokens_of(new, style=style)) == expected
    assert len(new.problems) <= len(tune.problems)
    return True


@pytest.fixture(scope="module")
def tunes():
    """Tunes of five collections as they come, and others in all keys and unit lengths."""
    rng, found = random.Random(1), []
    for folder in ("oneills1850", "ryansMammoth", "airdsAirs", "miscFolk", "essenFolksong"):
        for path in rng.sample(sorted((music21_corpus() / folder).glob("*.abc")), 2):
            text = read_text(path)
            books = [tune for tune in parse_book(text) if len(tune.notes) > 8]
            found += [text[tune.start:tune.stop] for tune in rng.sample(books, min(len(books), 4))]
    reel = "M:4/4 K:C{} |: G 2 | C 2 ^C E ^F 2 _B 2 | =B 2 c 6 | C>E (3 G A G F 2 ^G 2 | G 4 C 2 :|".replace(">", " > ")
    for step, alter, mode in [(s, a, m) for s in range(7) for a in (-1, 0, 1) for m in ("maj", "min", "dor", "mix")]:
        if abs((0, 2, 4, -1, 1, 3, 5)[step] + 7 * alter + MODES[mode]) <= 7:
            text = text_of(reel.format(mode).split(), key=Key(step, alter, mode))
            found.append(text.replace("L:1/8", "L:" + rng.choice(["1/4", "1/8", "1/16"])))
    return found


def test_what_is_read_is_what_was_drawn_in_the_middle_of_any_tune(tunes):
    rng, read = random.Random(2), 0
    for text in tunes:
        notes = parse(text).notes
        for _ in range(2):
            note = rng.choice(notes)
            manner = Manner(seed=rng.randrange(1000), stop=rng.choice(["bar", "phrase"]), max_tokens=200)
            found = continuations(MODEL, text, rng.choice([note.start, note.stop]), n=2, manner=manner,
                                  constrained=rng.random() < 0.7)
            read += sum(read_right(text, one) for one in found)
    assert read > 2 * len(tunes)


def test_what_is_read_is_what_was_drawn_for_the_bars_of_any_tune(tunes):
    rng, read = random.Random(3), 0
    for text in tunes:
        note = rng.choice(parse(text).notes)
        try:
            found = fillings(MODEL, text, note.start, note.stop + rng.choice([0, 12]), n=2,
                             manner=Manner(seed=1, max_tokens=200))
        except InputError:  # a repeat stands between the bars
            continue
        read += sum(read_right(text, one) for one in found)
    assert read > len(tunes)


def test_bars_are_accepted_one_by_one():
    text = "X:1\nM:6/8\nL:1/8\nK:G\nGAB c"
    one = continuations(MODEL, text, len(text), n=1, manner=Manner(seed=4, stop="phrase", max_tokens=200))[0]
    assert 0 < one.bars[0] <= one.bars[-1] <= len(one.text)
    for end in one.bars:
        assert one.text[:end].rstrip() == one.text[:end]
        assert one.text[end - 1] in "|12"
        assert parse(text + one.text[:end]).problems == ()
    lines = inserted(text, one).splitlines()
    assert all(line.count("|") <= 4 for line in lines[4:])


def test_different_candidates_the_best_first():
    found = continuations(MODEL, JIG, len(JIG), n=12, manner=Manner(seed=1, stop="bar", temperature=0))
    assert [one.worth for one in found] == sorted((one.worth for one in found), reverse=True)
    assert len({one.text for one in found}) == len(found) < 12
    assert {one.origin for one in found} <= {Origin("tiny", 1, stream, 0.0, 1.0) for stream in range(12)}


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
