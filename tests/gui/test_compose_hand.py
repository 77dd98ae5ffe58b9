"""What musicians bring along: files of other programs, tunes from the clipboard, tokens that do not fit."""
# ruff: noqa: F811

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.folk.abc_text import parse
from gui.compose_page import ComposePage
from gui.compose_page.work import behind
from tests.gui.test_compose_page import end_of_music, opened, page, threads, told  # noqa: F401  (fixtures)
from tests.gui.waiting import wait_for

PASTED = "%abc-2.1\n\nX:5\nT:First\nK:D\nABA|\n\nX:6\nT:Second\nK:G\nGAB|\n"


def paste(page: ComposePage, text: str) -> None:
    QApplication.clipboard().setText(text)
    page.editor.paste()


def titles(page: ComposePage) -> list[str]:
    return [entry.title for entry in page.list.rows.entries]


@pytest.mark.parametrize(("encoding", "newline"), [("utf-8", "\r\n"), ("latin-1", "\n"), ("utf-8-sig", "\r\n")])
def test_a_book_is_saved_in_the_encoding_and_with_the_line_ends_that_it_had(
        page: ComposePage, tmp_path: Path, encoding: str, newline: str) -> None:
    data = "X:1\nT:Für Élise\nK:C\nABc|\n".replace("\n", newline).encode(encoding)
    path = tmp_path / "other.abc"
    path.write_bytes(data)
    page.open(path)
    wait_for(lambda: page.tunes.path == path)
    page.tunes.rename(page.tunes.state.current, "Für Elise")
    assert page.files.save()
    assert path.read_bytes() == data.replace("É".encode(encoding.removesuffix("-sig")), b"E")


def test_tokens_that_do_not_fit_are_explained_where_they_are_typed_and_nowhere_else(page: ComposePage) -> None:
    page.panel.set_wishes(replace(page.panel.wishes(), prime="G 2 foo"))
    page.tabs.setCurrentWidget(page.lens)
    end_of_music(page)
    page.doing.suggest()
    wait_for(lambda: not page.suggesting.running)
    assert page.tabs.currentWidget() is page.panel
    assert page.panel.form.prime_error.isVisible()
    assert page.panel.form.prime_error.text().startswith("token 'foo'")
    assert not told(page).failed
    page.panel.set_wishes(replace(page.panel.wishes(), prime="", stop="bar", n=1))
    page.doing.suggest()
    assert not page.panel.form.prime_error.isVisible()
    wait_for(lambda: bool(page.suggesting.candidates))


def test_whole_tunes_are_pasted_into_the_book_behind_the_one_in_hand(page: ComposePage) -> None:
    before = page.tunes.tune.text
    end_of_music(page)
    paste(page, PASTED)
    assert titles(page) == ["The Kesh", "First", "Second", "Cooley's"]
    assert page.tunes.tune.text.startswith("X:8\nT:First"), "its number is its own"
    assert "2 tunes" in told(page).said[-1]
    page.tunes.undo_stack.undo()
    assert titles(page) == ["The Kesh", "Cooley's"]
    assert page.tunes.tune.text == before


def test_whole_tunes_take_the_place_of_one_that_is_all_selected_or_has_no_music(page: ComposePage) -> None:
    page.editor.setFocus()
    page.editor.selectAll()
    paste(page, PASTED)
    assert titles(page) == ["First", "Second", "Cooley's"]
    page.doing.new_tune()
    paste(page, "X:1\nT:Third\nK:D\nABA|\n")
    assert titles(page) == ["First", "Third", "Second", "Cooley's"]


def test_a_few_bars_are_pasted_into_the_text(page: ComposePage) -> None:
    end_of_music(page)
    paste(page, "[K:D]ABA|\r\nw:la la la\r\n")
    assert page.tunes.tune.text.endswith("dBA|[K:D]ABA|\nw:la la la\n\n")
    assert len(titles(page)) == 2


def test_what_stands_behind_the_end_of_a_tune_is_marked(page: ComposePage) -> None:
    end_of_music(page)
    for _ in range(2):
        QTest.keyClick(page.editor, Qt.Key.Key_Return)
    QTest.keyClicks(page.editor, "abc|")
    wait_for(lambda: page.engraving.is_fresh)
    problem = page.editor.problem_at(page.editor.text().index("abc|"))
    assert problem is not None
    assert (problem.line, problem.column) == (8, 1)
    assert "begin another tune" in problem.message


@pytest.mark.parametrize("text", ["X:1\nK:C\nABc|\n", "X:1\nK:C\nABc|\n\n\n", "X:1\nK:C\nABc|\n\n% a remark\n  \n", ""])
def test_nothing_is_behind_a_tune_but_room_and_comments(text: str) -> None:
    assert behind(parse(text), text) == ()


def test_the_line_that_is_told_is_that_of_the_cursor(page: ComposePage) -> None:
    heard: list[str] = []
    page.readout.connect(heard.append)
    end_of_music(page)
    QTest.keyClick(page.editor, Qt.Key.Key_Return)
    QTest.keyClicks(page.editor, "ab")
    assert heard[-1] == "line 7, column 3"


def test_a_copy_of_a_tune_has_nothing_of_what_stands_behind_it(page: ComposePage, tmp_path: Path) -> None:
    path = tmp_path / "noted.abc"
    path.write_text("X:1\nT:A\nK:C\nABc|\n\nplayed at Lammas\n\nX:2\nT:B\nK:C\nCDE|\n")
    page.open(path)
    wait_for(lambda: page.tunes.path == path)
    page.tunes.duplicate(page.tunes.state.current)
    assert page.files.save()
    assert path.read_text().count("Lammas") == 1
