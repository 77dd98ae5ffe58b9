"""A walk through the window that knows no plan: clicks, keys, menus, drags, files good and bad, from one seed.

What a person would be asked in a dialog of the system is answered by the dice. Quit is left out.
"""

from __future__ import annotations

import os
import random
import sys
import threading
import time
import traceback
from collections import Counter, deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile as sf
from PySide6.QtCore import QEventLoop, QMimeData, QPoint, QPointF, Qt, QTimer, QtMsgType, QUrl, qInstallMessageHandler
from PySide6.QtGui import QDesktopServices, QDrag, QDropEvent, QWheelEvent
from PySide6.QtGui import Qt as Markup
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QDialog,
    QFileDialog,
    QInputDialog,
    QLabel,
    QMenu,
    QMenuBar,
    QMessageBox,
    QWidget,
)

from gui.main_window import MainWindow
from gui.views.plain_text import MARKED

LETTERS = "ABCDEFGabcdefgz|:[]()'\",/234 \n-^_=<>!%KMLX1"
KEYS = [Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Up,
        Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_PageUp,
        Qt.Key.Key_PageDown, Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_Insert, Qt.Key.Key_Plus,
        Qt.Key.Key_Minus, Qt.Key.Key_BracketLeft, Qt.Key.Key_BracketRight, *map(Qt.Key, range(Qt.Key.Key_F1,
        Qt.Key.Key_F12)), *map(Qt.Key, range(Qt.Key.Key_0, Qt.Key.Key_9)), *map(Qt.Key, range(Qt.Key.Key_A,
        Qt.Key.Key_Z))]
CHORDS = [Qt.KeyboardModifier.NoModifier] * 4 + [
    Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier]
LEFT_OUT = ("quit", "print")    # words of actions that would end the walk
HOSTILE = "<img src=x onerror=alert(1)> & <b>bold.wav"
LONGEST_STEP = 0.5              # seconds after which a menu is closed that waits for somebody
LATEST = 40                     # steps that are told when one fails


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


