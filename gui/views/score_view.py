"""An engraved tune to read, to point at and to follow while it sounds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QKeySequence, QMouseEvent, QPainter
from PySide6.QtWidgets import QToolTip, QWidget

from engine.folk.engrave import Score
from engine.folk.flatten import Box
from gui.theme import colour
from gui.views.plain_text import counted
from gui.views.score_marks import PAD, Marked, PageMarks, column, draw_over, draw_under, marks_of
from gui.views.score_pages import name_of
from gui.views.score_paper import ScorePaper
from gui.views.score_pictures import inked

REACH = 7.0             # px of the screen around a head that still are the note
FAR = 1e6               # the nearest note, while one draws out what is chosen
PLAYING = 0.28          # opacity of the bar that follows the sound
TIP = "Click: choose a note · drag or Shift: choose several · Left, Right: next note · Ctrl+wheel: zoom"
SUGGESTED = "Written by the model"


class ScoreView(ScorePaper):
    """Names of notes are the ids of their heads without what tells heads of a chord and tied pieces apart."""

    note_clicked = Signal(str, bool)    # name, and whether it extends what is chosen
    span_chosen = Signal(str, str)      # from and to, while it is drawn out
    background_clicked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.follow = True                                      # scroll to what plays
        self.tip_of: Callable[[str], str] | None = None         # what to say of a note
        self._marked = Marked()
        self._marks: dict[int, PageMarks] = {}                  # by page, as far as they were needed
        self._current = self._playing = self._wanted = ""
        self._share = 0.0
        self._drag: tuple[str, str] | None = None
        self.setAccessibleName("Score")
        self.setToolTip(TIP)

    def show_score(self, score: Score | None) -> None:
        """Show another engraving, or none, at the same place."""
        self._marks.clear()
        self._drag = None
        super().show_score(score)
        self._find_wanted()
        self._describe()

    def add_pages(self, score: Score) -> None:
        """Show more pages of the engraving that is shown."""
        self._marks.clear()
        super().add_pages(score)
        self._find_wanted()

    def show_selected(self, ids: Iterable[str]) -> None:
        """Mark what is chosen; it is scrolled to if none of it is in sight."""
        names = [name_of(identifier) for identifier in ids]
        if frozenset(names) == self._marked.selected:
            return
        self._mark(replace(self._marked, selected=frozenset(names)))
        if names and self._current not in names:
            self._current = names[-1]
        if names and not self._playing and not any(map(self._seen, names)):
            self.reveal(names[0])
        self._describe()

    def show_tints(self, strengths: Mapping[str, float]) -> None:
        """Warm grounds and bars under notes; strength from 0 to 1."""
        tints = {name_of(identifier): strength for identifier, strength in strengths.items()}
        self._mark(replace(self._marked, tints=tints))

    def show_suggested(self, ids: Iterable[str]) -> None:
        """A dotted line under what a model wrote."""
        self._mark(replace(self._marked, suggested=frozenset(map(name_of, ids))))

    def show_problems(self, problems: Iterable[tuple[str, str]]) -> None:
        """Triangles above notes, and what is wrong with them."""
        said: dict[str, list[str]] = {}
        for identifier, message in problems:
            said.setdefault(name_of(identifier), []).append(message)
        self._mark(replace(self._marked, problems={name: "\n".join(messages) for name, messages in said.items()}))

    def show_playing(self, identifier: str | None, share: float = 0.0) -> None:
        """A bar over the note that sounds; `share` of its time, from 0 to 1, moves it towards the next."""
        name = name_of(identifier or "")
        if (name, share) == (self._playing, self._share):
            return
        before, began = self._bar(), name != self._playing
        self._playing, self._share = name, share
        for page, room in filter(None, (before, self._bar())):
            corner = self.corner(page)
            there = QRectF(corner + room.topLeft() * self.zoom, room.size() * self.zoom)
            self.viewport().update(there.adjusted(-2, -2, 2, 2).toAlignedRect())
        if began and name and self.follow and self.glide.hands_off:
            self.reveal(name)

    def reveal(self, identifier: str) -> None:
        """Scroll to a note, also to one of a page that is to come."""
        name = name_of(identifier)
        page = self.pages.page_of(name) if self.pages is not None else None
        if self.pages is None or page is None:
            return
        top, box = self.pages.tops[page], self.pages.box(name)
        self._wanted = "" if box else name
        if box:
            row = self.pages.row(box)
            self.show_place(top + row.high - 3 * PAD, top + row.low + 3 * PAD)
        else:
            self.show_place(top, top + 1, smoothly=False)

    def _find_wanted(self) -> None:
        if self._wanted and self.pages is not None and self.pages.box(self._wanted) is not None:
            self.reveal(self._wanted)

    def _mark(self, marked: Marked) -> None:
        self._marked = marked
        self._marks.clear()
        self.viewport().update()

    def _seen(self, name: str) -> bool:
        box = self.pages.box(name) if self.pages is not None else None
        if self.pages is None or box is None:
            return False
        y = self.corner(box.page).y() + box.y * self.zoom
        return 0 <= y <= self.viewport().height()

    def _describe(self) -> None:
        count, what = len(self._marked.selected), ""
        if count == 1 and self.tip_of is not None:
            what = self.tip_of(next(iter(self._marked.selected)))
        self.setAccessibleDescription(what or f"{counted(count, 'note')} selected")

    def _bar(self) -> tuple[int, QRectF] | None:
        """The page of the note that sounds, and the bar over it."""
        box = self.pages.box(self._playing) if self.pages is not None else None
        if self.pages is None or box is None:
            return None
        row, following = self.pages.row(box), self.pages.step(self._playing, 1)
        beyond: Box | None = self.pages.box(following) if following else None
        same = beyond is not None and (beyond.page, beyond.staff_top) == (box.page, box.staff_top)
        end = beyond.x if same and beyond is not None else row.right
        return box.page, column(box, row).translated((max(end, box.x) - box.x) * self._share, 0)

    def paint_under(self, painter: QPainter, number: int) -> None:
        """Grounds of marked notes, and the bar of the one that sounds."""
        assert self.pages is not None
        if number not in self._marks:
            self._marks[number] = marks_of(number, self.pages, self._marked)
        draw_under(painter, self._marks[number], self.theme)
        bar = self._bar()
        if bar is not None and bar[0] == number:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour(self.theme.accent, PLAYING))
            painter.drawRoundedRect(bar[1], 3, 3)

    def paint_over(self, painter: QPainter, number: int) -> None:
        """What is beside marked notes; the note that sounds in the accent."""
        bar = self._bar()
        if bar is not None and bar[0] == number:
            piece, room = self.pictures.piece(number, bar[1])
            painter.drawImage(room, inked(piece, self.theme.accent))
        draw_over(painter, self._marks[number], self.theme, self.zoom)

    def note_at(self, at: QPointF, reach: float = REACH) -> str | None:
        """Name of the note within `reach` pixels of a point of the view."""
        return self.pages.at(*self.on_paper(at), reach / self.zoom) if self.pages is not None else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a note, or nothing."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        name = self.note_at(event.position())
        if name is None:
            self.background_clicked.emit()
            return
        self._drag, self._current = (name, name), name
        self.note_clicked.emit(name, bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Choose as far as the mouse goes; without a button show what can be clicked."""
        if self._drag is None or not event.buttons() & Qt.MouseButton.LeftButton:
            over = self.note_at(event.position()) is not None
            self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)
            return
        name = self.note_at(event.position(), FAR)
        if name is not None and name != self._drag[1]:
            self._drag, self._current = (self._drag[0], name), name
            self.span_chosen.emit(*self._drag)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """What was drawn out stays."""
        self._drag = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """As one click; on empty paper nothing."""
        if self.note_at(event.position()) is not None:
            self.mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from note to note, scroll, zoom."""
        key, held = event.key(), event.modifiers()
        control = bool(held & Qt.KeyboardModifier.ControlModifier)
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End):
            by = -1 if key in (Qt.Key.Key_Left, Qt.Key.Key_Home) else 1
            self._go(by, far=key in (Qt.Key.Key_Home, Qt.Key.Key_End), whole=control,
                     extend=bool(held & Qt.KeyboardModifier.ShiftModifier))
        elif event.matches(QKeySequence.StandardKey.ZoomIn) or (control and key == Qt.Key.Key_Equal):
            self.set_zoom(self.zoom * 1.1)
        elif event.matches(QKeySequence.StandardKey.ZoomOut):
            self.set_zoom(self.zoom / 1.1)
        elif control and key == Qt.Key.Key_0:
            self.set_zoom(1.0)
        else:
            super().keyPressEvent(event)

    def _go(self, by: int, *, far: bool, whole: bool, extend: bool) -> None:
        """To the next note, the edge of the line, or of the whole tune."""
        if self.pages is None or not self.pages.names:
            return
        ends = self.pages.names[0 if by < 0 else -1]
        if self._current not in self.pages.order:
            name: str | None = ends if far else self.pages.names[0]
        elif far:
            name = ends if whole else self.pages.edge(self._current, by)
        else:
            name = self.pages.step(self._current, by)
        if name is None or (name == self._current and name in self._marked.selected and not extend):
            return
        self._current = name
        self.reveal(name)
        self.note_clicked.emit(name, extend)

    def viewportEvent(self, event: QEvent) -> bool:
        """Say what is under the mouse."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self._said_of(self.note_at(QPointF(event.pos()))), self)
            return True
        return super().viewportEvent(event)

    def _said_of(self, name: str | None) -> str:
        """Of a note: what is wrong, who wrote it, and what `tip_of` says; else how to use the view."""
        if name is None:
            return TIP if self.pages is not None else ""
        said = [self._marked.problems.get(name, ""), SUGGESTED if name in self._marked.suggested else "",
                self.tip_of(name) if self.tip_of is not None else ""]
        return "\n".join(filter(None, said))
