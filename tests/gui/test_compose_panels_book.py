"""The tune book: many tunes, one chosen, and what is wished for them."""

import time

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from gui.theme import DARK, LIGHT
from gui.views.tune_list import TuneList
from gui.views.tune_rows import TuneEntry
from tests.gui.signals import heard

TITLES = ("The Kesh", "Morrison's", "Cooley's", "Out on the Ocean")


def entries(titles=TITLES, problems=0) -> list[TuneEntry]:
    return [TuneEntry(10 + n, title, "6/8 · Gmaj · 32 bars", problems) for n, title in enumerate(titles)]


@pytest.fixture
def book(qtbot) -> TuneList:
    view = TuneList()
    qtbot.addWidget(view)
    view.set_theme(DARK)
    view.show_tunes(entries())
    view.resize(200, 500)
    view.show()
    qtbot.waitExposed(view)
    view.view.setFocus()
    return view


def test_choosing_by_hand_is_told_and_from_outside_is_not(book: TuneList):
    chosen = heard(book.chosen)
    book.choose(11)
    assert chosen == []
    assert book.view.row == 1
    QTest.keyClick(book.view, Qt.Key.Key_Down)
    place = book.view.visualRect(book.rows.index(0)).center()
    QTest.mouseClick(book.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen == [12, 10]


def test_the_chosen_tune_stays_chosen_where_tunes_come_and_go(book: TuneList):
    chosen = heard(book.chosen)
    book.choose(12)
    book.show_tunes(list(reversed(entries())))
    assert book.rows.values[book.view.row].key == 12
    book.show_tunes(entries()[:1])
    assert book.view.row == -1
    assert not book.remove.isEnabled()
    assert chosen == []


def test_a_title_is_edited_in_place_and_only_wished_for(book: TuneList):
    renamed = heard(book.renamed)
    book.choose(11)
    QTest.keyClick(book.view, Qt.Key.Key_F2)
    editor = book.view.findChild(QLineEdit)
    assert editor.text() == "Morrison's"
    editor.setText("  Morrison's   Jig ")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QApplication.processEvents()
    assert renamed == [(11, "Morrison's Jig")]
    assert book.rows.index(1).data() == "Morrison's", "the page says what holds"
    assert not book.rows.setData(book.rows.index(1), "   ")
    assert len(renamed) == 1


def test_an_open_editor_survives_news_about_the_same_tunes(book: TuneList):
    book.choose(11)
    QTest.keyClick(book.view, Qt.Key.Key_F2)
    book.show_tunes(entries(problems=2))
    assert book.view.findChild(QLineEdit).isVisible()


def test_keys_and_buttons_wish_for_the_chosen_tune(book: TuneList):
    added, copied, removed = heard(book.add_asked), heard(book.duplicate_asked), heard(book.remove_asked)
    QTest.keyClick(book.view, Qt.Key.Key_Delete)
    assert removed == [], "none is chosen"
    book.choose(13)
    QTest.keyClick(book.view, Qt.Key.Key_Delete)
    book.duplicate.click()
    book.add.click()
    assert (removed, copied, added) == ([13], [13], [()])
    assert len(book.rows.values) == 4


def test_tunes_move_by_keys_and_by_dragging(book: TuneList):
    moved = heard(book.moved)
    book.choose(10)
    QTest.keyClick(book.view, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert moved == [], "the first cannot rise"
    QTest.keyClick(book.view, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    rows, none = book.rows, QModelIndex()
    for start, before in ((0, 3), (3, 0), (1, -1), (1, 2), (1, 1)):
        rows.dropMimeData(rows.mimeData([rows.index(start)]), Qt.DropAction.MoveAction, before, 0, none)
    assert moved == [(10, 1), (10, 2), (13, 0), (11, 3)], "places once the tune is out; its own is no move"


def test_a_wish_for_a_place_holds_what_a_list_understands(book: TuneList):
    tunes = [entry.key for entry in book.rows.entries]
    book.moved.connect(lambda key, place: (tunes.remove(key), tunes.insert(place, key)))
    rows = book.rows
    rows.dropMimeData(rows.mimeData([rows.index(0)]), Qt.DropAction.MoveAction, 3, 0, QModelIndex())
    assert tunes == [11, 12, 10, 13], "before the one that was fourth"


def test_many_tunes_can_be_searched(book: TuneList):
    assert book.filter.isHidden()
    book.show_tunes(entries([*TITLES, *(f"Reel {n}" for n in range(8))]))
    assert not book.filter.isHidden()
    book.choose(11)
    chosen, moved = heard(book.chosen), heard(book.moved)
    QTest.keyClicks(book.filter, "rEEl")
    assert book.count.text() == "8 of 12 tunes"
    assert book.view.row == -1
    QTest.keyClick(book.filter, Qt.Key.Key_Down)
    assert chosen == [14]
    QTest.keyClick(book.view, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert moved == [], "among some tunes there is no place"
    book.choose(10)
    assert book.filter.text() == ""
    assert book.view.row == 0


def test_problems_are_told_in_words_too(book: TuneList):
    book.show_tunes([TuneEntry(1, "", "4/4", 1), TuneEntry(2, "Fine", "3/4")])
    words = [book.rows.index(row).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(2)]
    assert words == ["Untitled · 4/4 · 1 problem", "Fine · 3/4"]
    for theme in (DARK, LIGHT):
        book.set_theme(theme)
        marked, plain = (book.view.viewport().grab(book.view.visualRect(book.rows.index(row))).toImage()
                         for row in range(2))
        colours = [{image.pixelColor(x, y).name() for x in range(image.width() - 24, image.width())
                    for y in range(image.height())} for image in (marked, plain)]
        assert theme.warning in colours[0]
        assert theme.warning not in colours[1]


def test_a_thousand_tunes_stay_fast(book: TuneList):
    many = entries([f"Tune {n}" for n in range(1000)])
    start = time.perf_counter()
    book.show_tunes(many)
    book.choose(900)
    QApplication.processEvents()
    book.show_tunes([*many[:-1], TuneEntry(1009, "Last", "2/4")])
    book.filter.setText("9")
    book.grab()
    assert time.perf_counter() - start < 0.5
    assert len(book.rows.values) == 270


def test_everything_has_a_name(book: TuneList):
    for part in (book.view, book.filter, book.add, book.duplicate, book.remove):
        assert part.accessibleName()
    assert {action.text() for action in book.view.actions()} == {
        "New tune", "Rename", "Duplicate", "Move up", "Move down", "Remove"}
