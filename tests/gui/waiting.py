"""Waiting for what other threads do."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QEventLoop, QTimer

PATIENCE = 60.0


def wait_for(true: Callable[[], object], seconds: float = PATIENCE) -> None:
    """As `qtbot.waitUntil`, for what lives longer than a test; it leaves the engine its turn."""
    spin(true, time.monotonic() + seconds)
    assert true()  # here, where no traceback keeps a timer that another thread might then collect


def spin(true: Callable[[], object], until: float) -> None:
    """An event loop, for `QTest.qWait` holds the interpreter's lock."""
    loop, look = QEventLoop(), QTimer()
    look.timeout.connect(lambda: loop.quit() if true() or time.monotonic() > until else None)
    look.start(5)
    loop.exec()
