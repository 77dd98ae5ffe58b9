"""Lines that are told by their dashes stay dashed, as wide as they should be, and marks grow with the text."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtWidgets import QApplication, QStyleOptionGraphicsItem, QWidget

from gui.views.check_table import CheckTable, Row
from gui.views.curve_item import DASH, LONG_PATH, CurveItem, dashes
from gui.views.fill_matrix import FillMatrix
from gui.views.first_column import LETTERS
from gui.views.spectrum_view import SpectrumView
from gui.views.systems_view import VoteBars


@pytest.mark.parametrize("step", [0.3, 1.7, 9.0])
def test_dashes_go_on_from_line_to_line(step: float) -> None:
    x = np.arange(0, 3000, step)
    drawn = np.array(dashes(x.tolist(), np.zeros(len(x)).tolist(), 2.5))
    assert drawn.mean() == pytest.approx(DASH[0] / sum(DASH), abs=0.03)
    runs = np.flatnonzero(np.diff(drawn.astype(int)))
    if step < 2:
        assert np.diff(runs[::2]).mean() * step == pytest.approx(sum(DASH) * 2.5, rel=0.05)


def painted(curve: CurveItem, ratio: float = 1.0) -> np.ndarray:
    """Which pixels a level line covers, 400 by 20 of them at a ratio of 1."""
    image = QImage(QSize(400, 20) * ratio, QImage.Format.Format_Grayscale8)
    image.setDevicePixelRatio(ratio)
    image.fill(0)
    painter = QPainter(image)
    curve.paint(painter, QStyleOptionGraphicsItem())
    painter.end()
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())[:, : image.width()]


def level(points: int, pen: QPen) -> CurveItem:
    made = CurveItem()
    made.set_data(np.linspace(0, 400, points), np.full(points, 10.0))
    made.set_pen(pen)
    made.show_range(0, 400, 10_000)
    return made


@pytest.mark.parametrize("points", [50, LONG_PATH + 100])
def test_a_long_line_has_gaps_as_a_short_one_has(qapp: QApplication, points: int) -> None:
    solid, dashed = (painted(level(points, pg.mkPen("w", width=2.5, style=style)))[10] > 128
                     for style in (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine))
    assert solid.mean() > 0.97
    assert 0.45 < dashed.mean() < 0.85


def test_a_line_is_as_wide_on_a_fine_screen(qapp: QApplication) -> None:
    widths = {ratio: (painted(level(300, pg.mkPen(QColor("white"), width=3)), ratio)[:, int(100 * ratio)] / 255).sum()
              for ratio in (1.0, 2.0)}
    assert widths[1.0] == pytest.approx(3, abs=0.9)     # ends of short lines overlap, and their soft edges with them
    assert widths[2.0] > 5.0


def test_the_legend_of_a_spectrum_covers_nothing_in_large_text(qapp: QApplication) -> None:
    view = SpectrumView()
    font = view.font()
    font.setPointSizeF(2 * font.pointSizeF())
    for part in (view._legend, view._nobody):
        part.setFont(font)
    view.resize(760, 240)
    view.set_levels(np.geomspace(1, 8000, 50), np.full(50, -30.0), np.full(50, -40.0))
    view.show()
    qapp.processEvents()
    assert view._legend.x() < view._nobody.geometry().right()
    assert not view._legend.geometry().intersects(view._nobody.geometry())
    view.hide()


def larger(widget: QWidget) -> None:
    font = widget.font()
    font.setPointSizeF(2 * font.pointSizeF())
    widget.setFont(font)


def test_rows_of_fills_and_bars_of_votes_are_as_high_as_their_text(qapp: QApplication) -> None:
    matrix, bars = FillMatrix(), VoteBars()
    nothing: Any = None
    matrix._rows = [("min-data", nothing), ("band-mean", nothing)]
    for view in (matrix, bars):
        before = view.sizeHint()
        larger(view)
        assert view.sizeHint().height() > 1.3 * before.height()
    assert matrix._row > matrix.fontMetrics().height()
    assert bars._bar > bars.fontMetrics().height()
    assert matrix._names > matrix.fontMetrics().horizontalAdvance("band-mean")


def test_a_first_column_can_be_read_in_a_narrow_table(qapp: QApplication) -> None:
    table = CheckTable("Models", ("model", "says"), mark="fools", yes="yes", no="no")
    table.resize(600, 200)
    table.set_rows([Row(("style-cnn-artist", "→ chiptune-tracker"), True, "")])
    table.show()
    qapp.processEvents()
    header = table.horizontalHeader()
    least = LETTERS * header.fontMetrics().averageCharWidth()
    assert sum(header.sectionSize(i) for i in range(3)) == header.viewport().width(), "what is left is the first one's"
    table.resize(header.sectionSize(1) + header.sectionSize(2) + 20, 200)
    qapp.processEvents()
    assert header.sectionSize(0) == least
    assert table.horizontalScrollBar().maximum() > 0
    table.resize(600, 200)
    qapp.processEvents()
    assert header.sectionSize(0) > least
    table.hide()
