"""ABC to folk-rnn's tokens and back, and the rules of whole bars."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.checks import InputError
from engine.folk.abc_text import parse
from engine.folk.abc_writing import text_of
from engine.folk.bars import check
from engine.folk.keys import Key, semitones
from engine.folk.tokens import mode_of, pitches_of, read_token, style_of, tokens_of
from engine.training.folk_collections import music21_corpus, read_tunes

SECTIONS = "oneills1850/0101-0200.abc"


def words(text):
    return text.split()


def tokens(music, key="C", meter="4/4", unit="1/8", **options):
    return " ".join(tokens_of(parse(f"X:1\nM:{meter}\nL:{unit}\nK:{key}\n{music}\n"), **options))


@pytest.mark.parametrize(("music", "key", "expected"), [
    ("G2AB|", "G", "M:4/4 K:Cmaj c 2 d e |"),
    ("D2F^G|", "D", "M:4/4 K:Cmaj C 2 E ^F |"),
    ("A=c^c|", "A", "M:4/4 K:Cmaj c _e =e |"),
    ("ABc^c|c|", "Am", "M:4/4 K:Cmin c d e =e | e |"),
    ("DFc|", "Ddor", "M:4/4 K:Cdor C E B |"),
    ("G>A (3Bcd z2:|", "Gmix", "M:4/4 K:Cmix c > d (3 e f g z 2 :|"),
    ("GA^c|", "Glyd", "M:4/4 K:Cmaj c d ^f |"),
])
def test_v2_is_transposed_to_c_under_the_mode(music, key, expected):
    assert tokens(music, key) == expected


def test_v3_writes_every_accidental():
    assert tokens("ABc^cc|c|", "Am", style="v3") == "M:4/4 K:min =c =d ^d =e =e | ^d |"


def test_the_unit_length_becomes_an_eighth():
    assert tokens("G2A4B", unit="1/16") == "M:4/4 K:Cmaj G A 2 B /2 |"
    assert tokens("G2A3/2", unit="1/4") == "M:4/4 K:Cmaj G 4 A 3 |"
    assert tokens("G[L:1/4]G", unit="1/8") == "M:4/4 K:Cmaj G G 2 |"


def test_ornaments_are_stripped_and_chords_kept_as_asked():
    music = '"Am"{cd}!trill!G2(A-A)[CEc]3 u.B|'
    assert tokens(music) == "M:4/4 K:Cmaj G 2 A A c 3 B |"
    assert tokens(music, chords="all") == "M:4/4 K:Cmaj G 2 A A [ C 3 E 3 c 3 ] B |"


def test_bar_lines_that_meet_become_one():
    assert tokens("|:G|A:|:B|1c:|2d||[|e::f|]") == ("M:4/4 K:Cmaj |: G | A :| |: B |1 c :| |2 d || e :| |: f |")


def test_what_no_token_says_is_refused():
    with pytest.raises(InputError, match=r"write it as \(3"):
        tokens("(3:4:3ABc")
    with pytest.raises(InputError, match="no less than"):
        tokens("A////", unit="1/64")


def test_styles_and_modes_are_told_apart():
    assert (style_of(["K:Cmaj"]), style_of(["M:4/4", "K:dor"])) == ("v2", "v3")
    assert (mode_of(["K:Cdor"]), mode_of(["K:mix"]), mode_of(["G"])) == ("dor", "mix", "maj")
    assert read_token("K:Gmaj") is None  # every tune stands in C
    assert read_token("H") is None


def test_v3_becomes_abc_in_the_spelling_of_its_mode():
    text = text_of(words("M:4/4 K:min =C ^D =G ^A |"), title="A", key=Key(5, 0, "min"))
    assert text == "X:1\nT:A\nM:4/4\nL:1/8\nK:Amin\nA,C EG |\n"


def test_endings_are_written_so_that_they_are_read_again():
    there = words("M:4/4 K:Cmaj |: G 8 |1 A 8 :| |2 B 8 |")
    assert list(tokens_of(parse(text_of(there)))) == there


@pytest.mark.parametrize("style", ["v2", "v3"])
@pytest.mark.parametrize("key", [None, Key(4), Key(2, -1, "min")])
def test_real_tunes_come_back(style, key):
    for tune in list(read_tunes(music21_corpus() / SECTIONS))[::3]:
        there = tokens_of(tune, style=style, chords="all")
        back = parse(text_of(there, title=tune.title, key=key and Key(key.step, key.alter, tune.key.folk_mode)))
        assert back.problems == ()
        assert tokens_of(back, style=style, chords="all") == there


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(["C", "E", "^F", "_B", "=B", "g", "c'", "__a", "^^d"]), min_size=1, max_size=30),
       st.sampled_from([Key(s, a, m) for s in range(7) for a in (-1, 0, 1) for m in ("maj", "min", "dor", "mix")]))
def test_transposing_keeps_the_intervals(notes, key):
    there = ["M:4/4", f"K:C{key.mode}", *notes]
    tune = parse(text_of(there, key=key))
    sounding = [semitones(*pitch) for pitch in pitches_of(there) if pitch]
    shift = {note.pitches[0].midi - 60 - height for note, height in zip(tune.notes, sounding, strict=True)}
    assert shift == {-key.to_c.semitones}


def test_a_token_without_meaning_is_refused():
    with pytest.raises(InputError, match="'Q': expected a token"):
        text_of(["M:4/4", "Q"])


@pytest.mark.parametrize("music", [
    "M:4/4 K:Cmaj G 8 | A 8 |",
    "M:4/4 K:Cmaj G 2 | A 8 | B 6 |",                              # a pickup and its complement
    "M:4/4 K:Cmaj |: G 2 | A 8 | B 6 :| |: G 2 | A 8 | B 6 :|",
    "M:4/4 K:Cmaj G 2 |: A 8 | B 6 G 2 :|",                        # the pickup stands outside
    "M:4/4 K:Cmaj |: G 8 |1 A 8 :| |2 B 8 |",
    "M:4/4 K:Cmaj |: G 2 | A 8 |1 B 6 :| |2 B 6 || G 2 | A 6 |",
    "M:6/8 K:Cmaj G 3 (2 A B | c > d e f 3 |",
    "M:4/4 K:Cmaj [ C 4 E 4 ] G 4 | (3 A B c G 6 |",
    "M:none K:Cmaj G 3 | A 7 |",
])
def test_whole_tunes_are_valid(music):
    assert check(music.split()).faults == ()


@pytest.mark.parametrize(("music", "message"), [
    ("M:4/4 K:Cmaj G 8 | A 7 | B 8 |", "bar of 7/8 instead of 1"),
    ("M:4/4 K:Cmaj G 8 | A 9 | B 8 |", "bar of 9/8 instead of 1"),
    ("M:4/4 K:Cmaj G 8 | A 7 |", "bar of 7/8 at the end"),
    ("M:4/4 K:Cmaj |: G 2 | A 8 | B 8 :|", "does not fit the beginning of the repeat"),
    ("M:4/4 K:Cmaj |: G 8 |: A 8 :|", "inside another repeat"),
    ("M:4/4 K:Cmaj |: G 8 |", "never closed"),
    ("M:4/4 K:Cmaj :| G 8 |", "without notes"),
    ("M:4/4 K:Cmaj |: G 8 |2 A 8 |", "without the ending before"),
    ("M:4/4 K:Cmaj |: G 8 |1 A 8 :|", "no |2 behind it"),
    ("M:4/4 K:Cmaj (3 G 4 A 4 |", "tuplet is not finished"),
    ("M:4/4 K:Cmaj G 8 > |", "without a note behind"),
    ("M:4/4 K:Cmaj > G 8 |", "without a note before"),
    ("M:4/4 K:Cmaj 2 G 8 |", "length without a note"),
    ("M:4/4 K:Cmaj [ G 8 |", "[ is never closed"),
    ("M:4/4 K:Cmaj G 8 ] |", "] without notes"),
    ("M:4/4 K:Cmaj G 8 | A 4 M:3/4 B 4 |", "meter changes inside a bar"),
    ("M:4/4 K:Cmaj G 8 what |", "is no token"),
])
def test_faults_are_found(music, message):
    faults = [fault.message for fault in check(music.split()).faults]
    assert any(message in fault for fault in faults), faults


def test_bars_are_counted():
    validity = check(words("M:4/4 K:Cmaj G 8 | A 7 | B 8 | c 8 |"))
    assert (validity.bars, validity.bars_valid, validity.valid) == (4, 3, False)
    assert [fault.index for fault in validity.faults] == [8]  # found with the token that goes on


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from([*"GAcz|[]<>2", "|:", ":|", "|1", "|2", "||", "(3", "(5", "/2", "M:6/8", "M:none",
                                 "K:Cmaj", "<s>", "</s>", "junk", "3/2"]), max_size=60))
def test_no_tokens_break_the_counting(music):
    validity = check(music)
    assert 0 <= validity.bars_valid <= validity.bars
