"""A gallery of what excites a neuron: it grows, is sorted, looked at, and heard under the mouse or by Enter."""

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox

from gui.theme import DARK, LIGHT, loudness_table
from gui.views.gallery_cells import GalleryEntry, figure, order_of
from gui.views.gallery_view import HOVER_MS, GalleryView
from gui.views.mel_picture import RANGE_DB, MelPicture, loudness_range, mel_image
from gui.views.rank_marks import RANKS, rank_shape
from tests.gui.signals import heard
from tests.gui.waiting import wait_for

SEEDS = 17


def mel_of(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(-4.0, 2.0, (80, 115)).astype(np.float32)


MELS = [mel_of(seed) for seed in range(SEEDS)]


def entry(seed: int, **changes) -> GalleryEntry:
    made = GalleryEntry(f"seed {seed}", MELS[seed], 10.0 - seed % 5, 3.0, 0.9, seed)
    return replace(made, **changes)


ENTRIES = [entry(seed) for seed in range(SEEDS)]


@pytest.fixture
def gallery(qtbot) -> GalleryView:
    view = GalleryView("Synthesised", empty="Nothing yet")
    qtbot.addWidget(view)
    view.set_theme(DARK)
    view.resize(910, 420)
    view.show()
    view.show_examples(ENTRIES)
    return view


def middle_of(view: GalleryView, place: int) -> QPoint:
    cells = view.cells
    return cells.visualRect(cells.model().index(view.shown.index(place), 0)).center()


def hover(view: GalleryView, place: int) -> None:
    QTest.mouseMove(view.cells.viewport(), middle_of(view, place))


def test_examples_grow_in_their_places_and_the_chosen_one_stays(gallery: GalleryView):
    chosen = heard(gallery.chosen)
    gallery.sort.setCurrentIndex(1)
    gallery.show_examples(ENTRIES[:3], growing=True)
    assert gallery.shown == [0, 1, 2], "nothing jumps about while it grows"
    gallery.show_chosen(2)
    for step in range(5):
        gallery.show_examples([replace(e, activation=float(step)) for e in ENTRIES[:4]], growing=True)
    assert gallery.choice == 2
    gallery.show_examples(ENTRIES[:4])
    assert gallery.choice == 2
    assert gallery.cells.row == gallery.shown.index(2)
    gallery.show_examples(ENTRIES[:1])
    assert gallery.choice == -1
    assert chosen == [], "only the user chooses"


def test_rows_that_mean_something_are_kept_and_in_sight(gallery: GalleryView):
    """Three rows of two, in a gallery with room for more columns; and then as many as fit again."""
    cells = gallery.cells

    def places() -> list[tuple[int, int]]:
        rects = [cells.visualRect(cells.model().index(row, 0)) for row in range(6)]
        return [(rect.left(), rect.top()) for rect in rects]

    gallery.resize(700, 700)
    gallery.show_examples([ENTRIES[0]] * 6)
    assert len({y for _, y in places()}) < 3
    small = cells.gridSize().width()
    gallery.show_examples([ENTRIES[0]] * 6, columns=2)
    cells.doItemsLayout()
    assert [len({y for _, y in places()[k : k + 2]}) for k in (0, 2, 4)] == [1, 1, 1]
    assert len({y for _, y in places()}) == 3
    assert cells.gridSize().width() > small
    assert max(y for _, y in places()) + cells.gridSize().height() <= cells.viewport().height()
    gallery.show_examples([ENTRIES[0]] * 6)
    assert cells.gridSize().width() == small


def test_fifty_growing_examples_cost_little(gallery: GalleryView):
    """Ten times a second, with every picture new."""
    mels = [[mel_of(50 * turn + n) for n in range(50)] for turn in range(4)]
    gallery.show_examples([entry(0, mel=mel) for mel in mels[0]], growing=True)
    began = time.thread_time()
    for turn in mels[1:]:
        gallery.show_examples([entry(0, mel=mel) for mel in turn], growing=True)
        gallery.grab()
    assert (time.thread_time() - began) / 3 < 0.1


def test_pictures_are_made_once_for_each_change(gallery: GalleryView):
    before = [cell.image for cell in gallery._model.values]
    gallery.show_examples([replace(e, activation=1.0) for e in ENTRIES])
    assert [cell.image for cell in gallery._model.values] == before
    assert all(a is b for a, b in zip(before, (cell.image for cell in gallery._model.values), strict=True))
    gallery.set_theme(LIGHT)
    assert gallery._model.values[0].image != before[0]


def test_sorted_by_what_is_strived_for_with_the_failed_last(gallery: GalleryView):
    entries = [entry(0, activation=1.0), entry(1, activation=float("nan"), failed="became NaN"),
               entry(2, activation=3.0), entry(3, activation=-2.0)]
    gallery.show_examples(entries)
    assert gallery.shown == [0, 1, 2, 3]
    gallery.sort.setCurrentIndex(1)
    assert gallery.shown == [2, 0, 3, 1]
    gallery.show_examples(entries, lowest=True)
    assert gallery.shown == [3, 0, 2, 1]


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.booleans()), max_size=12), st.booleans())
def test_sorting_keeps_all_and_orders_them(values: list[tuple[float, bool]], lowest: bool):
    entries = [entry(0, activation=value, failed="x" if failed else "") for value, failed in values]
    order = order_of(entries, "activation", lowest=lowest)
    assert sorted(order) == list(range(len(entries)))
    sound = [entries[place].activation for place in order if not entries[place].failed]
    assert sound == sorted(sound, reverse=not lowest)
    assert [bool(entries[place].failed) for place in order] == sorted(bool(e.failed) for e in entries)


