"""What is shown in the text of the ABC editor and is no part of it: problems, tints, origins, the ghost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QColor, QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QToolTip, QVBoxLayout, QWidget

from engine.folk.abc_text import parse
from engine.folk.edits import Edit, applied
from engine.folk.tune import Problem
from gui.theme import DARK, LIGHT, contrast
from gui.views.abc_editor import AbcEditor
from gui.views.abc_highlighter import AbcHighlighter, mixed
from gui.views.abc_marks import TINT
from gui.views.ghost_text import rows
from gui.views.text_spans import Spans, shifted

Key, Modifier = Qt.Key, Qt.KeyboardModifier
TUNE = "X:1\nK:C\nGAB #c|d e f\nGAB $?c ]|\n"


@pytest.fixture
def editor(qtbot) -> AbcEditor:
    made = AbcEditor()
    qtbot.addWidget(made)
    made.set_theme(DARK)
    made.resize(600, 400)
    made.load(TUNE)
    made.show()
    made.setFocus()
    return made


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


EDITS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 4), st.text("xyz", max_size=3)), max_size=4)


@settings(max_examples=300, deadline=None)
@given(cuts=EDITS, spans=st.lists(st.tuples(st.integers(0, 25), st.integers(1, 5)), max_size=5),
       touched=st.sampled_from(["keep", "cut", "drop"]))
def test_marks_stay_on_the_letters_they_were_on(cuts, spans, touched):
    before = "".join(chr(ord("A") + i) for i in range(30))  # every letter once
    edits, at = [], 0
    for start, length, text in sorted(cuts):
        if start >= at and start + length <= 30 and (length or text) and (not edits or start > edits[-1].stop):
            edits.append(Edit(start, start + length, text))
            at = start + length
    after = applied(before, edits)
    marks = Spans(((start, start + length, before[start:start + length]) for start, length in spans), touched=touched)
    marks.move(edits)
    for start, stop, value in marks.rows():
        letters = after[start:stop]
        assert letters
        if touched == "keep":
            assert letters[0] in value
            assert letters[-1] in value
        else:
            assert letters in value
    for start, length in spans:
        if not any(edit.start < start + length and edit.stop > start for edit in edits):
            assert (shifted(start, edits) if not any(e.start == start for e in edits) else after.index(
                before[start])) in marks.starts.tolist()


def test_problems_are_underlined_marked_and_said(editor, qtbot):
    problems = parse(TUNE).problems
    assert len(problems) >= 2
    editor.show_problems(problems)
    assert editor.problem_at(problems[0].start) == problems[0]
    assert editor.problem_at(0) is None
    said: list[str] = []
    editor.said.connect(said.append)
    press = [(Key.Key_F8, Modifier.NoModifier)] * 2 + [(Key.Key_F8, Modifier.ShiftModifier)] * 2
    places = []
    for key, modifier in press:
        QTest.keyClick(editor, key, modifier)
        places.append(editor.cursor())
    assert places == [problems[0].start, problems[1].start, problems[0].start, problems[-1].start]
    assert said[0] == f"Problem 1 of {len(problems)}, {problems[0]}"
    editor.show_problems([])
    QTest.keyClick(editor, Key.Key_F8)
    assert said[-1] == "No problems"


def test_problems_move_with_the_text_until_new_ones_come(editor):
    problem = Problem("odd", 3, 5, 12, 13)
    editor.show_problems([problem])
    editor.select(4, 4)
    QTest.keyClick(editor, Key.Key_Return)
    QTest.keyClicks(editor, "T")
    assert editor.text()[14] == "#"
    assert editor.problem_at(12) is None
    assert editor.problem_at(14) == Problem("odd", 4, 5, 14, 15)
    editor.apply([Edit(0, 4, "")])
    assert editor.problem_at(10) == Problem("odd", 3, 5, 10, 11)
    editor.load(TUNE)
    assert editor.problem_at(12) is None


def test_a_note_that_is_edited_is_no_longer_known(editor):
    start = TUNE.index("GAB")
    editor.show_tints([(start, start + 1, 0.2), (start + 1, start + 2, 0.9, "3.1 bits")])
    editor.show_origins([(start, start + 3, "folk, seed 4")])
    editor.select(start, start)
    QTest.keyClicks(editor, "z")
    assert [row[:2] for row in editor._marks.tints.rows()] == [(start + 1, start + 2), (start + 2, start + 3)]
    editor.select(start + 2, start + 3)
    QTest.keyClicks(editor, "^a")
    assert editor.text()[start:start + 5] == "zG^aB"
    assert [row[:2] for row in editor._marks.tints.rows()] == [(start + 1, start + 2)]
    assert [row[:2] for row in editor._marks.origins.rows()] == [(start + 1, start + 2), (start + 4, start + 5)]


def test_the_mouse_is_told_what_is_known(editor):
    start = TUNE.index("GAB")
    editor.show_problems([Problem("odd", 3, 1, start, start + 1)])
    editor.show_tints([(start, start + 1, 0.9, "3.1 bits")])
    editor.show_origins([(start, start + 2, "folk, seed 4")])
    box = editor.lines()[2].box(start, start + 1, 1)
    for x, words in ((box.center().x(), "odd\n3.1 bits\nfolk, seed 4"), (box.right() + 3, "folk, seed 4")):
        at = QPoint(int(x), int(box.center().y()))
        QApplication.sendEvent(editor.viewport(), QHelpEvent(QEvent.Type.ToolTip, at, editor.mapToGlobal(at)))
        assert QToolTip.text() == words
    QApplication.sendEvent(editor._margin, QHelpEvent(QEvent.Type.ToolTip, QPoint(3, at.y()), editor.mapToGlobal(at)))
    assert QToolTip.text() == "odd"
    QTest.mouseClick(editor._margin, Qt.MouseButton.LeftButton, pos=QPoint(20, at.y()))
    assert editor.cursor() == start


def colours(editor: AbcEditor, start: int, stop: int) -> set[str]:
    """Colours in the box of a part of the text."""
    image = editor.viewport().grab().toImage()
    box = next(box for line in editor.lines() if (box := line.box(start, stop, 1)) is not None).toRect()
    return {QColor(image.pixel(x, y)).name() for x in range(box.left(), box.right()) for y in range(
        box.top(), box.bottom())}


def test_marks_are_seen(editor):
    start = TUNE.index("d e")
    assert {DARK.error, DARK.accent, DARK.warning}.isdisjoint(colours(editor, start, start + 1))
    editor.show_tints([(start, start + 1, 1.0)])
    assert DARK.warning in colours(editor, start, start + 1)
    editor.show_playing(start, start + 1)
    seen = colours(editor, start, start + 1)
    assert DARK.accent in seen
    assert max(contrast(DARK.accent, name) for name in seen) > 4.5, "the letter in its box"
    editor.show_playing(None)
    assert DARK.accent not in colours(editor, start, start + 1)
    editor.show_origins([(start, start + 1, "")])
    assert DARK.accent in colours(editor, start, start + 1)
    editor.show_origins([])
    assert DARK.accent not in colours(editor, start, start + 1)


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_tinted_notes_and_their_lengths_can_be_read(theme):
    paper = mixed(QColor(theme.surface), QColor(theme.warning), TINT).name()
    assert contrast(theme.text, paper) >= 4.5
    assert contrast(theme.muted, paper) >= 4.5


def test_playing_draws_its_lines_only_writes_nothing_anew_and_follows(editor, monkeypatch):
    text = TUNE + "GABc\n" * 300
    editor.load(text)
    QApplication.processEvents()
    drawn: list[int] = []
    written: list[str] = []
    monkeypatch.setattr(AbcHighlighter, "highlightBlock", lambda self, text: written.append(text))
    paint = type(editor).paint_under

    def counted(self, painter, lines):
        drawn.append(len(lines))
        paint(self, painter, lines)

    monkeypatch.setattr(type(editor), "paint_under", counted)
    start = len(TUNE) + 5
    editor.show_playing(start, start + 1)
    QApplication.processEvents()
    assert drawn
    assert max(drawn) <= 7
    assert not written
    last = text.rindex("G")
    editor.show_playing(last, last + 1)
    assert editor.verticalScrollBar().value() == 0
    editor.follow = True
    editor.show_playing(last - 5, last - 4)
    assert editor.verticalScrollBar().value() > 250
    editor.verticalScrollBar().setValue(0)
    QTest.keyClicks(editor, "A")
    editor.show_playing(last, last + 1)
    assert editor.verticalScrollBar().value() == 0, "not under the hands of who types"


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
