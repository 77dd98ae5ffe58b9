"""The spectrogram of the whole song as the listener has it, with the excerpt, its explanation and the brush upon it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent
from PySide6.QtWidgets import QWidget

from engine.audio.pyramid import Bytes, Floats, ImagePyramid, to_bytes
from engine.explain.explanation import Explanation
from gui.theme import Theme, grey_table, loudness_table, stretched, tabular
from gui.views.brush_tool import BrushTool
from gui.views.change_layer import ChangeLayer
from gui.views.explanation_item import ExplanationItem, FrameItem
from gui.views.frequency_axis import FrequencyAxis, note_name
from gui.views.plain_text import with_minus
from gui.views.pyramid_item import BytesItem, PyramidItem
from gui.views.time_plot import TimePlot, time_text

DECIBELS = 20 / np.log(10)  # of a natural logarithm of magnitude
GRAB_PIXELS = 10
TIP = ("Wheel: zoom · Shift+wheel or drag: pan · drag the excerpt, or ←/→ by a frame, Ctrl+←/→ by its length · "
       "double-click: put the excerpt here · click a segment: hide it · brush: drag, or arrows and Enter")


class SpectrogramView(TimePlot):
    """Frame t is drawn around t * seconds_per_frame; the excerpt begins with a whole frame."""

    excerpt_moved = Signal(float)
    segment_clicked = Signal(int)
    brush_started = Signal()
    brush_stroke = Signal(float, float)
    brush_finished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        self.frequency_axis = FrequencyAxis()
        super().__init__(left_axis=self.frequency_axis, parent=parent)
        badge = QFont(self.font())
        badge.setBold(True)
        self._pyramid: ImagePyramid | None = None
        self._spf = 1.0
        self._edited: tuple[int, Floats] | None = None
        self._first, self._length = 0, 1
        self._explained_first: int | None = None
        self._grip: float | None = None
        self._image, self._patch, self._grey = PyramidItem(), BytesItem(), BytesItem()
        self._excerpt, self._brush = ExplanationItem(tabular(badge, -1.0)), BrushTool(self)
        self._frame, self.change = FrameItem(), ChangeLayer(self)
        items: tuple[Any, ...] = (self._image, self._patch, self._grey, self._excerpt, self.change.item, self._frame,
                                  self._brush.item)
        for depth, item in zip((0, 1, 2, 3, 4, 5, 60), items, strict=True):
            item.setZValue(depth)
            self.plotItem.vb.addItem(item, ignoreBounds=True)
            item.hide()
        self.setMinimumHeight(160)
        self.range_changed.connect(self._upload)
        self.plotItem.vb.sigResized.connect(self._resized)
        self.describe("Spectrogram", "What the model hears of the song, with the excerpt that is explained", TIP)

    # What is shown

    def set_spectrogram(self, pyramid: ImagePyramid, *, seconds_per_frame: float,
                        frequencies: NDArray[np.float64], change: ImagePyramid | None = None) -> None:
        """Show a song; `frequencies` (bands + 2,) in Hz are the edges and centres of the bands.

        Of a sound that was changed on purpose, `change` says by how many dB each bin was.
        """
        self._pyramid, self._spf = pyramid, seconds_per_frame
        self.frequency_axis.set_centres(frequencies[1:-1])
        self.plotItem.vb.setLimits(yMin=0, yMax=pyramid.bands)
        self.plotItem.vb.setYRange(0, pyramid.bands, padding=0)
        self._image.set_pyramid(pyramid, seconds_per_frame)
        self._image.show()
        self.change.show_change(change, seconds_per_frame)
        self._resized()
        self._stretch()
        self.clear_edited()
        self.clear_explanation()
        self.set_duration(pyramid.frames * seconds_per_frame)
        self._upload(*self.visible_range())

    def set_frequency_axis(self, kind: str) -> None:
        """Label the bands in "hz" or in "notes"."""
        self.frequency_axis.set_notes(kind == "notes")

    def show_edited(self, patch: Floats, start: float) -> None:
        """Show edited log-magnitudes (bands, frames) over the song, from `start` seconds on."""
        if self._pyramid is None:
            return
        first = round(start / self._spf)
        self._edited = first, patch
        self._patch.show_bytes(to_bytes(patch, self._pyramid.low, self._pyramid.high),
                               (first - 0.5) * self._spf, self._spf)
        self._patch.show()
        self._refresh_grey()

    def clear_edited(self) -> None:
        """Show the song as it is again."""
        self._edited = None
        self._patch.hide()
        self._refresh_grey()

    def paint_theme(self, theme: Theme) -> None:
        """Colours of the images."""
        self._image.set_colours(loudness_table(theme))
        self._stretch()
        self._upload(*self.visible_range())
        self._excerpt.set_theme(theme)
        self._frame.set_theme(theme)
        self.change.set_theme(theme)
        self._brush.item.theme = theme

    def _stretch(self) -> None:
        if self._pyramid is not None:
            self._patch.setLookupTable(stretched(loudness_table(self.theme), *self._pyramid.contrast[0]))
            self._grey.setLookupTable(stretched(grey_table(self.theme), *self._pyramid.contrast[0]))

    def _upload(self, start: float, stop: float) -> None:
        pixels = max(1, round(self.width() * self.devicePixelRatioF()))
        self._image.show_range(start, stop, pixels)
        self.change.show_range(start, stop, pixels)

    def _resized(self) -> None:
        self._upload(*self.visible_range())
        corner = self.plotItem.vb.sceneBoundingRect().topRight().toPoint()
        self.change.place(corner.x(), corner.y())

    # The excerpt and its explanation

    def set_excerpt(self, start: float, frames: int) -> None:
        """Place the excerpt at `start` seconds; it is `frames` long. Emits nothing."""
        last = max(0, (self._pyramid.frames if self._pyramid else frames) - frames)
        self._first, self._length = min(max(round(start / self._spf), 0), last), frames
        self._frame.set_size(frames, self._pyramid.bands if self._pyramid else 1)
        self._place(self._frame, self._first)
        self._frame.show()

    @property
    def excerpt_start(self) -> float:
        """Start of the excerpt in seconds."""
        return self._first * self._spf

    def show_explanation(self, explanation: Explanation, start: float, *, k: int = 3,
                         limit: float | None = None) -> None:
        """Show an explanation at its own place, also when the excerpt has moved on meanwhile.

        Parameters
        ----------
        k
            How many of the largest signed weights are outlined and numbered.
        limit
            The weight of full colour; by default the strongest of this explanation.
        """
        weights = np.asarray(explanation.map(), np.float64)
        strongest = float(np.abs(weights).max())
        self._explained_first = round(start / self._spf)
        self._excerpt.set_size(weights.shape[1], weights.shape[0])
        self._place(self._excerpt, self._explained_first)
        self._excerpt.show()
        segments = explanation.segmentation
        boxes = {index: QRectF(*segments.box(index)) for index in range(len(segments))}
        self._excerpt.show_weights(weights, boxes, explanation.top(k), limit or strongest)
        self._refresh_grey()

    def clear_explanation(self) -> None:
        """Show everything in colour again, without weights."""
        self._explained_first = None
        self._excerpt.clear()
        self._excerpt.hide()
        self._grey.hide()

    def set_hidden(self, indices: Collection[int]) -> None:
        """Hatch the segments that are hidden from the model."""
        self._excerpt.set_hidden(indices)

    def set_focused_segment(self, index: int | None) -> None:
        """Mark the segment selected in the table."""
        self._excerpt.set_focused(index)

    def set_overlay_opacity(self, opacity: float) -> None:
        """Opacity of the strongest weight, 0 to 1."""
        self._excerpt.set_strength(opacity)

    def _place(self, item: Any, first: int) -> None:
        item.resetTransform()
        item.setPos((first - 0.5) * self._spf, 0.0)
        item.setTransform(item.transform().scale(self._spf, 1.0))

    def _refresh_grey(self) -> None:
        """The excerpt without hue under the weights, so that their two colours mean one thing only."""
        if self._pyramid is None or self._explained_first is None:
            self._grey.hide()
            return
        at = self._explained_first
        columns = self._pyramid.levels[0][:, at : at + self._length]
        if self._edited is not None:
            columns = self._with_edit(columns.copy(), at, *self._edited)
        self._grey.show_bytes(columns, (at - 0.5) * self._spf, self._spf)
        self._grey.show()

    def _with_edit(self, columns: Bytes, at: int, first: int, patch: Floats) -> Bytes:
        assert self._pyramid is not None
        a, b = max(first, at), min(first + patch.shape[1], at + columns.shape[1])
        if a < b:
            columns[:, a - at : b - at] = to_bytes(
                patch[:, a - first : b - first], self._pyramid.low, self._pyramid.high)
        return columns

    def _move_excerpt(self, first: int) -> None:
        before = self._first
        self.set_excerpt(first * self._spf, self._length)
        if self._first != before:
            self.excerpt_moved.emit(self.excerpt_start)

    def _explained_frame(self, seconds: float) -> float:
        return seconds / self._spf + 0.5 - (self._explained_first or 0)

    def _in_excerpt(self, seconds: float) -> bool:
        slack = max(0.0, self.seconds_of_pixels(GRAB_PIXELS) - self._length * self._spf / 2)
        frame = seconds / self._spf + 0.5 - self._first
        return bool(self._frame.isVisible() and -slack / self._spf <= frame <= self._length + slack / self._spf)

    # Mouse and keys

    def set_brush(self, mode: str, radius_seconds: float = 0.1, radius_bands: float = 4.0) -> None:
        """Left drags paint ("add", "erase") or do what they do otherwise ("off")."""
        self._brush.set(mode, radius_seconds, radius_bands)
        shape = Qt.CursorShape.ArrowCursor if mode == "off" else Qt.CursorShape.BlankCursor
        self.plotItem.vb.setCursor(shape)

    def take_drag(self, ev: Any) -> bool:
        """Paint, or move the excerpt."""
        at = self.plotItem.vb.mapToView(ev.pos())
        if self._brush.is_out:
            self._brush.drag(ev, at, self.plotItem.vb.mapToView(ev.buttonDownPos()))
            return True
        if ev.isStart():
            down = self.plotItem.vb.mapToView(ev.buttonDownPos())
            self._grip = down.x() - self.excerpt_start if self._in_excerpt(down.x()) else None
        if self._grip is None:
            return False
        self._move_excerpt(round((at.x() - self._grip) / self._spf))
        if ev.isFinish():
            self._grip = None
        return True

    def take_click(self, at: QPointF, double: bool) -> None:
        """Dab, hide a segment, move the excerpt (double-click), or seek."""
        if self._brush.is_out:
            self._brush.dab(at)
            return
        segment = self._excerpt.segment_at(self._explained_frame(at.x()), at.y())
        if segment is not None:
            self.segment_clicked.emit(segment)
        elif double:
            self._move_excerpt(round(at.x() / self._spf - self._length / 2))
        else:
            super().take_click(at, double)

    def hover(self, at: QPointF) -> None:
        """Time, frequency, level, and weight within an explanation."""
        if self._brush.is_out:
            self._brush.hover(at)
        if self._pyramid is None:
            return
        frame, band = round(at.x() / self._spf), int(at.y())
        if not (0 <= frame < self._pyramid.frames and 0 <= band < self._pyramid.bands):
            self.hovered.emit("")
            return
        hz = self.frequency_axis.centres[band]
        weight = self._excerpt.weight_at(self._explained_frame(at.x()), band)
        words = [time_text(at.x()), f"{hz:.0f} Hz ({note_name(hz)})",
                 f"{self._pyramid.value(band, frame) * DECIBELS:.0f} dB"]
        changed = self.change.value(band, frame)
        words += [] if weight is None else [with_minus(f"weight {weight:+.3f}")]
        self.hovered.emit("   ".join(words + ([] if changed is None else [f"changed by {changed:.1f} dB"])))

    def leaveEvent(self, ev: Any) -> None:
        """No brush without a mouse."""
        self._brush.item.hide()
        super().leaveEvent(ev)

    def keyPressEvent(self, ev: QKeyEvent) -> None:
        """Arrow keys move the brush while it is out, else the excerpt; the rest zooms."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(ev.key()))
        bands = self._pyramid.bands if self._pyramid else 1
        middle = QPointF(self.excerpt_start + self._length * self._spf / 2, bands / 2)
        if self._brush.is_out and self._brush.take_key(ev, middle, QPointF(self.duration, bands)):
            return
        if step is None or not self._frame.isVisible():
            super().keyPressEvent(ev)
        else:
            self._move_excerpt(self._first + step)
