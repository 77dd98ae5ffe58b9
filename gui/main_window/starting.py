"""From the door to the event loop: the application, its window, and on the very first start a tour."""

from __future__ import annotations

import gc
import os
import sys

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from gui.main_window.pages import Page
from gui.main_window.start_times import SWITCH, StartTimes
from gui.main_window.window import MainWindow

FIRST_TOUR_MS = 1500    # after its first file is there: the page has had time to show it


def run(files: list[str]) -> int:
    """Start the application with these files."""
    gc.disable()    # until the first page is there: all that is imported stays, and would be looked through many times
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    app = QApplication.instance() or QApplication(sys.argv[:1])
    app.setApplicationName("Otoscope")
    QGuiApplication.setDesktopFileName("otoscope")  # so that a desktop finds the icon
    window = MainWindow(files)
    window.faults.install()
    window.show()
    window.sessions.autosave.start()
    if os.environ.get(SWITCH):
        StartTimes(window)
    elif not window.settings.value("toured"):
        window.settings.setValue("toured", True)
        begin_with_tour(window)
    return app.exec()


def begin_with_tour(window: MainWindow) -> None:
    """The tour of the first page, as soon as it has something to show."""
    def begin(page: Page) -> None:
        window.stack.turned.disconnect(begin)
        page.opened.connect(lambda: QTimer.singleShot(FIRST_TOUR_MS, window.show_tour),
                            Qt.ConnectionType.SingleShotConnection)

    window.stack.turned.connect(begin)
