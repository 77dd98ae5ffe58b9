"""The network of the Compose page: asked, accepted in part or in whole, named in the file, and read at the cursor."""
# ruff: noqa: F811

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from engine.folk.abc_text import parse
from gui.compose_page import ComposePage
from tests.gui.composing import end_of_music, ghost, opened, page, replaced, threads  # noqa: F401  (fixtures)
from tests.gui.waiting import wait_for


def test_the_network_goes_on_and_tab_accepts_what_it_says(page: ComposePage) -> None:
    before = page.tunes.tune.text
    end_of_music(page)
    page.doing.suggest()
    wait_for(lambda: bool(page.suggesting.candidates))
    said = ghost(page)
    assert page.editor.text() == before, "ghost text is no text"
    QTest.keyClick(page.editor, Qt.Key.Key_Tab)
    assert said.strip() in page.tunes.tune.text
    assert not parse(page.tunes.tune.text).problems
    (span,) = page.tunes.tune.spans
    assert span.origin.model == "folk"
    assert said.strip() in page.tunes.tune.text[span.start:span.stop]
    page.tunes.undo_stack.undo()
    assert page.tunes.tune.text == before
    assert not page.tunes.tune.spans


def test_a_bar_is_accepted_alone_and_the_rest_is_still_offered(page: ComposePage) -> None:
    page.panel.set_wishes(replaced(page, stop="tune", n=2, seed=3, seed_locked=True))
    end_of_music(page)
    page.doing.suggest()
    wait_for(lambda: bool(page.suggesting.candidates))
    several = next(place for place, one in enumerate(page.suggesting.candidates) if len(one.bars) > 1)
    page.suggesting.choose(several)
    whole = ghost(page)
    QTest.keyClick(page.editor, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    rest = ghost(page)
    assert whole.endswith(rest)
    assert rest
    assert rest != whole
    QTest.keyClick(page.editor, Qt.Key.Key_Tab)
    assert whole.strip() in page.tunes.tune.text


def test_candidates_are_cycled_and_escape_wants_none(page: ComposePage) -> None:
    page.panel.set_wishes(replaced(page, stop="phrase", n=6, seed=1, seed_locked=True))
    end_of_music(page)
    page.doing.suggest()
    wait_for(lambda: len(page.suggesting.candidates) > 1)
    first = ghost(page)
    QTest.keyClick(page.editor, Qt.Key.Key_BracketRight, Qt.KeyboardModifier.AltModifier)
    assert ghost(page) != first
    QTest.keyClick(page.editor, Qt.Key.Key_BracketLeft, Qt.KeyboardModifier.AltModifier)
    assert ghost(page) == first
    QTest.keyClick(page.editor, Qt.Key.Key_Escape)
    assert not page.suggesting.candidates


def test_typing_what_is_suggested_keeps_the_rest_of_it(page: ComposePage) -> None:
    end_of_music(page)
    page.doing.suggest()
    wait_for(lambda: bool(page.suggesting.candidates))
    said = ghost(page)
    if said[0] == "\n":
        QTest.keyClick(page.editor, Qt.Key.Key_Return)
    else:
        QTest.keyClicks(page.editor, said[0])
    assert ghost(page) == said[1:]
    QTest.keyClicks(page.editor, "?")
    assert not page.suggesting.candidates


def test_the_same_seed_suggests_the_same(page: ComposePage) -> None:
    said = []
    for _ in range(2):
        page.panel.set_wishes(replaced(page, seed=11, seed_locked=True, stop="phrase"))
        end_of_music(page)
        page.doing.suggest()
        wait_for(lambda: bool(page.suggesting.candidates))
        said.append([one.text for one in page.suggesting.candidates])
        page.suggesting.dismiss()
    assert said[0] == said[1]


def test_selected_bars_are_filled_and_the_others_stay(page: ComposePage) -> None:
    text = page.tunes.tune.text
    start = text.index("A3 ABd")
    page.doing.select(start, start + len("A3 ABd"))
    page.doing.fill_bars()
    wait_for(lambda: bool(page.suggesting.candidates))
    QTest.keyClick(page.editor, Qt.Key.Key_Tab)
    after = page.tunes.tune.text
    assert after.startswith(text[:start])
    assert after.endswith(text[start + len("A3 ABd"):])
    assert not parse(after).problems


def test_a_new_tune_is_written_from_nothing(page: ComposePage) -> None:
    page.panel.set_wishes(replaced(page, meter="3/4", mode="Cmaj", seed=5, seed_locked=True, n=2))
    page.doing.compose()
    wait_for(lambda: bool(page.suggesting.candidates))
    QTest.keyClick(page.editor, Qt.Key.Key_Tab)
    tune = parse(page.tunes.tune.text)
    assert tune.meter.text == "3/4"
    assert len(tune.notes) > 10
    assert not tune.problems
    assert len(page.list.rows.entries) == 3


def test_what_was_suggested_is_named_in_the_file_and_known_when_it_is_opened_again(
        page: ComposePage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    end_of_music(page)
    page.doing.suggest()
    wait_for(lambda: bool(page.suggesting.candidates))
    QTest.keyClick(page.editor, Qt.Key.Key_Tab)
    spans, text = page.tunes.tune.spans, page.tunes.tune.text
    path = tmp_path / "mine.abc"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *args: (str(path), ""))
    assert page.files.save_as()
    written = path.read_text()
    assert "% otoscope: notes" in written
    assert written.startswith("% my tunes")
    assert page.tunes.is_saved
    page.open(path)
    wait_for(lambda: page.tunes.path == path and page.engraving.is_fresh)
    assert page.tunes.tune.text.strip() == text.strip()
    assert [(span.origin.model, span.origin.seed) for span in page.tunes.tune.spans] == [
        (span.origin.model, span.origin.seed) for span in spans]


def test_the_lens_says_what_may_come_next_and_a_click_writes_it(page: ComposePage) -> None:
    page.tabs.setCurrentWidget(page.lens)
    end_of_music(page)
    cursor = page.editor.cursor()
    wait_for(lambda: page.reader.lens is not None and page.reader.lens.cursor == cursor
             and page.reader.lens.text == page.tunes.tune.text)
    assert page.reader.lens is not None
    choices = page.reader.lens.choices
    assert sum(choice.probability for choice in choices) <= 1.0 + 1e-6
    place = next(place for place, choice in enumerate(choices) if choice.text)
    page.lens.token_chosen.emit(place)
    assert page.tunes.tune.text[cursor:].startswith(choices[place].text)
    page.tabs.setCurrentWidget(page.panel)


def test_surprise_tints_the_notes(page: ComposePage) -> None:
    wait_for(lambda: page.reader.is_fresh)
    assert page.reader.reading is not None
    assert len(page.reader.reading.surprises) == len(parse(page.tunes.tune.text).notes)
    assert all(nats > 0 for _, _, nats in page.reader.reading.surprises)
