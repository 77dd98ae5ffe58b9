"""Eighty-eight labels, as of the keys of a piano: the largest are named and drawn, the others counted."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from gui.views.label_legend import LabelLegend
from gui.views.prediction_view import MOST_CURVES, PredictionView

LABELS = [f"key {i}" for i in range(88)]


@pytest.fixture
def legend(qapp: QApplication) -> LabelLegend:
    made = LabelLegend()
    made.resize(800, 24)
    return made


def test_the_largest_are_named_first_and_the_rest_is_counted(legend: LabelLegend) -> None:
    shares = [0.0] * 88
    shares[40], shares[7], shares[60] = 0.5, 0.3, 0.2
    legend.set_labels(LABELS, shares)
    shown, more = legend._largest(300, 34)
    assert shown[:3] == [40, 7, 60]
    assert 3 <= len(shown) < 10
    assert more == f"{88 - len(shown)} more"
    assert legend.toolTip().startswith("Share of the votes before → after: key 40 50 %, key 7 30 %")
    legend.grab()


def test_after_an_attack_the_order_is_that_of_what_is_said_now(legend: LabelLegend) -> None:
    legend.set_labels(["a", "b", "c"], [0.6, 0.4, 0.0], [0.0, 0.4, 0.6])
    assert legend.accessibleDescription() == "c 0 % → 60 %, b 40 % → 40 %, a 60 % → 0 %"


def test_curves_are_those_of_the_likeliest_and_of_the_one_asked_about(qapp: QApplication) -> None:
    view, times = PredictionView(), np.arange(5.0)
    probability = np.tile(np.linspace(0, 0.9, 88)[:, None], (1, 5))
    view.set_prediction(times, probability, labels=LABELS, threshold=None, selected=3)
    assert len(view._quiet) == MOST_CURVES - 1
    assert view._behind == list(range(88 - MOST_CURVES + 1, 88))
    view.select_label(87)
    assert view._behind == list(range(87 - MOST_CURVES + 1, 87))
    view.set_prediction(times, probability[:4], labels=LABELS[:4], threshold=None)
    assert view._behind == [1, 2, 3]