def test_resting_on_an_example_plays_it_and_leaving_stops_it(gallery: GalleryView):
    played, stopped = heard(gallery.play_asked), heard(gallery.stop_asked)
    hover(gallery, 1)
    assert played == [], "passing over is not resting"
    wait_for(lambda: played)
    assert played == [1]
    gallery.show_playing(1)
    hover(gallery, 2)
    assert len(stopped) == 1
    wait_for(lambda: len(played) == 2)
    assert played == [1, 2]
    QCoreApplication.sendEvent(gallery.cells, QEvent(QEvent.Type.Leave))
    assert len(stopped) == 2


def test_passing_over_many_plays_none(gallery: GalleryView):
    played = heard(gallery.play_asked)
    until = time.monotonic() + 2 * HOVER_MS / 1000
    place = 0
    while time.monotonic() < until:
        hover(gallery, place % 6)
        place += 1
        wait_for(lambda: True, 0.05)
    assert played == []


def test_who_wants_quiet_hovers_in_quiet(gallery: GalleryView):
    played = heard(gallery.play_asked)
    gallery.hover_plays.click()
    hover(gallery, 1)
    until = time.monotonic() + 1.5 * HOVER_MS / 1000
    wait_for(lambda: time.monotonic() > until)
    assert played == []
    QTest.mouseClick(gallery.cells.viewport(), Qt.MouseButton.LeftButton, pos=middle_of(gallery, 1))
    assert played == [1]


def test_the_keyboard_goes_about_plays_and_stops(gallery: GalleryView):
    played, stopped, chosen = heard(gallery.play_asked), heard(gallery.stop_asked), heard(gallery.chosen)
    gallery.show_chosen(0)
    QTest.keyClick(gallery.cells, Qt.Key.Key_Right)
    assert chosen == [1]
    QTest.keyClick(gallery.cells, Qt.Key.Key_Return)
    assert played == [1]
    gallery.show_playing(1)
    QTest.keyClick(gallery.cells, Qt.Key.Key_Space)
    assert len(stopped) == 1
    gallery.show_playing(-1)
    QTest.keyClick(gallery.cells, Qt.Key.Key_Space)
    assert played == [1, 1]
    QTest.keyClick(gallery.cells, Qt.Key.Key_Down)
    assert chosen == [1, 7], "six stand in a row"


def test_space_is_not_the_transports_while_the_gallery_has_the_focus(gallery: GalleryView):
    def taken() -> bool:
        event = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier, " ")
        event.ignore()
        QCoreApplication.sendEvent(gallery.cells, event)
        return event.isAccepted()

    assert not taken(), "nothing is chosen that could be played"
    gallery.show_chosen(3)
    assert taken()


