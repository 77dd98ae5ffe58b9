"""How large a dialog is: as it was drawn up, at the size that text has, and never larger than the screen."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from gui.theme import scaled

SHARE = 0.9     # of the screen at most


def fit(dialog: QWidget, width: int, height: int) -> None:
    """Resize to pixels of text at the usual size."""
    screen = dialog.screen().availableGeometry()
    dialog.resize(min(scaled(width), round(SHARE * screen.width())),
                  min(scaled(height), round(SHARE * screen.height())))
