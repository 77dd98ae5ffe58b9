"""The picture of a gallery: synthesised excerpts beside the real ones that the neuron answers to most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from torch import Tensor

from engine.explain.explanation import Array
from engine.listening.maximise_values import Example, MaximiseAnswer
from engine.models.listener import Listener
from engine.report.facts import printable, versions
from engine.report.sheet import LIGHT, MAP, WIDTH, Ink, Sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLUMNS = 4
MOST = 24                   # examples drawn
LEFT, GAP = 0.85, 0.16      # inches
WIDE = (WIDTH - 0.3 - LEFT - (COLUMNS - 1) * GAP) / COLUMNS
HIGH, ROW = 1.2, 1.68
RANGE = 7.0                 # natural log: 60 dB
PUBLISHED = ("Mishra, Stoller, Benetos, Sturm, Dixon: GAN-based generation and automatic selection of explanations for "
             "neural networks. SafeML, ICLR 2019")


def gallery_figure(answer: MaximiseAnswer, listener: Listener, ink: Ink = LIGHT) -> Figure:
    """Draw up to 24 examples and the real excerpts; 10 inches wide."""
    examples = answer.examples[:MOST]
    rows, real_rows = -(-len(examples) // COLUMNS), -(-len(answer.top) // COLUMNS)
    first = 1.75
    real = first + rows * ROW + 0.45
    curves = real + real_rows * ROW + 0.25
    sheet = Sheet(curves + 2.3, ink)
    sheet.heading(title(answer), caption(answer))
    sheet.write(0.3, first - 0.42, "Synthesised", size=11, weight="bold")
    _pictures(sheet, listener, first, [one.S for one in examples], [words_of(one) for one in examples])
    sheet.write(0.3, real - 0.42, "Real music that it answers to " + ("least" if answer.settings.minimise else "most"),
                size=11, weight="bold")
    _pictures(sheet, listener, real, [one.S for one in answer.top],
              [f"{one.activation:.2f}  {printable(one.file.name)} {one.start:.1f} s" for one in answer.top])
    _curves(sheet, answer, curves)
    sheet.footing([PUBLISHED, f"Made by {versions()}"])
    return sheet.figure


def title(answer: MaximiseAnswer) -> str:
    """What the gallery is of."""
    direction = "least" if answer.settings.minimise else "most"
    meaning = f" (“{answer.meaning}”)" if answer.meaning else ""
    return f"What neuron {answer.neuron} of {answer.model}'s {answer.layer}{meaning} answers to {direction}"


def caption(answer: MaximiseAnswer) -> list[str]:
    """How it was made, and what it is worth."""
    s = answer.settings
    prior = "a generator of music" if answer.question.prior == "gan" else "the plain input"
    distance = ("no Fréchet distance below 50 examples" if answer.fid is None else
                f"Fréchet distance from real music on {answer.fid_layer} {answer.fid:.2f} (n = {answer.fid_n})")
    extreme = "least" if s.minimise else "strongest"
    return [f"{len(answer.examples)} seeds through {prior}; {s.optimiser}, lr {s.lr:g}, reg {s.reg:g}, "
            f"{s.iterations} iterations",
            f"{distance}; {extreme} activation of real music {answer.real_max:.2f}"]


def words_of(example: Example) -> str:
    """Seed and activation, before and after it became sound."""
    if example.failed is not None:
        return f"seed {example.seed}: failed at {example.failed}"
    return f"seed {example.seed}: {example.activation:.2f}, as sound {example.activation_after_audio:.2f}"


def _pictures(sheet: Sheet, listener: Listener, top: float, spectrograms: Sequence[Tensor],
              words: Sequence[str]) -> None:
    for i, (S, says) in enumerate(zip(spectrograms, words, strict=True)):
        left, above = LEFT + i % COLUMNS * (WIDE + GAP), top + i // COLUMNS * ROW
        axes = sheet.axes("", left, above, WIDE, HIGH)
        sheet.write(left, above - 0.07, says if len(says) < 42 else f"{says[:40]}…", size=7.5)
        values = np.asarray(S.double().numpy(), dtype=np.float64)
        axes.imshow(values, extent=_extent(values, listener), vmin=values.max() - RANGE, vmax=values.max(),
                    cmap=sheet.ink.loudness, **MAP)
        axes.set_xticks([])
        if i % COLUMNS:
            axes.set_yticks([])
        else:
            sheet.hertz(axes, listener.front_end)


def _extent(values: Array, listener: Listener) -> tuple[float, float, float, float]:
    return 0.0, values.shape[1] / listener.front_end.frames_per_second, 0.0, float(values.shape[0])


def _curves(sheet: Sheet, answer: MaximiseAnswer, top: float) -> None:
    axes = sheet.axes("Activation on the way", LEFT, top, WIDTH - 0.3 - LEFT, 1.25)
    for example in answer.examples:
        axes.plot(example.steps, example.curve, color=sheet.ink.accent, linewidth=1.1, alpha=0.75)
    axes.axhline(answer.real_max, color=sheet.ink.muted, linewidth=1, linestyle=(0, (4, 3)), label="real music")
    axes.legend(fontsize=7.5, labelcolor=sheet.ink.text, frameon=False, loc="lower right")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    sheet.label(axes, x="iteration", y="activation")
