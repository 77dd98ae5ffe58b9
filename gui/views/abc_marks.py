"""What is drawn under and over the notes of a text: problems, surprise, what a model suggested, what sounds now."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPen, QPolygonF

from engine.folk.edits import Edit
from engine.folk.tune import Problem
from gui.theme import Theme, colour
from gui.views.text_lines import Line
from gui.views.text_spans import Spans

T = TypeVar("T")
Tint = tuple[int, int, float] | tuple[int, int, float, str]
TINT = 0.2         # opacity behind a note of strength 1: text upon it still reaches 4.5:1
STEPS = 32          # of strength, which is more than can be told apart
LEAST = 6.0         # px, width of a mark on nothing


class Marks:
    """All marks of a text; they move with it, and those that describe what was edited go."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Another text."""
        self.problems: Spans[Problem] = Spans(touched="keep")
        self.tints: Spans[tuple[float, str]] = Spans(touched="drop")
        self.origins: Spans[str] = Spans(touched="cut")
        self.playing: tuple[int, int] | None = None

    def set_problems(self, problems: Iterable[Problem]) -> None:
        """Other problems."""
        self.problems = Spans(((problem.start, problem.stop, problem) for problem in problems), touched="keep")

    def set_origins(self, origins: Iterable[tuple[int, int, str]]) -> set[tuple[int, int]]:
        """(start, stop, text); returns where a span came or went."""
        before, self.origins = self.origins, Spans(origins, touched="cut")
        return {row[:2] for row in before.rows()} ^ {row[:2] for row in self.origins.rows()}

    def set_tints(self, tints: Iterable[Tint]) -> None:
        """(start, stop, strength 0 to 1) with a text to show on hover as a fourth, if there is one."""
        self.tints = Spans(((tint[0], tint[1], (min(max(tint[2], 0.0), 1.0), tint[3] if len(tint) > 3 else ""))
                            for tint in tints), touched="drop")

    def move(self, edits: Sequence[Edit]) -> None:
        """Follow edits; the note that sounds goes with its text."""
        for spans in (self.problems, self.tints, self.origins):
            spans.move(edits)
        if self.playing is not None:
            playing = Spans([(*self.playing, None)], touched="drop")
            playing.move(edits)
            self.playing = playing.rows()[0][:2] if len(playing) else None

    def tip(self, offset: int) -> str:
        """What is known about the character at an offset: problems, then surprise, then where it comes from."""
        problem, tint, origin = self.problems.at(offset), self.tints.at(offset), self.origins.at(offset)
        known = (problem[2].message if problem else "", tint[2][1] if tint else "", origin[2] if origin else "")
        return "\n".join(filter(None, known))

    def problems_now(self, text: str) -> list[Problem]:
        """The problems where they stand now."""
        return [moved_problem(problem, start, stop, text) for start, stop, problem in self.problems.rows()]

    def under(self, painter: QPainter, lines: Sequence[Line], theme: Theme) -> None:
        """Draw what lies behind the letters."""
        if not lines:
            return
        start, stop = lines[0].start, lines[-1].stop
        tints = self.tints.between(start, stop)
        papers = [colour(theme.warning, TINT * step / STEPS) for step in range(STEPS + 1)]
        edges = [colour(theme.warning, step / STEPS) for step in range(STEPS + 1)]
        for _, box, (strength, _) in _boxes(lines, tints, 1.0):
            step = round(STEPS * strength)
            painter.fillRect(box, papers[step])
            box.setTop(box.bottom() - 2)
            painter.fillRect(box, edges[step])

    def over(self, painter: QPainter, lines: Sequence[Line], theme: Theme, font: QFont, text: str) -> None:
        """Draw what lies upon the letters."""
        if not lines:
            return
        start, stop = lines[0].start, lines[-1].stop
        painter.setPen(_dots(theme))
        for line, box, _ in _boxes(lines, self.origins.between(start, stop), 0.0):
            under = line.baseline + 3.5
            painter.drawLine(QPointF(box.left(), under), QPointF(box.right(), under))
        painter.setPen(QPen(colour(theme.error), 1.3))
        for line, box, _ in _boxes(lines, self.problems.between(start, stop), LEAST):
            painter.drawPolyline(_wave(box.left(), box.right(), line.baseline + 3.5))
        if self.playing is not None:
            self._play(painter, lines, theme, font, text)

    def _play(self, painter: QPainter, lines: Sequence[Line], theme: Theme, font: QFont, text: str) -> None:
        assert self.playing is not None  # over() has looked
        painter.setFont(font)
        for line, box, _ in _boxes(lines, [(*self.playing, None)], LEAST):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour(theme.accent))
            painter.drawRoundedRect(box.adjusted(-1, 2, 1, -2), 3, 3)
            painter.setPen(colour(theme.on_accent))
            part = text[max(line.start, self.playing[0]):min(line.stop, self.playing[1])]
            painter.drawText(QPointF(box.left(), line.baseline), part)


def moved_problem(problem: Problem, start: int, stop: int, text: str) -> Problem:
    """A problem where it stands now."""
    line_start = text.rfind("\n", 0, start) + 1
    return replace(problem, start=start, stop=stop, line=text.count("\n", 0, start) + 1, column=start - line_start + 1)


def _boxes(lines: Sequence[Line], spans: Sequence[tuple[int, int, T]],
           least: float) -> Iterator[tuple[Line, QRectF, T]]:
    """Each span's box on each line it is on."""
    begins = [line.start for line in lines]
    for start, stop, value in spans:
        for line in lines[max(bisect_right(begins, start) - 1, 0):bisect_right(begins, stop)]:
            if (box := line.box(start, stop, least)) is not None:
                yield line, box, value


def _dots(theme: Theme) -> QPen:
    made = QPen(colour(theme.accent), 1.8, Qt.PenStyle.CustomDashLine, Qt.PenCapStyle.RoundCap)
    made.setDashPattern([0.01, 2.2])
    return made


def _wave(left: float, right: float, middle: float) -> QPolygonF:
    steps = max(int((right - left) / 2.0), 2)
    return QPolygonF([QPointF(left + 2.0 * i, middle + (1.4 if i % 2 else -1.4)) for i in range(steps + 1)])
