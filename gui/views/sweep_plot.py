"""Answers along a sweep: one curve per system or per label, and a click takes its value over to the bench."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from gui.theme import AXIS_WIDTH, DARK, SPACING, Theme, colour, scaled, tabular
from gui.views.axes import axes, dress
from gui.views.curve_item import CurveItem
from gui.views.hertz_axis import RatioAxis
from gui.views.label_colours import line_colour
from gui.views.number_row import UNITS

DASHES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine, Qt.PenStyle.DashDotLine)
SYMBOLS = ("o", "s", "t", "d", "t1", "p", "star", "+")
LEAST_LOGARITHMIC = 1.5  # ratio of the ends from which equal ratios get equal room
LEGEND = 222             # px
ROW = 21                 # px
STAYED, TURNED = 5, 9    # px, marks where the decision is the first one, and where it is not


@dataclass(frozen=True)
class Curve:
    """One line: its name, shares of 0 to 1 at the values of the sweep, and where a decision has turned."""

    name: str
    y: tuple[float, ...]
    turned: tuple[bool, ...] = ()


class CurveLegend(QWidget):
    """Names of the curves with their marks, one below the other, and their height at the place of the bench."""

    def __init__(self) -> None:
        super().__init__()
        self.theme = DARK
        self._names: list[str] = []
        self._figures: list[str] = []
        self.setFixedWidth(scaled(LEGEND))
        self.setFont(tabular(self.font(), -1.0))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Curves")

    def set_curves(self, names: Sequence[str], figures: Sequence[str]) -> None:
        """Names and figures."""
        self._names, self._figures = list(names), list(figures)
        self.setAccessibleDescription(", ".join(f"{n} {f}" for n, f in zip(names, figures, strict=True)))
        self.setToolTip("\n".join(f"{n} {f}" for n, f in zip(names, figures, strict=True)))
        self.update()

    def sizeHint(self) -> QSize:
        """One line for each."""
        return QSize(LEGEND, ROW * max(1, len(self._names)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Sample, name, figure."""
        painter, metrics = QPainter(self), self.fontMetrics()
        painter.fillRect(self.rect(), QColor(self.theme.surface))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for place, (name, figure) in enumerate(zip(self._names, self._figures, strict=True)):
            middle = SPACING + (place + 0.5) * ROW
            ink = line_colour(place, self.theme)
            painter.setPen(QPen(ink, 2.2, DASHES[place % len(DASHES)]))
            painter.drawLine(QPointF(SPACING, middle), QPointF(SPACING + 22, middle))
            draw_symbol(painter, QPointF(SPACING + 11, middle), place, ink)
            wide = metrics.horizontalAdvance(figure)
            painter.setPen(QColor(self.theme.text))
            room = QRectF(SPACING + 30, middle - ROW / 2, self.width() - wide - 3 * SPACING - 30, ROW)
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter,
                             metrics.elidedText(name, Qt.TextElideMode.ElideRight, round(room.width())))
            painter.setPen(QColor(self.theme.muted))
            painter.drawText(QRectF(0, middle - ROW / 2, self.width() - SPACING, ROW),
                             Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, figure)
        painter.end()


def draw_symbol(painter: QPainter, middle: QPointF, place: int, ink: QColor) -> None:
    """The mark of a curve, as on the plot."""
    from pyqtgraph.graphicsItems.ScatterPlotItem import drawSymbol

    painter.save()
    painter.translate(middle)
    drawSymbol(painter, SYMBOLS[place % len(SYMBOLS)], 7, pg.mkPen(ink), pg.mkBrush(ink))
    painter.restore()


