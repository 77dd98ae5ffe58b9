"""What is read from a text with a suggestion in it is what was drawn."""

from __future__ import annotations

import random

import pytest

from engine.checks import InputError
from engine.composing.continuing import continuations, fillings
from engine.composing.suggest import Origin
from engine.folk.abc_text import parse, parse_book
from engine.folk.abc_writing import text_of
from engine.folk.files import read_text
from engine.folk.keys import MODES, Key
from engine.folk.sampling import Manner
from engine.training.folk_collections import music21_corpus
from tests.engine.suggested import JIG, MODEL, inserted, read_right


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
