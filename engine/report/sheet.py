"""The paper of all pictures in reports: colours, inches, spectrograms, and the way into files.

Drawn through matplotlib's objects, without pyplot and its state, so that any thread may draw.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.audio.features import FrontEnd
from engine.explain.explanation import Array
from engine.report.facts import printable

if TYPE_CHECKING:  # a second to import: only those who draw pay it
    from matplotlib.axes import Axes
    from matplotlib.colors import ListedColormap
    from matplotlib.figure import Figure

WIDTH, LEFT, PLOT = 10.0, 0.85, 8.15  # inches
DPI = 192
TICKS_HZ = (50, 100, 200, 500, 1000, 2000, 4000, 8000, 16000)
CLOSEST_TICKS = 0.095  # inches: nearer, they would be written over each other
LONGEST_TEXT = 300     # signs of a line: there is no room for more


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
MAP: dict[str, Any] = {"origin": "lower", "aspect": "auto", "interpolation": "nearest"}


def figure_bytes(figure: Figure, kind: str = "png") -> bytes:
    """The figure as a file of a kind that Matplotlib knows, such as "png" or "svg"."""
    out = io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # names in scripts that the font lacks
        figure.savefig(out, format=kind, facecolor=figure.get_facecolor())
    return out.getvalue()


class Sheet:
    """A figure, 10 inches wide, measured in inches from its upper left corner."""

    def __init__(self, height: float, ink: Ink) -> None:
        from matplotlib.figure import Figure

        self.figure, self.ink = Figure((WIDTH, height), dpi=DPI, facecolor=ink.paper), ink

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
        text = printable(text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…")
        self.figure.text(x / w, 1 - y / h, text, fontsize=size, color=colour or self.ink.text, parse_math=False, **more)

    def label(self, axes: Axes, *, x: str = "", y: str = "") -> None:
        """Names of the axes."""
        axes.set_xlabel(x, fontsize=8.5, color=self.ink.muted, labelpad=3)
        axes.set_ylabel(y, fontsize=8.5, color=self.ink.muted, labelpad=3)

    def heading(self, title: str, lines: list[str]) -> None:
        """What the picture is of, above everything else."""
        self.write(0.3, 0.42, title, size=15, weight="bold")
        for i, line in enumerate(lines):
            self.write(0.3, 0.72 + 0.21 * i, line, size=9.5, colour=self.ink.muted)

    def footing(self, lines: list[str]) -> None:
        """Sources, below everything else."""
        first = self.figure.get_figheight() - 0.04 - 0.17 * len(lines)
        for i, line in enumerate(lines):
            self.write(0.3, first + 0.17 * i, line, size=7.5, colour=self.ink.muted)

    def scale(self, image: Any, top: float, name: str, ticks: list[float], labels: list[str],
              height: float = 2.1) -> None:
        """What the colours of an image mean, to the right of it."""
        axes = self.axes("", LEFT + PLOT + 0.14, top, 0.11, height)
        bar = self.figure.colorbar(image, cax=axes, ticks=ticks)
        bar.outline.set(edgecolor=self.ink.line, linewidth=0.8)
        axes.set_yticklabels(labels)
        axes.tick_params(labelsize=8, colors=self.ink.muted, length=0)
        axes.set_title(name, fontsize=8.5, color=self.ink.muted, loc="left", pad=5)

    def hertz(self, axes: Axes, front_end: FrontEnd) -> None:
        """Bands lie equally far apart; the ticks stand where round frequencies fall between their centres."""
        centres = front_end.frequencies[1:-1]
        ticks: dict[int, float] = {}
        inch = len(centres) / (axes.get_position().height * self.figure.get_figheight())
        for hz in TICKS_HZ[::-1]:
            place = float(np.interp(hz, centres, np.arange(len(centres)) + 0.5))
            free = all(abs(place - other) >= CLOSEST_TICKS * inch for other in ticks.values())
            if centres[0] <= hz <= centres[-1] and free:
                ticks[hz] = place
        axes.set_yticks(list(ticks.values()), [f"{hz // 1000}k" if hz >= 1000 else str(hz) for hz in ticks])
        self.label(axes, y="Hz")


def rgb(name: str) -> Array:
    """Red, green and blue of #rrggbb, 0 to 1."""
    return np.array([int(name[i : i + 2], 16) / 255 for i in (1, 3, 5)])


def greys(ink: Ink) -> ListedColormap:
    """From the colour of the paper towards that of the text."""
    from matplotlib.colors import ListedColormap

    share = np.linspace(0, 0.8, 256)[:, None]
    return ListedColormap(rgb(ink.paper) + share * (rgb(ink.text) - rgb(ink.paper)))
