"""Retakes the pictures of the README: `python tests/e2e/screenshots.py [--to FOLDER] [--percent 100] [PAGE ...]`.

All five pages, dark and light, with what comes with the program, on a screen that nobody sees. About three minutes on
two cores; the answers are those of the engine, so a picture never shows what a page cannot do.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ["XDG_CACHE_HOME"] = tempfile.mkdtemp()   # no search that was once begun
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))  # run as a file, from anywhere

from PySide6.QtCore import QEventLoop, QSettings, Qt, QTimer  # noqa: E402
from PySide6.QtGui import QTextCursor  # noqa: E402
from PySide6.QtTest import QTest  # noqa: E402
from PySide6.QtWidgets import QApplication, QCheckBox, QListView, QMessageBox, QWidget  # noqa: E402

from gui.dialogs.tour import control_of  # noqa: E402
from gui.main_window import MainWindow  # noqa: E402

QUIET = 3.0         # seconds without work: a page has answered
FIRST = 8.0         # seconds for a page that has just been built
PATIENCE = 240.0    # seconds for one page
SIZE = (1280, 800)  # px
TAKEN = 3           # suggestions, before the one that is seen


class Camera:
    """A window that is told what to do as a person would, and waited for."""

    def __init__(self, folder: Path, percent: int) -> None:
        self.settings = QSettings(str(Path(tempfile.mkdtemp()) / "settings.ini"), QSettings.Format.IniFormat)
        self.settings.setValue("theme", "dark")
        self.settings.setValue("font size", percent)
        self.settings.setValue("autosave", False)
        self.folder, self.busy, self.last = folder, set[str](), time.monotonic()
        self.window = MainWindow([], self.settings)
        self.window.resize(*SIZE)
        self.window.show()
        self.wait(lambda: self.window.page is not None)

    def wait(self, true: Callable[[], Any], seconds: float = PATIENCE) -> None:
        """Until it is so, or too late."""
        loop, look, until = QEventLoop(), QTimer(), time.monotonic() + seconds
        look.timeout.connect(lambda: loop.quit() if true() or time.monotonic() > until else None)
        look.start(20)
        loop.exec()

    def settle(self) -> None:
        """Until nothing has worked for a while."""
        self.last = time.monotonic()
        self.wait(lambda: not self.busy and time.monotonic() - self.last > QUIET)

    def turn(self, title: str) -> Any:
        """Bring a page into sight."""
        known = self.window.stack.page(title)
        self.window.stack.show_page(title)
        self.wait(lambda: self.window.page is not None and self.window.page.title == title)
        page: Any = self.window.page
        if known is None:
            page.working.connect(self._working)
            self.wait(lambda: False, FIRST)
        self.settle()
        return page

    def _working(self, lane: str, progress: object) -> None:
        (self.busy.discard if progress is None else self.busy.add)(lane)
        self.last = time.monotonic()

    def do(self, text: str) -> None:
        """What a menu has under that name."""
        next(action for action in self.window.actions_of_all_menus()
             if action.text().replace("&", "") == text).trigger()
        self.settle()

    def shoot(self, title: str) -> None:
        """The page in sight, in both themes."""
        for theme in ("dark", "light"):
            self.window.apply_theme(theme)
            self.window.statusBar().clearMessage()
            self.wait(lambda: False, 0.6)
            self.window.grab().save(str(self.folder / f"{title.lower()}-{theme}.png"))
        self.window.apply_theme("dark")


def explain(camera: Camera, page: QWidget) -> None:
    """Why the singing of the demo clip is singing."""


def maximise(camera: Camera, page: QWidget) -> None:
    """Eight sounds that the detector takes for singing."""
    start = control_of(page, "Maximise")
    assert start is not None
    camera.wait(start.isEnabled)
    camera.do("Maximise")


def adversary(camera: Camera, page: QWidget) -> None:
    """The demo clip as something else."""
    camera.do("Attack")


def dissect(camera: Camera, page: QWidget) -> None:
    """Nothing below 20 Hz, and a sweep of where that begins to matter."""
    switch = control_of(page, "High-pass")
    assert isinstance(switch, QCheckBox)
    switch.setChecked(True)
    camera.settle()
    camera.do("Run the sweep")


def compose(camera: Camera, page: Any) -> None:
    """A beginning, and how the network would go on."""
    rows = next(view for view in page.findChildren(QListView) if view.accessibleName() == "Tunes")
    rows.setCurrentIndex(rows.model().index(rows.model().rowCount() - 1, 0))
    camera.settle()
    page.editor.moveCursor(QTextCursor.MoveOperation.End)
    for _ in range(TAKEN):
        camera.do("Suggest how it goes on")
        QTest.keyClick(page.editor, Qt.Key.Key_Tab)
        camera.settle()
    camera.do("Suggest how it goes on")


STORIES: dict[str, Callable[[Camera, Any], None]] = {
    "Explain": explain, "Maximise": maximise, "Adversary": adversary, "Dissect": dissect, "Compose": compose}


def main() -> None:
    """All pages, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="*", metavar="PAGE", help=", ".join(STORIES))
    parser.add_argument("--to", type=Path, default=ROOT / "resources" / "screenshots")
    parser.add_argument("--percent", type=int, default=100, help="size of the text")
    args = parser.parse_args()
    application = QApplication(sys.argv[:1])
    args.to.mkdir(parents=True, exist_ok=True)
    camera = Camera(args.to, args.percent)
    for title, tell in STORIES.items():
        if not args.pages or title in args.pages:
            tell(camera, camera.turn(title))
            camera.shoot(title)
    QMessageBox.question = lambda *_, **__: QMessageBox.StandardButton.Discard   # type: ignore[method-assign]
    camera.window.close()   # with a tune that nobody saved
    application.quit()


if __name__ == "__main__":
    main()
