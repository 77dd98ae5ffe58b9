"""Sessions of a window: saved, opened by every way there is, and never in the way."""
# ruff: noqa: F811

from __future__ import annotations

import time
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QMessageBox, QSpinBox

from engine.sessions import read
from gui.dialogs.missing import MissingDialog
from gui.main_window import MainWindow
from gui.main_window.undo_keys import UndoKeys
from tests.gui.second_page import SecondPage, tone
from tests.gui.sessioning import Button, Make, autosave, compose, held, make, thread  # noqa: F401  (fixtures)
from tests.gui.signals import action
from tests.gui.waiting import wait_for

BOOK = "X:1\nT:Mine\nM:4/4\nL:1/8\nK:D\nABcd efga|\n\nX:2\nT:Other\nK:C\nCDEF|\n"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "mine.abc"
    path.write_text(BOOK)
    return path


def second(window: MainWindow) -> SecondPage:
    window.stack.show_page("Second")
    wait_for(lambda: isinstance(window.page, SecondPage))
    assert isinstance(window.page, SecondPage)
    return window.page


def chosen(monkeypatch: pytest.MonkeyPatch, path: Path | None) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *args: (str(path) if path else "", ""))


def saved(window: MainWindow, path: Path, monkeypatch: pytest.MonkeyPatch, how: str = "Save session as …") -> None:
    chosen(monkeypatch, path)
    action(window, how).trigger()
    wait_for(lambda: window.sessions.path == path and window.sessions.is_saved)


@pytest.fixture
def worked(make: Make, book: Path, tmp_path: Path) -> MainWindow:
    """A window with unsaved changes in a book, and a sound on another page."""
    window = make(book)
    wait_for(lambda: window.page is not None)
    page = compose(window)
    wait_for(lambda: page.tunes.path == book)
    page.tunes.rename(page.tunes.state.current, "Another Name")
    page.tunes.keep("kept by hand")
    page.tunes.choose(page.tunes.state.tunes[1].key)
    window.files.offered["audio"] = tone(tmp_path / "sound.wav", 330.0)
    second(window).shouted = 3
    return window


def test_all_that_is_open_is_saved_and_opened_in_another_window(worked: MainWindow, make: Make, tmp_path: Path,
                                                                monkeypatch: pytest.MonkeyPatch) -> None:
    saved(worked, tmp_path / "all.oto", monkeypatch)
    assert worked.windowTitle() == "sound.wav[*] – all.oto – Otoscope"
    session = read(tmp_path / "all.oto").session
    assert [ref.name for ref in session.audio.values()] == ["sound.wav"]
    assert any("Another Name" in text for text in session.tunes.values())

    other = make(tmp_path / "all.oto")
    wait_for(lambda: isinstance(other.page, SecondPage))     # the page that was in sight
    here = second(other)
    assert here.shouted == 3
    assert [path.name for path in here.asked_to_open] == ["sound.wav"]
    page = compose(other)
    wait_for(lambda: page.tunes.path is not None)
    assert page.tunes.tune.text.startswith("X:2\nT:Other"), "the tune that was in hand"
    assert [tune.text.splitlines()[1] for tune in page.tunes.state.tunes] == ["T:Another Name", "T:Other"]
    assert not page.tunes.is_saved, "the book's own file does not say so"
    first = page.tunes.state.tunes[0].key
    assert [one.why for one in page.tunes.variants_of(first)] == ["kept by hand"]
    assert other.windowTitle() == "mine.abc[*] – all.oto – Otoscope"


