"""The picture of an explanation: excerpt, weights over it, their sizes, other fills, removal curves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.explain.explanation import Array
from engine.explain.trust import Curves
from engine.report.facts import Facts, printable
from engine.report.sheet import LEFT, LIGHT, MAP, PLOT, WIDTH, Ink, Sheet, greys, rgb

if TYPE_CHECKING:  # a second to import: only those who draw pay it
    from matplotlib.axes import Axes
    from matplotlib.colors import ListedColormap
    from matplotlib.figure import Figure


def explanation_figure(facts: Facts, ink: Ink = LIGHT) -> Figure:
    """Draw everything that is known of an answer; 10 inches wide."""
    bottom = 2.9 if facts.answer.over_fills or facts.answer.curves else 0.0
    sheet = Sheet(9.0 + bottom, ink)
    sheet.heading(facts.title, facts.caption)
    _excerpt(sheet, facts, sheet.axes("What was heard", LEFT, 1.55, PLOT, 2.1))
    _heat(sheet, facts, sheet.axes(
        f"What speaks for and against “{printable(facts.answer.target)}”", LEFT, 4.2, PLOT, 2.1))
    _bars(sheet, facts, sheet.axes("Weights", LEFT, 6.95, PLOT, 1.25))
    if facts.answer.over_fills:
        rows = len(facts.answer.over_fills)
        width = 4.0 if facts.answer.curves else PLOT - 0.9
        _fills(sheet, facts, sheet.axes("The same with other fills", LEFT + 0.4, 9.08, width, min(1.85, 0.27 * rows)))
    if facts.answer.curves:
        left = 6.4 if facts.answer.over_fills else LEFT
        axes = sheet.axes("Segments removed, segments added", left, 9.08, WIDTH - 0.45 - left, 1.85)
        _removal(sheet, facts, facts.answer.curves, axes)
    sheet.footing([facts.reference, facts.origin])
    return sheet.figure


def _excerpt(sheet: Sheet, facts: Facts, axes: Axes) -> None:
    decibels = 20 / np.log(10) * facts.spectrogram.double().numpy()
    top = float(decibels.max())
    image = axes.imshow(decibels, extent=facts.extent, vmin=top - 80, vmax=top, cmap=sheet.ink.loudness, **MAP)
    sheet.hertz(axes, facts.front_end)
    sheet.scale(image, 1.55, "dB", [top - 80, top - 40, top], ["−80", "−40", "0"])
    _mark_top(sheet, facts, axes, sheet.ink.text)


def _heat(sheet: Sheet, facts: Facts, axes: Axes) -> None:
    heat = facts.answer.explanation.map()
    limit = float(np.abs(heat).max()) or 1.0
    top = float(facts.spectrogram.max())
    axes.imshow(facts.spectrogram.numpy(), extent=facts.extent, vmin=top - 7, vmax=top, cmap=greys(sheet.ink), **MAP)
    image = axes.imshow(heat, extent=facts.extent, vmin=-limit, vmax=limit, cmap=_weights(sheet.ink), **MAP)
    sheet.hertz(axes, facts.front_end)
    if facts.answer.explanation.segmentation.kind != "temporal":  # there the bars below have the same axis
        sheet.label(axes, x="seconds of the file", y="Hz")
    sheet.scale(image, 4.2, "weight", [-limit, 0, limit], [signed(-limit), "0", signed(limit)])
    _mark_top(sheet, facts, axes, sheet.ink.text)


def _mark_top(sheet: Sheet, facts: Facts, axes: Axes, colour: str) -> None:
    """Outline the top segments; their ranks stand in discs, so that colour is not needed to find them."""
    from matplotlib.patches import Rectangle
    from matplotlib.patheffects import Normal, withStroke

    halo = [withStroke(linewidth=3.2, foreground=sheet.ink.paper), Normal()]
    for rank, index in enumerate(facts.top, 1):
        x, y, width, height = facts.box(index)
        axes.add_patch(Rectangle((x, y), width, height, fill=False, edgecolor=colour, linewidth=1.5, path_effects=halo,
                                 joinstyle="miter", zorder=3))
        _disc(axes, x + width / 2, y + height * 0.88, rank, sheet.ink)
    x0, x1, y0, y1 = facts.extent
    axes.set(xlim=(x0, x1), ylim=(y0, y1))


def _disc(axes: Axes, x: float, y: float, rank: int, ink: Ink) -> None:
    disc = {"boxstyle": "circle,pad=0.25", "facecolor": ink.text, "edgecolor": ink.paper, "linewidth": 1.2}
    axes.text(x, y, str(rank), fontsize=8.5, weight="bold", color=ink.paper, ha="center", va="center_baseline",
              zorder=5, bbox=disc)


def _bars(sheet: Sheet, facts: Facts, axes: Axes) -> None:
    explanation, ink = facts.answer.explanation, sheet.ink
    x, width = facts.bar_places()
    colours = [ink.positive if w > 0 else ink.negative for w in explanation.weights]
    axes.bar(x, explanation.weights, width * 0.86, color=colours, yerr=explanation.stderr,
             error_kw={"ecolor": ink.text, "elinewidth": 1.0, "capsize": 3, "capthick": 1.0})
    axes.axhline(0, color=ink.muted, linewidth=0.8)
    axes.set_xlim(x[0] - width[0] / 2, x[-1] + width[-1] / 2)
    axes.margins(y=0.26)
    for rank, index in enumerate(facts.top, 1):
        error = 0.0 if explanation.stderr is None else float(explanation.stderr[index])
        height = max(0.0, float(explanation.weights[index]) + error)
        axes.annotate(str(rank), (x[index], height), xytext=(0, 4), textcoords="offset points", ha="center",
                      fontsize=8.5, weight="bold", color=ink.text)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    temporal = explanation.segmentation.kind == "temporal"
    if not temporal:
        axes.set_xticks(_some(len(x)))
    sheet.label(axes, x="seconds of the file" if temporal else "segment (index)", y=f"weight ({explanation.units})")
    if explanation.stderr is not None or facts.exact:
        note = "all masks tried: no sampling error" if facts.exact else "whiskers: one standard error"
        axes.text(1.0, 1.03, note, transform=axes.transAxes, ha="right", va="bottom", fontsize=8, color=ink.muted)


def _fills(sheet: Sheet, facts: Facts, axes: Axes) -> None:
    over, ink = facts.answer.over_fills, sheet.ink
    axes.imshow(np.stack([_to_one(e.weights) for e in over.values()]), vmin=-1, vmax=1, cmap=_weights(ink),
                aspect="auto", interpolation="nearest")
    for row, (name, other) in enumerate(over.items()):
        for rank, index in enumerate(other.top(len(facts.top)), 1):
            axes.text(index, row, str(rank), fontsize=8, weight="bold", color=ink.text, ha="center",
                      va="center_baseline", path_effects=_stroke(ink))
        axes.annotate(facts.shared_top(other), (1, row), xycoords=("axes fraction", "data"), xytext=(6, 0),
                      textcoords="offset points", fontsize=8, color=ink.muted, va="center_baseline",
                      annotation_clip=False)
        if name == facts.answer.explanation.fill:
            axes.annotate("▸", (0, row), xycoords=("axes fraction", "data"), xytext=(-7, 0),
                          textcoords="offset points", fontsize=8, color=ink.accent, va="center_baseline",
                          ha="center", annotation_clip=False)
    axes.set_yticks(range(len(over)), list(over))
    axes.tick_params(axis="y", length=0, pad=11)
    axes.set_xticks(_some(len(facts.answer.explanation.weights)))
    for row in range(1, len(over)):
        axes.axhline(row - 0.5, color=ink.paper, linewidth=1.5)
    sheet.label(axes, x="segment (index); 1 2 3: its own top; right: shared with ▸")


def _removal(sheet: Sheet, facts: Facts, curves: Curves, axes: Axes) -> None:
    answer, ink = facts.answer, sheet.ink
    steps = np.arange(len(curves.deletion))
    lines = ((curves.insertion, ink.positive, "o", f"added, best first: {curves.insertion_auc:.2f}"),
             (curves.deletion, ink.negative, "s", f"removed, best first: {curves.deletion_auc:.2f}"))
    for values, colour, marker, name in lines:
        axes.plot(steps, values, color=colour, marker=marker, markersize=3.5, linewidth=1.6, label=name)
    axes.axhline(answer.threshold, color=ink.muted, linewidth=1, linestyle=(0, (4, 3)), label=answer.turns)
    if answer.explanation.units == "probability":
        axes.set_ylim(-0.04, 1.04)
    axes.set_xticks(_some(len(steps)))
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.legend(fontsize=7.5, labelcolor=ink.text, frameon=True, framealpha=0.8, facecolor=ink.paper, edgecolor="none",
                loc="best", handlelength=1.8, borderpad=0.2)
    sheet.label(axes, x="segments", y=answer.explanation.units)


def signed(value: float) -> str:
    """Three significant digits with a true sign."""
    return f"{value:+.3g}".replace("-", "−")


def _some(n: int) -> NDArray[np.int64]:
    return np.arange(0, n, max(1, n // 12))


def _to_one(weights: Array) -> Array:
    return weights / (float(np.abs(weights).max()) or 1.0)


def _stroke(ink: Ink) -> list[Any]:
    from matplotlib.patheffects import withStroke

    return [withStroke(linewidth=2.0, foreground=ink.paper)]


def _weights(ink: Ink) -> ListedColormap:
    """Transparent at zero; the opacity grows slower than the strength, so that weak weights are seen too."""
    from matplotlib.colors import ListedColormap

    weight = np.linspace(-1, 1, 257)[:, None]
    colours = np.where(weight < 0, rgb(ink.negative), rgb(ink.positive))
    return ListedColormap(np.hstack([colours, 0.8 * np.abs(weight) ** 0.7]))
