"""The views over time: axes, linking, the explanation upon the spectrogram, curves and lanes."""
# ruff: noqa: F811

import numpy as np
import pytest
import torch
from PySide6.QtCore import QPointF, Qt

from engine.audio.features import mel_frequencies
from engine.audio.labels import Interval
from engine.audio.pyramid import PeakPyramid
from engine.explain.explanation import Explanation, Segment, Segmentation
from gui.theme import AXIS_WIDTH, DARK, LIGHT
from gui.views.curve_item import CurveItem
from gui.views.frequency_axis import FrequencyAxis, note_name
from gui.views.label_lane import LabelLane, parts_of_one_only
from gui.views.prediction_view import PredictionView
from gui.views.spectrogram_view import SpectrogramView
from gui.views.time_plot import link_time_axes, time_text
from gui.views.waveform_view import WaveformView
from tests.gui.over_time import FRAMES, SPF, shade, spectrogram  # noqa: F401  (fixtures)


def explanation() -> Explanation:
    """Two halves in time: the first speaks for, the second against."""
    which = np.zeros((80, 100), np.int64)
    which[:, 50:] = 1
    segments = (Segment(0, 0.0, 50 * SPF, 27.5, 8000.0), Segment(1, 50 * SPF, 100 * SPF, 27.5, 8000.0))
    return Explanation(Segmentation("temporal", segments, torch.from_numpy(which)), np.array([0.5, -0.25]),
                       score_full=0.9, score_empty=0.1, method="shapley", fill="mean")


@pytest.mark.parametrize(("seconds", "decimals", "text"), [
    (0.0, 3, "0:00.000"), (62.3456, 3, "1:02.346"), (3723.5, 1, "1:02:03.5"), (59.9996, 3, "1:00.000"),
    (-1.25, 2, "-0:01.25"), (7.4, 0, "0:07")])
def test_times_are_written_as_minutes_and_seconds(seconds: float, decimals: int, text: str):
    assert time_text(seconds, decimals) == text


def test_notes_and_frequencies(qapp):
    assert [note_name(hz) for hz in (440.0, 261.63, 466.16, 27.5)] == ["A4", "C4", "B♭4", "A0"]
    axis = FrequencyAxis()
    axis.set_centres(mel_frequencies(80, 27.5, 8000.0)[1:-1])
    assert axis.hz_of(axis.band_of(440.0)) == pytest.approx(440.0, rel=1e-6)
    ((_, ticks),) = axis.tickValues(0, 80, 400)
    assert "1k" in axis.tickStrings(ticks, 1, 1)
    assert min(-np.diff(ticks)) * 400 / 80 >= 26 - 1e-9
    axis.set_notes(True)
    ((_, ticks),) = axis.tickValues(0, 80, 400)
    assert axis.tickStrings(ticks, 1, 1)
    assert all(name.startswith("C") for name in axis.tickStrings(ticks, 1, 1))


def test_linked_views_show_the_same_seconds_and_align(qtbot, spectrogram: SpectrogramView):
    prediction, lane = PredictionView(), LabelLane()
    for view in (prediction, lane):
        qtbot.addWidget(view)
        view.resize(1000, 100)
        view.set_duration(FRAMES * SPF)
        view.show()
    link_time_axes([spectrogram, prediction, lane])
    prediction.set_range(10.0, 20.0)
    assert spectrogram.visible_range() == pytest.approx((10.0, 20.0))
    spectrogram.zoom(0.5, about=10.0)
    assert lane.visible_range() == pytest.approx((10.0, 15.0))
    for view in (spectrogram, prediction, lane):
        assert view.plotItem.getAxis("left").width() == AXIS_WIDTH
    left = {round(view.plotItem.vb.sceneBoundingRect().left()) for view in (spectrogram, prediction, lane)}
    assert len(left) == 1


def test_zoom_keeps_the_second_under_the_mouse_and_stays_in_the_file(spectrogram: SpectrogramView):
    spectrogram.set_range(20.0, 40.0)
    spectrogram.zoom(0.5, about=25.0)
    assert spectrogram.visible_range() == pytest.approx((22.5, 32.5))
    spectrogram.set_range(-100.0, -90.0)
    start, stop = spectrogram.visible_range()
    assert start >= -0.011 * FRAMES * SPF
    assert stop - start == pytest.approx(10.0)
    spectrogram.zoom(1000.0)
    assert spectrogram.visible_range()[1] <= 1.011 * FRAMES * SPF


def test_only_what_is_seen_is_uploaded(spectrogram: SpectrogramView):
    for start, stop in ((0, 60), (10, 12), (30, 30.5)):
        spectrogram.set_range(start, stop)
        columns = spectrogram._image.image.shape[1]
        assert columns <= 2 * spectrogram.width()
        assert columns >= min((stop - start) / SPF, spectrogram.width() - 80) - 1


