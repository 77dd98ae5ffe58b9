"""What must not happen while somebody works, and what can be seen of it."""

from __future__ import annotations

import os
import sys
import threading
import traceback
from collections import Counter
from pathlib import Path

from PySide6.QtCore import Qt, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import Qt as Markup
from PySide6.QtWidgets import QLabel, QWidget

from gui.views.plain_text import MARKED


class Trouble:
    """Collects what must not happen, on whatever thread, while it is entered."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.messages: Counter[str] = Counter()

    def __enter__(self) -> Trouble:
        self._before = sys.excepthook, threading.excepthook, qInstallMessageHandler(self._said)
        sys.excepthook = lambda kind, error, trace: self._raised(error)
        threading.excepthook = lambda arguments: self._raised(arguments.exc_value)
        return self

    def __exit__(self, *_: object) -> None:
        sys.excepthook, threading.excepthook = self._before[:2]
        qInstallMessageHandler(self._before[2])

    def _raised(self, error: BaseException | None) -> None:
        self.faults.append("".join(traceback.format_exception(error)) if error else "an exception without one")

    def _said(self, kind: QtMsgType, context: object, message: str) -> None:
        self.messages[f"{kind.name}: {message}"] += 1
        if kind in (QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg):
            self.faults.append(message)


def named(widget: QWidget) -> str:
    """A widget in words."""
    return f"{type(widget).__name__} {widget.accessibleName() or widget.objectName()!r}"


def rich_from_outside(window: QWidget) -> list[str]:
    """Labels and tips that take the name of a file for markup."""
    found = []
    for widget in [window, *window.findChildren(QWidget)]:
        tip = widget.toolTip()
        texts = [] if tip.startswith(MARKED) and "<img" not in tip else [tip]
        if isinstance(widget, QLabel) and widget.textFormat() != Qt.TextFormat.PlainText:
            texts.append(widget.text())
        found += [f"{named(widget)}: {text[:200]}" for text in texts
                  if "<img src=x" in text and Markup.mightBeRichText(text)]
    return found


def megabytes() -> float:
    """Memory of this process now; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
