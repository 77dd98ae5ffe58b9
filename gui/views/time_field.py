"""Times as they are shown and typed beside the play button."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit

TIME = re.compile(r"(?:(?:(\d+):)?(\d{1,2}):)?(\d+(?:[.,]\d*)?)")


def time_text(seconds: float) -> str:
    """Minutes, seconds and hundredths; hours where there are any."""
    hundredths = round(100 * max(0.0, seconds))
    minutes, rest = divmod(hundredths, 6000)
    hours, minutes = divmod(minutes, 60)
    tail = f"{rest // 100:02d}.{rest % 100:02d}"
    return f"{hours}:{minutes:02d}:{tail}" if hours else f"{minutes}:{tail}"


def seconds_of(text: str) -> float | None:
    """Seconds of `83.5`, `1:23.5` or `1:02:03`; None where it is no time."""
    match = TIME.fullmatch(text.strip())
    if not match:
        return None
    hours, minutes, rest = match.groups()
    return 3600 * int(hours or 0) + 60 * int(minutes or 0) + float(rest.replace(",", "."))


class TimeField(QLineEdit):
    """Shows the position; a click makes it a field to type a time into. Esc leaves it as it was."""

    entered = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self._seconds = 0.0
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setToolTip("Position; click and type a time to go there (83.5 or 1:23.5)")
        self.returnPressed.connect(self._enter)
        self.show_seconds(0.0)

    def show_seconds(self, seconds: float) -> None:
        """The position, unless somebody types."""
        self._seconds = seconds
        text = time_text(seconds)
        if not self.hasFocus() and text != self.text():
            self.setText(text)

    def _enter(self) -> None:
        seconds = seconds_of(self.text())
        if seconds is None:
            self.selectAll()
            return
        self.entered.emit(seconds)
        self.show_seconds(seconds)
        self.clearFocus()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """All is selected, so that typing replaces it."""
        super().focusInEvent(event)
        # a click would place the cursor after this and select nothing
        if event.reason() != Qt.FocusReason.MouseFocusReason:
            self.selectAll()

    def mouseReleaseEvent(self, event: object) -> None:
        """Select all on a click, but leave a selection that was drawn."""
        super().mouseReleaseEvent(event)  # type: ignore[arg-type]
        if not self.hasSelectedText():
            self.selectAll()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """What was not entered is forgotten."""
        super().focusOutEvent(event)
        self.setText(time_text(self._seconds))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc leaves the field."""
        if event.key() == Qt.Key.Key_Escape:
            self.clearFocus()
        else:
            super().keyPressEvent(event)
