"""The rail at the left edge: one button a page."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QButtonGroup, QToolButton, QVBoxLayout, QWidget

from gui.main_window.page_icons import SIZE, icon
from gui.theme import SPACING, Theme, scaled

WIDTH = 72  # px


class Switcher(QWidget):
    """Asks for pages and shows which is in sight."""

    chosen = Signal(str)    # title

    def __init__(self, titles: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setObjectName("switcher")
        self.setFixedWidth(scaled(WIDTH))
        self.setAccessibleName("Pages")
        self._buttons = QButtonGroup(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, SPACING // 2, 0, SPACING)
        column.setSpacing(SPACING // 2)
        for number, title in enumerate(titles, 1):
            button = self._button(title, number)
            self._buttons.addButton(button)
            column.addWidget(button)
        column.addStretch(1)
        self._buttons.buttonClicked.connect(lambda button: self.chosen.emit(button.text()))

    @staticmethod
    def _button(title: str, number: int) -> QToolButton:
        button = QToolButton()
        button.setText(title)
        button.setCheckable(True)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        button.setIconSize(QSize(scaled(SIZE), scaled(SIZE)))
        button.setFixedWidth(scaled(WIDTH))
        button.setAccessibleName(f"Page {title}")
        button.setToolTip(f"{title} ({QKeySequence(key_of(number)).toString(QKeySequence.SequenceFormat.NativeText)})")
        return button

    def show_chosen(self, title: str) -> None:
        """Which page is in sight. Emits nothing."""
        for button in self._buttons.buttons():
            if button.text() == title:
                button.setChecked(True)

    def set_theme(self, theme: Theme) -> None:
        """Quiet buttons; the page in sight has the accent at its edge."""
        for button in self._buttons.buttons():
            button.setIcon(icon(button.text(), theme))
            button.setIconSize(QSize(scaled(SIZE), scaled(SIZE)))
        self.setStyleSheet(f"""
            #switcher {{ background: {theme.window}; border-right: 1px solid {theme.grid}; }}
            QToolButton {{ background: transparent; color: {theme.muted}; border: none; border-radius: 0;
                border-left: 3px solid transparent; padding: 6px 3px 5px 0; font-size: {scaled(85) / 10}pt; }}
            QToolButton:hover {{ color: {theme.text}; background: {theme.raised}; }}
            QToolButton:checked {{ color: {theme.text}; background: {theme.surface};
                border-left: 3px solid {theme.accent}; }}
            QToolButton:focus {{ color: {theme.text}; background: {theme.selection}; padding: 6px 3px 5px 0;
                border: none; border-left: 3px solid {theme.accent}; }}""")


def key_of(number: int) -> str:
    """The key that brings a page into sight."""
    return f"Ctrl+{number}"
