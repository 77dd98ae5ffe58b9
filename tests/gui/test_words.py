"""An answer in words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.explain.explanation import Explanation, Segment, Segmentation
from engine.explain.fills import Fill, fill
from engine.explain.trust import Curves
from engine.listening.explain import Answer, Question
from gui.explain_page import words


def answer(weights: list[float], *, full: float = 0.87, units: str = "probability", kind: str = "temporal") -> Answer:
    n = len(weights)
    spans = [(0.1 * i, 0.1 * (i + 1), 27.5, 8000.0) if kind == "temporal" else (0.0, 1.6, 100.0 * i, 100.0 * (i + 1))
             for i in range(n)]
    cut = Segmentation(kind, tuple(Segment(i, *span) for i, span in enumerate(spans)), torch.zeros(4, n).long())
    features = torch.zeros(4, n)
    filled: Fill = fill("mean", features, data_minimum=features, seed=0)
    found = Explanation(cut, np.array(weights), full, 0.1, "slime-exact", "mean", units)
    return Answer("svd", "a.wav", 224.0, "singing", 0.5, features, filled, found, 0.1, Question(start=224.0))


def with_masks(made: Answer, score: float) -> Answer:
    """The answer knows what the model says without its top three."""
    e = made.explanation
    mask = np.array([i not in e.top(3) for i in range(len(e.weights))])
    masks, scores = np.stack([np.ones_like(mask), mask]), np.array([e.score_full, score])
    return replace(made, explanation=replace(e, masks=masks, mask_scores=scores))


def test_the_headline_names_segments_times_and_the_flip() -> None:
    made = with_masks(answer([0.0, 0.2, 0.3, 0.4, 0.0]), 0.14)
    assert words.verdict(made) == "singing 0.87"
    assert words.why(made) == "hiding segments 3, 2, 1 (224.10–224.40 s) → 0.14: flips the decision"
    assert words.why(with_masks(made, 0.6)).endswith("→ 0.60: the decision stays")


def test_segments_apart_are_named_apart_and_bands_in_hz() -> None:
    assert words.where(answer([0.5, 0.0, 0.4, 0.3]), [0, 2, 3]) == "224.00–224.10, 224.20–224.40 s"
    assert words.where(answer([0.5, 0.4, 0.3], kind="spectral"), [1, 2]) == "100–300 Hz"


def test_without_a_known_score_nothing_is_claimed_and_trust_brings_it() -> None:
    made = answer([0.5, 0.4, 0.3])
    assert "→" not in words.why(made)
    curve = np.array([0.87, 0.6, 0.5, 0.2])
    assert words.why(replace(made, curves=Curves(curve, curve))).endswith("→ 0.20: flips the decision")


@pytest.mark.parametrize(("full", "text"), [(2.31, "singing +2.31 logit"), (-0.4, "singing −0.40 logit")])
def test_logits_say_so(full: float, text: str) -> None:
    assert words.verdict(answer([0.1, 0.2, 0.3], full=full, units="logit")) == text