class Walk:
    """Steps through a window.

    Parameters
    ----------
    window
        Shown, with a page in sight.
    seed
        Of the dice: the same one takes the same steps, as far as the engine answers alike.
    folder
        For files.
    patch
        Answers dialogs of the system from the dice.
    """

    def __init__(self, window: MainWindow, seed: int, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.window, self.dice, self.folder = window, random.Random(seed), folder
        self.latest: deque[str] = deque(maxlen=LATEST)
        self.counts: Counter[str] = Counter()
        self.files = _files(folder)
        self._steps: list[tuple[int, Callable[[], str]]] = [
            (24, self.click), (18, self.key), (6, self.write), (10, self.menu), (10, self.drag), (6, self.wheel),
            (5, self.open), (6, self.turn), (4, self.cancel), (1, self.theme), (3, self.resize), (2, self.drop),
            (5, self.answer), (3, self.change), (2, self.wait)]
        self._replace_dialogs(patch)
        self._since = time.monotonic()
        self._looker = QTimer(interval=100)
        self._looker.timeout.connect(self._look_into_loops)
        self._looker.start()

    def _look_into_loops(self) -> None:
        """A menu of a button or a field keeps the step until it is closed: choose from it, or not."""
        popup = QApplication.activePopupWidget()
        if popup is None or time.monotonic() - self._since < LONGEST_STEP:
            return
        actions = [a for a in popup.actions() if a.isEnabled() and not a.menu()] if isinstance(popup, QMenu) else []
        if actions and self.dice.random() < 0.5:
            action = self.dice.choice(actions)
            self.latest.append(f"chosen {action.text()}")
            popup.close()
            action.trigger()
        else:
            popup.close()

    def step(self) -> None:
        """One thing that somebody might do, and a moment for the window."""
        weights, doings = zip(*self._steps, strict=True)
        doing = self.answer if self.dialogs() and self.dice.random() < 0.4 else self.dice.choices(doings, weights)[0]
        self.counts[doing.__name__] += 1
        self.latest.append(doing.__name__)
        self._since = time.monotonic()
        self.latest[-1] += f" {doing()}"
        spin(self.dice.choice((0.0, 0.0, 0.005, 0.03)))

    # what is there

    def dialogs(self) -> list[QWidget]:
        """Windows in front of the window."""
        return [w for w in QApplication.topLevelWidgets() if w.isVisible() and w is not self.window
                and isinstance(w, QDialog)]

    def targets(self) -> list[QWidget]:
        """What can be clicked now: of the popup, of a dialog, else of the window."""
        popup, modal = QApplication.activePopupWidget(), QApplication.activeModalWidget()
        root = popup or modal or self.dice.choice([self.window, self.window, *self.dialogs()])
        found = [w for w in root.findChildren(QWidget) if w.isVisible() and w.isEnabled() and w.width() > 3
                 and w.height() > 3 and not isinstance(w, QMenuBar | QMenu)]
        return found or [root]

    def place(self, widget: QWidget) -> QPoint:
        """Somewhere on a widget."""
        return QPoint(self.dice.randrange(max(1, widget.width())), self.dice.randrange(max(1, widget.height())))

    # what is done; each says it in a few words

    def click(self) -> str:
        widget = self.dice.choice(self.targets())
        buttons = [Qt.MouseButton.LeftButton] * 6 + [Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton]
        done = self.dice.choice([QTest.mouseClick] * 5 + [QTest.mouseDClick])
        words = named(widget)
        done(widget, self.dice.choice(buttons), self.dice.choice(CHORDS), self.place(widget))
        return words

    def key(self) -> str:
        widget = QApplication.focusWidget() or self.window
        key, chord = self.dice.choice(KEYS), self.dice.choice(CHORDS)
        ends = key == Qt.Key.Key_Q and chord & Qt.KeyboardModifier.ControlModifier
        if not ends and not (key == Qt.Key.Key_F4 and chord & Qt.KeyboardModifier.AltModifier):
            words = f"{key.name} {chord.name} on {named(widget)}"
            QTest.keyClick(widget, key, chord)
            return words
        return "nothing"

    def write(self) -> str:
        text = "".join(self.dice.choices(LETTERS, k=self.dice.randint(1, 12)))
        widget = QApplication.focusWidget() or self.window
        words = f"{text!r} on {named(widget)}"
        for letter in text:
            if letter == "\n":
                QTest.keyClick(widget, Qt.Key.Key_Return)
            else:
                QTest.keyClick(widget, letter)
        return words

    def menu(self) -> str:
        actions = [a for a in self.window.actions_of_all_menus()
                   if a.isEnabled() and not any(word in a.text().lower().replace("&", "") for word in LEFT_OUT)]
        if not actions or QApplication.activeModalWidget():
            return "nothing"
        action = self.dice.choice(actions)
        words = action.text()
        action.trigger()
        return words

    def drag(self) -> str:
        widget = self.dice.choice(self.targets())
        button, chord, words = Qt.MouseButton.LeftButton, self.dice.choice(CHORDS), named(widget)
        QTest.mousePress(widget, button, chord, self.place(widget))
        for _ in range(self.dice.randint(1, 6)):
            spin(0.0)
            if not alive(widget):
                return words
            QTest.mouseMove(widget, self.place(widget))
        if alive(widget):
            QTest.mouseRelease(widget, button, chord, self.place(widget))
        return words

    def wheel(self) -> str:
        widget = self.dice.choice(self.targets())
        place, words = QPointF(self.place(widget)), named(widget)
        turn = QPoint(self.dice.choice((0, 0, 120, -120)), self.dice.choice((120, -120, 960, -960)))
        QApplication.sendEvent(widget, QWheelEvent(
            place, widget.mapToGlobal(place), QPoint(), turn, Qt.MouseButton.NoButton, self.dice.choice(CHORDS),
            Qt.ScrollPhase.NoScrollPhase, False))
        return words

    def open(self) -> str:
        path = self.dice.choice(self.files)
        self.window.open(path)
        return path.name

    def drop(self) -> str:
        path, data = self.dice.choice(self.files), QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        self.window.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
                                         Qt.KeyboardModifier.NoModifier))
        return path.name

    def turn(self) -> str:
        title = self.dice.choice(list(self.window.stack.entries))
        self.window.stack.show_page(title)
        return title

    def cancel(self) -> str:
        for page in self.window.stack.pages:
            for lane in self.window.stack.entries[page.title].jobs:
                page.cancel(lane)
        return "all"

    def theme(self) -> str:
        name = self.dice.choice(("dark", "light", "system"))
        self.window.settings.setValue("theme", name)
        self.window.apply_theme()
        return name

    def resize(self) -> str:
        size = self.dice.choice(((1280, 800), (800, 600), (400, 300), (1920, 1080), (3000, 1500), (1000, 3000)))
        self.window.resize(*size)
        return str(size)

    def answer(self) -> str:
        """Do something to a dialog; leave it, more often than not."""
        found = self.dialogs()
        if not found:
            return "nothing"
        dialog = self.dice.choice(found)
        words = named(dialog)
        if self.dice.random() < 0.6 and isinstance(dialog, QDialog):
            dialog.reject()
            return f"left {words}"
        buttons = [b for b in dialog.findChildren(QAbstractButton) if b.isVisible() and b.isEnabled()
                   and not any(word in b.text().lower() for word in LEFT_OUT)]
        if buttons:
            button = self.dice.choice(buttons)
            words += f": {button.text()}"
            button.click()
        return words

    def change(self) -> str:
        widget = self.dice.choice(self.targets())
        words = named(widget)
        if isinstance(widget, QComboBox) and widget.count():
            widget.setCurrentIndex(self.dice.randrange(widget.count()))
        elif isinstance(widget, QAbstractSlider):
            widget.setValue(self.dice.randint(widget.minimum(), max(widget.minimum(), widget.maximum())))
        return words

    def wait(self) -> str:
        spin(self.dice.choice((0.1, 0.5)))
        return ""

    # dialogs of the system

    def _replace_dialogs(self, patch: pytest.MonkeyPatch) -> None:
        def chosen(*_: Any, **__: Any) -> tuple[str, str]:
            return (str(self.dice.choice(self.files)), "") if self.dice.random() < 0.7 else ("", "")

        def named_new(*_: Any, **__: Any) -> tuple[str, str]:
            new = self.folder / "out" / f"{self.dice.randrange(20)}"
            return (str(new), "") if self.dice.random() < 0.7 else ("", "")

        def folder(*_: Any, **__: Any) -> str:
            return self.dice.choice((str(self.folder / "out"), str(self.folder / "good"), ""))

        def answered(*arguments: Any, **_: Any) -> QMessageBox.StandardButton:
            buttons = next((a for a in arguments if isinstance(a, QMessageBox.StandardButton)),
                           QMessageBox.StandardButton.Ok)
            offered = [one for one in QMessageBox.StandardButton if one.value and one in buttons
                       and bin(one.value).count("1") == 1]
            return self.dice.choice(offered or [QMessageBox.StandardButton.Ok])

        def left(dialog: QDialog) -> int:
            dialog.show()
            QTimer.singleShot(0, dialog.reject)
            return 0

        for name, fake in (("getOpenFileName", chosen), ("getSaveFileName", named_new),
                           ("getExistingDirectory", folder)):
            patch.setattr(QFileDialog, name, staticmethod(fake))
        for name in ("question", "warning", "information", "critical"):
            patch.setattr(QMessageBox, name, staticmethod(answered))
        patch.setattr(QDialog, "exec", left)
        patch.setattr(QMessageBox, "exec", left)
        patch.setattr(QInputDialog, "getText", staticmethod(lambda *_, **__: ("a name", self.dice.random() < 0.5)))
        patch.setattr(QMenu, "exec", lambda *_: None)
        patch.setattr(QDrag, "exec", lambda *_: Qt.DropAction.IgnoreAction)
        patch.setattr(QDesktopServices, "openUrl", staticmethod(lambda *_: True))


