"""Tunes and sounds in one window: each file goes where it belongs, and nothing that was written is lost on the way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox, QWidget

from gui.compose_page import ComposePage
from gui.main_window import MainWindow
from gui.main_window.pages import DEMOS, PAGES, TUNES, Entry, kind_of
from tests.gui.second_page import SecondPage, tone
from tests.gui.waiting import wait_for

ENTRIES = (Entry("Second", (), SecondPage), next(entry for entry in PAGES if entry.opens == TUNES))


@pytest.fixture(scope="module")
def window(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MainWindow]:
    folder = tmp_path_factory.mktemp("tunes")
    book = folder / "mine.abc"
    book.write_text("X:1\nT:Mine\nM:4/4\nL:1/8\nK:D\nABcd efga|\n")
    made = MainWindow([str(book)], QSettings(str(folder / "s.ini"), QSettings.Format.IniFormat), ENTRIES)
    made.show()
    wait_for(lambda: isinstance(made.page, ComposePage) and made.page.tunes.path == book)
    yield made
    made.close()


def compose(window: MainWindow) -> ComposePage:
    page = window.stack.page("Compose")
    assert isinstance(page, ComposePage)
    return page


def test_a_book_named_at_the_start_opens_on_the_page_for_tunes(window: MainWindow) -> None:
    assert window.page is compose(window)
    assert window.windowTitle() == "mine.abc[*] – Otoscope"
    assert compose(window).editor.text().startswith("X:1\nT:Mine")


@pytest.mark.parametrize(("name", "kind"), [("a.ABC", "tunes"), ("a.musicxml", "tunes"), ("a.pkl", "tunes"),
                                            ("a.flac", "audio"), ("a.txt", ""), ("a", "")])
def test_the_name_tells_the_kind(name: str, kind: str) -> None:
    assert kind_of(Path(name)) == kind


def test_a_sound_opens_on_the_first_page_that_takes_sounds_and_a_tune_comes_back(
        window: MainWindow, tmp_path: Path) -> None:
    sound = tone(tmp_path / "sound.wav", 220.0)
    window.open(sound)
    wait_for(lambda: window.page is not compose(window))
    second = window.page
    assert isinstance(second, SecondPage)
    wait_for(lambda: second.asked_to_open == [sound])
    other = tmp_path / "other.abc"
    other.write_text("X:1\nT:Other\nK:C\nCDEF|\n")
    window.open(other)
    assert window.page is compose(window)
    wait_for(lambda: compose(window).tunes.path == other)
    assert second.asked_to_open == [sound]


def test_ctrl_z_in_the_editor_undoes_through_the_menu(window: MainWindow) -> None:
    page = compose(window)
    before = page.editor.text()
    page.editor.setFocus()
    QTest.keyClicks(page.editor, "abc")
    assert page.editor.text() != before
    assert window.isWindowModified()
    QTest.keyClick(page.editor, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert page.editor.text() == before
    assert not window.isWindowModified()
    QTest.keyClick(page.editor, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert page.editor.text() == "abc" + before
    page.tunes.undo_stack.undo()


def test_space_is_written_in_the_editor_and_plays_elsewhere(window: MainWindow) -> None:
    page = compose(window)
    page.editor.setFocus()
    QTest.keyClicks(page.editor, " ")
    assert page.editor.text().startswith(" ")
    page.tunes.undo_stack.undo()
    page.score.setFocus()
    QTest.keyClick(page.score, Qt.Key.Key_Space)
    wait_for(lambda: page.player.playing)
    page.player.stop()


def test_the_window_does_not_close_over_unsaved_tunes(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    page = compose(window)
    page.editor.setFocus()
    QTest.keyClicks(page.editor, "A")
    monkeypatch.setattr(QMessageBox, "question", lambda *args: QMessageBox.StandardButton.Cancel)
    assert not window.close()
    assert window.isVisible()
    page.tunes.undo_stack.undo()


def test_what_came_with_the_program_is_saved_elsewhere(window: MainWindow, monkeypatch: pytest.MonkeyPatch,
                                                       tmp_path: Path) -> None:
    page, before, offered = compose(window), compose(window).tunes.path, list[str]()

    def ask(parent: QWidget, text: str, name: str, filters: str) -> tuple[str, str]:
        offered.append(name)
        return str(tmp_path / "own.abc"), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", ask)
    page.tunes.path = DEMOS[TUNES]
    came = DEMOS[TUNES].read_bytes()
    assert page.files.save()
    assert offered == ["tunes.abc"]
    assert DEMOS[TUNES].read_bytes() == came
    assert (tmp_path / "own.abc").read_text().startswith("X:1\nT:")
    assert before is not None
    page.tunes.saved(before)


def test_an_export_is_named_after_the_tune_that_is_in_hand_by_then(
        window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    page, offered = compose(window), list[str]()

    def ask(parent: QWidget, text: str, name: str, filters: str) -> tuple[str, str]:
        offered.append(name)
        return "", ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", ask)
    page.tunes.rename(page.tunes.state.current, "Another Name")
    next(action for action in window.actions_of_all_menus() if action.text().startswith("MIDI")).trigger()
    assert Path(offered[0]).name == "Another Name.mid"
    page.tunes.undo_stack.undo()
