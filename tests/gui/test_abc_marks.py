"""What is shown in the text of the ABC editor and is no part of it: problems, tints, origins, what plays."""
# ruff: noqa: F811

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QColor, QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip

from engine.folk.abc_text import parse
from engine.folk.edits import Edit, applied
from engine.folk.tune import Problem
from gui.theme import DARK, LIGHT, contrast
from gui.views.abc_highlighter import AbcHighlighter, mixed
from gui.views.abc_marks import TINT
from gui.views.text_spans import Spans, shifted
from tests.gui.abc_marking import TUNE, Key, Modifier, colours, editor  # noqa: F401  (fixtures)

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
