"""The Maximise page ranks settings: the grid that is known, and one that is searched."""
# ruff: noqa: F811

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import pytest

from engine.commands import maximise
from engine.commands.again import ask_again
from engine.commands.output import plain
from engine.explain.maximise_grid import Ranked
from engine.job import silent
from engine.models import mel_gan
from engine.sessions.differences import differences
from gui.maximise_page import MaximisePage, work
from gui.maximise_page.values import Shipped
from tests.gui.maximising import GRID, folder, opened, page  # noqa: F401  (fixtures)
from tests.gui.showing import told
from tests.gui.waiting import wait_for


def test_the_grid_that_came_with_the_program_is_ranked_from_the_beginning(page: MaximisePage):
    """It is of one neuron, one direction and one prior; its settings can be taken over."""
    now, layer = page.study.now, page.study.wishes.layer
    ranking = (Ranked(0.1, 0.001, 500, 2.0, 9.0, 50, 0), Ranked(0.01, 0.1, 100, 3.0, 4.0, 49, 1))
    page.study.now = replace(now, shipped={"max": Shipped(f"svd {layer} 0", ranking, 50, "dense2")})
    page.study.forget()
    assert page.ranking.table.rowCount() == 2
    assert "2 settings × 50 seeds on dense2, searched before" in page.ranking.said.text()
    page.ranking.setting_chosen.emit(0)
    assert "maximise" in told(page).said[-1]
    page.ranking.setting_taken.emit(0)
    assert (page.panel.wishes().lr, page.panel.wishes().reg, page.panel.wishes().iterations) == (0.1, 0.001, 500)
    weak = (replace(ranking[0], activation=-9.0, lr=0.001), ranking[0])
    page.study.now = replace(now, shipped={"max": Shipped(f"svd {layer} 0", weak, 50, "dense2")})
    wait_for(lambda: page.study.real is not None)
    page.study.ranked.emit()
    assert page.ranking.strong.text() == "Beyond real music: lr 0.1, reg 0.001, 500 iterations"
    page.study.ask(replace(page.study.wishes, lr=0.5))
    page.ranking.strong.click()
    assert page.panel.wishes().lr == 0.1
    page.study.now = replace(now, shipped={"max": Shipped(f"svd {layer} 0", ranking, 50, "dense2")})
    page.study.forget()
    for changed in ({"prior": "input"}, {"direction": "min"}, {"layer": now.layers[0].name}):
        page.study.ask(replace(page.study.wishes, **changed))
        assert page.ranking.table.rowCount() == 0
        page.study.ask(replace(page.study.wishes, prior="gan", direction="max", layer=layer))
        assert page.ranking.table.rowCount() == 2
    page.study.now = now
    page.study.forget()
    card = mel_gan.load().card
    card["grid"] = {"minimise": {"neuron": "svd logit 0", "seeds": 50, "fid_layer": "dense2",
                                 "ranking": [asdict(one) for one in ranking]}}
    assert work.shipped() == {"min": Shipped("svd logit 0", ranking, 50, "dense2")}
    del card["grid"]


def test_a_grid_is_searched_cancelled_resumed_and_ranked(page: MaximisePage):
    page.study.forget()

    seen: list[int] = []
    page.study.ranked.connect(lambda: seen.append(page.ranking.table.rowCount()) if page.study.running else None)
    page.doing.search()
    assert page.tabs.currentWidget() is page.ranking
    wait_for(lambda: page.study.searched is not None)
    page.inquiry._look()
    wait_for(lambda: page.study.kept == (3, 3))
    assert seen == [4], "the ranking of the first two seeds, while the third grew"
    ranking = page.study.searched.found.ranking
    assert [one.fid for one in ranking] == sorted(one.fid for one in ranking)
    assert page.ranking.table.rowCount() == 4
    wait_for(lambda: len(page.study.shown) == 9)
    assert [one.rank for one in page.study.shown] == ["best"] * 3 + ["median"] * 3 + ["worst"] * 3
    tops = [page.gallery.cells.visualRect(page.gallery.cells.model().index(row, 0)).top() for row in range(9)]
    assert len(set(tops)) == 3, "a row for each"
    assert all(len(set(tops[row : row + 3])) == 1 for row in (0, 3, 6))
    assert page.curves._curves.shape == (9, 3)
    assert page.curves._steps.tolist() == [0, 1, 3], "what the search has kept, and where its examples began"
    assert page.curves._failed == 0, "some settings have fewer iterations than others"
    assert "median" not in page.curves.words
    page.ranking.setting_chosen.emit(1)
    wait_for(lambda: page.study.setting == ranking[1])
    assert len(page.study.shown) == 3
    page.ranking.setting_taken.emit(0)
    assert (page.panel.wishes().lr, page.panel.wishes().iterations) == (ranking[0].lr, ranking[0].iterations)
    assert page.tabs.currentWidget() is page.panel


def test_a_ranking_is_kept_with_a_session_as_a_command_answers_it(
        page: MaximisePage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    page.study.forget()
    page.doing.search()
    wait_for(lambda: page.study.searched is not None and len(page.study.shown) == 9)
    kept = page.keep()
    result, = [one.made for one in kept.results if one.name == "grid"]
    assert [one["fid"] for one in result.answer["ranking"]] == [one.fid for one in page.study.ranking]
    monkeypatch.setattr(maximise, "Grid", lambda seeds: replace(GRID, seeds=seeds))
    assert list(differences(plain(result.answer), plain(ask_again(result, {}, tmp_path, silent)))) == []
    page.keeping._earlier = (result,)
    page.study.searched = None      # as a session comes back that is still to be searched again
    assert [one.made for one in page.keep().results if one.name == "grid"] == [result]


def test_a_search_that_was_stopped_can_be_resumed(page: MaximisePage, folder: Path):
    page.panel.form.neuron.number.setValue(0)
    layer = page.study.now.layers[-2].name
    page.study.ask(replace(page.study.wishes, layer=layer, neuron=1))
    search = work._search(page.study.now.listener, page.study.question)
    search.store.folder.mkdir(parents=True)
    (search.store.folder / "0.npz").write_bytes(b"of another version")
    wait_for(lambda: page.study.kept == (1, 3))
    assert page.panel.resume.text() == "Resume · 1 of 3"
    assert not page.panel.grid.isEnabled()
    page.panel.resume.click()
    wait_for(lambda: page.study.searched is not None)
    assert told(page).failed == []
