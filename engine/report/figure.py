"""The picture of an explanation: excerpt, weights over it, their sizes, other fills, removal curves.

Drawn through matplotlib's objects, without pyplot and its state, so that any thread may draw.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.checks import InputError
from engine.explain.explanation import Array
from engine.explain.trust import Curves
from engine.report.facts import Facts, printable

if TYPE_CHECKING:  # a second to import: only those who draw pay it
    from matplotlib.axes import Axes
    from matplotlib.colors import ListedColormap
    from matplotlib.figure import Figure

WIDTH, LEFT, PLOT = 10.0, 0.85, 8.15  # inches
DPI = 192
TICKS_HZ = (50, 100, 200, 500, 1000, 2000, 4000, 8000, 16000)
FORMATS = (".png", ".svg", ".pdf")


@dataclass(frozen=True)
class Ink:
    """Colours as #rrggbb; `positive` and `negative` stay apart for colour-blind eyes."""

    paper: str
    text: str
    muted: str
    line: str
    positive: str
    negative: str
    accent: str
    loudness: str


LIGHT = Ink("#ffffff", "#1c2128", "#545d6a", "#d3d8df", "#c65d00", "#1f5fa8", "#0b7a6e", "magma_r")
DARK = Ink("#1a1e25", "#e7eaf0", "#a3adbb", "#3b4350", "#f5a35c", "#6fb1ff", "#5cc8b8", "magma")


def explanation_figure(facts: Facts, ink: Ink = LIGHT) -> Figure:
    """Draw everything that is known of an answer; 10 inches wide."""
    from matplotlib.figure import Figure

    bottom = 2.9 if facts.answer.over_fills or facts.answer.curves else 0.0
    figure = Figure((WIDTH, 9.0 + bottom), dpi=DPI, facecolor=ink.paper)
    sheet = _Sheet(figure, ink)
    _caption(sheet, facts)
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
    for i, line in enumerate((facts.reference, facts.origin)):
        sheet.write(0.3, figure.get_figheight() - 0.38 + 0.17 * i, line, size=7.5, colour=ink.muted)
    return figure


def figure_bytes(figure: Figure, kind: str = "png") -> bytes:
    """The figure as a file of the kind "png", "svg" or "pdf"."""
    out = io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # names in scripts that the font lacks
        figure.savefig(out, format=kind, facecolor=figure.get_facecolor())
    return out.getvalue()


def kind_of(path: Path) -> str:
    """The kind of picture that the ending of a name asks for.

    Raises
    ------
    InputError
        When it is none of FORMATS.
    """
    if path.suffix.lower() not in FORMATS:
        raise InputError(f"picture: expected a name that ends in {', '.join(FORMATS)}, got {path.name!r}")
    return path.suffix.lower()[1:]


class _Sheet:
    """A figure measured in inches from its upper left corner."""

    def __init__(self, figure: Figure, ink: Ink) -> None:
        self.figure, self.ink = figure, ink

    def axes(self, title: str, left: float, top: float, width: float, height: float) -> Axes:
        """A plot with its title, framed by hairlines."""
        if title:
            self.write(left, top - 0.13, title, size=10, weight="bold")
        w, h = self.figure.get_size_inches()
        made = self.figure.add_axes((left / w, 1 - (top + height) / h, width / w, height / h), facecolor=self.ink.paper)
        made.tick_params(labelsize=8, colors=self.ink.muted, length=3, width=0.6)
        for spine in made.spines.values():
            spine.set(color=self.ink.line, linewidth=0.8)
        return made

    def write(self, x: float, y: float, text: str, *, size: float, colour: str | None = None, **more: Any) -> None:
        """Text with its base line `y` inches below the upper edge; never read as a formula."""
        w, h = self.figure.get_size_inches()
        self.figure.text(x / w, 1 - y / h, text, fontsize=size, color=colour or self.ink.text, parse_math=False, **more)

    def label(self, axes: Axes, *, x: str = "", y: str = "") -> None:
        """Names of the axes."""
        axes.set_xlabel(x, fontsize=8.5, color=self.ink.muted, labelpad=3)
        axes.set_ylabel(y, fontsize=8.5, color=self.ink.muted, labelpad=3)


def _caption(sheet: _Sheet, facts: Facts) -> None:
    sheet.write(0.3, 0.42, facts.title, size=15, weight="bold")
    for i, line in enumerate(facts.caption):
        sheet.write(0.3, 0.72 + 0.21 * i, line, size=9.5, colour=sheet.ink.muted)