def test_what_failed_is_crossed_said_and_never_played(gallery: GalleryView):
    gallery.show_examples([entry(0), entry(1, activation=float("nan"), failed="became NaN in iteration 12")])
    played = heard(gallery.play_asked)
    gallery.show_chosen(1)
    QTest.keyClick(gallery.cells, Qt.Key.Key_Return)
    QTest.mouseClick(gallery.cells.viewport(), Qt.MouseButton.LeftButton, pos=middle_of(gallery, 1))
    assert played == []
    said = gallery.cells.model().index(1, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert said == "seed 1 · failed · became NaN in iteration 12"
    image = gallery.cells.viewport().grab(gallery.cells.visualRect(gallery.cells.model().index(1, 0))).toImage()
    inks = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}
    assert DARK.error in inks


def test_everything_is_said_in_words():
    says = entry(4, activation=-1.234, rank="worst", warning="Loses its activation as sound").words
    assert says.whole == ("seed 4 · activation −1.23 · 3.00 as sound · probability 0.90 · worst · "
                          "Loses its activation as sound")
    assert figure(12345.6) == "1.235e+04"


def test_cells_share_the_width_and_keep_the_proportions(gallery: GalleryView):
    for width in (320, 910, 1700):
        gallery.resize(width, 420)
        gallery.grab()
        grid, room = gallery.cells.gridSize(), gallery.cells.viewport().width()
        assert room - grid.width() < (room // grid.width()) * grid.width() <= room
        assert room - (room // grid.width()) * grid.width() < room // grid.width() + 3, "no gap at the right"


def test_real_excerpts_stand_in_one_row(qtbot):
    view = GalleryView("Real excerpts that excite it most", one_row=True, controls=False)
    qtbot.addWidget(view)
    view.resize(500, 260)
    view.show()
    view.show_examples(ENTRIES)
    tops = {view.cells.visualRect(view.cells.model().index(row, 0)).top() for row in range(SEEDS)}
    assert len(tops) == 1
    assert view.cells.horizontalScrollBar().maximum() > 0
    assert not view.sort.isVisible()


def test_quiet_is_black_loud_is_white_and_low_is_below():
    mel = np.full((4, 3), -100.0, np.float32)
    mel[0] = 2.0
    low, high = loudness_range([mel])
    assert high == pytest.approx(2.0)
    assert (high - low) * 20 / np.log(10) == pytest.approx(RANGE_DB)
    image, table = mel_image(mel, DARK, (low, high)), loudness_table(DARK)
    for row, shade in ((3, table[255]), (0, table[0])):
        assert image.pixelColor(1, row).getRgb()[:3] == tuple(shade[:3].tolist())


def test_one_explosion_darkens_nobody_and_nan_is_black():
    calm, wild = np.zeros((4, 3)), np.full((4, 3), 1e4)
    assert loudness_range([calm] * 7 + [wild]) == loudness_range([calm])
    assert loudness_range([np.full((2, 2), np.nan)]) == loudness_range([])
    image = mel_image(np.full((4, 3), np.nan), DARK, (-9.0, 0.0))
    assert image.pixelColor(0, 0).getRgb()[:3] == tuple(loudness_table(DARK)[0][:3].tolist())


def test_a_picture_that_is_not_there_says_why(qtbot):
    view = MelPicture("Where one is", empty="Choose two examples")
    qtbot.addWidget(view)
    view.set_theme(DARK)
    view.resize(230, 160)
    empty = view.grab().toImage()
    assert not view.has_picture
    view.show_mel(MELS[0])
    assert view.has_picture
    assert view.grab().toImage() != empty


def test_ranks_differ_in_shape():
    shapes = [rank_shape(rank).toFillPolygon() for rank in (*RANKS, "")]
    assert len({len(shape) for shape in shapes}) == 4


def test_everything_has_a_name_and_says_what_it_does(gallery: GalleryView):
    for kind in (QAbstractButton, QComboBox):
        for control in gallery.findChildren(kind):
            assert control.accessibleName(), control
            assert control.toolTip(), control
    assert gallery.cells.accessibleName() == "Synthesised"
