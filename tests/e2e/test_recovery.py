"""The real program is killed at its work; the next start finds the work again, and a third one has nothing to find."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("PySide6")

from engine.checks import InputError
from engine.sessions import read

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 100.0
TYPED = "%typed and never saved "

BEGIN = """
import json, sys
import main
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from gui.main_window import MainWindow, autosave

autosave.EVERY_MS = 700
app = QApplication([])

def window():
    return next((w for w in app.topLevelWidgets() if isinstance(w, MainWindow) and w.isVisible()), None)

def page(title):
    here = window()
    return None if here is None else here.stack.page(title)

def said(**things):
    print(json.dumps(things), flush=True)

steps = []

def look():
    if steps and steps[0]():
        steps.pop(0)

timer = QTimer(interval=50)
timer.timeout.connect(look)
timer.start()
"""

WORK = """
def typed():
    compose = page("Compose")
    if compose is None or compose.tunes.path is None:
        return False
    compose.editor.setFocus()
    compose.editor.edited.emit(Edit(0, 0, sys.argv[2]))
    window().stack.show_page("Explain")
    return True

def asked():
    explain = page("Explain")
    if explain is None or explain.study.answer is None or explain.study.prediction is None:
        return False
    explain.study.change(start=1.0, fill="zero")
    explain.toggle_hidden(4)
    explain.panel.set_brush_mode("add")
    explain.spectrogram.brush_started.emit()
    explain.spectrogram.brush_stroke.emit(1.5, 20.0)
    explain.spectrogram.brush_finished.emit()
    said(done=True)
    return True

from engine.folk.edits import Edit
steps[:] = [typed, asked]
main.window([sys.argv[1]])
"""

AGAIN = """
from gui.dialogs.recovery import RecoveryDialog

def offered():
    dialogs = [w for w in app.topLevelWidgets() if isinstance(w, RecoveryDialog) and w.isVisible()]
    if not dialogs:
        return False
    said(offered=[dialogs[0].list.topLevelItem(i).text(2) for i in range(dialogs[0].list.topLevelItemCount())])
    dialogs[0].recover.click()
    return True

def back():
    explain = page("Explain")
    if explain is None or not explain.study.is_edited or explain.study.answer is None:
        return False
    study = explain.study
    said(start=study.question.start, fill=study.question.fill, hidden=sorted(study.hidden), strokes=len(study.strokes),
         undo=study.undo_stack.undoText(), song=study.song.file.name)
    window().stack.show_page("Compose")
    return True

def tunes():
    compose = page("Compose")
    if compose is None or compose.tunes.path is None:
        return False
    said(text=compose.editor.text(), saved=compose.tunes.is_saved, title=window().windowTitle())
    compose.tunes.saved(compose.tunes.path)     # so that closing asks nothing
    return True

def closed():
    window().close()
    return True

steps[:] = [offered, back, tunes, closed]
main.window([])
"""


def start(code: str, folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """The real program, with folders of its own for data and settings."""
    own = {name: str(folder / name) for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME")}
    environment = {**os.environ, **own, "QT_QPA_PLATFORM": "offscreen", "OMP_WAIT_POLICY": "PASSIVE"}
    return subprocess.Popen([sys.executable, "-c", BEGIN + textwrap.dedent(code), *arguments], cwd=ROOT, text=True,
                            env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def kept_in(folder: Path) -> list[Path]:
    return sorted((folder / "XDG_DATA_HOME" / "otoscope" / "autosave").glob("*.oto"))


def has_all(path: Path) -> bool:
    """Whether an autosave holds what was done last."""
    try:
        session = read(path).session
    except InputError:
        return False
    work: dict[str, Any] = session.view.get("Explain", {}).get("work", {})
    return bool(work.get("strokes")) and any(TYPED in text for text in session.tunes.values())


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
@pytest.mark.timeout(400)
def test_work_of_a_program_that_was_killed_is_recovered(tmp_path: Path) -> None:
    book = tmp_path / "mine.abc"
    book.write_text("X:1\nT:Mine\nM:4/4\nL:1/8\nK:D\nABcd efga|\n")
    working = start(WORK, tmp_path, str(book), TYPED)
    try:
        assert working.stdout is not None
        assert json.loads(working.stdout.readline()) == {"done": True}
        until = time.monotonic() + PATIENCE
        while not any(map(has_all, kept_in(tmp_path))):
            assert time.monotonic() < until, "nothing was kept"
            assert working.poll() is None
            time.sleep(0.2)
    finally:
        working.send_signal(signal.SIGKILL)
        working.wait()
    assert len(kept_in(tmp_path)) == 1
    assert TYPED not in book.read_text()

    again = start(AGAIN, tmp_path)
    out, _ = again.communicate(timeout=2 * PATIENCE)
    told = [json.loads(line) for line in out.splitlines()]
    assert len(told) == 3, out
    assert "1 tune" in told[0]["offered"][0]
    assert told[1] == {"start": pytest.approx(1.0, abs=0.02), "fill": "zero", "hidden": [4], "strokes": 1,
                       "undo": "adding energy", "song": "fantasma.ogg"}
    assert told[2]["text"].startswith(TYPED + "X:1\nT:Mine")
    assert not told[2]["saved"]
    assert told[2]["title"].startswith("mine.abc")
    assert again.returncode == 0
    assert kept_in(tmp_path) == [], "what was recovered and closed is not offered a second time"
