"""The picture of an adversary: three spectrograms with one scale, votes before and after, the search."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.explain.explanation import Array
from engine.listening.attack import Hearing
from engine.report.attack_facts import AttackFacts
from engine.report.facts import printable
from engine.report.sheet import LIGHT, MAP, WIDTH, Ink, Sheet, greys

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LEFT, PLOT = 1.45, 7.55      # inches: labels need room
RANGE_DB = 80.0
HIGH = 1.3                   # inches, of a spectrogram
MOST_LABELS = 12
LONGEST_LABEL = 18


def attack_figure(facts: AttackFacts, ink: Ink = LIGHT) -> Figure:
    """Draw everything that is known of an adversary; 10 inches wide."""
    votes = 0.12 + 0.17 * min(MOST_LABELS, len(facts.answer.labels))
    top = 1.6
    before = top + 3 * (HIGH + 0.42)
    after = before + votes + 0.42
    curves = after + votes + 0.85
    sheet = Sheet(curves + 1.98 + 0.17 * len(facts.references), ink)
    sheet.heading(facts.title, facts.caption)
    _spectrograms(sheet, facts, top)
    rows = _rows(facts)
    axes = sheet.axes("Votes on the original", LEFT, before, PLOT, votes)
    _votes(sheet, facts, facts.answer.before, rows, axes)
    axes.tick_params(labelbottom=False)
    axes = sheet.axes("Votes on the adversary", LEFT, after, PLOT, votes)
    image = _votes(sheet, facts, facts.answer.after, rows, axes)
    sheet.label(axes, x="seconds of the file")
    sheet.scale(image, before, "share", [0, 0.5, 1], ["0", ".5", "1"], after + votes - before)
    width = (WIDTH - 0.45 - LEFT - 0.9) / 2
    _confidence(sheet, facts, sheet.axes("Confidence in what is wanted", LEFT, curves, width, 1.15))
    _snr(sheet, facts, sheet.axes("SNR on the way", LEFT + width + 0.9, curves, width, 1.15))
    sheet.footing([*facts.references, facts.origin])
    return sheet.figure


def _spectrograms(sheet: Sheet, facts: AttackFacts, top: float) -> None:
    loudest = float(_decibels(facts.spectrograms["Original"].double().numpy()).max())
    for i, (name, S) in enumerate(facts.spectrograms.items()):
        axes = sheet.axes(name, LEFT, top + i * (HIGH + 0.42), PLOT, HIGH)
        image = axes.imshow(_decibels(S.double().numpy()), extent=facts.extent, vmin=loudest - RANGE_DB, vmax=loudest,
                            cmap=sheet.ink.loudness, **MAP)
        sheet.hertz(axes, facts.front_end)
        axes.tick_params(labelbottom=False)     # all share the axis of the votes below
    sheet.scale(image, top, "dB", [loudest - RANGE_DB, loudest - RANGE_DB / 2, loudest],
                [f"−{RANGE_DB:.0f}", f"−{RANGE_DB / 2:.0f}", "0"], 3 * HIGH + 2 * 0.42)


def _decibels(logarithm: Array) -> Array:
    return np.asarray(20 / np.log(10) * logarithm)


def _rows(facts: AttackFacts) -> list[int]:
    """Labels that are drawn, in their order: all, or those that got most votes before or after."""
    shares = np.maximum(facts.answer.before.probabilities, facts.answer.after.probabilities)
    return sorted(np.argsort(-shares, kind="stable")[:MOST_LABELS].tolist())


def _votes(sheet: Sheet, facts: AttackFacts, hearing: Hearing, rows: list[int], axes: Axes) -> object:
    image = axes.imshow(hearing.votes[:, rows].T, extent=(*facts.answer.span, len(rows), 0), vmin=0, vmax=1,
                        cmap=greys(sheet.ink), aspect="auto", interpolation="nearest")
    names = [_short(facts.answer.labels[i]) for i in rows]
    axes.set_yticks(np.arange(len(rows)) + 0.5, names, parse_math=False)
    for name, i in zip(axes.get_yticklabels(), rows, strict=True):
        if facts.answer.labels[i] == hearing.label:
            name.set(color=sheet.ink.text, weight="bold")
    axes.tick_params(axis="y", length=0)
    return image


def _short(label: str) -> str:
    label = printable(label)
    return label if len(label) <= LONGEST_LABEL else f"{label[: LONGEST_LABEL - 1]}…"


def _confidence(sheet: Sheet, facts: AttackFacts, axes: Axes) -> None:
    _curve(sheet, axes, [step.confidence for step in facts.answer.steps], facts.answer.question.confidence, "wanted")
    axes.set_ylim(-0.04, 1.04)
    sheet.label(axes, x="iteration", y="probability")


def _snr(sheet: Sheet, facts: AttackFacts, axes: Axes) -> None:
    _curve(sheet, axes, [step.snr_db for step in facts.answer.steps], facts.answer.question.snr_db, "at least")
    axes.margins(y=0.12)
    sheet.label(axes, x="iteration", y="dB")


def _curve(sheet: Sheet, axes: Axes, values: list[float], limit: float, name: str) -> None:
    from matplotlib.ticker import MaxNLocator

    ink = sheet.ink
    axes.plot(range(1, len(values) + 1), values, color=ink.accent, linewidth=1.6,
              marker="o" if len(values) <= 30 else "", markersize=3.5)
    axes.axhline(limit, color=ink.muted, linewidth=1, linestyle=(0, (4, 3)), label=name)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.legend(fontsize=7.5, labelcolor=ink.text, frameon=True, framealpha=0.8, facecolor=ink.paper, edgecolor="none",
                loc="center right", handlelength=1.8, borderpad=0.2)
