"""What the ABC editor offers while one types, and how a header is led from field to field."""
# ruff: noqa: F811

import pytest
from PySide6.QtTest import QTest

from gui.views.abc_editor import AbcEditor
from tests.gui.abc_editing import HEADER, Key, Modifier, editor, press  # noqa: F401  (fixtures)


def line_of(editor: AbcEditor) -> str:
    return editor.text()[:editor.cursor()].rpartition("\n")[2]


def offered(editor: AbcEditor) -> list[str]:
    found = editor._list
    return [found.item(row).text() for row in range(found.count())] if found.isVisible() else []


def test_a_header_is_led_from_field_to_field(editor):
    QTest.keyClicks(editor, "X:1")
    press(editor, Key.Key_Return)
    assert line_of(editor) == "T:"
    QTest.keyClicks(editor, "Jig")
    press(editor, Key.Key_Return)
    assert line_of(editor) == "M:"
    QTest.keyClicks(editor, "6/8")
    press(editor, Key.Key_Return)
    assert line_of(editor) == "L:"
    press(editor, Key.Key_Down, Key.Key_Return)
    assert line_of(editor) == "L:1/8"
    press(editor, Key.Key_Return)
    assert line_of(editor) == "K:"
    QTest.keyClicks(editor, "Ador")
    press(editor, Key.Key_Return)
    QTest.keyClicks(editor, "eAA")
    assert editor.text() == "X:1\nT:Jig\nM:6/8\nL:1/8\nK:Ador\neAA"


@pytest.mark.parametrize("key", [Key.Key_Backspace, Key.Key_Return])
def test_an_offered_field_goes_as_it_came(editor, key):
    QTest.keyClicks(editor, "X:1")
    press(editor, Key.Key_Return, key)
    assert editor.text() == "X:1\n"
    press(editor, Key.Key_Return)
    assert editor.text() == "X:1\n\n"


def test_a_field_that_one_typed_oneself_stays_though_empty(editor):
    editor.load("X:1\nT:a\nM:C\nL:1/8\n", 18)
    QTest.keyClicks(editor, "K:")
    press(editor, Key.Key_Return)
    assert editor.text().endswith("K:\n")


def test_no_field_is_offered_twice_nor_within_music(editor):
    editor.load(HEADER + "GAB\n", 3)
    press(editor, Key.Key_Return)
    assert editor.text() == HEADER.replace("X:1\n", "X:1\n\n") + "GAB\n"
    editor.load(HEADER + "GAB", len(HEADER) + 3)
    press(editor, Key.Key_Return)
    assert line_of(editor) == ""


def test_words_keep_their_letter_on_the_next_line(editor):
    editor.load(HEADER + "GAB\nw:  la la", len(HEADER) + 13)
    press(editor, Key.Key_Return)
    assert line_of(editor) == "w:  "
    QTest.keyClicks(editor, "li")
    press(editor, Key.Key_Return, Key.Key_Backspace)
    assert editor.text().endswith("w:  la la\nw:  li\n")


def test_the_list_opens_while_typing_and_enter_accepts(editor):
    editor.load("X:1\n", 4)
    QTest.keyClicks(editor, "m")
    assert offered(editor) == ["M:"]
    press(editor, Key.Key_Return)
    assert line_of(editor) == "M:"
    assert offered(editor)[:2] == ["4/4", "6/8"]
    QTest.keyClicks(editor, "6")
    assert offered(editor) == ["6/8"]
    press(editor, Key.Key_Tab)
    assert line_of(editor) == "M:6/8"
    assert offered(editor) == []


def test_enter_breaks_the_line_where_nothing_is_marked_or_all_is_there(editor):
    editor.load("X:1\n", 4)
    QTest.keyClicks(editor, "K:D")
    assert offered(editor)[:3] == ["D", "Db", "Dm"]
    press(editor, Key.Key_Return)
    assert editor.text() == "X:1\nK:D\n"
    editor.load("X:1\nK:C\n", 8)
    QTest.keyClicks(editor, "!")
    assert "!trill!" in offered(editor)
    press(editor, Key.Key_Return)
    assert editor.text() == "X:1\nK:C\n!\n"


def test_escape_closes_and_ctrl_space_opens(editor):
    editor.load(HEADER, len(HEADER))
    QTest.keyClicks(editor, "A")
    assert offered(editor) == [], "a note, no field"
    press(editor, Key.Key_Backspace)
    QTest.keyClick(editor, Key.Key_Space, Modifier.ControlModifier)
    assert "w:" in offered(editor)
    press(editor, Key.Key_Escape)
    assert offered(editor) == []
    QTest.keyClicks(editor, "!tri")
    press(editor, Key.Key_Return)
    assert line_of(editor) == "!trill!"
