"""What preferences do: to the looks, to the sound, to the engine's threads, and to the cache."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs
from PySide6.QtCore import QObject, Signal

from engine.job import Report
from gui.dialogs.preferences import PreferencesDialog, preference
from gui.theme import Theme

if TYPE_CHECKING:
    from gui.main_window.window import MainWindow

COMPUTED = ("maximise", "scattering", "training")   # folders of the cache with what can be computed again
LANE = "preferences"


class Preferring(QObject):
    """Applies what is kept when the window is furnished, and each change at once."""

    _said = Signal(str)     # of the graphics card, from whatever thread a model is asked on

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._cache = window, Path(platformdirs.user_cache_dir("otoscope"))
        self.dialog: PreferencesDialog | None = None
        window.shared.batch.answered.connect(self._answered)
        self._said.connect(window.complain)
        for key in ("device", "latency", "threads", "graphics card"):
            self._apply(key)

    def ask(self) -> None:
        """Open the dialog; it stays in front of the window that changes behind it."""
        if self.dialog is None:
            devices = self._window.shared.player.devices()
            self.dialog = PreferencesDialog(self._window.settings, devices, self._cache, self._window)
            self.dialog.changed.connect(self._apply)
            self.dialog.clear_asked.connect(lambda: self._measure(clear=True))
        self.dialog.show_kept()
        self.dialog.show()
        self.dialog.raise_()
        self._measure(clear=False)

    def set_theme(self, theme: Theme) -> None:
        """The dialog says which theme is kept, wherever it was chosen."""
        if self.dialog is not None:
            self.dialog.show_kept()

    def _apply(self, key: str) -> None:
        window = self._window
        value = preference(window.settings, key)
        if key in ("theme", "font size", "colour map"):
            window.apply_theme()
        elif key == "device" and (value or window.shared.player.device):
            window.shared.player.set_device(value or None)
        elif key == "latency":
            window.shared.player.set_latency_offset_ms(float(value))
        elif key == "threads":
            for thread in window.shared.threads if value or self.dialog else ():
                thread.ask(LANE, partial(_use_threads, value))
        elif key == "graphics card":
            window.shared.batch.ask(f"{LANE}-card", partial(_use_card, value, self._said.emit))

    def _measure(self, *, clear: bool) -> None:
        self._window.shared.batch.ask(f"{LANE}-cache", partial(_size, self._cache, clear))

    def _answered(self, lane: str, ticket: int, answer: object) -> None:
        if lane == f"{LANE}-cache" and self.dialog is not None and isinstance(answer, int):
            self.dialog.show_cache(answer)


def _use_threads(n: int, report: Report) -> None:
    """Each thread has its own number, so each is told."""
    import os

    import torch

    torch.set_num_threads(n or os.cpu_count() or 1)


def _use_card(on: bool, say: Callable[[str], object], report: Report) -> None:
    from engine import devices

    devices.choose("auto" if on else "cpu", say)


def _size(cache: Path, clear: bool, report: Report) -> int:
    """Bytes of what can be computed again, after deleting it if so asked."""
    if clear:
        for name in COMPUTED:
            shutil.rmtree(cache / name, ignore_errors=True)
    files = (path for name in COMPUTED for path in (cache / name).rglob("*"))
    return sum(path.lstat().st_size for path in files if path.is_file())
