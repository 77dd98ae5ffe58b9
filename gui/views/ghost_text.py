"""Ghost text: what could be written next, drawn behind the cursor but no part of the text until it is accepted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from engine.folk.edits import Edit
from gui.theme import Theme, colour
from gui.views.text_lines import Line

PAD = 6.0           # px, inside the card
MOST_ROWS = 12
LEAST_ROOM = 8      # characters: with less room than this behind the cursor the ghost begins below


@dataclass(frozen=True, slots=True)
class Ghost:
    """A text that would take the place of `start:stop`."""

    text: str
    start: int
    stop: int
    label: str
    cursor: tuple[int, int]     # anchor and position of the cursor while it is shown, offsets

    def after(self, edit: Edit, text: str) -> Ghost | None:
        """What is left of it where its beginning was typed (`text` is the text behind the edit); else None."""
        if not self.start <= edit.start <= edit.stop <= self.stop:
            return None
        end = self.stop + len(edit.text) - (edit.stop - edit.start)
        typed = text[self.start:end]
        if not typed or not self.text.startswith(typed) or len(typed) == len(self.text):
            return None
        return replace(self, text=self.text[len(typed):], start=end, stop=end, cursor=(end, end))


def rows(text: str, first: int, other: int) -> list[str]:
    """Break a text at its line ends, and at spaces where it is wider than the room.

    Parameters
    ----------
    text : str
    first, other : int
        Room in characters in the first row and in the others; a first row without room is empty.
    """
    found: list[str] = []
    for number, line in enumerate(text.split("\n")):
        room = first if number == 0 else other
        if number == 0 and min(len(line), LEAST_ROOM) > room:
            found.append("")
            room = other
        at = 0
        while len(line) - at > max(room, 1):
            cut = line.rfind(" ", at + 1, at + max(room, 1)) + 1 or at + max(room, 1)
            found.append(line[at:cut])
            at, room = cut, other
        found.append(line[at:])
    return found


def draw(painter: QPainter, ghost: Ghost, lines: Sequence[Line], theme: Theme, font: QFont, room: QRectF, *,
         paper: QColor, caret: float) -> None:
    """Draw a ghost at the end of what it replaces, and strike that through.

    Parameters
    ----------
    lines : sequence of Line
        All lines in sight.
    font : QFont
        Of the text.
    room : QRectF
        The viewport, in pixels.
    paper : QColor
        Behind the line that the ghost's `stop` is on.
    caret : float
        Width of the cursor, in pixels, which is drawn again; 0 where there is none.
    """
    for line in lines:
        if ghost.stop > ghost.start and (box := line.box(ghost.start, ghost.stop, 0.0)) is not None:
            _strike(painter, box, theme)
    for line in lines:
        if line.start <= ghost.stop <= line.stop:
            _draw_at(painter, ghost, line, theme, font, room, paper)
            painter.fillRect(QRectF(line.x(ghost.stop), line.top, caret, line.height - 2 * (line.top - line.box_top)),
                             colour(theme.text))


def _draw_at(painter: QPainter, ghost: Ghost, line: Line, theme: Theme, font: QFont, room: QRectF,
             paper: QColor) -> None:
    slanted, small = QFont(font), QFont(font)
    slanted.setItalic(True)
    small.setPointSizeF(max(6.5, 0.8 * font.pointSizeF()))
    metrics = QFontMetricsF(slanted)
    begin, left = line.x(ghost.stop), line.x(line.start)
    rest = line.x(line.stop) - begin
    parts = _fitted(ghost.text, line, (begin, left), metrics.horizontalAdvance("0"), room)
    widths = [metrics.horizontalAdvance(part) for part in parts]
    label = QFontMetricsF(small).horizontalAdvance(ghost.label) + 3 * PAD if ghost.label else 0.0
    first = widths[0] + (rest + label if len(parts) == 1 else 0.0)
    painter.fillRect(QRectF(begin, line.box_top, max(rest, first), line.height), paper)
    if len(parts) > 1:
        width = max(*widths[1:], widths[-1] + rest + label)
        _card(painter, QRectF(left - PAD, line.box_top + line.height, width + 2 * PAD,
                              (len(parts) - 1) * line.height), theme)
    painter.setFont(slanted)
    painter.setPen(colour(theme.muted))
    for number, part in enumerate(parts):
        painter.drawText(QPointF(left if number else begin, line.baseline + number * line.height), part)
    down = (len(parts) - 1) * line.height
    x = (left if down else begin) + widths[-1]
    _draw_rest(painter, line, QPointF(x - begin, down), begin, rest)
    painter.setFont(small)
    painter.setPen(colour(theme.muted))
    painter.drawText(QPointF(x + rest + 2 * PAD, line.baseline + down), ghost.label)


def _fitted(text: str, line: Line, edges: tuple[float, float], letter: float, room: QRectF) -> list[str]:
    """Rows of a ghost that begin at `edges` (first row, others), as many as there is room for below."""
    first, other = (int((room.right() - PAD - edge) / letter) for edge in edges)
    parts = rows(text, first, other)
    most = max(1, min(MOST_ROWS, int((room.bottom() - line.top) / line.height)))
    return parts if len(parts) <= most else [*parts[:most - 1], parts[most - 1][:-1] + "…"]


def _strike(painter: QPainter, box: QRectF, theme: Theme) -> None:
    """Draw over what a ghost would replace: faded and struck through."""
    painter.fillRect(box, colour(theme.surface, 0.45))
    painter.fillRect(QRectF(box.left(), round(box.center().y()), box.width(), 1.5), colour(theme.muted))


def _card(painter: QPainter, box: QRectF, theme: Theme) -> None:
    """Cover what is below the line, for the further rows."""
    painter.setPen(QPen(colour(theme.grid), 1.0))
    painter.setBrush(colour(theme.raised))
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)


def _draw_rest(painter: QPainter, line: Line, shift: QPointF, begin: float, rest: float) -> None:
    """Draw what stands behind the cursor again, behind the ghost."""
    if rest <= 0:
        return
    painter.save()
    clip = QRectF(begin + shift.x(), line.top + shift.y(), rest + 1, line.height)
    painter.setClipRect(clip, Qt.ClipOperation.IntersectClip)
    line.layout.draw(painter, QPointF(line.origin, line.top) + shift)
    painter.restore()