def test_an_explanation_is_blue_and_orange_on_grey_and_names_its_segments(spectrogram: SpectrogramView):
    spectrogram.set_range(9.0, 13.0)
    spectrogram.show_explanation(explanation(), spectrogram.excerpt_start, k=1)
    supports, opposes = shade(spectrogram, 700 * SPF + 0.35, 20.5), shade(spectrogram, 700 * SPF + 1.1, 20.5)
    assert supports.red() > supports.blue() + 20
    assert opposes.blue() > opposes.red() + 20
    clicked: list[int] = []
    spectrogram.segment_clicked.connect(clicked.append)
    spectrogram.take_click(QPointF(700 * SPF + 1.1, 20.0), False)
    assert clicked == [1]


def test_hidden_segments_look_different(spectrogram: SpectrogramView):
    spectrogram.show_explanation(explanation(), spectrogram.excerpt_start)
    before = spectrogram.grab().toImage()
    spectrogram.set_hidden([0])
    assert spectrogram.grab().toImage() != before


def test_a_late_explanation_is_drawn_where_it_belongs(spectrogram: SpectrogramView):
    spectrogram.show_explanation(explanation(), 500 * SPF)
    assert spectrogram._excerpt.pos().x() == pytest.approx(499.5 * SPF)
    assert spectrogram._frame.pos().x() == pytest.approx(699.5 * SPF)
    spectrogram.set_excerpt(800 * SPF, 100)
    assert spectrogram._excerpt.pos().x() == pytest.approx(499.5 * SPF), "it says nothing of where the excerpt is now"
    assert spectrogram._excerpt.explained
    spectrogram.clear_explanation()
    assert not spectrogram._excerpt.explained


def test_hover_says_time_frequency_level_and_weight(spectrogram: SpectrogramView):
    said: list[str] = []
    spectrogram.hovered.connect(said.append)
    spectrogram.show_explanation(explanation(), spectrogram.excerpt_start)
    spectrogram.hover(QPointF(710 * SPF, 12.5))
    assert "0:10.143" in said[-1]
    assert "Hz (" in said[-1]
    assert "dB" in said[-1]
    assert "weight +0.500" in said[-1]
    spectrogram.hover(QPointF(2.0, 12.5))
    assert "weight" not in said[-1]


def test_a_long_curve_keeps_its_extremes(qapp):
    curve = CurveItem()
    y = np.full(504_000, 0.4)
    y[123_456] = 1.0
    curve.set_data(np.arange(504_000) * SPF, y)
    curve.show_range(0.0, 7200.0, 800)
    x, low, high = curve._seen
    assert len(x) <= 1000
    assert high.max() == 1.0
    assert low.min() == 0.4
    curve.show_range(100.0, 101.0, 800)
    assert len(curve._seen[0]) == pytest.approx(70, abs=4)


def test_prediction_reads_the_nearest_value(qtbot):
    view = PredictionView()
    qtbot.addWidget(view)
    view.set_theme(LIGHT)
    view.set_duration(10.0)
    view.set_prediction(np.arange(10.0), np.stack([np.linspace(0, 0.9, 10), np.linspace(1, 0.1, 10)]),
                        labels=["voice", "none"], threshold=0.5, decided=[Interval(5, 9, "voice")])
    assert view.value_at(4.4) == pytest.approx(0.4)
    assert view.value_at(4.6) == pytest.approx(0.5)
    assert view.value_at(11.0) is None
    view.select_label(1)
    assert view.value_at(0.0) == 1.0
    assert "none" in view.accessibleDescription()
    view.show_changed(np.array([1.0, 2.0]), np.array([0.7]))
    view.grab()


def test_label_lane_finds_where_the_model_differs(qtbot):
    labels, decided = [Interval(1, 3), Interval(5, 7)], [Interval(2, 6)]
    assert parts_of_one_only(labels, decided) == [Interval(1, 2), Interval(6, 7)]
    assert parts_of_one_only(decided, labels) == [Interval(3, 5)]
    assert parts_of_one_only(labels, []) == labels
    lane = LabelLane()
    qtbot.addWidget(lane)
    lane.set_theme(DARK)
    lane.set_duration(10.0)
    lane.set_labels(labels)
    assert lane.compare(decided) == pytest.approx(0.6)
    assert "60%" in lane.accessibleDescription()
    lane.grab()


def test_waveform_asks_for_ranges_and_follows_silently(qtbot):
    view = WaveformView()
    qtbot.addWidget(view)
    view.set_theme(DARK)
    view.set_peaks(PeakPyramid.of([np.sin(np.arange(50_000) / 9).astype(np.float32)], sr=1000))
    asked: list[tuple[float, float]] = []
    sought: list[float] = []
    view.range_asked.connect(lambda start, stop: asked.append((start, stop)))
    view.seek_asked.connect(sought.append)
    view.set_visible_range(10.0, 20.0)
    assert not asked
    view.take_click(QPointF(40.0, 0.0), False)
    assert asked[-1] == pytest.approx((35.0, 45.0))
    assert sought == [40.0]
    view.set_excerpt(5.0, 1.6)
    view.set_cursor(6.0)
    view.grab()


def test_every_view_has_a_name_and_a_description(qtbot, spectrogram: SpectrogramView):
    others = [PredictionView(), LabelLane(), WaveformView()]
    for view in others:
        qtbot.addWidget(view)
    for view in (spectrogram, *others):
        assert view.accessibleName()
        assert view.accessibleDescription()
        assert view.focusPolicy() & Qt.FocusPolicy.TabFocus
