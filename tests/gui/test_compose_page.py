"""The Compose page as a musician meets it: open, type, look, play, ask, accept, undo, save, export, listen."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMainWindow, QMenu, QMessageBox

from engine.folk.abc_text import parse
from gui import theme
from gui.compose_page import ComposePage
from gui.engine_thread import EngineThread
from gui.player import Player
from tests.gui.waiting import wait_for

BOOK = """% my tunes

X:1
T:The Kesh
M:6/8
L:1/8
K:G
|:G3 GAB|A3 ABd|edd gdd|edB dBA|

X:7
T:Cooley's
M:4/4
L:1/8
K:Edor
EBBA B2 EB|B2 AB dBAG|
"""


class Told:
    """What the page says to its window."""

    def __init__(self, page: ComposePage) -> None:
        self.failed: list[str] = []
        self.said: list[str] = []
        self.opened: list[Path] = []
        self.listened: list[tuple[Path, str]] = []
        self.at_work: set[str] = set()
        page.failed.connect(self.failed.append)
        page.said.connect(self.said.append)
        page.opened.connect(self.opened.append)
        page.listen_asked.connect(lambda path, title: self.listened.append((path, title)))
        page.working.connect(lambda lane, progress: self.at_work.discard(lane) if progress is None
                             else self.at_work.add(lane))


@pytest.fixture(scope="module")
def threads(qapp: QApplication) -> Iterator[tuple[EngineThread, EngineThread, EngineThread]]:
    made = EngineThread(), EngineThread(), EngineThread()
    for thread in made:
        thread.start()
    yield made
    for thread in made:
        thread.close()


@pytest.fixture(scope="module")
def opened(threads: tuple[EngineThread, EngineThread, EngineThread]) -> Iterator[ComposePage]:
    window, player = QMainWindow(), Player()
    page = ComposePage(*threads, player)
    window.setCentralWidget(page)
    menu = QMenu("Compose", window)
    page.menu(menu)
    window.menuBar().addMenu(menu)
    page.set_theme(theme.DARK)
    window.resize(1280, 800)
    window.show()
    window.activateWindow()
    page.enter()
    wait_for(lambda: page.suggesting.network is not None)
    yield page
    page.leave()
    page.close_down()
    player.close()
    window.close()


@pytest.fixture
def page(opened: ComposePage, tmp_path: Path) -> ComposePage:
    """The page with a fresh book."""
    path = tmp_path / "tunes.abc"
    path.write_text(BOOK)
    opened.told = Told(opened)  # type: ignore[attr-defined]
    opened.suggesting.cancel()
    opened.tunes.undo_stack.setClean()
    opened.open(path)
    wait_for(lambda: opened.tunes.path == path and opened.engraving.is_fresh)
    opened.editor.setFocus()
    return opened


def told(page: ComposePage) -> Told:
    return page.told  # type: ignore[attr-defined,no-any-return]


def end_of_music(page: ComposePage) -> None:
    """The cursor behind the last bar line."""
    at = len(page.editor.text().rstrip())
    page.doing.select(at, at)


def ghost(page: ComposePage) -> str:
    return page.suggesting.candidate.text if page.suggesting.candidate else ""


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


def test_nothing_is_lost_unasked(page: ComposePage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    end_of_music(page)
    QTest.keyClicks(page.editor, "abc")
    other = tmp_path / "other.abc"
    other.write_text("X:1\nT:Other\nK:C\nC")
    asked: list[str] = []

    def answer(button: Any) -> Callable[..., Any]:
        def ask(*args: Any) -> Any:
            asked.append(args[2])
            return button
        return ask

    monkeypatch.setattr(QMessageBox, "question", answer(QMessageBox.StandardButton.Cancel))
    page.open(other)
    assert not page.may_close()
    assert len(asked) == 2
    assert "tunes.abc" in asked[0]
    monkeypatch.setattr(QMessageBox, "question", answer(QMessageBox.StandardButton.Save))
    assert page.may_close()
    assert "edB dBA|abc" in (tmp_path / "tunes.abc").read_text()


def test_a_broken_file_is_named_and_the_book_stays(page: ComposePage, tmp_path: Path) -> None:
    before = page.tunes.state
    page.open(tmp_path / "nowhere.abc")
    wait_for(lambda: bool(told(page).failed))
    assert "nowhere.abc" in told(page).failed[0]
    broken = tmp_path / "broken.mid"
    broken.write_bytes(b"MThd nonsense")
    page.open(broken)
    wait_for(lambda: len(told(page).failed) == 2)
    assert "broken.mid" in told(page).failed[1]
    assert page.tunes.state == before


def test_a_pickle_that_is_no_network_is_refused_by_name(page: ComposePage, tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> Any:
            return os.system, (f"touch {tmp_path / 'owned'}",)

    path = tmp_path / "evil.pkl"
    path.write_bytes(pickle.dumps(Evil()))
    network = page.suggesting.network
    page.open(path)
    wait_for(lambda: bool(told(page).failed))
    assert "evil.pkl" in told(page).failed[0]
    assert page.suggesting.network is network
    assert not (tmp_path / "owned").exists()


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


@pytest.mark.parametrize("ending", ["abc", "svg", "pdf", "mid", "musicxml", "wav"])
def test_the_tune_is_exported(page: ComposePage, tmp_path: Path, ending: str) -> None:
    write = next(how for _, name, _, how in page.exports() if name.endswith(ending))
    path = tmp_path / f"out.{ending}"
    write(path)
    wait_for(path.exists)
    assert path.stat().st_size > 60


def test_midi_comes_back_in(page: ComposePage, tmp_path: Path) -> None:
    path = tmp_path / "kesh.mid"
    next(how for _, name, _, how in page.exports() if name.endswith("mid"))(path)
    wait_for(path.exists)
    pitches = [note.pitches[0].midi for note in parse(page.tunes.tune.text).notes]
    page.open(path)
    wait_for(lambda: page.tunes.path == path)
    assert [note.pitches[0].midi for note in parse(page.tunes.tune.text).notes if note.pitches][:13] == pitches[:13]
    assert not page.tunes.is_saved, "a MIDI file cannot be written again as it was"
    page.tunes.undo_stack.setClean()


def test_the_sound_is_given_to_another_page(page: ComposePage) -> None:
    page.files.listen("Explain")
    wait_for(lambda: bool(told(page).listened))
    path, title = told(page).listened[0]
    assert title == "Explain"
    assert path.exists()
    assert path.stem == "The Kesh"


def replaced(page: ComposePage, **changes: Any) -> Any:
    return replace(page.panel.wishes(), **changes)
