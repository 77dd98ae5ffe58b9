"""What is known to have been changed in a sound, as a layer on its spectrogram with its legend."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QIcon, QImage, QPixmap
from PySide6.QtWidgets import QToolButton, QWidget

from engine.audio.pyramid import ImagePyramid
from gui.theme import DARK, SPACING, Table, Theme, colour, tabular
from gui.views.pyramid_item import PyramidItem

INK = {"dark": "#2ef2c2", "light": "#0a8f3c"}   # neither that of loudness nor those of weights
STRONGEST = 0.9
SCALE = QSize(56, 10)                           # px


def change_table(theme: Theme) -> Table:
    """Colours from no change to the largest: uint8 (256, 4), one hue whose opacity grows."""
    made, ink = np.empty((256, 4), np.uint8), QColor(INK[theme.name])
    made[:, :3] = ink.red(), ink.green(), ink.blue()
    made[:, 3] = np.rint(255 * STRONGEST * np.linspace(0.0, 1.0, 256))
    return made


class ChangeLayer:
    """The picture, and the button in the corner that is its legend and switches it."""

    def __init__(self, parent: QWidget) -> None:
        self._pyramid: ImagePyramid | None = None
        self._seen = (0.0, 1.0, 1)
        self.item = PyramidItem()
        self.item.hide()
        self.legend = QToolButton(parent)
        self.legend.setCheckable(True)
        self.legend.setChecked(True)
        self.legend.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.legend.setIconSize(SCALE)
        self.legend.setFont(tabular(parent.font(), -1.0))
        self.legend.setCursor(Qt.CursorShape.PointingHandCursor)
        self.legend.setAccessibleName("Show what is known to be changed")
        self.legend.setToolTip("How far each bin was changed on purpose, louder or softer (C)")
        self.legend.toggled.connect(self.item.setVisible)
        self.legend.hide()
        self.set_theme(DARK)

    def show_change(self, pyramid: ImagePyramid | None, seconds_per_frame: float) -> None:
        """Show |change| in dB from `low` to `high` of a pyramid, or nothing."""
        self._pyramid = pyramid
        self.legend.setVisible(pyramid is not None)
        self.item.setVisible(pyramid is not None and self.legend.isChecked())
        if pyramid is None:
            return
        self.legend.setText(f" Known change, {pyramid.low:.0f} to {pyramid.high:.0f} dB")
        self.legend.adjustSize()
        self.item.set_pyramid(pyramid, seconds_per_frame)
        self.show_range(*self._seen)

    def toggle(self) -> None:
        """Show or hide it."""
        if self._pyramid is not None:
            self.legend.toggle()

    def show_range(self, start: float, stop: float, pixels: int) -> None:
        """What is in sight, in seconds, and on how many pixels."""
        self._seen = start, stop, pixels
        if self._pyramid is not None:
            self.item.show_range(start, stop, pixels)

    def value(self, band: int, frame: int) -> float | None:
        """Change of one bin in dB, while it is shown."""
        if self._pyramid is None or not self.item.isVisible() or frame >= self._pyramid.frames:
            return None
        return self._pyramid.value(band, frame)

    def place(self, right: int, top: int) -> None:
        """Put the legend into the corner of the plot."""
        self.legend.move(right - self.legend.width() - SPACING, top + SPACING)

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        table = change_table(theme)
        self.item.set_colours(table)
        self.show_range(*self._seen)
        row = np.ascontiguousarray(table[np.linspace(0, 255, SCALE.width()).astype(int)])
        image: Any = QImage(row.data, SCALE.width(), 1, 4 * SCALE.width(), QImage.Format.Format_RGBA8888).copy()
        self.legend.setIcon(QIcon(QPixmap.fromImage(image.scaled(SCALE))))
        veil = colour(theme.surface, 0.85)
        shade = f"rgba({veil.red()}, {veil.green()}, {veil.blue()}, {veil.alphaF():.2f})"
        self.legend.setStyleSheet(
            f"QToolButton {{ background: {shade}; color: {theme.muted}; border: 1px solid {theme.grid};"
            f" border-radius: 4px; padding: 3px 8px; }} QToolButton:checked {{ color: {theme.text};"
            f" border-color: {INK[theme.name]}; background: {shade}; }}"
            f" QToolButton:focus {{ border: 2px solid {theme.accent}; padding: 2px 7px; }}")
