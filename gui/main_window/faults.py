"""Faults of the program itself, on whatever thread, are told to the window; they are printed as before, too.

Python calls the same hooks for what is raised in slots of Qt.
"""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any

from PySide6.QtCore import QObject, Signal

from engine.checks import InputError


class Faults(QObject):
    """Listens while it is installed."""

    happened = Signal(str, str)     # a sentence, and the traceback

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._before: tuple[Callable[..., Any], Callable[..., Any]] | None = None
        self._last: BaseException | None = None

    def install(self) -> None:
        """Hear of everything that nobody caught."""
        self._before = sys.excepthook, threading.excepthook
        sys.excepthook, threading.excepthook = self._uncaught, self._uncaught_in_thread

    def remove(self) -> None:
        """Hear of nothing more."""
        if self._before is not None:
            sys.excepthook, threading.excepthook = self._before
            self._before = None

    def note(self, error: BaseException) -> None:
        """What work ended with; a page says the sentence soon, and asks for the `details`."""
        self._last = error

    def details(self, sentence: str) -> str:
        """The traceback of what was noted last, if a sentence tells of it and the fault is the program's."""
        error, self._last = self._last, None
        if error is None or isinstance(error, InputError) or str(error) not in sentence:
            return ""
        return "".join(traceback.format_exception(error))

    def _uncaught(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if self._before is not None:
            self._before[0](kind, error, trace)
        self._tell(error, trace)

    def _uncaught_in_thread(self, arguments: threading.ExceptHookArgs) -> None:
        if self._before is not None:
            self._before[1](arguments)
        if arguments.exc_value is not None:
            self._tell(arguments.exc_value, arguments.exc_traceback)

    def _tell(self, error: BaseException, trace: TracebackType | None) -> None:
        if isinstance(error, KeyboardInterrupt | SystemExit):
            return
        sentence = str(error) if isinstance(error, InputError) else (
            f"Otoscope made a mistake ({type(error).__name__}: {str(error)[:200]}); what you did last may not have "
            "worked")
        self.happened.emit(sentence, "".join(traceback.format_exception(type(error), error, trace)))