def test_a_session_as_it_was_opened_asks_nothing_and_a_change_is_asked_about(
        worked: MainWindow, make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved(worked, tmp_path / "all.oto", monkeypatch)
    other = make(tmp_path / "all.oto")
    wait_for(lambda: isinstance(other.page, SecondPage))
    page = compose(other)
    wait_for(lambda: page.tunes.path is not None and other.sessions.is_saved)
    asked: list[str] = []
    monkeypatch.setattr(QMessageBox, "question", lambda *args: asked.append(args[2]) or Button.Cancel)
    page.tunes.choose(page.tunes.state.tunes[0].key)    # to look is no change
    assert other.sessions.may_lose()
    assert asked == []
    page.tunes.rename(page.tunes.state.current, "Third Name")
    assert not other.sessions.may_lose()
    assert asked == ["Save the changes of all.oto first?"]
    page.tunes.undo_stack.undo()
    assert other.sessions.may_lose(), "what is undone needs no saving"


def test_saving_at_the_end_waits_until_it_is_done(worked: MainWindow, tmp_path: Path,
                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    saved(worked, tmp_path / "all.oto", monkeypatch)
    second(worked).shouted = 9
    monkeypatch.setattr(QMessageBox, "question", lambda *args: Button.Save)
    assert worked.close()
    assert read(tmp_path / "all.oto").session.view["Second"]["work"] == {"shouted": 9}


def test_opening_by_menu_by_dropping_and_from_the_list(worked: MainWindow, tmp_path: Path,
                                                       monkeypatch: pytest.MonkeyPatch) -> None:
    saved(worked, tmp_path / "one.oto", monkeypatch)
    page = second(worked)
    page.shouted = 4
    saved(worked, tmp_path / "two.oto", monkeypatch)
    assert [Path(path).name for path in worked.sessions.recent()] == ["two.oto", "one.oto"]
    worked.open(tmp_path / "one.oto")
    wait_for(lambda: page.shouted == 3)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / "two.oto"))])
    how = (Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    worked.dragEnterEvent(QDragEnterEvent(QPoint(10, 10), *how))
    wait_for(lambda: worked.sessions.is_saved)
    worked.dropEvent(QDropEvent(QPointF(10, 10), *how))
    wait_for(lambda: page.shouted == 4)
    assert worked.sessions.path == tmp_path / "two.oto"
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *args: (str(tmp_path / "one.oto"), ""))
    wait_for(lambda: worked.sessions.is_saved)
    worked.files.ask_open()
    wait_for(lambda: page.shouted == 3)


def test_a_name_without_an_ending_gets_one_and_no_name_saves_nothing(worked: MainWindow, tmp_path: Path,
                                                                     monkeypatch: pytest.MonkeyPatch) -> None:
    chosen(monkeypatch, None)
    action(worked, "Save session").trigger()
    assert worked.sessions.path is None
    chosen(monkeypatch, tmp_path / "v1.2")
    action(worked, "Save session").trigger()
    wait_for(lambda: worked.sessions.path == tmp_path / "v1.2.oto")
    assert (tmp_path / "v1.2.oto").exists()


def test_sounds_go_with_it_where_that_is_wanted_and_then_always(worked: MainWindow, tmp_path: Path,
                                                                monkeypatch: pytest.MonkeyPatch) -> None:
    saved(worked, tmp_path / "big.oto", monkeypatch, "Save session with its sounds …")
    second(worked).shouted = 8
    action(worked, "Save session").trigger()
    wait_for(lambda: worked.sessions.is_saved)
    (tmp_path / "sound.wav").unlink()
    assert read(tmp_path / "big.oto").missing == ()


def test_what_cannot_be_written_is_said_and_nothing_is_lost(worked: MainWindow, tmp_path: Path,
                                                            monkeypatch: pytest.MonkeyPatch) -> None:
    chosen(monkeypatch, tmp_path / "nowhere" / "s.oto")
    action(worked, "Save session as …").trigger()
    wait_for(lambda: worked.notifications.notices)
    assert "could not be written" in worked.notifications.notices[0].sentence
    assert worked.sessions.path is None


def test_a_page_that_fails_is_said_once_and_the_others_are_kept(worked: MainWindow, tmp_path: Path,
                                                               monkeypatch: pytest.MonkeyPatch) -> None:
    saved(worked, tmp_path / "all.oto", monkeypatch)
    page, book = second(worked), compose(worked)

    def fail() -> None:
        raise KeyError("gone")

    page.keep = fail  # type: ignore[method-assign,assignment]
    page.shouted = 7
    book.tunes.rename(book.tunes.state.current, "Third Name")
    autosave = worked.sessions.autosave
    autosave.start()
    wait_for(lambda: autosave._lock is not None)
    for name in ("Third Name", "Fourth Name"):
        book.tunes.rename(book.tunes.state.current, name)
        autosave.look()
        wait_for(lambda: autosave._writing is None)
    kept = read(autosave.path).session
    assert any("Fourth Name" in text for text in kept.tunes.values())
    assert kept.view["Second"]["work"] == {"shouted": 3}
    notice, = worked.notifications.notices
    assert notice.page == "Second"
    assert "could not be kept (KeyError: 'gone')" in notice.sentence
    assert "KeyError" in notice.details
    action(worked, "Save session").trigger()
    wait_for(lambda: worked.findChildren(MissingDialog))
    dialog, = worked.findChildren(MissingDialog)
    said = dialog.windowTitle(), dialog.title.text(), dialog.explained.text()
    assert said == ("Not all of it could be saved", "all.oto is saved as far as it goes",
                    "One thing is not in the file, and the rest is:")
    assert not worked.sessions.is_saved, "the file does not say what is there now"
    del page.keep  # type: ignore[method-assign]  # it is well again
    assert not worked.sessions.is_saved
    assert worked.sessions.take().unkept == {}


