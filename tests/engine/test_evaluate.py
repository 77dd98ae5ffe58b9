"""Figures as scikit-learn has them, and as far as the data define them."""

from __future__ import annotations

import json

import numpy as np
import pytest
import soundfile as sf
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from engine.training.evaluate import best_threshold, evaluate_svd, figures, interval_over_songs


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 400), st.floats(0, 1), st.floats(0.05, 0.95))
def test_figures_are_those_of_sklearn(seed, frames, share, threshold):
    rng = np.random.default_rng(seed)
    truth = rng.random(frames) < share
    score = np.round(rng.random(frames) * 0.6 + 0.4 * truth, 2)    # rounded: equal scores occur
    said = score >= threshold
    found = figures(truth, score, threshold)
    assert found.error == pytest.approx(1 - metrics.accuracy_score(truth, said))
    pairs = [(found.precision, metrics.precision_score, said.any()), (found.recall, metrics.recall_score, truth.any()),
             (found.f1, metrics.f1_score, said.any() or truth.any())]
    for ours, theirs, defined in pairs:
        assert (ours is not None) == defined
        if defined:
            assert ours == pytest.approx(theirs(truth, said, zero_division=0))
    if truth.any() and not truth.all():
        assert found.auroc == pytest.approx(metrics.roc_auc_score(truth, score))
    else:
        assert found.auroc is None


def test_a_song_of_one_class_has_the_figures_that_it_can_have():
    silent = figures(np.zeros(4, bool), np.array([0.1, 0.2, 0.3, 0.9]), 0.5)
    assert (silent.error, silent.precision, silent.recall, silent.f1, silent.auroc) == (0.25, 0.0, None, 0.0, None)
    sung = figures(np.ones(2, bool), np.array([0.1, 0.9]), 0.5)
    assert (sung.error, sung.precision, sung.recall, sung.f1, sung.auroc) == (0.5, 1.0, 0.5, pytest.approx(2 / 3), None)
    nothing = figures(np.zeros(2, bool), np.zeros(2), 0.5)
    assert (nothing.error, nothing.precision, nothing.recall, nothing.f1) == (0.0, None, None, None)


def test_a_score_at_the_threshold_is_positive():
    assert figures(np.array([True, False]), np.array([0.5, 0.49]), 0.5).error == 0


def test_best_threshold_is_best_and_in_the_middle_of_equals():
    truth = np.arange(100) >= 50
    score = np.where(truth, 0.8, 0.2)
    threshold, error = best_threshold(truth, score)
    assert error == 0
    assert threshold == pytest.approx(0.51, abs=0.011)   # all of 0.21 .. 0.80 are right
    rng = np.random.default_rng(0)
    noisy = np.clip(0.5 * truth + rng.normal(0.25, 0.2, 100), 0, 1)
    threshold, error = best_threshold(truth, noisy)
    errors = [figures(truth, noisy, t / 100).error for t in range(5, 96)]
    assert error == figures(truth, noisy, threshold).error == min(errors)


def test_the_interval_holds_the_error_and_is_of_songs():
    same = interval_over_songs([0.1, 0.1, 0.1], [100, 200, 300])
    assert same == pytest.approx((0.1, 0.1))
    low, high = interval_over_songs([0.0, 0.1, 0.2, 0.3], [100, 100, 100, 100])
    assert 0 <= low < 0.15 < high <= 0.3
    few, many = (interval_over_songs([0.0, 0.3] * n, [100] * 2 * n) for n in (3, 30))
    assert many[1] - many[0] < 0.5 * (few[1] - few[0])
    one, _ = interval_over_songs([0.0, 1.0], [1, 999])
    assert one == 0.0                # a draw may hold the short song only
    assert interval_over_songs([0.0, 0.3], [1, 2]) == interval_over_songs([0.0, 0.3], [1, 2])


def test_a_folder_is_evaluated_with_the_threshold_of_the_card(tmp_path, random_listener):
    for part in ("audio", "labels"):
        (tmp_path / part).mkdir()
    for name, labels in (("half", "0,1.5\n"), ("none", "")):
        y = 0.1 * np.random.default_rng(0).standard_normal(3 * 22050)
        sf.write(tmp_path / "audio" / f"{name}.wav", y.astype(np.float32), 22050)
        (tmp_path / "labels" / f"{name}.csv").write_text(labels)
    always = evaluate_svd(random_listener(threshold=0.001), str(tmp_path))
    assert always["threshold"] == 0.001
    text = json.dumps(always, allow_nan=False)
    assert json.loads(text).keys() == {"error", "precision", "recall", "f1", "auroc", "error_interval", "threshold",
                                       "n_songs", "songs"}
    half, none = always["songs"]
    assert (half["id"], none["id"], none["auroc"]) == ("half", "none", None)
    assert half["auroc"] is not None
    assert half["minutes"] == pytest.approx(0.05)
    frames = 1 + 3 * 22050 // 315
    assert always["error"] == pytest.approx((half["error"] + none["error"]) / 2)
    if always["recall"] == 1:
        assert half["error"] == pytest.approx(1 - 105 / frames)
        assert none["error"] == 1
