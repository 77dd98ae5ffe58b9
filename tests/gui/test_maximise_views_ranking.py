"""How examples grow, and which settings make natural ones: curves, a table and a plot about the same thing."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from gui.theme import DARK, LIGHT
from gui.views.activation_curves import MOST_POINTS, ActivationCurves, ends, median, thinned
from gui.views.ranking_table import ACTIVATION, FID, LR, RankedSetting
from gui.views.ranking_view import RankingView
from tests.gui.signals import heard

BEST = RankedSetting(0.01, 0.001, 1000, 6.07, 4.4, 0, "best")
SETTINGS = (BEST, RankedSetting(0.1, 0.1, 100, 13.3, -0.9), RankedSetting(0.001, 0.01, 500, 22.4, 10.2, 0, "median"),
            RankedSetting(0.01, 0.1, 1000, 58.0, 3.6, 3, "worst"), RankedSetting(0.1, 0.001, 1000, None, None, 50))


@pytest.fixture
def curves(qtbot) -> ActivationCurves:
    view = ActivationCurves()
    qtbot.addWidget(view)
    view.set_theme(DARK)
    view.resize(348, 200)
    view.show()
    return view


@pytest.fixture
def ranking(qtbot) -> RankingView:
    view = RankingView()
    qtbot.addWidget(view)
    view.set_theme(DARK)
    view.resize(348, 460)
    view.show()
    view.show_settings(SETTINGS, "27 settings")
    return view


@given(st.integers(1, 6), st.integers(1, 1001))
def test_thinned_lines_keep_first_last_and_every_seed(seeds: int, n: int):
    data = np.arange(seeds * n, dtype=np.float32).reshape(seeds, n)
    places, values = thinned(data)
    assert len(places) == min(n, MOST_POINTS)
    assert (places[0], places[-1]) == (0, n - 1)
    assert np.array_equal(values, data[:, places])


def test_the_median_is_of_those_that_are_left():
    nan = np.nan
    rows = np.array([[1.0, 2.0, nan, nan], [3.0, 4.0, 5.0, nan], [5.0, 9.0, 7.0, nan]])
    assert np.array_equal(median(rows), [3.0, 4.0, 6.0, nan], equal_nan=True)
    assert ends(rows) == [(0, 1, 2.0), (1, 2, 5.0), (2, 2, 7.0)]
    assert ends(rows[:, :2]) == []
    assert ends(np.array([[nan, nan]])) == [], "failed before it began"


def test_growing_is_said_in_words(curves: ActivationCurves):
    assert curves.words == "no examples yet"
    curves.begin(iterations=500, real=5.25)
    data = np.tile(np.linspace(0, 2, 101), (3, 1))
    data[1, 50:] = np.nan
    curves.show_curves(data)
    assert curves.words == "3 seeds, 100 iterations, median 2.00, 1 failed, real maximum 5.25"
    assert curves.plot.accessibleDescription() == curves.words
    curves.begin(iterations=500, real=-1.0, minimise=True)
    curves.show_curves(-data)
    assert curves.words.endswith("real minimum −1.00")


def test_the_real_limit_is_in_sight_from_the_beginning(curves: ActivationCurves):
    curves.begin(iterations=500, real=30.0)
    curves.show_curves(np.zeros((4, 20)) + np.arange(20))
    (left, right), (low, high) = curves.plot.plotItem.vb.viewRange()
    assert low < 0 <= 30 < high
    assert left <= 0 <= 500 <= right
    assert curves._limit_label.text() == "real maximum 30.00"
    assert curves._limit_label.isVisible()
    label = curves._limit_label
    assert 0 <= label.y() < curves.plot.height() / 2
    curves.show_curves(np.tile(np.linspace(0, 40, 20), (4, 1)))
    line = curves.plot.mapFromScene(curves.plot.plotItem.vb.mapViewToScene(QPointF(0, 30.0))).y()
    assert label.y() > line, "out of the way of lines that end above"
    curves.show_curves(np.zeros((4, 20)))
    line = curves.plot.mapFromScene(curves.plot.plotItem.vb.mapViewToScene(QPointF(0, 30.0))).y()
    assert label.y() <= line + 2
    curves.clear("Nothing")
    assert not curves._limit_label.isVisible()


def test_where_one_failed_stands_a_cross(curves: ActivationCurves):
    data = np.tile(np.linspace(0, 2, 101), (3, 1))
    curves.begin(iterations=100)

    def inks() -> set[str]:
        image = curves.plot.grab().toImage()
        return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}

    curves.show_curves(data)
    assert DARK.error not in inks()
    data[1, 50:] = np.nan
    curves.show_curves(data)
    assert DARK.error in inks()


def test_a_few_known_points_are_drawn_where_they_are(curves: ActivationCurves):
    """Lines of different lengths are no failures, unless they are said to be; the axis is that of iterations."""
    nan = np.nan
    rows = np.array([[0.0, 1.0, 2.0], [0.0, 3.0, nan], [0.0, nan, nan]])
    curves.begin(iterations=500)
    curves.show_curves(rows, steps=np.array([0, 100, 500]), failed=[False, False, True], middle=False)
    assert curves.words == "3 seeds, 500 iterations, 1 failed"
    assert [(dot.x(), dot.y()) for dot in curves._fan._dots] == [(0, 0), (100, 1), (500, 2), (0, 0), (100, 3), (0, 0)]
    assert [(end.x(), end.y()) for end in curves._fan._ends] == [(0.0, 0.0)]
    assert curves.plot.plotItem.vb.viewRange()[0][1] >= 500
    assert curves._fan._bold.isEmpty()


def test_the_line_of_the_chosen_example_is_marked(curves: ActivationCurves):
    curves.begin(iterations=9)
    curves.show_curves(np.outer([1.0, 2.0, 4.0], np.arange(10)))
    plain = curves.plot.grab().toImage()
    curves.show_chosen(2)
    assert curves._fan._chosen.currentPosition() == QPointF(9.0, 36.0)
    assert curves.plot.grab().toImage() != plain
    curves.show_chosen(-1)
    assert curves.plot.grab().toImage() == plain
    curves.show_chosen(2)
    curves.show_curves(np.zeros((2, 10)))
    assert curves._fan._chosen.isEmpty(), "these are others"


def test_nothing_but_failures_is_no_trouble(curves: ActivationCurves):
    curves.begin(iterations=10)
    curves.show_curves(np.full((2, 5), np.nan))
    curves.grab()
    assert curves.words == "2 seeds, 4 iterations"


def shown(ranking: RankingView) -> list[int]:
    return [ranking.table.place_of(row) for row in range(ranking.table.rowCount())]


def test_the_most_natural_come_first_and_any_heading_sorts(ranking: RankingView):
    table = ranking.table
    assert shown(ranking) == [0, 1, 2, 3, 4], "what has no figure comes last"
    assert table.horizontalHeaderItem(FID).text() == "▴ FID"
    table.sortByColumn(ACTIVATION, Qt.SortOrder.AscendingOrder)
    assert shown(ranking) == [1, 3, 0, 2, 4]
    table.sortByColumn(LR, Qt.SortOrder.DescendingOrder)
    assert table.horizontalHeaderItem(LR).text() == "▾ lr"
    assert table.horizontalHeaderItem(FID).text() == "FID"
    assert [SETTINGS[place].lr for place in shown(ranking)] == [0.1, 0.1, 0.01, 0.01, 0.001]
    ranking.show_settings(SETTINGS[:3])
    assert [SETTINGS[place].lr for place in shown(ranking)] == [0.1, 0.01, 0.001], "the order stays"


def test_table_and_plot_are_about_the_same_setting(ranking: RankingView):
    chosen, taken = heard(ranking.setting_chosen), heard(ranking.setting_taken)
    ranking.show_chosen(2)
    assert chosen == []
    ranking.table.setFocus()
    QTest.keyClick(ranking.table, Qt.Key.Key_Down)
    assert chosen == [3]
    assert tuple(ranking.plot._ring.points()[0].pos()) == (58.0, 3.6)
    best = next(point for point in ranking.plot._points.points() if point.data() == 0)
    assert ranking.plot._points.points()[0].data() == 1, "those with a rank lie above the others"
    ranking.plot._points.sigClicked.emit(ranking.plot._points, [best], None)
    assert chosen == [3, 0]
    assert ranking.table.place_of(ranking.table.currentRow()) == 0
    QTest.keyClick(ranking.table, Qt.Key.Key_Return)
    assert taken == [0]
    ranking.show_settings(())
    assert ranking.table.rowCount() == 0
    assert "grid" in ranking.said.text()


def test_what_has_no_figures_is_in_the_table_and_not_in_the_plot(ranking: RankingView):
    assert len(ranking.plot._points.points()) == 4
    assert [ranking.table.item(row, FID).text() for row in range(5)] == ["6.07", "13.3", "22.4", "58.0", "–"]
    assert ranking.table.item(1, ACTIVATION).text() == "−0.90"
    assert "50 failed" in ranking.table.item(4, FID).toolTip()
    ranking.show_chosen(4)
    assert len(ranking.plot._ring.points()) == 0


def test_ranks_are_told_by_shape_and_in_words(ranking: RankingView):
    assert [ranking.table.item(row, 0).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(4)] == \
        ["best", "", "median", "worst"]
    assert BEST.words == "best · lr 0.01 · reg 0.001 · 1000 iterations · FID 6.07 · mean activation 4.40"
    shapes = {point.data(): point.symbol() for point in ranking.plot._points.points()}
    assert len({id(shape) for shape in shapes.values()}) == 4
    for theme in (DARK, LIGHT):
        ranking.set_theme(theme)
        drawn = []
        for row in (0, 1):
            image = ranking.table.viewport().grab(ranking.table.visualItemRect(ranking.table.item(row, 0))).toImage()
            drawn.append({image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())})
        assert theme.accent in drawn[0]
        assert theme.accent not in drawn[1]


def test_figures_fit_into_their_columns(ranking: RankingView):
    wide = [replace(s, lr=0.001, reg=0.001, iterations=1000, fid=None if s.fid is None else 123.4,
                    activation=-12.34) for s in SETTINGS]
    ranking.resize(320, 460)
    ranking.show_settings(wide)
    table = ranking.table
    ranking.grab()
    for column in range(1, table.columnCount()):
        room = table.visualItemRect(table.item(0, column)).width()
        for text in (table.item(0, column).text(), table.horizontalHeaderItem(column).text()):
            assert table.fontMetrics().horizontalAdvance(text) <= room - 12, text
