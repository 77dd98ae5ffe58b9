"""Tunes to learn from: what is dropped, what stays together, where it comes from."""

import sys
from dataclasses import replace

import pytest

from engine.checks import InputError
from engine.folk.abc_text import parse_book
from engine.training import folk_collections
from engine.training.folk_collections import COLLECTIONS, from_token_text, music21_corpus, read_tunes
from engine.training.folk_material import families, from_elsewhere, gather, intervals, usable_tokens

MELODIES = ["GABc dedc BAGF", "cBcA GEDC EFGA", "EFED CDEF gfed", "efga bagf edcB", "ceGE cegc BdGB", "AcEA cAEC DFAd",
            "GFED CEGc BAGF", "dcBA GBdg fedc", "AGFE FAcf edcB", "gecG EGce dBGD", "BcdB GABG cdec", "fdBF DFBd cAFC"]


def abc(number, line, key="C", bars=4):
    notes = line.split()
    body = "|".join([f"{a} {b[::-1]}" for a, b in zip(notes * bars, (notes * bars)[1:], strict=False)][:8])
    return f"X:{number}\nT:Tune {number}\nM:4/4\nL:1/8\nK:{key}\n{body}|\n\n"


@pytest.fixture
def folder(tmp_path):
    text = "".join(abc(n, line) for n, line in enumerate(MELODIES))
    (tmp_path / "book.abc").write_text(text)
    return tmp_path


def test_duplicates_are_dropped_whatever_their_key(folder):
    up = str.maketrans("CDEFGABcdefga", "DEFGABcdefgab")
    (folder / "more.abc").write_text(abc(1, MELODIES[0]) + abc(2, MELODIES[1].translate(up), key="D"))
    counts = gather([str(folder)]).counts[folder.stem]
    assert counts == {"read": 14, "unusable": 0, "duplicates": 2, "kept": 12}


def test_parts_are_disjoint_and_the_same_for_the_same_seed(folder):
    first, again, other = gather([str(folder)], seed=1), gather([str(folder)], seed=1), gather([str(folder)], seed=2)
    assert first == again
    assert first.test != other.test
    assert (len(first.train), len(first.valid), len(first.test)) == (10, 1, 1)
    titles = [tune.title for part in (first.train, first.valid, first.test) for tune in part]
    assert len(set(titles)) == len(titles) == 12
    assert first.vocabulary[:2] == ("<s>", "</s>")


def test_tunes_from_elsewhere_are_new_to_the_model(folder, tmp_path):
    material = gather([str(folder)])
    known = next(line for n, line in enumerate(MELODIES) if f"Tune {n}" == material.train[0].title)
    new = "GcBd AfGe FdEc"
    (tmp_path / "other").mkdir()
    unknown = abc(53, "AfGe ecGE dBGD").replace("G", "_G")
    (tmp_path / "other" / "o.abc").write_text(abc(50, known) + abc(51, new) + abc(52, new) + unknown)
    (only,) = from_elsewhere([str(tmp_path / "other")], material)
    assert only.title in ("Tune 51", "Tune 52")
    everything = replace(material, train=material.train + material.valid + material.test)
    with pytest.raises(InputError, match="found none"):
        from_elsewhere([str(folder / "book.abc")], everything)


def test_variants_are_one_family():
    rows = [list(range(40)), [*range(25), *[7] * 15], [*[3, 1] * 20], [*[5, 2, 1] * 13]]
    assert sorted(map(sorted, families(rows))) == [[0, 1], [2], [3]]


def test_intervals_do_not_know_the_key():
    found = set()
    for style in ("v2", "v3"):
        for key, line in (("C", "CDEF GABc cBAG"), ("D", "DEFG ABcd dcBA")):
            (tune,) = parse_all(abc(1, line, key))
            found.add(tuple(intervals(usable_tokens(tune, style))))
    assert len(found) == 1
    assert found.pop()[:4] == (2, 2, 1, 7)


def parse_all(text):
    return list(parse_book(text))


@pytest.mark.parametrize("damage", [
    lambda text: text.replace("|", "|& ", 1),              # a problem
    lambda text: text.replace("|", "|[M:3/4]", 1),         # two meters
    lambda text: text.replace("M:4/4", "M:3/4"),           # bars are not full
    lambda text: text.replace("M:4/4", "M:none"),
    lambda text: text.replace("|", "", 4),                 # too few bars
])
def test_unusable_tunes_are_left_out(damage):
    (whole,), (damaged,) = parse_all(abc(1, MELODIES[0])), parse_all(damage(abc(1, MELODIES[0])))
    assert usable_tokens(whole, "v2")
    assert usable_tokens(damaged, "v2") == ()


def test_the_text_form_of_folk_rnn_is_read(tmp_path):
    text = "[L:1/8]\n[M:3/4]\n[K:DMaj]\nD 2 F 2 | A 3 B\n\n[L:1/16]\n[M:2/4]\n[K:GMin]\nG 2 _A |1 B\n"
    (tmp_path / "tunes.txt").write_text(text)
    first, second = read_tunes(tmp_path / "tunes.txt")
    assert (str(first.key), first.meter.text, len(first.notes)) == ("Dmaj", "3/4", 4)
    assert (str(second.key), second.notes[1].pitches[0].midi) == ("Gmin", 68)
    assert from_token_text("") == "X:1"


def test_music21_is_found_without_loading_it(monkeypatch):
    monkeypatch.delitem(sys.modules, "music21", raising=False)
    corpus = music21_corpus()
    assert "music21" not in sys.modules
    for collection in COLLECTIONS:
        assert any((corpus / collection.folder).glob("*.abc"))


def test_what_the_card_says_of_the_licences_stands_in_the_files():
    said = " ".join((music21_corpus() / "license.txt").read_text().split())
    quotes = folk_collections.MUSIC21_TERMS.split('"')[1::2]
    assert len(quotes) == 2
    assert all(quote in said for quote in quotes)
    essen = " ".join((music21_corpus() / "essenFolksong" / "license.txt").read_text().split())
    assert all(quote in essen for quote in folk_collections.LEFT_OUT["essenFolksong"].split('"')[1::2])
    for collection in COLLECTIONS:  # no terms of their own
        assert not list((music21_corpus() / collection.folder).glob("*licen*"))


def test_too_little_and_nothing_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"expected a folder with \.abc files"):
        gather([str(tmp_path / "nowhere")])
    (tmp_path / "one.abc").write_text(abc(1, MELODIES[0]))
    with pytest.raises(InputError, match="at least 10"):
        gather([str(tmp_path)])


def test_bytes_that_are_no_utf8_are_read_as_latin1(tmp_path):
    (tmp_path / "old.abc").write_bytes(abc(1, MELODIES[0]).replace("Tune", "Été").encode("latin-1"))
    (tune,) = read_tunes(tmp_path / "old.abc")
    assert tune.title == "Été 1"
