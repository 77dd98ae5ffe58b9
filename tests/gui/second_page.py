"""A page beside the real ones, and a sound to open."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QWidget

from engine.audio.waveform import AudioFile, Waveform, write_wav
from gui.main_window.pages import Shared
from gui.player import FileSource
from gui.session import Held, Kept
from gui.theme import Theme
from gui.views.actions import Filing, add


class SecondPage(QWidget):
    """As little of a page as there can be: it plays its file, writes its name, and remembers what it was told."""

    title = "Second"
    said, readout, failed = Signal(str), Signal(str), Signal(str)
    working, opened = Signal(str, object), Signal(object)

    def __init__(self, shared: Shared) -> None:
        super().__init__()
        self.batch, self.player = shared.batch, shared.player
        self.asked_to_open: list[Path] = []
        self.cancelled: list[str] = []
        self.shouted, self.saved, self.lost = 0, False, False
        self.source: FileSource | None = None

    def set_theme(self, theme: Theme) -> None:
        self.theme = theme

    def open(self, path: str | Path) -> None:
        self.asked_to_open.append(Path(path))
        if Path(path).exists():
            self.source = FileSource(AudioFile(path))
            self.player.set_source(self.source, keep_position=False)
            self.opened.emit(Path(path))
        else:
            self.failed.emit(f"{path}: there is no such file")

    def cancel(self, lane: str) -> None:
        self.cancelled.append(lane)
        self.working.emit(lane, None)

    def enter(self) -> None:
        if self.source is not None:
            self.player.set_source(self.source, keep_position=False)

    def leave(self) -> None:
        self.player.pause()

    def menu(self, menu: QMenu) -> None:
        add(menu, "Shout", lambda: setattr(self, "shouted", self.shouted + 1), "T")   # a key that Explain has, too

    def exports(self) -> list[tuple[str, str, str, Callable[[Path], None]]]:
        return [("Its name …", "name.txt", "Text (*.txt)", lambda path: path.write_text("Second"))]

    def filing(self) -> list[Filing]:
        return [("Save its name", lambda: setattr(self, "saved", True), "Ctrl+S")]

    def keep(self) -> Kept | None:
        files = {"file": self.asked_to_open[-1]} if self.source else {}
        return None if self.lost else Kept({"shouted": self.shouted}, files=files)

    def restore(self, held: Held) -> None:
        self.shouted, self.lost = held.work["shouted"], bool(held.lost)
        for path in held.files.values():
            self.open(path)

    def may_close(self) -> bool:
        return True

    def close_down(self) -> None:
        self.source = None


def tone(path: Path, hertz: float, seconds: float = 3.0) -> Path:
    t = np.arange(round(seconds * 22050)) / 22050
    write_wav(path, Waveform((0.3 * np.sin(2 * np.pi * hertz * t))[None].astype(np.float32), 22050))
    return path
