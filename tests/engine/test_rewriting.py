"""Transposing, octaves and lengths: what sounds is moved, everything else in the text stays."""

from __future__ import annotations

import random
import re
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.checks import InputError
from engine.folk.abc_text import parse, parse_book
from engine.folk.decorations import grace_pitches
from engine.folk.edits import applied
from engine.folk.files import read_text
from engine.folk.keys import Key, read_key
from engine.folk.rewriting import lengths_scaled, octave, transposed
from engine.folk.tune import Mark
from engine.training.folk_collections import music21_corpus

HEAD = "X:1\nT:A tune % in G\nM:4/4\nL:1/8\nK:{}\n"
PIECES = ["G", "^f", "=F2", "_B,", "c'/2", "[CEG]", "[^c2e2]3", "z", "Z", "G-", "-", "|", ":|", "(3", ">", "{cd^e}",
          '"Am7/G"', '"Fine"', '"^F sharp"', "% G\n", "\n", "[K:D]", "[K:Bbm]", "[M:3/4]", "[L:1/16]", "w: G a B\n",
          " ", "~", "!trill!", "K:Edor ^c\n"]
music = st.lists(st.sampled_from(PIECES), max_size=24).map("".join)
keys = st.sampled_from(["G", "F#m", "Bbdor", "Ador", "C#", "Gb", "D exp _b ^f", "Am ^g", "HP", "none", "", "treble",
                        "Eb minor", "G clef=bass", "E =c ^f"])


def heights(tune):
    return [tuple(pitch.midi for pitch in note.pitches) for note in tune.notes]


def graces(tune):
    key, found = tune.key, []
    for event in tune.events:
        if getattr(event, "letter", "") == "K":
            key = read_key(event.text) or key
        if isinstance(event, Mark):
            found += [pitch.midi for _, pitch in grace_pitches(event, key)] if event.text.startswith("{") else []
    return found


def up(found, n):
    return [tuple(midi + n for midi in note) for note in found]


def rest_of(text):
    """What no transposition touches: everything but pitches, chord symbols and keys."""
    text = re.sub(r"(?m)^K:.*|\[K:[^]]*\]|\"[A-G][#b]?m?7?(/[A-G][#b]?)?\"", "", text)
    return re.sub(r"(?m)(\^{1,2}|_{1,2}|=)?[A-Ga-g][,']*", "N", text)


@settings(max_examples=300, deadline=None)
@given(keys, music, st.integers(-14, 14))
def test_everything_moves_by_as_many_semitones_and_back(key, notes, n):
    text = HEAD.format(key) + notes
    tune = parse(text)
    after = applied(text, transposed(tune, text, semitones=n))
    moved = parse(after)
    assert heights(moved) == up(heights(tune), n)
    assert graces(moved) == [midi + n for midi in graces(tune)]
    assert [note.duration for note in moved.notes] == [note.duration for note in tune.notes]
    assert [note.tied for note in moved.notes] == [note.tied for note in tune.notes]
    assert len(moved.problems) == len(tune.problems)
    assert rest_of(after) == rest_of(text)
    back = applied(after, transposed(moved, after, semitones=-n))
    assert heights(parse(back)) == heights(tune)


def test_all_notes_of_real_collections_move():
    rng, tunes = random.Random(0), []
    paths = sorted((music21_corpus() / "ryansMammoth").glob("*.abc"))
    for path in [*rng.sample(paths, 40), *sorted((music21_corpus() / "airdsAirs").glob("*.abc"))[:1]]:
        text = read_text(path)
        tunes += [text[tune.start:tune.stop] for tune in list(parse_book(text))[:20]]
    for text in tunes:
        tune, n = parse(text), rng.randint(-6, 6)
        after = applied(text, transposed(tune, text, semitones=n))
        assert heights(parse(after)) == up(heights(tune), n)
        assert len(parse(after).problems) == len(tune.problems)
        longer = applied(text, lengths_scaled(tune, text, Fraction(2)))
        assert [note.duration for note in parse(longer).notes] == [2 * note.duration for note in tune.notes]


