"""The Dissect page as a user meets it: open, filter, hear, sweep, try on files, search, read the tree, export.

Two trees of one question serve all tests: one asks for 10 Hz, which nobody hears, the other for the tone that is the
music. So the first is a horse, the second is not, and what the page says of both is known.
"""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.audio.fine_spectrum import centres
from engine.audio.scattering_features import ScatteringFrontEnd
from engine.audio.waveform import Waveform, write_wav
from engine.checks import InputError
from engine.commands.again import ask_again
from engine.commands.output import plain
from engine.job import silent
from engine.models import catalogue
from engine.models.frame_mlp import FrameMlp
from engine.sessions.differences import differences
from engine.training.horse import horse
from gui import theme
from gui.dissect_page import DissectPage, files, inquiry
from gui.dissect_page.bench import Bench
from gui.dissect_page.work import coarse_first
from gui.views.ear_mark import AUDIBLE, INAUDIBLE, INCOMPARABLE
from tests.gui.showing import models_in, shown, told
from tests.gui.waiting import wait_for

SR, SECONDS, LENGTH = 22050, 2.0, 2**12
LABELS = ("music", "rumble")
HORSE, LISTENER, OTHER = "scattering-tree-artist", "scattering-tree-random", "style-mlp"
RUMBLE_HZ, TONE_HZ = 10.0, 440.0
HIGH_PASS = {"high-pass": {"cutoff_hz": 25.0}}


def sound(rumble: bool, seed: int = 0, seconds: float = SECONDS) -> Waveform:
    """A tone over a little noise, perhaps with one of 10 Hz."""
    t = np.arange(round(seconds * SR)) / SR
    y = 0.2 * np.sin(2 * np.pi * TONE_HZ * t) + 1e-3 * np.random.default_rng(seed).standard_normal(len(t))
    return Waveform((y + 0.03 * rumble * np.sin(2 * np.pi * RUMBLE_HZ * t))[None].astype(np.float32), SR)


def write_tree(folder: Path, name: str, hz: float) -> None:
    """A tree that asks once, for the level of the band at a frequency."""
    front_end = ScatteringFrontEnd(length=LENGTH)
    levels = [row if path.modulation_hz is None else -1 for row, path in enumerate(front_end.paths)]
    row = min((row for row in levels if row >= 0), key=lambda row: abs(np.log(front_end.paths[row].hz / hz)))
    S = [front_end.spectrogram(sound(rumble)).S[row] for rumble in (False, True)]
    threshold = float(S[0].mean() + S[1].mean()) / 2 if hz < 20 else float(S[0].min()) - 1
    tensors = {"mean": torch.zeros(front_end.bands), "std": torch.ones(front_end.bands),
               "data_minimum": torch.tensor(-10.0), "feature": torch.tensor([row, -1, -1]),
               "threshold": torch.tensor([threshold, 0.0, 0.0]), "left": torch.tensor([1, -1, -1]),
               "right": torch.tensor([2, -1, -1]), "reached": torch.tensor([1.0, 0.5, 0.5]),
               "share": torch.tensor([[0.5, 0.5], [0.9, 0.1], [0.1, 0.9]])}
    card = {"kind": "scattering_tree", "labels": list(LABELS), "length": LENGTH, "name": name}
    catalogue.write(folder / f"{name}.json", tensors, card, exact=tuple(tensors))


def write_mlp(folder: Path) -> None:
    torch.manual_seed(0)
    tensors = {**FrameMlp(8, 2).state_dict(), "mean": torch.ones(513), "std": torch.ones(513),
               "data_minimum": torch.tensor(-1.0)}
    catalogue.write(folder / f"{OTHER}.json", tensors, {"kind": "frame_mlp", "labels": list(LABELS), "name": OTHER})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    made = tmp_path_factory.mktemp("dissect")
    write_tree(made / "models" / "scattering", HORSE, RUMBLE_HZ)
    write_tree(made / "models" / "scattering", LISTENER, TONE_HZ)
    write_mlp(made / "models")
    for label in LABELS:
        (made / "set" / label).mkdir(parents=True)
        for i in range(2):
            write_wav(made / "set" / label / f"Lied {i}.wav", sound(label == "rumble", i))
    with models_in(made / "models"):
        yield made


@pytest.fixture(scope="module")
def opened(qapp: QApplication, folder: Path) -> Iterator[DissectPage]:
    with shown(DissectPage) as page:
        wait_for(lambda: page.study.systems == (HORSE, LISTENER))
        yield page


