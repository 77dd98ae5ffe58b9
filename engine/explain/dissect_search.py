"""The smallest change nobody hears that changes what a system says: looked for, and stated in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from engine.audio.change import Before, LevelOfChange
from engine.audio.interventions import INTERVENTIONS, Treatment
from engine.checks import InputError
from engine.explain.dissect import Outcome, Panel, Recording, experiment, treated
from engine.job import Progress, Report, silent

KEPT = 0.9   # of the drop of recall that the smallest change must still cause


@dataclass(frozen=True)
class Family:
    """One kind of change, from hardly any of it to much.

    Parameters
    ----------
    name, words
        Key; what it does, with `{value}` where the amount belongs.
    values
        Amounts that are tried, from the least change to the largest.
    treatment
        From an amount to a treatment.
    """

    name: str
    words: str
    values: tuple[float, ...]
    treatment: Callable[[float], Treatment]

    def said(self, value: float) -> str:
        """What that much of it does: "removing energy below 20 Hz"."""
        return self.words.format(value=f"{value:,g}")


def _family(name: str, words: str, intervention: str, parameter: str, values: tuple[float, ...],
            **fixed: float) -> Family:
    def treatment(value: float) -> Treatment:
        return INTERVENTIONS[intervention].at(**{parameter: value, **fixed})

    return Family(name, words, values, treatment)


def _single(name: str, words: str, intervention: str) -> Family:
    return Family(name, words, (1.0,), lambda value: INTERVENTIONS[intervention].at())


FAMILIES: tuple[Family, ...] = (
    _family("infrasound", "removing energy below {value} Hz", "high-pass", "cutoff_hz",
            (2, 3, 5, 8, 10, 12, 15, 18, 20, 22, 25, 28, 32, 36, 40, 45, 50)),
    _family("top", "removing energy above {value} Hz", "low-pass", "cutoff_hz",
            (20000, 19000, 18000, 17000, 16000, 15000, 14000, 13000, 12000, 11000, 10000)),
    _family("hum", "adding a tone of 10 Hz at {value} dB below full scale", "hum-added", "level_db",
            (-110, -100, -90, -80, -70, -60, -50, -40, -30, -20, -10), hz=10.0),
    _family("noise", "adding white noise at an SNR of {value} dB", "noise", "snr_db",
            (110, 100, 90, 80, 70, 60, 50, 40)),
    _family("softer", "changing the level by {value} dB", "gain", "gain_db", (-0.01, -0.03, -0.1, -0.2, -0.5, -1, -2)),
    _family("offset", "adding an offset of {value} of full scale", "dc-added", "offset",
            (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1)),
    _single("offset-removed", "removing the offset", "dc-removed"),
    _single("polarity", "turning the polarity", "polarity"),
    _single("16-bit", "rounding to 16 bits", "wav-16"),
    _family("resampling", "resampling to {value} Hz and back", "resample", "rate_hz",
            (44100, 40000, 36000, 32000, 28000, 24000, 22050)),
    _family("vorbis", "coding as OGG Vorbis of quality {value}", "ogg", "quality", (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)),
    _family("mp3", "coding as MP3 of {value} kbit/s", "mp3", "kbps", (320, 256, 192, 160, 128, 96)),
)


@dataclass(frozen=True)
class Finding:
    """What the largest inaudible change of a kind does to what one system says.

    Parameters
    ----------
    family, value, words
        Kind, amount and what was done, as `Family.said`.
    outcome
        Of all recordings.
    """

    family: str
    value: float
    words: str
    outcome: Outcome

    @property
    def margin_db(self) -> float:
        """How far below the threshold of hearing it stays where it is most audible (negative)."""
        margin = self.outcome.loudest_margin_db
        return 0.0 if margin is None else margin

    @property
    def flips(self) -> int:
        """Number of recordings that the system takes for something else."""
        return sum(one.flipped for one in self.outcome.files)

    @property
    def drop(self) -> float:
        """By how much the mean recall falls; of a single recording, or without labels, the share that flips."""
        before, after = self.outcome.recall(after=False), self.outcome.recall(after=True)
        if before is None or after is None or len(self.outcome.files) == 1:
            return self.flips / len(self.outcome.files)
        return before - after

    def sentence(self) -> str:
        """The answer in words."""
        what, files = f"{self.words}, inaudible,", self.outcome.files
        if len(files) == 1:
            return f"{what} turns {files[0].file} from {files[0].before} to {files[0].after}"
        before, after = self.outcome.recall(after=False), self.outcome.recall(after=True)
        if before is None or after is None:
            return f"{what} turns {self.flips} of {len(files)} files"
        return (f"{what} lowers mean recall from {before:.2f} to {after:.2f} ({self.outcome.certainty}; "
                f"{len(files)} files)")


@dataclass(frozen=True)
class Search:
    """What was found for one system.

    Parameters
    ----------
    system
        Its name.
    tried
        The largest inaudible change of each kind, the one that does most first.
    best
        The one that does most, made as small as it can be; None where none changes anything.
    """

    system: str
    tried: tuple[Finding, ...]
    best: Finding | None

    def sentence(self) -> str:
        """The answer in words."""
        if self.best is None:
            many = bool(self.tried) and len(self.tried[0].outcome.files) > 1
            what = "lowers the mean recall" if many else "turns the decision"
            return f"none of {len(self.tried)} kinds of inaudible change {what} of {self.system}"
        return self.best.sentence()


def search(panel: Panel, recordings: Sequence[Recording], *, families: Sequence[Family] = FAMILIES,
           report: Report = silent) -> list[Search]:
    """For each system the inaudible change that flips a file, or lowers the recall of a set most.

    A change counts as inaudible where it is below the threshold of hearing in every recording at all times
    (`level_of_change`). Of several that flip a single file the least audible wins.

    Raises
    ------
    InputError
        When there are no recordings.
    """
    if not recordings:
        raise InputError("data: expected recordings to experiment on, found none")
    looking = _Looking(panel, recordings, families, report)
    largest = looking.largest_inaudible()
    there = [k for k, place in enumerate(largest) if place >= 0]
    outcomes = dict(zip(there, looking.outcomes([(k, largest[k]) for k in there]), strict=True))
    found = []
    for s, name in enumerate(panel.names):
        findings = {k: looking.finding(k, largest[k], outcomes[k][s]) for k in there}
        ranked = sorted(findings, key=lambda k: (-findings[k].drop, findings[k].margin_db))
        best = None
        if ranked and findings[ranked[0]].drop > 0:
            best = looking.smallest(s, ranked[0], largest[ranked[0]], findings[ranked[0]])
        found.append(Search(name, tuple(findings[k] for k in ranked), best))
    return found


class _Looking:
    """One search; what was worked out for one system or step serves the others."""

    def __init__(self, panel: Panel, recordings: Sequence[Recording], families: Sequence[Family],
                 report: Report) -> None:
        self._panel, self._recordings, self._families, self._report = panel, recordings, families, report
        self._levels: dict[tuple[int, int, int], LevelOfChange] = {}     # recording, family, place of the value
        self._outcomes: dict[tuple[int, int], list[Outcome]] = {}        # family, place: of each system

    def largest_inaudible(self) -> list[int]:
        """Index of the largest value of each family that nobody hears in any recording; -1 where there is none."""
        places = [len(family.values) - 1 for family in self._families]
        for i, recording in enumerate(self._recordings):
            before = Before(recording.load())
            for k, family in enumerate(self._families):
                self._report(Progress(i * len(places) + k, len(self._recordings) * len(places),
                                      f"{recording.name}: what of {family.name} can be heard"))
                places[k] = self._inaudible_up_to(before, i, k, places[k])
        return places

    def _inaudible_up_to(self, before: Before, i: int, k: int, most: int) -> int:
        """The largest index up to `most` whose value is inaudible: by bisection, as more is never heard less."""
        def inaudible(place: int) -> bool:
            return self._level(before, i, k, place).audible is False

        if most < 0 or inaudible(most):
            return most
        low, high = -1, most
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if inaudible(middle) else (low, middle)
        return low

    def _level(self, before: Before, i: int, k: int, place: int) -> LevelOfChange:
        if (i, k, place) not in self._levels:
            treatment = self._treatment(k, place)
            self._levels[i, k, place] = before.change(treated(treatment, before.sound, self._recordings[i].name),
                                                      aligned=treatment.aligned)
        return self._levels[i, k, place]

    def _treatment(self, k: int, place: int) -> Treatment:
        return suited(self._families[k], self._families[k].values[place])

    def outcomes(self, asked: Sequence[tuple[int, int]]) -> list[list[Outcome]]:
        """What each system says of all recordings after so much (family, place), file by file."""
        missing = [one for one in asked if one not in self._outcomes]
        if missing:
            found = experiment(self._panel, self._recordings, [self._treatment(*one) for one in missing],
                               audible=False, report=self._report)
            many = len(self._panel.names)
            self._outcomes |= {one: found[i * many : (i + 1) * many] for i, one in enumerate(missing)}
        return [self._outcomes[one] for one in asked]

    def finding(self, k: int, place: int, outcome: Outcome) -> Finding:
        """The same with what can be heard of it."""
        if any((i, k, place) not in self._levels for i in range(len(self._recordings))):
            for i, recording in enumerate(self._recordings):
                self._report(Progress(i, len(self._recordings), f"{recording.name}: what can be heard"))
                if (i, k, place) not in self._levels:
                    self._level(Before(recording.load()), i, k, place)
        levels = tuple(self._levels[i, k, place] for i in range(len(self._recordings)))
        family, value = self._families[k], self._families[k].values[place]
        return Finding(family.name, value, family.said(value), replace(outcome, audible=levels))

    def smallest(self, s: int, k: int, most: int, found: Finding) -> Finding:
        """The least of a kind of change that still does nearly all that the largest does; by bisection."""
        low, high = -1, most
        while high - low > 1:
            middle = (low + high) // 2
            family, value = self._families[k], self._families[k].values[middle]
            tried = Finding(family.name, value, family.said(value), self.outcomes([(k, middle)])[0][s])
            low, high = (low, middle) if tried.drop >= KEPT * found.drop else (middle, high)
        return found if high == most else self.finding(k, high, self.outcomes([(k, high)])[0][s])


def suited(family: Family, value: float) -> Treatment:
    """The treatment; a low-pass above half the sample rate leaves a sound as it is."""
    treatment = family.treatment(value)
    if treatment.name != "low-pass":
        return treatment
    return Treatment(treatment.name, treatment.words,
                     lambda sound: treatment.apply(sound) if value < sound.sr / 2 else sound)
