"""Colours, fonts and colour maps: one quiet look, dark and light, readable by number (WCAG AA)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from string import Template
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication, QWidget

SPACING = 8  # px, the grid everything sits on
AXIS_WIDTH = 72  # px, the same in every time view, so that times line up exactly
RESOURCES = Path(__file__).resolve().parent.parent / "resources"
ICONS = RESOURCES / "icons"
Table = NDArray[np.uint8]


@dataclass(frozen=True)
class Theme:
    """Colours as #rrggbb. `text` and `muted` reach 4.5:1 on window, surface and raised; the others reach 3:1.

    Parameters
    ----------
    window, surface, raised
        Behind everything; behind plots and tables; buttons and headers.
    text, muted
        What is read first, and what explains it.
    accent, on_accent
        The one accent: cursor, focus, excerpt; and text upon it.
    positive, negative
        Speaks for and against the target; apart for colour-blind eyes too.
    warning, error
        Needs a look; went wrong.
    grid, selection
        Hairlines; background of selected rows.
    spectrogram
        Name of pyqtgraph's bundled colour map, from quiet to loud.
    """

    name: str
    window: str
    surface: str
    raised: str
    text: str
    muted: str
    accent: str
    on_accent: str
    positive: str
    negative: str
    warning: str
    error: str
    grid: str
    selection: str
    spectrogram: str


DARK = Theme(
    name="dark", window="#14171c", surface="#1a1e25", raised="#252b34", text="#e7eaf0", muted="#a3adbb",
    accent="#5cc8b8", on_accent="#06231f", positive="#f5a35c", negative="#6fb1ff", warning="#f2c14e",
    error="#ff8080", grid="#343b47", selection="#24443f", spectrogram="magma")
LIGHT = Theme(
    name="light", window="#f4f5f7", surface="#ffffff", raised="#e9ecf0", text="#1c2128", muted="#545d6a",
    accent="#0a7266", on_accent="#ffffff", positive="#a84f00", negative="#1f5fa8", warning="#8a5a00",
    error="#b3261e", grid="#d3d8df", selection="#d2ebe7", spectrogram="CET-L17")
THEMES = {theme.name: theme for theme in (DARK, LIGHT)}
MAPS = {"as the theme": "", "magma": "magma", "viridis": "viridis", "cividis": "cividis", "inferno": "inferno",
        "grey": "CET-L1"}
"""Colour maps of spectrograms, by the words for them: even steps to the eye, also without red or green cones."""
PERCENT = (80, 200)      # least and largest size of the text
_size = {"percent": 100, "points": 0.0}   # of the text now; and what 100 % is here


class Themed(Protocol):
    """Anything with colours."""

    def set_theme(self, theme: Theme) -> None:
        """Take them."""


def with_map(theme: Theme, name: str) -> Theme:
    """The theme with another colour map for spectrograms; "" leaves its own."""
    return replace(theme, spectrogram=name) if name in MAPS.values() and name else theme


def colour(name: str, alpha: float = 1.0) -> QColor:
    """A `QColor` of #rrggbb with an opacity of 0 to 1."""
    made = QColor(name)
    made.setAlphaF(alpha)
    return made


def tabular(font: QFont, size_change: float = 0.0) -> QFont:
    """The same font with equal digits, so that running figures do not dance; `size_change` in points."""
    made = QFont(font)
    made.setFeature(QFont.Tag("tnum"), 1)
    if size_change and made.pointSizeF() > 0:
        made.setPointSizeF(max(6.0, made.pointSizeF() + size_change))
    return made


@cache
def loudness_table(theme: Theme) -> Table:
    """Colours of the spectrogram from quiet to loud: uint8 (256, 4), perceptually uniform.

    Quiet is what lies nearer to the surface, whichever way the map was made.
    """
    from pyqtgraph import colormap  # half a second, which the first paint does not wait for

    table = _opaque(colormap.get(theme.spectrogram).getLookupTable(nPts=256, alpha=False))
    brightens = int(table[-1, :3].sum()) > int(table[0, :3].sum())
    return table if brightens == (_luminance(theme.surface) < 0.5) else table[::-1].copy()


@cache
def grey_table(theme: Theme) -> Table:
    """The spectrogram without hue, for under an explanation: uint8 (256, 4), from the surface to dim text."""
    low, high = (np.array(_rgb(c), np.float64) for c in (theme.surface, theme.text))
    share = np.linspace(0.0, 0.85, 256)[:, None]
    return _opaque((low + share * (high - low)).round())


def stretched(table: Table, black: int, white: int) -> Table:
    """The table with its first colour at byte `black` and its last at byte `white`."""
    index = np.clip((np.arange(256) - black) * (255 / max(white - black, 1)), 0, 255)
    return table[index.round().astype(np.int64)]


