"""A button for what takes so long that nobody gets it without asking."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton, QWidget


class CostlyOffer(QPushButton):
    """Says what it works out and how long that takes; out of sight where there is nothing to offer.

    Parameters
    ----------
    what
        What it works out.
    tip
        Why that takes long.
    """

    def __init__(self, what: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._what = what
        self.setToolTip(tip)
        self.setAccessibleDescription(tip)
        self.offer("")

    def offer(self, wait: str) -> None:
        """About how long it takes, in words; "" for nothing to offer."""
        text = f"{self._what} (about {wait})"
        self.setText(text)
        self.setAccessibleName(text)
        self.setVisible(bool(wait))
