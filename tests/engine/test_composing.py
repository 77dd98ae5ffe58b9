"""Suggestions, their provenance, and the statistics of tunes."""

import math

import numpy as np
import pytest

from engine.checks import InputError
from engine.composing import suggest as suggesting
from engine.composing.anatomy import anatomy, cut_into_bars
from engine.composing.behind import readable
from engine.composing.places import place_at
from engine.composing.statistics import PROPERTIES, Facts, Population, compared, divergence
from engine.composing.suggest import compose, lens, open_model, suggest
from engine.folk.novelty import KnownTune, TuneIndex
from engine.folk.sampling import Manner
from engine.models import folk_lstm
from engine.models.folk_lstm import to_tensors
from tests.engine.folk_models import folk_model

VOCABULARY = ("<s>", "</s>", "M:4/4", "M:6/8", "K:Cmaj", "K:Cdor", "C", "D", "E", "F", "G", "A", "B", "c", "2", "3",
              "4", "6", "8", "/2", "(3", ">", "z", "|", "|:", ":|", "|1", "|2", "||")


def words(text):
    return tuple(text.split())


REEL = words("M:4/4 K:Cmaj |: G 2 | C 2 E 2 G 2 E 2 | D 2 F 2 A 2 F 2 | C 2 E 2 G 2 E 2 | G 4 C 2 :| "
             "|: G 2 | C 2 E 2 G 2 E 2 | D 2 F 2 A 2 F 2 | C 2 E 2 G 2 E 2 | A 4 C 2 :|")
JIG = words("M:6/8 K:Cdor C D E G 3 | A B c G 3 |1 C D E C 3 :| |2 C > D E C 3 |")
MODEL = folk_model(VOCABULARY)
KNOWN = TuneIndex([KnownTune("The Reel", "made up", REEL), KnownTune("The Jig", "made up", JIG)])


# suggestions

def test_suggestions_are_ranked_by_likelihood_validity_and_novelty():
    made = suggest(MODEL, REEL[:12], n=6, manner=Manner(seed=1, max_tokens=50), known=KNOWN)
    assert [one.worth for one in made] == sorted((one.worth for one in made), reverse=True)
    assert {one.stream for one in made} == set(range(6))
    for one in made:
        assert one.whole[:12] == REEL[:12]
        assert one.per_token == pytest.approx(np.mean(one.log_probabilities))
        assert one.worth == pytest.approx(one.per_token - 0.5 * one.novelty.copied)
        assert (one.validity.valid, one.ended) == (True, True)
    odd = compose(MODEL, n=8, manner=Manner(seed=1, max_tokens=80), constrained=False)
    assert any(one.worth < one.per_token - 0.2 for one in odd)


def test_what_the_model_does_not_know_is_read_as_the_nearest_and_counted_as_it_is():
    before = ("M:4/4", "K:Cmaj", "^^G", "8", "|", "C", "7", "z")
    one = suggest(MODEL, before, n=1, manner=Manner(stop="bar", max_tokens=30))[0]
    assert one.whole[:8] == before
    assert one.tokens[0] in ("|", ":|", "||", "|1", "|:")     # C 7 z is a bar, though the model knows no 7
    assert readable(VOCABULARY, before) == ("M:4/4", "K:Cmaj", "A", "8", "|", "C", "z")
    assert readable(VOCABULARY, ("M:2/2", "K:Cmaj", "C", "7", "C", "|:", "C", "5", "|", "c'")) == (
        "M:4/4", "K:Cmaj", "|:", "c")
    with pytest.raises(InputError, match="does not know it"):
        compose(MODEL, prime=["^^G"], manner=Manner())


@pytest.mark.parametrize(("text", "expected"), [
    ("X:1\nM:6/8\nK:C\nGAB |cd", "M:6/8 K:Cmaj G A B | c d"),
    ("X:1\nM:6/8\nK:C\nGAB |", "M:6/8 K:Cmaj G A B |"),
    ("X:1\nM:6/8\nK:G\nG2", "M:6/8 K:Cmaj c 2"),
    ("X:1\nM:6/8\nK:C\n", "M:6/8 K:Cmaj"),
    ("X:1\nK:D\nDEF|\n\nX:2\nM:2/4\nK:C\nGA", "M:2/4 K:Cmaj G /2 A /2"),
    ("X:1\nM:6/8\nK:C\nGAB:|\"Am\"", "M:6/8 K:Cmaj G A B :|"),
    ("X:1\nM:6/8\nK:C\nGAB||", "M:6/8 K:Cmaj G A B |"),
])
def test_tokens_before_the_cursor(text, expected):
    assert place_at(text + " tail", len(text)).tokens() == tuple(expected.split())


