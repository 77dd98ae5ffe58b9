"""What comes into the Adversary page and leaves it: files, models, exports, and what is refused."""
# ruff: noqa: F811

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.checks import InputError
from engine.listening.abx import AbxResult, Trial
from gui.adversary_page import AdversaryPage
from gui.engine_thread import EngineThread
from gui.player import Player
from tests.gui.attacking import attacked, folder, opened, page, same, with_answer, write_song  # noqa: F401  (fixtures)
from tests.gui.showing import told
from tests.gui.waiting import wait_for


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
