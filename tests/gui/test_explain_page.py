"""The Explain page as a user meets it: open, look, move, hide, paint, hear, export, open another, close.

One window serves all tests, for opening it is what takes long; each test finds it as it was opened.
"""

from __future__ import annotations

import csv
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QMimeData, QPoint, QPointF, QSettings, Qt, QUrl
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from engine.audio.labels import read_intervals
from engine.audio.waveform import Waveform, write_wav
from engine.job import Progress, Report
from engine.listening.explain import Question, excerpt_spectrogram, explain
from engine.models import catalogue
from gui.explain_page import ExplainPage
from gui.main_window import MainWindow

SECONDS = 6.0
PATIENCE = 60_000


def song(path: Path, seconds: float = SECONDS, sr: int = 44100) -> Path:
    """A wavering harmonic tone in the second half, chords before: something to decide on."""
    t = np.arange(round(seconds * sr)) / sr
    chord = sum(0.05 * np.sin(2 * np.pi * f * t) for f in (220.0, 277.2, 329.6))
    phase = 2 * np.pi * np.cumsum(330 * (1 + 0.02 * np.sin(2 * np.pi * 6 * t))) / sr
    voice = sum(0.2 / k * np.sin(k * phase) for k in range(1, 12)) * (t > seconds / 2)
    write_wav(path, Waveform(np.stack([chord + voice, chord + 0.8 * voice]).astype(np.float32), sr))
    return path


def wait_for(true: Callable[[], bool]) -> None:
    """As `qtbot.waitUntil`, for what lives longer than a test."""
    until = time.monotonic() + PATIENCE / 1000
    while not true():
        assert time.monotonic() < until
        QTest.qWait(10)


@pytest.fixture(scope="module")
def opened(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MainWindow]:
    folder = tmp_path_factory.mktemp("explain")
    path = song(folder / "Lied für Zoë.wav")
    path.with_suffix(".csv").write_text("start,end\n3.0,6.0\n", encoding="utf-8")
    window = MainWindow([str(path)], QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat))
    window.show()
    wait_for(lambda: window.page is not None and page_of(window).study.prediction is not None)
    yield window
    window.close()


@pytest.fixture
def window(opened: MainWindow, qtbot: QtBot) -> MainWindow:
    page = page_of(opened)
    page.player.pause()
    page.player.set_loop(0.0, None)
    page.panel.follow.setChecked(False)
    page.panel.set_brush_mode("off")
    page.painting.revert()
    page.study.hide(frozenset())
    page.hearing.choose("original")
    page.study.ask(start=200 / 70, method="slime-exact", fill="mean")
    opened.activateWindow()
    qtbot.waitUntil(lambda: answered(page), timeout=PATIENCE)
    return opened


def page_of(window: MainWindow) -> ExplainPage:
    assert isinstance(window.page, ExplainPage)
    return window.page


def answered(page: ExplainPage) -> bool:
    """Whether the answer is that to the question as it stands, with the spectrogram as it is."""
    answer, question = page.study.answer, page.study.question
    return answer is not None and answer.start == question.start and page.inquiry._running is None


def action(window: MainWindow, text: str) -> QAction:
    return next(a for a in window.actions_of_all_menus() if a.text().replace("&", "") == text)


