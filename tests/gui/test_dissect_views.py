"""The views of the Dissect page by themselves: numbers with units, axes, curves, tables, matrices."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.audio.interventions import INTERVENTIONS
from gui import theme
from gui.views.before_after_table import BeforeAfterTable, Cell, FileRow
from gui.views.bench_panel import FILTERS, HIDDEN, TITLES, BenchPanel
from gui.views.confusion_view import NOTHING, ConfusionView
from gui.views.ear_mark import AUDIBLE, INAUDIBLE, INCOMPARABLE, UNKNOWN, EarMark
from gui.views.hertz_axis import RatioAxis, short
from gui.views.number_row import NumberRow
from gui.views.spectrum_view import SpectrumView
from gui.views.sweep_plot import Curve, SweepPlot
from gui.views.systems_view import Said, SystemsView

CUTOFF = INTERVENTIONS["high-pass"].parameters[0]
FIGURES: dict[str, Any] = {"labels": ["a", "b"], "confusion": [[3, 1], [0, 2]], "recall": {"a": 0.75, "b": 1.0},
                           "mean_recall": 0.875, "mean_recall_interval": (0.5, 1.0)}


@pytest.fixture(scope="module")
def row(qapp: QApplication) -> NumberRow:
    return NumberRow(CUTOFF, "High-pass")


@given(value=st.floats(1.0, 20000.0))
def test_slider_and_field_agree_on_equal_ratios(row: NumberRow, value: float) -> None:
    row.set_value(value)
    share = row.slider.value() / row.slider.maximum()
    assert CUTOFF.low * (CUTOFF.high / CUTOFF.low) ** share == pytest.approx(value, rel=0.006)
    told: list[float] = []
    row.changed.connect(told.append)
    before = row.slider.value()
    row.slider.setValue(before + 1 if before < 500 else before - 1)
    row.changed.disconnect(told.append)
    assert told == [row.value]
    assert row.value == pytest.approx(value, rel=0.03)


def test_a_field_shows_its_value_with_its_unit_and_has_room_for_it(row: NumberRow) -> None:
    row.set_value(8000.0)
    assert row.field.text() == "8,000 Hz"
    row.field.resize(row.field.sizeHint())
    row.field.show()
    QApplication.processEvents()
    assert row.field.lineEdit().width() > row.field.fontMetrics().horizontalAdvance("8,000 Hz")
    row.field.hide()


def test_the_bench_has_every_parameter_and_says_only_what_is_switched_on(qapp: QApplication) -> None:
    panel = BenchPanel()
    told: list[object] = []
    panel.changed.connect(told.append)
    for name, one in panel.rows.items():
        assert list(one.numbers) == [p.name for p in INTERVENTIONS[name].parameters if p.name not in HIDDEN]
        INTERVENTIONS[name].at(**one.values)  # the defaults are such that it can be done
    assert all(f"{name}-causal" in INTERVENTIONS for name in FILTERS)
    panel.show_bench({"gain": {"gain_db": -12.0}, "polarity": {}}, causal=True)
    assert not told, "showing emits nothing"
    assert panel.settings == {"gain": {"gain_db": -12.0}, "polarity": {}}
    panel.rows["gain"].numbers["gain_db"].field.setValue(3.0)
    assert told == [{"gain": {"gain_db": 3.0}, "polarity": {}}]
    assert list(TITLES) == list(panel.rows)


@pytest.mark.parametrize("kind", [UNKNOWN, AUDIBLE, INAUDIBLE, INCOMPARABLE])
def test_marks_differ_by_shape(qapp: QApplication, kind: str) -> None:
    def drawn(kind: str) -> bytes:
        mark = EarMark("Gain")
        mark.show_mark(kind, "why")
        image = mark.grab().toImage()
        background = image.pixel(0, 0)
        return bytes(image.pixel(x, y) != background for x in range(image.width()) for y in range(image.height()))

    others = {drawn(other) for other in (UNKNOWN, AUDIBLE, INAUDIBLE, INCOMPARABLE) if other != kind}
    assert drawn(kind) not in others
    assert len(others) == 3


def test_ticks_are_round_and_apart(qapp: QApplication) -> None:
    axis = RatioAxis("bottom")
    axis.unit = "Hz"
    (_, ticks), = axis.tickValues(0.0, np.log10(11025.0), 750.0)
    assert axis.tickStrings(ticks, 1.0, 1.0)[:4] == ["1 Hz", "2 Hz", "5 Hz", "10 Hz"]
    (_, few), = axis.tickValues(0.0, np.log10(11025.0), 250.0)
    assert axis.tickStrings(few, 1.0, 1.0) == ["1 Hz", "10 Hz", "100 Hz", "1 kHz", "10 kHz"]
    (_, tempo), = axis.tickValues(np.log10(0.8), np.log10(1.25), 500.0)
    assert all(0.79 < 10**tick < 1.26 for tick in tempo)
    assert len(tempo) >= 5
    assert (short(0.8), short(16000, "Hz"), short(-3, "dB")) == ("0.8", "16 kHz", "−3 dB")


def test_a_sweep_gives_the_nearest_of_its_values_and_says_heights_at_the_bench(qapp: QApplication) -> None:
    plot = SweepPlot()
    plot.set_curves((10.0, 100.0, 1000.0), (Curve("svm", (1.0, 0.5, 0.2)), Curve("tree", (0.9, 0.8, 0.1))),
                    unit="Hz", what="probability")
    assert plot.nearest(np.log10(250.0)) == 100.0
    assert plot.nearest(np.log10(400.0)) == 1000.0
    plot.show_bench(90.0)
    assert plot.legend.accessibleDescription() == "svm 0.50, tree 0.80"
    plot.show_bench(None)
    assert plot.legend.accessibleDescription() == "svm , tree "
    plot.set_curves((-3.0, 0.0, 3.0), (Curve("svm", (1.0, 0.5, 0.2)),), unit="semitones", what="probability")
    assert plot.nearest(-2.0) == -3.0
    plot.set_curves((), (), unit="Hz", what="probability", reach=(5.0, 8000.0))
    assert plot.nearest(1.0) is None


def test_the_spectrum_marks_bands_and_says_what_is_under_the_mouse(qapp: QApplication) -> None:
    view = SpectrumView()
    view.resize(800, 300)
    view.show()
    QApplication.processEvents()
    hz = np.geomspace(1, 11000, 200)
    view.set_levels(hz, np.full(200, -40.0), np.full(200, -60.0))
    told: list[str] = []
    view.hovered.connect(told.append)
    box = view.plotItem.vb
    view._moved(box.mapViewToScene(QPointF(np.log10(10.0), -50.0)))
    assert told[-1].endswith("as it is -40 dB, through the bench -60 dB · nobody hears this")
    view._moved(box.mapViewToScene(QPointF(np.log10(100.0), -50.0)))
    assert "nobody" not in told[-1]
    view.mark_band(0.2, 5.0, "3 Hz")
    assert 10 ** view._band.getRegion()[0] == pytest.approx(1.0), "what lies lower begins at the edge"
    assert view._named.isVisible()
    view.mark_band(None, None)
    assert not view._named.isVisible()
    view.hide()


def test_a_cell_tells_by_signs_what_was_right(qapp: QApplication) -> None:
    assert Cell("a", "b", True, False).text == "a ✓ → b ✗"
    assert Cell("a", "a", False, False).text == "a ✗"
    assert Cell("a", "a").text == "a"
    table = BeforeAfterTable()
    table.set_theme(theme.LIGHT)
    table.set_rows(["svm"], [FileRow("x.wav", "a", "no, −40 dB", (Cell("a", "b", True, False),))])
    chosen: list[tuple[int, bool]] = []
    table.chosen.connect(lambda at, through: chosen.append((at, through)))
    for column in (0, 3):
        table.setCurrentCell(0, column)
        QTest.keyClick(table, Qt.Key.Key_Return)
    assert chosen == [(0, False), (0, True)]
    assert table.accessibleDescription() == "1 files, 1 systems, 1 decisions changed"


def test_confusions_are_shown_only_in_pairs(qapp: QApplication) -> None:
    view = ConfusionView()
    view.resize(700, 240)
    view.set_figures(FIGURES, FIGURES)
    assert view.accessibleDescription().startswith("before: mean recall 0.88, interval 0.50 to 1.00;")
    grid = view._grid(view._rooms()[0], FIGURES["labels"])
    assert view.tip_at(QPointF(grid.right() - 2, grid.top() + 2)) == "1 of 4 files of a are taken for b"
    assert not view.grab().toImage().isNull()
    view.set_figures(FIGURES, None)
    assert view.tip_at(QPointF(grid.right() - 2, grid.top() + 2)) == ""
    assert view.accessibleDescription() == NOTHING


def test_systems_that_are_asked_come_first_and_tell_a_change(qapp: QApplication) -> None:
    view = SystemsView()
    view.set_systems(("one", "two", "three"), ("three",))
    places = {name: view._column.indexOf(card) for name, card in view.cards.items()}
    assert places == {"three": 0, "one": 1, "two": 2}
    view.show_said("three", Said(("a", "b"), (0.7, 0.3), 0, (0.2, 0.8), 1))
    card = view.cards["three"]
    assert card.said.text() == "a 0.70 → b 0.80"
    assert card.sign.accessibleName() == "It changes its mind"
    assert card.bars.accessibleDescription() == "a: 0.70 → 0.20, b: 0.30 → 0.80"
    asked: list[tuple[str, bool]] = []
    view.toggled.connect(lambda name, on: asked.append((name, on)))
    view.cards["two"].box.click()
    assert asked == [("two", True)]


def test_a_sweep_is_read_and_chosen_by_keys(qtbot) -> None:
    plot = SweepPlot()
    qtbot.addWidget(plot)
    plot.set_curves([5.0, 50.0, 500.0], [Curve("svm", (0.9, 0.5, 0.1), (False, False, True))], unit="Hz", what="p")
    told: list[float] = []
    plot.value_chosen.connect(told.append)
    for key, said in ((Qt.Key.Key_Right, "5 Hz: svm 0.90"), (Qt.Key.Key_Right, "50 Hz: svm 0.50"),
                      (Qt.Key.Key_End, "500 Hz: svm 0.10 (turned)"), (Qt.Key.Key_Right, "500 Hz: svm 0.10 (turned)"),
                      (Qt.Key.Key_Left, "50 Hz: svm 0.50")):
        QTest.keyClick(plot, key)
        assert plot.accessibleDescription() == said
    QTest.keyClick(plot, Qt.Key.Key_Return)
    assert told == [50.0]
