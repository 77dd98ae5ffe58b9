"""How long a start takes: OTOSCOPE_TIMES=1 python3 main.py prints it as JSON on standard output, and closes."""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from gui.main_window.pages import Page
    from gui.main_window.window import MainWindow

SWITCH = "OTOSCOPE_TIMES"
IMPORTED = time.monotonic()


def since_start() -> float:
    """Seconds since this process began, Python included; where the system does not tell, since this was imported."""
    with suppress(OSError, AttributeError, ValueError, IndexError):     # Linux tells, in ticks since it was booted
        fields = Path("/proc/self/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        return time.clock_gettime(time.CLOCK_BOOTTIME) - int(fields[19]) / os.sysconf("SC_CLK_TCK")
    return time.monotonic() - IMPORTED


class StartTimes(QObject):
    """Watches a window until its first page has shown its file; then says when what happened, and closes it."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.times: dict[str, float] = {}
        self._painted: dict[QObject, str] = {}
        self._watch(window.stack, "first paint")
        window.stack.turned.connect(self._turned)

    def _watch(self, widget: QWidget, words: str) -> None:
        self._painted[widget] = words
        widget.installEventFilter(self)

    def _turned(self, page: Page) -> None:
        self._window.stack.turned.disconnect(self._turned)
        self._watch(cast(QWidget, page), "page in sight")
        page.opened.connect(lambda _: QTimer.singleShot(0, self._end))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The first painting of each; what is painted is on the screen when the events go on."""
        if event.type() is QEvent.Type.Paint and watched in self._painted:
            words = self._painted.pop(watched)
            QTimer.singleShot(0, lambda: self.times.setdefault(words, since_start()))
        return False

    def _end(self) -> None:
        """Its file is open, and the window takes events again."""
        self.times["file open"] = since_start()
        sys.stdout.write(json.dumps({words: round(seconds, 2) for words, seconds in self.times.items()}) + "\n")
        sys.stdout.flush()
        self._window.close()
