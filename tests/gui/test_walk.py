"""Whatever is clicked, pressed, dragged and opened, in whatever order: nothing breaks, nothing leaks, and it closes."""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication, QMessageBox

from gui.main_window import MainWindow
from tests.gui.trouble import Trouble, megabytes, rich_from_outside
from tests.gui.waiting import wait_for
from tests.gui.walking import Walk, spin

WARM_UP = 0.3           # share of the steps after which memory is first looked at
MOST_GROWTH = 500       # MB from then on
SECONDS_TO_CLOSE = 3.0


def walk_through(qapp: QApplication, folder: Path, patch: pytest.MonkeyPatch, *, steps: int, seed: int) -> None:
    """Take so many steps through all pages; what went wrong is told with the seed and the last steps."""
    for name in ("CONFIG", "DATA", "CACHE", "STATE"):
        patch.setenv(f"XDG_{name}_HOME", str(folder / name.lower()))
    threads = set(threading.enumerate())
    with Trouble() as trouble:
        window = MainWindow([], QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat))
        window.show()
        wait_for(lambda: window.page is not None, 60.0)
        for title in window.stack.entries:
            window.stack.show_page(title)
            wait_for(lambda title=title: window.page is not None and window.page.title == title, 60.0)
        walk, warm, taken = Walk(window, seed, folder, patch), 0.0, 0
        began = time.monotonic()
        try:
            for taken in range(1, steps + 1):
                walk.step()
                assert not trouble.faults, trouble.faults[0]
                faults = [notice for notice in window.notifications.notices if notice.is_fault]
                assert not faults, faults[0].details
                assert not (rich := rich_from_outside(window) if taken % 20 == 0 else []), rich
                assert window.isVisible()
                if taken == round(WARM_UP * steps):
                    gc.collect()
                    warm = megabytes()
                if taken % 500 == 0:
                    sys.stderr.write(f"{taken} steps, {time.monotonic() - began:.0f} s, {megabytes():.0f} MB\n")
        except BaseException:
            sys.stderr.write(f"seed {seed}, step {taken}:\n" + "\n".join(walk.latest) + "\n")
            raise
        finally:
            patch.setattr(QMessageBox, "question", staticmethod(lambda *_, **__: QMessageBox.StandardButton.Discard))
            for dialog in walk.dialogs():
                dialog.close()
            gc.collect()
            grown, closing = megabytes() - warm, time.monotonic()
            closed = window.close()
            took = time.monotonic() - closing
        spin(0.2)
        left = [thread.name for thread in threading.enumerate() if thread not in threads and thread.is_alive()]
        sys.stderr.write(f"seed {seed}: {taken} steps in {closing - began:.0f} s ({dict(walk.counts)}), memory "
                         f"{grown:+.0f} MB since step {round(WARM_UP * steps)}, closed in {took:.2f} s; Qt said "
                         f"{dict(trouble.messages.most_common(8))}\n")
        assert closed
        assert took < SECONDS_TO_CLOSE
        assert not left
        assert grown < MOST_GROWTH
        assert not trouble.faults, trouble.faults[0]
        window.deleteLater()


@pytest.mark.timeout(300)
def test_two_hundred_steps(qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    walk_through(qapp, tmp_path, monkeypatch, steps=200, seed=7)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_five_thousand_steps(qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seed = int(os.environ.get("OTOSCOPE_WALK_SEED", time.time_ns() % 10**6))
    walk_through(qapp, tmp_path, monkeypatch, steps=5000, seed=seed)
