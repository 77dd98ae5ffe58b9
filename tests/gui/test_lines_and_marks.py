"""Lines that are told by their dashes stay dashed, as wide as they should be, and marks grow with the text."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication, QStyleOptionGraphicsItem

from gui.views.curve_item import DASH, LONG_PATH, CurveItem, dashes
from gui.views.spectrum_view import SpectrumView


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


def level(points: int, pen: object) -> CurveItem:
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
