"""Ctrl+Z belongs to the page in sight, unless a field has something of its own to undo."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QLineEdit, QWidget


class UndoKeys(QObject):
    """Lets the keys of undo and redo through fields that cannot use them."""

    def watch(self, page: QWidget) -> None:
        """Fields of a page, and the boxes around them, which hand keys on to their fields."""
        for field in page.findChildren(QLineEdit):
            field.installEventFilter(self)
            box = field.parentWidget()
            if isinstance(box, (QAbstractSpinBox, QComboBox)):
                box.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A field takes these keys before the menu does, whether or not it can use them."""
        if event.type() != QEvent.Type.ShortcutOverride:
            return False
        field = watched if isinstance(watched, QLineEdit) else watched.findChild(QLineEdit)
        assert isinstance(event, QKeyEvent)
        undo, redo = event.matches(QKeySequence.StandardKey.Undo), event.matches(QKeySequence.StandardKey.Redo)
        if field is not None and ((undo and not field.isUndoAvailable()) or (redo and not field.isRedoAvailable())):
            event.ignore()
            return True
        return False