@pytest.fixture
def page(opened: DissectPage, folder: Path) -> DissectPage:
    """A file with rumble, one of a folder of four, and nothing switched on."""
    opened.inquiry.cancel_experiment()
    opened.player.pause()
    opened.study.set_bench(Bench())
    opened.study.choose_kind("highpass")
    opened.hearing.choose("original")
    opened.study.set_systems(opened.study.known, (HORSE, LISTENER))
    open_and_hear(opened, folder / "set" / "rumble" / "Lied 0.wav")
    told(opened).failed.clear()
    told(opened).said.clear()
    return opened


def open_and_hear(page: DissectPage, path: Path) -> None:
    before = page.study.now
    page.open(path)
    wait_for(lambda: page.study.now is not before and page.study.now is not None
             and set(page.study.before) == set(page.study.systems))


def through(page: DissectPage, settings: dict[str, dict[str, float]]) -> None:
    """Set the bench as its panel does, and wait for what follows."""
    page.bench.changed.emit(settings)
    wait_for(lambda: page.study.made is not None and page.study.made.bench.settings == settings
             and set(page.study.after) == set(page.study.systems) and "" in page.study.levels)


def said(page: DissectPage, system: str) -> str:
    now = page.systems.cards[system].said_now
    assert now is not None
    return now.words


def test_a_file_shows_what_every_system_says_and_what_lies_below_hearing(page: DissectPage) -> None:
    now = page.study.now
    assert now is not None
    assert page.headline.text().startswith("Lied 0.wav")
    assert said(page, HORSE).startswith("rumble")
    assert said(page, LISTENER).startswith("rumble")  # it asks whether there is a tone, and there is
    assert not page.systems.cards[OTHER].box.isChecked()
    hz = centres()
    at = {name: float(now.spectrum[int(np.abs(hz - f).argmin())])
          for name, f in (("rumble", RUMBLE_HZ), ("between", 60.0), ("tone", TONE_HZ))}
    assert at["rumble"] == pytest.approx(20 * np.log10(0.03), abs=0.5), "a sine has the level of its amplitude"
    assert at["tone"] == pytest.approx(20 * np.log10(0.2), abs=0.5)
    assert at["between"] < -70
    assert "below 20 Hz" in page.spectrum.accessibleDescription()


def test_a_filter_that_nobody_hears_turns_the_horse_and_not_the_listener(page: DissectPage) -> None:
    row = page.bench.rows["high-pass"]
    row.numbers["cutoff_hz"].field.setValue(25.0)  # moving a number switches its row on
    assert row.switch.isChecked()
    wait_for(lambda: set(page.study.after) == {HORSE, LISTENER} and "" in page.study.levels)
    assert "rumble" in said(page, HORSE).split("→")[0]
    assert "music" in said(page, HORSE).split("→")[1]
    assert page.study.flipped == [HORSE]
    assert page.headline.text().startswith("tree-artist changes its mind")
    assert "nobody hears it" in page.headline.text()
    assert row.mark.kind == INAUDIBLE
    assert page.study.made is not None
    below = centres() < 15
    assert page.study.made.spectrum[below].max() < -70


def test_a_new_setting_is_heard_soon_and_at_the_same_place(page: DissectPage) -> None:
    page.player.seek(1.2)
    began = time.monotonic()
    page.bench.changed.emit(HIGH_PASS)
    wait_for(lambda: page.study.made is not None)
    assert time.monotonic() - began < 1.0  # a busy machine; by itself it takes 0.1 s
    page.setFocus()
    for key, name in ((Qt.Key.Key_2, "bench"), (Qt.Key.Key_1, "original"), (Qt.Key.Key_2, "bench")):
        QTest.keyClick(page.window(), key)
        assert page.hearing.chosen == name
        assert page.player.position() == pytest.approx(1.2, abs=0.02)
    made, source = page.study.made, page.player.source
    assert made is not None
    assert source is made.source
    page.bench.changed.emit({"gain": {"gain_db": -20.0}})
    wait_for(lambda: page.study.made is not made and page.player.source is not source)
    assert page.player.position() == pytest.approx(1.2, abs=0.02)
    np.testing.assert_allclose(page.player.source.read(5000, 99), 0.1 * made.source.read(5000, 99), atol=4e-3)


