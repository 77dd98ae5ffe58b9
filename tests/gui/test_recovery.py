"""Windows that died are recovered, or what they kept is discarded."""
# ruff: noqa: F811

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QMessageBox

from gui.compose_page import ComposePage
from gui.dialogs.recovery import Kept as ToRecover
from gui.dialogs.recovery import RecoveryDialog, when_words
from gui.theme import DARK, LIGHT
from tests.gui.sessioning import Button, Make, compose, crashed, make  # noqa: F401  (fixtures)
from tests.gui.waiting import wait_for


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
