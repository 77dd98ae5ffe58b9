"""The spectrum down to 1 Hz, before and after, with the threshold of hearing and what lies below all hearing."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import QLabel, QStyleOptionGraphicsItem, QWidget

from engine.audio.audibility import FULL_SCALE_DB, HEARD, threshold_in_quiet
from gui.theme import AXIS_WIDTH, DARK, SPACING, Theme, colour, tabular
from gui.views.axes import axes, dress
from gui.views.curve_item import CurveItem
from gui.views.hertz_axis import RatioAxis, log10
from gui.views.marks import draw_hatch
from gui.views.plain_text import with_minus

Levels = NDArray[np.float64]
LOW_HZ, HIGH_HZ = 1.0, 11025.0
TOP_DB, BOTTOM_DB = 4.0, -130.0
ALL_POINTS = 10_000  # columns: more than there are points, so that each is drawn
NOBODY = "nobody hears this"
SAMPLE = 22          # px of a line in the legend
GROUND = "as it is"  # the curve with filled ground below it, by which it is told without colours, too
TIP = "Level in bands of a twelfth of an octave; dashed: the faintest tone that is heard when full scale plays at " \
      f"{FULL_SCALE_DB:.0f} dB SPL"


class Infrasound(pg.GraphicsObject):
    """What lies below 20 Hz, hatched, with a word for it."""

    def __init__(self) -> None:
        super().__init__()
        self.theme, self.font = DARK, QFont()

    def boundingRect(self) -> QRectF:
        """From the lowest frequency there is to where hearing begins."""
        left = float(log10(LOW_HZ))
        return QRectF(left - 1, BOTTOM_DB - 50, float(log10(HEARD[0])) - left + 1, TOP_DB - BOTTOM_DB + 100)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """In pixels."""
        room = painter.worldTransform().mapRect(self.boundingRect()).intersected(
            QRectF(self.scene().views()[0].viewport().rect()))
        painter.resetTransform()
        painter.fillRect(room, colour(self.theme.muted, 0.07))
        draw_hatch(painter, room, colour(self.theme.muted, 0.13))
        painter.setPen(QPen(colour(self.theme.muted, 0.6), 1))
        painter.drawLine(room.topRight(), room.bottomRight())


class LineLegend(QWidget):
    """Samples of lines with their names."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = DARK
        self._lines: list[tuple[str, QPen]] = []
        self.setFont(tabular(self.font(), -1.0))
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def set_lines(self, lines: list[tuple[str, QPen]]) -> None:
        """From left to right."""
        self._lines = lines
        metrics = self.fontMetrics()
        self.resize(sum(metrics.horizontalAdvance(name) + SAMPLE + 3 * SPACING for name, _ in lines),
                    metrics.height() + SPACING // 2)
        self.update()

    def paintEvent(self, event: object) -> None:
        """One line."""
        painter, left, middle = QPainter(self), 0, self.height() / 2
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), colour(self.theme.surface, 0.75))
        for name, pen in self._lines:
            if name == GROUND:
                painter.fillRect(QRectF(left, middle, SAMPLE, self.height() / 2 - 2), colour(self.theme.muted, 0.35))
            painter.setPen(pen)
            painter.drawLine(QPointF(left, middle), QPointF(left + SAMPLE, middle))
            painter.setPen(QColor(self.theme.text))
            wide = self.fontMetrics().horizontalAdvance(name)
            painter.drawText(QRectF(left + SAMPLE + SPACING * 0.75, 0, wide + 4, self.height()),
                             Qt.AlignmentFlag.AlignVCenter, name)
            left += wide + SAMPLE + 3 * SPACING
        painter.end()


