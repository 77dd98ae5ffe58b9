"""The Dissect page asks: sweeps, searches, the tree, a planted horse."""
# ruff: noqa: F811

from __future__ import annotations

import time
from functools import partial

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from engine.training.horse import horse
from gui.dissect_page import DissectPage, inquiry
from gui.dissect_page.work import coarse_first
from tests.gui.dissecting import (  # noqa: F401  (fixtures)
    HORSE,
    LABELS,
    LISTENER,
    RUMBLE_HZ,
    SR,
    TONE_HZ,
    folder,
    opened,
    page,
)
from tests.gui.waiting import wait_for


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
