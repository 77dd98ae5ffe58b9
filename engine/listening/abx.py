"""Blind ABX tests: is X the sound A or the sound B? Guessing is right half of the time.

The number of trials is fixed before the first one and nothing is told until after the last one, so that the exact
binomial test holds (D. Clark: High-resolution subjective testing using a double-blind comparator, JAES 30(5), 1982).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import binomtest

from engine.checks import InputError, choice, within

SOUNDS = ("A", "B")
TRIALS = 10
MOST_TRIALS = 100
SIGNIFICANT = 0.05


@dataclass(frozen=True)
class Trial:
    """What X was, and what was answered: "A" or "B" each."""

    x_is: str
    answer: str

    def __post_init__(self) -> None:
        choice(self.x_is, SOUNDS, "X")
        choice(self.answer, SOUNDS, "answer")

    @property
    def right(self) -> bool:
        """Whether that was so."""
        return self.x_is == self.answer


@dataclass(frozen=True)
class AbxResult:
    """A test that was gone through to its end.

    Parameters
    ----------
    a, b
        Names of the two sounds.
    trials
        In their order, at least one.
    seed
        Of the order.
    passage
        Start and stop in seconds of what was heard.

    Raises
    ------
    InputError
        When there is no trial.
    """

    a: str
    b: str
    trials: tuple[Trial, ...]
    seed: int
    passage: tuple[float, float]

    def __post_init__(self) -> None:
        if not self.trials:
            raise InputError("ABX: expected at least one trial, got none; go through the test first")

    @property
    def right(self) -> int:
        """Number of right answers."""
        return sum(trial.right for trial in self.trials)

    @property
    def p_value(self) -> float:
        """Probability that guessing is right at least so often: one-sided exact binomial test, 0 to 1."""
        return float(binomtest(self.right, len(self.trials), 0.5, alternative="greater").pvalue)

    @property
    def told_apart(self) -> bool:
        """Whether guessing explains it in less than one of twenty tests."""
        return self.p_value < SIGNIFICANT

    def words(self) -> str:
        """The result in one sentence."""
        figures = f"{self.right} of {len(self.trials)} right, p {p_text(self.p_value)}"
        if self.told_apart:
            return f"{figures}: {self.a} and {self.b} were told apart"
        if 0.5 ** len(self.trials) >= SIGNIFICANT:
            return f"{figures}: so few trials can show nothing; take at least 5"
        return f"{figures}: guessing explains it, no difference was shown"

    def as_json(self) -> dict[str, Any]:
        """Plain numbers and names; what X was and what was answered are strings of one letter a trial."""
        start, stop = self.passage
        return {"words": self.words(), "a": self.a, "b": self.b, "trials": len(self.trials), "right": self.right,
                "p_value": self.p_value, "x_was": "".join(t.x_is for t in self.trials),
                "answers": "".join(t.answer for t in self.trials), "seed": self.seed,
                "passage_start": start, "passage_stop": stop}


def sequence(n: int, *, seed: int) -> tuple[str, ...]:
    """What X is in each of n trials, drawn independently and evenly.

    Raises
    ------
    InputError
        When n is not 1 to 100.
    """
    within(n, 1, MOST_TRIALS, "trials")
    return tuple(SOUNDS[i] for i in np.random.default_rng(seed).integers(0, 2, n))


def p_text(p: float) -> str:
    """How large a probability is: "= 0.055", "< 0.001"."""
    return "< 0.001" if p < 0.001 else f"= {p:.3f}" if p < 0.9995 else "= 1"
