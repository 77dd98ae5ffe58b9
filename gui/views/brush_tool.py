"""What the mouse and the keys do while the brush is out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent

from gui.views.brush_item import BrushItem

if TYPE_CHECKING:
    from gui.views.spectrogram_view import SpectrogramView

ARROWS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}
PAINT = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Insert)
NUDGE, LEAP = 0.5, 2.0  # radii an arrow key moves the brush, without and with Shift


class BrushTool:
    """Turns drags, clicks and keys into strokes, which its view emits."""

    def __init__(self, view: SpectrogramView) -> None:
        self._view, self.item = view, BrushItem()
        self._radii = (0.1, 4.0)
        self._at: QPointF | None = None

    @property
    def is_out(self) -> bool:
        """Whether the mouse paints."""
        return self.item.mode != "off"

    def set(self, mode: str, radius_seconds: float, radius_bands: float) -> None:
        """Mode "off", "add" or "erase", and half axes."""
        self._radii = radius_seconds, radius_bands
        self.item.set_mode(mode, radius_seconds, radius_bands)

    def hover(self, at: QPointF) -> None:
        """The mouse is here."""
        self._at = QPointF(at)
        self.item.move_to(at)

    def drag(self, ev: Any, at: QPointF, down: QPointF) -> None:
        """A stroke from `down` to `at`."""
        if ev.isStart():
            self._view.brush_started.emit()
            self._paint_to(down)
        self._paint_to(at)
        if ev.isFinish():
            self._lift()

    def dab(self, at: QPointF) -> None:
        """One touch."""
        self._view.brush_started.emit()
        self._paint_to(at)
        self._lift()

    def take_key(self, ev: QKeyEvent, home: QPointF, reach: QPointF) -> bool:
        """Arrows move the brush from `home`, where nobody has moved it yet, up to `reach`; Enter touches."""
        key, at = Qt.Key(ev.key()), self._at or home
        if key in PAINT:
            self.dab(at)
        elif key in ARROWS:
            x, y = ARROWS[key]
            far = LEAP if ev.modifiers() & Qt.KeyboardModifier.ShiftModifier else NUDGE
            self.hover(QPointF(min(max(at.x() + x * far * self._radii[0], 0.0), reach.x()),
                               min(max(at.y() + y * far * self._radii[1], 0.0), reach.y())))
        else:
            return False
        return True

    def _paint_to(self, at: QPointF) -> None:
        self.hover(at)
        for point in self.item.points_to(at):
            self._view.brush_stroke.emit(point.x(), point.y())

    def _lift(self) -> None:
        self.item.lift()
        self._view.brush_finished.emit()
