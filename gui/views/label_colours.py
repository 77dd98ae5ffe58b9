"""One colour for each label, told apart by colour-blind eyes: M. Okabe, K. Ito: Color universal design, 2008."""

from __future__ import annotations

from PySide6.QtGui import QColor

from gui.theme import Theme, contrast

COLOURS = ("#56b4e9", "#e69f00", "#009e73", "#f0e442", "#d55e00", "#cc79a7", "#0072b2", "#999999")
SHADES = 3      # of each: plain, paler, darker
READABLE = 3.0   # least contrast of a thin line with its background (WCAG 2.1, success criterion 1.4.11)


def label_colour(index: int) -> QColor:
    """The colour that areas of a label have, by its place among the labels; from the ninth on paler, then darker.

    Of more labels than that tells apart, such as the keys of a piano, colours come again: further on all would be
    white or black.
    """
    made, again = QColor(COLOURS[index % len(COLOURS)]), index // len(COLOURS) % SHADES
    return made if not again else made.lighter(100 + 35 * again) if again % 2 else made.darker(100 + 35 * again)


def line_colour(index: int, theme: Theme) -> QColor:
    """The same hue for a line upon a plot, as much darker or lighter as it takes to be seen."""
    made = label_colour(index)
    away = QColor.lighter if QColor(theme.surface).lightness() < 128 else QColor.darker
    while contrast(made.name(), theme.surface) < READABLE and made.name() not in ("#ffffff", "#000000"):
        made = away(made, 112)
    return made
