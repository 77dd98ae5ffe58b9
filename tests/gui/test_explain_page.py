"""The Explain page as a user meets it: open, look, move, hide, paint, hear, export, close."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, QSettings, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.audio.labels import read_intervals
from engine.audio.waveform import Waveform, write_wav
from engine.listening.explain import Question, excerpt_log_mel, explain
from engine.models import catalogue
from gui.explain_page import ExplainPage, exports
from gui.main_window import MainWindow

SECONDS = 8.0
PATIENCE = 30_000


def song(path: Path, seconds: float = SECONDS, sr: int = 44100) -> Path:
    """A wavering harmonic tone in the second half, chords before: something to decide on."""
    t = np.arange(round(seconds * sr)) / sr
    chord = sum(0.05 * np.sin(2 * np.pi * f * t) for f in (220.0, 277.2, 329.6))
    phase = 2 * np.pi * np.cumsum(330 * (1 + 0.02 * np.sin(2 * np.pi * 6 * t))) / sr
    voice = sum(0.2 / k * np.sin(k * phase) for k in range(1, 12)) * (t > seconds / 2)
    write_wav(path, Waveform(np.stack([chord + voice, chord + 0.8 * voice]).astype(np.float32), sr))
    return path


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    path = song(tmp_path / "Lied für Zoë.wav")
    path.with_suffix(".csv").write_text("start,end\n4.0,8.0\n", encoding="utf-8")
    settings = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    window = MainWindow([str(path)], settings)
    window.show()
    qtbot.waitUntil(lambda: window.page is not None, timeout=PATIENCE)
    qtbot.waitUntil(lambda: page_of(window).session.prediction is not None, timeout=PATIENCE)
    qtbot.waitUntil(lambda: judged(window), timeout=PATIENCE)
    yield window
    window.close()


def page_of(window: MainWindow) -> ExplainPage:
    assert window.page is not None
    return window.page


def judged(window: MainWindow) -> bool:
    answer = page_of(window).session.answer
    return (answer is not None and answer.curves is not None
            and answer.question.start == page_of(window).session.question.start)


def test_what_is_shown_is_what_the_engine_says(window: MainWindow) -> None:
    page = page_of(window)
    answer, opened = page.session.answer, page.session.song
    assert answer is not None
    assert opened is not None
    listener = catalogue.load("svd")
    features = listener.excerpt(excerpt_log_mel(opened.file, listener, answer.start), 0)
    alone = explain(features, listener, Question(start=answer.start))
    np.testing.assert_allclose(answer.explanation.weights, alone.explanation.weights, atol=1e-3)
    assert page.table.model().rowCount() == 10
    assert page.labels.isVisible()


def test_the_newest_excerpt_wins(window: MainWindow, qtbot: QtBot) -> None:
    page = page_of(window)
    for frame in range(0, 300, 10):
        page.spectrogram._move_excerpt(frame)
        qtbot.wait(5)
    qtbot.waitUntil(lambda: judged(window), timeout=PATIENCE)
    assert page.session.answer is not None
    assert page.session.answer.start == pytest.approx(290 / 70)


def test_hiding_shows_a_new_prediction_and_showing_takes_it_back(window: MainWindow, qtbot: QtBot) -> None:
    page = page_of(window)
    with qtbot.waitSignal(page.inquiry.changed_curve, timeout=PATIENCE) as told:
        page.hide_top()
    answer = page.session.answer
    assert answer is not None
    assert page.session.hidden == frozenset(answer.explanation.top(3))
    times, probability = told.args
    at = int(np.abs(times - (answer.start + 57 / 70)).argmin())
    mask = [i not in page.session.hidden for i in range(10)]
    row = int((answer.explanation.masks == mask).all(axis=1).argmax())  # type: ignore[union-attr]
    assert probability[at, 1] == pytest.approx(answer.explanation.mask_scores[row], abs=1e-4)  # type: ignore[index]
    page.session.hide(frozenset())
    qtbot.waitUntil(lambda: not page.prediction._changed.isVisible(), timeout=PATIENCE)


def test_the_brush_changes_the_prediction_and_undo_brings_it_back(window: MainWindow, qtbot: QtBot) -> None:
    page = page_of(window)
    before = page.session.log_mel.S.clone()  # type: ignore[union-attr]
    start = page.session.question.start
    page.panel.set_brush_mode("erase")
    page.spectrogram.brush_started.emit()
    for second in np.arange(start, start + 1.6, 0.1):
        for band in (10.0, 20.0, 30.0, 40.0):
            page.spectrogram.brush_stroke.emit(float(second), band)
    page.spectrogram.brush_finished.emit()
    assert (before != page.session.log_mel.S).any()  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: "edited" in page.hearing.available, timeout=PATIENCE)
    page.session.undo_stack.undo()
    assert (before == page.session.log_mel.S).all()  # type: ignore[union-attr]
    page.session.undo_stack.redo()
    assert (before != page.session.log_mel.S).any()  # type: ignore[union-attr]


def test_a_kept_sound_is_looped_where_the_excerpt_is(window: MainWindow, qtbot: QtBot) -> None:
    page = page_of(window)
    qtbot.waitUntil(lambda: "kept" in page.hearing.available, timeout=PATIENCE)
    page.hearing.choose("kept")
    loop, answer = page.player.loop, page.session.answer
    assert loop is not None
    assert answer is not None
    assert loop.start == pytest.approx(answer.start)
    assert loop.stop == pytest.approx(answer.start + 115 / 70, abs=1e-3)


def test_bad_files_are_refused_and_the_song_stays(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    complaints: list[str] = []
    page = page_of(window)
    page.inquiry.failed.connect(complaints.append)
    stays = page.session.song
    bad = tmp_path / "renamed.mp3"
    bad.write_bytes(b"%PDF-1.4 not music at all" * 50)
    for path in (bad, tmp_path / "gone.wav", tmp_path):
        with qtbot.waitSignal(page.inquiry.failed, timeout=PATIENCE):
            window.open(path)
    assert page.session.song is stays
    assert "renamed.mp3" in complaints[0]


def test_dropping_labels_compares_them(window: MainWindow, tmp_path: Path) -> None:
    page = page_of(window)
    other = tmp_path / "other.txt"
    other.write_text("1.0\t2.0\tvoice\n", encoding="utf-8")
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(other))])
    window.dropEvent(QDropEvent(QPointF(10, 10), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton,
                                Qt.KeyboardModifier.NoModifier))
    assert page.session.labels == read_intervals(other)


def test_exports_can_be_read_back(window: MainWindow, tmp_path: Path) -> None:
    page = page_of(window)
    answer, prediction = page.session.answer, page.session.prediction
    assert answer is not None
    assert prediction is not None
    for name in ("seen.png", "seen.svg"):
        exports.picture(page.heard, tmp_path / name)
        assert (tmp_path / name).stat().st_size > 2000
    exports.write_atomically(tmp_path / "e.json", exports.explanation_json(answer))
    assert json.loads((tmp_path / "e.json").read_text())["top"] == answer.explanation.top(3)
    assert exports.explanation_csv(answer).decode().count("\n") == 11
    exports.write_atomically(tmp_path / "p.txt", exports.prediction_labels(prediction))
    sung = [s for s in prediction.segments() if s.name == "singing"]
    assert len(read_intervals(tmp_path / "p.txt")) == len(sung)


def test_every_control_has_a_name_and_the_palette_knows_all_actions(window: MainWindow) -> None:
    unnamed = [type(w).__name__ for w in page_of(window).findChildren(object)  # type: ignore[type-var]
               if getattr(w, "focusPolicy", None) and w.focusPolicy() != Qt.FocusPolicy.NoFocus
               and w.isVisibleTo(window) and not w.accessibleName() and not (hasattr(w, "text") and w.text())
               and type(w).__module__.startswith(("PySide6.QtWidgets", "gui")) and not w.objectName().startswith("qt_")]
    assert unnamed == []
    texts = {action.text() for action in window.actions_of_all_menus()}
    assert {"Command palette …", "Zoom to the excerpt", "Play", "Hide the top segments"} <= texts


def test_the_window_stays_awake_while_explanations_run(window: MainWindow, qtbot: QtBot) -> None:
    page = page_of(window)
    page.player.play()
    page.panel.follow.setChecked(True)
    gaps, last = [], time.perf_counter()
    for _ in range(150):
        QApplication.processEvents()
        now = time.perf_counter()
        gaps.append(now - last)
        last = now
        time.sleep(0.005)
    assert sorted(gaps)[-3] < 0.5  # a freeze, not a busy machine


def test_closing_ends_all_threads(qtbot: QtBot, tmp_path: Path) -> None:
    settings = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    window = MainWindow([str(song(tmp_path / "s.wav"))], settings)
    window.show()
    qtbot.waitUntil(lambda: window.page is not None, timeout=PATIENCE)
    live, batch = window.live, window.batch
    window.close()
    assert live.isFinished()
    assert batch.isFinished()
