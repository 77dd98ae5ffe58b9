"""The ABC editor: what is typed is told as edits, and counted in characters."""
# ruff: noqa: F811

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QContextMenuEvent, QGuiApplication, QInputMethodEvent, QKeySequence, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMainWindow, QMenu

from engine.folk.edits import Edit
from gui.theme import DARK, LIGHT, contrast
from gui.views.abc_editor import AbcEditor
from gui.views.abc_highlighter import AbcHighlighter, inks
from gui.views.lined_editor import shade
from tests.gui.abc_editing import HEADER, Key, Modifier, editor, press  # noqa: F401  (fixtures)

LONG = HEADER + "|:GABc dedB|dedB dedB|c2ec B2dB|c2A2 A2BA:|\n" * 1250   # 5,000 bars


@pytest.fixture
def told(editor: AbcEditor) -> list[Edit]:
    made: list[Edit] = []
    editor.edited.connect(made.append)
    return made


def paste(editor: AbcEditor, text: str) -> None:
    data = QMimeData()
    data.setText(text)
    editor.insertFromMimeData(data)


def test_what_is_typed_pasted_and_cut_is_told_as_edits_of_the_text_before(editor, told):
    editor.load("K:C\nGAB", 4)
    QTest.keyClicks(editor, "c")
    assert told == [Edit(4, 4, "c")]
    editor.select(4, 6)
    paste(editor, "e\r\nf")
    assert told[1:] == [Edit(4, 6, "e\nf")]
    assert editor.text() == "K:C\ne\nfAB"
    editor.select(4, 8)
    editor.cut()
    assert told[2:] == [Edit(4, 8, "")]
    assert QGuiApplication.clipboard().text() == "e\nfA"
    editor.paste()
    assert told[3:] == [Edit(4, 4, "e\nfA")]


def test_of_equal_letters_the_edit_is_where_the_cursor_was(editor, told):
    editor.load("GGGG", 2)
    QTest.keyClicks(editor, "G")
    press(editor, Key.Key_Delete)
    assert told == [Edit(2, 2, "G"), Edit(3, 4, "")]


def test_calls_are_silent_and_what_they_do_can_be_read(editor, told, qtbot):
    heard: list[object] = []
    editor.cursor_moved.connect(heard.append)
    editor.selection_changed.connect(lambda *span: heard.append(span))
    editor.load("abc def", 3)
    editor.apply([Edit(0, 1, "AA"), Edit(4, 4, "_")])
    assert (editor.text(), editor.cursor()) == ("AAbc _def", 4)
    editor.apply([Edit(0, 2, "")], cursor=1)
    assert (editor.text(), editor.cursor()) == ("bc _def", 1)
    editor.select(1, 3)
    assert editor.selection() == (1, 3)
    assert (told, heard) == ([], [])
    press(editor, Key.Key_Right)
    assert heard == [(3, 3)] or heard == [4, (4, 4)]
    press(editor, Key.Key_Home)
    assert heard[-1] == 0


def test_a_call_keeps_the_lines_in_sight_and_the_selection_on_its_notes(editor):
    editor.load(LONG, 0)
    start = LONG.index("c2ec", 30000)
    editor.select(start, start + 4)
    editor.verticalScrollBar().setValue(300)
    seen = editor.firstVisibleBlock().text()
    editor.apply([Edit(4, 4, "C:Trad.\nO:Ireland\n"), Edit(len(LONG), len(LONG), "GAB\n")])
    assert editor.verticalScrollBar().value() == 302
    assert editor.firstVisibleBlock().text() == seen
    assert editor.text()[slice(*editor.selection())] == "c2ec"
    editor.select(0, 2, scroll=False)
    assert editor.verticalScrollBar().value() == 302
    editor.select(0, 2)
    assert editor.verticalScrollBar().value() == 0


def test_offsets_are_characters_where_qt_counts_units(editor, told):
    editor.load("T:\U0001f3bb\U0001f3bb reel\nGAB", 3)
    assert editor.cursor() == 3
    QTest.keyClicks(editor, "x")
    assert told == [Edit(3, 3, "x")]
    editor.apply([Edit(5, 6, "\U0001f3bb-")])
    assert editor.text() == "T:\U0001f3bbx\U0001f3bb\U0001f3bb-reel\nGAB"
    editor.select(3, 5)
    assert editor.selection() == (3, 5)
    press(editor, Key.Key_Delete)
    assert editor.text() == "T:\U0001f3bb\U0001f3bb-reel\nGAB"


