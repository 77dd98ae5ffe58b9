"""The Adversary page as a user meets it: open, attack, look, listen, test, export, change one's mind.

One page serves most tests, with two small listeners whose weights nobody trained: they can be fooled all the same.
"""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.audio.waveform import Waveform, write_wav
from engine.checks import InputError
from engine.listening.abx import AbxResult, Trial
from engine.models import catalogue
from engine.models.frame_mlp import FrameMlp
from gui import theme
from gui.adversary_page import AdversaryPage
from gui.adversary_page.words import short
from gui.engine_thread import EngineThread
from gui.player import Player
from gui.views.attack_panel import WEIGHTINGS
from tests.gui.showing import models_in, shown, told
from tests.gui.waiting import wait_for

LABELS = ("calm", "loud", "strange")
SECONDS = 4.0


def write_model(folder: Path, name: str, seed: int) -> None:
    torch.manual_seed(seed)
    net = FrameMlp(8, len(LABELS))
    with torch.no_grad():
        for weights in net.parameters():
            weights.mul_(2.0)  # surer of itself than weights are that nobody trained
    tensors = {**net.state_dict(), "mean": torch.full((513,), 1.0), "std": torch.full((513,), 1.0),
               "data_minimum": torch.tensor(-1.0)}
    catalogue.write(folder / f"{name}.json", tensors, {"kind": "frame_mlp", "labels": list(LABELS), "name": name})


def write_song(path: Path, seconds: float = SECONDS, sr: int = 44100, gain: float = 0.1) -> Path:
    t = np.arange(round(seconds * sr)) / sr
    tones = sum(np.sin(2 * np.pi * f * t * (1 + 0.01 * np.sin(t))) for f in (220.0, 660.0, 1760.0))
    y = tones + 0.1 * np.random.default_rng(0).standard_normal(len(t))
    write_wav(path, Waveform(np.stack([gain * y, 0.5 * gain * y]).astype(np.float32), sr))
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    made = tmp_path_factory.mktemp("adversary")
    models = made / "models"
    write_model(models, "style-mlp", 0)
    write_model(models, "other", 1)
    with models_in(models):
        yield made


@pytest.fixture(scope="module")
def opened(qapp: QApplication, folder: Path) -> Iterator[AdversaryPage]:
    with shown(AdversaryPage) as page:
        page.open(write_song(folder / "Lied für Zoë.wav"))
        wait_for(lambda: page.study.hearing is not None and page.study.picture is not None)
        yield page


@pytest.fixture
def page(opened: AdversaryPage) -> AdversaryPage:
    """With nothing asked that a test before has asked, and nothing that runs."""
    opened.inquiry.cancel_attack()
    wait_for(lambda: not opened.study.running)
    opened.player.pause()
    opened.study.ask(target=None, method="magnitude", projection="end", weighting="plain", snr_db=15.0, iterations=100,
                     confidence=0.9, smallest=False, seed=0, start=0.0, seconds=None)
    wait_for(lambda: opened.study.hearing is not None)
    told(opened).failed.clear()
    told(opened).said.clear()
    return opened


def same(page: AdversaryPage, answer: object) -> bool:
    """Whether this is still the page's answer; what it survives may have become known meanwhile."""
    now = page.study.answer
    return now is not None and now.adversarial is answer.adversarial  # type: ignore[attr-defined]


def attacked(page: AdversaryPage) -> None:
    """Attack by a click, and wait for what follows from it."""
    before = page.study.answer
    QTest.mouseClick(page.panel.attack, Qt.MouseButton.LeftButton)
    assert page.study.running == "attack"
    wait_for(lambda: page.study.answer is not before and page.study.answer is not None and page.study.made is not None)


def with_answer(page: AdversaryPage) -> None:
    if page.study.answer is None or not page.study.answer.fooled or page.study.made is None:
        attacked(page)
    assert page.study.answer is not None


