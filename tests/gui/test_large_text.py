"""Text of twice the size: figures of axes stay apart, and icons grow with the words beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pyqtgraph as pg
import pytest
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication, QToolButton, QWidget

from gui import theme as themes
from gui.theme import DARK
from gui.views.axes import apart
from gui.views.spectrogram_view import SpectrogramView
from gui.views.spectrum_view import SpectrumView
from gui.views.step_curves import StepCurves
from gui.views.sweep_plot import Curve, SweepPlot
from gui.views.transport_bar import TransportBar
from gui.views.transport_icons import SIZE, icon
from gui.views.votes_view import VotesView

VIEWS = (SpectrumView, StepCurves, SweepPlot, VotesView, SpectrogramView)
SMALL = QSize(260, 140)


@pytest.fixture(params=[100, 200])
def percent(qapp: QApplication, request: pytest.FixtureRequest) -> Iterator[int]:
    themes.apply(qapp, DARK, request.param)
    yield request.param
    themes.apply(qapp, DARK, 100)


def figures(axis: pg.AxisItem) -> list[tuple[QRectF, str]]:
    """Where the axis writes what."""
    image = QImage(8, 8, QImage.Format.Format_ARGB32)
    painter = QPainter(image)
    painter.setFont(axis.style["tickFont"])
    specs = axis.generateDrawSpecs(painter)
    painter.end()
    return [] if specs is None else [(rect, text) for rect, _, text in specs[2]]


def shown(make: Callable[[], QWidget]) -> QWidget:
    view = make()
    if isinstance(view, SweepPlot):
        values = tuple(10.0 * 2**n for n in range(10))
        view.set_curves(values, [Curve("one", tuple(n / 9 for n in range(10)))], unit="Hz", what="recall",
                        reach=(values[0], values[-1]))
    view.resize(SMALL)
    view.set_theme(DARK)  # type: ignore[attr-defined]
    view.show()
    QApplication.processEvents()
    return view


@pytest.mark.parametrize("make", VIEWS)
def test_figures_of_small_plots_stay_apart(percent: int, make: Callable[[], QWidget]) -> None:
    view = shown(make)
    plots = [view] if isinstance(view, pg.PlotWidget) else view.findChildren(pg.PlotWidget)
    written = 0
    for plot in plots:
        for name in ("bottom", "left"):
            found = figures(plot.plotItem.getAxis(name))
            written += len(found)
            for place, (rect, text) in enumerate(found):
                assert not any(rect.intersects(other) for other, _ in found[:place]), text
    assert written
    view.hide()     # `close` of a plot is another thing


def test_what_comes_first_stays_and_what_lies_over_it_goes() -> None:
    made = [(QRectF(x, 0, 20, 10), None, str(x)) for x in (0, 100, 10, 22, 60)]
    assert [text for _, _, text in apart(made, 4)] == ["0", "100", "60"]
    assert [text for _, _, text in apart(made, 0)] == ["0", "100", "22", "60"]


def test_icons_of_the_transport_bar_grow_with_the_text(percent: int) -> None:
    bar = TransportBar()
    side = SIZE * percent // 100
    pictured = [button for button in bar.findChildren(QToolButton) if not button.icon().isNull()]
    assert len(pictured) == 6
    assert {button.iconSize() for button in pictured} == {QSize(side, side)}
    assert icon("play", DARK).actualSize(QSize(side, side)) == QSize(side, side), "drawn so large, not stretched"
