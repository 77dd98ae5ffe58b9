"""Sessions of a window: saved, opened by every way there is, kept while one works, recovered, and never in the way."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QLockFile, QMimeData, QPoint, QPointF, QSettings, Qt, QUrl
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QMessageBox, QSpinBox

from engine.sessions import Result, read
from gui.compose_page import ComposePage
from gui.dialogs.missing import MissingDialog
from gui.dialogs.recovery import Kept as ToRecover
from gui.dialogs.recovery import RecoveryDialog, when_words
from gui.engine_thread import EngineThread
from gui.main_window import MainWindow
from gui.main_window import autosave as autosaving
from gui.main_window.autosave import Autosave, Left
from gui.main_window.gathering import Snapshot
from gui.main_window.pages import PAGES, TUNES, Entry
from gui.main_window.undo_keys import UndoKeys
from gui.session import Kept, Later
from gui.theme import DARK, LIGHT
from tests.gui.test_pages import SecondPage, tone
from tests.gui.waiting import wait_for

COMPOSE = next(entry for entry in PAGES if entry.opens == TUNES)
ENTRIES = (Entry("Second", (), SecondPage), COMPOSE)
BOOK = "X:1\nT:Mine\nM:4/4\nL:1/8\nK:D\nABcd efga|\n\nX:2\nT:Other\nK:C\nCDEF|\n"
Button = QMessageBox.StandardButton
Make = Callable[..., MainWindow]


@pytest.fixture
def make(qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Windows with settings and folders of their own; they close without being asked anything."""
    monkeypatch.setattr("gui.main_window.sessions.data_folder", lambda: tmp_path / "kept")
    windows: list[MainWindow] = []

    def window(*files: Path, entries: tuple[Entry, ...] = ENTRIES) -> MainWindow:
        settings = QSettings(str(tmp_path / "s.ini"), QSettings.Format.IniFormat)
        windows.append(MainWindow([str(file) for file in files], settings, entries))
        windows[-1].show()
        return windows[-1]

    yield window
    monkeypatch.setattr(QMessageBox, "question", lambda *args: Button.Discard)
    for one in windows:
        one.close()


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "mine.abc"
    path.write_text(BOOK)
    return path


def compose(window: MainWindow) -> ComposePage:
    window.stack.show_page("Compose")
    wait_for(lambda: window.page is not None and window.page.title == "Compose")
    assert isinstance(window.page, ComposePage)
    return window.page


def second(window: MainWindow) -> SecondPage:
    window.stack.show_page("Second")
    wait_for(lambda: isinstance(window.page, SecondPage))
    assert isinstance(window.page, SecondPage)
    return window.page


def action(window: MainWindow, text: str) -> QAction:
    return next(a for a in window.actions_of_all_menus() if a.text().replace("&", "") == text)


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


# saving and opening


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


# what is damaged or gone


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


# kept while one works


class Held:
    """What is open, for an autosave alone."""

    def __init__(self) -> None:
        self.n = 0
        self.pages: Any = {}

    def __call__(self) -> Snapshot:
        return Snapshot({"Second": Kept({"n": self.n}, **self.pages)}, sight="Second")


@pytest.fixture
def thread(qapp: QApplication) -> Iterator[EngineThread]:
    made = EngineThread()
    made.start()
    yield made
    made.close()


@pytest.fixture
def held() -> Held:
    return Held()


@pytest.fixture
def autosave(thread: EngineThread, held: Held, tmp_path: Path) -> Iterator[Autosave]:
    made = Autosave(thread, held, tmp_path / "kept")
    yield made
    made.close()
    made.clear()


def begun(autosave: Autosave) -> list[Left]:
    """Start, and wait for what was left behind."""
    found: list[list[Left]] = []
    autosave.found.connect(found.append)
    autosave.start()
    wait_for(lambda: found)
    return found[0]


