"""What the MEI of a tune says."""

from collections import Counter
from fractions import Fraction
from xml.etree import ElementTree

import pytest

from engine.folk.abc_text import parse
from engine.folk.engrave import onsets_of
from engine.folk.mei import mei_of, place_of
from engine.folk.mei_measure import Leaf, Span, beams, values
from tests.engine.encoded import HEAD, NS, found, mei


def attributes(root, tag, *names):
    return [tuple(element.get(name) for name in names) for element in found(root, tag)]


def test_pitches_values_and_accidentals_as_written():
    root = mei("D ^G2 =f3/2 _b,,/2")
    assert attributes(root, "note", "pname", "oct", "dur", "dots", "accid") == [
        ("d", "4", "8", "0", None), ("g", "4", "4", "0", "s"), ("f", "5", "8", "1", "n"), ("b", "3", "16", "0", "f")]


def test_what_sounds_is_said_where_nothing_is_drawn():
    assert attributes(mei("FcG"), "note", "accid", "accid.ges") == [(None, "s"), (None, "s"), (None, None)]


@pytest.mark.parametrize(("key", "signature"), [("D", "2s"), ("Edor", "2s"), ("Cm", "3f"), ("C", "0"), ("Gmix", "0"),
                                                ("F#", "6s"), ("Ddor _b", "1f")])
def test_key_signatures(key, signature):
    assert attributes(mei("A", f"X:1\nK:{key}\n"), "keySig", "sig") == [(signature,)]


def test_a_signature_of_no_key_is_spelled_out():
    root = mei("A", "X:1\nK:Amin ^g\n")
    assert attributes(root, "keyAccid", "pname", "accid") == [("g", "s")]


def test_meters():
    assert attributes(mei("A", "X:1\nM:C|\nK:C\n"), "meterSig", "count", "unit", "sym") == [("4", "4", "cut")]
    assert attributes(mei("A", "X:1\nM:6/8\nK:C\n"), "meterSig", "count", "unit", "sym") == [("6", "8", None)]
    assert not found(mei("A", "X:1\nM:none\nK:C\n"), "meterSig")


def test_repeats_and_endings():
    root = mei("|:A8|1B8:|2c8||d8:|e8|]")
    assert attributes(root, "measure", "left", "right") == [
        ("rptstart", "single"), (None, "rptend"), (None, "dbl"), (None, "rptend"), (None, "end")]
    endings = [(ending.get("n"), len(found(ending, "measure"))) for ending in found(root, "ending")]
    assert endings == [("1", 1), ("2", 1)]


def test_bars_are_numbered_as_musicians_count():
    root = mei("A|:A8|A4:|A4|A8|]")     # a pickup, and a bar that a repeat splits
    assert attributes(root, "measure", "n", "metcon") == [
        ("0", "false"), ("1", None), ("2", "false"), ("2", "false"), ("3", None)]


def test_changes_of_key_and_meter():
    root = mei("A8|[K:G][M:3/4]A6|\nK:Bb\nA6|]")
    definitions = [[child.tag.removeprefix(NS) for child in d] for d in found(root, "scoreDef")]
    assert definitions[1:] == [["keySig"], ["meterSig"], ["keySig"]]


def test_spaces_end_beams():
    root = mei("ABcd A B cd c2 BA")
    assert [len(found(beam, "note")) for beam in found(root, "beam")] == [4, 2, 2]


def test_tuplets_inside_beams_and_beams_inside_tuplets():
    root = mei("(3ABcde (3A2B2c2|(3A/B/c/d/ (3:2:4ABcd")
    assert attributes(root, "tuplet", "num", "numbase") == [("3", "2")] * 4
    assert [len(found(t, "note")) for t in found(root, "tuplet")] == [3, 3, 3, 4]
    assert len(found(found(root, "beam")[0], "tuplet")) == 1
    assert [note.get("dur") for note in found(root, "note")][:3] == ["8", "8", "8"]


def test_beams_break_at_the_edge_of_a_tuplet_they_cross():
    leaves = [Leaf("", True, True)] * 5
    assert list(beams(leaves, [])) == [(0, 5)]
    assert list(beams(leaves, [Span(1, 4, 3, 2)])) == [(0, 5)]
    assert list(beams([*leaves, Leaf("")], [Span(3, 6, 3, 2)])) == [(0, 3), (3, 5)]


def test_lengths_of_no_single_value_are_tied():
    root = mei("A5")
    assert attributes(root, "note", "dur", "dots") == [("2", "0"), ("8", "0")]
    start = len(HEAD)
    assert attributes(root, "tie", "startid", "endid") == [(f"#n{start}", f"#n{start}t1")]
    assert sum(length for *_, length in values(Fraction(13, 8))) == Fraction(13, 8)


def test_ties_join_equal_pitches_only_and_slurs_any():
    at = len(HEAD)
    root = mei("A-A B-c [Ac]-[Ad] (AB)")
    assert attributes(root, "tie", "startid", "endid") == [
        (f"#n{at}", f"#n{at + 2}"), (f"#n{at + 8}c0", f"#n{at + 13}c0")]
    assert attributes(root, "slur", "startid", "endid") == [(f"#n{at + 19}", f"#n{at + 20}")]


def test_graces_chord_symbols_annotations_and_decorations():
    root = mei('"Bb7"{gf}A "^slow"~B .c !fermata!d {/a}T"F#m"e')
    assert [h.text for h in found(root, "harm")] == ["B♭7", "F♯m"]
    assert [d.text for d in found(root, "dir")] == ["slow"]
    assert attributes(root, "note", "grace", "pname")[:2] == [("acc", "g"), ("acc", "f")]
    assert ("unacc", "a") in attributes(root, "note", "grace", "pname")
    tags = Counter(element.tag.removeprefix(NS) for element in root.iter())
    assert (tags["turn"], tags["fermata"], tags["trill"], tags["graceGrp"]) == (1, 1, 1, 2)
    assert ("stacc",) in attributes(root, "note", "artic")


def test_ids_tell_the_place_in_the_text():
    text = HEAD + "A z [CE] {g}B|"
    names = [e.get("{http://www.w3.org/XML/1998/namespace}id") for e in ElementTree.fromstring(
        mei_of(parse(text), text)).iter() if e.tag.removeprefix(NS) in ("note", "rest", "chord")]
    assert [text[place_of(name)] for name in names] == ["A", "z", "[", "[", "[", "g", "B"]
    with pytest.raises(ValueError, match="nothing in a tune"):
        place_of("k1e4uqs9")


def test_titles_are_escaped():
    assert [r.text for r in found(mei("A"), "rend")] == ["Test & <Trial>"]


def test_onsets_in_quarters_as_written():
    tune = parse("X:1\nL:1/8\nK:C\n|:A>B (3cde|z2 [CE]4:|\n")
    assert list(onsets_of(tune).values()) == pytest.approx([0, .75, 1, 4 / 3, 5 / 3, 2, 3])


@pytest.mark.parametrize(("music", "right"), [("A8|", "single"), ("A8", "invis"), ("A8|]", "end"), ("A8||", "end"),
                                              ("|:A8:|", "rptend")])
def test_the_last_bar_line_is_the_one_that_is_written(music, right):
    assert attributes(mei(f"B8|{music}"), "measure", "right")[-1] == (right,)
