"""The trust figures in words: what each means for the reader, and who proposed it."""

from __future__ import annotations

from dataclasses import dataclass

from engine.listening.explain import TOP
from engine.report.facts import Facts


@dataclass(frozen=True)
class TrustLine:
    """One figure with its name, one sentence on it, and its source."""

    name: str
    value: str
    says: str
    source: str


def trust_lines(facts: Facts) -> list[TrustLine]:
    """All figures, in the order of `Trust`; "not measured" where one was not asked for."""
    e = facts.answer.explanation
    chance = min(1.0, TOP / len(e.weights))
    target = facts.answer.target
    return [
        TrustLine("Agreement over fills", _number(e.trust.agreement),
                  f"Mean share of the top {TOP} that other fills name too; by chance it would be {chance:.2f}.",
                  "Mishra, Benetos, Sturm, Dixon, IJCNN 2020."),
        TrustLine("Flips the decision", {None: "not measured", True: "yes", False: "no"}[e.trust.flips],
                  f"Whether hiding the top {TOP} moves the score across the threshold; where it does not, the named "
                  "segments are not the whole reason.", "Praher, Prinz, Flexer, Widmer, ISMIR 2021."),
        TrustLine("Deletion", _number(e.trust.deletion_auc),
                  f"Mean {e.units} of “{target}” while segments are hidden, largest weight first: the lower, the "
                  "better.", "Petsiuk, Das, Saenko, BMVC 2018."),
        TrustLine("Insertion", _number(e.trust.insertion_auc),
                  f"Mean {e.units} of “{target}” while segments are added to the empty excerpt in the same order: the "
                  "higher, the better.", "Petsiuk, Das, Saenko, BMVC 2018."),
        TrustLine("Infidelity", _number(e.trust.infidelity),
                  "Mean squared difference between the change that the weights predict for a mask and the change that "
                  "comes: 0 would be a model that is a plain sum of its segments.", "Yeh et al., NeurIPS 2019."),
        TrustLine("Max-sensitivity", _number(e.trust.max_sensitivity),
                  "Largest relative change of the weights when the input changes by a barely visible amount: the "
                  "lower, the steadier.", "Yeh et al., NeurIPS 2019."),
    ]


def _number(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.3g}"