def test_it_is_written_often_enough_and_only_where_something_has_changed(autosave: Autosave, held: Held) -> None:
    assert autosaving.EVERY_MS <= 25_000
    assert autosave._often.interval() == autosaving.EVERY_MS
    begun(autosave)
    autosave.look()
    wait_for(autosave.path.exists)
    wait_for(lambda: autosave._writing is None)
    before = autosave.path.stat().st_mtime_ns
    autosave.look()
    assert autosave._writing is None, "nothing has changed"
    held.n = 1
    autosave.look()
    wait_for(lambda: autosave._writing is None)
    assert autosave.path.stat().st_mtime_ns > before
    assert read(autosave.path).session.view["Second"]["work"] == {"n": 1}


def test_a_result_is_kept_at_once_and_results_that_follow_the_mouse_are_not_each(
        autosave: Autosave, held: Held, thread: EngineThread, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autosaving, "PAUSE_SECONDS", 0.0)
    begun(autosave)
    autosave._soon.setInterval(20)
    engine = EngineThread()
    engine.start()
    autosave.watch([engine])
    found = Result("explain", {}, {"score": 1})
    held.pages = {"results": (Later("explain", (found,), lambda: found),)}
    engine.ask("explain", lambda report: 1)
    wait_for(autosave.path.exists)
    wait_for(lambda: autosave._writing is None)
    assert len(read(autosave.path).session.results) == 1
    written = autosave._written
    engine.ask("explain", lambda report: 1)      # an answer that is no result
    held.n = 5
    wait_for(lambda: not autosave._soon.isActive())
    wait_for(lambda: not autosave._soon.isActive() and autosave._writing is None)
    assert autosave._written is written
    engine.close()


