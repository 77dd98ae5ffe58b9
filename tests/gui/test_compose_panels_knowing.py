"""Knowing what it writes: what may come next, what is known already, and what the tune was before."""

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from gui.theme import DARK, LIGHT, THEMES
from gui.views.lens_view import NOT_ADMITTED, LensRow, LensView, percent
from gui.views.novelty_view import NONE_COPIED, NearRow, NoveltyView, PassageRow
from gui.views.rows_view import RowsView
from gui.views.variant_list import VariantEntry, VariantList
from tests.gui.signals import heard

CHOICES = (LensRow("|", "bar line", 0.5), LensRow(":|", "end of repeat", 0.5, admitted=False),
           LensRow("G", "sol", 0.0003))


def click(view: RowsView, row: int) -> None:
    place = view.visualRect(view.model().index(row, 0)).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)


def shown(qtbot, view, size=(300, 420)):
    qtbot.addWidget(view)
    view.set_theme(DARK)
    view.resize(*size)
    view.show()
    qtbot.waitExposed(view)
    return view


# the lens

@pytest.fixture
def lens(qtbot) -> LensView:
    return shown(qtbot, LensView())


def test_a_token_is_taken_by_click_and_by_enter(lens: LensView):
    taken = heard(lens.token_chosen)
    lens.show_choices(CHOICES)
    click(lens.view, 2)
    assert taken == [2]
    QTest.keyClick(lens.view, Qt.Key.Key_Up)
    assert taken == [2], "looking is not taking"
    QTest.keyClick(lens.view, Qt.Key.Key_Return)
    assert taken == [2, 1]
    lens.clear("The network is busy.")
    QTest.keyClick(lens.view, Qt.Key.Key_Return)
    assert taken == [2, 1]


def test_what_the_grammar_does_not_allow_says_so_and_looks_so(lens: LensView):
    lens.show_choices(CHOICES)
    tips = [lens.rows.index(row).data(Qt.ItemDataRole.ToolTipRole) for row in range(3)]
    assert tips == ["| · bar line · 50.0 %", f":| · end of repeat · {NOT_ADMITTED} · 50.0 %", "G · sol · <0.1 %"]
    for theme in THEMES.values():
        lens.set_theme(theme)
        accents = []
        for row in range(2):
            image = lens.view.viewport().grab(lens.view.visualRect(lens.rows.index(row))).toImage()
            middle = image.height() // 2
            line = [image.pixelColor(x, middle).name() for x in range(image.width())]
            accents.append(line.count(theme.accent))
        assert accents[0] > 20
        assert accents[1] == 0