def drop(window: MainWindow, path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    how = (Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    entering = QDragEnterEvent(QPoint(10, 10), *how)
    window.dragEnterEvent(entering)
    assert entering.isAccepted()
    window.dropEvent(QDropEvent(QPointF(10, 10), *how))


def test_what_is_shown_is_what_the_engine_says(window: MainWindow) -> None:
    page = page_of(window)
    answer, opened = page.study.answer, page.study.song
    assert answer is not None
    assert opened is not None
    listener = catalogue.load("svd")
    features = listener.excerpt(excerpt_spectrogram(opened.file, listener, answer.start), 0)
    alone = explain(features, listener, Question(start=answer.start))
    np.testing.assert_allclose(answer.explanation.weights, alone.explanation.weights, atol=1e-3)
    assert page.table.model().rowCount() == 10
    assert page.labels.isVisible()
    said = page.headline.text()
    assert said.startswith(f"singing {answer.explanation.score_full:.2f}")
    assert ", ".join(str(i) for i in answer.explanation.top(3)) in said


def test_a_moving_excerpt_is_explained_all_along_and_the_newest_last(window: MainWindow, qtbot: QtBot) -> None:
    page = page_of(window)
    starts: list[float] = []

    def note() -> None:
        assert page.study.answer is not None
        starts.append(page.study.answer.start)

    page.study.answered.connect(note)
    moves = 0
    while len(starts) < 2:  # explanations come while it moves, however slow the machine
        moves += 1
        page.spectrogram._move_excerpt(moves % 300)
        qtbot.wait(15)
        assert moves < 2000
    page.spectrogram._move_excerpt(290)
    qtbot.waitUntil(lambda: answered(page), timeout=PATIENCE)
    page.study.answered.disconnect(note)
    assert starts[-1] == pytest.approx(290 / 70)
    assert page.spectrogram._explained_first == 290


def test_another_method_does_not_wait_for_the_last_one(window: MainWindow, qtbot: QtBot) -> None:
    page = page_of(window)
    page.study.ask(start=150 / 70)
    page.study.ask(method="occlusion")
    assert not page.inquiry._waits
    qtbot.waitUntil(lambda: answered(page), timeout=PATIENCE)
    assert page.study.answer is not None
    assert page.study.answer.explanation.method == "occlusion"


def test_trust_and_stability_come_when_the_excerpt_rests(window: MainWindow, qtbot: QtBot) -> None:
    page = page_of(window)
    page.study.ask(start=180 / 70)
    qtbot.waitUntil(lambda: answered(page) and bool(page.study.answer.over_fills), timeout=PATIENCE)  # type: ignore[union-attr]
    texts = {label.accessibleName(): label.text() for label in page.trust.findChildren(QWidget)  # type: ignore[attr-defined]
             if label.accessibleName() and hasattr(label, "text")}
    assert "–" not in texts.values()
    assert page.stability._said.text()
    assert not page.trust.verticalScrollBar().isVisible(), "all of it is seen without scrolling"


def test_hiding_shows_a_new_prediction_and_showing_takes_it_back(window: MainWindow, qtbot: QtBot) -> None:
    page = page_of(window)
    with qtbot.waitSignal(page.inquiry.changed_curve, timeout=PATIENCE) as told:
        action(window, "Hide the top segments").trigger()
    answer = page.study.answer
    assert answer is not None
    assert page.study.hidden == frozenset(answer.explanation.top(3))
    times, probability = told.args
    at = int(np.abs(times - (answer.start + 57 / 70)).argmin())
    mask = [i not in page.study.hidden for i in range(10)]
    row = int((answer.explanation.masks == mask).all(axis=1).argmax())  # type: ignore[union-attr]
    assert probability[at, 1] == pytest.approx(answer.explanation.mask_scores[row], abs=1e-4)  # type: ignore[index]
    assert f"with your changes {probability[at, 1]:.2f}" in page.headline.text()
    page.study.hide(frozenset())
    qtbot.waitUntil(lambda: not page.prediction._changed.isVisible(), timeout=PATIENCE)
    assert "with your changes" not in page.headline.text()


def test_space_plays_also_in_the_table_where_enter_hides(window: MainWindow, qtbot: QtBot) -> None:
    page = page_of(window)
    page.table.setFocus()
    page.table.select_segment(4)
    QTest.keyClick(page.table, Qt.Key.Key_Return)
    assert page.study.hidden == {4}
    assert page.spectrogram._excerpt._hidden == {4}
    QTest.keyClick(page.table, Qt.Key.Key_Space)
    assert page.player.playing
    assert page.study.hidden == {4}
    QTest.keyClick(page.table, Qt.Key.Key_H)
    assert not page.study.hidden


def test_the_brush_changes_the_prediction_and_undo_brings_it_back(window: MainWindow, qtbot: QtBot) -> None:
    page = page_of(window)

    def spectrogram() -> np.ndarray:
        assert page.study.spectrogram is not None
        return page.study.spectrogram.S.numpy()

    before, start = spectrogram().copy(), page.study.question.start
    score = page.study.answer.explanation.score_full  # type: ignore[union-attr]
    page.panel.set_brush_mode("erase")
    page.spectrogram.brush_started.emit()
    for second in np.arange(start, start + 1.6, 0.1):
        for band in (10.0, 20.0, 30.0, 40.0):
            page.spectrogram.brush_stroke.emit(float(second), band)
    page.spectrogram.brush_finished.emit()
    assert not np.array_equal(spectrogram(), before)
    qtbot.waitUntil(lambda: page.study.answer.explanation.score_full != score, timeout=PATIENCE)  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: "edited" in page.hearing.available, timeout=PATIENCE)
    page.study.undo_stack.undo()
    np.testing.assert_array_equal(spectrogram(), before)
    page.study.undo_stack.redo()
    assert not np.array_equal(spectrogram(), before)


def test_a_kept_sound_is_looped_and_the_loop_goes_with_the_excerpt(window: MainWindow, qtbot: QtBot) -> None:
    page = page_of(window)
    qtbot.waitUntil(lambda: "kept" in page.hearing.available, timeout=PATIENCE)
    page.hearing.choose("kept")
    loop, answer = page.player.loop, page.study.answer
    assert loop is not None
    assert answer is not None
    assert loop.start == pytest.approx(answer.start)
    assert loop.stop == pytest.approx(answer.start + 115 / 70, abs=1e-3)
    page.hearing.choose("original")
    page.study.ask(start=1.0)
    assert page.player.loop is not None
    assert page.player.loop.start == pytest.approx(1.0)


def test_the_page_turns_with_the_cursor_but_not_away_from_what_somebody_looks_at(window: MainWindow,
                                                                                 qtbot: QtBot) -> None:
    page = page_of(window)
    view = page.spectrogram
    page.player.seek(1.0)
    view.set_range(0.9, 1.3)
    page.player.play()
    qtbot.waitUntil(lambda: view.visible_range()[0] > 1.2, timeout=PATIENCE)
    view.set_range(4.0, 5.0)
    looked_at, heard = view.visible_range(), page.player.position()
    qtbot.waitUntil(lambda: page.player.position() > heard + 0.4, timeout=PATIENCE)
    assert view.visible_range() == looked_at
    page.player.pause()
    view.set_range(0.0, view.duration)


def test_the_excerpt_follows_the_playback(window: MainWindow, qtbot: QtBot) -> None:
    page = page_of(window)
    page.player.seek(1.0)
    page.panel.follow.setChecked(True)
    page.player.play()
    qtbot.waitUntil(lambda: page.player.position() > 2.0, timeout=PATIENCE)
    assert page.study.question.start == pytest.approx(page.player.position() - 115 / 140, abs=0.5)


def test_exports_from_the_menu_can_be_read_back(window: MainWindow, qtbot: QtBot, tmp_path: Path,
                                                monkeypatch: pytest.MonkeyPatch) -> None:
    page = page_of(window)
    answer, prediction = page.study.answer, page.study.prediction
    assert answer is not None
    assert prediction is not None
    qtbot.waitUntil(lambda: "kept" in page.hearing.available, timeout=PATIENCE)

    def export(text: str, name: str) -> Path:
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / name), ""))
        action(window, text).trigger()
        return tmp_path / name

    png = QImage(str(export("Picture of what is seen (PNG) …", "seen.png")))
    assert (png.width(), png.height()) == (page.heard.width(), page.heard.height())
    svg = QSvgRenderer(str(export("Picture of what is seen (SVG) …", "seen.svg")))
    drawn = QImage(png.size(), QImage.Format.Format_RGB32)
    painter = QPainter(drawn)
    svg.render(painter)
    painter.end()
    assert likeness(drawn, png.convertToFormat(QImage.Format.Format_RGB32)) > 0.8, "what is drawn is what is seen"
    heard = soundfile.info(export("Sound of the excerpt as heard now (WAV) …", "heard.wav"))
    assert heard.duration == pytest.approx(115 / 70, abs=0.01)
    assert heard.samplerate == 44100
    assert json.loads(export("Explanation (JSON) …", "e.json").read_text())["top"] == answer.explanation.top(3)
    rows = list(csv.DictReader(export("Explanation (CSV) …", "e.csv").open(encoding="utf-8")))
    np.testing.assert_allclose([float(row["weight"]) for row in rows], answer.explanation.weights)
    sung = [s for s in prediction.segments() if s.name == "singing"]
    assert len(read_intervals(export("Prediction as Audacity labels …", "p").with_suffix(".txt"))) == len(sung)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "report"))
    with qtbot.waitSignal(page.inquiry.written, timeout=PATIENCE):
        action(window, "Explanation with report …").trigger()
    assert {"report.html", "explanation.json", "kept.wav", "explanation.png"} <= {
        path.name for path in (tmp_path / "report").iterdir()}