def test_a_full_disk_is_said_once_and_work_goes_on(autosave: Autosave, held: Held,
                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    begun(autosave)
    said: list[str] = []
    told: list[str] = []
    autosave.failed.connect(said.append)
    autosave.said.connect(told.append)

    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("engine.disk.os.replace", full)
        for n in (1, 2, 3):
            held.n = n
            autosave.look()
            wait_for(lambda: autosave._writing is None)
    assert len(said) == 1
    assert "No space left" in said[0]
    held.n = 4
    autosave.look()
    wait_for(lambda: autosave._writing is None)
    assert told == ["Autosave works again"]
    assert read(autosave.path).session.view["Second"]["work"] == {"n": 4}


def test_a_folder_that_cannot_be_made_is_said_once(thread: EngineThread, held: Held, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    autosave = Autosave(thread, held, tmp_path / "file" / "kept")
    said: list[str] = []
    autosave.failed.connect(said.append)
    autosave.start()
    wait_for(lambda: said)
    for n in (1, 2):
        held.n = n
        autosave.look()
        wait_for(lambda: autosave._writing is None)
    assert len(said) == 1
    autosave.close()
    autosave.clear()


# recovery

CRASH = """
import os, sys
from pathlib import Path
from PySide6.QtCore import QLockFile
path = Path(sys.argv[1])
path.parent.mkdir(parents=True, exist_ok=True)
lock = QLockFile(str(path.with_suffix(".lock")))
lock.setStaleLockTime(0)
assert lock.tryLock(0)
from engine.sessions import Session, write
tunes, view = {"A": "X:1\\nT:A\\nK:C\\nC|\\n"}, {"window": {"page": "Compose", "session": sys.argv[2]}}
write(Session(tunes=tunes, view=view), path)
print("ready", flush=True)
sys.stdin.read()
"""


def crashed(path: Path, session: str = "") -> subprocess.Popen[str]:
    """A process that holds an autosave; it ends when it is killed."""
    process = subprocess.Popen([sys.executable, "-c", CRASH, str(path), session], text=True, stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, cwd=Path(__file__).parents[2])
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_what_a_running_window_keeps_is_left_alone_and_what_a_dead_one_kept_is_found(autosave: Autosave,
                                                                                    tmp_path: Path) -> None:
    running, dead = crashed(tmp_path / "kept" / "1-a.oto"), crashed(tmp_path / "kept" / "2-b.oto", "/mine/x.oto")
    dead.kill()
    dead.wait()
    try:
        left = begun(autosave)
        assert [one.path.name for one in left] == ["2-b.oto"]
        assert (left[0].name, left[0].tunes, left[0].damaged) == ("x.oto", 1, "")
        again = QLockFile(str(tmp_path / "kept" / "2-b.lock"))
        again.setStaleLockTime(0)
        assert not again.tryLock(0), "no second window is offered the same"
        left[0].remove()
        assert not left[0].path.exists()
        assert again.tryLock(0)
    finally:
        running.kill()
        running.wait()


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_what_was_half_written_is_swept_away_but_not_what_is_being_written(autosave: Autosave, tmp_path: Path) -> None:
    running, dead = crashed(tmp_path / "kept" / "1-a.oto"), crashed(tmp_path / "kept" / "2-b.oto")
    dead.kill()
    dead.wait()
    for name in ("1-a", "2-b", "3-c"):
        (tmp_path / "kept" / f".{name}.oto.77-78.part").write_text("half")
    (tmp_path / "kept" / "2-b.oto").unlink()
    try:
        assert begun(autosave) == []
        names = sorted(path.name for path in (tmp_path / "kept").iterdir())
        assert names == sorted([".1-a.oto.77-78.part", "1-a.oto", "1-a.lock", autosave.path.with_suffix(".lock").name])
    finally:
        running.kill()
        running.wait()


def test_a_recovered_window_goes_on_under_its_old_name_and_the_old_file_goes(
        make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    process = crashed(tmp_path / "kept" / "1-a.oto", str(tmp_path / "mine.oto"))
    process.kill()
    process.wait()
    window = make()
    wait_for(lambda: window.page is not None)
    window.sessions.autosave.start()
    wait_for(lambda: window.findChildren(RecoveryDialog))
    dialog, = window.findChildren(RecoveryDialog)
    dialog.recover.click()
    wait_for(lambda: isinstance(window.page, ComposePage))
    page = compose(window)
    wait_for(lambda: page.tunes.tune.text.startswith("X:1\nT:A"))
    assert window.sessions.path == tmp_path / "mine.oto"
    assert not window.sessions.is_saved
    wait_for(lambda: not (tmp_path / "kept" / "1-a.oto").exists())
    assert window.sessions.autosave.path.exists(), "it is kept again before the old file goes"
    monkeypatch.setattr(QMessageBox, "question", lambda *args: Button.Discard)
    page.tunes.saved(page.tunes.path)
    window.close()
    assert list((tmp_path / "kept").iterdir()) == []


def some(n: int = 3) -> list[ToRecover]:
    now = datetime(2026, 5, 3, 12, 0)
    return [ToRecover(now.replace(hour=11), "", ("sound.wav",), 2, 1), ToRecover(
        now.replace(day=2), "study.oto", (), 1, 0), ToRecover(now.replace(year=2025), "", (), 0, 0, "cut off")][:n]


def test_the_dialog_tells_what_there_is_and_asks(qapp: QApplication) -> None:
    dialog = RecoveryDialog(some(), DARK, now=datetime(2026, 5, 3, 12, 0))
    asked: list[tuple[str, int]] = []
    dialog.recover_asked.connect(lambda place: asked.append(("recover", place)))
    dialog.discard_asked.connect(lambda place: asked.append(("discard", place)))
    rows = [[dialog.list.topLevelItem(i).text(column) for column in range(3)] for i in range(3)]
    assert rows == [["today, 11:00", "never saved", "sound.wav, 2 tunes, 1 result"],
                    ["yesterday, 12:00", "study.oto", "1 tune"],
                    ["3 May 2025, 12:00", "never saved", "cannot be read: cut off"]]
    dialog.list.setCurrentItem(dialog.list.topLevelItem(2))
    assert not dialog.recover.isEnabled()
    dialog.discard.click()
    dialog.list.setCurrentItem(dialog.list.topLevelItem(1))
    dialog.recover.click()
    assert asked == [("discard", 2), ("recover", 1)]
    assert dialog.result() == 1


def test_the_last_one_discarded_closes_the_dialog(qapp: QApplication) -> None:
    dialog = RecoveryDialog(some(1), LIGHT)
    dialog.open()
    dialog.discard.click()
    assert not dialog.isVisible()


def test_days_in_words() -> None:
    now = datetime(2026, 1, 1, 0, 10)
    assert when_words(datetime(2025, 12, 31, 23, 50), now) == "yesterday, 23:50"
    assert when_words(datetime(2025, 12, 30, 9, 5), now) == "30 December 2025, 09:05"


# keys


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