class SweepPlot(QWidget):
    """Curves with their names beside them."""

    value_chosen = Signal(float)
    hovered = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = DARK
        self._values: tuple[float, ...] = ()
        self._curves: tuple[Curve, ...] = ()
        self._unit, self._logarithmic, self._bench = "", True, None  # type: str, bool, float | None
        self._axis, self.legend = RatioAxis("bottom"), CurveLegend()
        self.plot = pg.PlotWidget(axisItems=axes(bottom=self._axis))
        self._here = pg.InfiniteLine(angle=90, movable=False)
        self.plot.plotItem.vb.addItem(self._here, ignoreBounds=True)
        self._cursor = pg.InfiniteLine(angle=90, movable=False)
        self.plot.plotItem.vb.addItem(self._cursor, ignoreBounds=True)
        self._place: int | None = None      # of the value that keys have gone to
        self._lines: list[pg.GraphicsObject] = []
        self._set_up()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.plot, 1)
        row.addWidget(self.legend)
        self.setAccessibleName("Sweep")
        self.set_theme(DARK)

    def _set_up(self) -> None:
        item = self.plot.plotItem
        item.hideButtons()
        item.setMenuEnabled(False)
        item.setContentsMargins(0, SPACING // 2, SPACING, 0)
        item.vb.setMouseEnabled(x=False, y=False)
        item.vb.setYRange(0, 1, padding=0.06)
        item.getAxis("left").setWidth(AXIS_WIDTH)
        item.getAxis("left").setTicks([[(0.0, "0"), (0.25, ""), (0.5, ".5"), (0.75, ""), (1.0, "1")]])
        item.showGrid(y=True, alpha=0.12)
        self.plot.setMinimumHeight(90)
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plot.setAccessibleName("Curves of the sweep")
        self.plot.setToolTip("Click: set the bench to this value · larger marks: the decision is not the first one")
        self.plot.setCursor(Qt.CursorShape.PointingHandCursor)
        self.plot.scene().sigMouseClicked.connect(self._clicked)
        self.plot.scene().sigMouseMoved.connect(self._moved)
        self._here.hide()
        self._cursor.hide()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolTip("← and → read the values, Home and End the ends, Return sets the bench to the value")

    # what is shown

    def set_curves(self, values: Sequence[float], curves: Sequence[Curve], *, unit: str, what: str,
                   reach: tuple[float, float] | None = None) -> None:
        """Curves over values in a unit; `what` is on the left axis; `reach` are the ends of a sweep that still runs."""
        self._values, self._curves, self._unit = tuple(values), tuple(curves), unit
        self._go(None)
        low, high = reach or ((min(values), max(values)) if values else (1.0, 10.0))
        self._logarithmic = low > 0 and high / low >= LEAST_LOGARITHMIC
        self._axis.unit = UNITS.get(unit, unit)
        self._axis.even = not self._logarithmic
        self._draw()
        ends = self._at(low), self._at(high)
        self.plot.plotItem.vb.setXRange(*ends, padding=0.02)
        self.plot.setAccessibleDescription(f"{what} over {len(self._values)} values in {unit}")
        self.show_bench(self._bench)

    def show_bench(self, value: float | None) -> None:
        """Where the bench stands; None where it does not use this."""
        self._bench = value
        self._here.setVisible(value is not None and bool(self._values) and (value > 0 or not self._logarithmic))
        if value is not None and self._here.isVisible():
            self._here.setPos(self._at(value))
        self._name()

    def _name(self) -> None:
        place = None
        if self._bench is not None and self._values:
            place = int(np.argmin([abs(self._at(v) - self._at(max(self._bench, 1e-9) if self._logarithmic
                                                              else self._bench)) for v in self._values]))
        figures = ["" if place is None else f"{curve.y[place]:.2f}" for curve in self._curves]
        self.legend.set_curves([curve.name for curve in self._curves], figures)

    def _at(self, value: float) -> float:
        return float(np.log10(value)) if self._logarithmic else value

    def _draw(self) -> None:
        for line in self._lines:
            self.plot.plotItem.vb.removeItem(line)
        self._lines = []
        x = np.array([self._at(value) for value in self._values])
        for place, curve in enumerate(self._curves):
            ink = line_colour(place, self.theme)
            line, marks = CurveItem(), pg.ScatterPlotItem()
            line.set_data(x, np.array(curve.y))
            line.set_pen(QPen(ink, 2, DASHES[place % len(DASHES)]))
            line.show_range(float(x[0]), float(x[-1]), len(x))
            marks.setData(x, np.array(curve.y), symbol=SYMBOLS[place % len(SYMBOLS)], brush=pg.mkBrush(ink),
                          pen=pg.mkPen(self.theme.surface, width=1),
                          size=np.array([TURNED if turned else STAYED for turned in curve.turned or [False] * len(x)]))
            for item in (line, marks):
                self.plot.plotItem.vb.addItem(item, ignoreBounds=True)
                self._lines.append(item)

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self.theme = self.legend.theme = theme
        self.plot.setBackground(theme.surface)
        dress(self.plot.plotItem, theme, tabular(self.font(), -1.0), left=AXIS_WIDTH)
        self._here.setPen(pg.mkPen(colour(theme.text, 0.8), width=1))
        self._cursor.setPen(pg.mkPen(theme.accent, width=2, style=Qt.PenStyle.DashLine))
        self.legend.update()
        self._draw()

    # wishes

    def nearest(self, x: float) -> float | None:
        """The value of the sweep nearest to a place on the plot's axis."""
        if not self._values:
            return None
        return min(self._values, key=lambda value: abs(self._at(value) - x))

    def _under(self, where: QPointF) -> float | None:
        box = self.plot.plotItem.vb
        return self.nearest(box.mapSceneToView(where).x()) if box.sceneBoundingRect().contains(where) else None

    def _clicked(self, event: object) -> None:
        value = self._under(event.scenePos())  # type: ignore[attr-defined]
        if value is not None:
            self.value_chosen.emit(value)

    def _moved(self, where: QPointF) -> None:
        value = self._under(where)
        if value is None:
            self.hovered.emit("")
            return
        self.hovered.emit(self._read(self._values.index(value)))

    def _read(self, place: int) -> str:
        said = ", ".join(f"{c.name} {c.y[place]:.2f}{' (turned)' if any(c.turned[place : place + 1]) else ''}"
                         for c in self._curves)
        return f"{self._values[place]:,.4g} {self._unit}: {said}"

    # keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """← → Home End read the values; Return takes one over to the bench."""
        last, place = len(self._values) - 1, self._place
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if last < 0 or event.modifiers():
            super().keyPressEvent(event)
        elif event.key() in steps:
            self._go(self._first() if place is None else min(max(place + steps[Qt.Key(event.key())], 0), last))
        elif event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self._go(0 if event.key() == Qt.Key.Key_Home else last)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and place is not None:
            self.value_chosen.emit(self._values[place])
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Keys go elsewhere."""
        self._go(None)
        super().focusOutEvent(event)

    def _first(self) -> int:
        """Where the bench stands, else the first value."""
        if self._bench is None or (self._logarithmic and self._bench <= 0):
            return 0
        return int(np.argmin([abs(self._at(value) - self._at(self._bench)) for value in self._values]))

    def _go(self, place: int | None) -> None:
        """Show a value and tell of it; None goes nowhere."""
        self._place = place
        self._cursor.setVisible(place is not None)
        if place is not None:
            self._cursor.setPos(self._at(self._values[place]))
            said = self._read(place)
            self.setAccessibleDescription(said)
            self.hovered.emit(said)
