"""A text whose lines have numbers, air between them, and a shade where the cursor is."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QWidget

from gui.theme import DARK, Theme, colour
from gui.views.abc_highlighter import mixed
from gui.views.abc_margin import Margin, Row
from gui.views.plain_editor import PlainEditor
from gui.views.text_lines import Line, line_at

SHADE = 0.55    # of the line of the cursor, from surface to raised


class LinedEditor(PlainEditor):
    """Knows where its lines and letters are, and has a margin beside them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self.theme = DARK
        self._shaded = 0    # the line of the cursor
        super().__init__(parent)
        self._margin = Margin(self._rows, lambda: self.textCursor().blockNumber(), self)
        self._margin.clicked.connect(self._go_to)
        self.cursorPositionChanged.connect(self._shade)
        self.verticalScrollBar().valueChanged.connect(self._margin.update)
        self.blockCountChanged.connect(self._fit_margin)
        self._fit_margin()

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self.theme = theme
        self._margin.set_theme(theme)
        made = self.palette()
        made.setColor(QPalette.ColorRole.PlaceholderText, colour(theme.muted))
        self.setPalette(made)
        self.setStyleSheet(  # a palette would be the application's style sheet's again
            f"QPlainTextEdit {{ background: {theme.surface}; color: {theme.text}; border: none;"
            f" selection-background-color: {theme.selection}; selection-color: {theme.text}; }}")

    def problem_of(self, line: Line) -> str:
        """What the margin says about a line; empty where it is in order."""
        raise NotImplementedError

    def repaint_all(self) -> None:
        """Text and margin, at the next opportunity."""
        self.viewport().update()
        self._margin.update()

    def lines(self, rect: QRect | None = None) -> list[Line]:
        """The lines in sight, or those in a rectangle of the viewport and their neighbours."""
        wanted = self.viewport().rect() if rect is None else rect
        near = air = self._layout.air
        found: list[Line] = []
        block, offset = self.firstVisibleBlock(), self.contentOffset()
        top = self.blockBoundingGeometry(block).translated(offset).top()
        while block.isValid() and top < wanted.bottom() + near:
            layout = block.layout()
            if not layout.lineCount():
                self.blockBoundingRect(block)   # lays it out
            below = top + layout.lineAt(0).height() + air
            if below > wanted.top() - near:
                found.append(line_at(block, self._units.from_qt(block.position()), QPointF(offset.x(), top), air))
            block, top = block.next(), below
        return found

    def offset_under(self, x: float, y: float) -> int | None:
        """The character at a place of the viewport; None beside the text."""
        for line in self.lines():
            if line.box_top <= y < line.box_top + line.height:
                places = [line.x(at) for at in range(line.start, line.stop + 1)]
                inside = (at for at, (one, other) in enumerate(pairwise(places))
                          if min(one, other) <= x < max(one, other))
                return next((line.start + at for at in inside), None)
        return None

    def bring_in_sight(self, offset: int) -> None:
        """Scroll, if need be, to where the line of an offset has some lines before it."""
        number = self._text.count("\n", 0, offset)
        first, bar = self.firstVisibleBlock().blockNumber(), self.verticalScrollBar()
        if not first <= number < first + bar.pageStep() - 1:
            bar.setValue(number - bar.pageStep() // 3)

    def paintEvent(self, ev: QPaintEvent) -> None:
        """The shade, what lies behind the text, the text, and what lies upon it."""
        lines, here = self.lines(ev.rect()), self.textCursor().blockNumber()
        painter = QPainter(self.viewport())
        for line in lines:
            if line.number == here:
                painter.fillRect(QRectF(0, line.box_top, self.viewport().width(), line.height), shade(self.theme))
        self.paint_under(painter, lines)
        painter.end()
        super().paintEvent(ev)
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.paint_over(painter, lines)
        painter.end()

    def paint_under(self, painter: QPainter, lines: list[Line]) -> None:
        """Draw behind the letters."""
        raise NotImplementedError

    def paint_over(self, painter: QPainter, lines: list[Line]) -> None:
        """Draw upon the letters."""
        raise NotImplementedError

    def resizeEvent(self, ev: QResizeEvent) -> None:
        """The margin is as high as the text."""
        super().resizeEvent(ev)
        self._fit_margin()

    def changeEvent(self, ev: QEvent) -> None:
        """Other letters need another margin."""
        super().changeEvent(ev)
        if ev.type() == QEvent.Type.FontChange and hasattr(self, "_margin"):
            self._fit_margin()

    def sizeHint(self) -> QSize:
        """Room for a tune of usual length."""
        return QSize(64 * self.fontMetrics().horizontalAdvance("0"), 24 * self.fontMetrics().lineSpacing())

    def _rows(self, rect: QRect) -> list[Row]:
        return [Row(line.number, line.start, line.box_top, line.height, self.problem_of(line))
                for line in self.lines(rect)]

    def _go_to(self, offset: int) -> None:
        self._put_cursor(offset, offset)
        self.setFocus()

    def _shade(self) -> None:
        line = self.textCursor().blockNumber()
        if line != self._shaded:
            self._shaded = line
            self.repaint_all()

    def _leave_room(self) -> None:
        """A text that fills its place can be scrolled beyond its end, so that what could follow is seen."""
        line = self.blockBoundingRect(self.document().firstBlock()).height()
        room = self.blockCount() * line > self.viewport().height() - 4 * line
        if room != self.centerOnScroll():
            self.setCenterOnScroll(room)

    def _fit_margin(self) -> None:
        self._margin.setFont(self.font())
        self._layout.set_font(self.font())
        self._leave_room()
        self.setTabStopDistance(4 * self.fontMetrics().horizontalAdvance(" "))
        width = self._margin.width_for(self.blockCount())
        if self.viewportMargins().left() != width:
            self.setViewportMargins(width, 0, 0, 0)
        inner = self.contentsRect()
        self._margin.setGeometry(inner.left(), inner.top(), width, inner.height())
        self._margin.update()


def shade(theme: Theme) -> QColor:
    """Behind the line of the cursor."""
    return mixed(colour(theme.surface), colour(theme.raised), SHADE)