def test_a_slower_sound_goes_on_at_the_same_note(page: DissectPage) -> None:
    page.player.seek(1.0)
    through(page, {"tempo": {"tempo": 0.5}})
    page.hearing.choose("bench")
    assert page.player.position() == pytest.approx(2.0, abs=0.03)
    page.link.moved.emit(2.0)
    assert page.strip._cursor.value() == pytest.approx(1.0, abs=0.03)
    page.hearing.choose("original")
    assert page.player.position() == pytest.approx(1.0, abs=0.03)
    assert page.bench.rows["tempo"].mark.kind == INCOMPARABLE


def test_each_change_has_a_mark_of_its_own(page: DissectPage) -> None:
    through(page, {**HIGH_PASS, "noise": {"snr_db": 10.0}})
    wait_for(lambda: len(page.study.levels) == 3)
    assert page.bench.rows["high-pass"].mark.kind == INAUDIBLE
    assert page.bench.rows["noise"].mark.kind == AUDIBLE
    assert page.bench.all_mark.kind == AUDIBLE
    assert page.bench.rows["gain"].mark.kind == ""
    page.bench.reset.click()
    assert page.bench.settings == {}
    wait_for(lambda: page.study.made is None)


def test_what_cannot_be_done_is_a_sentence_at_the_bench_and_no_box(page: DissectPage) -> None:
    through(page, HIGH_PASS)
    page.bench.changed.emit({"high-pass": {"cutoff_hz": 15000.0}})
    wait_for(lambda: bool(page.study.refusal))
    assert "below half the sample rate (11,025 Hz)" in page.bench.said.text()
    assert not told(page).failed
    assert page.study.made is None
    through(page, HIGH_PASS)
    assert "below half" not in page.bench.said.text()


def test_a_sweep_grows_while_it_runs_and_a_click_sets_the_bench(page: DissectPage) -> None:
    grown: list[int] = []
    page.study.sweep_changed.connect(lambda: grown.append(len(page.study.sweeps["highpass"][0].recalls)
                                                          if "highpass" in page.study.sweeps else 0))
    QTest.mouseClick(page.sweep.run, Qt.MouseButton.LeftButton)
    assert page.sweep.run.text() == "Stop"
    wait_for(lambda: bool(page.study.sweeps) and not page.inquiry.running)
    sweeps = [found.sweep for found in page.study.sweeps["highpass"]]
    assert len(set(grown)) > 5, "points appear one after the other"
    assert list(sweeps[0].values) == sorted(sweeps[0].values)
    assert [one.system for one in sweeps] == [HORSE, LISTENER]
    turns = sweeps[0].turns(0)
    assert turns is not None
    assert 5 <= turns <= 30
    assert (sweeps[1].turns(0) or 1e9) > TONE_HZ / 2
    assert f"turns at {turns:,.4g} Hz" in page.sweep.said.toolTip()
    box = page.sweep.plot.plot.plotItem.vb
    at = box.mapViewToScene(QPointF(np.log10(20.0), 0.5))
    point = page.sweep.plot.plot.mapFromScene(at)
    QTest.mouseClick(page.sweep.plot.plot.viewport(), Qt.MouseButton.LeftButton, pos=point)
    nearest = min(sweeps[0].values, key=lambda value: abs(np.log(value / 20.0)))
    wait_for(lambda: page.study.bench.at("highpass") == nearest)
    assert page.hearing.chosen == "bench"
    assert page.bench.rows["high-pass"].numbers["cutoff_hz"].value == pytest.approx(nearest)
    page.sweep.curves.setCurrentIndex(1)
    assert page.sweep.plot.legend._names == list(LABELS)
    page.sweep.curves.setCurrentIndex(0)


def test_cancel_is_at_once_and_what_was_swept_stays(page: DissectPage) -> None:
    page.inquiry.sweep(every=False)
    wait_for(lambda: bool(page.study.sweeps))
    page.setFocus()
    began = time.monotonic()
    QTest.keyClick(page, Qt.Key.Key_Escape)
    wait_for(lambda: not page.inquiry.running)
    assert time.monotonic() - began < 0.5
    done = len(page.study.sweeps["highpass"][0].recalls)
    assert 0 < done < 30
    assert f"{done} of 30 values" in page.sweep.said.toolTip()
    assert page.sweep.run.text() == "Run"


def test_the_values_between_come_last() -> None:
    assert coarse_first([0, 1, 2, 3, 4]) == [0, 4, 2, 1, 3]
    assert sorted(coarse_first(list(range(30)))) == list(range(30))
    assert coarse_first([7]) == [7]


