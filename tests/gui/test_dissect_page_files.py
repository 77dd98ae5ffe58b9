"""The Dissect page on many files: tried, kept, written, refused."""
# ruff: noqa: F811

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage

from engine.checks import InputError
from engine.commands.again import ask_again
from engine.commands.output import plain
from engine.job import silent
from engine.sessions.differences import differences
from gui.dissect_page import DissectPage, files
from tests.gui.dissecting import HORSE, LABELS, folder, opened, page, said, with_table  # noqa: F401  (fixtures)
from tests.gui.showing import told
from tests.gui.waiting import wait_for


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
