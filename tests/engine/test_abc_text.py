"""The ABC parser: known answers, places in the text, errors with line and column, and no text that breaks it."""

import time
from fractions import Fraction as Fr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.folk.abc_text import parse, parse_book
from engine.folk.keys import Key, read_key
from engine.folk.tune import Bar, Ending, Mark, Note
from engine.training.folk_collections import music21_corpus

HEAD = "X:1\nT:Test\nM:4/4\nL:1/8\nK:G\n"


def music(text, head=HEAD):
    return parse(head + text + "\n")


def durations(text, head=HEAD):
    return [note.duration for note in music(text, head).notes]


def heights(text, head=HEAD):
    return [tuple(pitch.midi for pitch in note.pitches) for note in music(text, head).notes]


def test_header_is_read():
    tune = music("G")
    assert (tune.title, tune.meter.text, tune.unit, str(tune.key)) == ("Test", "4/4", Fr(1, 8), "Gmaj")
    assert tune.problems == ()


def test_pitches_under_the_key():
    assert heights("G,FGc'") == [(55,), (66,), (67,), (84,)]


def test_accidentals_hold_until_the_bar_line_in_all_octaves_and_over_a_tie():
    assert heights("=F f F|F") == [(65,), (77,), (65,), (66,)]
    assert heights("^c-|c c") == [(73,), (73,), (72,)]


@pytest.mark.parametrize(("text", "expected"), [
    ("A2 A/ A// A3/2 A/4", [Fr(1, 4), Fr(1, 16), Fr(1, 32), Fr(3, 16), Fr(1, 32)]),
    ("A>B c<d", [Fr(3, 16), Fr(1, 16), Fr(1, 16), Fr(3, 16)]),
    ("A>>B", [Fr(7, 32), Fr(1, 32)]),
    ("(3ABc d", [Fr(1, 12)] * 3 + [Fr(1, 8)]),
    ("(3:2:2A2B c", [Fr(1, 6), Fr(1, 12), Fr(1, 8)]),
    ("(3A>BA", [Fr(1, 8), Fr(1, 24), Fr(1, 12)]),
    ("[CE]2 [C2E2] z2 Z", [Fr(1, 4), Fr(1, 4), Fr(1, 4), Fr(1)]),
])
def test_durations(text, expected):
    assert durations(text) == expected


def test_unit_length_follows_the_meter_where_there_is_no_field():
    assert durations("A", "X:1\nM:2/4\nK:C\n") == [Fr(1, 16)]
    assert durations("A", "X:1\nM:6/8\nK:C\n") == [Fr(1, 8)]
    assert durations("A[L:1/4]A\nL:1/16\nA", HEAD) == [Fr(1, 8), Fr(1, 4), Fr(1, 16)]


def test_quintuplets_count_in_threes_in_compound_time():
    assert durations("(5ABcde")[0] == Fr(2, 5) / 8
    assert durations("(5ABcde", "X:1\nM:6/8\nL:1/8\nK:C\n")[0] == Fr(3, 5) / 8


def test_bar_lines_and_endings():
    tune = music("|:A|B|1c:|2d||e|[1f::g:|[2a|]")
    signs = [event.sign if isinstance(event, Bar) else event.numbers
             for event in tune.events if isinstance(event, Bar | Ending)]
    assert signs == ["|:", "|", "|", "1", ":|", "2", "||", "|", "1", "::", ":|", "2", "||"]
    assert tune.problems == ()


def test_everything_keeps_its_place():
    text = HEAD + '"Am"{gf}^A2 ~B[CE]3|\n'
    tune = parse(text)
    assert [text[e.start:e.stop] for e in tune.events if isinstance(e, Note)] == ["^A2", "B", "[CE]3"]
    assert [text[e.start:e.stop] for e in tune.events if isinstance(e, Mark)] == ['"Am"', "{gf}", "~"]
    assert [text[f.start:f.stop] for f in tune.fields] == HEAD.splitlines()


