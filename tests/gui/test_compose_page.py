"""The Compose page as a musician meets it: open, type, look, play, change, undo."""
# ruff: noqa: F811

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine.folk.abc_text import parse
from gui.compose_page import ComposePage
from tests.gui.composing import end_of_music, opened, page, threads  # noqa: F401  (fixtures)
from tests.gui.waiting import wait_for


def test_a_book_opens_with_its_tunes_and_the_first_one_is_engraved(page: ComposePage) -> None:
    assert [entry.title for entry in page.list.rows.entries] == ["The Kesh", "Cooley's"]
    assert page.editor.text().startswith("X:1\nT:The Kesh")
    sheet = page.engraving.sheet
    assert sheet is not None
    assert sheet.score is not None
    assert len(sheet.score.boxes) > 20
    assert "6/8" in page.headline.text()


def test_what_is_typed_is_in_the_book_and_in_the_score(page: ComposePage) -> None:
    end_of_music(page)
    QTest.keyClicks(page.editor, "g2e d2B|")
    assert "edB dBA|g2e d2B|" in page.tunes.tune.text
    wait_for(lambda: page.engraving.is_fresh)
    sheet = page.engraving.sheet
    assert sheet is not None
    assert len(sheet.tune.notes) == 24
    assert not page.tunes.is_saved


def test_undo_takes_back_what_was_typed_and_redo_brings_it_back(page: ComposePage) -> None:
    before = page.editor.text()
    end_of_music(page)
    QTest.keyClicks(page.editor, "abc")
    after = page.editor.text()
    while page.tunes.undo_stack.canUndo():
        page.tunes.undo_stack.undo()
    assert page.editor.text() == before
    assert page.tunes.is_saved
    while page.tunes.undo_stack.canRedo():
        page.tunes.undo_stack.redo()
    assert page.editor.text() == after


def test_undo_goes_back_to_the_tune_that_was_changed(page: ComposePage) -> None:
    first, second = (entry.key for entry in page.list.rows.entries)
    end_of_music(page)
    QTest.keyClicks(page.editor, "abc")
    page.list.chosen.emit(second)
    assert page.editor.text().startswith("X:7")
    page.tunes.undo_stack.undo()
    assert page.tunes.state.current == first
    assert page.editor.text().startswith("X:1")


def test_a_mistake_is_marked_where_it_stands_and_does_not_stop_the_score(page: ComposePage) -> None:
    end_of_music(page)
    QTest.keyClicks(page.editor, "g2e (1 d2B|")
    wait_for(lambda: page.engraving.is_fresh)
    at = page.editor.text().index("(1")
    problem = page.editor.problem_at(at)
    assert problem is not None
    assert problem.line == 6
    assert page.engraving.sheet is not None
    assert page.engraving.sheet.score is not None
    assert "1 problem" in page.headline.text()


def test_a_note_of_the_score_selects_its_text(page: ComposePage) -> None:
    sheet = page.engraving.sheet
    assert sheet is not None
    note = sheet.tune.notes[3]
    page.score.note_clicked.emit(page.showing.name_at(note.start), False)
    assert page.editor.selection() == (note.start, note.stop)


def test_playing_plays_the_tune_as_it_stands_and_the_cursor_follows(page: ComposePage) -> None:
    page.playing.toggle()
    wait_for(lambda: page.player.playing)
    assert page.playing.now is not None
    assert page.playing.now.text == page.tunes.tune.text
    tune = parse(page.tunes.tune.text)
    second = page.playing.now.performance.steps[1]
    wait_for(lambda: page.player.position() > second.start_s + 0.05)
    assert page.playing.note_at(second.start_s + 0.01) == page.showing.name_at(tune.notes[1].start)
    page.playing.toggle()
    assert not page.player.playing
    page.player.stop()


def test_another_instrument_sounds_otherwise_and_another_tempo_lasts_otherwise(page: ComposePage) -> None:
    page.playing.ask()
    wait_for(lambda: page.playing.is_fresh)
    assert page.playing.now is not None
    flute = page.playing.now.source
    page.controls.choose_instrument("violin")
    wait_for(lambda: page.playing.now is not None and page.playing.now.wishes.instrument == "violin")
    assert (page.playing.now.source.read(0, 20000) != flute.read(0, 20000)).any()
    page.controls.set_tempo(60.0)
    wait_for(lambda: page.playing.now is not None and page.playing.now.wishes.tempo == 60.0)
    assert page.playing.now.performance.seconds == pytest.approx(4 * 2 * 60 / 60)
    page.controls.choose_instrument("flute")
    page.controls.set_tempo(None)


