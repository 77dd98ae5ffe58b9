"""What of a session could not be opened, or saved, in one list."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gui.theme import SPACING, Theme, scaled
from gui.views.plain_text import say_plainly
from gui.views.wish_fields import named

SIZE = (560, 320)   # px
OPENED = ("Not all of it could be opened", "{} is open as far as it goes", "missing, and the rest is here:")
SAVED = ("Not all of it could be saved", "{} is saved as far as it goes", "not in the file, and the rest is:")
"""Title of the window; what happened; what of the list."""


class MissingDialog(QDialog):
    """Stays beside the window until it is closed; the sentences can be copied."""

    def __init__(self, name: str, sentences: Sequence[str], theme: Theme, parent: QWidget | None = None, *,
                 words: tuple[str, str, str] = OPENED) -> None:
        super().__init__(parent)
        title, happened, of_them = words
        self.setWindowTitle(title)
        self.resize(*map(scaled, SIZE))
        things = "One thing is" if len(sentences) == 1 else f"{len(sentences):,} things are"
        self.title = QLabel(happened.format(name))
        self.explained = QLabel(f"{things} {of_them}")
        self.list, self.copy, self.close_it = QListWidget(), QPushButton("Copy"), QPushButton("Close")
        self.list.addItems(list(sentences))
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAlternatingRowColors(True)
        self.list.setStyleSheet("QListWidget { outline: 0; } QListWidget::item { padding: 5px 8px; }")
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        for widget, word, tip in ((self.list, "What is missing", ""), (self.copy, "Copy", "All sentences as text"),
                                  (self.close_it, "Close", "Go on with what is there")):
            named(widget, word, tip)
        self.title.setWordWrap(True)
        self.close_it.setDefault(True)
        self.copy.clicked.connect(lambda checked: QGuiApplication.clipboard().setText("\n".join(sentences)))
        self.close_it.clicked.connect(lambda checked: self.close())
        self._lay_out()
        say_plainly(self)
        self.set_theme(theme)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACING)
        buttons.addWidget(self.copy)
        buttons.addStretch(1)
        buttons.addWidget(self.close_it)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * SPACING, 2 * SPACING, 2 * SPACING, 2 * SPACING)
        column.setSpacing(SPACING)
        for widget in (self.title, self.explained, self.list):
            column.addWidget(widget, int(widget is self.list))
        column.addSpacing(SPACING)
        column.addLayout(buttons)

    def set_theme(self, theme: Theme) -> None:
        """What is read first, and what explains it."""
        self.title.setStyleSheet(f"color: {theme.text}; font-size: {self.font().pointSizeF() * 1.3:.1f}pt; "
                                 "font-weight: 600")
        self.explained.setStyleSheet(f"color: {theme.muted}")
