"""What the first page needs and only Qt's thread may do, in pieces that are too short to be noticed.

PySide6 makes each class of Qt when it is first asked for, and pyqtgraph asks for all of them when it is imported: for a
fifth of a second and more the window would take no events. Imported beside a running event loop, on another thread, it
ended the process once.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from importlib import import_module

from PySide6 import QtCore, QtGui, QtWidgets

PIECE_SECONDS = 0.008
DRAWING = "pyqtgraph"


def warming() -> Iterator[bool]:
    """Make all classes of Qt, piece by piece, and then import what asks for them; nothing where that was done."""
    if DRAWING in sys.modules:
        return
    until = time.perf_counter() + PIECE_SECONDS
    for module in (QtCore, QtGui, QtWidgets):
        for name in dir(module):
            getattr(module, name)
            if time.perf_counter() > until:
                yield True
                until = time.perf_counter() + PIECE_SECONDS
    yield True
    import_module(DRAWING)