def _excerpt(sheet: _Sheet, facts: Facts, axes: Axes) -> None:
    decibels = 20 / np.log(10) * facts.spectrogram.double().numpy()
    top = float(decibels.max())
    image = axes.imshow(decibels, extent=facts.extent, vmin=top - 80, vmax=top, cmap=sheet.ink.loudness, **_MAP)
    _time_and_hertz(sheet, facts, axes)
    _scale(sheet, image, 1.55, "dB", [top - 80, top - 40, top], ["−80", "−40", "0"])
    _mark_top(sheet, facts, axes, sheet.ink.text)


def _heat(sheet: _Sheet, facts: Facts, axes: Axes) -> None:
    heat = facts.answer.explanation.map()
    limit = float(np.abs(heat).max()) or 1.0
    top = float(facts.spectrogram.max())
    axes.imshow(facts.spectrogram.numpy(), extent=facts.extent, vmin=top - 7, vmax=top, cmap=_greys(sheet.ink), **_MAP)
    image = axes.imshow(heat, extent=facts.extent, vmin=-limit, vmax=limit, cmap=_weights(sheet.ink), **_MAP)
    _time_and_hertz(sheet, facts, axes)
    if facts.answer.explanation.segmentation.kind != "temporal":  # there the bars below have the same axis
        sheet.label(axes, x="seconds of the file", y="Hz")
    _scale(sheet, image, 4.2, "weight", [-limit, 0, limit], [signed(-limit), "0", signed(limit)])
    _mark_top(sheet, facts, axes, sheet.ink.text)


_MAP: dict[str, Any] = {"origin": "lower", "aspect": "auto", "interpolation": "nearest"}


def _scale(sheet: _Sheet, image: Any, top: float, name: str, ticks: list[float], labels: list[str]) -> None:
    axes = sheet.axes("", LEFT + PLOT + 0.14, top, 0.11, 2.1)
    bar = sheet.figure.colorbar(image, cax=axes, ticks=ticks)
    bar.outline.set(edgecolor=sheet.ink.line, linewidth=0.8)
    axes.set_yticklabels(labels)
    axes.tick_params(labelsize=8, colors=sheet.ink.muted, length=0)
    axes.set_title(name, fontsize=8.5, color=sheet.ink.muted, loc="left", pad=5)


def _time_and_hertz(sheet: _Sheet, facts: Facts, axes: Axes) -> None:
    """Bands lie equally far apart; the ticks stand where round frequencies fall between their centres."""
    centres = facts.front_end.frequencies[1:-1]
    ticks = [hz for hz in TICKS_HZ if centres[0] <= hz <= centres[-1]]
    axes.set_yticks(np.interp(ticks, centres, np.arange(len(centres)) + 0.5),
                    [f"{hz // 1000}k" if hz >= 1000 else str(hz) for hz in ticks])
    sheet.label(axes, y="Hz")


def _mark_top(sheet: _Sheet, facts: Facts, axes: Axes, colour: str) -> None:
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


def _bars(sheet: _Sheet, facts: Facts, axes: Axes) -> None:
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


def _fills(sheet: _Sheet, facts: Facts, axes: Axes) -> None:
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


def _removal(sheet: _Sheet, facts: Facts, curves: Curves, axes: Axes) -> None:
    answer, ink = facts.answer, sheet.ink
    steps = np.arange(len(curves.deletion))
    lines = ((curves.insertion, ink.positive, "o", f"added, best first: {curves.insertion_auc:.2f}"),
             (curves.deletion, ink.negative, "s", f"removed, best first: {curves.deletion_auc:.2f}"))
    for values, colour, marker, name in lines:
        axes.plot(steps, values, color=colour, marker=marker, markersize=3.5, linewidth=1.6, label=name)
    axes.axhline(answer.threshold, color=ink.muted, linewidth=1, linestyle=(0, (4, 3)), label="decision")
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


def _rgb(name: str) -> Array:
    return np.array([int(name[i : i + 2], 16) / 255 for i in (1, 3, 5)])


def _weights(ink: Ink) -> ListedColormap:
    """Transparent at zero; the opacity grows slower than the strength, so that weak weights are seen too."""
    from matplotlib.colors import ListedColormap

    weight = np.linspace(-1, 1, 257)[:, None]
    colours = np.where(weight < 0, _rgb(ink.negative), _rgb(ink.positive))
    return ListedColormap(np.hstack([colours, 0.8 * np.abs(weight) ** 0.7]))


def _greys(ink: Ink) -> ListedColormap:
    from matplotlib.colors import ListedColormap

    share = np.linspace(0, 0.8, 256)[:, None]
    return ListedColormap(_rgb(ink.paper) + share * (_rgb(ink.text) - _rgb(ink.paper)))
