"""The Explain page with listeners of several labels."""
# ruff: noqa: F811

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PySide6.QtCore import QPointF, Qt

from engine.audio.labels import read_intervals
from engine.listening.explain import Question, excerpt_spectrogram, explain
from gui.explain_page import ExplainPage, exports
from gui.main_window import MainWindow
from gui.views.label_legend import LabelLegend
from tests.gui.explaining_models import FPS, LABELS, choose, opened, page, page_of, rested  # noqa: F401  (fixtures)
from tests.gui.waiting import wait_for


def test_models_are_offered_with_their_titles(opened: MainWindow) -> None:
    box = page_of(opened).panel.model
    offered = {box.itemData(i): box.itemData(i, Qt.ItemDataRole.ToolTipRole) for i in range(box.count())}
    assert set(offered) == {"svd", "by-frames", "by-patches", "style-mlp", "damaged"}
    assert offered["by-frames"] == "Title of by-frames"


def test_another_model_listens_at_the_same_place_and_what_is_heard_goes_on(opened: MainWindow) -> None:
    page = page_of(opened)
    choose(page, "svd")
    page.study.ask(start=140 / 70)
    wait_for(lambda: rested(page))
    page.player.seek(2.0)
    page.player.play()
    page.spectrogram.set_range(1.0, 4.0)
    seen = page.spectrogram.visible_range()
    choose(page, "by-frames")
    assert page.player.playing
    assert page.player.position() >= 2.0
    page.player.pause()
    assert page.study.question.start == pytest.approx(2.0, abs=0.5 / FPS)
    assert page.spectrogram.visible_range() == pytest.approx(seen)
    assert page.legend.isVisible()
    choose(page, "svd")
    assert page.study.question.start == pytest.approx(2.0, abs=1 / FPS)
    assert page.panel.target.findData("") == -1, "a detector is asked about what it detects"
    assert not page.legend.isVisible()
    assert page.headline.text().startswith("singing ")


def test_what_is_shown_is_what_the_engine_says(page: ExplainPage) -> None:
    answer, listener, opened = page.study.answer, page.study.listener, page.study.song
    assert answer is not None
    assert listener is not None
    assert opened is not None
    features = listener.excerpt(excerpt_spectrogram(opened.file, listener, answer.start), 0)
    alone = explain(features, listener, Question(start=answer.start))
    np.testing.assert_allclose(answer.explanation.weights, alone.explanation.weights, atol=1e-4)
    decided = LABELS[int(listener.probabilities(listener.scores(features[None]))[0].argmax())]
    assert answer.target == answer.decided == decided
    assert page.headline.text().startswith(f"{decided} {answer.explanation.score_full:.2f}")
    assert page.panel.target.currentText() == f"Decided on: {decided}"
    assert page.spectrogram._pyramid is not None
    assert page.spectrogram._pyramid.bands == 513
    assert page.spectrogram._frame.boundingRect().height() == 513
    assert page.spectrogram.frequency_axis.band_of(5512.5) == pytest.approx(256.5)
    curves = [page.prediction._curve, *page.prediction._quiet]
    assert len(curves) == 3
    assert len({curve._pen.color().rgb() for curve in curves}) == 3
    assert page.prediction._selected == LABELS.index(decided)
    legend = page.findChild(LabelLegend)
    assert legend is not None
    assert all(label in legend.accessibleDescription() for label in LABELS)


def test_any_label_can_be_asked_about_and_the_other_is_named(page: ExplainPage) -> None:
    decided = page.study.answer.decided  # type: ignore[union-attr]
    other = next(label for label in LABELS if label != decided)
    page.panel.target.setCurrentIndex(page.panel.target.findData(other))
    wait_for(lambda: page.study.answer.target == other)  # type: ignore[union-attr]
    answer = page.study.answer
    assert answer is not None
    assert page.headline.text().startswith(f"{other} {answer.explanation.score_full:.2f} (rather {decided})")
    assert page.prediction._selected == LABELS.index(other)
    page.study.ask(units="logit")
    wait_for(lambda: page.study.answer.explanation.units == "logit")  # type: ignore[union-attr]
    p = page.study.answer.probability  # type: ignore[union-attr]
    assert page.study.answer.explanation.score_full == pytest.approx(np.log(p / (1 - p)), abs=1e-3)  # type: ignore
    page.panel.target.setCurrentIndex(0)
    assert page.study.question.target is None