def spin(seconds: float) -> None:
    """Let the window do what it has to."""
    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()


def alive(widget: QWidget) -> bool:
    """Whether Qt still has it."""
    try:
        return widget.isVisible()
    except RuntimeError:
        return False


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


def _files(folder: Path) -> list[Path]:
    """Good files and bad ones, of all kinds that the window opens."""
    good, bad = folder / "good", folder / "bad"
    for one in (good, bad, folder / "out"):
        one.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    t = np.arange(4 * 22050) / 22050
    for name, hz, channels in (("low.wav", 300, 1), ("high.flac", 3000, 2), ("song.ogg", 700, 1), (HOSTILE, 500, 1)):
        y = 0.3 * np.sin(2 * np.pi * hz * t) + 0.05 * rng.standard_normal(len(t))
        sf.write(good / name, np.stack([y] * channels, axis=1), 22050)
    (good / "low.csv").write_text("start,end,name\n0,1,<b>a</b>\n2,3,b\n")
    (good / "tune.abc").write_text("X:1\nT:<img src=x> & One\nM:6/8\nL:1/8\nK:D\n|:DFA dAF|GBd gdB:|\n\n"
                                   "X:2\nT:Two\nM:4/4\nK:G\nGABc d2e2|")
    (good / "broken.abc").write_text("X:1\nK:none\n(3[A\"\x0b!{|:::[9-1A999/256>>>\n")
    whole = (good / "low.wav").read_bytes()
    for name, data in (("cut.wav", whole[:3000]), ("empty.wav", b""), ("noise.ogg", rng.bytes(5000)),
                       ("text.mp3", b"hello"), ("noise.mid", b"MThd" + rng.bytes(300)),
                       ("noise.mxl", b"PK\x03\x04" + rng.bytes(300)), ("noise.pkl", rng.bytes(300)),
                       ("noise.oto", rng.bytes(300)),
                       ("noise.abc", rng.bytes(300)), ("card.yaml", b"file: x.pt\n"), ("x" * 200 + ".wav", b"RIFF")):
        (bad / name).write_bytes(data)
    return [*sorted(good.iterdir()), *sorted(bad.iterdir()), folder / "missing.wav", bad]
