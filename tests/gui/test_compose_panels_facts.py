"""One tune under the glass, and many tunes beside each other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication, QLabel

from gui.theme import DARK, LIGHT, THEMES
from gui.views.anatomy_view import NOTHING, AnatomyView, FactGroup
from gui.views.banner import Triangle
from gui.views.distribution_plot import (
    MOST,
    MOST_LINES,
    MOST_OF_WORDS,
    REST,
    Distribution,
    DistributionPlot,
    grid_step,
    pairs,
)
from gui.views.population_view import PopulationView

METRE = Distribution("Metre", ("4/4", "6/8", "9/8"), (0.5, 0.4, 0.1), (0.25, 0.5, 0.25), 0.034, 0.01, 0.02)
CHANCE = Distribution("Mode", ("maj", "dor"), (0.8, 0.2), (0.79, 0.21), 0.001, 0.002, 0.004)
shares = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), max_size=60)


def texts(view: AnatomyView) -> list[str]:
    return [label.text() for label in view.widget().findChildren(QLabel)]


# one tune

@pytest.fixture
def anatomy(qtbot) -> AnatomyView:
    view = AnatomyView()
    qtbot.addWidget(view)
    view.set_theme(DARK)
    view.resize(300, 300)
    view.show()
    return view


def test_facts_stand_under_their_headings_and_breaks_are_marked(anatomy: AnatomyView):
    anatomy.show_facts([FactGroup("Structure", [("Bars", "32"), ("Form", "A A' B")]),
                        FactGroup("Where it breaks the conventions", (), ["an end on F is rare", "bar 3 is short"])])
    assert texts(anatomy) == ["Structure", "Bars", "32", "Form", "A A' B", "Where it breaks the conventions",
                              "an end on F is rare", "bar 3 is short"]
    assert len(anatomy.widget().findChildren(Triangle)) == 2
    assert anatomy.accessibleDescription() == ("Structure: Bars 32; Form A A' B. Where it breaks the conventions: "
                                               "an end on F is rare; bar 3 is short.")


def test_no_breaks_are_told_too(anatomy: AnatomyView):
    anatomy.show_facts([FactGroup("Where it breaks the conventions")])
    assert texts(anatomy) == ["Where it breaks the conventions", NOTHING]
    assert not anatomy.widget().findChildren(Triangle)
    anatomy.clear("No tune.")
    assert texts(anatomy) == ["No tune."]


def test_news_keep_the_place_and_the_same_facts_cost_nothing(anatomy: AnatomyView):
    rows = [(f"Fact {n}", str(n)) for n in range(60)]
    anatomy.show_facts([FactGroup("Many", rows)])
    QApplication.processEvents()
    anatomy.verticalScrollBar().setValue(200)
    before = anatomy.widget()
    anatomy.show_facts([FactGroup("Many", list(rows))])
    assert anatomy.widget() is before
    anatomy.show_facts([FactGroup("Many", [*rows, ("One more", "1")])])
    QApplication.processEvents()
    assert anatomy.verticalScrollBar().value() == 200


def test_long_values_wrap_and_text_from_outside_is_no_markup(anatomy: AnatomyView):
    anatomy.show_facts([FactGroup("<b>T</b>", [("Form", "A B " * 80)], ["<i>x</i> " * 30])])
    QApplication.processEvents()
    assert anatomy.widget().width() <= anatomy.viewport().width()
    assert texts(anatomy)[0] == "<b>T</b>"
    assert "<b>T</b>" in anatomy.accessibleDescription()
    anatomy.set_theme(LIGHT)
    anatomy.grab()


# many tunes

@given(shares)
def test_nothing_is_lost_in_the_rest(both: list[tuple[float, float]]):
    shown = Distribution("x", [f"c{n}" for n in range(len(both))], [a for a, _ in both], [b for _, b in both], 0, 0, 0)
    found = pairs(shown)
    assert len(found) <= MOST + 1
    for column in (1, 2):
        assert sum(pair[column] for pair in found) == pytest.approx(sum(pair[column - 1] for pair in both))
    named = [pair[0] for pair in found if pair[0] != REST]
    assert named == sorted(named, key=lambda name: int(name[1:])), "in the order given"
    alone, rest = [max(pair[1:]) for pair in found if pair[0] != REST], list(both)
    assert not rest or sorted(map(max, rest))[-len(alone):] == pytest.approx(sorted(alone))


def test_names_of_several_words_have_more_room():
    shown = Distribution("Repeats", [f"|: {n} :|" for n in range(20)], [0.05] * 20, [0.05] * 20, 0, 0, 0)
    assert len(pairs(shown)) == MOST_OF_WORDS + 1
    assert pairs(shown)[-1] == (REST, pytest.approx(0.7), pytest.approx(0.7))


@given(st.floats(0.0001, 1))
def test_few_lines_reach_any_share(top: float):
    assert top / grid_step(top) <= MOST_LINES


def test_bars_are_as_tall_as_shares_on_a_common_ground(qtbot):
    plot = DistributionPlot(METRE)
    qtbot.addWidget(plot)
    plot.resize(300, 220)
    room = plot.plot_room()
    for number, (_, corpus, generated) in enumerate(plot.pairs):
        for bar, share in zip(plot.bars(number), (corpus, generated), strict=True):
            assert bar.height() == pytest.approx(share / 0.5 * room.height())
            assert bar.bottom() == pytest.approx(room.bottom())
            assert room.contains(bar.center())
    left, right = plot.bars(0)
    assert left.right() < right.left()


def test_the_two_populations_are_told_apart_without_colour(qtbot):
    plot = DistributionPlot(METRE)
    qtbot.addWidget(plot)
    plot.resize(300, 220)
    for theme in THEMES.values():
        plot.set_theme(theme)
        image, inks = plot.grab().toImage(), []
        for bar in plot.bars(0):
            line = [image.pixelColor(round(bar.center().x()), y).lightness()
                    for y in range(round(bar.top()) + 3, round(bar.bottom()) - 3)]
            inks.append(max(line) - min(line))
        assert inks[0] == 0, "solid"
        assert inks[1] > 30, "hatched"


def test_more_than_chance_is_marked_and_told(qtbot):
    for shown, warned in ((METRE, True), (CHANCE, False)):
        plot = DistributionPlot(shown)
        qtbot.addWidget(plot)
        plot.set_theme(DARK)
        plot.resize(300, 220)
        image = plot.grab().toImage()
        seen = {image.pixelColor(x, y).name() for x in range(8, 24) for y in range(24, 46)}
        assert (DARK.warning in seen) == warned
        assert ("no more than" in plot.tip_at(QPointF(20, 10))) != warned
    assert METRE.words == "JS distance 0.034 bits, floor 0.01–0.02"


def test_the_pointer_reads_the_figures_of_a_pair(qtbot):
    plot = DistributionPlot(METRE)
    qtbot.addWidget(plot)
    plot.resize(300, 220)
    assert plot.tip_at(plot.bars(1)[0].center()) == "6/8: corpus 40.0 %, generated 50.0 %"
    assert plot.accessibleDescription().endswith("Furthest apart: 4/4: corpus 50.0 %, generated 25.0 %; 9/8: corpus "
                                                 "10.0 %, generated 25.0 %; 6/8: corpus 40.0 %, generated 50.0 %")


def test_charts_stand_in_as_many_columns_as_there_is_room_for(qtbot):
    view = PopulationView()
    qtbot.addWidget(view)
    view.set_theme(DARK)
    view.resize(930, 700)
    view.show()
    assert view.message.isVisible()
    view.show_comparison([METRE, CHANCE] * 4 + [METRE])
    QApplication.processEvents()

    def columns() -> int:
        return len({plot.x() for plot in view.plots})

    def all_inside() -> bool:
        return all(plot.geometry().right() <= view.area.viewport().width() for plot in view.plots)

    assert columns() == 3
    assert len({(plot.x(), plot.y()) for plot in view.plots}) == 9
    assert view.area.verticalScrollBar().maximum() == 0
    for width, wanted in ((620, 2), (320, 1), (930, 3)):
        view.resize(width, 700)
        qtbot.waitUntil(lambda wanted=wanted: columns() == wanted and all_inside(), timeout=1000)
    view.set_theme(LIGHT)
    view.grab()
    view.clear("Generating…")
    assert view.message.text() == "Generating…"
    assert view.message.isVisible()


def test_a_property_that_nothing_has_is_drawn_empty(qtbot):
    for shown in (Distribution("None", (), (), (), 0, 0, 0), Distribution("Zero", ("a",), (0,), (0,), 0, 0, 0)):
        plot = DistributionPlot(shown)
        qtbot.addWidget(plot)
        plot.grab()
        assert plot.tip_at(QPointF(100, 100)).startswith(("JS distance", "a: corpus 0.0 %"))
