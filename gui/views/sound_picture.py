"""The spectrogram of one sound with its name on it, for several of them above one another."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from engine.audio.pyramid import ImagePyramid
from gui.theme import SPACING, Theme, colour, loudness_table, tabular
from gui.views.frequency_axis import FrequencyAxis, note_name
from gui.views.pyramid_item import PyramidItem
from gui.views.time_plot import TimePlot, time_text

DECIBELS = 20 / math.log(10)  # of a natural logarithm of magnitude
TIP = "Wheel: zoom · Shift+wheel or drag: pan · click: play from here"


class NameTag(QWidget):
    """A name in the corner of a plot, on a veil of the background; a dot before the sound that is heard."""

    def __init__(self, parent: QWidget, name: str) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._name, self._note, self._heard = name, "", False
        self._ink, self._veil, self._accent = QColor("white"), QColor("black"), QColor("white")
        self.setFont(tabular(self.font(), -0.5))

    def set_colours(self, theme: Theme) -> None:
        """Colours."""
        self._ink, self._veil, self._accent = QColor(theme.text), colour(theme.surface, 0.82), QColor(theme.accent)
        self.update()

    def show_note(self, note: str) -> None:
        """What is said behind the name."""
        self._note = note
        self._fit()

    def show_heard(self, heard: bool) -> None:
        """Whether this is the sound that is heard."""
        self._heard = heard
        self._fit()

    @property
    def text(self) -> str:
        """All that it says."""
        return f"{self._name} · {self._note}" if self._note else self._name

    def _fit(self) -> None:
        room = 3 * SPACING if self._heard else SPACING
        self.resize(self.fontMetrics().horizontalAdvance(self.text) + room + SPACING,
                    self.fontMetrics().height() + SPACING // 2)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The veil, the dot and the text."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._veil)
        painter.drawRoundedRect(self.rect(), 4, 4)
        left = SPACING
        if self._heard:
            painter.setBrush(self._accent)
            middle = self.height() / 2
            painter.drawPolygon([QPointF(left, middle - 4.5), QPointF(left + 8, middle),
                                 QPointF(left, middle + 4.5)])
            left += 2 * SPACING
        painter.setPen(self._ink)
        painter.drawText(QRectF(left, 0, self.width(), self.height()),
                         Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text)
        painter.end()


class SoundPicture(TimePlot):
    """Frame t is drawn around t * seconds_per_frame."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        self.frequency_axis = FrequencyAxis()
        self.frequency_axis.set_centres(np.array([0.0, 1.0]))  # no frequency is named before there is a picture
        super().__init__(left_axis=self.frequency_axis, parent=parent)
        self._name = name
        self._pyramid: ImagePyramid | None = None
        self._spf = 1.0
        self._image = PyramidItem()
        self.plotItem.vb.addItem(self._image, ignoreBounds=True)
        self._image.hide()
        self.tag = NameTag(self, name)
        self.setMinimumHeight(72)
        self.set_time_labels(False)
        self.range_changed.connect(self._upload)
        self.plotItem.vb.sigResized.connect(self._resized)
        self.describe(f"Spectrogram: {name}", f"Spectrogram of the {name} sound", TIP)

    def set_picture(self, pyramid: ImagePyramid | None, *, seconds_per_frame: float,
                    frequencies: NDArray[np.float64]) -> None:
        """Show another sound, or nothing; `frequencies` (bands + 2,) in Hz are the edges and centres of the bands.

        What is in sight stays in sight.
        """
        self._pyramid, self._spf = pyramid, seconds_per_frame
        self._image.setVisible(pyramid is not None)
        self.frequency_axis.set_centres(frequencies[1:-1])
        bands = len(frequencies) - 2
        self.plotItem.vb.setLimits(yMin=0, yMax=bands)
        self.plotItem.vb.setYRange(0, bands, padding=0)
        if pyramid is not None:
            self._image.set_pyramid(pyramid, seconds_per_frame)
            self._upload(*self.visible_range())

    @property
    def has_picture(self) -> bool:
        """Whether something is shown."""
        return self._pyramid is not None

    def paint_theme(self, theme: Theme) -> None:
        """Colours of the image and the name."""
        self._image.set_colours(loudness_table(theme))
        self.tag.set_colours(theme)
        self._upload(*self.visible_range())

    def _upload(self, start: float, stop: float) -> None:
        if self._pyramid is not None:
            self._image.show_range(start, stop, max(1, round(self.width() * self.devicePixelRatioF())))

    def _resized(self) -> None:
        self._upload(*self.visible_range())
        corner = self.plotItem.vb.sceneBoundingRect().topLeft().toPoint()
        self.tag.move(corner.x() + SPACING, corner.y() + SPACING // 2)

    def hover(self, at: QPointF) -> None:
        """Which sound, time, frequency and level."""
        frame, band = round(at.x() / self._spf), int(at.y())
        pyramid = self._pyramid
        if pyramid is None or not (0 <= frame < pyramid.frames and 0 <= band < pyramid.bands):
            self.hovered.emit("")
            return
        hz = self.frequency_axis.centres[band]
        self.hovered.emit(f"{self._name}   {time_text(at.x())}   {hz:.0f} Hz ({note_name(max(hz, 10.0))})   "
                          f"{pyramid.value(band, frame) * DECIBELS:.0f} dB")
