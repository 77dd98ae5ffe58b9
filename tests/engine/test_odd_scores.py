"""MusicXML whose tags are in order and whose meaning is not: elements dropped, doubled, moved, and odd values."""

import contextlib
import random
from copy import deepcopy
from xml.etree import ElementTree

import pytest

from engine.checks import InputError
from engine.folk.abc_text import parse, parse_book
from engine.folk.importing import Importer
from engine.folk.musicxml import musicxml_bytes
from tests.engine.fuzzing import Reader, check
from tests.engine.hostile import JIG

TWO_VOICES = ("X:1\nT:Two\nM:3/4\nL:1/8\nV:1 clef=treble name=\"High\"\nV:2 clef=bass\nK:D\n"
              "[V:1] (3ABc d2|1 [DA]4 z2:|2 ~e6|]\nw:la la- la_ la\n[V:2] D,4-D,2|1 A,,6:|2 !fermata!D,6|]\n")
VALUES = ("0", "-1", "1", "7", "99", "1e9", "0.333", "", "x", "C", "D", "sharp", "G", "F", "none", "start", "stop",
          "whole", "256th", "\N{BLACK HEART SUIT}", "9" * 400)


@pytest.fixture(scope="module")
def importer():
    importer = Importer()
    yield importer
    importer.close()


def changed(root, dice):
    """A copy of a score with one to six of its elements changed."""
    root = deepcopy(root)
    for _ in range(dice.choice((1, 1, 2, 3, 6))):
        parents = [element for element in root.iter() if len(element)]
        if not parents:
            return root
        parent = dice.choice(parents)
        place = dice.randrange(len(parent))
        child, kind = parent[place], dice.randrange(6)
        if kind == 0:
            parent.remove(child)
        elif kind == 1:
            parent[place:place] = [deepcopy(child)] * dice.choice((1, 2, 40))
        elif kind == 2:
            dice.choice(parents).append(deepcopy(child))
        elif kind == 3:
            child.text = dice.choice(VALUES)
        elif kind == 4 and child.attrib:
            child.set(dice.choice(list(child.attrib)), dice.choice(VALUES))
        else:
            child.tag = dice.choice([element.tag for element in root.iter()])
    return root


def read_odd_scores(importer, folder, count, seed):
    """Try so many; returns how many could be read."""
    dice = random.Random(seed)
    roots = [ElementTree.fromstring(musicxml_bytes(parse(text))) for text in (JIG, TWO_VOICES)]

    def read(path):
        text = importer.read(path).text
        for tune in parse_book(text):
            with contextlib.suppress(InputError):   # bars too long to be written
                musicxml_bytes(tune)

    reader = Reader(read, [], ".musicxml", seconds=20.0)
    for _ in range(count):
        check(reader, folder / "case.musicxml", ElementTree.tostring(changed(dice.choice(roots), dice)))
    return count - reader.refused


def test_odd_scores_are_read_or_refused_in_a_sentence(importer, tmp_path):
    assert read_odd_scores(importer, tmp_path, 30, seed=1) > 10


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_three_thousand_odd_scores(importer, tmp_path):
    assert read_odd_scores(importer, tmp_path, 3000, seed=random.randrange(2**32)) > 1000