@pytest.mark.parametrize(("kind", "count"), [("spectral", 8), ("grid", 12)])
def test_frequencies_are_cut_and_named(page: ExplainPage, kind: str, count: int) -> None:
    page.panel.segmentation.setCurrentIndex(page.panel.segmentation.findData(kind))
    wait_for(lambda: page.study.answer.explanation.segmentation.kind == kind)  # type: ignore[union-attr]
    assert page.panel.segments.value() == page.table.model().rowCount() == count
    e = page.study.answer.explanation  # type: ignore[union-attr]
    top = page.spectrogram._excerpt._boxes[max(page.spectrogram._excerpt._boxes)]
    assert (top.bottom(), top.right()) == (513, 100)
    assert e.segmentation.segments[-1].fmax == pytest.approx(11025)
    page.table.grab()


@pytest.mark.parametrize(("window", "count"), [(6, 6), (1, 1), (100, 10)])
def test_the_form_says_into_how_many_segments_a_short_excerpt_is_cut(page: ExplainPage, window: int, count: int,
                                                                     monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(page.study.listener, "window", window)
        page.showing._question()
        assert page.panel.segments.value() == count
        assert page.panel.segments.toolTip() == ("Exact methods take at most 12; an excerpt of this model has room for "
                                                 f"{window} in time and 513 in frequency")
    page.showing._question()
    assert page.panel.segments.value() == page.table.model().rowCount()


def test_the_excerpt_moves_by_the_length_of_this_listeners_window(page: ExplainPage) -> None:
    page.study.ask(start=0.0)
    page.move_by_excerpts(1)
    assert page.study.question.start == pytest.approx(100 / FPS)


def test_hiding_shows_what_the_listener_says_then_of_the_same_label(page: ExplainPage) -> None:
    told: list[Any] = []
    page.inquiry.changed_curve.connect(lambda times, probability: told.append((times, probability)))
    page.hide_top()
    wait_for(lambda: told and told[-1][0] is not None)
    answer, (times, probability) = page.study.answer, told[-1]
    assert answer is not None
    at = int(np.abs(times - answer.start - 50 / FPS).argmin())
    mask = [i not in page.study.hidden for i in range(10)]
    row = int((answer.explanation.masks == mask).all(axis=1).argmax())  # type: ignore[union-attr]
    column = LABELS.index(answer.target)
    assert probability[at, column] == pytest.approx(answer.explanation.mask_scores[row], abs=1e-4)  # type: ignore[index]
    assert f"with your changes {probability[at, column]:.2f}" in page.headline.text()


def test_the_brush_is_as_large_as_on_any_spectrogram_and_can_be_undone(page: ExplainPage) -> None:
    before = page.study.spectrogram.S.clone()  # type: ignore[union-attr]
    page.panel.set_brush_mode("add")
    assert page.painting.brush is not None
    assert page.painting.brush.radius_bands == pytest.approx(4 / 80 * 513)
    page.spectrogram.brush_started.emit()
    page.spectrogram.brush_stroke.emit(page.study.question.start + 1.0, 400.0)
    page.spectrogram.brush_finished.emit()
    page.panel.set_brush_mode("off")
    touched = (before != page.study.spectrogram.S).any(dim=1)  # type: ignore[union-attr]
    assert 40 < int(touched.sum()) < 120
    wait_for(lambda: "edited" in page.hearing.available)
    page.study.undo_stack.undo()
    assert torch.equal(page.study.spectrogram.S, before)  # type: ignore[union-attr]


def test_sounds_and_files_are_made(page: ExplainPage, tmp_path: Path) -> None:
    wait_for(lambda: {"kept", "removed", "heard"} <= set(page.hearing.available))
    kept = page.hearing.sound("kept")
    assert kept is not None
    assert kept.seconds == pytest.approx(100 / FPS, abs=1e-3)
    assert np.isfinite(kept.y).all()
    track = tmp_path / "p.txt"
    track.write_bytes(exports.prediction_labels(page.study.prediction))  # type: ignore[arg-type]
    named = read_intervals(track)
    assert {interval.name for interval in named} <= set(LABELS)
    assert named[-1].end == pytest.approx(6.0)
    written: list[str] = []
    page.inquiry.written.connect(written.append)
    page.inquiry.report_to(tmp_path / "report")
    wait_for(lambda: written)
    report = (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    assert "513 frequencies" in report
    assert "majority" in report
    assert "mel bands" not in report


def test_under_the_mouse_are_bins_from_0_hz_up_and_the_likeliest_labels(page: ExplainPage) -> None:
    said: list[str] = []
    page.readout.connect(said.append)
    page.spectrogram.hover(QPointF(1.0, 0.5))
    assert "0 Hz (–)" in said[-1]
    page.prediction.hover(QPointF(1.0, 0.5))
    assert all(label in said[-1] for label in LABELS)
