"""The Explain page with a model that takes long: a first look, then all that was asked for, and no more unasked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from engine.audio.waveform import Waveform, write_wav
from engine.commands.again import ask_again
from engine.commands.output import plain
from engine.job import silent
from engine.listening import patience
from engine.models import catalogue, foreign_consent, foreign_loading
from engine.sessions.differences import differences
from gui.engine_thread import EngineThread
from gui.explain_page import ExplainPage, words
from gui.player import Player
from tests.engine.foreign_models import WAVES, write_card
from tests.gui.waiting import wait_for

PATIENCE = 60.0


def song(path: Path) -> Path:
    y = 0.1 * np.random.default_rng(1).standard_normal(6 * 8000)
    write_wav(path, Waveform(y.astype(np.float32), 8000))
    return path


@pytest.fixture(scope="module")
def page(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExplainPage]:
    folder = tmp_path_factory.mktemp("costly")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(foreign_consent.platformdirs, "user_config_dir", lambda name: str(folder / name))
        card = write_card(folder, WAVES)
        foreign_loading.trusted(card)
        catalogue.set_own([card])
        live, batch, player = EngineThread(), EngineThread(), Player()
        made = ExplainPage(live, batch, player)
        for thread in (live, batch):
            thread.start()
        made.inquiry.open_as(song(folder / "song.wav"), "waves", 1.0)
        wait_for(lambda: made.study.answer is not None and bool(made.study.answer.over_fills), PATIENCE)
        yield made
        made.close_down()
        for thread in (live, batch):
            thread.close()
        player.close()
        catalogue.set_own([])
        foreign_loading.drop(card)


@pytest.fixture
def slow(page: ExplainPage, monkeypatch: pytest.MonkeyPatch) -> ExplainPage:
    """The same, said to take a tenth of a second for each answer."""
    monkeypatch.setattr(page.study.listener, "seconds_each", 0.1)
    return page


def test_a_first_look_comes_before_all_masks(slow: ExplainPage) -> None:
    shown: list[tuple[str, str]] = []
    said: list[str] = []
    slow.said.connect(said.append)
    slow.study.answered.connect(lambda: shown.append((slow.study.answer.explanation.method, slow.headline.text())))
    slow.study.change(start=2.0)
    wait_for(lambda: slow.study.answer.curves is not None and abs(slow.study.answer.start - 2.0) < 0.1, PATIENCE)
    assert [method for method, _ in shown] == ["slime", "slime-exact", "slime-exact"], "and then with its figures"
    assert f"first look, {patience.FIRST_MASKS} of 1,024 masks: segments " in shown[0][1]
    assert "first look" not in slow.headline.text()
    assert said[0] == "waves has to answer 1,024 times, which takes about 2 min; a first look comes before"
    assert slow.hearing.sound("kept") is not None


def test_figures_that_take_long_wait_until_somebody_wants_them(slow: ExplainPage, tmp_path: Path) -> None:
    slow.study.change(start=3.0)
    wait_for(lambda: slow.study.answer.curves is not None and abs(slow.study.answer.start - 3.0) < 0.1, PATIENCE)
    trust = slow.study.answer.explanation.trust
    assert trust.deletion_auc is not None
    assert trust.agreement is None
    for panel in (slow.trust, slow.stability):
        assert not panel._offer.isHidden()
    assert slow.trust._offer.text() == "Agreement and max-sensitivity (about 26 min)"
    kept = slow.keep()
    assert kept is not None
    result = next(one.made for one in kept.results if one.name == "explain")
    assert result.arguments["quick"]
    said = {name: {"path": str(value)} if isinstance(value, Path) else value
            for name, value in result.arguments.items()}
    again = ask_again(replace(result, arguments=said), {}, tmp_path, silent)
    assert list(differences(plain(result.answer), plain(again))) == []
    slow.trust._offer.click()
    wait_for(lambda: bool(slow.study.answer.over_fills), PATIENCE)
    assert slow.study.answer.explanation.trust.agreement is not None
    assert slow.trust._offer.isHidden()
    kept = slow.keep()
    assert kept is not None
    assert "quick" not in next(one.made for one in kept.results if one.name == "explain").arguments


def test_another_unit_is_there_at_once_for_nothing_is_asked_again(
        slow: ExplainPage, monkeypatch: pytest.MonkeyPatch) -> None:
    slow.study.change(start=2.5)
    wait_for(lambda: slow.study.answer.curves is not None and abs(slow.study.answer.start - 2.5) < 0.1, PATIENCE)
    asked: list[int] = []
    outputs = slow.study.listener.worker.outputs
    monkeypatch.setattr(slow.study.listener.worker, "outputs", lambda x, width=None: (asked.append(len(x)),
                                                                                      outputs(x, width))[1])
    slow.study.change(units="logit")
    wait_for(lambda: slow.study.answer.curves is not None and slow.study.answer.explanation.units == "logit", PATIENCE)
    assert sum(asked) < 16


def test_a_quick_model_says_nothing_of_all_this(page: ExplainPage) -> None:
    shown: list[str] = []
    page.study.answered.connect(lambda: shown.append(page.study.answer.explanation.method))
    page.study.change(start=1.5)
    wait_for(lambda: bool(page.study.answer.over_fills) and abs(page.study.answer.start - 1.5) < 0.1, PATIENCE)
    assert set(shown) == {"slime-exact"}


@pytest.mark.parametrize(("seconds", "said"), [(7.2, "7 s"), (89, "89 s"), (90, "2 min"), (5399, "90 min"),
                                               (5400, "2 h")])
def test_waits_in_words(seconds: float, said: str) -> None:
    assert words.duration(seconds) == said
