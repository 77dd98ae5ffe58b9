"""What experiments found comes back with its files, and into a session also where files were chosen for the systems."""
# ruff: noqa: F811

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from engine.audio.waveform import Waveform, write_wav
from engine.checks import InputError
from engine.commands.dissect import recordings_in
from engine.explain.dissect import Heard, Outcome
from engine.training.dissect_files import Listed
from gui.dissect_page import DissectPage
from gui.dissect_page.bench import Bench
from gui.dissect_page.files import listed
from gui.dissect_page.keeping import _partitions
from gui.dissect_page.study import Study
from gui.dissect_page.values import Opened, Tried
from tests.gui.dissecting import still_page as page  # noqa: F401  (fixture)

BENCH = Bench({"high-pass": {"cutoff_hz": 20.0}})
NOTHING: Any = None


def opened(count: int, *, whole: bool = False, place: int = 0) -> Opened:
    files = tuple(Listed(Path(f"{i}.wav"), "a", str(i)) for i in range(count))
    return Opened(NOTHING, NOTHING, 0.0, NOTHING, np.zeros(1), NOTHING, files, place, Path("set"), whole)


def table(count: int) -> list[Tried]:
    heard = tuple(Heard(f"{i}.wav", "a", str(i), "a", "b", np.array([0.9, 0.1]), np.array([0.1, 0.9]))
                  for i in range(count))
    return [Tried(Outcome("one", ("a", "b"), "high-pass", heard), None, None, None)]


def test_a_table_comes_back_with_its_files(qapp: QApplication) -> None:
    study, four = Study(), table(4)
    study.open(opened(4))
    study.set_table(four, opened(4).files, BENCH)
    told: list[int] = []
    study.table_changed.connect(lambda: told.append(len(study.outcomes)))
    study.open(opened(2), way_back=True)
    assert (study.outcomes, study.tried) == ([], ())
    study.set_table(table(2), opened(2).files, Bench())
    study.open(opened(4, whole=True), way_back=True)
    assert study.outcomes == [], "of whole files it was never made"
    study.open(opened(4), way_back=True)
    assert study.outcomes is four
    assert (study.tried, study.tried_bench) == (opened(4).files, BENCH)
    assert told == [0, 1, 0, 1], "and is shown"
    study.open(opened(4, place=2), same_files=True)
    study.open(opened(2), way_back=True)
    assert len(study.outcomes[0].outcome.files) == 2


def test_what_is_opened_by_hand_is_another_matter(qapp: QApplication) -> None:
    study = Study()
    study.open(opened(4))
    study.set_table(table(4), opened(4).files, BENCH)
    study.open(opened(4))
    assert study.outcomes == [], "its files may be others by now"
    study.open(opened(2), way_back=True)
    study.open(opened(4), way_back=True)
    assert study.outcomes == []


def test_more_files_and_whole_files_are_ways_back(page: DissectPage, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []
    page.study.now = opened(4)
    monkeypatch.setattr(page.inquiry, "open", lambda path, *, way_back=False: asked.append(way_back))
    page.most.setValue(2)
    page.study.undo_stack.undo()
    page.whole.click()
    page.open(Path("set"))
    assert asked == [True, True, True, False]
    assert page.most.value() == page.study.most_files != 2


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Eight files, of which only some are in the test parts of two partitions."""
    rows = ["id,class,track,split,split_artist"]
    for place in range(8):
        label, artist, track = "ab"[place % 2], "test" if place > 1 else "train", "test" if place != 4 else "valid"
        (tmp_path / label).mkdir(exist_ok=True)
        write_wav(tmp_path / label / f"{place}.wav", Waveform(np.zeros((1, 800), np.float32), 8000))
        rows.append(f"{place},{label},{place},{track},{artist}")
    (tmp_path / "tracks.csv").write_text("\n".join([*rows, ""]))
    return tmp_path


@pytest.mark.parametrize("partitions", [(), ("artist",), ("track",), ("artist", "track")])
def test_a_command_takes_the_files_that_the_page_takes(folder: Path, partitions: tuple[str, ...]) -> None:
    files = listed(folder, 4, partitions)
    known = _partitions(folder, files)
    assert known is not None
    assert listed(folder, 4, known) == files
    taken = recordings_in(folder, NOTHING, "all", 4, fresh=known) if known else None
    if taken is not None:
        assert [(one.name, one.label) for one in taken] == [(one.path.name, one.label) for one in files]


def test_partitions_choose_other_files(folder: Path) -> None:
    chosen = {some: [one.path.name for one in listed(folder, 4, some)] for some in ((), ("artist",), ("artist",
                                                                                                      "track"))}
    assert chosen == {(): ["0.wav", "1.wav", "2.wav", "3.wav"], ("artist",): ["2.wav", "3.wav", "4.wav", "5.wav"],
                      ("artist", "track"): ["2.wav", "3.wav", "5.wav", "6.wav"]}
    assert _partitions(folder, listed(folder, 4, ("artist",))[::-1]) is None


def test_it_needs_a_number_and_takes_no_part(folder: Path) -> None:
    for split, limit in ((None, None), ("test", 4)):
        with pytest.raises(InputError, match="--fresh: expected --limit with it, and no part"):
            recordings_in(folder, NOTHING, split, limit, fresh=["artist"])
