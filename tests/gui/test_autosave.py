"""What is open is kept while one works, and told when it cannot be."""
# ruff: noqa: F811

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PySide6.QtCore import QLockFile

from engine.sessions import Result, read
from gui.engine_thread import EngineThread
from gui.main_window import autosave as autosaving
from gui.main_window.autosave import Autosave, Left
from gui.session import Later
from tests.gui.sessioning import Held, autosave, crashed, held, thread  # noqa: F401  (fixtures)
from tests.gui.waiting import wait_for


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
