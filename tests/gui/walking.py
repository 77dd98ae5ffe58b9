"""A walk through the window that knows no plan: clicks, keys, menus, drags, files good and bad, from one seed.

What a person would be asked in a dialog of the system is answered by the dice. Quit is left out.
"""

from __future__ import annotations

import random
import time
from collections import Counter, deque
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QEventLoop, QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDropEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QDialog,
    QMenu,
    QMenuBar,
    QWidget,
)

from gui.main_window import MainWindow
from tests.gui.diced_dialogs import answer_dialogs
from tests.gui.trouble import named
from tests.gui.walked_files import files_in

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
LONGEST_STEP = 0.5              # seconds after which a menu is closed that waits for somebody
LATEST = 40                     # steps that are told when one fails


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
        self.files = files_in(folder)
        self._steps: list[tuple[int, Callable[[], str]]] = [
            (24, self.click), (18, self.key), (6, self.write), (10, self.menu), (10, self.drag), (6, self.wheel),
            (5, self.open), (6, self.turn), (4, self.cancel), (1, self.theme), (3, self.resize), (2, self.drop),
            (5, self.answer), (3, self.change), (2, self.wait)]
        answer_dialogs(patch, self.dice, self.files, folder)
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
