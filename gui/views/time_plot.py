"""What every view over time has in common: one left axis width, one time axis, one way to zoom and pan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from gui.theme import AXIS_WIDTH, DARK, SPACING, Theme, colour, tabular
from gui.views.axes import RoomyAxis, axes, dress

STEPS = (.001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200)
LABEL_PIXELS = 96
SHORTEST_SECONDS = 0.02
ZOOM_KEYS = {Qt.Key.Key_Plus: 0.5, Qt.Key.Key_Equal: 0.5, Qt.Key.Key_Minus: 2.0}


def time_text(seconds: float, decimals: int = 3) -> str:
    """Seconds as m:ss.mmm, or h:mm:ss.mmm from an hour on."""
    sign = "-" if round(seconds, decimals) < 0 else ""
    whole, fraction = divmod(round(abs(seconds) * 10**decimals), 10**decimals)
    minutes, second = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    text = f"{hours}:{minutes:02d}:{second:02d}" if hours else f"{minutes}:{second:02d}"
    return f"{sign}{text}.{fraction:0{decimals}d}" if decimals else sign + text


class TimeAxis(RoomyAxis):
    """Seconds as m:ss, with as many decimals as the zoom needs."""

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:
        """Round times at least a label apart."""
        span = maxVal - minVal
        step = next((s for s in STEPS if span / s * LABEL_PIXELS <= max(size, 1.0)), STEPS[-1])
        first, last = int(max(minVal, 0.0) // step), int(maxVal // step)
        return [(step, [i * step for i in range(first, last + 1) if minVal <= i * step <= maxVal])]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """As many decimals as tell neighbours apart."""
        decimals = 0 if spacing >= 1 else 1 if spacing >= 0.1 else 2 if spacing >= 0.01 else 3
        return [time_text(value, decimals) for value in values]


class TimeViewBox(pg.ViewBox):
    """Wheel zooms in time about the mouse, Shift+wheel or a sideways wheel pans; the owner may take drags."""

    def __init__(self, owner: TimePlot) -> None:
        super().__init__(enableMenu=False)
        self._owner = owner
        self.setMouseEnabled(x=True, y=False)

    def wheelEvent(self, ev: Any, axis: int | None = None) -> None:
        """Zoom or pan."""
        (start, stop), turned = self._owner.visible_range(), ev.delta() / 120
        sideways = ev.orientation() == Qt.Orientation.Horizontal
        if sideways or ev.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            shift = -0.12 * turned * (stop - start)
            self._owner.set_range(start + shift, stop + shift)
        else:
            self._owner.zoom(0.8**turned, self.mapToView(ev.pos()).x())
        ev.accept()

    def mouseDragEvent(self, ev: Any, axis: int | None = None) -> None:
        """Left drags go to the owner first; what it does not take pans."""
        if ev.button() == Qt.MouseButton.RightButton:
            ev.ignore()
        elif ev.button() == Qt.MouseButton.LeftButton and self._owner.take_drag(ev):
            ev.accept()
        else:
            super().mouseDragEvent(ev, axis=0)

    def mouseClickEvent(self, ev: Any) -> None:
        """Left clicks go to the owner."""
        if ev.button() == Qt.MouseButton.LeftButton:
            self._owner.setFocus(Qt.FocusReason.MouseFocusReason)
            self._owner.take_click(self.mapToView(ev.pos()), ev.double())
            ev.accept()


class TimePlot(pg.PlotWidget):
    """A plot over seconds. Subclasses add what they draw, and `paint_theme`.

    Keys: + and - zoom, Left and Right pan, Home and End go to the ends, 0 shows everything.
    """

    range_changed = Signal(float, float)
    seek_asked = Signal(float)
    hovered = Signal(str)

    def __init__(self, left_axis: pg.AxisItem | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent, viewBox=TimeViewBox(self),
                         axisItems=axes(bottom=TimeAxis("bottom"), left=left_axis or RoomyAxis("left")))
        self.theme = DARK
        self.duration = 1.0
        self.plotItem.hideButtons()
        self.plotItem.setContentsMargins(0, SPACING // 2, SPACING, 0)
        self.plotItem.getAxis("left").setWidth(AXIS_WIDTH)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._cursor = pg.InfiniteLine(angle=90, movable=False)
        self._cursor.setZValue(50)
        self._cursor.hide()
        self.plotItem.vb.addItem(self._cursor, ignoreBounds=True)
        self.plotItem.vb.sigXRangeChanged.connect(lambda _, seen: self.range_changed.emit(*seen))
        self.scene().sigMouseMoved.connect(self._moved)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.theme = theme
        self.setBackground(theme.surface)
        dress(self.plotItem, theme, tabular(self.font(), -1.0), left=AXIS_WIDTH)
        self._cursor.setPen(pg.mkPen(theme.text, width=1))
        self.paint_theme(theme)

    def paint_theme(self, theme: Theme) -> None:
        """Colour what the subclass draws."""

    def set_time_labels(self, shown: bool) -> None:
        """Whether times are written below the plot."""
        self.plotItem.getAxis("bottom").setStyle(showValues=shown)
        self.plotItem.getAxis("bottom").setHeight(None if shown else 1)

    def set_duration(self, seconds: float) -> None:
        """Length of what is shown; the axis ends a little after it."""
        self.duration = max(seconds, SHORTEST_SECONDS)
        margin = 0.01 * self.duration
        self.plotItem.vb.setLimits(xMin=-margin, xMax=self.duration + margin, minXRange=SHORTEST_SECONDS,
                                   maxXRange=self.duration + 2 * margin)
        self.set_range(0.0, self.duration)

    def set_cursor(self, seconds: float | None) -> None:
        """Playback position; None hides it. Steps that no pixel shows are not drawn."""
        self._cursor.setVisible(seconds is not None)
        step = self.seconds_of_pixels(0.5 / self.devicePixelRatioF())
        if seconds is not None and abs(seconds - self._cursor.value()) >= step:
            self._cursor.setPos(seconds)

    def visible_range(self) -> tuple[float, float]:
        """First and last second on the axis."""
        start, stop = self.plotItem.vb.viewRange()[0]
        return float(start), float(stop)

    def set_range(self, start: float, stop: float) -> None:
        """Show `start` to `stop` in seconds, moved to lie within the file where it reaches beyond."""
        margin = 0.01 * self.duration
        length = min(max(stop - start, SHORTEST_SECONDS), self.duration + 2 * margin)
        middle = (start + stop) / 2
        first = min(max(middle - length / 2, -margin), self.duration + margin - length)
        self.plotItem.vb.setXRange(first, first + length, padding=0)

    def zoom(self, factor: float, about: float | None = None) -> None:
        """Show `factor` times as many seconds, keeping the second `about` where it is on the screen."""
        start, stop = self.visible_range()
        about = (start + stop) / 2 if about is None else about
        if stop - start > SHORTEST_SECONDS or factor > 1:
            self.set_range(about + (start - about) * factor, about + (stop - about) * factor)

    def seconds_of_pixels(self, pixels: float) -> float:
        """How many seconds as many pixels show."""
        return float(pixels * self.plotItem.vb.viewPixelSize()[0])

    def take_drag(self, ev: Any) -> bool:
        """Use a left drag; False lets it pan."""
        return False

    def take_click(self, at: QPointF, double: bool) -> None:
        """Use a left click at seconds and height."""
        self.seek_asked.emit(min(max(at.x(), 0.0), self.duration))

    def hover(self, at: QPointF) -> None:
        """Say what is under the mouse through `hovered`."""

    def _moved(self, where: QPointF) -> None:
        if self.plotItem.vb.sceneBoundingRect().contains(where):
            self.hover(self.plotItem.vb.mapSceneToView(where))

    def leaveEvent(self, ev: QEvent) -> None:
        """The mouse is gone: nothing is under it."""
        self.hovered.emit("")
        super().leaveEvent(ev)

    def keyPressEvent(self, ev: QKeyEvent) -> None:
        """Zoom and pan by keys."""
        start, stop = self.visible_range()
        length, key = stop - start, ev.key()
        if key in ZOOM_KEYS:
            self.zoom(ZOOM_KEYS[Qt.Key(key)])
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            shift = (0.1 if key == Qt.Key.Key_Right else -0.1) * length
            self.set_range(start + shift, stop + shift)
        elif key == Qt.Key.Key_Home:
            self.set_range(0.0, length)
        elif key == Qt.Key.Key_End:
            self.set_range(self.duration - length, self.duration)
        elif key == Qt.Key.Key_0:
            self.set_range(0.0, self.duration)
        else:
            ev.ignore()

    def describe(self, name: str, description: str, tip: str = "") -> None:
        """What a screen reader says, and the tooltip."""
        self.setAccessibleName(name)
        self.setAccessibleDescription(description)
        self.setToolTip(tip)


def link_time_axes(views: Iterable[TimePlot]) -> None:
    """Let all views show the same seconds: zooming or panning one moves the others."""
    linked = list(views)
    for view in linked:
        others = [other for other in linked if other is not view]
        view.range_changed.connect(lambda start, stop, others=others: _follow(others, start, stop))


def _follow(others: list[TimePlot], start: float, stop: float) -> None:
    for other in others:
        if other.visible_range() != (start, stop):
            other.plotItem.vb.setXRange(start, stop, padding=0)


def hairline(theme: Theme, alpha: float = 1.0) -> Any:
    """A pen for lines that only orient."""
    return pg.mkPen(colour(theme.grid, alpha))