class SpectrumView(pg.PlotWidget):
    """Curves over the logarithm of frequency; nothing is computed here."""

    hovered = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, axisItems=axes(bottom=RatioAxis("bottom")))
        self.theme = DARK
        self._hz: Levels = np.zeros(0)
        self._levels: dict[str, Levels] = {}
        self._infra, self._band = Infrasound(), pg.LinearRegionItem(movable=False)
        self._before, self._after, self._threshold = (CurveItem() for _ in range(3))
        self._ground = pg.PlotCurveItem(pen=None, fillLevel=BOTTOM_DB - 50)
        for depth, item in enumerate((self._infra, self._band, self._ground, self._before, self._threshold,
                                      self._after)):
            item.setZValue(depth)
            self.plotItem.vb.addItem(item, ignoreBounds=True)
        self._band.hide()
        self._nobody, self._named = QLabel(NOBODY, self), QLabel(self)
        self._legend = LineLegend(self)
        for label in (self._nobody, self._named):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            label.setFont(tabular(self.font(), -1.0))
        self._named.hide()
        self._set_up()
        self.set_theme(DARK)

    def _set_up(self) -> None:
        item = self.plotItem
        item.hideButtons()
        item.setMenuEnabled(False)
        item.setContentsMargins(0, SPACING // 2, SPACING, 0)
        item.vb.setMouseEnabled(x=False, y=False)
        item.getAxis("left").setWidth(AXIS_WIDTH)
        item.getAxis("bottom").unit = "Hz"
        item.vb.setXRange(float(log10(LOW_HZ)), float(log10(HIGH_HZ)), padding=0)
        item.vb.setYRange(BOTTOM_DB, TOP_DB, padding=0)
        item.getAxis("left").setTicks([[(db, with_minus(f"{db} dB")) for db in range(-120, 1, 30)]])
        hz = np.geomspace(HEARD[0], HIGH_HZ, 200)
        self._show(self._threshold, hz, threshold_in_quiet(hz) - FULL_SCALE_DB)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumHeight(140)
        self.setAccessibleName("Spectrum")
        self.setToolTip(TIP)
        self.scene().sigMouseMoved.connect(self._moved)

    # what is shown

    def set_levels(self, hz: Levels, before: Levels | None, after: Levels | None) -> None:
        """Levels in dB re full scale at frequencies in Hz; None where there is nothing."""
        self._hz = hz
        self._levels = {name: y for name, y in ((GROUND, before), ("through the bench", after)) if y is not None}
        for curve, y in ((self._before, before), (self._after, after)):
            curve.setVisible(y is not None)
            if y is not None:
                self._show(curve, hz, np.maximum(y, BOTTOM_DB - 40))
        if before is not None:
            self._ground.setData(log10(hz), np.maximum(before, BOTTOM_DB - 40))
        self._describe()
        self._name_lines()

    @staticmethod
    def _show(curve: CurveItem, hz: Levels, y: Levels) -> None:
        curve.set_data(log10(hz), y)
        curve.show_range(float(log10(hz[0])), float(log10(hz[-1])), ALL_POINTS)

    def mark_band(self, low_hz: float | None, high_hz: float | None, words: str = "") -> None:
        """Mark a band, or none."""
        shown = low_hz is not None and high_hz is not None
        self._band.setVisible(shown)
        self._named.setVisible(shown)
        if low_hz is not None and high_hz is not None:
            low, high = max(low_hz, LOW_HZ), max(high_hz, LOW_HZ * 1.05)
            self._band.setRegion((float(log10(low)), float(log10(high))))
            self._named.setText(words)
            self._named.adjustSize()
            self._place()

    def _describe(self) -> None:
        parts = []
        for name, y in self._levels.items():
            below = y[self._hz < HEARD[0]]
            loudest = self._hz[int(np.argmax(y))]
            parts.append(f"{name}: loudest near {loudest:,.0f} Hz, at most {below.max(initial=-200.0):.0f} dB below "
                         "20 Hz")
        self.setAccessibleDescription("; ".join(parts))

    def _name_lines(self) -> None:
        theme = self.theme
        lines = [(GROUND, QPen(QColor(theme.muted), 2)), ("through the bench", QPen(QColor(theme.accent), 2.4))]
        shown = [line for line in lines if line[0] in self._levels]
        dashed = QPen(QColor(theme.negative), 1.6, Qt.PenStyle.DashLine)
        self._legend.set_lines([*shown, ("threshold of hearing", dashed)])
        self._place()

    # looks

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self.theme = self._infra.theme = self._legend.theme = theme
        self.setBackground(theme.surface)
        dress(self.plotItem, theme, tabular(self.font(), -1.0), left=AXIS_WIDTH)
        self._ground.setBrush(colour(theme.muted, 0.22))
        self._before.set_pen(QPen(QColor(theme.muted), 1.5))
        self._after.set_pen(QPen(QColor(theme.accent), 2.2))
        self._threshold.set_pen(QPen(QColor(theme.negative), 1.5, Qt.PenStyle.DashLine))
        self._band.setBrush(colour(theme.warning, 0.28))
        for line in self._band.lines:
            line.setPen(pg.mkPen(theme.warning, width=1.2))
        back = f"color: {theme.text}; background: {_rgba(theme.surface, 0.75)}; padding: 1px 4px; border-radius: 3px"
        self._nobody.setStyleSheet(back)
        self._named.setStyleSheet(back.replace(theme.text, theme.warning))
        self._name_lines()

    def resizeEvent(self, ev: QResizeEvent | None) -> None:
        """Labels keep their places."""
        super().resizeEvent(ev)
        if ev is not None:  # pyqtgraph calls it once before there are any
            self._place()

    def _place(self) -> None:
        self._nobody.adjustSize()
        box = self.plotItem.vb.sceneBoundingRect()
        edge = box.left() + box.width() * float(log10(HEARD[0] / LOW_HZ) / log10(HIGH_HZ / LOW_HZ))
        top = round(box.top()) + SPACING // 2
        self._legend.move(round(box.right()) - self._legend.width(), top)
        left, below = round((box.left() + edge - self._nobody.width()) / 2), top + self._legend.height() + SPACING // 2
        covered = left + self._nobody.width() > self._legend.x()    # where text is large
        self._nobody.move(left, below if covered else top)
        if self._band.isVisible():
            low, high = self._band.getRegion()
            start, stop = self.plotItem.vb.viewRange()[0]
            middle = box.left() + box.width() * ((low + high) / 2 - start) / (stop - start)
            left = min(max(middle - self._named.width() / 2, box.left()), box.right() - self._named.width())
            self._named.move(round(left), max(round(box.top()) + 4 * SPACING, below))

    def _moved(self, where: QPointF) -> None:
        if not self.plotItem.vb.sceneBoundingRect().contains(where) or not len(self._hz):
            self.hovered.emit("")
            return
        hz = 10 ** self.plotItem.vb.mapSceneToView(where).x()
        place = int(np.abs(log10(self._hz) - np.log10(hz)).argmin())
        said = ", ".join(f"{name} {y[place]:.0f} dB" for name, y in self._levels.items())
        inaudible = f" · {NOBODY}" if hz < HEARD[0] else ""
        self.hovered.emit(f"{self._hz[place]:,.3g} Hz: {said}{inaudible}")


def _rgba(name: str, alpha: float) -> str:
    c = QColor(name)
    return f"rgba({c.red()}, {c.green()}, {c.blue()}, {alpha})"
