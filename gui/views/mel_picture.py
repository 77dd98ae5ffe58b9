"""Excerpts of log-mels as pictures: made once when they change, and only copied to the screen when it is drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.theme import DARK, SPACING, Theme, loudness_table

Mel = NDArray[np.floating[Any]]
RANGE_DB = 80.0               # from the loudest that is drawn to the quietest
NEPER = math.log(10) / 20     # of a decibel, in natural logarithms of magnitude
FALLBACK = (-RANGE_DB * NEPER, 0.0)


def loudness_range(mels: Sequence[Mel]) -> tuple[float, float]:
    """Levels that are drawn black and white, one pair for all, so that pictures can be compared.

    White is the upper quartile of what is loudest in each of them: one that exploded shall not darken the others.
    """
    loudest = [float(mel.max(initial=-np.inf)) for mel in mels]
    finite = [level for level in loudest if math.isfinite(level)]
    if not finite:
        return FALLBACK
    white = float(np.quantile(finite, 0.75))
    return white - RANGE_DB * NEPER, white


@cache
def _packed(theme: Theme) -> NDArray[np.uint32]:
    rgb = loudness_table(theme).astype(np.uint32)
    return np.asarray(0xFF000000 | rgb[:, 0] << 16 | rgb[:, 1] << 8 | rgb[:, 2], np.uint32)


def mel_image(mel: Mel, theme: Theme, levels: tuple[float, float]) -> QImage:
    """One pixel for each band and frame of a log-mel (bands, frames), the lowest band at the bottom; NaN is black."""
    low, high = levels
    share = np.nan_to_num((mel[::-1] - low) * (255 / (high - low)), nan=0.0, posinf=255.0, neginf=0.0)
    pixels = _packed(theme)[np.clip(share, 0, 255).astype(np.uint8)]
    bands, frames = pixels.shape
    return QImage(np.ascontiguousarray(pixels).tobytes(), frames, bands, 4 * frames,
                  QImage.Format.Format_RGB32).copy()  # the copy owns its pixels


class MelPicture(QWidget):
    """One log-mel, as large as there is room for; without one it says why."""

    def __init__(self, name: str, *, empty: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme, self._empty = DARK, empty
        self._mel: Mel | None = None
        self._levels: tuple[float, float] | None = None
        self._image: QImage | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(96, 64)
        self.setAccessibleName(name)
        self.setToolTip(name)

    def sizeHint(self) -> QSize:
        """Two pixels for each frame and band."""
        return QSize(230, 160)

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self.theme = theme
        self._make()

    def show_mel(self, mel: Mel | None, levels: tuple[float, float] | None = None) -> None:
        """Show another log-mel (bands, frames), or none; `levels` are its own where they are not given."""
        self._mel, self._levels = mel, levels
        self._make()

    def set_empty(self, words: str) -> None:
        """What is said where there is no picture."""
        self._empty = words
        self.update()

    @property
    def has_picture(self) -> bool:
        """Whether something is shown."""
        return self._image is not None

    def _make(self) -> None:
        mel = self._mel
        self._image = None if mel is None else mel_image(mel, self.theme, self._levels or loudness_range([mel]))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The picture, or why there is none."""
        painter = QPainter(self)
        if self._image is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(QRectF(self.rect()), self._image, QRectF(self._image.rect()))
            painter.setPen(QColor(self.theme.grid))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))  # where quiet is white, it has no other edge
        else:
            painter.fillRect(self.rect(), QColor(self.theme.surface))
            painter.setPen(QColor(self.theme.muted))
            room = self.rect().adjusted(2 * SPACING, SPACING, -2 * SPACING, -SPACING)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._empty)
        painter.end()
