"""Words under notes, tempo marks and part names above them, and signs that stand before a bar line."""

import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.folk.abc_text import parse
from engine.folk.flatten import Page
from engine.folk.keys import Key, read_key
from engine.folk.lyrics import Syllable, lyrics
from engine.folk.mei import mei_of
from engine.folk.pdf import pdf_bytes
from engine.folk.tempo import tempo_words

HEAD = "X:1\nT:Song\nM:4/4\nL:1/4\nK:C\n"


def sung(music):
    """(note as written, verse, syllable) of all that is sung."""
    text = HEAD + music
    tune = parse(text)
    words = lyrics(tune.events)
    return [(text[note.start:note.stop], one.verse, one.text) for note in tune.notes
            for one in words.get(note.start, ())]


@pytest.mark.parametrize(("music", "expected"), [
    ("CDEF|\nw:doh re mi fa\n", "C1doh D1re E1mi F1fa"),
    ("C D E F|\nw: doh re mi fa\nGGGG|\nFEFC|\nw:sol sol sol sol fa mi re doh\n",      # as in the standard, 5.1
     "C1doh D1re E1mi F1fa G1sol G1sol G1sol G1sol F1fa E1mi F1re C1doh"),
    ("CDEF|\nw:ma-ny words\nw:se-cond\n", "C1ma C2se D1ny D2cond E1words"),
    ("CDEF|\nw:time_ * on\n", "C1time F1on"),
    ("CDEF|\nw:syll--a-ble\n", "C1syll E1a F1ble"),
    ("CD|EF|\nw:one|two three four\n", "C1one E1two F1three"),
    ("CDE|F|\nw:of~the day\\-break\n", "C1of the D1day-break"),
    ("zC{DE}Fz[CE]|\nw:a b c\n", "C1a F1b [CE]1c"),
    ("CD|\nw:\n", ""),
    ("w:too early\nCD|\n", ""),
])
def test_syllables_stand_under_their_notes(music, expected):
    assert " ".join(f"{note}{verse}{words}" for note, verse, words in sung(music)) == expected


def test_words_of_several_syllables_are_joined_and_long_ones_held():
    (one, two, three) = [one[0] for one in lyrics(parse(HEAD + "CDEF|\nw:ma-ny words_\n").events).values()]
    assert (one, two, three) == (Syllable(1, "ma", goes_on=True), Syllable(1, "ny", joined=True),
                                 Syllable(1, "words", held=True))
    mei = mei_of(parse(HEAD + "CDEF|\nw:ma-ny words_\n"), HEAD + "CDEF|\nw:ma-ny words_\n")
    assert re.findall(r'<syl wordpos="(.)"( con=".")?>(.*?)</syl>', mei) == [
        ("i", ' con="d"', "ma"), ("t", "", "ny"), ("s", ' con="u"', "words")]


@given(st.text("CDz|[]{}ab -_*~|\\\n<&", max_size=40), st.text("ab -_*~|\\<&\u0000%", max_size=40))
def test_whatever_is_sung_stands_under_a_note_and_is_xml(music, words):
    from xml.etree import ElementTree

    text = HEAD + music + "\nw:" + words + "\n"
    tune = parse(text)
    assert set(lyrics(tune.events)) <= {note.start for note in tune.notes if note.pitches}
    ElementTree.fromstring(mei_of(tune, text))


@pytest.mark.parametrize(("text", "words"), [
    ("1/4=120", "♩ = 120"), ('"Allegro" 3/8=110', "Allegro ♩. = 110"), ('"Slow"', "Slow"), ("1/2=50", "1/2 = 50"),
    ("90", "♪ = 90"), ("1/8=72.5", "♪ = 72.5"), ("", ""), ("fast", "")])
def test_a_tempo_is_said_as_musicians_say_it(text, words):
    assert tempo_words(text, Fraction(1, 8)) == words


def test_tempo_and_parts_stand_above_the_note_that_follows():
    text = HEAD.replace("K:C", "Q:1/4=80\nK:C") + "P:A\nCDEF|[Q:1/4=60]G4|\nP:B & more\nC4|\n"
    notes = [f"#n{note.start}" for note in parse(text).notes]
    mei = mei_of(parse(text), text)
    assert re.findall(r'<tempo startid="(.*?)" place="above">(.*?)</tempo>', mei) == [
        (notes[0], "♩ = 80"), (notes[4], "♩ = 60")]
    assert re.findall(r'<reh startid="(.*?)" .*?>([^<>]+)</rend>', mei) == [
        (notes[0], "A"), (notes[5], "B &amp; more")]


@pytest.mark.parametrize(("music", "at"), [
    ("CDEF!D.C.alfine!|G4|", 3), ('CDEF"D.C."|G4|', 3), ("CDEF!fine!||G4|", 3), ("CDEF!dacoda!|G4|", 3),
    ("CDEF|!segno!G4|", 4), ("CDEF|G4!D.S.!", 4), ("CDEF|!D.C.!G4|", 4)])
def test_where_to_go_on_is_said_at_the_end_of_the_bar_it_was_written_in(music, at):
    tune = parse(HEAD + music)
    found = re.search(r'<(?:dir|repeatMark) startid="#(n\d+)"', mei_of(tune, HEAD + music))
    assert found[1] == f"n{tune.notes[at].start}"


@pytest.mark.parametrize(("text", "signature"), [
    ("D exp _b ^g", (0, 0, 0, 0, 1, 0, -1)), ("Dexp", (0,) * 7), ("D _b", (1, 0, 0, 1, 0, 0, -1))])
def test_an_explicit_key_has_no_accidentals_but_its_own(text, signature):
    assert read_key(text).signature == signature


@pytest.mark.parametrize("text", ["clef=alto", "bass", "treble-8", "alto", "octave=-1"])
def test_a_clef_is_no_key(text):
    assert read_key(text) is None
    assert parse(f"X:1\nK:D\nF[K:{text}]F|").problems == ()
    assert parse(f"X:1\nK:{text}\nF|").key == Key()


def test_the_notes_of_a_tempo_are_in_the_pdf():
    fonts = []
    for weight in ("bold", "normal"):
        svg = ('<svg xmlns="http://www.w3.org/2000/svg" width="99" height="99"><g font-family="Times, serif">'
               f'<text x="9" y="50" font-weight="{weight}" font-size="20px">♩ = 90</text></g></svg>')
        fonts.append(re.findall(rb"STIXGeneral[A-Za-z-]*", pdf_bytes([Page(svg, 99, 99)], (99, 99), "")))
    assert fonts[0] == fonts[1] != []
