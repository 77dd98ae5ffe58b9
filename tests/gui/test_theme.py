"""The themes are readable by number, and their colour maps say what they should."""

import numpy as np
import pytest
from PySide6.QtGui import QFontMetrics

from gui import theme as themes
from gui.theme import DARK, ICONS, LIGHT, THEMES, Theme, contrast, style_sheet


@pytest.fixture(params=THEMES.values(), ids=THEMES.keys())
def theme(request: pytest.FixtureRequest) -> Theme:
    return request.param


def luminance_of_rows(table: np.ndarray) -> np.ndarray:
    linear = (table[:, :3] / 255.0) ** 2.2
    return linear @ [0.2126, 0.7152, 0.0722]


def test_contrast_has_its_known_answers():
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#777777") == pytest.approx(1.0)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("behind", ["window", "surface", "raised"])
def test_text_reaches_aa_and_colours_reach_three(theme: Theme, behind: str):
    background = getattr(theme, behind)
    for front in ("text", "muted"):
        assert contrast(getattr(theme, front), background) >= 4.5, front
    for front in ("accent", "positive", "negative", "warning", "error"):
        assert contrast(getattr(theme, front), background) >= 3.0, front


def test_text_on_accent_and_on_selection_reaches_aa(theme: Theme):
    assert contrast(theme.on_accent, theme.accent) >= 4.5
    assert contrast(theme.text, theme.selection) >= 4.5


def test_loudness_runs_one_way_from_the_background(theme: Theme):
    luminance = luminance_of_rows(themes.loudness_table(theme))
    steps = np.diff(luminance[::8])
    assert (steps > 0).all() if theme is DARK else (steps < 0).all()
    assert abs(luminance[-1] - luminance[0]) > 0.5


def test_weights_are_invisible_at_zero_and_grow_both_ways(theme: Theme):
    table = themes.weight_table(theme).astype(int)
    assert table.shape == (256, 4)
    assert table[127, 3] == table[128, 3] == 0
    assert table[0, 3] == table[255, 3] == 255
    assert (np.diff(table[128:, 3]) >= 0).all()
    assert table[0, 2] > table[0, 0], "blue speaks against"
    assert table[255, 0] > table[255, 2], "orange speaks for"


def test_weights_stay_apart_without_red_and_green_cones(theme: Theme):
    """Yellow minus blue survives protanopia and deuteranopia: the two ends must differ strongly in it."""
    table = themes.weight_table(theme).astype(int)
    yellowness = table[[0, 255], :2].mean(axis=1) - table[[0, 255], 2]
    assert yellowness[1] - yellowness[0] > 80


def test_apply_gives_palette_style_and_equal_digits(qapp):
    themes.apply(qapp, LIGHT)
    assert qapp.palette().window().color().name() == LIGHT.window
    themes.apply(qapp, DARK)
    assert qapp.palette().window().color().name() == DARK.window
    assert DARK.accent in qapp.styleSheet()
    metrics = QFontMetrics(qapp.font())
    widths = {metrics.horizontalAdvance(digit) for digit in "0123456789"}
    assert len(widths) == 1


def test_arrows_and_ticks_are_there_in_the_colours_of_the_theme(theme: Theme):
    for mark, colour in (("down", theme.muted), ("up", theme.muted), ("tick", theme.on_accent)):
        path = ICONS / f"{mark}-{theme.name}.svg"
        assert path.as_posix() in style_sheet(theme)
        assert f'stroke="{colour}"' in path.read_text(encoding="utf-8")
