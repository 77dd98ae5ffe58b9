"""The first minute: a bubble that points at real controls, one after the other, and lets everything else go on."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from gui.dialogs.tour_steps import Step
from gui.theme import DARK, SPACING, Theme, scaled

WIDTH = 320         # px, of the bubble
TIP = 10            # px, of the arrow
LOOK_MS = 150       # what is pointed at may move


def control_of(window: QWidget, name: str) -> QWidget | None:
    """The visible control of that accessible name: a button rather than the panel that is called the same."""
    found = [widget for widget in window.findChildren(QWidget)
             if widget.accessibleName() == name and widget.isVisible()]
    return min(found, key=lambda widget: not isinstance(widget, QAbstractButton), default=None)


class Tour(QWidget):
    """A bubble over a window. It takes no keys unless it is clicked, and nothing waits for it."""

    ended = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAccessibleName("Tour")
        self._window, self._theme, self._steps, self._at = window, DARK, list[Step](), 0
        self._ring, self._arrow = Ring(window), QPoint()
        self._title, self._text, self._count = QLabel(), QLabel(), QLabel()
        self._text.setWordWrap(True)
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        row = QHBoxLayout()
        row.setSpacing(SPACING)
        row.addWidget(self._count, 1)
        self.skip, self.back, self.next = (self._button(*words) for words in (
            ("Skip", "End the tour; Help > Tour of this page starts it again"), ("Back", "The step before"),
            ("Next", "The next step")))
        doings = (self.end, lambda: self._go(-1), lambda: self._go(1))
        for button, done in zip((self.skip, self.back, self.next), doings, strict=True):
            button.clicked.connect(done)
            row.addWidget(button)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(*4 * [2 * TIP])
        column.setSpacing(SPACING)
        column.addWidget(self._title)
        column.addWidget(self._text)
        column.addLayout(row)
        self._look = QTimer(self, interval=LOOK_MS)
        self._look.timeout.connect(self._place)
        window.installEventFilter(self)
        self.hide()

    @property
    def step(self) -> Step | None:
        """What is pointed at now; None while there is no tour."""
        return self._steps[self._at] if self._steps else None

    def start(self, steps: Sequence[Step]) -> None:
        """Begin; steps whose control is not to be seen are left out."""
        self._steps, self._at = [step for step in steps if control_of(self._window, step.control)], 0
        if self._steps:
            self._tell()
            self._look.start()

    def end(self) -> None:
        """No more of it."""
        if self._steps:
            self._steps, self._at = [], 0
            self._look.stop()
            self._ring.hide()
            self.hide()
            self.ended.emit()

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self._theme = self._ring.theme = theme
        self._count.setStyleSheet(f"color: {theme.muted}")
        self.update()

    def keyPressEvent(self, ev: QKeyEvent) -> None:
        """Arrows turn the pages, Esc ends it."""
        turns = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}
        if ev.key() == Qt.Key.Key_Escape:
            self.end()
        elif ev.key() in turns:
            self._go(turns[Qt.Key(ev.key())])
        else:
            super().keyPressEvent(ev)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follows the window."""
        if event.type() is QEvent.Type.Resize and self._steps:
            self._place()
        return False

    def paintEvent(self, ev: QPaintEvent) -> None:
        """The bubble, and its arrow."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self._theme.accent), 1.5))
        painter.setBrush(QColor(self._theme.raised))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(TIP, TIP, -TIP, -TIP), 6, 6)
        painter.setBrush(QColor(self._theme.accent))
        painter.drawPolygon(self._pointer())

    def _pointer(self) -> QPolygonF:
        tip, room = self._arrow, self.rect().adjusted(TIP, TIP, -TIP, -TIP)
        foot = QPointF(min(max(tip.x(), room.left() + TIP), room.right() - TIP),
                       min(max(tip.y(), room.top() + TIP), room.bottom() - TIP))
        if tip.x() < room.left() or tip.x() > room.right():
            edge = room.left() if tip.x() < room.left() else room.right()
            return QPolygonF([QPointF(tip), QPointF(edge, foot.y() - TIP), QPointF(edge, foot.y() + TIP)])
        edge = room.top() if tip.y() < room.top() else room.bottom()
        return QPolygonF([QPointF(tip), QPointF(foot.x() - TIP, edge), QPointF(foot.x() + TIP, edge)])

    @staticmethod
    def _button(text: str, tip: str) -> QPushButton:
        button = QPushButton(text)
        button.setAccessibleName(f"{text} (tour)")
        button.setToolTip(tip)
        return button

    def _go(self, steps: int) -> None:
        if self._at + steps >= len(self._steps):
            self.end()
        elif self._steps:
            self._at = max(0, self._at + steps)
            self._tell()

    def _tell(self) -> None:
        step = self._steps[self._at]
        bold = QFont(self.font())
        bold.setWeight(QFont.Weight.DemiBold)
        self._title.setFont(bold)
        self._title.setText(step.title)
        self._text.setText(step.text)
        self._count.setText(f"{self._at + 1} of {len(self._steps)}")
        self.back.setEnabled(self._at > 0)
        self.next.setText("Next" if self._at + 1 < len(self._steps) else "Done")
        self.setAccessibleDescription(f"{step.title}. {step.text}")
        control = control_of(self._window, step.control)
        above = control
        while above is not None and control is not None:    # where it is out of sight in something that scrolls
            if isinstance(above, QScrollArea):
                above.ensureWidgetVisible(control)
            above = above.parentWidget()
        self._place()

    def _place(self) -> None:
        """Beside what is pointed at, where the room is; hidden while that is hidden."""
        window, step = self._window, self.step
        control = control_of(window, step.control) if step else None
        self.setVisible(control is not None)
        self._ring.setVisible(control is not None)
        if control is None:
            return
        target = QRect(control.mapTo(window, QPoint()), control.size()).intersected(window.rect())
        self._ring.setGeometry(target.adjusted(-3, -3, 3, 3))
        self._ring.raise_()
        wide = min(scaled(WIDTH), window.width() - 2 * SPACING)
        size = QSize(wide, self._column.heightForWidth(wide))
        spot, self._arrow = placed(size, target, window.rect())
        self.setGeometry(QRect(spot, size))
        self._arrow -= spot
        self.raise_()
        self.update()


class Ring(QWidget):
    """A frame around a control, which lets the mouse through."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = DARK
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def paintEvent(self, ev: QPaintEvent) -> None:
        """In the accent."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self.theme.accent), 2.5))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5), 5, 5)


def placed(size: QSize, target: QRect, room: QRect) -> tuple[QPoint, QPoint]:
    """Where a bubble of that size goes beside `target` within `room`, and where its arrow points.

    The side with the most room left over is taken; where none is large enough it lies over the target.
    """
    middle = target.center()
    sides = {
        room.right() - target.right() - size.width():
            (QPoint(target.right(), middle.y() - size.height() // 2), QPoint(target.right(), middle.y())),
        target.left() - room.left() - size.width():
            (QPoint(target.left() - size.width(), middle.y() - size.height() // 2), QPoint(target.left(), middle.y())),
        room.bottom() - target.bottom() - size.height():
            (QPoint(middle.x() - size.width() // 2, target.bottom()), QPoint(middle.x(), target.bottom())),
        target.top() - room.top() - size.height():
            (QPoint(middle.x() - size.width() // 2, target.top() - size.height()), QPoint(middle.x(), target.top())),
    }
    best = max(sides)
    spot, arrow = sides[best] if best >= 0 else (middle - QPoint(size.width() // 2, size.height() // 2), middle)
    return QPoint(min(max(spot.x(), room.left()), room.right() - size.width()),
                  min(max(spot.y(), room.top()), room.bottom() - size.height())), arrow