def test_lines_end_in_one_way_and_everything_else_is_kept(editor):
    odd = "a\r\nb\rc\u2028d\u2029e\tf\u00a0g\x00h\u200fi"
    editor.load(odd)
    assert editor.text() == "a\nb\nc\nd\ne\tf\u00a0g\x00h\u200fi"
    assert editor.document().blockCount() == 5


LETTERS = st.text(st.one_of(
    st.sampled_from("GABc|:[]\"!%\n\r\t \x00\u2028\u2029\u00a0\u200f\u202eשא\ufffc\ufdd0\U0001f3bb\U0001d11e\ud83d"),
    st.characters()), max_size=12)
DEEDS = st.lists(st.one_of(
    st.tuples(st.just("type"), st.text("GABKMTLX:!/ 12dw\"%", max_size=4)), st.tuples(st.just("paste"), LETTERS),
    st.tuples(st.just("compose"), LETTERS), st.tuples(st.just("load"), LETTERS),
    st.tuples(st.just("apply"), st.tuples(st.integers(0, 30), st.integers(0, 30), LETTERS)),
    st.tuples(st.just("select"), st.tuples(st.integers(0, 30), st.integers(0, 30))),
    st.tuples(st.just("press"), st.sampled_from([
        Key.Key_Return, Key.Key_Backspace, Key.Key_Delete, Key.Key_Left, Key.Key_Up, Key.Key_Down, Key.Key_Escape,
        Key.Key_Tab, Key.Key_End]))), max_size=14)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=DEEDS)
def test_whatever_is_done_the_edits_make_the_text(editor, told, deeds):
    editor.load("")
    told.clear()
    model = ""
    for deed, what in deeds:
        if deed == "type":
            QTest.keyClicks(editor, what)
        elif deed == "paste":
            paste(editor, what)
        elif deed == "compose":
            made = QInputMethodEvent()
            made.setCommitString(what.encode("utf-16", "replace").decode("utf-16"))
            QApplication.sendEvent(editor, made)
        elif deed == "press":
            editor.setFocus()
            press(editor, what)
        elif deed == "select":
            editor.select(*what)
        elif deed == "load":
            editor.load(what)
            model = editor.text()
        elif deed == "apply":
            start, stop = sorted(min(place, len(model)) for place in what[:2])
            editor.apply([Edit(start, stop, what[2])])
            model = model[:start] + editor.text()[start:len(editor.text()) - len(model) + stop] + model[stop:]
        editor.show_ghost("GAB\nc", start=editor.cursor(), stop=editor.cursor(), label="1")
        for edit in told:
            model = edit.apply(model)
        told.clear()
        assert editor.text() == model
        assert 0 <= editor.cursor() <= len(model)
        assert len(model.encode("utf-16-le")) // 2 == editor.document().characterCount() - 1
    editor.grab()


def test_undo_is_the_applications(qtbot):
    window, editor = QMainWindow(), AbcEditor()
    qtbot.addWidget(window)
    window.setCentralWidget(editor)
    undone: list[str] = []
    for keys in ("Ctrl+Z", "Ctrl+Shift+Z", "Ctrl+Y"):
        action = QAction(keys, window)
        action.setShortcut(QKeySequence(keys))
        action.triggered.connect(lambda _=False, keys=keys: undone.append(keys))
        window.addAction(action)
    with qtbot.waitActive(window):
        window.show()
    editor.setFocus()
    QTest.keyClicks(editor, "GAB")
    for key, shift in ((Key.Key_Z, Modifier.NoModifier), (Key.Key_Z, Modifier.ShiftModifier),
                       (Key.Key_Y, Modifier.NoModifier)):
        QTest.keyClick(window.windowHandle(), key, Modifier.ControlModifier | shift)
    assert undone == ["Ctrl+Z", "Ctrl+Shift+Z", "Ctrl+Y"]
    assert editor.text() == "GAB"


