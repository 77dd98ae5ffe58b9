"""No ABC text, however odd, breaks what reads, plays, draws and writes tunes, nor keeps it long."""

import contextlib
import random
import time
from itertools import islice
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.checks import InputError
from engine.folk import bars
from engine.folk.abc_text import parse, parse_book
from engine.folk.abc_writing import text_of
from engine.folk.engrave import Engraver
from engine.folk.mei import mei_of
from engine.folk.midi import midi_bytes
from engine.folk.musicxml import musicxml_bytes
from engine.folk.performance import perform
from engine.folk.tokens import tokens_of
from engine.training.folk_material import music21_corpus

HEAD = "X:1\nT:Test\nM:4/4\nL:1/8\nK:G\n"
PIECES = [
    *"ABcdefgzxZXy|:[](){}<>\"!%&\\^_='/,-+~.* \n\t0123456789uvTHLMPSO", "K:", "M:", "L:", "Q:", "P:", "V:", "w:",
    "T:", "I:", "X:1\n", "K:G\n", "K:none\n", "K:HP\n", "K:C ^^f __b\n", "K:F#loc\n", "K:Cbmix =c\n", "V:2\n", "[K:",
    "[K:Gm]", "[M:6/8]", "[M:C|]", "[M:none]", "[M:64/1]", "[M:1+2+3/64]", "M:0/0\n", "M:2/0\n", "[L:1/64]", "[L:1]",
    "[Q:1/4=120]", "[Q:999]", "[Q:0/1=0]", "[P:A]", "P:AABB\n", "(3", "(2", "(9", "(3:2:9", "(9:1:1", "(5::", "(0",
    "(1", ":|", "|:", "::", "|]", "[|", "|1", "[2", "[1,3", "[9-1", "[1-9", ":|2", "||", "|||:", "{gab}", "{/a}",
    "{", '"Am7"', '"^text"', '"G#dim/Bb"', '"', "!trill!", "!D.C.!", "!fine!", "!segno!", "!D.S.alcoda!", "!coda!",
    "[CEG]", "[CEG]2-", "[^c_c=c]", "[C2E4]/", "[]", "[[", "A-", "A-|A", "^^A,,,,,", "__c'''''", "A999", "A/999",
    "A////", "A1/0", "A0", "A/256/256/256/256", "Z999", "x/", "A>>>B", "A<<<", "><", "é", "\x00", "\x0b", "\x1c",
    "\u2028", "\ud7ff", "٣", "³", "𝄞", "\r\n", "\r", "%%MIDI", "%", "\\\n", "&", "`", "$", "@"]
TEXTS = st.one_of(
    st.text(max_size=300),
    st.lists(st.sampled_from(PIECES), max_size=120).map("".join),
    st.lists(st.tuples(st.sampled_from(PIECES), st.integers(1, 40)), max_size=12).map(
        lambda found: "".join(piece * times for piece, times in found)))


def all_of(text, *, exports=False):
    """Everything that is done with a text, with each of its first tunes."""
    for tune in islice(parse_book(text), 2):
        for thing in (*tune.events, *tune.problems, *tune.fields):
            assert 0 <= thing.start <= thing.stop <= len(text)
        assert all(note.duration > 0 for note in tune.notes)
        played = perform(tune, chords=True, metronome=True)
        assert all(note.seconds >= 0 and 0 <= note.midi <= 127 for note in played.notes)
        assert midi_bytes(played)
        ElementTree.fromstring(mei_of(tune, text))
        if exports:
            with contextlib.suppress(InputError):
                ElementTree.fromstring(musicxml_bytes(tune))
        for style in ("v2", "v3"):
            try:
                tokens = tokens_of(tune, style=style)
            except InputError:
                continue
            bars.check(tokens)
            assert parse(text_of(tokens)).notes or not tune.notes


