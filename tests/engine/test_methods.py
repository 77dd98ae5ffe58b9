"""Every explainer answers alike, under its name, with the options that are its own."""

from __future__ import annotations

import inspect
import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.checks import InputError
from engine.explain.fills import Fill
from engine.explain.methods import METHODS, explain
from engine.explain.segments import temporal

S = torch.ones(1, 3)
GAME = {"segmentation": temporal(3, bands=1, frames=3, frames_per_second=1.0, frequencies=np.array([0.0, 1.0, 2.0])),
        "fill": Fill("zero", torch.zeros(1, 3))}


def score(x: Tensor) -> Tensor:
    return x[:, 0] @ torch.tensor([0.2, -0.1, 0.6]) + 0.1


@pytest.mark.parametrize("method", METHODS)
def test_all_answer_alike(method: str) -> None:
    explained = explain(method, score, S, units="logit", n_samples=400, seed=2, **GAME)
    assert explained.method == method
    assert (explained.fill, explained.units) == ("zero", "logit")
    assert explained.weights.shape == (3,)
    assert explained.weights.dtype == np.float64
    assert explained.score_full == pytest.approx(0.8)
    assert explained.score_empty == pytest.approx(0.1)
    assert explained.map().shape == (1, 3)
    assert explained.top(1) == [2]
    assert (explained.stderr is None) == (method != "slime")


@pytest.mark.parametrize("method", ["shapley", "occlusion", "ig"])
def test_methods_agree_on_a_linear_score(method: str) -> None:
    np.testing.assert_allclose(explain(method, score, S, **GAME).weights, [0.2, -0.1, 0.6], atol=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_signatures_are_keyword_only_and_alike(method: str) -> None:
    parameters = inspect.signature(METHODS[method].explainer).parameters
    common = {"score", "S", "segmentation", "fill", "units", "report", "known"}
    assert set(parameters) == common | set(METHODS[method].options)
    assert [p.name for p in parameters.values() if p.kind is not p.KEYWORD_ONLY] == ["score", "S"]


def test_options_reach_the_method_and_none_means_default() -> None:
    assert explain("slime", score, S, n_samples=50, seed=9, **GAME).settings["seed"] == 9
    assert explain("slime", score, S, n_samples=50, seed=None, **GAME).settings["seed"] == 0


def test_captum_waits_until_it_is_needed() -> None:
    code = "import sys, engine.explain.methods; sys.exit('captum' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_unknown_method_is_named() -> None:
    with pytest.raises(InputError, match="did you mean shapley"):
        explain("shaply", score, S, **GAME)
