"""Interventions as experiments: what becomes of decisions and of mean recall when a sound is changed in a known way.

F. Rodríguez-Algarra, B. L. Sturm, H. Maruri-Aguilar: Analysing scattering-based music content analysis systems:
where's the music? ISMIR 2016. A system that truly listens to the music decides the same after a change that nobody
hears; one that does not has been listening to something else.

Several systems are asked at once, as those that hear the same features need them made only once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.audio.change import Before, LevelOfChange
from engine.audio.interventions import Treatment
from engine.audio.waveform import Waveform
from engine.checks import InputError
from engine.explain import recall as counting
from engine.job import Progress, Report, silent

Array = NDArray[np.float64]
DOING = "listening to recordings"
LEAST_TRACKS = 5    # of each class, for an interval over them: draws from few do not tell how others would do
TOO_FEW = f"a class has fewer than {LEAST_TRACKS} tracks: too few for an interval"


@dataclass(frozen=True)
class Panel:
    """Systems that are asked together.

    Parameters
    ----------
    names, labels
        Of each system: its name, and its classes.
    hear
        Probabilities (labels,) by each system of a whole sound.
    decide
        Index of the label that system number i decides on, from its probabilities.
    """

    names: tuple[str, ...]
    labels: tuple[tuple[str, ...], ...]
    hear: Callable[[Waveform, Report], list[Array]]
    decide: Callable[[int, Array], int]


@dataclass(frozen=True)
class Recording:
    """A sound file of an experiment.

    Parameters
    ----------
    name, label, track
        Name; true class or None; what it was cut from, as files of one track are not independent.
    load
        Its sound, at its own rate.
    """

    name: str
    label: str | None
    track: str
    load: Callable[[], Waveform]


@dataclass(frozen=True)
class Heard:
    """What one system says of one recording before and after an intervention.

    Parameters
    ----------
    file, label, track
        As in `Recording`.
    before, after
        Labels decided on.
    p_before, p_after
        Probabilities (labels,).
    """

    file: str
    label: str | None
    track: str
    before: str
    after: str
    p_before: Array
    p_after: Array

    @property
    def flipped(self) -> bool:
        """Whether the decision changed."""
        return self.before != self.after


@dataclass(frozen=True)
class Outcome:
    """One system and one intervention on a set of recordings.

    Parameters
    ----------
    system, labels, treatment
        Names, and the intervention in words.
    files
        What it says of each recording.
    audible
        What a listener could hear of the change, per recording; empty where nobody asked.
    """

    system: str
    labels: tuple[str, ...]
    treatment: str
    files: tuple[Heard, ...]
    audible: tuple[LevelOfChange, ...] = ()

    def recall(self, *, after: bool) -> float | None:
        """Mean recall before or after; None where no file has a class that the system knows."""
        found = self.figures(after=after)
        return None if found is None else float(found["mean_recall"])

    def figures(self, *, after: bool) -> dict[str, Any] | None:
        """Mean recall with its 95 % interval over tracks, recall per class and confusion matrix; None as above.

        The interval (mean_recall_interval) is None where a class has fewer than `LEAST_TRACKS` tracks.
        """
        known = self._known()
        if not known:
            return None
        truth = np.array([self.labels.index(str(one.label)) for one in known])
        said = np.array([self.labels.index(one.after if after else one.before) for one in known])
        return {**counting.figures(truth, said, self.labels),
                "mean_recall_interval": self._interval((truth == said).astype(int).tolist())}

    def change_interval(self) -> tuple[float, float] | None:
        """95 % interval of the change of the mean recall, drawing the same tracks before and after; None as of both."""
        known = self._known()
        gained = [int(one.after == one.label) - int(one.before == one.label) for one in known]
        return self._interval(gained) if known else None

    @property
    def certainty(self) -> str:
        """What the change of the mean recall is worth, in words."""
        interval = self.change_interval()
        return TOO_FEW if interval is None else (f"95 % interval of the change {interval[0]:+.2f} to "
                                                 f"{interval[1]:+.2f}")

    @property
    def loudest_margin_db(self) -> float | None:
        """How far the change lies above (positive) or below the threshold of hearing where it is most audible."""
        margins = [one.margin_db for one in self.audible]
        return None if not margins or None in margins else max(float(m) for m in margins if m is not None)

    def _known(self) -> list[Heard]:
        return [one for one in self.files if one.label in self.labels]

    def _interval(self, right: list[int]) -> tuple[float, float] | None:
        tracks: dict[tuple[str, str], list[int]] = {}
        for one, r in zip(self._known(), right, strict=True):
            tracks.setdefault((str(one.label), one.track), []).append(r)
        if min(Counter(label for label, _ in tracks).values()) < LEAST_TRACKS:
            return None
        return counting.interval_over_tracks([label for label, _ in tracks], [sum(rs) for rs in tracks.values()],
                                             [len(rs) for rs in tracks.values()])


def experiment(panel: Panel, recordings: Sequence[Recording], treatments: Sequence[Treatment], *,
               audible: bool = True, report: Report = silent) -> list[Outcome]:
    """Every system under every intervention, treatment by treatment, system by system.

    Raises
    ------
    InputError
        When there are no recordings, or a treatment does not suit one (such as a cut-off above half its rate).
    """
    if not recordings:
        raise InputError("data: expected recordings to experiment on, found none")
    total = len(recordings) * (1 + len(treatments))
    rows: list[list[list[Heard]]] = [[[] for _ in panel.names] for _ in treatments]
    levels: list[list[LevelOfChange]] = [[] for _ in treatments]
    for i, recording in enumerate(recordings):
        report(Progress(i * (1 + len(treatments)), total, DOING))
        sound = recording.load()
        judge, before = Before(sound), panel.hear(sound, report_within(report, i * (1 + len(treatments)), total))
        for k, treatment in enumerate(treatments):
            at = i * (1 + len(treatments)) + 1 + k
            report(Progress(at, total, DOING))
            changed = treated(treatment, sound, recording.name)
            after = panel.hear(changed, report_within(report, at, total))
            for s in range(len(panel.names)):
                rows[k][s].append(_heard(panel, s, recording, before[s], after[s]))
            if audible:
                levels[k].append(judge.change(changed, aligned=treatment.aligned))
    return [Outcome(name, panel.labels[s], treatment.words, tuple(rows[k][s]), tuple(levels[k]))
            for k, treatment in enumerate(treatments) for s, name in enumerate(panel.names)]


def with_levels(outcome: Outcome, recordings: Sequence[Recording], treatment: Treatment, *,
                report: Report = silent) -> Outcome:
    """The outcome of a treatment with what a listener could hear of it, where `experiment` was not asked to say."""
    levels = []
    for i, recording in enumerate(recordings):
        report(Progress(i, len(recordings), "what can be heard of the change"))
        sound = recording.load()
        levels.append(Before(sound).change(treated(treatment, sound, recording.name), aligned=treatment.aligned))
    return replace(outcome, audible=tuple(levels))


def treated(treatment: Treatment, sound: Waveform, name: str) -> Waveform:
    """The sound after it; what cannot be done to it names the file.

    Raises
    ------
    InputError
        As the treatment, such as a cut-off above half the sample rate.
    """
    try:
        return treatment.apply(sound)
    except InputError as error:
        raise InputError(f"{name}: {error}") from None


def report_within(report: Report, at: int, total: int) -> Report:
    """Reports that keep a job's own count, so that parts may be cancelled without moving the bar."""
    def step(progress: Progress) -> None:
        report(Progress(at, total, DOING))

    return step


def _heard(panel: Panel, s: int, recording: Recording, before: Array, after: Array) -> Heard:
    labels = panel.labels[s]
    return Heard(recording.name, recording.label, recording.track, labels[panel.decide(s, before)],
                 labels[panel.decide(s, after)], before, after)