@pytest.mark.parametrize(("text", "n", "expected"), [
    ("K:G\nGA ^cd|c=f|", 2, "K:A\nAB ^de|d=g|"),
    ("K:Ador\nAc^cB|", -2, "K:Gdor\nGB=BA|"),
    ("K:C\nC^CD_E|", 1, "K:Db\nD=DE_F|"),
    ("K:C\n[CEG]\"C\"E\"Am7/G\"A|", 5, "K:F\n[FAc]\"F\"A\"Dm7/C\"d|"),
    ("K:Am clef=bass ^g % mine\n{^ga}A,^G|", 3, "K:Cm clef=bass =b % mine\n{=bc'}C=B|"),
    ("K:HP\nGABc|", 2, "K:Bmix\nABcd|"),
    ("K:none\nCDE|", 7, "K:G\nGAB|"),
    ("K:C\n\"Fine\"C\"<A\"E\"D.C.\"|", 2, "K:D\n\"Fine\"D\"<A\"F\"D.C.\"|"),
    ("K:C\nC[K:D]D|F\nK:Gm\nG", 2, "K:D\nD[K:E]E|G\nK:Am\nA"),
    ("K:F#\nF[K:B]B|", 1, "K:G\nG[K:C]c|"),
    ("K:C\n^F-|F F|", 2, "K:D\n^G-|G G|"),
])
def test_known_answers(text, n, expected):
    after = applied(text, transposed(parse(text), text, semitones=n))
    assert heights(parse(after)) == up(heights(parse(text)), n)
    assert after == expected


@pytest.mark.parametrize(("key", "to", "n"), [
    ("G", "A", 2), ("G", "D", -5), ("C", "F#", -6), ("Bb", "A", -1), ("Em", "D", -2), ("G", "Ddor", -5)])
def test_a_key_is_reached_the_nearest_way(key, to, n):
    text = HEAD.format(key) + "GABc ^cd_e=f|"
    tune = parse(text)
    moved = parse(applied(text, transposed(tune, text, key=read_key(to))))
    assert heights(moved) == up(heights(tune), n)
    assert (moved.key.step, moved.key.alter, moved.key.mode) == (read_key(to).step, read_key(to).alter, tune.key.mode)


@settings(max_examples=200, deadline=None)
@given(keys, music, st.booleans(), st.integers(0, 60), st.integers(0, 60))
def test_octaves_move_what_is_touched_and_nothing_else(key, notes, upwards, a, b):
    text = HEAD.format(key) + notes
    tune, start, stop = parse(text), len(HEAD) + min(a, b), len(HEAD) + max(a, b)
    moved = parse(applied(text, octave(tune, text, upwards, start, stop)))
    by = 12 if upwards else -12
    assert heights(moved) == [tuple(midi + by * (note.start < stop and note.stop > start) for midi in found)
                              for note, found in zip(tune.notes, heights(tune), strict=True)]


@settings(max_examples=200, deadline=None)
@given(keys, music, st.sampled_from([Fraction(2), Fraction(1, 2), Fraction(3, 2)]), st.integers(0, 60),
       st.integers(0, 60), st.booleans())
def test_lengths_are_multiplied(key, notes, factor, a, b, whole):
    text = HEAD.format(key) + notes
    tune, start, stop = parse(text), len(HEAD) + min(a, b), len(HEAD) + max(a, b)
    edits = lengths_scaled(tune, text, factor) if whole else lengths_scaled(tune, text, factor, start=start, stop=stop)
    after = parse(applied(text, edits))
    assert [note.duration for note in after.notes] == [
        note.duration * (factor if whole or (note.start < stop and note.stop > start) else 1) for note in tune.notes]
    assert (after.meter, after.unit, heights(after)) == (tune.meter, tune.unit, heights(tune))


def test_lengths_are_written_as_one_would():
    text = HEAD.format("G") + "GA/2B2c3/2 [CE]2[C2E2]z4 Z|{g}a>b|"
    assert applied(text, lengths_scaled(parse(text), text, Fraction(1, 2))).endswith(
        "G/2A/4Bc3/4 [CE][CE]z2 z4|{g}a/2>b/2|")
    assert applied(text, lengths_scaled(parse(text), text, Fraction(2))).endswith(
        "G2AB4c3 [CE]4[C4E4]z8 Z2|{g}a2>b2|")


def test_what_cannot_be_written_is_refused():
    text = HEAD.format("C") + "C,,,,,|G999|c/999"
    tune = parse(text)
    with pytest.raises(InputError, match="expected notes from"):
        transposed(tune, text, semitones=-1)
    with pytest.raises(InputError, match="expected notes from"):
        octave(tune, text, False, 0, len(text))
    for factor in (Fraction(2), Fraction(1, 2)):
        with pytest.raises(InputError, match="three digits"):
            lengths_scaled(tune, text, factor)
    with pytest.raises(InputError, match="above 0"):
        lengths_scaled(tune, text, Fraction(0))
    with pytest.raises(InputError, match="either a key or"):
        transposed(tune, text)
    with pytest.raises(InputError, match="semitones"):
        transposed(tune, text, semitones=99)
    assert transposed(parse(HEAD.format("G")), HEAD.format("G"), key=Key(4)) == []
