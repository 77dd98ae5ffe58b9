"""How long an explanation of a costly model takes is known before, and a first look comes meanwhile."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.explain.methods import METHODS, looks
from engine.listening import patience
from engine.listening.explain import Question, explain, judged
from engine.models import foreign_consent, foreign_loading
from tests.engine.foreign_models import WAVES, write_card


@pytest.fixture(scope="module")
def waves(tmp_path_factory):
    folder = tmp_path_factory.mktemp("waves")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(foreign_consent.platformdirs, "user_config_dir", lambda name: str(folder / name))
        path = write_card(folder, WAVES)
        foreign_loading.trusted(path)
        listener = foreign_loading.load(path)
        yield listener
        listener.worker.close()


@pytest.fixture
def features(waves):
    noise = torch.randn(4000, generator=torch.Generator().manual_seed(5)) * 0.1
    return waves.front_end(noise)[:, : waves.window]


class Counting:
    """The listener's process, and how many excerpts it was asked about."""

    def __init__(self, monkeypatch, listener):
        self.asked, outputs = 0, listener.worker.outputs

        def counted(x, width=None):
            self.asked += len(x)
            return outputs(x, width)

        monkeypatch.setattr(listener.worker, "outputs", counted)


@pytest.mark.parametrize("method", METHODS)
def test_a_model_is_asked_no_more_often_than_was_said(method, waves, features, monkeypatch):
    question = Question(start=0.0, method=method, segments=5, samples=20, target="low", seed=8)
    counting = Counting(monkeypatch, waves)
    explain(features + 1e-3 * len(method), waves, question)
    most = looks(method, segments=5, samples=20)
    assert most == patience.masks_of(question, waves)
    assert 0 < counting.asked <= most + 4, "and the few about the whole and the empty excerpt"


def test_a_first_look_names_what_all_masks_name_and_costs_nothing_extra(waves, features, monkeypatch):
    question = Question(start=0.0, segments=9, target="low", units="logit")
    counting = Counting(monkeypatch, waves)
    few = patience.first_look(features, waves, question)
    assert few.looks == (patience.FIRST_MASKS, 512)
    assert few.question == question, "it is an answer to what was asked"
    assert counting.asked <= patience.FIRST_MASKS + 4
    all_of_them = explain(features, waves, question)
    assert counting.asked <= 512 + 8
    assert all_of_them.looks is None
    assert few.explanation.stderr is not None
    largest = np.abs(all_of_them.explanation.weights).max()
    np.testing.assert_allclose(few.explanation.weights, all_of_them.explanation.weights, atol=0.02 * largest)


def test_only_what_takes_long_and_many_masks_needs_one(waves, monkeypatch):
    monkeypatch.setattr(waves, "seconds_each", 0.1)
    assert patience.seconds_of(Question(start=0.0), waves) == pytest.approx(102.4)
    assert patience.needs_first_look(Question(start=0.0), waves)
    assert patience.needs_first_look(Question(start=0.0, method="shapley"), waves)
    assert not patience.needs_first_look(Question(start=0.0, method="occlusion"), waves)
    assert not patience.needs_first_look(Question(start=0.0, segments=6), waves), "64 masks are few"
    monkeypatch.setattr(waves, "seconds_each", 0.001)
    assert not patience.needs_first_look(Question(start=0.0), waves)


def test_figures_that_explain_nothing_again_ask_for_nothing_more(waves, features, monkeypatch):
    question = Question(start=0.0, segments=6, target="high")
    answer = explain(features + 0.01, waves, question)
    counting = Counting(monkeypatch, waves)
    quick = judged(answer, waves, thorough=False)
    trust = quick.explanation.trust
    assert counting.asked == 0
    assert quick.curves is not None
    assert not quick.over_fills
    assert (trust.agreement, trust.max_sensitivity) == (None, None)
    whole = judged(answer, waves)
    assert counting.asked > 64
    assert replace(whole.explanation.trust, agreement=None, max_sensitivity=None) == trust
