"""Lines of text on screen: where their characters stand, and a layout that gives them air."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFont, QFontMetricsF, QTextBlock, QTextDocument, QTextLayout
from PySide6.QtWidgets import QPlainTextDocumentLayout

from gui.views.plain_text import Units, plain

AIR = 0.4  # of a line's height, between lines


class AiryLayout(QPlainTextDocumentLayout):
    """Lines further apart; Qt's layout of plain texts does not heed line heights of block formats."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self.air = 0.0      # pixels between a line and the next
        self._held = False

    def set_font(self, font: QFont) -> None:
        """Air for letters of a size."""
        self.air = round(AIR * QFontMetricsF(font).height())

    @contextmanager
    def held(self) -> Iterator[None]:
        """Many lines change their looks: all are laid out at the end, once."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
            self.documentChanged(0, 0, self.document().characterCount())

    def documentChanged(self, start: int, removed: int, added: int) -> None:
        """Lay out what changed, and no more.

        Qt takes the sum of `removed` and `added` for the length of it; behind a highlighter, which has the whole line
        changed, that reaches into the next line, and everything in sight is drawn again at each key.
        """
        if not self._held:
            super().documentChanged(start, 0, max(added, 1))

    def blockBoundingRect(self, block: QTextBlock) -> QRectF:
        """Qt's, and the air below it."""
        rect = super().blockBoundingRect(block)
        rect.setHeight(rect.height() + self.air)
        return rect


def line_at(block: QTextBlock, offset: int, corner: QPointF, air: float) -> Line:
    """The line of a block that begins at an offset of the text, and is laid out with its corner there."""
    layout, text = block.layout(), plain(block.text())
    first = layout.lineAt(0)
    left: Any = first.cursorToX(0)      # pairs, whatever the stubs say
    right: Any = first.cursorToX(len(text))
    alike = bool(text) and text.isascii() and text.isprintable()    # each then is one letter of a monospaced font
    return Line(block.blockNumber(), offset, offset + len(text), corner.x(), corner.x() + left[0], corner.y(),
                corner.y() - air / 2, first.height() + air, layout, Units(text),
                (right[0] - left[0]) / len(text) if alike else None)


@dataclass(frozen=True, slots=True)
class Line:
    """A line in sight: `start:stop` are its offsets in the text, pixels are the viewport's."""

    number: int         # from 0
    start: int
    stop: int           # before the line break
    origin: float       # left edge of the layout
    left: float         # of the first letter
    top: float          # of the letters; half of the air is above it
    box_top: float      # half of the air is above them
    height: float       # with the air
    layout: QTextLayout
    units: Units
    step: float | None  # px from letter to letter, where all are equally wide

    def x(self, offset: int) -> float:
        """Where the character at an offset of the text begins, between the line's ends."""
        column = (offset if offset < self.stop else self.stop) - self.start if offset > self.start else 0
        if self.step is not None:
            return self.left + self.step * column
        if not self.layout.lineCount():
            return self.origin
        found: Any = self.layout.lineAt(0).cursorToX(self.units.to_qt(column))  # a pair, whatever the stubs say
        return self.origin + float(found[0])

    def box(self, start: int, stop: int, least: float) -> QRectF | None:
        """Around the part of `start:stop` that is on this line, the air included; None where none is.

        What is empty, or only the line's end, is `least` pixels wide.
        """
        if stop < self.start or start > self.stop or (start < self.start and stop == self.start):
            return None
        one, other = self.x(start), self.x(stop)
        if other < one:     # written from the right
            one, other = other, one
        return QRectF(one, self.box_top, other - one if other - one > least else least, self.height)

    @property
    def baseline(self) -> float:
        """Where its letters stand."""
        return self.top + (self.layout.lineAt(0).ascent() if self.layout.lineCount() else 0.0)