def texts(table: object) -> list[tuple[str, ...]]:
    return [row.texts for row in table.rows]  # type: ignore[attr-defined]


def test_a_file_shows_what_the_model_says_and_greys_that_label(page: AdversaryPage) -> None:
    hearing = page.study.hearing
    assert hearing is not None
    assert page.headline.text().startswith((f"{hearing.label} {hearing.confidence:.2f}", "calm", "loud", "strange"))
    assert page.panel.file.text() == "Lied für Zoë.wav"
    assert [page.panel.model.itemText(i) for i in range(page.panel.model.count())] == ["other", "style-mlp"]
    assert page.panel.model.currentText() == "style-mlp"
    items = page.panel.target.model()
    enabled = {page.panel.target.itemData(i): items.item(i).isEnabled()  # type: ignore[attr-defined]
               for i in range(page.panel.target.count())}
    assert enabled == {None: True, **{label: label != hearing.label for label in LABELS}}


def test_an_attack_draws_its_curves_while_it_runs_and_says_what_came_of_it(page: AdversaryPage) -> None:
    page.study.ask(confidence=1.0, iterations=40)
    seen: list[int] = []
    page.study.stepped.connect(lambda steps: seen.append(len(steps)))
    attacked(page)
    answer = page.study.answer
    assert answer is not None
    assert seen, "iterates were told of before the end"
    assert page.curves.count == len(answer.steps)
    text = page.headline.text()
    assert f"{answer.before.label} {answer.before.confidence:.2f} → {answer.after.label}" in text
    assert f"{answer.snr_db:.1f} dB SNR" in text
    assert f"fooled in {len(answer.steps)} iteration" in text
    assert "masking threshold" in text
    assert all(view.has_picture for view in page.pictures.values())
    assert page.hearing.available == ["original", "adversarial", "residual"]
    assert all(lane.startswith("adversary-") for lane in told(page).lanes)


def test_cancel_is_at_once_and_loses_nothing(page: AdversaryPage) -> None:
    with_answer(page)
    answer = page.study.answer
    page.study.ask(iterations=100_000, smallest=True)
    page.inquiry.attack()
    wait_for(lambda: page.curves.count > 3)
    page.setFocus()
    began = time.monotonic()
    QTest.keyClick(page, Qt.Key.Key_Escape)
    wait_for(lambda: not page.study.running)
    assert time.monotonic() - began < 0.5  # a busy machine; by itself it takes less than 0.1 s
    assert same(page, answer)
    assert page.panel.attack.isEnabled()
    assert "Stopped after" in page.curves._said.toolTip()
    page.study.ask(iterations=20, smallest=False)
    attacked(page)  # the work let go of, which may still be ending, is not taken for this one


def test_switching_keeps_the_position_and_the_residual_has_its_gain(page: AdversaryPage) -> None:
    with_answer(page)
    page.player.seek(1.5)
    for key, name in ((Qt.Key.Key_2, "adversarial"), (Qt.Key.Key_3, "residual"), (Qt.Key.Key_1, "original")):
        page.setFocus()
        QTest.keyClick(page.window(), key)
        assert page.hearing.chosen == name
        assert page.player.position() == pytest.approx(1.5, abs=0.02)
        source = page.player.source
        assert source is not None
        if name == "residual":
            page.gain.setValue(40.0)
            made, louder = page.study.made, page.player.source
            assert made is not None
            assert louder is not None
            np.testing.assert_allclose(louder.read(20000, 500), 100 * made.sources["residual"].read(20000, 500),
                                       rtol=1e-4, atol=1e-7)
    page.gain.setValue(20.0)


def test_what_is_heard_is_original_plus_residual(page: AdversaryPage) -> None:
    with_answer(page)
    made = page.study.made
    assert made is not None
    original, changed, added = (made.sources[name].read(0, 100_000) for name in ("original", "adversarial", "residual"))
    np.testing.assert_allclose(changed, original + added, atol=1e-6)


