"""A plain text to be edited, whose undo is kept elsewhere: it says what the user changed, as values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from PySide6.QtCore import QEvent, QMimeData, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFont,
    QFontDatabase,
    QKeyEvent,
    QKeySequence,
    QTextCursor,
    QTextDocument,
    QWheelEvent,
)
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from engine.folk.edits import Edit, applied, difference
from gui.theme import grown
from gui.views.plain_text import Units, plain, text_of
from gui.views.text_lines import AiryLayout
from gui.views.text_spans import shifted

SMALLEST, LARGEST = 6.0, 40.0   # points
KEEP = QTextCursor.MoveMode.KeepAnchor
UNDO_KEYS = {"Ctrl+Z", "Ctrl+Shift+Z", "Ctrl+Y", "Alt+Backspace", "Alt+Shift+Backspace"}
ZOOM = {"Ctrl++": 1, "Ctrl+=": 1, "Ctrl+Shift++": 1, "Ctrl+-": -1, "Ctrl+0": 0}


def name_of(ev: QKeyEvent) -> str:
    """The keys of an event as settings and menus write them; those of the keypad like the others."""
    return QKeySequence(ev.keyCombination()).toString().replace("Num+", "")


class PlainEditor(QPlainTextEdit):
    """Text, cursor and selection in characters. Calls change it silently; what the user does is told by signals."""

    edited = Signal(object)                 # Edit, in the text before it
    cursor_moved = Signal(int)
    selection_changed = Signal(int, int)
    undo_asked = Signal()
    redo_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        document = QTextDocument(self)
        self._layout = AiryLayout(document)     # the document would not keep it alive
        document.setDocumentLayout(self._layout)
        document.setDocumentMargin(8)
        self.setDocument(document)
        self.setUndoRedoEnabled(False)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setTabChangesFocus(True)
        self.setCursorWidth(2)
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.setFont(grown(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)))
        self._size = self.font().pointSizeF()
        self._text, self._units = "", Units("")
        self._place = (0, 0)                    # anchor and position of the cursor, as last told
        self._quiet = False
        self._own: Sequence[Edit] | None = None
        self._made: list[Edit] = []
        document.contentsChange.connect(self._follow)
        self.textChanged.connect(self._tell)
        self.cursorPositionChanged.connect(self._tell_place)
        self.selectionChanged.connect(self._tell_place)

    def text(self) -> str:
        r"""All of it, with `\n` at line ends."""
        return self._text

    def load(self, text: str, cursor: int = 0) -> None:
        """Show another text."""
        with self._quietly([]):
            self.setPlainText(plain(text))
            self._put_cursor(cursor, cursor)

    def cursor(self) -> int:  # type: ignore[override]  # of the text; that of the mouse is not asked for
        """Offset of the cursor."""
        return self._units.from_qt(self.textCursor().position())

    def selection(self) -> tuple[int, int]:
        """Offsets of what is selected; twice the cursor's where nothing is."""
        cursor = self.textCursor()
        return self._units.from_qt(cursor.selectionStart()), self._units.from_qt(cursor.selectionEnd())

    def offset_of(self, position: int) -> int:
        """Offset in characters of a position in the document."""
        return self._units.from_qt(position)

    def select(self, start: int, stop: int, *, scroll: bool = True) -> None:
        """Select a part, bringing it into sight unless told not to."""
        with self._quietly():
            bars = self.verticalScrollBar(), self.horizontalScrollBar()
            values = [bar.value() for bar in bars]
            self._put_cursor(start, stop)
            if scroll:
                self.ensureCursorVisible()
            else:
                for bar, value in zip(bars, values, strict=True):
                    bar.setValue(value)

    def apply(self, edits: Sequence[Edit], cursor: int | None = None) -> None:
        """Change the text in one go, with the same lines in sight.

        Parameters
        ----------
        edits : sequence of Edit
            Offsets in the text before all of them; none overlap.
        cursor : int, optional
            Where it is afterwards, as offset in the new text; unless given, it and the selection stay at what they
            stood at.
        """
        ordered = sorted((Edit(e.start, e.stop, plain(e.text)) for e in edits), key=lambda e: (e.start, e.stop))
        change = difference(self._text, applied(self._text, ordered))
        ends = [shifted(place, ordered) for place in self._places()] if cursor is None else [cursor, cursor]
        first = shifted(self._units.from_qt(self.firstVisibleBlock().position()), ordered)
        sideways = self.horizontalScrollBar().value()
        with self._quietly(ordered):
            if change is not None:
                self._cursor_at(change.start, change.stop).insertText(change.text)
            self._put_cursor(*ends)
            self.verticalScrollBar().setValue(self._text.count("\n", 0, first))
            self.horizontalScrollBar().setValue(sideways)

    def type(self, edit: Edit) -> None:
        """Change the text as if the user had typed it."""
        cursor = self._cursor_at(edit.start, edit.stop)
        cursor.insertText(plain(edit.text))
        self.setTextCursor(cursor)
        self.ensureCursorVisible()

    def moved(self, edits: Sequence[Edit]) -> None:
        """What stands in the text follows edits; called before anybody hears of them. None: another text."""

    def zoom(self, steps: int) -> None:
        """Larger letters (smaller where negative), by points; 0 is the size they had at first."""
        font = QFont(self.font())
        font.setPointSizeF(min(max(font.pointSizeF() + steps, SMALLEST), LARGEST) if steps else self._size)
        self.setFont(font)

    def event(self, ev: QEvent) -> bool:
        """Undo and redo are the application's; zooming is the text's."""
        if ev.type() == QEvent.Type.ShortcutOverride and isinstance(ev, QKeyEvent):
            keys = name_of(ev)
            if keys in UNDO_KEYS:
                ev.ignore()
                return False
            if keys in ZOOM:
                ev.accept()
                return True
        return super().event(ev)

    def keyPressEvent(self, ev: QKeyEvent) -> None:
        """Keys that Qt's editor would take otherwise."""
        keys = name_of(ev)
        if keys in UNDO_KEYS or ev.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            ev.ignore()
        elif (steps := ZOOM.get(keys)) is not None:
            self.zoom(steps)
        else:
            super().keyPressEvent(ev)

    def wheelEvent(self, ev: QWheelEvent) -> None:
        """With Ctrl the letters grow and shrink."""
        if ev.modifiers() & Qt.KeyboardModifier.ControlModifier:
            if ev.angleDelta().y():
                self.zoom(1 if ev.angleDelta().y() > 0 else -1)
            ev.accept()
        else:
            super().wheelEvent(ev)

    def contextMenuEvent(self, ev: QContextMenuEvent) -> None:
        """Qt's menu; undo and redo are asked for."""
        menu = self.createStandardContextMenu(ev.pos())
        for name, signal in (("edit-undo", self.undo_asked), ("edit-redo", self.redo_asked)):
            for action in menu.actions():
                if action.objectName() == name:
                    action.setEnabled(True)
                    action.triggered.connect(signal)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(ev.globalPos())

    def createMimeDataFromSelection(self) -> QMimeData:
        """What is copied: the text and nothing else."""
        made = QMimeData()
        made.setText(self._text[slice(*self.selection())])
        return made

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Text, but no files: those are opened by who holds this."""
        return source.hasText() and not source.hasUrls()

    def insertFromMimeData(self, source: QMimeData) -> None:
        """What is pasted or dropped, with line ends of one kind."""
        cursor = self.textCursor()
        cursor.insertText(plain(source.text()))
        self.setTextCursor(cursor)
        self.ensureCursorVisible()

    @contextmanager
    def _quietly(self, edits: Sequence[Edit] | None = None) -> Iterator[None]:
        """Nothing is told of what is done meanwhile; a change of the text is known to be these edits."""
        self._quiet, self._own = True, edits
        try:
            yield
        finally:
            self._quiet, self._own = False, None
            self._place = self._places()

    def _cursor_at(self, anchor: int, position: int) -> QTextCursor:
        cursor = QTextCursor(self.document())
        for offset, mode in ((anchor, QTextCursor.MoveMode.MoveAnchor), (position, KEEP)):
            cursor.setPosition(self._units.to_qt(min(max(offset, 0), len(self._text))), mode)
        return cursor

    def _put_cursor(self, anchor: int, position: int) -> None:
        self.setTextCursor(self._cursor_at(anchor, position))

    def _places(self) -> tuple[int, int]:
        cursor = self.textCursor()
        return self._units.from_qt(cursor.anchor()), self._units.from_qt(cursor.position())

    def _follow(self) -> None:
        """The document has changed; before the highlighter sees it, and before anybody is told."""
        before, after = self._text, text_of(self.document())
        if before == after:
            return
        self._text, self._units = after, Units(after)
        if self._own is not None:
            self.moved(self._own)
            return
        edit = difference(before, after, around=self.cursor())
        assert edit is not None  # they differ
        self._made.append(edit)
        self.moved([edit])

    def _tell(self) -> None:
        made, self._made = self._made, []
        for edit in made:
            self.edited.emit(edit)

    def _tell_place(self) -> None:
        before, self._place = self._place, self._places()
        if self._quiet or before == self._place:
            return
        if before[1] != self._place[1]:
            self.cursor_moved.emit(self._place[1])
        if len({*before}) > 1 or len({*self._place}) > 1:
            self.selection_changed.emit(*self.selection())