def likeness(one: QImage, other: QImage) -> float:
    """Correlation of two pictures."""
    a, b = (np.frombuffer(i.constBits(), np.uint8).reshape(i.height(), i.width(), 4)[..., :3].ravel().astype(float)
            for i in (one, other))
    return float(np.corrcoef(a, b)[0, 1])


def test_an_export_that_cannot_be_written_is_one_sentence(window: MainWindow, tmp_path: Path,
                                                          monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "no folder" / "e.json"), ""))
    action(window, "Explanation (JSON) …").trigger()
    assert "could not be written" in window.notifications.notices[0].sentence


def test_bad_files_are_refused_and_the_song_stays(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    complaints: list[str] = []
    page = page_of(window)
    page.inquiry.failed.connect(complaints.append)
    stays = page.study.song
    bad = tmp_path / "renamed.mp3"
    bad.write_bytes(b"%PDF-1.4 not music at all" * 50)
    for path in (bad, tmp_path / "gone.wav", tmp_path):
        with qtbot.waitSignal(page.inquiry.failed, timeout=PATIENCE):
            window.open(path)
    page.inquiry.failed.disconnect(complaints.append)
    assert page.study.song is stays
    assert "renamed.mp3" in complaints[0]
    assert all("\n" not in sentence and len(sentence) < 400 for sentence in complaints)


def test_dropping_labels_compares_them(window: MainWindow, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("1.0\t2.0\tvoice\n", encoding="utf-8")
    drop(window, other)
    assert page_of(window).study.labels == read_intervals(other)


def test_every_control_has_a_name_and_no_key_is_bound_twice(window: MainWindow) -> None:
    unnamed = [w for w in page_of(window).findChildren(QWidget)
               if w.focusPolicy() != Qt.FocusPolicy.NoFocus and w.isVisibleTo(window)
               and not w.accessibleName() and not getattr(w, "text", str)()
               and not isinstance(w.parent(), QAbstractScrollArea) and not w.objectName().startswith("qt_")]
    assert unnamed == []
    actions = window.actions_of_all_menus()
    assert {"Command palette …", "Zoom to the excerpt", "Play", "Hide the top segments"} <= {a.text() for a in actions}
    keys = Counter(key.toString() for a in actions for key in a.shortcuts())
    assert [key for key, times in keys.items() if times > 1] == []


def test_the_palette_opens_and_runs_a_command_by_keys(window: MainWindow, qtbot: QtBot) -> None:
    page = page_of(window)
    QTest.keyClick(window, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert window.palette_dialog.isVisible()
    QTest.keyClicks(window.palette_dialog._query, "zoom to the exc")
    QTest.keyClick(window.palette_dialog._query, Qt.Key.Key_Return)
    start, stop = page.spectrogram.visible_range()
    assert stop - start == pytest.approx(2.2 * 115 / 70, abs=0.05)


def test_escape_cancels_the_running_job(window: MainWindow, qtbot: QtBot) -> None:
    ended = threading.Event()

    def endless(report: Report) -> None:
        try:
            while not ended.wait(0.01):
                report(Progress(1, 2))
        finally:
            ended.set()

    window.shared.batch.ask("explain/predict", endless)
    qtbot.waitUntil(window.jobs.bar.isVisible, timeout=PATIENCE)
    QTest.keyClick(window, Qt.Key.Key_Escape)
    qtbot.waitUntil(ended.is_set, timeout=2000)
    qtbot.waitUntil(lambda: not window.jobs.bar.isVisible(), timeout=2000)


def test_frequencies_can_be_notes_and_the_theme_light(window: MainWindow) -> None:
    page = page_of(window)
    action(window, "Frequencies in note names").trigger()
    assert page.spectrogram.frequency_axis.tickStrings([page.spectrogram.frequency_axis.band_of(440.0)], 1, 1) == ["A4"]
    action(window, "Frequencies in Hz").trigger()
    action(window, "Theme: light").trigger()
    light = window.grab().toImage().pixelColor(400, 5).lightness()
    action(window, "Theme: dark").trigger()
    assert window.grab().toImage().pixelColor(400, 5).lightness() < 80 < 180 < light


def test_a_second_song_replaces_everything(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    page = page_of(window)
    first = page.study.song
    assert first is not None
    qtbot.waitUntil(lambda: "kept" in page.hearing.available, timeout=PATIENCE)
    page.panel.set_brush_mode("add")
    page.spectrogram.brush_started.emit()
    page.spectrogram.brush_stroke.emit(page.study.question.start + 0.5, 20.0)
    page.spectrogram.brush_finished.emit()
    page.hide_top()
    page.hearing.choose("kept")
    shown: list[object] = []

    def as_opened() -> None:
        shown.append((page.spectrogram._excerpt._hidden, page.spectrogram._excerpt.explained, page.hearing.available,
                      page.hearing.chosen, page.study.is_edited, page.table.model().rowCount(),
                      page.prediction._changed.isVisible(), page.player.loop, page.spectrogram._patch.isVisible(),
                      page.study.labels))

    page.inquiry.opened.connect(as_opened)
    drop(window, song(tmp_path / "second.wav", 5.0))
    qtbot.waitUntil(lambda: bool(shown), timeout=PATIENCE)
    page.inquiry.opened.disconnect(as_opened)
    assert shown[0] == (frozenset(), False, ["original"], "original", False, 0, False, None, False, ())
    qtbot.waitUntil(lambda: page.study.prediction is not None and answered(page), timeout=PATIENCE)
    assert window.windowTitle().startswith("second.wav")
    assert page.study.answer is not None
    assert page.study.answer.file == "second.wav"
    assert not page.labels.isVisible()
    assert Path(window.files.recent()[0]).name == "second.wav"
    window.open(window.files.recent()[1])
    qtbot.waitUntil(lambda: page.study.song is not None and page.study.song.file.name == first.file.name
                    and page.study.prediction is not None, timeout=PATIENCE)


def test_closing_while_everything_runs_ends_all_threads(qtbot: QtBot, tmp_path: Path) -> None:
    settings = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    window = MainWindow([str(song(tmp_path / "s.wav"))], settings)
    window.show()
    qtbot.waitUntil(lambda: window.page is not None and page_of(window).study.song is not None, timeout=PATIENCE)
    window.shared.player.play()
    page_of(window).panel.follow.setChecked(True)
    page_of(window).study.ask(start=0.5)
    live, batch = window.shared.live, window.shared.batch
    window.close()
    assert live.isFinished()
    assert batch.isFinished()
    feeder = window.shared.player._feeder
    assert not any(thread.name in ("feeder", "sound device") and thread.is_alive() and thread is feeder
                   for thread in threading.enumerate())


def test_closing_before_anything_was_loaded(qtbot: QtBot, tmp_path: Path) -> None:
    window = MainWindow([], QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat))
    window.show()
    window.close()
    qtbot.wait(50)
    assert window.page is None
