"""Marks that are drawn by hand are as large as the text beside them."""

import pytest
from PySide6.QtCore import QSize

from gui import theme as themes
from gui.theme import DARK
from gui.views.ear_mark import AUDIBLE, EarMark
from gui.views.notifications import Bell
from gui.views.tree_panel import TreePanel


@pytest.fixture
def sized(qapp):
    """Text of another size, and back."""
    yield lambda percent: themes.apply(qapp, DARK, percent)
    themes.apply(qapp, DARK, 100)


def drawn(image):
    """Height of what is not the background."""
    plain = image.pixelColor(0, 0)
    rows = [y for y in range(image.height())
            if any(image.pixelColor(x, y) != plain for x in range(image.width()))]
    return rows[-1] - rows[0] + 1


def test_the_ear_mark_grows_with_the_text(qtbot, sized):
    mark, heights = EarMark("Hum"), []
    qtbot.addWidget(mark)
    mark.show_mark(AUDIBLE, "")
    for percent in (100, 200, 100):
        sized(percent)
        mark.set_theme(DARK)
        assert mark.size() == QSize(20, 20) * (percent / 100)
        heights.append(drawn(mark.grab().toImage()))
    assert heights[0] == heights[2]
    assert heights[1] == pytest.approx(2 * heights[0], abs=2)


def test_the_bell_and_the_tree_have_icons_of_the_size_of_the_text(qtbot, sized):
    bell, panel = Bell(), TreePanel()
    sides = []
    for percent in (200, 100):
        sized(percent)
        for view in (bell, panel):
            qtbot.addWidget(view)
            view.set_theme(DARK)
        sides.append((bell.iconSize().width(), bell.icon().actualSize(QSize(99, 99)).width(),
                      panel.tree.iconSize().width(), panel._icon.actualSize(QSize(99, 99)).width()))
    assert sides == [(32, 32, 32, 32), (16, 16, 16, 16)]
