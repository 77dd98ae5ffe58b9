"""Files of the Explain page: written, refused, dropped, followed by a second song."""
# ruff: noqa: F811

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from engine.audio.labels import read_intervals
from gui.main_window import MainWindow
from tests.gui.explaining import PATIENCE, answered, opened, page_of, song, window  # noqa: F401  (fixtures)
from tests.gui.signals import action


def drop(window: MainWindow, path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    how = (Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    entering = QDragEnterEvent(QPoint(10, 10), *how)
    window.dragEnterEvent(entering)
    assert entering.isAccepted()
    window.dropEvent(QDropEvent(QPointF(10, 10), *how))


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
