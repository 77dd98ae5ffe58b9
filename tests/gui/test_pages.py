"""Several pages in one window: one is in sight, all share file, player and threads, and none disturbs another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QToolButton

from engine.job import Progress
from gui.explain_page import ExplainPage
from gui.main_window import MainWindow
from gui.main_window.pages import PAGES, Entry
from tests.gui.second_page import SecondPage, tone
from tests.gui.signals import action
from tests.gui.waiting import wait_for

ENTRIES = (PAGES[0], Entry("Second", (), SecondPage, {"dig": "Digging"}))


@pytest.fixture(scope="module")
def opened(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MainWindow]:
    folder = tmp_path_factory.mktemp("pages")
    settings = QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat)
    window = MainWindow([str(tone(folder / "first.wav", 330.0))], settings, ENTRIES)
    window.show()
    wait_for(lambda: window.page is not None and explain_of(window).study.answer is not None)
    assert window.stack.page("Second") is None, "a page that nobody has visited is not built"
    yield window
    window.close()


@pytest.fixture
def window(opened: MainWindow) -> MainWindow:
    turn(opened, "Explain")
    return opened


def explain_of(window: MainWindow) -> ExplainPage:
    page = window.stack.page("Explain")
    assert isinstance(page, ExplainPage)
    return page


def turn(window: MainWindow, title: str) -> Any:
    window.stack.show_page(title)
    wait_for(lambda: window.page is not None and window.page.title == title)
    return window.page


def test_a_page_is_built_at_its_first_visit_and_opens_the_file_that_is_open(window: MainWindow) -> None:
    explain = explain_of(window)
    QTest.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    wait_for(lambda: isinstance(window.page, SecondPage))
    second = window.page
    assert isinstance(second, SecondPage)
    assert explain.study.song is not None
    assert second.asked_to_open == [explain.study.song.file.path]
    assert second.theme is window.theme
    assert window.windowTitle().startswith("first.wav")
    QTest.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert window.page is explain
    turn(window, "Second")
    assert len(second.asked_to_open) == 1, "only at its first visit"


def test_buttons_and_menu_show_which_page_is_in_sight(window: MainWindow) -> None:
    buttons = {b.text(): b for b in window.stack.switcher.findChildren(QToolButton)}
    assert all(b.accessibleName() and "Ctrl+" in b.toolTip() for b in buttons.values())
    buttons["Second"].click()
    wait_for(lambda: isinstance(window.page, SecondPage))
    assert buttons["Second"].isChecked()
    assert action(window, "Page: Second").isChecked()
    action(window, "Page: Explain").trigger()
    assert buttons["Explain"].isChecked()


def test_keys_menus_and_exports_are_those_of_the_page_in_sight(window: MainWindow, tmp_path: Path,
                                                               monkeypatch: pytest.MonkeyPatch) -> None:
    explain, second = explain_of(window), turn(window, "Second")
    QTest.keyClick(window, Qt.Key.Key_T)
    assert second.shouted == 1
    assert explain.study.hidden == frozenset()
    texts = {a.text() for a in window.actions_of_all_menus()}
    assert {"Shout", "Its name …"} <= texts
    assert not {"Hide the top segments", "Explanation (JSON) …", "Play"} & texts
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "n.txt"), ""))
    action(window, "Its name …").trigger()
    assert (tmp_path / "n.txt").read_text() == "Second"
    turn(window, "Explain")
    QTest.keyClick(window, Qt.Key.Key_T)
    assert second.shouted == 1
    assert len(explain.study.hidden) == 3
    explain.study.hide(frozenset())
    texts = {a.text() for a in window.actions_of_all_menus()}
    assert {"Hide the top segments", "Explanation (JSON) …", "Play"} <= texts
    assert "Shout" not in texts


def test_leaving_pauses_and_coming_back_goes_on_where_it_was(window: MainWindow) -> None:
    explain, player = explain_of(window), window.shared.player
    ours = player.source
    player.set_loop(0.5, 1.5)
    player.seek(1.0)
    wait_for(lambda: abs(player.position() - 1.0) < 0.01)
    player.play()
    second = turn(window, "Second")
    assert not player.playing
    assert player.source is second.source
    assert player.loop is None
    left = explain.spectrogram._cursor.value()
    player.seek(2.5)
    QTest.qWait(60)
    assert explain.spectrogram._cursor.value() == left, "the cursor of a page out of sight stays"
    turn(window, "Explain")
    assert player.source is ours
    assert player.loop is not None
    assert (player.loop.start, player.loop.stop) == (0.5, 1.5)
    wait_for(lambda: abs(player.position() - 1.0) < 0.3)
    player.set_loop(0.0, None)


def test_a_page_out_of_sight_works_on_and_leaves_the_player_alone(window: MainWindow) -> None:
    explain, second = explain_of(window), turn(window, "Second")
    window.shared.player.set_loop(0.2, 0.8)
    explain.study.ask(start=0.4)
    question, study = explain.study.question, explain.study
    wait_for(lambda: study.answer is not None and study.answer.start == question.start)
    explain.hearing.choose("kept")
    assert window.shared.player.source is second.source
    assert window.shared.player.loop is not None
    assert window.shared.player.loop.start == 0.2
    window.shared.player.set_loop(0.0, None)
    explain.hearing.choose("original")


def test_answers_in_the_lanes_of_one_page_are_not_heard_by_another(window: MainWindow) -> None:
    explain = explain_of(window)
    before, heard = explain.study.prediction, []
    window.shared.batch.answered.connect(lambda lane, ticket, result: heard.append(lane))
    window.shared.batch.ask("predict", lambda report: "nothing that Explain could show")
    wait_for(lambda: "predict" in heard)
    assert explain.study.prediction is before


def test_a_job_is_named_and_cancelled_on_its_own_page(window: MainWindow) -> None:
    second = turn(window, "Second")
    turn(window, "Explain")
    second.working.emit("dig", Progress(1, 10, "deep"))
    wait_for(window.jobs.bar.isVisible)
    assert window.jobs.bar._text.text() == "Digging – deep"
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert second.cancelled == ["dig"]
    assert not window.jobs.bar.has("Second/dig")    # another page may still be at work


def test_a_file_opened_on_one_page_is_offered_on_the_other(window: MainWindow, tmp_path: Path) -> None:
    explain, second = explain_of(window), turn(window, "Second")
    first = explain.study.song
    assert first is not None
    window.open(tone(tmp_path / "other.wav", 550.0))
    assert second.asked_to_open[-1].name == "other.wav"
    assert Path(window.files.recent()[0]).name == "other.wav"
    turn(window, "Explain")
    assert explain.study.song is first, "what is being looked at stays"
    assert window.windowTitle().startswith("first.wav")
    action(window, "Open “other.wav” here too").trigger()
    wait_for(lambda: explain.study.song is not first and explain.study.prediction is not None)
    assert window.windowTitle().startswith("other.wav")
    assert not [a for a in window.actions_of_all_menus() if "here too" in a.text()]


def test_what_could_not_be_opened_is_not_offered(window: MainWindow, tmp_path: Path) -> None:
    turn(window, "Second")
    offered, recent = dict(window.files.offered), window.files.recent()
    window.open(tmp_path / "gone.wav")
    assert "no such file" in window.notifications.notices[0].sentence
    assert dict(window.files.offered) == offered
    assert window.files.recent() == recent


def test_undo_belongs_to_the_page_in_sight(window: MainWindow) -> None:
    explain = explain_of(window)
    song = explain.study.song
    assert song is not None
    explain.panel.set_brush_mode("add")
    explain.spectrogram.brush_started.emit()
    explain.spectrogram.brush_stroke.emit(explain.study.question.start + 0.5, 20.0)
    explain.spectrogram.brush_finished.emit()
    explain.panel.set_brush_mode("off")
    undo = next(a for a in window.actions_of_all_menus() if a.text().startswith("&Undo"))
    assert undo.isEnabled()
    turn(window, "Second")
    assert not undo.isEnabled()
    turn(window, "Explain")
    undo.trigger()
    assert not explain.study.is_edited


def test_the_first_page_wanted_while_nothing_is_loaded_is_the_first_to_come(qapp: QApplication, tmp_path: Path) -> None:
    settings = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    window = MainWindow([str(tone(tmp_path / "a.wav", 330.0))], settings, ENTRIES)
    window.show()
    QApplication.processEvents()
    window.stack.switcher.chosen.emit("Second")
    wait_for(lambda: window.page is not None)
    second = window.page
    assert isinstance(second, SecondPage)
    assert [path.name for path in second.asked_to_open] == ["a.wav"]
    window.close()
    assert window.shared.live.isFinished()
    assert window.shared.batch.isFinished()


def test_what_a_page_does_with_files_is_in_the_menu_of_files_while_it_is_in_sight(window: MainWindow) -> None:
    assert not [a for a in window.actions_of_all_menus() if a.text() == "Save its name"]
    second = turn(window, "Second")
    action(window, "Save its name").trigger()
    assert second.saved
    turn(window, "Explain")
    assert not [a for a in window.actions_of_all_menus() if a.text() == "Save its name"]