def test_what_is_wished_of_the_network_and_of_the_sound_is_undone_beside_what_is_written(page: ComposePage) -> None:
    form, stack, before = page.panel.form, page.tunes.undo_stack, page.panel.wishes()
    form.temperature.number.setValue(1.3)
    form.temperature.number.setValue(1.5)
    form.seed.lock.click()
    form.more.setChecked(True)
    form.prime.setFocus()
    QTest.keyClicks(form.prime, "G 2")
    assert stack.undoText() == "locking the seed", "what is typed can be taken back where it is typed"
    page.editor.setFocus()
    QTest.keyClicks(page.editor, "a")
    page.panel.set_wishes(replace(page.panel.wishes(), seed=99))    # as for each suggestion
    page.controls.set_tempo(90.0)
    said = []
    page.tabs.setCurrentWidget(page.lens)
    while stack.canUndo():
        said.append(stack.undoText())
        stack.undo()
    assert said == ["changing the tempo", "typing", "changing the beginning", "locking the seed",
                    "changing the temperature"]
    assert page.panel.wishes() == replace(before, seed=99), "nobody chose that seed"
    assert page.tabs.currentWidget() is page.panel, "where something changes is in sight"
    assert page.controls.tempo is None
    assert page.playing.wishes.tempo is None
    while stack.canRedo():
        stack.redo()
    after = page.panel.wishes()
    assert (after.temperature, after.seed_locked, after.prime, page.playing.wishes.tempo) == (1.5, True, "G 2", 90.0)
    for _ in said:
        stack.undo()


def test_settings_are_nothing_that_a_book_would_lose(page: ComposePage) -> None:
    page.panel.form.n.setValue(page.panel.form.n.value() + 1)
    assert page.tunes.undo_stack.canUndo()
    assert page.tunes.is_saved
    page.tunes.rename(page.tunes.state.current, "Another")
    assert not page.tunes.is_saved
    page.tunes.undo_stack.undo()
    page.tunes.undo_stack.undo()
    assert page.tunes.is_saved


def test_the_selection_is_looped(page: ComposePage) -> None:
    page.playing.ask()
    wait_for(lambda: page.playing.is_fresh)
    text = page.tunes.tune.text
    start = text.index("edd gdd")
    page.doing.select(start, start + len("edd gdd"))
    page.transport.loop_toggled.emit(True)
    loop = page.player.loop
    assert loop is not None
    assert page.playing.now is not None
    steps = {step.id: step for step in page.playing.now.performance.steps[:13]}
    assert loop.start == pytest.approx(steps[page.showing.name_at(start)].start_s)
    page.transport.loop_toggled.emit(False)
    assert page.player.loop is None


def test_lengths_are_doubled_and_keys_are_changed_in_one_step_each(page: ComposePage) -> None:
    before = parse(page.tunes.tune.text)
    page.doing.select(0, 0)
    page.editing.scale(2)  # type: ignore[arg-type]
    doubled = parse(page.tunes.tune.text)
    assert [note.duration for note in doubled.notes] == [2 * note.duration for note in before.notes]
    page.editing.transpose_to("D")
    moved = parse(page.tunes.tune.text)
    assert moved.field("K") == "D"
    page.tunes.undo_stack.undo()
    page.tunes.undo_stack.undo()
    assert [note.duration for note in parse(page.tunes.tune.text).notes] == [note.duration for note in before.notes]


def test_variants_are_kept_where_something_is_accepted_and_come_back(page: ComposePage) -> None:
    before = page.tunes.tune.text
    end_of_music(page)
    page.doing.suggest()
    wait_for(lambda: bool(page.suggesting.candidates))
    QTest.keyClick(page.editor, Qt.Key.Key_Tab)
    (variant,) = page.tunes.variants
    assert variant.tune.text == before
    page.variants.restore_asked.emit(variant.key)
    assert page.tunes.tune.text == before
