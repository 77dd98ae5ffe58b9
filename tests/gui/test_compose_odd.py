"""Odd tunes on the page: what is shown of them, and that nobody is told off for writing them."""
# ruff: noqa: F811

import pytest

from engine.folk.abc_text import parse
from gui.compose_page import ComposePage, words
from gui.compose_page.editing import TONICS
from tests.gui.composing import opened, page, threads  # noqa: F401  (fixtures)
from tests.gui.waiting import wait_for

DUO = "X:1\nT:Duo\nM:3/4\nL:1/4\nV:1\nV:2 clef=bass\nK:G\n[V:1]GAB|\n[V:2]G,2D,|\n"


def write(page: ComposePage, text: str) -> None:
    """Another tune, engraved."""
    page.tunes.add([text], instead=True)
    wait_for(lambda: page.engraving.is_fresh)


def test_two_voices_are_one_score_and_their_notes_are_found_in_the_text(page: ComposePage) -> None:
    write(page, DUO)
    sheet, text = page.engraving.sheet, page.editor.text()
    assert sheet is not None
    assert sheet.score is not None
    assert not sheet.tune.problems
    assert "2 voices" in page.headline.text()
    at = text.index("D,")
    (name,) = page.showing.notes_in(at, at + 2)
    assert name in sheet.score.boxes
    assert sheet.score.boxes[name].staff_top > sheet.score.boxes[f"n{text.index('GAB')}"].staff_bottom
    assert page.showing.place(name) == (at, at + 2)


def test_a_header_in_the_making_is_no_mistake(page: ComposePage) -> None:
    write(page, "X:1\nT:Later\n")
    assert "problem" not in page.headline.text()
    assert not page.list.rows.entries[0].problems
    write(page, "X:1\nT:Wrong\nM:17/5\nK:C\nC")
    assert "problem" in page.headline.text()


def test_what_the_network_cannot_read_is_said_in_its_panels_and_nowhere_else(page: ComposePage) -> None:
    failures: list[str] = []
    page.failed.connect(failures.append)
    wait_for(lambda: page.suggesting.network is not None)
    page.tabs.setCurrentWidget(page.lens)
    write(page, "X:1\nM:4/4\nL:1/8\nK:C\n(3:2:4 G2A2B2c2 d2|\n")
    page.editor.select(len(page.editor.text()), len(page.editor.text()))
    page.reader.look_at(page.editor.cursor())
    wait_for(lambda: page.reader.is_fresh and page.reader.lens is not None and bool(page.reader.lens.why))
    assert page.reader.reading is not None
    assert "plain tuplets" in page.reader.reading.why
    assert failures == []


def test_transposing_leaves_the_cursor_on_its_line_and_undoing_a_letter_goes_there(page: ComposePage) -> None:
    write(page, "X:1\nL:1/8\nK:C\nCDEF GABc|\ncBAG FEDC|\nC8|\n")
    at = page.editor.text().index("cBAG") + 2
    page.editor.select(at, at)
    page.editing.transpose(1)
    text = page.editor.text()
    assert "K:Db" in text
    assert text.count("\n", 0, page.editor.cursor()) == 4
    page.editor.select(len(text), len(text))
    page.editor.insertPlainText("G8|")
    page.editor.select(0, 0)
    page.tunes.undo_stack.undo()
    assert page.editor.text() == text
    assert page.editor.cursor() == len(text)


@pytest.mark.parametrize(("text", "key"), [
    ("K:C clef=alto", "C"), ("K:Am bass", "Am"), ("K:F# minor % sad", "F# minor"), ("K:clef=bass", ""),
    ("K:D exp _b", "D exp _b"), ("K:Gmix", "Gmix")])
def test_the_list_has_the_key_without_its_clef(text: str, key: str) -> None:
    assert words.in_list(f"X:1\nT:A\nM:3/4\n{text}\nC")[1] == " · ".join(filter(None, ("3/4", key)))


@pytest.mark.parametrize("key", ["Gmaj", "Ddor", "F#min", "Bbmix"])
def test_every_tonic_of_the_menu_is_reached_in_the_same_mode(page: ComposePage, key: str) -> None:
    write(page, f"X:1\nK:{key}\nCDE|\n")
    mode = parse(page.tunes.tune.text).key.mode
    for tonic in TONICS.values():
        page.editing.transpose_to(tonic)
        found = parse(page.tunes.tune.text).key
        assert found.mode == mode
        assert (found.step, found.alter) in {(step, alter) for step, alter in _names(tonic)}
        assert all(abs(alter) < 2 for alter in found.signature)


def _names(tonic: str) -> set[tuple[int, int]]:
    """Both names of a tonic."""
    both = {"C#": ("C#", "Db"), "Eb": ("Eb", "D#"), "F#": ("F#", "Gb"), "Ab": ("Ab", "G#"), "Bb": ("Bb", "A#")}
    keys = [parse(f"X:1\nK:{name}\n").key for name in both.get(tonic, (tonic,))]
    return {(key.step, key.alter) for key in keys}