def test_the_menu_asks_for_undo(editor, qtbot):
    at = QPoint(5, 5)
    QApplication.sendEvent(editor.viewport(), QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at,
                                                                editor.mapToGlobal(at)))
    menu = editor.findChild(QMenu)
    by_name = {action.objectName(): action for action in menu.actions()}
    with qtbot.waitSignals([editor.undo_asked, editor.redo_asked]):
        by_name["edit-undo"].trigger()
        by_name["edit-redo"].trigger()
    menu.close()


def test_files_are_not_taken_for_text(editor):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/tune.abc")])
    assert not editor.canInsertFromMimeData(data)


def test_tab_moves_on_and_letters_grow(editor, qtbot):
    editor.load("GAB", 0)
    press(editor, Key.Key_Tab)
    assert editor.text() == "GAB"
    size = editor.font().pointSizeF()
    QTest.keyClick(editor, Key.Key_Plus, Modifier.ControlModifier)
    assert editor.font().pointSizeF() == size + 1
    wheel = QWheelEvent(QPointF(9, 9), QPointF(9, 9), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton,
                        Modifier.ControlModifier, Qt.ScrollPhase.NoScrollPhase, False)
    for _ in range(3):
        QApplication.sendEvent(editor.viewport(), wheel)
    assert editor.font().pointSizeF() == size - 2
    QTest.keyClick(editor, Key.Key_0, Modifier.ControlModifier)
    assert editor.font().pointSizeF() == size
    assert editor.accessibleName() == "ABC text"
    assert editor.placeholderText()


def formats(editor: AbcEditor, line: int) -> dict[str, tuple[str, int]]:
    block = editor.document().findBlockByNumber(line)
    return {block.text()[f.start:f.start + f.length]: (f.format.foreground().color().name(), f.format.fontWeight())
            for f in block.layout().formats()}


def test_every_kind_of_thing_has_its_ink(editor):
    editor.load('K:G\n|:"Em"^G,2 (3ABc !trill!d>e {fg}a-|1 % end\nw: la', 0)
    made = inks(DARK)
    expected = {"|:": "bar", '"Em"': "words", "^": "sign", ",": "octave", "2": "length", "(3": "tuplet",
                "!trill!": "decoration", ">": "broken", "{fg}": "grace", "-": "tie", "|1": "bar", "% end": "comment"}
    assert formats(editor, 1) == {
        part: (made[kind].foreground().color().name(), made[kind].fontWeight()) for part, kind in expected.items()}
    assert formats(editor, 0)["K:"][0] == DARK.negative
    assert formats(editor, 2)["w: "][0] == DARK.negative


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_inks_can_be_read_on_the_surface_and_on_the_line_of_the_cursor(theme):
    for kind, ink in [*inks(theme).items(), ("suggested", None)]:
        name = ink.foreground().color().name() if ink else theme.accent
        assert contrast(name, theme.surface) >= 4.5, kind
        assert contrast(name, shade(theme).name()) >= 4.5, kind


def test_a_key_in_a_long_tune_writes_one_line_anew_and_draws_little(editor, monkeypatch, qtbot):
    lines: list[str] = []
    drawn: list[int] = []
    write, paint = AbcHighlighter.highlightBlock, AbcEditor.paint_under
    monkeypatch.setattr(AbcHighlighter, "highlightBlock", lambda self, text: (lines.append(text), write(self, text)))
    monkeypatch.setattr(AbcEditor, "paint_under", lambda self, painter, seen: (
        drawn.append(len(seen)), paint(self, painter, seen)))
    fresh = AbcEditor()
    qtbot.addWidget(fresh)
    fresh.resize(600, 400)
    fresh.show()
    fresh.load(LONG, 30000)
    QApplication.processEvents()
    lines.clear()
    drawn.clear()
    for letter in "ABc":
        QTest.keyClicks(fresh, letter)
        QApplication.processEvents()
    assert len(lines) == 3
    assert drawn
    assert max(drawn) <= 7
    press(fresh, Key.Key_Return)
    QApplication.processEvents()
    assert len(lines) <= 5
    assert max(drawn) < 40