def test_it_is_tried_on_the_world_and_on_other_models(page: AdversaryPage) -> None:
    attacked(page)
    wait_for(lambda: page.study.survival is not None and page.study.transfer is not None)
    survival, transfer, answer = page.study.survival, page.study.transfer, page.study.answer
    assert survival
    assert transfer is not None
    assert answer is not None
    assert texts(page.survival) == [(short(row.words), row.label, f"{row.confidence:.2f}") for row in survival]
    assert [row.mark for row in page.survival.rows] == [row.fooled for row in survival]
    assert [row.model for row in transfer] == ["other"]
    assert answer.survives == {row.name: row.fooled for row in survival}


def test_every_label_is_attacked_and_a_row_can_be_taken_up(page: AdversaryPage) -> None:
    page.study.ask(iterations=30)
    hearing = page.study.hearing
    assert hearing is not None
    QTest.mouseClick(page.panel.every, Qt.MouseButton.LeftButton)
    wait_for(lambda: not page.study.running)
    others = [label for label in LABELS if label != hearing.label]
    wait_for(lambda: [row[0] for row in texts(page.labels)] == others)
    before = page.study.answer
    page.labels.selectRow(1)
    QTest.keyClick(page.labels, Qt.Key.Key_Return)
    assert page.study.question.target == others[1]
    wait_for(lambda: page.study.answer is not before and page.study.answer is not None)


def test_a_part_can_be_marked_and_only_that_is_changed(page: AdversaryPage) -> None:
    page.span.span_moved.emit(1.0, 3.5)
    assert page.panel.part.currentData() is True
    assert "0:01.0–0:03.5" in page.panel.part.currentText()
    wait_for(lambda: page.study.hearing is not None)
    attacked(page)
    answer = page.study.answer
    assert answer is not None
    assert answer.span == (1.0, 3.5)
    changed = np.abs(answer.residual.y).max(axis=0) > 0
    assert not changed[: round(0.9 * 44100)].any()
    assert changed[44100 : 3 * 44100].any()
    page.panel.part.setCurrentIndex(0)
    assert page.study.part is None


def test_a_part_is_as_long_as_the_model_hears_at_once(page: AdversaryPage) -> None:
    page.span.span_moved.emit(3.0, 3.2)
    start, stop = page.study.span
    window = page.study.now.listener.window_seconds  # type: ignore[union-attr]
    assert stop == pytest.approx(SECONDS)
    assert window <= stop - start < window + 0.1
    wait_for(lambda: page.study.hearing is not None)
    assert not told(page).failed


def test_what_the_ear_says_is_kept_and_exported(page: AdversaryPage, tmp_path: Path) -> None:
    attacked(page)
    QTest.mouseClick(page.abx, Qt.MouseButton.LeftButton)
    dialog = page.doing.dialog
    assert dialog is not None
    dialog.begin()
    while dialog.result_of_test is None:
        dialog.hear("X")
        dialog.answer("A")
    dialog.accept()
    test = page.study.test
    assert test is not None
    assert test.words() in page.test_said.text()
    exported(page, "attack.json")(tmp_path / "attack.json")
    told_again = json.loads((tmp_path / "attack.json").read_text(encoding="utf-8"))
    assert told_again["abx"]["p_value"] == test.p_value


def exported(page: AdversaryPage, name: str) -> Callable[[Path], None]:
    return next(write for _, default, _, write in page.exports() if default == name)


