"""The editor of ABC notation: inks, problems, completion, ghost text, and marks that move with the notes."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Sequence

from PySide6.QtCore import QEvent, QMimeData, QRect, QRectF, Signal
from PySide6.QtGui import QHelpEvent, QInputMethodEvent, QKeyEvent, QPainter
from PySide6.QtWidgets import QToolTip, QWidget

from engine.folk.edits import Edit
from engine.folk.tune import Problem
from gui.theme import DARK, Theme, colour
from gui.views import ghost_text
from gui.views.abc_highlighter import AbcHighlighter
from gui.views.abc_marks import Marks, Tint, moved_problem
from gui.views.abc_typing import AbcTyping
from gui.views.ghost_text import Ghost
from gui.views.lined_editor import shade
from gui.views.plain_editor import name_of
from gui.views.plain_text import plain
from gui.views.text_lines import Line

GHOST_KEYS = {"Tab": "all", "Ctrl+Right": "bar", "Alt+]": "next", "Alt+[": "previous", "Esc": "away"}
PROBLEM_KEYS = {"F8": 1, "Shift+F8": -1}
TYPING_SECONDS = 1.5    # so long after a key the text is not scrolled away under the hands
TUNES = re.compile(r"(?:[ \t]*(?:%.*)?\n)*X[ \t]?:[ \t]*\d")  # behind comments and empty lines
HINT = "A tune begins with X:1 and Enter.\nCtrl+Space shows what can be written where the cursor is."


class AbcEditor(AbcTyping):
    """Shows and edits ABC; it knows nothing of where text, problems and suggestions come from.

    `edited`, `cursor_moved` and `selection_changed` tell what the user did; calls change things silently.
    Set `follow` to keep the note that sounds in sight while nobody types.
    """

    ghost_asked = Signal(str)   # "all", "bar", "next", "previous" or "away"
    said = Signal(str)          # about the problem gone to
    tunes_pasted = Signal(str)  # whole tunes with their X:, which have their place in the book

    def __init__(self, parent: QWidget | None = None) -> None:
        self._marks = Marks()
        self._ghost: Ghost | None = None
        self._ghost_gone = False    # by what the user typed, of which nobody has been told yet
        self._typed_at = -TYPING_SECONDS
        self.follow = False
        super().__init__(parent)
        self.setAccessibleName("ABC text")
        self.setPlaceholderText(HINT)
        self._inks = AbcHighlighter(self.document(), DARK, offset=self.offset_of,
                                    origins=self._origins_between)
        self.edited.connect(self._after_edit)
        self.cursorPositionChanged.connect(self._after_move)
        self.selectionChanged.connect(self._after_move)
        self.set_theme(DARK)

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        if theme != self.theme:
            with self._layout.held():
                self._inks.set_theme(theme)
        super().set_theme(theme)

    def load(self, text: str, cursor: int = 0) -> None:
        """Show another text, without marks and ghost."""
        self._marks.clear()
        self.hide_ghost()
        super().load(text, cursor)

    def select(self, start: int, stop: int, *, scroll: bool = True) -> None:
        """Select a part, bringing it into sight unless told not to."""
        self.hide_ghost()
        super().select(start, stop, scroll=scroll)

    def apply(self, edits: Sequence[Edit], cursor: int | None = None) -> None:
        """Change the text in one go, with the same lines in sight; marks move along, the ghost goes."""
        self.hide_ghost()
        super().apply(edits, cursor)

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Underline these and mark their lines."""
        self._marks.set_problems(problems)
        self.repaint_all()

    def problem_at(self, offset: int) -> Problem | None:
        """The problem at a place, with the offsets, line and column it has now."""
        found = self._marks.problems.at(offset)
        return None if found is None else moved_problem(found[2], found[0], found[1], self._text)

    def go_to_problem(self, step: int) -> None:
        """Put the cursor on the next problem (the one before for -1), and say it; behind the last comes the first."""
        problems = self._marks.problems_now(self._text)
        if not problems:
            self.said.emit("No problems")
            return
        here = self.cursor()
        ahead = [i for i, problem in enumerate(problems) if (problem.start - here) * step > 0]
        number = (ahead[0] if step > 0 else ahead[-1]) if ahead else (0 if step > 0 else len(problems) - 1)
        self._put_cursor(problems[number].start, problems[number].start)
        self.ensureCursorVisible()
        self.said.emit(f"Problem {number + 1} of {len(problems)}, {problems[number]}")

    def show_tints(self, tints: Iterable[Tint]) -> None:
        """Tint (start, stop, strength 0 to 1); a fourth is a text for the mouse resting there."""
        self._marks.set_tints(tints)
        self.repaint_all()

    def show_origins(self, origins: Sequence[tuple[int, int, str]]) -> None:
        """Mark (start, stop, text) as suggested by a model; the text is for the mouse resting there."""
        lines: set[int] = set()
        for span in self._marks.set_origins(origins):
            first, last = (self.document().findBlock(self._units.to_qt(place)).blockNumber() for place in span)
            lines.update(range(first, last + 1))
        with self._layout.held():
            for number in lines:
                self._inks.rehighlightBlock(self.document().findBlockByNumber(number))
        self.repaint_all()

    def show_playing(self, start: int | None, stop: int = 0) -> None:
        """Box the note that sounds; None: silence. Cheap: only its line is drawn again."""
        before, self._marks.playing = self._marks.playing, None if start is None else (start, stop)
        if before == self._marks.playing:
            return
        if start is not None and self.follow and time.monotonic() - self._typed_at >= TYPING_SECONDS:
            self.bring_in_sight(start)
        for line in self.lines():
            if any(span is not None and span[0] <= line.stop and span[1] >= line.start
                   for span in (before, self._marks.playing)):
                self.viewport().update(QRect(0, int(line.top - line.height), self.viewport().width(),
                                             int(2 * line.height)))

    def show_ghost(self, text: str, *, start: int, stop: int, label: str = "") -> None:
        """Show what could be written in place of `start:stop` (behind the cursor where they are equal)."""
        self._ghost = Ghost(plain(text), start, stop, label, self._places()) if text else None
        self.viewport().update()

    def hide_ghost(self) -> None:
        """No ghost text; nothing is told."""
        if self._ghost is not None:
            self._ghost = None
            self.viewport().update()

    def may_offer(self) -> bool:
        """No list over a ghost."""
        return self._ghost is None

    def problem_of(self, line: Line) -> str:
        """For the margin."""
        return "\n".join(found.message for *_, found in self._marks.problems.between(line.start, line.stop))

    def paint_under(self, painter: QPainter, lines: list[Line]) -> None:
        """Tints."""
        self._marks.under(painter, lines, self.theme)

    def paint_over(self, painter: QPainter, lines: list[Line]) -> None:
        """Underlines, the note that sounds, the ghost."""
        self._marks.over(painter, lines, self.theme, self.font(), self._text)
        if self._ghost is not None:
            stop = self._ghost.stop
            shaded = "\n" not in self._text[min(stop, self.cursor()):max(stop, self.cursor())]
            ghost_text.draw(painter, self._ghost, self.lines(), self.theme, self.font(),
                            QRectF(self.viewport().rect()), paper=shade(self.theme) if shaded else colour(
                                self.theme.surface), caret=self.cursorWidth() if stop == self.cursor() else 0)

    def moved(self, edits: Sequence[Edit]) -> None:
        """Marks go with the text, and the ghost shrinks by what was typed of it."""
        self._marks.move(edits)
        if len(self._marks.problems):
            self._margin.update()
        if self._ghost is not None:
            self._ghost = self._ghost.after(edits[0], self._text)
            self._ghost_gone = self._ghost is None
            self.viewport().update()

    def event(self, ev: QEvent) -> bool:
        """The ghost's keys come before shortcuts, and before Tab moves the focus."""
        if self._ghost is not None and isinstance(ev, QKeyEvent) and not self._list.isVisible():
            asked = GHOST_KEYS.get(name_of(ev))
            if asked and ev.type() == QEvent.Type.ShortcutOverride:
                ev.accept()
                return True
            if asked and ev.type() == QEvent.Type.KeyPress:
                if asked == "away":
                    self.hide_ghost()
                self.ghost_asked.emit(asked)
                return True
        return super().event(ev)

    def keyPressEvent(self, ev: QKeyEvent) -> None:
        """F8 goes through the problems."""
        step = PROBLEM_KEYS.get(name_of(ev))
        if step:
            self.go_to_problem(step)
        else:
            super().keyPressEvent(ev)

    def inputMethodEvent(self, ev: QInputMethodEvent) -> None:
        """What is being composed stands where the ghost was."""
        if ev.preeditString():
            self._send_ghost_away()
        super().inputMethodEvent(ev)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Whole tunes go into the book, anything else into the text."""
        text = plain(source.text())
        if TUNES.match(text):
            self.tunes_pasted.emit(text)
        else:
            super().insertFromMimeData(source)

    def viewportEvent(self, ev: QEvent) -> bool:
        """What is known about the note under the mouse."""
        if ev.type() == QEvent.Type.ToolTip and isinstance(ev, QHelpEvent):
            at = self.offset_under(ev.pos().x(), ev.pos().y())
            QToolTip.showText(ev.globalPos(), "" if at is None else self._marks.tip(at), self.viewport())
            return True
        return super().viewportEvent(ev)

    def _origins_between(self, start: int, stop: int) -> list[tuple[int, int, str]]:
        return self._marks.origins.between(start, stop)

    def _send_ghost_away(self) -> None:
        if self._ghost is not None or self._ghost_gone:
            self._ghost_gone = False
            self.hide_ghost()
            self.ghost_asked.emit("away")

    def _after_edit(self) -> None:
        self._typed_at = time.monotonic()
        if self._ghost_gone:
            self._send_ghost_away()

    def _after_move(self) -> None:
        if not self._quiet and self._ghost is not None and self._ghost.cursor != self._places():
            self._send_ghost_away()