def test_ctrl_s_saves_the_session_where_the_page_has_no_document_of_its_own(worked: MainWindow) -> None:
    second(worked)      # this one wants Ctrl+S, too
    keys = [key.toString() for key in action(worked, "Save session").shortcuts()]
    assert keys == ["Ctrl+Alt+S"]
    assert [key.toString() for key in action(worked, "Save session as …").shortcuts()] == [
        "Ctrl+Shift+S", "Ctrl+Alt+Shift+S"]
    compose(worked)
    assert [key.toString() for key in action(worked, "Save session as …").shortcuts()] == ["Ctrl+Alt+Shift+S"]
    worked.menus._sessions.turn([])
    assert [key.toString() for key in action(worked, "Save session").shortcuts()] == ["Ctrl+S", "Ctrl+Alt+S"]


def test_what_is_missing_is_said_in_one_list_and_the_rest_opens(worked: MainWindow, make: Make, tmp_path: Path,
                                                                monkeypatch: pytest.MonkeyPatch) -> None:
    saved(worked, tmp_path / "all.oto", monkeypatch)
    (tmp_path / "sound.wav").unlink()
    other = make(tmp_path / "all.oto")
    wait_for(lambda: other.findChildren(MissingDialog))
    dialog, = other.findChildren(MissingDialog)
    assert dialog.isVisible()
    assert dialog.title.text() == "all.oto is open as far as it goes"
    assert "sound.wav was not found" in dialog.list.item(0).text()
    dialog.copy.click()
    assert "sound.wav was not found" in QGuiApplication.clipboard().text()
    page = compose(other)
    wait_for(lambda: page.tunes.path is not None)
    assert len(page.tunes.state.tunes) == 2
    saved(other, tmp_path / "again.oto", monkeypatch)
    assert [ref.name for ref in read(tmp_path / "again.oto").session.audio.values()] == ["sound.wav"], \
        "the reference to what is gone is kept"


def test_a_damaged_session_is_never_written_over(worked: MainWindow, make: Make, tmp_path: Path,
                                                 monkeypatch: pytest.MonkeyPatch) -> None:
    saved(worked, tmp_path / "all.oto", monkeypatch)
    whole = (tmp_path / "all.oto").read_bytes()
    (tmp_path / "cut.oto").write_bytes(whole[:-300])
    other = make(tmp_path / "cut.oto")
    wait_for(lambda: other.findChildren(MissingDialog))
    page = compose(other)
    wait_for(lambda: len(page.tunes.state.tunes) == 2)
    assert other.sessions.path is None, "it would be saved under another name"


def test_what_is_no_session_is_refused_and_the_window_comes_all_the_same(make: Make, tmp_path: Path) -> None:
    (tmp_path / "junk.oto").write_bytes(b"junk")
    window = make(tmp_path / "junk.oto")
    wait_for(lambda: window.page is not None)
    assert window.page is not None
    assert window.page.title == "Second"
    wait_for(lambda: window.notifications.notices)
    assert "expected a session" in window.notifications.notices[0].sentence


def test_ctrl_z_in_a_field_that_has_nothing_to_undo_is_the_page_s(qapp: QApplication) -> None:
    spin, keys = QSpinBox(), UndoKeys()
    keys.watch(spin)
    field = spin.findChild(QLineEdit)
    assert field is not None

    def taken() -> bool:
        event = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        event.ignore()
        QApplication.sendEvent(field, event)
        return event.isAccepted()

    spin.stepUp()
    assert not taken()
    field.setText("")
    field.insert("12")
    assert field.isUndoAvailable()
    assert taken()


def test_stock_is_taken_in_no_time(worked: MainWindow) -> None:
    worked.sessions.take()
    began = time.perf_counter()
    for _ in range(20):
        worked.sessions.take()
    assert (time.perf_counter() - began) / 20 < 0.05