def test_everything_can_be_written(page: AdversaryPage, tmp_path: Path) -> None:
    attacked(page)
    wait_for(lambda: page.study.transfer is not None)
    answer = page.study.answer
    assert answer is not None
    page.study.set_test(AbxResult("original", "adversarial", (Trial("A", "B"),), 0, (0.0, 1.0)))
    for name in ("adversarial.wav", "residual.wav", "adversary.png", "steps.csv", "attack.json"):
        exported(page, name)(tmp_path / name)
        wait_for(lambda name=name: (tmp_path / name).exists())  # type: ignore[misc]
        if name.endswith(".wav"):   # by the engine, which says so after the file is there
            wait_for(lambda name=name: any(name in sentence for sentence in told(page).said))  # type: ignore[misc]
    y, sr = soundfile.read(tmp_path / "adversarial.wav", dtype="float32", always_2d=True)
    assert soundfile.info(tmp_path / "adversarial.wav").subtype == "FLOAT"
    assert sr == 44100
    np.testing.assert_array_equal(y.T, answer.adversarial.y)
    assert not QImage(str(tmp_path / "adversary.png")).isNull()
    rows = list(csv.DictReader((tmp_path / "steps.csv").open(encoding="utf-8")))
    assert [float(row["snr_db"]) for row in rows] == [step.snr_db for step in answer.steps]
    report = next(write for _, _, filters, write in page.exports() if not filters)
    report(tmp_path / "report")
    wait_for(lambda: any(str(tmp_path / "report") in sentence for sentence in told(page).said))
    assert {"adversarial.wav", "residual.wav", "attack.json", "report.html"} <= {
        path.name for path in (tmp_path / "report").iterdir()}


def test_explain_this_hands_the_answer_on(page: AdversaryPage) -> None:
    with_answer(page)
    given: list[object] = []
    page.explain_asked.connect(given.append)
    QTest.mouseClick(page.explain, Qt.MouseButton.LeftButton)
    assert given == [page.study.answer]


@pytest.mark.parametrize(("what", "words"), [
    ({"target": "metal"}, "target: expected one of calm, loud, strange"),
    ({"start": 9.0}, "is not in Lied")])
def test_what_cannot_be_done_is_one_sentence_and_loses_nothing(page: AdversaryPage, what: dict[str, object],
                                                               words: str) -> None:
    with_answer(page)
    answer = page.study.answer
    page.study.ask(**what)
    page.inquiry.attack()
    wait_for(lambda: any(words in sentence for sentence in told(page).failed))
    assert same(page, answer)
    assert not page.study.running


def test_an_impossible_snr_says_what_was_reached(page: AdversaryPage) -> None:
    page.study.ask(snr_db=110.0, iterations=3)
    attacked(page)
    assert "not fooled: 3 iterations" in page.headline.text()
    assert "reached 0." in page.headline.text()
    assert page.study.survival == []


@pytest.mark.parametrize(("name", "seconds", "gain", "words"), [
    ("silence.wav", 3.0, 0.0, "found silence"), ("short.wav", 0.001, 0.1, "expected at least")])
def test_silent_and_short_files_are_refused_in_a_sentence(page: AdversaryPage, folder: Path, name: str, seconds: float,
                                                         gain: float, words: str) -> None:
    path = page.study.now.file.path  # type: ignore[union-attr]
    page.open(write_song(folder / name, seconds, gain=gain))
    wait_for(lambda: page.study.now is not None and page.study.now.file.name == name)
    page.inquiry.attack()
    wait_for(lambda: any(words in sentence for sentence in told(page).failed))
    assert page.study.answer is None
    page.open(path)
    wait_for(lambda: page.study.now is not None and page.study.now.file.path == path
             and page.study.hearing is not None and page.study.picture is not None)


def test_another_file_does_not_wait_for_the_attack_that_runs(page: AdversaryPage, folder: Path) -> None:
    path = page.study.now.file.path  # type: ignore[union-attr]
    page.study.ask(iterations=100_000, smallest=True)
    page.inquiry.attack()
    wait_for(lambda: page.curves.count > 3)
    page.open(write_song(folder / "another.wav"))
    wait_for(lambda: page.study.now is not None and page.study.now.file.name == "another.wav")
    assert not page.study.running
    page.open(path)
    wait_for(lambda: page.study.now is not None and page.study.now.file.path == path
             and page.study.hearing is not None and page.study.picture is not None)


