"""Marks that are drawn by hand are as large as the text beside them."""

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QFontMetrics

from gui import theme as themes
from gui.main_window.page_icons import SIZE, icon
from gui.theme import DARK, SPACING, style_sheet
from gui.views.ear_mark import AUDIBLE, EarMark
from gui.views.gallery_view import GalleryView
from gui.views.notifications import Bell
from gui.views.score_view import ScoreView
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


def test_pages_have_icons_of_the_size_of_the_text_and_the_bell_has_room(qtbot, sized):
    for percent, room in ((200, 52), (100, 26)):
        sized(percent)
        side = icon("Compose", DARK).actualSize(QSize(99, 99)).width()
        assert side == SIZE * percent / 100
        assert f"min-height: {room}px; }}" in style_sheet(DARK).partition("QStatusBar {")[2].partition("\n")[0]


def test_the_score_grows_with_the_text_and_keeps_the_zoom_that_was_chosen(qtbot, sized):
    view = ScoreView()
    qtbot.addWidget(view)
    view.set_theme(DARK)
    view.set_zoom(1.2)
    for percent, zoom in ((200, 2.4), (200, 2.4), (100, 1.2)):
        sized(percent)
        view.set_theme(DARK)
        assert view.zoom == pytest.approx(zoom)


def test_figures_below_a_picture_never_lie_upon_each_other(qtbot, sized):
    made = GalleryView("Synthesised")
    qtbot.addWidget(made)
    for percent in (100, 200):
        sized(percent)
        made.set_theme(DARK)
        made.resize(900, 500)
        made.show()
        qtbot.waitExposed(made)
        cells = made.cells
        room = cells.gridSize().width() - 2 * SPACING
        assert room >= QFontMetrics(cells._cell.small(cells.font())).horizontalAdvance("heard −8.88  p 0.88")
