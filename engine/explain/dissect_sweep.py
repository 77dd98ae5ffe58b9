"""One intervention at many values: where, along cut-off or tempo, does a decision turn?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.audio.interventions import INTERVENTIONS, Treatment
from engine.checks import InputError, choice
from engine.explain.dissect import Array, Outcome, Panel, Recording, experiment
from engine.job import Report, silent

POINTS = 30
HIGHEST = 0.98   # of half the sample rate: no filter cuts off beyond


@dataclass(frozen=True)
class SweepKind:
    """What is swept.

    Parameters
    ----------
    intervention, parameter
        Names in `INTERVENTIONS`.
    values
        In the parameter's unit, rising.
    """

    intervention: str
    parameter: str
    values: tuple[float, ...]

    @property
    def unit(self) -> str:
        """Of the values."""
        return next(p.unit for p in INTERVENTIONS[self.intervention].parameters if p.name == self.parameter)


def _spread(low: float, high: float, points: int) -> tuple[float, ...]:
    return tuple(float(f"{value:.4g}") for value in np.geomspace(low, high, points))


SWEEPS = {
    "highpass": SweepKind("high-pass", "cutoff_hz", _spread(5.0, 8000.0, POINTS)),
    "lowpass": SweepKind("low-pass", "cutoff_hz", _spread(8000.0, 5.0, POINTS)[::-1]),
    "tempo": SweepKind("tempo", "tempo", _spread(0.8, 1.25, 19)),
    "pitch": SweepKind("pitch", "semitones", tuple(np.linspace(-3.0, 3.0, 13).tolist())),
    "gain": SweepKind("gain", "gain_db", tuple(np.linspace(-40.0, 20.0, 13).tolist())),
    "noise": SweepKind("noise", "snr_db", tuple(np.linspace(0.0, 80.0, 17).tolist())),
}


@dataclass(frozen=True)
class Sweep:
    """Answers of one system along a sweep.

    Parameters
    ----------
    kind, unit, system, labels
        What was swept, the unit of its values, and who was asked.
    values
        (points,) of the parameter, in its unit.
    treatments, outcomes
        One a value.
    """

    kind: str
    unit: str
    system: str
    labels: tuple[str, ...]
    values: tuple[float, ...]
    treatments: tuple[Treatment, ...]
    outcomes: tuple[Outcome, ...]

    def probabilities(self, file: int) -> NDArray[np.float64]:
        """Prediction curves (points, labels) of one file."""
        return np.stack([outcome.files[file].p_after for outcome in self.outcomes])

    def mean_probabilities(self) -> NDArray[np.float64]:
        """Prediction curves (points, labels) of the set."""
        return np.asarray(np.mean([self.probabilities(i) for i in range(len(self.outcomes[0].files))], axis=0))

    def recalls(self) -> list[float | None]:
        """Mean recall at each value; None where no file has a class that is known."""
        return [outcome.recall(after=True) for outcome in self.outcomes]

    def turns(self, file: int) -> float | None:
        """The first value at which the decision on a file is not what it was untouched; None where it stays."""
        return next((value for value, outcome in zip(self.values, self.outcomes, strict=True)
                     if outcome.files[file].flipped), None)

    @property
    def worst(self) -> int:
        """Index of the value at which recall is least, or where fewest decisions stay as they were."""
        return int(np.argmin([self._left(outcome) for outcome in self.outcomes]))

    @staticmethod
    def _left(outcome: Outcome) -> tuple[float, ...] | float:
        recall = outcome.recall(after=True)
        if recall is not None and len(outcome.files) > 1:
            return recall
        stay: Array = np.array([one.p_after[outcome.labels.index(one.before)] for one in outcome.files])
        return float(stay.mean())


def sweep(panel: Panel, recordings: Sequence[Recording], kind: str, *, values: Sequence[float] | None = None,
          causal: bool = False, audible: bool = False, report: Report = silent) -> list[Sweep]:
    """All systems along one sweep.

    Parameters
    ----------
    panel, recordings
        Who listens, to what.
    kind
        One of `SWEEPS`.
    values
        Of the parameter; None takes those of the kind, as far as the recordings' rates allow.
    causal
        Of filters: as a device would.
    audible
        Whether to say what could be heard of each change.

    Raises
    ------
    InputError
        When the kind is unknown, there are no recordings, or a value asked for does not suit one.
    """
    swept = SWEEPS[choice(kind, SWEEPS, "sweep")]
    if not recordings:
        raise InputError("data: expected recordings to experiment on, found none")
    if values is None:
        values = _possible(swept, recordings)
    name = f"{swept.intervention}-causal" if causal else swept.intervention
    one = INTERVENTIONS[choice(name, INTERVENTIONS, "intervention")]
    treatments = [one.at(**{swept.parameter: value}) for value in values]
    outcomes = experiment(panel, recordings, treatments, audible=audible, report=report)
    of_system = [outcomes[s :: len(panel.names)] for s in range(len(panel.names))]
    return [Sweep(kind, swept.unit, name, panel.labels[s], tuple(values), tuple(treatments), tuple(of_system[s]))
            for s, name in enumerate(panel.names)]


def _possible(swept: SweepKind, recordings: Sequence[Recording]) -> list[float]:
    if swept.parameter != "cutoff_hz":
        return list(swept.values)
    top = HIGHEST * min(recording.load().sr for recording in recordings) / 2
    return [value for value in swept.values if value <= top]