def mutated(text, dice):
    """The text with a few of its characters and lines changed, doubled, dropped, or other texts' pieces put in."""
    characters = list(text)
    for _ in range(dice.randint(1, 8)):
        at = dice.randrange(len(characters) + 1)
        kind = dice.randrange(5)
        if kind == 0:
            del characters[at:at + dice.choice((1, 1, 1, 5, 60))]
        elif kind == 1:
            characters[at:at] = dice.choice(PIECES) * dice.choice((1, 1, 2, 30))
        elif kind == 2:
            characters[at:at + 1] = [chr(dice.choice((dice.randrange(32, 127), dice.randrange(256), 0x1d11e)))]
        elif kind == 3:
            characters[at:at] = characters[at:at + dice.randrange(200)]
        else:
            lines = "".join(characters).splitlines(keepends=True) or ["\n"]
            dice.shuffle(lines)
            characters = list("".join(lines))
    return "".join(characters)


def corpus(dice, count):
    paths = sorted((music21_corpus() / "ryansMammoth").glob("*.abc"))
    return [path.read_text(encoding="latin-1") for path in dice.choices(paths, k=count)]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS)
def test_odd_texts(text):
    all_of(text)
    all_of(HEAD + text)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS)
def test_odd_texts_as_musicxml(text):
    all_of(HEAD + text, exports=True)


def test_changed_tunes():
    dice = random.Random(1)
    for text in corpus(dice, 60):
        all_of(mutated(text, dice))


@pytest.mark.slow
@pytest.mark.timeout(900)
@settings(max_examples=5_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS)
def test_thousands_of_odd_texts(text):
    all_of(HEAD + text)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(5))
def test_thousands_of_changed_tunes(seed):
    dice = random.Random(seed + 100)
    for number, text in enumerate(corpus(dice, 1000)):
        all_of(mutated(text, dice), exports=not number % 50)


@pytest.mark.slow
@pytest.mark.parametrize("piece", ["(", "[", "{", '"', "(3", ">", "9", "[K:", "A-", "[1", "\\\n", "%", "X:1\n", "!["])
def test_a_megabyte_of_nothing_sensible_is_read_in_linear_time(piece):
    """Four times the text may take six times as long, on a machine that others use too."""
    short, long = (HEAD + piece * (size // len(piece)) for size in (250_000, 1_000_000))
    seconds = [min(timed(text) for _ in range(2)) for text in (short, long)]
    assert seconds[1] < max(6 * seconds[0], 3.0)


def timed(text):
    started = time.process_time()
    parse(text)
    return time.process_time() - started


@pytest.mark.parametrize("digits", ["A{}", "A/{}", "z{}", "(3:{}:2A", "[M:{}/4]A", "[Q:1/4={}]A", "[L:1/{}]A", "[1-{}A",
                                    "|1,{}A", "[CE]{}", "y{}A", "[K:C]{}", "P:{}\n"])
def test_numbers_of_a_hundred_thousand_digits(digits):
    for digit in "129":
        all_of(HEAD + digits.format(digit * 100_000) + "\n")


def test_what_would_sound_for_years_is_kept_short():
    played = perform(parse(HEAD + "[M:64/1]" + "Z999" * 50 + "!trill!A999" * 50 + "\n"), metronome=True)
    assert len(played.clicks) <= 10_000
    assert len(played.notes) < 10_000


@pytest.mark.parametrize("music", ["[M:64/1]Z999", "[K:C]A999/256/256/256/256"])
def test_what_musicxml_cannot_say_is_said(music):
    with pytest.raises(InputError, match="the tune cannot be written as MusicXML"):
        musicxml_bytes(parse(f"{HEAD}{music}\n"))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_engraving_odd_tunes_ends_in_a_score_or_a_sentence():
    engraver, dice = Engraver(), random.Random(7)
    texts = [mutated(text, dice) for text in corpus(dice, 25)]
    texts += [HEAD + "".join(dice.choices(PIECES, k=80)) for _ in range(25)]
    try:
        for text in texts:
            with contextlib.suppress(InputError):
                assert engraver.engrave(parse(text), text).count >= 1
        assert engraver.engrave(parse(HEAD + "A4|\n"), HEAD + "A4|\n").boxes
    finally:
        engraver.close()
