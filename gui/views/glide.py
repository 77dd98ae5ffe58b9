"""Scrolls so that a place comes into sight, smoothly, and never against hands that have scrolled just now."""

from __future__ import annotations

import time
from math import inf

from PySide6.QtCore import QEasingCurve, QObject, QPropertyAnimation
from PySide6.QtWidgets import QScrollBar

GLIDE_MS = 300
HANDS_OFF = 3.0                 # seconds after the user scrolled, in which nothing else does
FAR = 4                         # views away: there is nothing to be seen on such a way


class Glide(QObject):
    """Moves a scroll bar."""

    def __init__(self, bar: QScrollBar) -> None:
        super().__init__(bar)
        self._bar, self._touched = bar, -inf
        bar.actionTriggered.connect(lambda action: self.touched())
        self._way = QPropertyAnimation(bar, b"value", self)
        self._way.setDuration(GLIDE_MS)
        self._way.setEasingCurve(QEasingCurve.Type.OutCubic)

    def touched(self) -> None:
        """The user scrolls: nothing else does for a while."""
        self._way.stop()
        self._touched = time.monotonic()

    @property
    def hands_off(self) -> bool:
        """Whether the user has not scrolled just now."""
        return time.monotonic() - self._touched > HANDS_OFF

    def show(self, top: float, bottom: float, *, smoothly: bool = True) -> None:
        """Scroll so that what is between two values is in sight, if it is not."""
        bar, height = self._bar, self._bar.pageStep()
        gliding = self._way.state() == QPropertyAnimation.State.Running
        value = int(self._way.endValue()) if gliding else bar.value()
        if value <= top and bottom <= value + height:
            return
        goal = min(max(0, round(top - height / 4)), bar.maximum())
        self._way.stop()
        if not smoothly or abs(goal - bar.value()) > FAR * height:
            bar.setValue(goal)
            return
        self._way.setStartValue(bar.value())
        self._way.setEndValue(goal)
        self._way.start()
