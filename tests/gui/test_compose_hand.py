"""What musicians bring along: files of other programs, tunes from the clipboard, tokens that do not fit."""
# ruff: noqa: F811

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from engine.composing.anatomy import anatomy
from engine.composing.suggest import Choice
from engine.folk.abc_text import parse
from engine.folk.tokens import tokens_of
from gui.compose_page import ComposePage, words
from gui.compose_page.doing import ABSENT
from gui.compose_page.reading import Lens
from gui.compose_page.work import bars_of, behind
from gui.dialogs.populations import RESTING, PopulationsDialog
from tests.gui.composing import end_of_music, opened, page, threads, told  # noqa: F401  (fixtures)
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


@pytest.fixture
def without_network(page: ComposePage, monkeypatch: pytest.MonkeyPatch) -> ComposePage:
    monkeypatch.setattr(page.suggesting, "network", None)
    return page


def test_without_a_network_nothing_is_begun_that_would_stay_empty(without_network: ComposePage) -> None:
    page = without_network
    for asked in (page.doing.suggest, page.doing.fill_bars, page.doing.compose):
        asked()
        assert "no network" in told(page).said.pop()
    assert titles(page) == ["The Kesh", "Cooley's"]
    page.suggesting.missed("compose-model")
    assert page.anatomy.findChildren(QLabel)[0].text() == ABSENT
    QTest.keyClicks(page.editor, "%")
    wait_for(lambda: page.engraving.is_fresh)
    assert page.engraving.sheet is not None
    assert page.engraving.sheet.score is not None


def test_the_end_of_a_tune_is_a_choice_that_writes_nothing(page: ComposePage) -> None:
    lens = Lens(page.tunes.state.current, page.tunes.tune.text, 0, (Choice("</s>", 0.6, True),))
    page.reader.lens = lens
    page.lens.token_chosen.emit(0)
    assert "end here" in told(page).said[-1]
    assert page.tunes.is_saved


@pytest.mark.parametrize(("music", "bars"), [
    ("ABc def|ABc def|", 2), ("A|ABc def|ABc de|]", 2), ("A|ABc de:|:f|ABc de:|", 2),
    ("ABc def|1ABc def:|2ABc def|]", 3), ("ABc def|ABc", 2), ("ABc def:|", 1), ("ABc|ABc def|", 1),
    ("ABc def|ABc|ABc def|", 3), ("AB", 1), ("", 0), ("ABc def|[M:3/4]A2B2c2|A2|", 3), ("z6|", 1)])
def test_bars_are_counted_as_musicians_do(music: str, bars: int) -> None:
    assert bars_of(parse(f"X:1\nM:6/8\nL:1/8\nK:C\n{music}\n")) == bars


def test_the_range_of_a_tune_is_that_of_its_own_key() -> None:
    tune = parse("X:1\nM:4/4\nL:1/8\nK:Eb\nB,2 E2 ^F2 e2|c8|d8|E8|\n")
    form, cadences, breaks = words.facts(anatomy(tokens_of(tune)), tune)
    assert ("Range", "B♭3 to E♭5, 17 semitones") in form.rows
    assert ("Bars", "4") in form.rows
    assert cadences.rows == (("A", "bars 1–4, ends on the tonic"),)
    assert not breaks.notes


def test_exports_are_named_after_the_tune_in_hand(page: ComposePage) -> None:
    page.list.chosen.emit(page.list.rows.entries[1].key)
    assert {Path(export[1]).stem for export in page.exports()} == {"Cooleys"}


def test_where_nothing_can_be_written_is_said_in_a_sentence(page: ComposePage, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    page.files.export(tmp_path / "file" / "tune.pdf")
    wait_for(lambda: bool(told(page).failed))
    assert told(page).failed[0].startswith("tune.pdf: could not be written (")


def test_the_dialog_of_populations_says_how_far_the_network_is(page: ComposePage) -> None:
    page.doing.comparing.show()
    dialog = page.findChild(PopulationsDialog)
    assert dialog is not None
    dialog.compose_asked.emit(10)
    button = next(one for one in dialog.findChildren(QPushButton) if one.text() == "Cancel")
    said = dialog.findChildren(QLabel)
    wait_for(lambda: any(label.text().startswith("Composing … ") for label in said))
    assert button.isEnabled()
    button.click()
    assert not button.isEnabled()
    assert any(label.text() == RESTING for label in said)
    dialog.close()
