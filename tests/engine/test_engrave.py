"""Engraving: what the MEI says, where the notes stand, and a child process that may die."""

import os
import re
import signal
import textwrap
import threading
import time
from collections import Counter
from fractions import Fraction
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.checks import InputError
from engine.folk.abc_text import parse
from engine.folk.child import Child, ChildDied, ChildRefused, ChildStopped, ChildTooSlow
from engine.folk.engrave import Engraver, onsets_of
from engine.folk.mei import mei_of, place_of
from engine.folk.mei_measure import Leaf, Span, beams, values
from engine.folk.tune import Note

HEAD = "X:1\nT:Test & <Trial>\nM:4/4\nL:1/8\nK:D\n"
JIG = "X:1\nT:Jig\nM:6/8\nL:1/8\nK:Edor\nB|" + '|:"Em"BEE BEE|~A3 {gf}AGF|BEE B2c|dBA FED:|\n' * 8
NS = "{http://www.music-encoding.org/ns/mei}"


def mei(music, head=HEAD):
    text = head + music + "\n"
    return ElementTree.fromstring(mei_of(parse(text), text))


def found(root, tag):
    return [element for element in root.iter() if element.tag == NS + tag]


def attributes(root, tag, *names):
    return [tuple(element.get(name) for name in names) for element in found(root, tag)]


@pytest.fixture(scope="module")
def engraver():
    made = Engraver()
    yield made
    made.close()


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


def test_a_page_is_flat_and_every_note_has_its_box(engraver):
    tune = parse(JIG)
    score = engraver.engrave(tune, JIG)
    root = ElementTree.fromstring(score.pages[0].svg)
    tags = Counter(element.tag.rpartition("}")[2] for element in root.iter())
    assert (tags["svg"], tags["tspan"], tags["style"]) == (1, 0, 0)
    texts = [element.text for element in root.iter() if element.tag.endswith("}text")]
    assert {"Jig", "Em"} <= set(texts)
    notes = [f"n{note.start}" for note in tune.notes]
    boxes = [score.boxes[name] for name in notes]
    for box in boxes:
        page = score.pages[box.page]
        assert 0 < box.x < box.x + box.w < page.width
        assert 0 < box.y < box.y + box.h < page.height
        assert box.staff_top < box.staff_bottom
    in_reading_order = [(box.page, box.staff_top, box.x) for box in boxes]
    assert in_reading_order == sorted(in_reading_order)
    for name, box in zip(notes, boxes, strict=True):
        assert score.at(box.x + box.w / 2, box.y + box.h / 2, box.page) == name
    assert score.at(1, 1) is None
    assert set(score.onsets) == set(notes)


def test_an_ending_over_several_lines_loses_nothing(engraver):
    text = HEAD + "|:A8|1B8:|2c8|\nd8|e8|\nf8|\n|:A8|[1B8|\nc8:|\n[2 d8|]\n"
    score = engraver.engrave(parse(text), text)
    assert {f"n{note.start}" for note in parse(text).notes} <= set(score.boxes)
    assert len(found(mei("[1A8|\nM:2/4\n"), "note")) == 1


def test_higher_notes_stand_higher(engraver):
    text = HEAD + "CDEFGABcdefg|\n"
    score = engraver.engrave(parse(text), text)
    heights = [score.boxes[f"n{note.start}"].y for note in parse(text).notes]
    assert heights == sorted(heights, reverse=True)
    steps = {round(a - b, 1) for a, b in pairwise(heights)}
    assert max(steps) - min(steps) < 0.2  # a step is half the distance of two lines


def test_pages_of_a_long_tune_can_be_asked_for_one_by_one(engraver):
    text = JIG + '|:"Em"BEE BEE|~A3 {gf}AGF|BEE B2c|dBA FED:|\n' * 60
    tune = parse(text)
    second = engraver.engrave(tune, text, first=1, most=1)
    assert second.count > 2
    assert len(second.pages) == 1
    assert {box.page for box in second.boxes.values()} == {1}


def test_a_page_is_the_same_whatever_was_drawn_before(engraver):
    text = JIG + '|:"Em"BEE BEE|~A3 {gf}AGF|BEE B2c|dBA FED:|\n' * 60
    tune, other = parse(text), parse(JIG)
    whole = engraver.engrave(tune, text)
    began = time.perf_counter()
    engraver.engrave(tune, text.replace("Jig", "Gig"))
    setting = time.perf_counter() - began
    engraver.engrave(other, JIG)
    for first in (1, 2):
        began = time.perf_counter()
        page = engraver.engrave(tune, text, first=first, most=1)
        taken = time.perf_counter() - began
        assert {name: box for name, box in whole.boxes.items() if box.page == first} == page.boxes
    assert taken < setting / 2   # what is set is not set again
    with pytest.raises(InputError):
        engraver.engrave(tune, text, seconds=0.001, width=500)
    assert engraver.engrave(tune, text, first=2, most=1).boxes == page.boxes