def test_bars_are_as_long_as_tokens_are_likely(lens: LensView):
    lens.show_choices([LensRow("G", "", 0.2), LensRow("A", "", 0.8), LensRow("B", "", 1.0)])
    lengths = []
    for row in range(3):
        image = lens.view.viewport().grab(lens.view.visualRect(lens.rows.index(row))).toImage()
        line = [image.pixelColor(x, image.height() // 2).name() for x in range(image.width())]
        lengths.append(line.count(DARK.accent))
    assert lengths[0] == pytest.approx(0.2 * lengths[2], abs=2)
    assert lengths[1] == pytest.approx(0.8 * lengths[2], abs=2)


def test_the_end_of_the_context_stays_in_sight(lens: LensView):
    whole = "after " + "G 2 E | " * 40 + "c B A"
    lens.show_context(whole)
    QApplication.processEvents()
    assert lens.context.text().endswith("c B A")
    assert lens.context.text() != whole
    assert lens.context.toolTip() == whole
    lens.clear("Nothing.")
    assert not lens.context.isVisible()


@pytest.mark.parametrize(("share", "text"), [(0, "0.0 %"), (0.0004, "<0.1 %"), (0.1234, "12.3 %"), (1, "100.0 %")])
def test_shares_are_told_with_one_decimal(share: float, text: str):
    assert percent(share) == text


# what is known

NEAR = (NearRow(31, "The Kesh", "O'Neill's", 0.62), NearRow(7, "Cooley's", "Ryan's", 0.3))


@pytest.fixture
def novelty(qtbot) -> NoveltyView:
    return shown(qtbot, NoveltyView())


def test_a_copied_passage_warns_with_its_tune(novelty: NoveltyView):
    passages = (PassageRow(7, "Cooley's", 33, 40), PassageRow(31, "The Kesh", 9, 24))
    novelty.show_novelty(NEAR, passages, 0.41)
    assert novelty.banner.isVisible()
    assert novelty.banner.words.text() == ("16 notes in a row stand in “The Kesh”, too; 41 % of all notes lie in such "
                                           "passages.")
    novelty.show_novelty(NEAR, (PassageRow(7, "Cooley's", 33, 39),), 0.1)
    assert not novelty.banner.isVisible(), "seven notes are no copy"
    assert novelty.passages.isVisible()
    novelty.show_novelty(NEAR, (), 0)
    assert novelty._said.text() == NONE_COPIED


def test_a_row_asks_for_its_tune(novelty: NoveltyView):
    asked = heard(novelty.tune_asked)
    novelty.show_novelty(NEAR, (PassageRow(99, "The Maid", 1, 12),), 0.2)
    click(novelty.near, 1)
    click(novelty.passages, 0)
    QTest.keyClick(novelty.near, Qt.Key.Key_Up)
    QTest.keyClick(novelty.near, Qt.Key.Key_Return)
    assert asked == [7, 99, 31]
    tip = novelty.near_rows.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert tip.startswith("The Kesh · O'Neill's · 62% alike")


def test_a_passage_under_the_pointer_is_told_and_so_is_leaving(novelty: NoveltyView):
    hovered, view = heard(novelty.passage_hovered), novelty.passages
    novelty.show_novelty(NEAR, (PassageRow(7, "A", 1, 8), PassageRow(7, "B", 20, 30)), 0.2)
    QApplication.processEvents()
    for row in (1, 0):
        QTest.mouseMove(view.viewport(), view.visualRect(view.model().index(row, 0)).center())
    QTest.mouseMove(view.viewport(), QPoint(10, view.viewport().height() - 4))
    view.leaveEvent(QEvent(QEvent.Type.Leave))
    assert hovered == [1, 0, None]
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Down)
    assert hovered[-1] is not None, "arrows do what the pointer does"


def test_nothing_known_says_why(novelty: NoveltyView):
    novelty.show_novelty(NEAR, (), 0)
    novelty.clear("Write some notes first.")
    assert novelty._said.text() == "Write some notes first."
    assert not novelty.near.isVisible()
    assert not novelty.passages.isVisible()


def test_each_row_of_known_tunes_is_in_sight(novelty: NoveltyView):
    novelty.show_novelty(NEAR, (), 0)
    QApplication.processEvents()
    assert novelty.near.verticalScrollBar().maximum() == 0
    for theme in (LIGHT, DARK):
        novelty.set_theme(theme)
        novelty.grab()


# what was before

def variants(*keys: int) -> list[VariantEntry]:
    return [VariantEntry(key, f"13:{key:02d}", f"Suggestion {key}", key) for key in keys]


@pytest.fixture
def history(qtbot) -> VariantList:
    return shown(qtbot, VariantList())


def test_a_variant_is_looked_at_and_brought_back(history: VariantList):
    compared, restored, kept = heard(history.compared), heard(history.restore_asked), heard(history.keep_asked)
    assert not history.restore.isEnabled()
    history.show_variants(variants(3, 2, 1))
    assert history.rows.index(2).data(Qt.ItemDataRole.AccessibleTextRole) == "Suggestion 1 · 13:01 · 1 bar"
    click(history.view, 1)
    QTest.keyClick(history.view, Qt.Key.Key_Down)
    assert compared == [2, 1]
    history.restore.click()
    QTest.keyClick(history.view, Qt.Key.Key_Return)
    click(history.view, 0)  # a double click begins with one
    place = history.view.visualRect(history.rows.index(0)).center()
    QTest.mouseDClick(history.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert restored == [1, 1, 3]
    history.keep.click()
    assert kept == [()]


def test_the_variant_looked_at_stays_so_until_it_is_gone(history: VariantList):
    compared = heard(history.compared)
    history.show_variants(variants(2, 1))
    click(history.view, 1)
    history.show_variants(variants(3, 2, 1))
    assert history.view.row == 2
    assert compared == [1]
    history.show_variants(variants(5))
    assert history.view.row == -1
    assert compared == [1, None]
    assert not history.restore.isEnabled()
