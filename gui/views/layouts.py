"""How pages and the panels in their tabs are laid out."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget


def stack_up(page: QWidget, headline: QWidget, middle: QWidget, transport: QWidget) -> None:
    """A page: its headline, what it is about, and what plays, without gaps."""
    layout = QVBoxLayout(page)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    layout.addWidget(headline)
    layout.addWidget(middle, 1)
    layout.addWidget(transport)


def fill_tab(area: QScrollArea, inside: QWidget) -> None:
    """What a tab holds, scrolled where it is too large."""
    area.setWidget(inside)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    for part in (area.viewport(), inside):
        part.setAutoFillBackground(False)  # the tab's background shows through