def test_for_other_programs_it_is_as_verovio_draws_it(engraver):
    svg = engraver.engrave(parse(JIG), JIG, flat=False).pages[0].svg
    assert "Engraved by Verovio" in svg
    assert f'id="n{parse(JIG).notes[0].start}"' in svg


def test_thirty_two_bars_are_engraved_while_one_types(engraver):
    engraver.engrave(parse(JIG), JIG)
    times = []
    for _ in range(5):
        began = time.perf_counter()
        engraver.engrave(parse(JIG), JIG)
        times.append(time.perf_counter() - began)
    assert min(times) < 0.3  # 0.05 s on an idle machine


def test_the_child_may_be_killed(engraver):
    engraver.engrave(parse(JIG), JIG)
    first = engraver.child.pid
    os.kill(first, signal.SIGKILL)
    assert engraver.engrave(parse(JIG), JIG).pages
    assert engraver.child.pid != first


def test_too_slow_is_said_in_a_sentence(engraver):
    text = "X:1\nK:C\n" + "ABcd efga|" * 4000
    with pytest.raises(InputError, match=r"took longer than 0.2 s; shorten the tune of 32,000 notes"):
        engraver.engrave(parse(text), text, seconds=0.2)
    assert engraver.engrave(parse(JIG), JIG).pages


@pytest.mark.parametrize("text", [
    "", "X:1\nK:C", 'X:1\nK:C\n"A', "X:1\nK:C\n::", "X:1\nK:C\n|1|2|3", "X:1\nK:C\n(((((A", "X:1\nK:C\nA)))",
    "X:1\nT:\x00\ud800\x07\nK:C\nA", "X:1\nK:C\n{}A{", "X:1\nK:C\n(9A|B", "X:1\nM:64/64\nL:1/64\nK:C\nA999/7",
    "X:1\nK:C\n" + "A,,,,,g'''''" * 50,
    "X:1\nK:C\n[K:Gb][M:5/8][K:HP]A|[1[2[3A", "X:1\nK:C clef=bass\n" + "A/16/4" * 300, "X:1\nK:C\nZ999|x4z/3",
    "X:1\nK:C\n(2(3(4(5ABcdefg", "X:1\nK:C\nA-|-A--[CEG]-|[C^EG]"])
def test_odd_texts_are_engraved_or_refused(engraver, text):
    score = engraver.engrave(parse(text), text)
    assert score.count >= 1


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(alphabet='ABcg^_=,\'/23(){}[]|:12"~.-<>z \n![]K:GM68', max_size=60))
def test_no_text_breaks_the_engraver(engraver, music):
    text = HEAD + music
    try:
        score = engraver.engrave(parse(text), text)
    except InputError:
        return
    notes = [n for n in parse(text).events if isinstance(n, Note)]
    assert {f"n{n.start}" for n in notes} == set(score.onsets)
    drawn = {re.match("[a-z][0-9]+", name)[0] for name in score.boxes}
    assert {f"n{n.start}" for n in notes if n.pitches} <= drawn


ODD_CHILD = """
    import os, sys, time
    from engine.folk.child import serve
    def work(question):
        print("noise", flush=True); os.write(1, b"more")
        if question == "die": os._exit(3)
        if question == "sleep": time.sleep(60)
        if question == "raise": raise RuntimeError("no")
        return os.getpid(), question
    serve(work)
"""


@pytest.fixture
def odd_child(tmp_path, monkeypatch):
    (tmp_path / "odd_child_of_tests.py").write_text(textwrap.dedent(ODD_CHILD))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    child = Child("odd_child_of_tests")
    yield child
    child.close()


def test_a_child_answers_whatever_it_prints(odd_child):
    assert odd_child.ask({"big": b"x" * 3_000_000}, seconds=20)[1] == {"big": b"x" * 3_000_000}


def test_a_child_that_dies_raises_or_sleeps(odd_child):
    with pytest.raises(ChildDied, match="ended with code 3"):
        odd_child.ask("die", seconds=20)
    with pytest.raises(ChildRefused, match="RuntimeError: no"):
        odd_child.ask("raise", seconds=20)
    pid = odd_child.pid
    with pytest.raises(ChildTooSlow, match=r"longer than 0\.3 s"):
        odd_child.ask("sleep", seconds=0.3)
    assert odd_child.ask("well", seconds=20)[0] != pid


def test_a_child_can_be_stopped_while_it_works(odd_child):
    odd_child.ask("well", seconds=20)
    stopper = threading.Timer(0.3, odd_child.close)
    stopper.start()
    with pytest.raises(ChildStopped):
        odd_child.ask("sleep", seconds=30)
    assert odd_child.pid is None


@pytest.mark.parametrize(("music", "right"), [("A8|", "single"), ("A8", "invis"), ("A8|]", "end"), ("A8||", "end"),
                                              ("|:A8:|", "rptend")])
def test_the_last_bar_line_is_the_one_that_is_written(music, right):
    assert attributes(mei(f"B8|{music}"), "measure", "right")[-1] == (right,)
