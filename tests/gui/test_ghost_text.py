"""What is suggested in the text of the ABC editor and is no part of it."""
# ruff: noqa: F811

import pytest
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from engine.folk.edits import Edit
from gui.theme import DARK
from gui.views.abc_editor import AbcEditor
from gui.views.ghost_text import rows
from tests.gui.abc_marking import TUNE, Key, Modifier, colours, editor  # noqa: F401  (fixtures)


@pytest.fixture
def asked(editor: AbcEditor) -> list[str]:
    made: list[str] = []
    editor.ghost_asked.connect(made.append)
    return made


def ghost(editor: AbcEditor, text: str, length: int = 0) -> None:
    at = editor.cursor()
    editor.show_ghost(text, start=at - length, stop=at, label="1 of 8")


def ghost_text(editor: AbcEditor) -> str | None:
    return editor._ghost.text if editor._ghost else None


def test_a_suggestion_is_shown_but_not_in_the_text(editor, asked):
    editor.select(len(TUNE), len(TUNE))
    before = editor.viewport().grab().toImage()
    ghost(editor, "|:G2 A BGD|\nGAB c2 A:|")
    assert editor.viewport().grab().toImage() != before
    assert editor.text() == TUNE
    for key, modifier in ((Key.Key_Tab, Modifier.NoModifier), (Key.Key_Right, Modifier.ControlModifier),
                          (Key.Key_BracketRight, Modifier.AltModifier), (Key.Key_BracketLeft, Modifier.AltModifier)):
        QTest.keyClick(editor, key, modifier)
    assert asked == ["all", "bar", "next", "previous"]
    assert ghost_text(editor) is not None
    QTest.keyClick(editor, Key.Key_Escape)
    assert asked[4:] == ["away"]
    assert ghost_text(editor) is None
    assert editor.text() == TUNE


def test_typing_what_is_suggested_shortens_it_and_anything_else_sends_it_away(editor, asked):
    editor.select(len(TUNE), len(TUNE))
    heard: list[str] = []
    editor.edited.connect(lambda edit: heard.append(edit.text))
    editor.ghost_asked.connect(heard.append)
    ghost(editor, "G2 A")
    QTest.keyClicks(editor, "G2")
    assert (ghost_text(editor), asked) == (" A", [])
    QTest.keyClicks(editor, "B")
    assert (ghost_text(editor), asked) == (None, ["away"])
    assert heard == ["G", "2", "away", "B"], "the page knows that it is gone before it asks for another"
    ghost(editor, "G")
    QTest.keyClicks(editor, "G")
    assert (ghost_text(editor), asked) == (None, ["away"] * 2)
    ghost(editor, "G")
    QTest.keyClick(editor, Key.Key_Left)
    assert (ghost_text(editor), asked) == (None, ["away"] * 3)
    editor.select(4, 4)
    ghost(editor, "G")
    editor.apply([Edit(0, 0, "%\n")])
    assert (ghost_text(editor), asked) == (None, ["away"] * 3), "who changed the text knows"


def test_a_replacement_is_struck_through_and_typed_over_like_any_ghost(editor, asked):
    start = TUNE.index("GAB")
    editor.select(start, start + 3)
    before = colours(editor, start, start + 3)
    ghost(editor, "dBG", length=3)
    assert DARK.muted in colours(editor, start, start + 3) - before
    QTest.keyClicks(editor, "d")
    assert (ghost_text(editor), asked) == ("BG", [])
    assert editor.text() == TUNE.replace("GAB #", "d #")


def test_without_a_ghost_its_keys_do_what_they_always_do(qtbot):
    holder, editor, other, asked = QWidget(), AbcEditor(), QLineEdit(), []
    editor.ghost_asked.connect(asked.append)
    editor.load(TUNE)
    qtbot.addWidget(holder)
    column = QVBoxLayout(holder)
    column.addWidget(editor)
    column.addWidget(other)
    with qtbot.waitActive(holder):
        holder.show()
    editor.setFocus()
    editor.select(8, 8)
    QTest.keyClick(editor, Key.Key_Right, Modifier.ControlModifier)
    assert editor.cursor() > 8
    QTest.keyClick(editor, Key.Key_Tab)
    assert other.hasFocus()
    assert asked == []
    assert editor.text() == TUNE


def test_the_open_list_has_tab_and_the_ghost_keeps_the_list_closed(editor, asked):
    editor.load("X:1\n", 4)
    QTest.keyClicks(editor, "M:6")
    ghost(editor, "/8")
    QTest.keyClick(editor, Key.Key_Tab)
    assert editor.text() == "X:1\nM:6/8"
    assert asked == ["away"]
    editor.load("X:1\n", 4)
    ghost(editor, "M:6/8")
    QTest.keyClicks(editor, "M")
    assert not editor._list.isVisible()
    QTest.keyClick(editor, Key.Key_Tab)
    assert asked == ["away", "all"]


def test_a_ghost_breaks_at_spaces_and_keeps_every_letter():
    assert rows("GAB c2 A", 4, 6) == ["", "GAB ", "c2 A"]
    assert rows("GAB c2 A\nd", 10, 6) == ["GAB c2 A", "d"]
    assert rows("GABcdefgab", 4, 4) == ["", "GABc", "defg", "ab"]
    assert "".join(rows("a b " * 50, 9, 17)) == "a b " * 50
    assert rows("", 0, 0) == [""]


def test_a_ghost_within_a_line_moves_the_rest_aside(editor):
    at = TUNE.index("d e f")
    editor.select(at, at)
    line = editor.lines()[2]
    right = line.x(line.stop)
    ghost(editor, "GABc")
    image = editor.viewport().grab().toImage()
    row = [QColor(image.pixel(x, int(line.baseline) - 3)).name() for x in range(int(right) + 3, int(right) + 24)]
    assert len(set(row)) > 1, "the letters that stood there are drawn behind the ghost"
