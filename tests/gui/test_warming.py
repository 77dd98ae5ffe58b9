"""The first page comes without the window standing still, and whatever happens on the way."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
from importlib import import_module
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from gui.main_window.pages import FURNITURE, PAGES, Entry
from gui.main_window.stack import PageStack
from gui.main_window.warming import warming

ROOT = Path(__file__).resolve().parents[2]


def test_where_drawing_is_imported_nothing_is_left_to_do(qapp: QApplication) -> None:
    import_module("pyqtgraph")
    assert list(warming()) == []


def test_classes_are_made_in_many_pieces_and_then_drawing_is_imported() -> None:
    code = textwrap.dedent("""
        import sys, time
        from PySide6.QtWidgets import QApplication
        app = QApplication([])
        from gui.main_window import warming
        warming.PIECE_SECONDS = 0.0
        pieces = sum(1 for _ in warming.warming())
        print(pieces, "pyqtgraph" in sys.modules)
    """)
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, text=True, capture_output=True, check=True,
                           timeout=60, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"})
    pieces, imported = found.stdout.split()
    assert int(pieces) > 500
    assert imported == "True"


def test_every_page_names_modules_that_there_are() -> None:
    for entry in PAGES:
        for name in (*entry.modules, *entry.beside_qt):
            assert __import__(name)


def test_a_module_that_fails_is_tried_once(qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is missing is said where the page is built."""
    (tmp_path / "broken_room.py").write_text("from pathlib import Path\n"
                                             "Path(__file__).with_name('tried').touch(exist_ok=False)\nraise OSError\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    entry = Entry("A", (), lambda shared: pytest.fail("is not made"), beside_qt=("broken_room", "absent_room"))
    stack = PageStack([entry], lambda entry: pytest.fail("is not made"))
    looks = [stack._is_ready("A") for _ in range(len(FURNITURE) + 4)]
    assert looks.count(False) in range(2, len(FURNITURE) + 3)
    assert looks[-1]
    assert (tmp_path / "tried").exists()
    stack.close_down()


def test_a_window_that_is_closed_at_once_waits_for_no_page(qapp: QApplication) -> None:
    """What is imported beside, and draws, waits for the thread of Qt, which may never come to it."""
    stack = PageStack([Entry("A", ("gui.theme",), lambda shared: pytest.fail("is not made"))],
                      lambda entry: pytest.fail("is not made"))
    stack._load(["A"])
    assert stack._loader is not None
    assert stack._loader.is_alive()
    closing = threading.Timer(20, os.abort)
    closing.start()
    stack.close_down()
    closing.cancel()
    assert not stack._loader.is_alive()
