"""What of a tune is known: distances, nearest tunes, copied passages."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.checks import InputError
from engine.folk import novelty
from engine.folk.novelty import PASSAGE, KnownTune, TuneIndex, edit_distances, melody, read_index, write_index

HEAD = ("M:4/4", "K:Cmaj")
NAMES = ["C", "D", "E", "F", "G", "A", "B", "c", "d", "e", "f", "g"]


def random_tune(seed, bars=12):
    rng = np.random.default_rng(seed)
    music = [token for _ in range(bars) for token in (*rng.choice(NAMES, 6), "3", "|")]
    return KnownTune(f"Tune {seed}", "made up", (*HEAD, *map(str, music)))


@pytest.fixture(scope="module")
def index():
    return TuneIndex([random_tune(seed) for seed in range(120)])


def levenshtein(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row, above = [i], row
        for j, y in enumerate(b, 1):
            row.append(min(row[-1] + 1, above[j] + 1, above[j - 1] + (x != y)))
    return row[-1]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(-3, 3), max_size=12), st.lists(st.lists(st.integers(-3, 3), max_size=12), max_size=4))
def test_distances_are_levenshteins(one, others):
    found = edit_distances(np.array(one, dtype=np.int64), [np.array(o, dtype=np.int64) for o in others])
    assert found.tolist() == [levenshtein(one, other) for other in others]


def test_a_known_tune_is_found_whole_in_another_key(index):
    known = index.tunes[17]
    found = index.novelty(known.tokens)
    assert (found.nearest[0].tune, found.nearest[0].similarity, found.nearest[0].shared) == (known, 1.0, 1.0)
    assert found.copied == 1.0
    assert found.passages[0].notes == 72
    few = KnownTune("Few", "", (*HEAD, *"CDEEDCDCED|ECCD"))
    higher = (*HEAD, *"FGAAGFGFAG|AFFG")
    assert TuneIndex([few]).novelty(higher).passages[0].notes == 14


def test_a_copied_passage_is_placed_in_both(index):
    known = index.tunes[5]
    lent = known.tokens[10:10 + 16]                   # two bars, twelve notes
    mine = random_tune(1000).tokens
    asked = (*mine[:34], *lent, *mine[34:])
    found = index.novelty(asked)
    passage = found.passages[0]
    assert passage.tune is known
    assert 12 <= passage.notes <= 14
    assert (passage.start, passage.start_there) in ((34, 10), (33, 9), (32, 8))
    a, b = asked[passage.start:passage.stop + 1], known.tokens[passage.start_there:passage.stop_there + 1]
    assert melody((*HEAD, *a)).intervals.tolist() == melody((*HEAD, *b)).intervals.tolist()
    assert found.copied == pytest.approx(passage.notes / 84)
    assert all(p.notes <= passage.notes for p in found.passages)


@pytest.mark.parametrize(("change", "copied"), [
    (lambda lent: lent[:8], True), (lambda lent: lent[:7], False),                       # eight notes and seven
    (lambda lent: [*lent[:4], "2", *lent[4:8]], False),                                  # another rhythm
    (lambda lent: [*lent[:4], "|", *lent[4:8]], True),                                   # another bar line
])
def test_eight_notes_in_the_same_rhythm_are_a_copy(change, copied):
    known = KnownTune("It", "", (*HEAD, *"CGDAEBFcd"))
    found = TuneIndex([known]).novelty((*HEAD, *change(list(known.tokens[2:]))))
    assert bool(found.passages) is copied
    assert PASSAGE == 8


def test_an_index_comes_back_from_its_file(index, tmp_path):
    write_index(tmp_path / "tunes.npz", index.tunes)
    assert read_index(tmp_path / "tunes.npz").tunes == index.tunes
    for data in (b"", b"PK", b"x" * 100):
        (tmp_path / "bad.npz").write_bytes(data)
        with pytest.raises(InputError, match=r"bad\.npz"):
            read_index(tmp_path / "bad.npz")
    with pytest.raises(InputError, match="could not be read"):
        read_index(tmp_path / "none.npz")


def test_nothing_is_near_nothing(index, tmp_path, monkeypatch):
    assert index.novelty(()).nearest == ()
    assert index.novelty((*HEAD, "C")).copied == 0
    assert TuneIndex([]).novelty(random_tune(1).tokens).nearest == ()
    monkeypatch.setattr(novelty, "FOLDER", tmp_path)
    novelty.known_tunes.cache_clear()
    assert novelty.known_tunes() is None
    novelty.known_tunes.cache_clear()


def test_a_question_is_quick():
    """Among as many tunes as are shipped; ten times slower than measured is still a pass."""
    many = TuneIndex([random_tune(seed, bars=16) for seed in range(1500)])
    asked = random_tune(3000, bars=32).tokens
    many.novelty(asked)
    began = time.perf_counter()
    many.novelty(asked)
    assert time.perf_counter() - began < 0.5