def with_table(page: DissectPage, folder: Path) -> None:
    open_and_hear(page, folder / "set")
    through(page, HIGH_PASS)
    QTest.mouseClick(page.bench.table, Qt.MouseButton.LeftButton)
    wait_for(lambda: bool(page.study.outcomes))


def test_a_session_keeps_tables_and_sweeps_that_a_command_answers_the_same(
        page: DissectPage, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_SECONDS", 1.0)     # of each file but its middle is heard
    with_table(page, folder)
    page.study.choose_kind("gain")
    page.inquiry.sweep(every=True)
    wait_for(lambda: bool(page.study.sweeps.get("gain")) and not page.inquiry.running)
    kept = page.keep()
    assert kept is not None
    assert [one.name for one in kept.results] == ["table", "table", "gain", "gain"]
    for later in kept.results:
        result = later.made
        assert result is not None
        said = {name: {"path": str(value)} if isinstance(value, Path) else value
                for name, value in result.arguments.items()}
        again = plain(ask_again(replace(result, arguments=said), {}, tmp_path, silent))
        assert list(differences(plain(result.answer), again)) == []


def test_a_folder_is_tried_file_by_file_and_a_cell_opens_and_plays_one(page: DissectPage, folder: Path) -> None:
    with_table(page, folder)
    assert page.tabs.tabText(page.tabs.currentIndex()) == "Files"
    rows = page.table.rows
    assert [(row.file, row.label) for row in rows] == [(f"Lied {i}.wav", label) for label in LABELS for i in range(2)]
    assert [row.cells[0].text for row in rows] == ["music ✓", "music ✓", "rumble ✓ → music ✗", "rumble ✓ → music ✗"]
    assert [row.cells[1].flipped for row in rows] == [False] * 4
    assert all(row.audible.startswith("no, −") for row in rows)
    assert "tree-artist: mean recall 1.00 → 0.50" in page.table_said.toolTip()
    before = page.study.now
    page.table.cellClicked.emit(3, 3)
    wait_for(lambda: page.study.now is not before)
    now = page.study.now
    assert now is not None
    assert now.file.path == folder / "set" / "rumble" / "Lied 1.wav"
    assert page.hearing.chosen == "bench"
    wait_for(lambda: page.player.playing and page.study.made is not None
             and page.player.source is page.study.made.source)
    assert len(page.study.outcomes) == 2, "the table stays"
    page.player.pause()


def test_confusions_have_recalls_and_intervals_before_and_after(page: DissectPage, folder: Path) -> None:
    with_table(page, folder)
    page.confused.setCurrentText(HORSE)
    description = page.confusion.accessibleDescription()
    few = "a class has fewer than 5 tracks: too few for an interval"
    assert description == f"before: mean recall 1.00, {few}; after: mean recall 0.50, {few}"
    assert few in page.confused_said.toolTip()
    page.show_tab(page.confusion)
    rooms = page.confusion._rooms()
    grid = page.confusion._grid(rooms[1], LABELS)
    tip = page.confusion.tip_at(QPointF(grid.left() + 3, grid.bottom() - 3))
    assert tip == "2 of 2 files of rumble are taken for music"
    assert page.confusion.tip_at(QPointF(rooms[1].left() + 9, rooms[1].top() + 5)) == f"No interval: {few}"


def test_a_search_answers_in_words_and_its_row_goes_to_the_bench(page: DissectPage) -> None:
    page.study.set_systems(page.study.known, (HORSE,))
    QTest.mouseClick(page.bench.search, Qt.MouseButton.LeftButton)
    wait_for(lambda: bool(page.study.searches), 60.0)
    found = page.study.searches[0].search
    assert found.best is not None
    assert found.best.family == "infrasound"
    assert page.found_said.text() == (f"{HORSE}: removing energy below {found.best.value:g} Hz, inaudible, turns "
                                      "Lied 0.wav from rumble to music")
    page.found.chosen.emit(0)
    assert page.study.bench.settings == {"high-pass": {"cutoff_hz": found.best.value}}
    wait_for(lambda: page.study.flipped == [HORSE])


def test_a_question_of_the_tree_is_marked_and_played(page: DissectPage) -> None:
    wait_for(lambda: bool(page.study.trees))
    page.tree.box.setCurrentText(HORSE)
    root = page.tree.tree.topLevelItem(0)
    assert root is not None
    assert float(root.text(0).split()[0]) == pytest.approx(RUMBLE_HZ, rel=0.1)
    assert [root.child(i).text(0) for i in range(2)] == ["↓ music 90 %", "↑ rumble 90 %"]
    assert page.tree.said.text().startswith("100 % of what it is told comes from below 20 Hz")
    page.show_tab(page.tree)
    page.tree.tree.setCurrentItem(root)
    QTest.keyClick(page.tree.tree, Qt.Key.Key_Return)
    assert page.spectrum._band.isVisible()
    low, high = (10**edge for edge in page.spectrum._band.getRegion())
    assert low < RUMBLE_HZ < high
    wait_for(lambda: page.hearing.chosen == "band" and page.player.playing)
    source = page.player.source
    assert source is not None
    y = source.read(0, SR)[:, 0]
    hz = np.fft.rfftfreq(len(y), 1 / SR)[np.abs(np.fft.rfft(y)).argmax()]
    assert hz == pytest.approx(220.0, abs=3), "what nobody hears is laid on a tone"
    page.player.pause()


def test_another_system_is_asked_and_left_out_again(page: DissectPage) -> None:
    through(page, HIGH_PASS)
    page.systems.cards[OTHER].box.click()
    assert page.study.systems == (HORSE, LISTENER, OTHER)
    wait_for(lambda: OTHER in page.study.after)
    assert "→" in said(page, OTHER)
    page.systems.cards[OTHER].box.click()
    assert OTHER not in page.study.after
    assert page.systems.cards[OTHER].said_now is None


def test_a_system_that_a_menu_adds_can_be_taken_out_again(page: DissectPage) -> None:
    page.use_model(OTHER)
    wait_for(lambda: page.study.systems == (HORSE, LISTENER, OTHER))
    assert page.study.undo_stack.undoText() == "choosing systems"
    page.study.undo_stack.undo()
    assert page.study.systems == (HORSE, LISTENER)
    page.study.undo_stack.redo()
    assert page.study.systems == (HORSE, LISTENER, OTHER)
    page.use_model(OTHER)
    wait_for(lambda: OTHER in page.study.before)
    page.study.undo_stack.undo()
    assert page.study.systems == (HORSE, LISTENER), "to ask it once more is no edit"


def test_fewer_files_and_whole_files_are_undone(page: DissectPage, folder: Path) -> None:
    with_table(page, folder)
    most = page.study.most_files
    before = page.study.now
    page.most.setValue(2)
    wait_for(lambda: page.study.now is not before)
    assert len(page.study.now.files) == 2
    page.whole.click()
    assert page.study.undo_stack.undoText() == "taking whole files"
    page.study.undo_stack.undo()
    page.study.undo_stack.undo()
    assert (page.most.value(), page.whole.isChecked()) == (page.study.most_files, page.study.whole) == (most, False)
    wait_for(lambda: len(page.study.now.files) == 4)


def exported(page: DissectPage, name: str) -> Callable[[Path], None]:
    return next(write for _, default, _, write in page.exports() if default == name)


def test_everything_can_be_written(page: DissectPage, folder: Path, tmp_path: Path) -> None:
    with_table(page, folder)
    page.inquiry.sweep(every=True)
    wait_for(lambda: bool(page.study.sweeps))
    page.inquiry.cancel_experiment()
    for name in ("files.csv", "sweep.csv", "dissect.png", "dissect.json"):
        exported(page, name)(tmp_path / name)
    wait_for(lambda: any("dissect.json" in sentence for sentence in told(page).said))
    rows = list(csv.DictReader((tmp_path / "files.csv").open(encoding="utf-8")))
    assert len(rows) == 8
    assert [(row["before"], row["after"], row["audible"]) for row in rows if row["system"] == HORSE][-1] == (
        "rumble", "music", "False")
    swept = list(csv.DictReader((tmp_path / "sweep.csv").open(encoding="utf-8")))
    assert {row["file"] for row in swept} == {"Lied 0.wav", "Lied 1.wav"}
    assert not QImage(str(tmp_path / "dissect.png")).isNull()
    found = json.loads((tmp_path / "dissect.json").read_text(encoding="utf-8"))
    assert [one["recall_after"] for one in found["files"]] == [0.5, 0.5]
    assert found["trees"][HORSE]["tree"]["inaudible_importance"] == 1.0
    exported(page, "the reports")(tmp_path / "report")
    wait_for(lambda: any(sentence.endswith("report") for sentence in told(page).said))
    assert {"dissect.csv", "dissect.json", "dissect.png", "report.html"} <= {
        path.name for path in (tmp_path / "report" / HORSE).iterdir()}


def test_without_anything_tried_nothing_is_written(page: DissectPage, tmp_path: Path) -> None:
    for name in ("files.csv", "sweep.csv", "the reports"):
        with pytest.raises(InputError, match="there is none yet"):
            exported(page, name)(tmp_path / name)
    page.inquiry.table()
    wait_for(lambda: any("expected something switched on" in sentence for sentence in told(page).failed))
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(("name", "words"), [("notes.wav", "expected audio"), ("nothing", "found none"),
                                             ("missing.wav", "there is no such file")])
def test_what_cannot_be_opened_is_one_sentence_and_loses_nothing(page: DissectPage, folder: Path, name: str,
                                                                 words: str) -> None:
    now, bad = page.study.now, folder / name
    if name == "nothing":
        bad.mkdir(exist_ok=True)
    elif name != "missing.wav":
        bad.write_text("no sound")
    page.open(bad)
    wait_for(lambda: any(words in sentence for sentence in told(page).failed))
    assert len(told(page).failed) == 1
    assert page.study.now is now


def test_what_no_system_can_hear_is_said_once(page: DissectPage, folder: Path) -> None:
    write_wav(folder / "click.wav", Waveform(np.full((1, 1), 0.1, np.float32), SR))
    page.open(folder / "click.wav")
    wait_for(lambda: any("expected sound to scatter" in sentence for sentence in told(page).failed))
    for hz in (30.0, 40.0):
        page.bench.changed.emit({"high-pass": {"cutoff_hz": hz}})
        wait_for(lambda hz=hz: page.study.made is not None  # type: ignore[misc]
                 and page.study.made.bench.at("highpass") == hz)
    assert len(told(page).failed) == 1


def test_a_horse_is_planted_and_found(page: DissectPage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inquiry, "horse", partial(horse, train=3, test=1))  # as small as still learns
    monkeypatch.setattr("engine.training.horse.QUICK", ("tree", "sweep"))
    page.doing.show_horse()
    dialog = page.doing.horse
    assert dialog is not None
    QTest.mouseClick(dialog.run, Qt.MouseButton.LeftButton)
    assert not dialog.run.isEnabled()
    QTest.mouseClick(dialog.cancel, Qt.MouseButton.LeftButton)
    assert dialog.run.isEnabled()
    assert dialog.table.rows == []
    QTest.mouseClick(dialog.run, Qt.MouseButton.LeftButton)
    wait_for(lambda: bool(dialog.table.rows), 60.0)
    assert [row.texts[0] for row in dialog.table.rows] == ["Reading the tree", "Sweeps"]
    assert all(row.mark is row.texts[1].startswith("1 of 12") for row in dialog.table.rows)
    assert "inaudible: once it is taken out" in dialog.said.text()
    dialog.close()


def test_out_of_sight_it_leaves_the_player_alone_and_comes_back_where_it_was(page: DissectPage) -> None:
    through(page, HIGH_PASS)
    page.hearing.choose("bench")
    page.player.seek(1.5)
    source = page.player.source
    page.leave()
    page.hearing.choose("original")
    page.hearing.choose("bench")
    assert page.player.source is source
    page.enter()
    assert page.player.position() == pytest.approx(1.5, abs=0.02)
    assert page.hearing.chosen == "bench"


@pytest.mark.parametrize("colours", [theme.LIGHT, theme.DARK])
def test_it_is_drawn_in_both_themes(page: DissectPage, folder: Path, colours: theme.Theme) -> None:
    with_table(page, folder)
    page.set_theme(colours)
    for inside in (page.table, page.confusion, page.found, page.sweep, page.systems, page.tree, page.bench):
        page.show_tab(inside)
        image = page.grab().toImage()
        seen = {image.pixel(x, y) for x in range(0, image.width(), 7) for y in range(0, image.height(), 7)}
        assert len(seen) > 40
    QApplication.sendEvent(page.spectrum, QEvent(QEvent.Type.Leave))


def test_all_work_has_a_name_in_the_window(page: DissectPage) -> None:
    from gui.main_window.pages import PAGES

    entry = next(entry for entry in PAGES if entry.title == "Dissect")
    assert set(told(page).lanes) <= set(entry.jobs)
