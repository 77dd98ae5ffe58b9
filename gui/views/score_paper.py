"""The paper of a score: pages one below the other without a gap, drawn once and then only copied to the screen.

Staves are as high as the zoom says, and lines of music as long as the view is wide, for which the tune is engraved
anew. Only pages near those in sight are drawn, or asked for.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from engine.folk.engrave import Score
from gui.theme import DARK, SPACING, Theme, colour, scaled
from gui.views.glide import Glide
from gui.views.score_pages import ScorePages
from gui.views.score_pictures import Pictures

SCALE = 46                      # percent: how large to engrave, for a staff of 33 px at 100 %
ZOOM = 0.5, 3.0
NARROWEST = 260.0               # px of the engraving: a clef, signatures and a bar
PAGE_HEIGHT = 1000.0            # px of the screen: what is drawn at once
SETTLE_MS = 150                 # of rest before another engraving is asked for
BUSY_MS = 400                   # before an old score is said to be old: what comes while one types must not flicker
KEPT = 2                        # pages on either side of those in sight that stay drawn
EMPTY = "The score appears here as you type"


class ScorePaper(QAbstractScrollArea):
    """Shows pages at a place and a zoom."""

    width_changed = Signal(float)       # engrave for this width
    pages_asked = Signal(int, int)      # first and most: engrave these too, and hand them to `add_pages`
    zoom_changed = Signal(float)        # 1 is 100 %

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme, self.zoom = DARK, 1.0
        self.pages: ScorePages | None = None
        self.pictures = Pictures()
        self._asked: set[int] = set()
        self._told, self._busy = 0.0, False
        self._percent = 100                 # the size of text that the zoom is fit for
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self._settled)
        self._late = QTimer(self, singleShot=True, interval=BUSY_MS)
        self._late.timeout.connect(self._show_busy)
        self._ahead = QTimer(self, singleShot=True, interval=0)
        self._ahead.timeout.connect(self._draw_ahead)
        bar = self.verticalScrollBar()
        bar.setSingleStep(40)
        bar.valueChanged.connect(lambda value: self._prepare())
        self.glide = Glide(bar)

    def page_width(self) -> float:
        """Pixels of the engraving that fill the view's width."""
        room = self.width() - self.verticalScrollBar().sizeHint().width()
        return max(NARROWEST, round(room / self.zoom))

    def page_height(self) -> float:
        """Pixels of the engraving that a page should have at most."""
        return round(PAGE_HEIGHT / self.zoom)

    def pages_near(self) -> tuple[int, int]:
        """The first page near those in sight, and how many there are: what to engrave when the text changes."""
        first = max(0, self._in_sight().start - 1)
        return first, max(2, self._in_sight().stop + 1 - first)

    def show_score(self, score: Score | None) -> None:
        """Show another engraving, or none, at the same place."""
        held = self._hold() if self.pages is not None and score is not None and score.pages else None
        old = self.pages.width if self.pages is not None else 0.0
        self.pages = ScorePages(score) if score is not None else None
        self.pictures.keep(())
        self._asked = set()
        self._measure()
        if held is not None and self.pages is not None and abs(self.pages.width - old) > 2:
            self._hold_on(*held)
        self._prepare()

    def add_pages(self, score: Score) -> None:
        """Show more pages of the engraving that is shown; those of another one are passed over."""
        if self.pages is None or (score.count, list(score.onsets)) != (self.pages.count, self.pages.names):
            return
        place = self._top()
        page, within = self.pages.page_at(place), place - self.pages.tops[self.pages.page_at(place)]
        self.pages.add(score)
        self._measure()
        self._jump(self.pages.tops[page] + within)
        self._prepare()

    def set_busy(self, busy: bool) -> None:
        """Say, if it lasts, that the score shown is older than the text."""
        if busy and not self._busy and not self._late.isActive():
            self._late.start()
        elif not busy:
            self._late.stop()
            if self._busy:
                self._busy = False
                self.viewport().update()

    def set_zoom(self, zoom: float, at: float = 0.0) -> None:
        """Zoom to `zoom` (1 is 100 %); what is `at` pixels below the top of the view stays there."""
        zoom = min(max(zoom, ZOOM[0]), ZOOM[1])
        if abs(zoom - self.zoom) < 1e-6:
            return
        place, self.zoom = (self._top() + at / self.zoom), zoom
        self._settle.start()    # before anything is drawn: until then pictures are stretched
        self._measure()
        self._jump(place - at / zoom)
        self.zoom_changed.emit(zoom)
        self._prepare()

    def set_theme(self, theme: Theme) -> None:
        """Ink and paper of a theme; notes grow with the text."""
        self.theme = theme
        self.pictures.keep(())
        before, self._percent = self._percent, scaled(100)
        self.set_zoom(self.zoom * self._percent / before)
        self._prepare()

    def corner(self, number: int) -> QPointF:
        """Where on the screen a page begins, on whole pixels of it."""
        assert self.pages is not None
        ratio = self.devicePixelRatioF()
        free = max(0.0, (self.viewport().width() - self.pages.width * self.zoom) / 2)
        x, y = free - self.horizontalScrollBar().value(), (self.pages.tops[number] - self._top()) * self.zoom
        return QPointF(round(x * ratio) / ratio, round(y * ratio) / ratio)

    def on_paper(self, at: QPointF) -> tuple[float, float]:
        """The point of the paper under a point of the view."""
        place = self._top()
        left = self.corner(0).x() if self.pages is not None else 0.0
        return (at.x() - left) / self.zoom, place + at.y() / self.zoom

    def show_place(self, top: float, bottom: float, *, smoothly: bool = True) -> None:
        """Scroll so that what is between two heights of the paper is in sight, if it is not."""
        self.glide.show(top * self.zoom, bottom * self.zoom, smoothly=smoothly and self.isVisible())

    def _top(self) -> float:
        return self.verticalScrollBar().value() / self.zoom

    def _jump(self, top: float) -> None:
        self.verticalScrollBar().setValue(round(top * self.zoom))

    def _in_sight(self) -> range:
        if self.pages is None:
            return range(0)
        return self.pages.between(self._top(), self._top() + self.viewport().height() / self.zoom)

    def _hold(self) -> tuple[str, float] | None:
        """The uppermost note in sight, and how far below the view's top its staff is."""
        assert self.pages is not None
        top = self._top()
        found = [(self.pages.tops[number] + box.staff_top, name) for number in self._in_sight()
                 if number in self.pages.placed for name, (box, *_) in self.pages.placed[number].heads.items()]
        staff, name = min((place for place in found if place[0] >= top), default=(0.0, ""))
        return (name, (staff - top) * self.zoom) if name and top > 0 else None

    def _hold_on(self, name: str, below: float) -> None:
        """Scroll so that a note is as far below the view's top as it was."""
        assert self.pages is not None
        page, box = self.pages.page_of(name), self.pages.box(name)
        if page is not None:
            self._jump(self.pages.tops[page] + (box.staff_top if box else 0.0) - below / self.zoom)

    def _measure(self) -> None:
        """Let the scroll bars know how large the paper is."""
        size, view = (self.pages.width, self.pages.height) if self.pages is not None else (0.0, 0.0), self.viewport()
        for bar, whole, room in ((self.horizontalScrollBar(), size[0], view.width()),
                                 (self.verticalScrollBar(), size[1], view.height())):
            over = round(whole * self.zoom) - room
            bar.setRange(0, over if over > SPACING else 0)
            bar.setPageStep(room)

    def _prepare(self) -> None:
        """Draw the pages in sight, then their neighbours, and ask for those that are not there."""
        for number in self._in_sight():
            self._draw(number)
        self.pictures.keep(range(*self._near(KEPT)))
        self._ask()
        self._ahead.start()
        self.viewport().update()

    def _near(self, more: int) -> tuple[int, int]:
        count = self.pages.count if self.pages is not None else 0
        return max(0, self._in_sight().start - more), min(count, self._in_sight().stop + more)

    def _ask(self) -> None:
        """Ask for pages near those in sight, once; who answers the newest question only forgets none of them."""
        missing = [n for n in range(*self._near(1)) if self.pages is not None and n not in self.pages.placed]
        if not self._asked.issuperset(missing):
            self._asked = set(missing)
            self.pages_asked.emit(missing[0], missing[-1] + 1 - missing[0])

    def _draw_ahead(self) -> None:
        """Draw one of the neighbours of the pages in sight, before it is scrolled to."""
        if any(self._draw(number) for number in range(*self._near(1))):
            self._ahead.start()

    def _draw(self, number: int) -> bool:
        """Draw a page unless it is drawn; while the zoom changes, what is drawn will do."""
        if self.pages is None or number not in self.pages.placed:
            return False
        ratio = self.devicePixelRatioF()
        return self.pictures.draw(number, self.pages.placed[number].page, self.theme.text, self.zoom * ratio,
                                  ratio=ratio, roughly=self._settle.isActive())

    def _settled(self) -> None:
        self._prepare()
        if self.page_width() != self._told:
            self._told = self.page_width()
            self.width_changed.emit(self._told)

    def _show_busy(self) -> None:
        self._busy = True
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lines of music will be as long as the view is wide."""
        super().resizeEvent(event)
        if self.page_width() != self._told:
            self._settle.start()
        self._measure()
        self._prepare()

    def event(self, event: QEvent) -> bool:
        """Draw anew on a screen of other pixels."""
        done = super().event(event)
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._prepare()
        return done

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll; with Ctrl zoom."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.set_zoom(self.zoom * 1.1 ** (event.angleDelta().y() / 120), event.position().y())
            return
        self.glide.touched()
        super().wheelEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Copy pictures, with marks behind and before them."""
        painter, theme = QPainter(self.viewport()), self.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(event.rect(), colour(theme.surface))
        if self.pages is None:
            painter.setPen(colour(theme.muted))
            painter.drawText(self.viewport().rect(), Qt.AlignmentFlag.AlignCenter, EMPTY)
        for number in self._in_sight():
            self._paint_page(painter, number)
        if self._busy:
            painter.setPen(colour(theme.muted))
            painter.drawText(self.viewport().rect().adjusted(SPACING, SPACING // 2, -SPACING, 0),
                             Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, "engraving …")
        if self.hasFocus():
            painter.setPen(QPen(colour(theme.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self.viewport().rect()).adjusted(0.5, 0.5, -0.5, -0.5))

    def _paint_page(self, painter: QPainter, number: int) -> None:
        painter.save()
        painter.translate(self.corner(number))
        if number in self.pictures:
            painter.scale(self.zoom, self.zoom)
            self.paint_under(painter, number)
            painter.scale(1 / self.zoom, 1 / self.zoom)
            self.pictures.show(painter, number, self.zoom * self.devicePixelRatioF())
            painter.scale(self.zoom, self.zoom)
            self.paint_over(painter, number)
        else:
            self._paint_blank(painter, number)
        painter.restore()

    def _paint_blank(self, painter: QPainter, number: int) -> None:
        """Empty staves, where a page is to come."""
        assert self.pages is not None
        height = self.pages.tops[number + 1] - self.pages.tops[number]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QPen(colour(self.theme.grid), 1))
        unit = 0.72 * SCALE * self.zoom / 4
        for row in range(int(height * self.zoom / (12 * unit))):
            for line in range(5):
                y = round((4 + 12 * row + line) * unit)
                painter.drawLine(round(4 * unit), y, self.viewport().width() - round(4 * unit), y)

    def paint_under(self, painter: QPainter, number: int) -> None:
        """What is behind the notes of a page."""

    def paint_over(self, painter: QPainter, number: int) -> None:
        """What is before the notes of a page."""
