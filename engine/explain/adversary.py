"""Music adversaries: the smallest of changes that make a listener say something else.

C. Kereliuk, B. L. Sturm, J. Larsen: Deep learning and music adversaries. IEEE Trans. Multimedia 17(11), 2015,
section IV: projected gradient steps with FISTA's momentum on magnitude frames X, held at X >= 0 and at a least
signal-to-noise ratio, until the wanted label has enough confidence; then resynthesis with the original phases, and
the decision is taken again on the analysis of that sound, for magnitudes need not be those of any sound.

Ours beside it: the same objective on the samples, through the differentiable STFT, so that each iterate is a sound.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from torch import Tensor

from engine.checks import InputError
from engine.explain.adversary_plan import METHODS, PROJECTIONS, Judge, Plan, Step, Watch, heard, votes_of
from engine.explain.adversary_search import Search
from engine.explain.perturbing import Domain, Magnitudes, Samples, Spectra, snr_db
from engine.job import Report, silent

__all__ = ["METHODS", "PROJECTIONS", "Adversary", "Judge", "Plan", "Step", "Watch", "attack", "heard", "votes_of"]


@dataclass(frozen=True)
class Adversary:
    """What came out.

    Parameters
    ----------
    y
        (samples,): the sound that fools, or the try that came nearest to the label.
    before, after
        (labels,): probabilities of the original and of `y`, each analysed as a sound.
    source, label, target
        Index of the label decided on before and after, and of the one wanted (None: any other).
    fooled
        Whether the decision on `y` is what was wanted.
    snr_db
        Of `y` against the original.
    steps
        One for each iteration.
    """

    y: Tensor
    before: Tensor
    after: Tensor
    source: int
    label: int
    target: int | None
    fooled: bool
    snr_db: float
    steps: tuple[Step, ...]


def attack(y: Tensor, *, judge: Judge, plan: Plan, weight: Tensor | None = None, report: Report = silent,
           watch: Watch = lambda step: None) -> Adversary:
    """Look for a change of a sound that makes the judge say what is wanted.

    Parameters
    ----------
    y
        float32 (samples,) at the rate of the judge's front end.
    judge
        Whom to fool; a `Listener` is one.
    plan
        What is wanted, and how.
    weight
        (bins, frames), not negative: how freely each bin may be changed, for instance its masking threshold. Steps
        are steepest descent in the metric |change / weight|; where it is 0 nothing is changed, but for what
        overlapping frames of a sound share. None: 1 everywhere.
    watch
        Is told of each iterate.

    Raises
    ------
    InputError
        When the sound is silent, too short, or holds NaN, or has the wanted label already.
    """
    if not bool(y.isfinite().all()):
        raise InputError("audio: expected numbers, found NaN or infinity; export it again")
    if float(y.norm()) < 1e-6 * math.sqrt(len(y)):
        raise InputError("audio: expected sound, found silence; a signal-to-noise ratio needs a signal")
    before = heard(judge, y, report)
    if not bool(before.isfinite().all()):
        raise InputError("audio: the model answers with NaN; is the recording far beyond full scale?")
    source = judge.decision(before)
    if plan.target == source:
        raise InputError("target: expected another label than the one decided on already; choose another")
    search = Search(judge, _domain(y, judge, plan, weight), plan, before, report, watch)
    found = search.run()
    label = judge.decision(found.probabilities)
    return Adversary(found.y, before, found.probabilities, source, label, plan.target, search.wanted(label),
                     snr_db(y, found.y - y), tuple(search.steps))


def _domain(y: Tensor, judge: Judge, plan: Plan, weight: Tensor | None) -> Domain:
    if plan.method == "waveform":
        return Samples(y, judge.front_end, weight)
    return (Spectra if plan.projection == "each" else Magnitudes)(y, judge.front_end, weight)