@pytest.mark.parametrize(("text", "line", "column", "words"), [
    ("AB 9 cd", 6, 4, "expected a note"),
    ("AB|\nc\"Am", 7, 2, "expected \" at the end"),
    ("A{bc", 6, 2, "expected } at the end"),
    ("A>", 6, 2, "behind > or <"),
    (">A", 6, 1, "a note before >"),
    ("A/0", 6, 1, "length above zero"),
    ("A & B", 6, 3, "one voice"),
    ("A[M:17/5]B", 6, 2, "a meter such as"),
    ("A[K:Q]B", 6, 2, "a key such as"),
    ("A[L:1/7]B", 6, 2, "a note length such as"),
    ("[]", 6, 1, "expected a note"),
    ("(1A", 6, 1, "tuplet of 2 to 9"),
])
def test_errors_have_line_and_column(text, line, column, words):
    problem = music(text).problems[0]
    assert (problem.line, problem.column) == (line, column)
    assert words in problem.message
    assert str(problem).startswith(f"line {line}, column {column}: ")


def test_music_before_the_key_is_an_error_but_is_read():
    tune = parse("X:1\nABc\n")
    assert len(tune.notes) == 3
    assert "K:" in tune.problems[0].message


@pytest.mark.parametrize(("text", "expected"), [
    ("G", Key(4)), ("F#m", Key(3, 1, "min")), ("A Mixolydian", Key(5, 0, "mix")), ("Bb minor", Key(6, -1, "min")),
    ("Dmix =c", Key(1, 0, "mix", ((0, 0),))), ("HP", Key(5, 0, "mix")), ("none", Key()), ("G clef=treble", Key(4)),
    ("EM", Key(2)), ("Edorian", Key(2, 0, "dor")), ("Q", None), ("Gfoo", None)])
def test_keys(text, expected):
    assert read_key(text) == expected


@pytest.mark.parametrize(("key", "signature"), [
    (Key(4), (0, 0, 0, 1, 0, 0, 0)), (Key(0, 0, "dor"), (0, 0, -1, 0, 0, 0, -1)), (Key(3, 1), (1, 1, 1, 1, 1, 1, 0)),
    (Key(6, -1, "min"), (0, -1, -1, 0, -1, -1, -1)), (Key(0, 0, "lyd"), (0, 0, 0, 1, 0, 0, 0))])
def test_signatures(key, signature):
    assert key.signature == signature


def test_a_book_is_many_tunes():
    book = list(parse_book("words before\n\n" + HEAD + "A\n\nwords between\n\n" + HEAD + "B\n" + HEAD + "c\n"))
    assert [len(tune.notes) for tune in book] == [1, 1, 1]
    assert [tune.problems for tune in book] == [(), (), ()]


def test_pitches_and_durations_agree_with_music21():
    from music21 import converter

    text = (music21_corpus() / "ryansMammoth" / "AcaciaReel.abc").read_text()
    mine = [(n.pitches[-1].midi, n.duration) for n in parse(text).notes if n.pitches]
    score = converter.parse(text, format="abc").flatten().notes
    theirs = [(n.pitches[-1].midi, Fr(n.duration.quarterLength).limit_denominator(96) / 4)
              for n in score if not n.duration.isGrace]
    assert mine == theirs


PIECES = st.sampled_from([*"ABcdz|:[](){}<>\"!%&\\^_='/,-+~ \n0129", "K:", "M:", "L:", "X:1\n", "K:G\n", "V:2\n",
                          "[K:", "(3", ":|", "|:", "|1", "[2", "é", "\x00", "٣", "\r\n", "w:"])


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=300), st.lists(PIECES, max_size=200).map("".join)))
def test_no_text_breaks_the_parser(text):
    for tune in [parse(text), *parse_book(text), parse("X:1\nK:C\n" + text)]:
        for thing in (*tune.events, *tune.problems, *tune.fields):
            assert 0 <= thing.start <= thing.stop <= len(text) + len("X:1\nK:C\n")
        assert all(note.duration > 0 for note in tune.notes)


@pytest.mark.parametrize("piece", ["[", "(", "[a", "{", '"', ":", "((((3", ">", "A>", "[K:", "|:|", "!", "\\", "A////",
                                   "K:Q\n", "V:1\nV:2\n", "X:1\n", "A'", "9", "^", "[1"])
def test_hostile_repetition_takes_linear_time(piece):
    started = time.process_time()
    parse(HEAD + piece * (60_000 // len(piece)))
    assert time.process_time() - started < 2.0


def test_thousands_of_bars_are_quick():
    text = HEAD + "|:G2 BG dGBG|(3Bcd gd edBA:|\n" * 2500
    seconds = min(timed(text) for _ in range(3))
    assert len(parse(text).notes) == 16 * 2500
    assert seconds < 2.0  # 0.25 s on an idle core


def timed(text):
    started = time.process_time()
    parse(text)
    return time.process_time() - started
