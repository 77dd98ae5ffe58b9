"""What is drawn around the notes of a page: selection, surprise, what a model wrote, and problems.

Lengths are pixels of the engraving. Nothing is told by colour alone: a selection has an outline, surprise a bar whose
height says how much, what a model wrote a dotted line, and a problem a triangle.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from engine.folk.flatten import Box
from gui.theme import Theme, colour
from gui.views.marks import WARNING, draw_warning
from gui.views.score_pages import PlacedPage, Row, ScorePages

PAD = 4.0               # around a head
LANE = 6.0              # below the lowest note of a line: dotted lines, and bars that stand on them
TALLEST = 11.0          # of the bars
DOT = 2.0               # side of a dot
ROUND = 3.0             # corners
FAINT, STRONG = 0.10, 0.50      # opacity behind the least and the most surprising note


@dataclass(frozen=True)
class Marked:
    """What the whole score is marked with, by names of notes."""

    selected: frozenset[str] = frozenset()
    tints: Mapping[str, float] = field(default_factory=dict)        # strength, 0 to 1
    suggested: Collection[str] = frozenset()
    problems: Mapping[str, str] = field(default_factory=dict)       # messages


@dataclass(frozen=True)
class PageMarks:
    """Where that is on one page."""

    bands: tuple[QRectF, ...] = ()
    tints: tuple[tuple[QRectF, QRectF], ...] = ()       # behind the note, and its bar: as high as it is strong
    strengths: tuple[float, ...] = ()
    dots: tuple[QRectF, ...] = ()
    warnings: tuple[QPointF, ...] = ()


def marks_of(number: int, pages: ScorePages, marked: Marked) -> PageMarks:
    """The marks of a page that is there."""
    placed = pages.placed[number]
    tinted = [(box, min(max(marked.tints[name], 0.0), 1.0)) for name, boxes in placed.heads.items()
              if name in marked.tints for box in boxes]
    return PageMarks(
        bands=tuple(band(run, placed) for run in runs(marked.selected, placed, pages)),
        tints=tuple((column(box, placed.rows[box.staff_top]), bar(box, placed.rows[box.staff_top], strength))
                    for box, strength in tinted),
        strengths=tuple(strength for _, strength in tinted),
        dots=tuple(dot for run in runs(marked.suggested, placed, pages) for dot in underline(run, placed)),
        warnings=tuple(above(placed.heads[name][0]) for name in marked.problems if name in placed.heads))


def runs(names: Collection[str], placed: PlacedPage, pages: ScorePages) -> list[list[Box]]:
    """Heads of these notes on a page, those together that follow one another on a line."""
    found: list[list[Box]] = []
    last = None
    marked = [(pages.order.get(name, -1), name) for name in placed.heads if name in names]
    for order, name in sorted(marked):
        for box in placed.heads[name]:
            where = box.staff_top, order
            if last is not None and order >= 0 and last[0] == where[0] and where[1] - last[1] <= 1:
                found[-1].append(box)
            else:
                found.append([box])
            last = where
    return found


def column(box: Box, row: Row) -> QRectF:
    """The height of the staff around a head."""
    top, bottom = min(row.top, box.y) - PAD, max(row.bottom, box.y + box.h) + PAD
    return QRectF(box.x - PAD, top, box.w + 2 * PAD, bottom - top)


def band(run: list[Box], placed: PlacedPage) -> QRectF:
    """The height of the staff around heads of one line."""
    room = QRectF()
    for box in run:
        room = room.united(column(box, placed.rows[box.staff_top]))
    return room


def bar(box: Box, row: Row, strength: float) -> QRectF:
    """A bar below the line of music, as high as `strength` says."""
    high = strength * TALLEST
    return QRectF(box.x + box.w / 2 - 2, row.low + LANE + TALLEST - high, 4, high)


def underline(run: list[Box], placed: PlacedPage) -> Iterator[QRectF]:
    """A dotted line below heads of one line; as squares, for dotted pens are slow."""
    y = placed.rows[run[0].staff_top].low + LANE + TALLEST + DOT
    left, right = min(box.x for box in run), max(box.x + box.w for box in run)
    for index in range(int((right - left) / (2.5 * DOT)) + 1):
        yield QRectF(left + 2.5 * DOT * index, y, DOT, DOT)


def above(box: Box) -> QPointF:
    """Where what is drawn above a note stands."""
    return QPointF(box.x + box.w / 2, min(box.staff_top, box.y) - 2)


def draw_under(painter: QPainter, marks: PageMarks, theme: Theme) -> None:
    """What is behind the notes; the painter stands at the page's corner and is scaled."""
    painter.setPen(Qt.PenStyle.NoPen)
    for (room, _), strength in zip(marks.tints, marks.strengths, strict=True):
        painter.setBrush(colour(theme.warning, FAINT + (STRONG - FAINT) * strength))
        painter.drawRoundedRect(room, ROUND, ROUND)
    if marks.bands:
        pen = QPen(colour(theme.accent), 1)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.setBrush(colour(theme.selection, 0.85))
        for room in marks.bands:
            painter.drawRoundedRect(room, ROUND, ROUND)


def draw_over(painter: QPainter, marks: PageMarks, theme: Theme, zoom: float) -> None:
    """What is beside the notes; triangles are as large at any zoom."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour(theme.warning))
    painter.drawRects([room for _, room in marks.tints])
    painter.setBrush(colour(theme.accent))
    painter.drawRects(marks.dots)
    if marks.warnings:
        painter.save()
        painter.scale(1 / zoom, 1 / zoom)
        for at in marks.warnings:
            room = QRectF(-WARNING / 2, -1.5 * WARNING, WARNING, WARNING).translated(at * zoom)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour(theme.surface, 0.8))    # it may stand on a beam or on words
            painter.drawEllipse(room.adjusted(-2, -1, 2, 3))
            draw_warning(painter, room, colour(theme.error), colour(theme.surface))
        painter.restore()