def test_the_lens_shows_the_probabilities_and_what_the_grammar_admits():
    before = ("M:4/4", "K:Cmaj", "G", "8")
    choices = lens(MODEL, before, most=len(VOCABULARY))
    assert sum(choice.probability for choice in choices) == pytest.approx(1, abs=1e-5)
    assert [c.probability for c in choices] == sorted((c.probability for c in choices), reverse=True)
    rows = MODEL.log_probabilities(before)
    best = choices[0]
    assert math.log(best.probability) == pytest.approx(rows[-1][MODEL.index[best.token]], abs=1e-5)
    assert {choice.token for choice in choices if choice.admitted} == {"|", ":|", "||", "|1", "|:"}


def test_models_are_opened_by_their_file(tmp_path, monkeypatch):
    folk_lstm.write(tmp_path / "tiny.json", to_tensors(MODEL), {"vocabulary": list(VOCABULARY)})
    assert open_model(tmp_path / "tiny.json").vocabulary == VOCABULARY
    (tmp_path / "x.pkl").write_bytes(b"no pickle")
    with pytest.raises(InputError, match=r"x\.pkl"):
        open_model(tmp_path / "x.pkl")
    monkeypatch.setattr(suggesting.folk_lstm, "FOLDER", tmp_path / "none")
    with pytest.raises(InputError, match="no folk model is installed"):
        open_model()


# populations

def test_every_property_is_counted():
    facts = Facts(JIG)
    counted = {name: dict(count(facts)) for name, count in PROPERTIES.items()}
    assert counted["meter"] == {"6/8": 1}
    assert counted["mode"] == {"dor": 1}
    assert counted["length"] == {"20-39": 1}
    assert counted["bars"] == {"4": 1}
    assert counted["final_tone"] == {"C": 1}
    assert counted["repeat_structure"] == {"|1 :| |2": 1}
    assert counted["note_lengths"] == {"1": 10, "3": 4, "3/2": 1, "1/2": 1}
    assert counted["pitch_classes"] == {"C": 6, "D": 3, "Eb": 3, "G": 2, "A": 1, "Bb": 1}
    assert counted["intervals"]["+2"] == 5
    assert sum(counted["intervals"].values()) == 15


@pytest.mark.parametrize(("a", "b", "bits"), [
    ([1, 1], [2, 2], 0.0), ([1, 0], [0, 5], 1.0), ([0, 0], [1, 0], 1.0), ([0, 0], [0, 0], 0.0),
    ([1, 0], [1, 1], 0.5 * math.log2(4 / 3) + 0.5 * (0.5 * math.log2(2 / 3) + 0.5)),
])
def test_divergence_has_known_values(a, b, bits):
    assert divergence(np.array(a), np.array(b)) == pytest.approx(bits)


def test_populations_are_compared_against_chance():
    rng = np.random.default_rng(0)

    def tunes(low, n):
        return [("M:4/4", "K:Cmaj", *(str(t) for t in rng.choice(list("CDEFGAB")[low:], 24)), "|") for _ in range(n)]

    corpus = Population(tunes(0, 300))
    same, other = compared(corpus, Population(tunes(0, 100))), compared(corpus, Population(tunes(3, 100)))
    assert same["pitch_classes"].distance < 2 * same["pitch_classes"].floor_high
    assert other["pitch_classes"].distance > 10 * other["pitch_classes"].floor_high
    assert sum(same["pitch_classes"].corpus.values()) == pytest.approx(1)
    assert same["meter"].distance == same["meter"].floor == 0
    assert set(same) == set(PROPERTIES)
    with pytest.raises(InputError, match="got 300 and 0"):
        compared(corpus, Population([]))


# one tune

def test_phrases_cadences_and_motifs_of_one_tune():
    found = anatomy(REEL)
    assert found.form == "A A'"
    assert [(p.first, p.last, p.cadence) for p in found.phrases] == [(1, 4, "tonic"), (5, 8, "tonic")]
    assert (found.lowest, found.highest) == (0, 9)
    assert found.bars == 8
    assert found.motifs == 0.75              # four bars C E G E, two D F A F; single notes are no motif
    assert found.breaks == ()
    assert [bar.pickup for bar in cut_into_bars(REEL)[:2]] == [True, False]


def test_what_breaks_the_conventions_is_named():
    corpus = Population([REEL] * 60)
    assert anatomy(REEL, corpus).breaks == ()
    said = " / ".join(anatomy((*JIG[:-1], "G", "|"), corpus).breaks)
    for words in ("bar of 7/8", "the metre 6/8 is rare: 0.0 % of 60 tunes", "mode dor", "an end on G", "steps of"):
        assert words in said


@pytest.mark.parametrize("tokens", [(), ("M:4/4",), ("G",), ("M:4/4", "K:Cmaj", "z", "4", "|"), ("|", ":|", "|2")])
def test_nothing_much_is_no_trouble(tokens):
    assert anatomy(tokens, Population([REEL, JIG])).bars <= 1
    assert Population([tokens]).shares("meter")
    assert isinstance(Facts(tokens).bars, int)