def test_what_is_no_audio_leaves_the_open_file_alone(page: AdversaryPage, folder: Path) -> None:
    with_answer(page)
    answer, bad = page.study.answer, folder / "notes.wav"
    bad.write_text("no sound")
    page.open(bad)
    wait_for(lambda: any("notes.wav" in sentence for sentence in told(page).failed))
    assert same(page, answer)
    assert page.panel.file.text() == "Lied für Zoë.wav"


def test_without_an_answer_nothing_is_written(qapp: QApplication, folder: Path, tmp_path: Path) -> None:
    live, batch, player = EngineThread(), EngineThread(), Player()
    alone = AdversaryPage(live, batch, player)
    for _, name, _, write in alone.exports():
        if name != "adversary.png":
            with pytest.raises(InputError, match="there is none yet"):
                write(tmp_path / name)
    assert not any(tmp_path.iterdir())
    alone.close_down()
    player.close()


def test_another_model_hears_the_same_file(page: AdversaryPage) -> None:
    page.panel.model.setCurrentText("other")
    wait_for(lambda: page.study.now is not None and page.study.now.model == "other" and page.study.hearing is not None)
    assert page.study.answer is None
    page.panel.model.setCurrentText("style-mlp")
    wait_for(lambda: page.study.now is not None and page.study.now.model == "style-mlp"
             and page.study.hearing is not None and page.study.picture is not None)


def test_another_model_is_undone_with_its_question(page: AdversaryPage) -> None:
    stack = page.study.undo_stack
    stack.clear()
    page.study.change(snr_db=21.0)
    asked = page.study.question
    page.panel.model.setCurrentText("other")
    wait_for(lambda: page.study.now is not None and page.study.now.model == "other")
    page.study.change(snr_db=33.0)
    assert [stack.text(place) for place in range(stack.count())] == [
        "changing the least SNR", "choosing a model", "changing the least SNR"]
    for _ in range(3):      # the last one while the model is on its way
        stack.undo()
    wait_for(lambda: page.study.now is not None and page.study.now.model == "style-mlp")
    assert page.panel.model.currentText() == "style-mlp"
    assert page.study.question.snr_db != 21.0
    stack.redo()
    assert page.study.question == asked
    stack.redo()
    wait_for(lambda: page.study.now is not None and page.study.now.model == "other")
    stack.undo()
    wait_for(lambda: page.study.now is not None and page.study.now.model == "style-mlp"
             and page.study.hearing is not None and page.study.picture is not None)
    assert page.study.question.snr_db == 21.0
    while stack.canUndo():
        stack.undo()


def test_out_of_sight_it_leaves_the_player_alone_and_comes_back_where_it_was(page: AdversaryPage) -> None:
    with_answer(page)
    page.hearing.choose("adversarial")
    page.player.seek(2.0)
    source = page.player.source
    page.leave()
    assert not page.player.playing
    page.hearing.choose("residual")
    page.hearing.choose("adversarial")
    assert page.player.source is source
    page.enter()
    assert page.player.position() == pytest.approx(2.0, abs=0.02)
    assert page.hearing.chosen == "adversarial"
    page.hearing.choose("original")


@pytest.mark.parametrize("colours", [theme.DARK, theme.LIGHT])
def test_it_is_drawn_in_both_themes(page: AdversaryPage, colours: theme.Theme) -> None:
    with_answer(page)
    page.set_theme(colours)
    image = page.grab().toImage()
    assert len({image.pixel(x, y) for x in range(0, image.width(), 7) for y in range(0, image.height(), 7)}) > 100


def test_the_panel_knows_the_weightings_of_the_engine() -> None:
    from engine.listening import attack

    assert WEIGHTINGS == attack.WEIGHTINGS