@cache
def weight_table(theme: Theme) -> Table:
    """Colours of weights from -limit to +limit: uint8 (256, 4), blue to orange, transparent at zero.

    The opacity grows with the square root of the strength, so that weak weights are still seen.
    """
    weight = np.linspace(-1.0, 1.0, 256)
    table = np.empty((256, 4))
    table[weight < 0, :3], table[weight >= 0, :3] = _rgb(theme.negative), _rgb(theme.positive)
    table[:, 3] = 255 * np.sqrt(np.abs(weight))
    table[127:129, 3] = 0
    return table.round().astype(np.uint8)


def _rgb(name: str) -> tuple[int, int, int]:
    made = QColor(name)
    return made.red(), made.green(), made.blue()


def _opaque(rgb: NDArray[np.generic]) -> Table:
    return np.column_stack([np.asarray(rgb)[:, :3], np.full(len(rgb), 255)]).astype(np.uint8)


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two #rrggbb colours, 1 to 21 (WCAG 2.1, success criterion 1.4.3)."""
    low, high = sorted((_luminance(first), _luminance(second)))
    return (high + 0.05) / (low + 0.05)


def _luminance(name: str) -> float:
    shares = [c / 255 for c in _rgb(name)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def palette(theme: Theme) -> QPalette:
    """The Qt palette of a theme, with quieter text where something is disabled."""
    made = QPalette()
    role = QPalette.ColorRole
    colours = {
        role.Window: theme.window, role.WindowText: theme.text, role.Base: theme.surface,
        role.AlternateBase: theme.window, role.Text: theme.text, role.PlaceholderText: theme.muted,
        role.Button: theme.raised, role.ButtonText: theme.text, role.BrightText: theme.error,
        role.Highlight: theme.accent, role.HighlightedText: theme.on_accent, role.Link: theme.accent,
        role.LinkVisited: theme.accent, role.ToolTipBase: theme.raised, role.ToolTipText: theme.text,
        role.Accent: theme.accent, role.Light: theme.raised, role.Midlight: theme.raised,
        role.Mid: theme.grid, role.Dark: theme.grid, role.Shadow: theme.grid,
    }
    for where, name in colours.items():
        made.setColor(where, QColor(name))
    for where in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, where, colour(theme.muted, 0.55))
    return made


def apply(app: QApplication, theme: Theme, percent: int = 100) -> None:
    """Give the whole application a theme, and text of a size. Views are told one by one through their `set_theme`.

    Parameters
    ----------
    percent
        Size of all text, of what the system wants; what is there already grows or shrinks with it.
    """
    if not app.styleSheet():  # a style sheet hides the name of the style under it
        app.setStyle("Fusion")
    app.setPalette(palette(theme))
    percent = min(max(percent, PERCENT[0]), PERCENT[1])
    ratio, _size["percent"] = percent / _size["percent"], percent
    sizes = [(widget, widget.font().pointSizeF()) for widget in app.allWidgets()] if ratio != 1.0 else []
    font = tabular(app.font())
    _size["points"] = _size["points"] or (font.pointSizeF() if font.pointSizeF() > 0 else 9.0)
    font.setPointSizeF(_size["points"] * percent / 100)
    app.setFont(font)
    app.setStyleSheet(style_sheet(theme))
    for widget, points in sizes:    # after the sheet, which gives some the fonts back that they had under the last one
        _resize(widget, points * ratio, ratio)


def scaled(pixels: float) -> int:
    """Pixels at the size that text has now, for what is as wide or as high as the text in it."""
    return round(pixels * _size["percent"] / 100)


def grown(font: QFont) -> QFont:
    """A font of the system's, at the size that text has now."""
    made = QFont(font)
    if made.pointSizeF() > 0:
        made.setPointSizeF(made.pointSizeF() * _size["percent"] / 100)
    return made


def _resize(widget: QWidget, points: float, ratio: float) -> None:
    """Text of that size, where the widget has a font of its own; fixed widths and heights change with it."""
    if points > 0 and abs(widget.font().pointSizeF() - points) > 0.01:
        changed = QFont(widget.font())
        changed.setPointSizeF(points)
        widget.setFont(changed)
    least, most = widget.minimumSize(), widget.maximumSize()
    if widget.isWindow():
        return
    if 0 < least.width() == most.width():
        widget.setFixedWidth(round(least.width() * ratio))
    if 0 < least.height() == most.height():
        widget.setFixedHeight(round(least.height() * ratio))


@cache
def _template() -> Template:
    """The style sheet, the little that a palette cannot say: flat shapes, visible focus, slim scroll bars."""
    return Template((RESOURCES / "style.qss").read_text(encoding="utf-8"))


def style_sheet(theme: Theme) -> str:
    """The style sheet in the colours of a theme, at the size that text has now."""
    named = {key: getattr(theme, key) for key in Theme.__dataclass_fields__}
    marks = {mark: (ICONS / f"{mark}-{theme.name}.svg").as_posix() for mark in ("down", "up", "tick")}
    return _template().substitute(named | marks | {f"px{n}": f"{scaled(n)}px" for n in (12, 14, 18, 24, 26)})
