"""The Explain page with listeners of several labels, and with sounds that were changed on purpose."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch
from PySide6.QtCore import QEventLoop, QPointF, QSettings, QStandardPaths, Qt, QTimer
from PySide6.QtWidgets import QApplication

from engine.audio.labels import read_intervals
from engine.audio.waveform import Waveform, write_wav
from engine.listening.attack import AttackAnswer, AttackQuestion, attack
from engine.listening.explain import Question, excerpt_spectrogram, explain
from engine.models import catalogue
from engine.models.frame_mlp import FrameMlp
from engine.models.patch_cnn import PatchCnn
from gui.explain_page import ExplainPage, exports
from gui.main_window import MainWindow
from gui.main_window.pages import PAGES
from gui.views.label_legend import LabelLegend

LABELS = ("calm", "loud", "strange")
PATIENCE = 60.0


def write_model(folder: Path, name: str, kind: str) -> None:
    """A listener that nobody trained, whose answers depend on what it hears."""
    torch.manual_seed(4)
    net = FrameMlp(12, len(LABELS)) if kind == "frame_mlp" else PatchCnn(len(LABELS))
    for parameter in net.parameters():
        if parameter.dim() > 1:
            torch.nn.init.kaiming_normal_(parameter)
    tensors = {**net.state_dict(), "mean": torch.linspace(2, 0.1, 513), "std": torch.linspace(1.2, 0.3, 513),
               "data_minimum": torch.tensor(-2.0)}
    catalogue.write(folder / f"{name}.json", tensors, {"kind": kind, "labels": list(LABELS), "name": name,
                                                       "title": f"Title of {name}"})


def song(path: Path, seconds: float = 6.0, sr: int = 32000) -> Path:
    t = np.arange(round(seconds * sr)) / sr
    sweep = np.sin(2 * np.pi * (200 + 300 * t) * t) * np.where(t > 3, 0.4, 0.1)
    y = sweep + 0.02 * np.random.default_rng(1).standard_normal(len(t))
    write_wav(path, Waveform(np.stack([y, 0.5 * y]).astype(np.float32), sr))
    return path


def wait_for(true: Callable[[], Any]) -> None:
    """An event loop that leaves the engine its turn."""
    loop, look, until = QEventLoop(), QTimer(), time.monotonic() + PATIENCE
    look.timeout.connect(lambda: loop.quit() if true() or time.monotonic() > until else None)
    look.start(5)
    loop.exec()
    assert true()


@pytest.fixture(scope="module")
def opened(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MainWindow]:
    folder = tmp_path_factory.mktemp("models")
    patch = pytest.MonkeyPatch()
    patch.setattr(QStandardPaths, "writableLocation", lambda _: str(folder / "cache"))
    (folder / "models").mkdir()
    for suffix in ("json", "safetensors"):
        shutil.copy(catalogue.FOLDER / f"svd.{suffix}", folder / "models")
    write_model(folder / "models", "by-frames", "frame_mlp")
    write_model(folder / "models", "by-patches", "patch_cnn")
    write_model(folder / "models", "style-mlp", "frame_mlp")
    write_model(folder / "models", "damaged", "frame_mlp")
    (folder / "models" / "damaged.safetensors").write_bytes(b"nothing")
    patch.setattr(catalogue, "FOLDER", folder / "models")
    catalogue.load.cache_clear()
    settings = QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat)
    window = MainWindow([str(song(folder / "song.wav"))], settings, PAGES)
    window.show()
    wait_for(lambda: window.page is not None and rested(page_of(window)))
    yield window
    window.close()
    assert not list((folder / "cache").glob("*")), "adversaries that were opened are gone with the window"
    patch.undo()
    catalogue.load.cache_clear()


@pytest.fixture(params=["by-frames", "by-patches"])
def page(opened: MainWindow, request: pytest.FixtureRequest) -> ExplainPage:
    page = page_of(opened)
    if Path(page.study.song.file.path).name != "song.wav":  # type: ignore[union-attr]
        opened.open(opened.files.recent()[0])
        wait_for(lambda: page.study.song.file.path.name == "song.wav" and rested(page))  # type: ignore[union-attr]
    choose(page, request.param)
    page.painting.revert()
    page.study.hide(frozenset())
    page.study.ask(start=150 / FPS, target=None, units="probability", segmentation="temporal", segments=None,
                     method="slime-exact")
    wait_for(lambda: rested(page))
    return page


FPS = 22050 / 512


def page_of(window: MainWindow) -> ExplainPage:
    assert isinstance(window.page, ExplainPage)
    return window.page


def rested(page: ExplainPage) -> bool:
    """Whether all that was asked is answered."""
    s = page.study
    return (s.answer is not None and s.prediction is not None and s.listener is not None
            and s.answer.model == s.prediction.model == s.listener.name and page.inquiry._running is None
            and s.answer.question.start == s.question.start and s.question.target in (None, s.answer.target))


def choose(page: ExplainPage, name: str) -> None:
    """Choose a model as somebody does."""
    page.panel.model.setCurrentIndex(page.panel.model.findData(name))
    wait_for(lambda: page.inquiry.model == name and rested(page))


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


def test_another_model_is_undone_with_what_was_asked_and_hidden(opened: MainWindow) -> None:
    page, study = page_of(opened), page_of(opened).study
    choose(page, "by-frames")
    page.inquiry.open(study.song.file.path)     # what could be undone before is gone  # type: ignore[union-attr]
    wait_for(lambda: not study.undo_stack.count() and rested(page))
    study.change(target="loud")
    study.change_hidden(frozenset({1, 2}))
    choose(page, "svd")
    study.change(fill="zero")
    said = [study.undo_stack.text(place) for place in range(study.undo_stack.count())]
    assert said == ["changing the target", "hiding segments", "choosing a model", "changing the fill"]
    study.undo_stack.undo()
    study.undo_stack.undo()
    wait_for(lambda: page.inquiry.model == "by-frames" and rested(page))
    assert page.panel.model.currentData() == "by-frames"
    assert (study.question.target, study.hidden) == ("loud", {1, 2})
    study.undo_stack.redo()
    study.undo_stack.redo()     # while the model is on its way
    wait_for(lambda: page.inquiry.model == "svd" and study.question.fill == "zero" and rested(page))
    for _ in range(4):
        study.undo_stack.undo()
    wait_for(lambda: page.inquiry.model == "by-frames" and rested(page))
    assert (study.question.target, study.hidden) == (None, frozenset())


def paint(page: ExplainPage, band: float) -> torch.Tensor:
    """A stroke; what the listener sees then."""
    page.panel.set_brush_mode("add")
    page.spectrogram.brush_started.emit()
    page.spectrogram.brush_stroke.emit(page.study.question.start + 1.0, band)
    page.spectrogram.brush_finished.emit()
    page.panel.set_brush_mode("off")
    return page.study.spectrogram.S.clone()  # type: ignore[union-attr]


def explained(page: ExplainPage) -> dict[str, Any]:
    """What a session says that the explanation was asked with; as long as there is none, that it was painted."""
    kept = page.keep()
    assert kept is not None
    found = [one.made for one in kept.results if one.name == "explain"]
    return dict(found[0].arguments) if found and found[0] is not None else {"painted": None}


def test_what_was_painted_comes_back_with_the_model_that_saw_it(opened: MainWindow) -> None:
    page, study = page_of(opened), page_of(opened).study
    choose(page, "by-frames")
    page.inquiry.open(study.song.file.path)  # type: ignore[union-attr]
    wait_for(lambda: not study.undo_stack.count() and rested(page))
    plain = study.spectrogram.S.clone()  # type: ignore[union-attr]
    once, twice = paint(page, 300.0), paint(page, 100.0)
    choose(page, "svd")
    assert not study.is_edited
    assert not page.panel.revert.isEnabled()
    wait_for(lambda: "painted" not in explained(page))
    study.undo_stack.undo()
    wait_for(lambda: page.inquiry.model == "by-frames" and rested(page))
    wait_for(lambda: explained(page).get("painted") == ["adding energy"] * 2)
    assert torch.equal(study.spectrogram.S, twice)  # type: ignore[union-attr]
    assert len(study.strokes) == 2
    assert page.panel.revert.isEnabled()
    study.undo_stack.undo()
    assert torch.equal(study.spectrogram.S, once)  # type: ignore[union-attr]
    study.undo_stack.redo()
    study.undo_stack.redo()
    wait_for(lambda: page.inquiry.model == "svd" and rested(page))
    for _ in range(3):
        study.undo_stack.undo()     # two of them while the model is on its way
    wait_for(lambda: page.inquiry.model == "by-frames" and rested(page))
    assert torch.equal(study.spectrogram.S, plain)  # type: ignore[union-attr]
    assert not study.is_edited


def test_a_model_that_cannot_be_loaded_is_said_and_the_present_one_stays(page: ExplainPage, opened: MainWindow) -> None:
    before, listener = page.inquiry.model, page.study.listener
    complaints: list[str] = []
    page.failed.connect(complaints.append)
    page.panel.model.setCurrentIndex(page.panel.model.findData("damaged"))
    wait_for(lambda: complaints)
    page.failed.disconnect(complaints.append)
    assert "damaged.safetensors" in complaints[0]
    assert page.study.listener is listener
    assert page.panel.model.currentData() == before


@pytest.fixture(scope="module")
def adversary(opened: MainWindow) -> AttackAnswer:
    file = page_of(opened).study.song.file  # type: ignore[union-attr]
    assert file.name == "song.wav"
    return attack(file, catalogue.load("by-frames"), AttackQuestion(start=2.0, seconds=3.0, snr_db=20.0, iterations=3))


def test_an_adversary_is_opened_with_its_model_and_its_change(opened: MainWindow, adversary: AttackAnswer) -> None:
    page, recent = page_of(opened), opened.files.recent()
    choose(page, "svd")
    page.show_perturbed(adversary)
    wait_for(lambda: page.study.song.change is not None and rested(page))  # type: ignore[union-attr]
    song = page.study.song
    assert song is not None
    assert page.inquiry.model == "by-frames"
    samples, _ = soundfile.read(song.file.path, dtype="float32", always_2d=True)
    np.testing.assert_array_equal(samples.T, adversary.adversarial.y)
    assert opened.windowTitle().startswith("song adversarial.wav")
    assert opened.files.recent() == recent, "it is nobody's file"
    assert opened.files.offered["audio"] is not None
    assert opened.files.offered["audio"].name == "song.wav"
    layer = page.spectrogram.change
    assert layer.item.isVisible()
    assert layer.legend.isVisible()
    inside, outside = (song.change.levels[0][:, frames].mean() for frames in (  # type: ignore[union-attr]
        slice(round(2.5 * FPS), round(4.5 * FPS)), slice(0, round(1.5 * FPS))))
    assert inside > 1
    assert outside == 0
    said: list[str] = []
    page.readout.connect(said.append)
    page.spectrogram.hover(QPointF(3.0, 200.0))
    assert "changed by" in said[-1]
    layer.legend.click()
    assert not layer.item.isVisible()
    page.spectrogram.hover(QPointF(3.0, 200.0))
    assert "changed by" not in said[-1]
    layer.legend.click()


def test_what_was_changed_stays_in_sight_through_another_model_and_goes_with_another_file(
        opened: MainWindow, adversary: AttackAnswer) -> None:
    page = page_of(opened)
    page.show_perturbed(adversary)
    wait_for(lambda: page.study.song.change is not None and rested(page))  # type: ignore[union-attr]
    choose(page, "svd")
    assert page.study.song.change.bands == 80  # type: ignore[union-attr]
    assert page.spectrogram.change.legend.isVisible()
    opened.open(opened.files.recent()[0])
    wait_for(lambda: page.study.song.change is None and rested(page))  # type: ignore[union-attr]
    assert not page.spectrogram.change.legend.isVisible()
    assert not page.spectrogram.change.item.isVisible()


def test_the_adversary_page_hands_its_answer_to_this_one(opened: MainWindow, adversary: AttackAnswer) -> None:
    explain_page = page_of(opened)
    opened.stack.show_page("Adversary")
    wait_for(lambda: opened.page is not None and opened.page.title == "Adversary")
    page: Any = opened.page
    page.explain_asked.emit(adversary)
    wait_for(lambda: opened.page is explain_page)
    wait_for(lambda: explain_page.study.song.change is not None and rested(explain_page))  # type: ignore[union-attr]
    assert opened.windowTitle().startswith("song adversarial.wav")
    assert explain_page.inquiry.model == "by-frames"
