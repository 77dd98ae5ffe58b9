"""The published table: how a classifier fares on a folder of labelled files before and after they are attacked.

Conventions: recall of a class is the share of its files that are decided right, and the mean over the classes that
the files have (normalised accuracy) does not depend on how many files each has. SNRs are those of the adversarial
recordings that fool, within what was attacked, at the files' own rates.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.audio.waveform import AudioFile
from engine.checks import InputError, shown
from engine.job import Progress, Report, silent
from engine.listening.attack import AttackQuestion, attack
from engine.listening.survival import label_of
from engine.models.listener import Listener


@dataclass(frozen=True)
class Labelled:
    """A file with its true label; None where it has none that the model knows."""

    audio: Path
    label: str | None


@dataclass(frozen=True)
class Attacked:
    """A row of the table.

    Parameters
    ----------
    file, label
        Name, and the true label or None.
    before, after
        Labels decided on.
    confidence
        Probability of `after`.
    fooled
        Whether `after` is what was wanted; None where `before` was that already and nothing was done.
    snr_db
        Of the adversarial recording; None where nothing was done.
    iterations
        How many.
    audible_share
        Of time and bands in which the change lies above the masking threshold of the music; None as above.
    """

    file: str
    label: str | None
    before: str
    after: str
    confidence: float | None
    fooled: bool | None
    snr_db: float | None
    iterations: int
    audible_share: float | None


@dataclass(frozen=True)
class Failed:
    """A file that could not be attacked, and why in a sentence."""

    file: str
    reason: str


@dataclass(frozen=True)
class AttackTable:
    """All rows with what they come to.

    Parameters
    ----------
    model, labels, question
        Who was attacked, its labels, and how.
    rows, failed
        Files that were attacked, and that could not be.
    seconds
        How long it took.
    """

    model: str
    labels: tuple[str, ...]
    question: AttackQuestion
    rows: tuple[Attacked, ...]
    failed: tuple[Failed, ...]
    seconds: float

    def mean_recall(self, *, after: bool) -> float | None:
        """Mean over classes of the share of files decided right, before or after; None without true labels."""
        recalls = []
        for label in self.labels:
            said = [row.after if after else row.before for row in self.rows if row.label == label]
            if said:
                recalls.append(said.count(label) / len(said))
        return float(np.mean(recalls)) if recalls else None

    def fooled_share(self, *, right_before: bool = False) -> float | None:
        """Share of the attacked files that fooled, of all or of those decided right before; None where none was."""
        fooled = [row.fooled for row in self.rows
                  if row.fooled is not None and (not right_before or row.label == row.before)]
        return float(np.mean(fooled)) if fooled else None

    def snr(self) -> dict[str, float] | None:
        """Mean, standard deviation, least and largest SNR in dB of the files that fooled; None where none did."""
        values = np.array([row.snr_db for row in self.rows if row.fooled])
        if not len(values):
            return None
        return {"mean": float(values.mean()), "std": float(values.std()), "min": float(values.min()),
                "max": float(values.max())}

    def as_json(self) -> dict[str, Any]:
        """Plain numbers and names."""
        n = len(self.rows)
        audible = [row.audible_share for row in self.rows if row.fooled and row.audible_share is not None]
        return {"model": self.model, "labels": list(self.labels), "n": n, "n_labelled": self._labelled(),
                "mean_recall_before": self.mean_recall(after=False), "mean_recall_after": self.mean_recall(after=True),
                "fooled_share": self.fooled_share(), "fooled_share_of_right": self.fooled_share(right_before=True),
                "snr_db": self.snr(), "audible_share": float(np.mean(audible)) if audible else None,
                "target": self.question.target, "method": self.question.method,
                "projection": self.question.projection, "weighting": self.question.weighting,
                "snr_asked_db": self.question.snr_db, "iterations": self.question.iterations,
                "confidence": self.question.confidence, "smallest": self.question.smallest,
                "seed": self.question.seed, "seconds": self.seconds, "files_per_second": n / self.seconds,
                "files": [vars(row) for row in self.rows], "failed": [vars(one) for one in self.failed]}

    def _labelled(self) -> int:
        return sum(row.label is not None for row in self.rows)


def attack_folder(files: Sequence[Labelled], listener: Listener, question: AttackQuestion, *,
                  report: Report = silent) -> AttackTable:
    """Attack file after file; one that cannot be attacked is named and does not end the run.

    Raises
    ------
    InputError
        When a setting is not possible, or no file at all can be attacked.
    """
    question.plan(listener.labels)
    began = time.perf_counter()
    rows: list[Attacked] = []
    failed: list[Failed] = []
    for i, one in enumerate(files):
        def step(progress: Progress, done: int = i) -> None:
            report(Progress(done, len(files), "attacking files"))

        try:
            rows.append(_attacked(one, listener, question, step))
        except (InputError, OSError) as error:
            failed.append(Failed(shown(one.audio), str(error)))
    if not rows:
        first = f" ({failed[0].reason})" if failed else ""
        raise InputError(f"data: expected files that can be attacked, found {len(files)} and none that can{first}")
    return AttackTable(listener.name, listener.labels, question, tuple(rows), tuple(failed),
                       time.perf_counter() - began)


def _attacked(one: Labelled, listener: Listener, question: AttackQuestion, report: Report) -> Attacked:
    file = AudioFile(one.audio)
    if question.target is not None and label_of(file, listener, question, report=report) == question.target:
        return Attacked(file.name, one.label, question.target, question.target, None, None, None, 0, None)
    answer = attack(file, listener, question, report=report)
    return Attacked(file.name, one.label, answer.before.label, answer.after.label, answer.after.confidence,
                    answer.fooled, answer.snr_db, len(answer.steps), answer.audible.audible_share)


def chosen(files: Sequence[Labelled], limit: int, *, seed: int = 0) -> list[Labelled]:
    """At most `limit` files: classes in turn, within each in random order; in the order that they came in."""
    rng = np.random.default_rng(seed)
    places: dict[str | None, list[int]] = {}
    for i, one in enumerate(files):
        places.setdefault(one.label, []).append(i)
    shuffled = [rng.permutation(of_class).tolist() for of_class in places.values()]
    rounds = [of_class[turn] for turn in range(len(files)) for of_class in shuffled if turn < len(of_class)]
    return [files[i] for i in sorted(rounds[:limit])]
